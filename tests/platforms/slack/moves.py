"""What people do in these tests, and waiting for what comes of it."""

from sqlmodel import col, select

from bot.commands.invocation import Account, Place
from bot.domain.deliveries import OPEN_STATES, Delivery
from bot.views import Notice
from bot.views.plain import plain
from tests.fakes.slack import Json, words_of
from tests.harness import run_line
from tests.patience import until
from tests.platforms.slack.conftest import ANA, NEWS, ROOM, Team

DECLARE = "/incident declare ChatGPT and API errors sev:1 on:chatgpt=major,api=partial"


def said_in(team: Team, channel: str = "") -> list[Json]:
    """What stands in a channel, without its threads; of none: in the newest room of an incident."""
    channel = channel or (team.rooms()[-1].id if team.rooms() else "")
    messages = team.slack.messages(channel)
    return [m for m in messages if m.get("thread_ts", m["ts"]) == m["ts"] or m.get("subtype")]


def last_in(team: Team, channel: str = "") -> Json:
    """The newest message of a channel; empty where there is none."""
    return (said_in(team, channel) or [{}])[-1]


def find_in(team: Team, words: str, channel: str = "") -> Json | None:
    """The newest message that reads so."""
    return next((m for m in reversed(said_in(team, channel)) if words in words_of(m)), None)


async def declared(team: Team) -> Json:
    """The card in the room, once the draft stands there too."""
    await team.slack.types(ANA, ROOM, DECLARE)
    await until(lambda: find_in(team, "Draft for INC-1"))
    return await until(lambda: find_in(team, "SEV1 · ChatGPT and API errors"))


async def published(team: Team) -> Json:
    """The delivery report of a first update, which needs nobody else; #status is subscribed."""
    await declared(team)
    await team.slack.types(ANA, ROOM, f"/incident subscribe <#{NEWS}|status>")
    await until(lambda: any("gets updates" in words_of(m) for m in team.slack.seen_by(ANA)))
    await team.slack.types(ANA, ROOM, "/incident publish")
    return await until(lambda: find_in(team, "(investigating) was published"))


async def drafted(team: Team) -> Json:
    """The review of a second update, which needs another person."""
    await published(team)
    await team.slack.types(ANA, ROOM, "/incident update identified Signing in works.")
    return await until(lambda: find_in(team, "Draft for INC-1 · Identified"))


async def form_of(team: Team, user: str) -> Json:
    """The form a person has open, once its questions are there."""
    return await until(lambda: next((f for f in team.slack.forms_of(user)[-1:] if "submit" in f), None))


def types(team: Team, *lines: str, who: str = ANA) -> None:
    """Typed where it makes no difference; nothing is refused."""
    for line in lines:
        answer = run_line(team.core.desk, line, Account("slack", who), Place("slack"))
        assert not (isinstance(answer, Notice) and answer.refused), plain(answer, team.core.organisation.zone)


def nothing_waits(team: Team) -> bool:
    """Whether everything was sent or given up."""
    with team.core.store.read() as tx:
        return tx.session.exec(select(Delivery.id).where(col(Delivery.state).in_(OPEN_STATES))).first() is None


def timeline(team: Team) -> str:
    """As Ana reads it."""
    answer = run_line(team.core.desk, "timeline INC-1", Account("slack", ANA), Place("slack"))
    return plain(answer, team.core.organisation.zone)
