"""Messages of Discord in the timeline: names instead of IDs, the date and link of a message, copies of edited ones."""

import pytest
from sqlmodel import select

from bot.domain.record import EntryKind, EntryText, RecordEntry
from tests.fakes.discord import GUILD, Fails
from tests.fakes.discord_checks import Json, words_of
from tests.fakes.discord_server import PRIVATE_THREAD, PUBLIC_THREAD
from tests.platforms.discord.conftest import ANA, BEN, DEV, HIDDEN, ON_CALL, OPS, STATUS, Team
from tests.platforms.discord.moves import answer_to, answered, declared

OTHER, AWAY, NOBODY, SECRET, OPEN = (f"2000000000000000{number}" for number in range(91, 96))
IDS = f"<@{BEN}> <@!{DEV}> <@{AWAY}> <@{NOBODY}> <#{STATUS}> <#{HIDDEN}> <#{SECRET}> <#{OPEN}> <@&{ON_CALL}>"
NAMES = f"@Ben Osei @Dev @Away @{NOBODY} #status a private channel a private channel #open thread @on call"


def notes(team: Team) -> list[str]:
    with team.core.store.read() as tx:
        query = select(EntryText.text).join(RecordEntry, RecordEntry.id == EntryText.entry_id)  # type: ignore[arg-type]
        query = query.where(RecordEntry.kind == EntryKind.NOTE).order_by(RecordEntry.id)  # type: ignore[arg-type]
        return list(tx.session.exec(query).all())


@pytest.fixture
async def room(team: Team) -> str:
    discord = team.discord
    discord.add_user(AWAY, "Away")
    discord.add_channel(OTHER, "general")
    discord.channels[HIDDEN].closed = True
    discord.add_channel(SECRET, "secret thread", PRIVATE_THREAD).parent = OTHER
    discord.add_channel(OPEN, "open thread", PUBLIC_THREAD).parent = OTHER
    return await declared(team)


def message_of(team: Team, words: str, *, at: str = "2026-04-20T09:12:00+00:00", channel: str = OTHER) -> Json:
    return {**team.discord.new_message(channel, BEN, {"content": words}), "timestamp": at}


async def picked(team: Team, message: Json, user: str = ANA) -> str:
    return words_of(await answer_to(team, user, team.discord.picks(user, message))).replace("\\", "")


async def test_ids_in_a_typed_note_become_names(team: Team, room: str) -> None:
    await answered(team, ANA, "/incident note", room, text=f"told {IDS}")

    assert notes(team) == [f"told {NAMES}"]


async def test_a_message_becomes_a_note_with_names_author_time_and_link(team: Team, room: str) -> None:
    message = message_of(team, f"told {IDS}", channel=room)

    assert "Noted in INC-1" in await picked(team, message)

    link = f"https://discord.com/channels/{GUILD}/{room}/{message['id']}"
    said = f"Ben, 5:12 AM ET (09:12 UTC): told {NAMES}"
    assert notes(team) == [f"{said}\nCopied at 5:12 AM ET (09:12 UTC) from {link}"]
    assert link in await answered(team, ANA, "/incident record timeline", room)


async def test_a_message_of_another_day_is_added_with_its_date(team: Team, room: str) -> None:
    await picked(team, message_of(team, "It is slow", at="2026-04-18T21:00:00.123000+00:00", channel=room))

    assert notes(team)[0].startswith("Ben, 5:00 PM ET (21:00 UTC) on April 18, 2026: It is slow\n")


async def test_an_unchanged_message_is_added_once_and_an_edited_one_again(team: Team, room: str) -> None:
    message = message_of(team, "Down: 1 in 5", channel=room)
    assert "Noted in INC-1." in await picked(team, message)
    assert "as entry 5, and has not changed since. Nothing was added." in await picked(team, message)
    message["content"] = "1 in 5"
    again = "Noted in INC-1 as entry 6: the message has been edited since it was added as entry 5."
    assert again in await picked(team, message)
    assert "as entry 6, and has not changed since" in await picked(team, message, BEN)
    assert notes(team)[1].startswith("Edited since entry 5 was added. Ben, ")


async def test_a_message_without_words_is_linked(team: Team, room: str) -> None:
    await picked(team, message_of(team, "", channel=room))

    assert ": (no text; see the message)\n" in notes(team)[0]


async def test_a_long_message_of_mentions_is_cut_after_it_has_names(team: Team, room: str) -> None:
    team.discord.add_member(DEV, "D" * 32)
    await picked(team, message_of(team, f"<@{DEV}> " * 120, channel=room))

    assert ("@" + "D" * 32 + " ") * 70 in notes(team)[0]


async def test_while_discord_does_not_answer_the_note_is_kept_with_the_names_that_are_known(
    team: Team, room: str
) -> None:
    team.discord.fail("GET /channels/{}", Fails.RATE_LIMITED_SHARED, seconds=120)
    await answered(team, ANA, "/incident note", room, text=f"told <@{BEN}> in <#{STATUS}>")

    assert notes(team) == [f"told @Ben Osei in #{STATUS}"]


# ---- outside a room


@pytest.mark.usefixtures("room")
async def test_outside_a_room_it_asks_which_of_the_open_incidents(team: Team) -> None:
    await answered(team, ANA, "/incident declare", title="Search hangs", severity=2)
    await answered(team, ANA, "/incident declare", title="Keys leaked", private=True)
    message = message_of(team, 'It "is" slow')

    form = await team.discord.picks(DEV, message)
    assert form["type"] == 9
    [select_] = [each["component"] for each in form["data"]["components"] if each["type"] == 18]
    assert [o["label"] for o in select_["options"]] == [
        "INC-2 · SEV2 · Search hangs", "INC-1 · SEV1 · ChatGPT and API errors"
    ]  # fmt: skip
    told = await answer_to(team, DEV, team.discord.submits(DEV, OTHER, form["data"], incident="INC-1"))

    assert "Noted in INC-1" in words_of(told)
    assert 'Ben, 5:12 AM ET (09:12 UTC): It "is" slow\nCopied at' in notes(team)[0]


async def test_where_one_is_open_or_in_the_room_of_one_it_asks_nothing(team: Team, room: str) -> None:
    assert "Noted in INC-1" in await picked(team, message_of(team, "It is slow"), DEV)
    await answered(team, ANA, "/incident declare", title="Search hangs", severity=2)
    assert "Noted in INC-1" in await picked(team, message_of(team, "It is very slow", channel=room), DEV)


async def test_where_none_is_open_it_asks_among_the_newest_or_says_that_there_is_none(team: Team) -> None:
    team.discord.add_channel(OTHER, "general")
    assert "No incident is open" in await picked(team, message_of(team, "It is slow"))
    await answered(team, ANA, "/incident declare", OPS, title="Search hangs")
    await answered(team, ANA, "/incident cancel", OPS)

    assert "INC-1" in str((await team.discord.picks(ANA, message_of(team, "It was slow")))["data"])


async def test_a_pending_member_is_asked_nothing(team: Team, room: str) -> None:
    await answered(team, ANA, "/incident declare", title="Search hangs", severity=2)
    team.discord.pending.add(DEV)

    assert "has not admitted you yet" in await picked(team, message_of(team, "It is slow"), DEV)
    assert room
