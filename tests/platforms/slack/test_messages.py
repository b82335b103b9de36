"""Messages of Slack in the timeline: names instead of IDs, the date and link of a message, copies of edited ones."""

import pytest
from sqlmodel import select

from bot.domain.record import EntryKind, EntryText, RecordEntry
from tests.fakes.slack import Fails, Json, words_of
from tests.fakes.slack_workspace import BOT
from tests.platforms.slack.conftest import ANA, BEN, DEV, NEWS, ROOM, Team
from tests.platforms.slack.moves import declared, find_in, form_of, until

SECRET = "C0SECRET"
AT = "Copied at 5:12 AM ET (09:12 UTC) from https://example.slack.com/archives/"


def notes(team: Team) -> list[str]:
    with team.core.store.read() as tx:
        query = select(EntryText.text).join(RecordEntry, RecordEntry.id == EntryText.entry_id)  # type: ignore[arg-type]
        query = query.where(RecordEntry.kind == EntryKind.NOTE).order_by(RecordEntry.id)  # type: ignore[arg-type]
        return list(tx.session.exec(query).all())


async def told(team: Team, user: str, words: str) -> Json:
    return await until(lambda: next((m for m in reversed(team.slack.seen_by(user)) if words in words_of(m)), None))


async def declare(team: Team, line: str) -> None:
    before = len(team.rooms())
    await team.slack.types(ANA, ROOM, f"/incident declare! {line}")
    await until(lambda: len(team.rooms()) > before)
    await told(team, ANA, "Its room is")


@pytest.fixture
async def room(team: Team) -> str:
    team.slack.user_groups["S0CALL"] = [BEN]
    team.slack.group_handles["S0CALL"] = "oncall"
    team.slack.add_channel(SECRET, "keys-leaked", ANA, BOT, private=True)
    await declared(team)
    return team.rooms()[0].id


IDS = f"<@{BEN}|ben> <@{DEV}> <#{NEWS}> <#{NEWS}|status> <#{SECRET}> <!subteam^S0CALL> <@U0NOBODY9>"
NAMES = "@Ben Osei @Dev #status #status a private channel @oncall @U0NOBODY9"


async def test_ids_in_a_typed_note_become_names(team: Team, room: str) -> None:
    await team.slack.types(ANA, room, f"/incident note told {IDS}")

    assert await until(lambda: notes(team)) == [f"told {NAMES}"]


async def test_ids_in_a_pinned_message_become_names(team: Team, room: str) -> None:
    message = team.slack.says(DEV, room, f"told {IDS}")

    await team.slack.reacts(ANA, room, message, "pushpin")

    assert f": told {NAMES}\n" in (await until(lambda: notes(team)))[0]


async def test_ids_in_what_is_declared_and_drafted_become_names(team: Team) -> None:
    await declare(team, f"<@{DEV}> cannot sign in on:api=partial")

    await team.slack.types(ANA, ROOM, "/incident list")

    assert "@Dev cannot sign in" in words_of(await told(team, ANA, "Open incidents"))


async def test_a_form_made_from_a_message_shows_names(team: Team) -> None:
    message = team.slack.says(DEV, ROOM, f"<@{DEV}> cannot sign in, see <#{NEWS}>")

    await team.slack.uses_shortcut(ANA, ROOM, message, "fh:declare_message")

    assert "@Dev cannot sign in, see #status" in words_of(await form_of(team, ANA))


async def test_the_room_of_a_private_incident_is_not_named_to_others(team: Team) -> None:
    await declare(team, "Keys of a customer leaked private:yes")
    hidden = team.rooms()[-1]
    await declare(team, "API is slow")

    await team.slack.types(DEV, ROOM, f"/incident note INC-2 see <#{hidden.id}>")

    assert await until(lambda: notes(team)) == ["see a private channel"]


async def test_while_slack_does_not_answer_the_note_is_kept_with_the_names_that_are_known(
    team: Team, room: str
) -> None:
    team.slack.fail("conversations.info", Fails.SERVER_ERROR, times=1)

    await team.slack.types(ANA, room, f"/incident note told <@{BEN}> in <#{NEWS}>")

    assert await until(lambda: notes(team)) == [f"told @Ben Osei in #{NEWS}"]


