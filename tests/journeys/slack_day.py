"""The reference incident from Slack alone: Ana and Ben type its lines, Chi notes, approvals are buttons."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from time import monotonic
from typing import Any, TypeVar

import httpx

from bot.clock import utc_now
from bot.commands.invocation import Account
from bot.domain.facts import UpdateKind
from bot.domain.organisation import Organisation
from bot.drill.scenario import REFERENCE, ScenarioStep, load
from bot.main import Foghorn, compose
from bot.platforms.slack import manifest
from bot.platforms.slack.app import SlackApp
from bot.store import updates
from bot.store.figures import backlog
from tests.databases import lent
from tests.fakes.slack import Json, Slack, words_of
from tests.fakes.slack_workspace import BOT, Channel
from tests.journeys.checker import disagreements, incident_of
from tests.patience import until
from tests.reference import ORGANISATION, ORGANISATION_MODEL, SETTINGS

ANA, BEN, CHI = "U0ANA", "U0BEN", "U0CHI"
WHO = {"ana": ANA, "ben": BEN}
GENERAL, NEWS, DEVELOPERS, BUSINESS, SUPPORT = "C0GENERAL", "C0NEWS", "C0DEVS", "C0BIZ", "C0SUPPORT"
SUBSCRIBED = {
    NEWS: "audience:customers",
    DEVELOPERS: "on:api,codex audience:developers mode:thread",
    BUSINESS: "audience:enterprise mode:current",
    SUPPORT: "audience:support",
}
T = TypeVar("T")


def organisation(**changes: Any) -> Organisation:
    """The example's, with accounts on Slack and a third person."""
    raw = ORGANISATION.model_dump()
    raw["people"] = [{**person, "slack": WHO[person["handle"]]} for person in raw["people"]]
    raw["people"] += [{"name": "Chi Nakamura", "handle": "chi", "groups": ("responders",), "slack": CHI}]
    return ORGANISATION_MODEL.model_validate({**raw, **changes})


class Day:
    """A whole Foghorn beside a local Slack; the clock is the story's."""

    def __init__(self, slack: Slack, starts: datetime) -> None:
        self.slack = slack
        self.now = starts
        self.ahead = timedelta()  # of the outbox's clock: retries need not be waited for
        self.foghorn: Foghorn | None = None
        self.http: httpx.AsyncClient | None = None
        self.answered: list[str] = []

    # ---- what people see

    @property
    def room(self) -> Channel:
        """The channel of the newest incident."""
        return [channel for channel in self.slack.channels.values() if channel.creator == BOT][-1]

    def said(self, channel: str = "") -> list[Json]:
        """What stands in a channel by Foghorn, without its threads."""
        messages = self.slack.messages(channel or self.room.id)
        return [m for m in messages if m.get("thread_ts", m["ts"]) == m["ts"] or m.get("subtype")]

    def read(self, channel: str) -> list[str]:
        """Every message of a channel as people read it."""
        return [words_of(message.get("blocks")) for message in self.slack.messages(channel)]

    def find(self, words: str, channel: str = "") -> Json | None:
        """The newest message that reads so."""
        return next((m for m in reversed(self.said(channel)) if words in words_of(m)), None)

    def private(self, user: str) -> str:
        """The newest answer that only this person saw."""
        return words_of(self.slack.seen_by(user)[-1]) if self.slack.seen_by(user) else ""

    # ---- what goes on by itself

    @property
    def running(self) -> Foghorn:
        """The Foghorn."""
        assert self.foghorn is not None
        return self.foghorn

    async def at(self, now: datetime) -> None:
        """The time of the story moves on, a tick at each of the last minutes, in which a reminder may be due."""
        self.now = max(self.now, now - timedelta(minutes=12))
        while self.now < now:
            self.now = min(now, self.now + timedelta(minutes=1))
            await self.running.worker.tick()
        await self.settled()

    async def settled(self) -> None:
        """Nothing is being sent; what waits to be tried again is tried."""
        for _round in range(40):
            await asyncio.sleep(0.02)
            await self.running.worker.drain()
            self.ahead += timedelta(seconds=4)
            await self.running.worker.drain()
            with self.running.store.read() as tx:
                if not backlog(tx).waiting:
                    return
            self.ahead += timedelta(seconds=60)

    async def until(self, what: Callable[[], T]) -> T:
        """What becomes true soon."""

        def look() -> T:
            self.ahead += timedelta(seconds=1)
            return what()

        return what() or await until(look)

    async def agreed(self) -> list[str]:
        """The disagreements of all places."""
        return await disagreements(self.running, self.get, {"slack": self.read}, who=Account("slack", BEN))

    def told(self) -> list[tuple[str, str, str, str, str]]:
        """The publications: when, what, how bad, until when, under which title."""
        zone = self.running.app.organisation.zone
        rows = []
        with self.running.store.read() as tx:
            for update in updates.published(tx, incident_of(tx)):
                assert update.published_at is not None
                moment = update.stage.value if update.kind is UpdateKind.STAGE else update.kind.value
                promised = f"{update.promised_at.astimezone(zone.tz):%H:%M}" if update.promised_at else "none"
                title = next(text.title for text in updates.texts(tx, update) if text.audience == "customers")
                severity = update.severity.value if update.severity else ""
                rows.append((f"{update.published_at.astimezone(zone.tz):%H:%M}", moment, severity, promised, title))
        return rows

    def words(self) -> str:
        """What customers read last."""
        with self.running.store.read() as tx:
            last = updates.last_published(tx, incident_of(tx), corrections=False)
            assert last is not None
            return next(text.body for text in updates.current_texts(tx, last) if text.audience == "customers")

    async def get(self, path: str) -> str:
        """A page as the web serves it."""
        assert self.http is not None
        return (await self.http.get(path)).text

    # ---- what people do

    async def types(self, user: str, line: str, channel: str = "") -> None:
        """A line in the room, done when it is carried out."""
        where = channel or self.room.id
        await self.slack.types(user, where, f"/incident {_mentioned(line)}")
        await self.carried_out()

    async def presses(self, user: str, message: Json, verb: str) -> None:
        """A button of a message."""
        await self.slack.clicks(user, {**message, "channel": message.get("channel", self.room.id)}, f"fh:{verb}")
        await self.carried_out()

    async def carried_out(self) -> None:
        slack = self.running.services["slack"]
        assert isinstance(slack, SlackApp)
        await asyncio.sleep(0.01)
        await self.until(lambda: not slack.intake.busy)
        await self.settled()


