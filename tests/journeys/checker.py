"""Reads every place where an incident is shown, and says which disagree with the record.

A place may lag behind only where a delivery row says why: it waits for its turn, or it failed for a reason.
"""

import asyncio
import html
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from bot.commands.invocation import Account, Invocation, Place
from bot.domain.audiences import Audience
from bot.domain.components import Impact
from bot.domain.deliveries import Delivery, DeliveryState
from bot.domain.destinations import Destination
from bot.domain.incident import Incident
from bot.domain.subscriptions import Subscription
from bot.domain.updates import Update, UpdateText, text_of
from bot.main import Foghorn
from bot.reading.channels import channel as channel_page
from bot.store import deliveries, incidents, subscriptions, updates
from bot.store.transaction import Transaction
from bot.views import Correction, Macro, PublishedUpdate

Get = Callable[[str], Awaitable[str]]
Reader = Callable[[str], Sequence[str]]
"""What stands in a channel of a platform now, message by message, threads included."""


@dataclass(frozen=True)
class Truth:
    """What customers have been told last, by the record."""

    key: str
    stage: str
    title: str
    texts: Sequence[UpdateText]
    impacts: Mapping[str, Impact]  # by the component's name
    promised: str  # clock time, empty: none

    def body(self, audience: Audience = Audience.CUSTOMERS) -> str:
        """The text of an audience; where there is none, the customers'."""
        found = text_of(self.texts, audience, "en") or text_of(self.texts, Audience.CUSTOMERS, "en")
        assert found is not None
        return even(found.body)


def even(words: str) -> str:
    """Words alone: no markup, entities or line breaks."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", words)).split())


async def disagreements(
    foghorn: Foghorn, get: Get, readers: Mapping[str, Reader], *, who: Account, number: int = 1
) -> list[str]:
    """Where stage, impact, time or words differ from the record; pages follow a commit within moments."""
    with foghorn.store.read() as tx:
        truth = _truth(tx, foghorn, number)
    if truth is None:
        return []
    wrong: list[str] = []
    for _try in range(60):
        wrong = await _pages(truth, get)
        if not wrong:
            break
        await asyncio.sleep(0.05)
    wrong += await _macro(foghorn, truth, who)
    with foghorn.store.read() as tx:
        sent = _sent(tx, number)
        rows = subscriptions.subscriptions(tx)
        told = [(row, _why_not_yet([each for each in sent if each.subscription_id == row.id])) for row in rows]
    for row, why_not in told:
        if why_not is None:
            wrong += await _destination(foghorn, truth, row, readers, who)
    return wrong


def _truth(tx: Transaction, foghorn: Foghorn, number: int) -> Truth | None:
    incident = incidents.find_incident(tx, number)
    last = updates.last_published(tx, incident, corrections=False) if incident else None
    if incident is None or last is None:
        return None
    organisation = foghorn.app.organisation
    promised = organisation.zone.clock(last.promised_at) if last.promised_at else ""
    impacts = {c.name: Impact(last.impacts[c.key]) for c in organisation.named(last.impacts)}
    return Truth(incident.key, incident.stage.label, incident.title, updates.current_texts(tx, last), impacts, promised)


async def _pages(truth: Truth, get: Get) -> list[str]:
    """Status page, the incident's page and both feeds."""
    wrong = []
    for path in ("/", f"/incidents/{truth.key}", "/history.atom", "/updates.atom"):
        shown = even(html.unescape(await get(path)))
        options = [truth.body(), truth.title, truth.promised]
        options += [truth.stage] if path != "/" or truth.stage != "Resolved" else []
        if path == "/":
            options += [impact.label for impact in truth.impacts.values() if impact is not Impact.OPERATIONAL]
            options = options if truth.stage != "Resolved" else []
        wrong += [f"{path} lacks “{words}”" for words in options if words and words not in shown]
    return wrong


async def _macro(foghorn: Foghorn, truth: Truth, who: Account) -> list[str]:
    asked = Invocation("copy", {"incident": truth.key, "audience": "customers"}, who, Place(who.platform))
    answer = await foghorn.desk.submit(asked)
    if not isinstance(answer, Macro) or even(answer.text) != truth.body():
        return [f"the macro of {truth.key} is not the customers' text"]
    return []


def _sent(tx: Transaction, number: int) -> list[Delivery]:
    """What destinations were told of an incident, or will be."""
    every = [d for update in updates.published(tx, incident_of(tx, number)) for d in deliveries.of_update(tx, update)]
    return [d for d in every if d.state is not DeliveryState.CANCELLED]


def _why_not_yet(mine: Sequence[Delivery]) -> str | None:
    """Why a destination was not told yet; None: it was, so it must show the same."""
    if not mine:
        return "it is not told of this incident"
    waiting = [d for d in mine if d.state in (DeliveryState.DUE, DeliveryState.SENDING)]
    dead = [d for d in mine if d.state is DeliveryState.DEAD and d.reason]
    return _reason([*waiting, *dead])


def _reason(rows: Sequence[Delivery]) -> str | None:
    return f"{rows[0].state.value} {rows[0].reason}" if rows else None


async def _destination(
    foghorn: Foghorn, truth: Truth, row: Subscription, readers: Mapping[str, Reader], who: Account
) -> list[str]:
    platform, place = row.destination.platform, row.destination.place
    if platform == "local":
        page = await foghorn.desk.look("list", channel_page(place.removeprefix("#")), who)
        shown = [_said(post) for m in page.messages for post in (m.post, *(reply.post for reply in m.replies))]
    elif platform in readers:
        shown = [even(message) for message in readers[platform](place)]
    else:
        return []
    options = truth.body(row.audience)
    showing = [message for message in shown if options in message]
    if not showing:
        return [f"{row.destination} does not show “{options[:60]}…”"]
    if not any(truth.stage in message for message in showing):
        return [f"{row.destination} shows another stage than {truth.stage}"]
    times = [message.count(options) > 2 for message in showing]
    return [f"{row.destination} shows it twice in one message"] if any(times) else []


def _said(post: object) -> str:
    if isinstance(post, PublishedUpdate | Correction):
        stage = post.stage.label if isinstance(post, PublishedUpdate) else ""
        return even(f"{stage} {post.title} {post.body}")
    return ""


def told_once(foghorn: Foghorn, readers: Mapping[str, Reader], destination: str, update: Update) -> int:
    """How many messages of a destination carry the text of one update."""
    platform, _, place = destination.partition(":")
    with foghorn.store.read() as tx:
        row = subscriptions.find_subscription(tx, Destination.parse(destination))
        assert row is not None
        texts = updates.texts(tx, update)
    found = text_of(texts, row.audience, row.language) or text_of(texts, Audience.CUSTOMERS, row.language)
    assert found is not None
    return sum(even(found.body) in even(message) for message in readers[platform](place))


def incident_of(tx: Transaction, number: int = 1) -> Incident:
    """By number."""
    found = incidents.find_incident(tx, number)
    assert found is not None
    return found