async def test_a_message_of_another_day_is_added_with_its_date(team: Team, room: str) -> None:
    old = team.slack.says(DEV, room, "It is slow")
    old["ts"] = "1776546000.000100"  # 5 PM in New York on April 18

    await team.slack.uses_shortcut(ANA, room, old, "fh:note_message")

    [note] = await until(lambda: notes(team))
    assert note.startswith("Dev, 5:00 PM ET (21:00 UTC) on April 18, 2026: It is slow\n")
    assert AT in note


@pytest.mark.usefixtures("room")
async def test_an_unchanged_message_is_added_once_and_an_edited_one_again(team: Team) -> None:
    message = team.slack.says(DEV, ROOM, "Down: 1 in 5")

    async def add(words: str) -> str:
        message["text"] = words
        seen = len(team.slack.seen_by(ANA))
        await team.slack.uses_shortcut(ANA, ROOM, message, "fh:note_message")
        return words_of((await until(lambda: team.slack.seen_by(ANA)[seen:]))[0])

    await told(team, ANA, "Its room is")
    assert "Noted in INC-1." in await add("Down: 1 in 5")
    assert "already in the timeline of INC-1, as entry 5, and has not changed since. Nothing was added." in await add(
        "Down: 1 in 5"
    )
    assert "Noted in INC-1 as entry 6: the message has been edited since it was added as entry 5." in await add(
        "1 in 5"
    )
    assert "as entry 6, and has not changed since" in await add("1 in 5")
    assert "as entry 7: the message has been edited since it was added as entry 5" in await add("Down: 1 in 5")
    assert [note.partition(" Dev, ")[0] for note in notes(team)[1:]] == ["Edited since entry 5 was added."] * 2


async def test_the_entry_links_to_the_message(team: Team, room: str) -> None:
    message = team.slack.says(DEV, ROOM, "It is slow")
    await team.slack.uses_shortcut(ANA, ROOM, message, "fh:note_message")
    await until(lambda: notes(team))

    await team.slack.types(ANA, room, "/incident timeline")

    shown = await told(team, ANA, "Timeline of INC-1")
    url = f"https://example.slack.com/archives/{ROOM}/p{message['ts'].replace('.', '')}"
    assert {"type": "link", "url": url, "text": url} in [
        element
        for block in shown["blocks"]
        for part in block.get("elements", ())
        for element in part.get("elements", ())
    ]


# ---- outside a room


async def test_outside_a_room_it_asks_which_of_the_open_incidents(team: Team) -> None:
    await declare(team, "API is slow")
    await declare(team, "Search hangs")
    await declare(team, "Keys leaked private:yes")
    message = team.slack.says(DEV, ROOM, 'Long «words» "quoted" ' + "日本語" * 800)

    await team.slack.uses_shortcut(DEV, ROOM, message, "fh:note_message")
    form = await form_of(team, DEV)
    select_ = next(b["element"] for b in form["blocks"] if b["type"] == "input" and b["block_id"] == "incident")
    assert [o["text"]["text"] for o in select_["options"]] == [
        "INC-2 · SEV2 · Search hangs",
        "INC-1 · SEV2 · API is slow",
    ]
    await team.slack.submits(DEV, form, {"incident": "INC-1"})

    await told(team, DEV, "Noted in INC-1")
    assert 'Long «words» "quoted" 日本語' in notes(team)[0]
    assert AT in notes(team)[0]


async def test_where_one_is_open_it_is_added_there_and_where_none_is_it_asks_among_the_newest(team: Team) -> None:
    await declare(team, "API is slow")
    message = team.slack.says(DEV, ROOM, "It is slow")
    await team.slack.uses_shortcut(DEV, ROOM, message, "fh:note_message")
    await told(team, DEV, "Noted in INC-1")
    await team.slack.types(ANA, ROOM, "/incident cancel INC-1")
    await until(lambda: find_in(team, "Canceled at"))

    await team.slack.uses_shortcut(BEN, ROOM, team.slack.says(DEV, ROOM, "It was slow"), "fh:note_message")

    assert "INC-1 · SEV2 · API is slow" in str(await form_of(team, BEN))


async def test_in_the_room_of_one_it_asks_nothing(team: Team) -> None:
    await declare(team, "API is slow")
    await declare(team, "Search hangs")
    there = team.rooms()[0].id

    await team.slack.uses_shortcut(ANA, there, team.slack.says(DEV, there, "It is slow"), "fh:note_message")

    await told(team, ANA, "Noted in INC-1")
