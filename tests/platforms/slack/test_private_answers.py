"""What is typed outside an incident's room is answered to the person alone: customers and partners read there."""

import pytest

from tests.fakes.slack import Json, words_of
from tests.fakes.slack_workspace import BOT
from tests.platforms.slack.conftest import ANA, BEN, DEV, NEWS, ROOM, Team
from tests.platforms.slack.moves import find_in, form_of, until

SHARED = "C0SHARED"
TITLE = "Suspected DB corruption on prod-db-7"
DECLARE = f"declare {TITLE} sev:1 on:api=major"
LINES = (
    "update investigating Requests fail. INC-1",
    "note INC-1 prod-db-7 has bad blocks",
    "show INC-1",
    "show INC-1 draft:yes",
    "list",
    "severity 2 INC-1",
    "deliveries INC-1",
    "timeline INC-1",
    "assign comms @ben INC-1",
    "updat INC-1",
    "publish INC-1",
    "copy INC-1",
)


@pytest.fixture
async def outside(team: Team) -> Team:
    """#status is subscribed, #partners is shared with another company, #inc-room is any other channel."""
    team.slack.add_channel(SHARED, "partners", ANA, BEN, DEV, BOT).shared = True
    await team.slack.types(ANA, NEWS, "/incident subscribe")
    await until(lambda: find_in(team, "subscribed this channel", NEWS))
    return team


CHANNELS = pytest.mark.parametrize("channel", [NEWS, SHARED, ROOM], ids=["subscribed", "shared", "other"])


def internal(team: Team, channel: str) -> list[str]:
    """What Foghorn said to everybody in a channel, but for the confirmation of the subscription and what is public."""
    ours = [words_of(m) for m in team.slack.messages(channel) if m.get("user") == BOT or m.get("bot_id")]
    return [words for words in ours if "subscribed this channel" not in words and "Requests fail." not in words]


async def answered(team: Team, user: str, channel: str, line: str) -> str:
    """The private answer to a line."""
    seen = len(team.slack.seen_by(user))
    await team.slack.types(user, channel, f"/incident {line}")
    return words_of((await until(lambda: team.slack.seen_by(user)[seen:]))[0])


@CHANNELS
async def test_every_command_outside_the_room_is_answered_to_the_person_alone(outside: Team, channel: str) -> None:
    assert TITLE in await answered(outside, ANA, channel, DECLARE)
    for line in LINES:
        assert await answered(outside, ANA, channel, line)

    assert internal(outside, channel) == []


@CHANNELS
async def test_where_the_room_could_not_be_made_the_answers_stay_private_too(outside: Team, channel: str) -> None:
    outside.slack.scopes.discard("channels:manage")
    await answered(outside, ANA, channel, DECLARE)
    await until(lambda: _private(outside, "could not be created") and _private(outside, "Commander: Ana"))

    draft = await answered(outside, ANA, channel, LINES[0])
    for line in LINES[1:]:
        assert await answered(outside, ANA, channel, line)

    assert "Requests fail." in draft
    assert internal(outside, channel) == []


@CHANNELS
async def test_a_mention_is_answered_to_the_person_alone(outside: Team, channel: str) -> None:
    outside.slack.scopes.discard("channels:manage")
    outside.slack.channels[channel].members.add(BOT)
    thread = outside.slack.says(BEN, channel, "What is wrong?")["ts"]
    for line in (DECLARE, *LINES):
        seen = len(outside.slack.seen_by(ANA))
        await outside.slack.mentions(ANA, channel, line, thread=thread)
        await until(lambda seen=seen: thread in [m.get("thread_ts") for m in outside.slack.seen_by(ANA)[seen:]])

    assert internal(outside, channel) == []


@CHANNELS
async def test_a_form_and_the_buttons_of_its_answer_are_answered_to_the_person_alone(
    outside: Team, channel: str
) -> None:
    outside.slack.scopes.discard("channels:manage")
    message = outside.slack.says(DEV, channel, TITLE)
    await outside.slack.uses_shortcut(ANA, channel, message, "fh:declare_message")
    await outside.slack.submits(ANA, await form_of(outside, ANA), {})
    card = await until(lambda: _private(outside, "Commander: Ana"))

    await outside.slack.types(ANA, channel, "/incident update investigating Requests fail. INC-1")
    review = await until(lambda: _private(outside, "Draft for INC-1"))
    await outside.slack.uses_shortcut(ANA, channel, message, "fh:note_message")
    await until(lambda: _private(outside, "Noted in INC-1"))
    await outside.slack.clicks(ANA, {**review, "channel": channel}, "fh:publish")
    await until(lambda: _private(outside, "Investigating"))

    assert "ts" not in card
    assert internal(outside, channel) == []


async def test_a_click_on_a_message_that_all_can_read_never_puts_the_answer_in_its_place(outside: Team) -> None:
    """Earlier versions left drafts in channels; their buttons still work."""
    outside.slack.scopes.discard("channels:manage")
    await answered(outside, ANA, ROOM, DECLARE)
    await until(lambda: _private(outside, "Commander: Ana"))
    await answered(outside, ANA, ROOM, LINES[0])
    review = await until(lambda: _private(outside, "Draft for INC-1"))
    old = {**review, "ts": outside.slack.new_ts(), "user": BOT, "text": "An old draft"}
    outside.slack.channels[ROOM].messages.append(old)
    before = words_of(old)

    await outside.slack.clicks(ANA, {**old, "channel": ROOM}, "fh:publish")
    await until(lambda: _private(outside, "Investigating"))

    assert words_of(outside.slack.messages(ROOM)[-1]) == before


def _private(team: Team, words: str) -> Json | None:
    return next((m for m in reversed(team.slack.seen_by(ANA)) if words in words_of(m)), None)
