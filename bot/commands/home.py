"""What a chat platform shows on a separate page, such as Slack's Home tab: lists with buttons."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.commands.context import Context
from bot.commands.subscriptions import subscriptions_list
from bot.reading import home as reading
from bot.reading.cards import unread_lines
from bot.views import ApprovalRequest, Button, DeliveryReport, Line, Listing, NudgeCard, RoomLine, Sentence, say

OPEN, CHANNELS, DIRECT = 12, 15, 5  # how many are shown; the console has the rest


@dataclass(frozen=True)
class HomeTab:
    """The lists for one reader, with what can be started from above them."""

    buttons: tuple[Button, ...]
    lists: tuple[Listing, ...]


def home(ctx: Context) -> HomeTab:
    """What needs the reader, what is open, and which channels get updates."""
    page = reading.home(ctx)
    waiting = [_waiting(incident) for incident in page.open if incident.review]
    reviewed = {incident.card.incident for incident in page.open if incident.review}
    direct = [_direct(each.post) for each in page.direct if not _repeats(each.post, reviewed)]
    nothing = "No incident is open. To open one, type `/incident declare` and a title."
    opened = [_open(incident, page.frame.name) for incident in page.open]
    channels = subscriptions_list(ctx).lines
    lists = (
        Listing("Waiting for you", (*waiting, *direct[:DIRECT])),
        Listing("Destinations that receive nothing", page.failing),
        Listing("Open incidents", (*_first(opened, OPEN), *unread_lines(ctx.tx)), nothing),
        Listing("Channels that get updates", _first(channels, CHANNELS)),
    )
    return HomeTab(
        (Button("Declare", "declare"), Button("Help", "help")),
        tuple(each for each in lists if each.lines or each.empty),
    )


def _waiting(incident: reading.OpenIncident) -> Line:
    """A draft that the reader can approve."""
    assert incident.review is not None
    of = incident.review
    opens = Button("Open draft", "show", f"{of.incident} draft:yes")
    return Line(_led(f"{of.incident} {of.title}: ", of.verdict), (opens,))


def _repeats(post: reading.DirectPost, reviewed: set[str]) -> bool:
    """Whether a message asks for an approval that is listed with its draft."""
    return isinstance(post, ApprovalRequest) or (isinstance(post, NudgeCard) and post.incident in reviewed)


def _direct(post: reading.DirectPost) -> Line:
    """A direct message, with what to do about it."""
    if isinstance(post, DeliveryReport):
        assert post.lead is not None
        return Line(post.lead, post.buttons)
    buttons = () if isinstance(post, RoomLine) else post.buttons[:3]
    return Line(_led(f"{post.incident}: ", post.sentence), buttons)


def _open(incident: reading.OpenIncident, reader: str) -> Line:
    """An open incident, with the reader's roles in it and the next steps."""
    card = incident.card
    state = " · private" if card.private else ""
    mine = " and ".join(line.role for line in card.people if line.person == reader)
    lead = f"{card.incident} · {card.severity.value} · {card.stage.label}{state}. {card.title}. "
    return Line(_led(lead, card.headline, f" You are {mine}." if mine else ""), card.buttons[:3])


def _led(lead: str, sentence: Sentence, rest: str = "") -> Sentence:
    """A sentence with plain words before and after it."""
    return say(f"{{lead}}{sentence.words}{{rest}}", **sentence.facts, lead=lead, rest=rest)


def _first(lines: Sequence[Line], most: int) -> tuple[Line, ...]:
    """The first lines, and how many more there are."""
    more = (Line(say("… and {number} more.", number=len(lines) - most)),) if len(lines) > most else ()
    return (*lines[:most], *more)