@asynccontextmanager
async def day(url: str, starts: datetime, **changes: Any) -> AsyncIterator[Day]:
    """Everything runs: worker, pages, two sockets."""
    async with Slack().serving() as slack:
        slack.scopes = set(manifest.BOT_SCOPES)
        slack.rates = False
        for user, name in ((ANA, "ana"), (BEN, "ben"), (CHI, "chi")):
            slack.add_user(user, name)
        everybody = (ANA, BEN, CHI)
        slack.add_channel(GENERAL, "general", *everybody, BOT)
        for channel, name in ((NEWS, "news"), (DEVELOPERS, "developers"), (SUPPORT, "support")):
            slack.add_channel(channel, name, *everybody)
        slack.add_channel(BUSINESS, "business", *everybody, BOT, private=True)
        today = Day(slack, starts)
        settings = SETTINGS(
            FOGHORN_DATABASE_URL=url,
            FOGHORN_PUBLIC_URL="https://status.example.com",
            FOGHORN_CONSOLE_TOKEN="0123456789abcdef",
            SLACK_BOT_TOKEN=slack.bot_token,
            SLACK_APP_TOKEN=slack.app_token,
            SLACK_API_URL=slack.api_url,
        )
        today.foghorn = compose(settings, organisation(**changes), clock=lambda: today.now)
        outbox = today.foghorn.worker._outbox
        outbox._clock = lambda: utc_now() + today.ahead
        messenger = today.foghorn.core.messengers["slack"]
        messenger.web.limiter._clock = lambda: 60 * monotonic()  # type: ignore[attr-defined]
        with lent(today.foghorn.store):
            await today.foghorn.start()
            await slack.connected(2)
            transport = httpx.ASGITransport(today.foghorn.web_app)
            async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as today.http:
                yield today
            await today.foghorn.stop()


async def subscribe(today: Day) -> None:
    """Four channels, each in its own way; the private one was invited."""
    for channel, how in SUBSCRIBED.items():
        await today.types(ANA, f"subscribe {how}", channel)


async def play(today: Day, *, check: Callable[[str], Any]) -> None:
    """Every line of the scenario at its time; after each, `check` gets what disagrees."""
    scenario = load(REFERENCE)
    for step in scenario.steps:
        await today.at(scenario.moment(step))
        await act(today, step)
        for problem in await today.agreed():
            check(f"{step.at} {step.line[:30]}: {problem}")


async def act(today: Day, step: ScenarioStep) -> None:
    user = CHI if step.line.startswith("note") else WHO[step.who]
    if step.line.startswith("declare"):
        await today.types(user, step.line, GENERAL)
        await today.until(lambda: any(channel.creator == BOT for channel in today.slack.channels.values()))
        await today.slack.joins(CHI, today.room.id)
        await today.settled()
    elif step.line == "approve":
        await today.presses(user, await today.until(lambda: today.find("Draft for INC-1")), "approve")
    else:
        await today.types(user, step.line)


def _mentioned(line: str) -> str:
    """People as Slack sends them: `@ben` -> `<@U0BEN>`."""
    return re.sub(r"@(ana|ben)\b", lambda m: f"<@{WHO[m[1]]}>", line)
