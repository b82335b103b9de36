"""What people do in these tests, and waiting for what comes of it."""

from typing import Any

from tests.fakes.discord_checks import Json, words_of
from tests.patience import until
from tests.platforms.discord.conftest import ANA, OPS, STATUS, Team

TITLE, ON = "ChatGPT and API errors", "chatgpt=major,api=partial"


async def answer_to(team: Team, user: str, act: Any) -> Json:
    """The private answer to an act."""
    seen = len(team.discord.seen_by(user))
    await act
    return (await until(lambda: team.discord.seen_by(user)[seen:]))[0]


async def answered(team: Team, user: str, line: str, channel: str = OPS, **options: Any) -> str:
    """The words of the private answer to a command."""
    return words_of(await answer_to(team, user, team.discord.types(user, channel, line, **options)))


async def update_form(team: Team, user: str, room: str) -> Json:
    """The form of an update, after the step with its choices."""
    step = await answer_to(team, user, team.discord.types(user, room, "/incident update"))
    modal: Json = (await team.discord.clicks(user, step, "Continue"))["data"]
    return modal


def said_in(team: Team, channel: str) -> list[str]:
    """What stands in a channel, as words; without what still says "thinking"."""
    return [words_of(message) for message in team.discord.messages(channel) if not message.get("loading")]


async def declared(team: Team, **options: Any) -> str:
    """The id of the room, furnished."""
    given = {"title": TITLE, "severity": 1, "on": ON, **options}
    assert "Nothing is public yet" in await answered(team, ANA, "/incident declare", **given)
    await team.outbox.drain()
    return room_of(team)


def room_of(team: Team) -> str:
    """The newest thread."""
    return next(c.id for c in reversed(team.discord.channels.values()) if c.parent)


async def published(team: Team) -> str:
    """The room after a first update, which needs nobody else; #status is subscribed."""
    room = await declared(team)
    await answer_to(team, ANA, team.discord.types(ANA, OPS, "/incident subscription add", channel=STATUS))
    await answer_to(team, ANA, team.discord.types(ANA, room, "/incident draft publish"))
    await team.outbox.drain()
    return room


async def drafted(team: Team) -> tuple[str, Json]:
    """The room, and in it the review of a second update, which needs another person."""
    room = await published(team)
    text = "Signing in works."
    await answer_to(team, ANA, team.discord.types(ANA, room, "/incident update", stage="identified", text=text))
    await team.outbox.drain()
    return room, review_in(team, room)


def review_in(team: Team, room: str) -> Json:
    """The newest draft review."""
    return next(m for m in reversed(team.discord.messages(room)) if "Draft for" in words_of(m))
