"""The Home tab: what is waiting for the reader, open incidents, and subscribed channels. Limit: 100 blocks."""

from typing import Any

from slack_sdk.models.blocks import Block
from slack_sdk.models.views import View

from bot.commands.context import Context
from bot.commands.invocation import Account
from bot.commands.subscriptions import subscriptions_list
from bot.errors import BotError
from bot.intake.desk import Desk
from bot.platforms.slack.blocks import actions, fit, header, rows, small
from bot.platforms.slack.inbound import PREFIX
from bot.reading import pages
from bot.views import Answer, ApprovalRequest, Button, Listing, Notice, Sentence, Zone, say
from bot.views.parts import DOT, Link, Span, Strong

BLOCKS = 100
OPEN, CHANNELS, DIRECT = 12, 15, 5  # how many are shown; the console has the rest
Modal = dict[str, Any]


async def home(desk: Desk, who: Account, zone: Zone, console: str) -> Modal:
    """The current Home tab for one person."""

    def both(ctx: Context) -> tuple[pages.HomePage, Answer]:
        return pages.home(ctx), subscriptions_list(ctx)

    try:
        page, subscribed = await desk.look("list", both, who)
    except BotError as refusal:
        return refused(Notice(say(refusal.words, **refusal.facts)), zone)
    return _view(
        [*_top(), *_waiting(page, zone), *_open(page, zone), *_channels(subscribed, zone), *_foot(console, zone)]
    )


def refused(notice: Notice, zone: Zone) -> Modal:
    """For a person who is not allowed to see incidents."""
    return _view(rows(zone, [notice.sentence]))


def _top() -> list[Block]:
    return actions([Button("Declare", "declare"), Button("Help", "help")], "home")


def _waiting(home: pages.HomePage, zone: Zone) -> list[Block]:
    """Drafts that the reader can approve, and reminders for open promises."""
    blocks: list[Block] = []
    for incident in home.open:
        if incident.review is not None:
            review = incident.review
            line: list[Span] = [Strong(f"{review.incident} {review.title}\n"), review.verdict]
            blocks += [*rows(zone, line), *actions([Button("Open draft", "show", f"{review.incident} draft:yes")])]
    others = [each.post for each in home.direct if not isinstance(each.post, ApprovalRequest)]  # shown as reviews
    for of in others[:DIRECT]:
        blocks += rows(zone, [Strong(f"{of.incident} "), of.sentence])
    return [*header("Waiting for you"), *blocks] if blocks else []


def _open(home: pages.HomePage, zone: Zone) -> list[Block]:
    if not home.open:
        return rows(zone, [Sentence("No incident is open. To open one, type `/incident declare` and a title.")])
    blocks = header("Open incidents")
    for incident in home.open[:OPEN]:
        card = incident.card
        mine = [line.role for line in card.people if line.person == home.frame.name]
        title: list[Span] = [Strong(f"{card.incident} · {card.severity.value} · {card.stage.label}\n"), card.title]
        title += [" · private"] if card.private else []
        roles: list[Span] = [f"You are {' and '.join(mine)}."] if mine else []
        blocks += [*rows(zone, title, [card.headline], roles), *actions(card.buttons[:3])]
    if len(home.open) > OPEN:
        blocks += rows(zone, [f"… and {len(home.open) - OPEN} more."])
    return blocks


def _channels(subscribed: Answer, zone: Zone) -> list[Block]:
    lines = subscribed.lines if isinstance(subscribed, Listing) else ()
    if not lines:
        return []
    shown = [block for line in lines[:CHANNELS] for block in (*rows(zone, [line.words]), *actions(line.buttons))]
    more = rows(zone, [f"… and {len(lines) - CHANNELS} more."]) if len(lines) > CHANNELS else []
    return [*header("Channels that get updates"), *shown, *more]


def _foot(console: str, zone: Zone) -> list[Block]:
    return small(zone, [Sentence("`/incident help` lists all commands"), DOT, Link(console, "Console")])


def _view(blocks: list[Block]) -> Modal:
    return View(type="home", callback_id=f"{PREFIX}home", blocks=fit(blocks, BLOCKS, "")).to_dict()
