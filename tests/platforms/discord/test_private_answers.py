"""Whatever is typed or clicked is answered to the person alone: customers may read in any channel of the server."""

import pytest

from tests.fakes.discord_checks import Json, words_of
from tests.fakes.discord_server import BOT
from tests.platforms.discord.conftest import ANA, BEN, CHANGES, OPS, STATUS, Team
from tests.platforms.discord.moves import answer_to, answered, until

OTHER, TITLE = "200000000000000099", "Suspected DB corruption on prod-db-7"
LINES = (
    ("/incident update", {"stage": "investigating", "text": "Requests fail."}),
    ("/incident note", {"text": "prod-db-7 has bad blocks"}),
    ("/incident show", {"incident": "INC-1"}),
    ("/incident list", {}),
    ("/incident severity", {"level": 2}),
    ("/incident deliveries", {}),
    ("/incident record timeline", {}),
    ("/incident assign", {"role": "comms", "person": BEN}),
    ("/incident draft publish", {}),
    ("/incident copy", {}),
)
CHANNELS = pytest.mark.parametrize("channel", [STATUS, CHANGES, OTHER], ids=["subscribed", "announcement", "other"])


@pytest.fixture
async def outside(team: Team) -> Team:
    """#status and #announcements are subscribed."""
    team.discord.add_channel(OTHER, "general")
    for channel in (STATUS, CHANGES):
        await answered(team, ANA, "/incident subscription add", channel)
    await team.outbox.drain()
    return team


def internal(team: Team, channel: str) -> list[str]:
    """What Foghorn said to everybody in a channel, but for the confirmation of the subscription and what is public."""
    ours = [words_of(m) for m in team.discord.messages(channel) if m["author"]["id"] == BOT]
    return [words for words in ours if "subscribed this channel" not in words and "Requests fail." not in words]


@CHANNELS
@pytest.mark.parametrize("room", [True, False], ids=["room", "no room"])
async def test_every_command_is_answered_to_the_person_alone(outside: Team, channel: str, room: bool) -> None:
    if not room:
        outside.discord.channels[OPS].denied.add("CREATE_PUBLIC_THREADS")
    assert "prod-db-7" in await answered(outside, ANA, "/incident declare", channel, title=TITLE, severity=1)
    await outside.outbox.drain()
    for line, options in LINES:
        assert await answered(outside, ANA, line, channel, **options)
    await outside.outbox.drain()

    assert internal(outside, channel) == []
    assert any("could not be created" in words_of(m) for m in outside.discord.seen_by(ANA)) is not room


@CHANNELS
async def test_a_form_and_the_buttons_of_its_answer_are_answered_to_the_person_alone(
    outside: Team, channel: str
) -> None:
    form = await outside.discord.types(ANA, channel, "/incident declare")
    card = await answer_to(outside, ANA, outside.discord.submits(ANA, channel, form["data"], title=TITLE))
    await until(lambda: "prod-db-7" in words_of(card))
    await answered(outside, ANA, "/incident update", channel, stage="investigating", text="Requests fail.")
    review = await until(lambda: _private(outside, "Draft for"))

    await outside.discord.clicks(ANA, review, "Publish", channel=channel)
    await until(lambda: _private(outside, "ublish"))
    message = outside.discord.new_message(channel, ANA, {"content": TITLE})
    assert "Noted in INC-1" in words_of(await answer_to(outside, ANA, outside.discord.picks(ANA, message)))

    assert internal(outside, channel) == []


def _private(team: Team, words: str) -> Json | None:
    return next((m for m in reversed(team.discord.seen_by(ANA)) if words in words_of(m)), None)
