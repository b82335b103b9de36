"""What people change in Slack while an incident is open: channels that are archived, renamed, closed, or left."""

import pytest
from sqlmodel import select

from bot.commands.invocation import Account, Place
from bot.commands.rooms import connected
from bot.domain.rooms import Room
from bot.views.plain import plain
from tests.fakes.slack import words_of
from tests.fakes.slack_workspace import BOT
from tests.harness import run_line
from tests.platforms.slack.conftest import (
    ANA,
    BEN,
    NEWS,
    ROOM,
    Team,
    budget_s,
    clock,
    organisation,
    quiet,
    settings,
    slack,
    team,
)  # fmt: skip
from tests.platforms.slack.moves import declared, find_in, last_in, nothing_waits, said_in, timeline, types, until

pytestmark = pytest.mark.chaos
__all__ = ["budget_s", "clock", "organisation", "quiet", "settings", "slack", "team"]


async def test_a_room_that_foghorn_was_removed_from_is_joined_again_or_made_again(team: Team) -> None:
    await declared(team)
    room = team.rooms()[0]
    await until(lambda: room.pins and room.bookmarks)
    room.members.discard(BOT)
    await team.slack.types(ANA, ROOM, "/incident severity 2")
    await until(lambda: find_in(team, "SEV2 · ChatGPT and API errors"))
    assert BOT in room.members

    room.private = True  # nobody can join it alone
    room.members.discard(BOT)
    await team.slack.types(ANA, ROOM, "/incident severity 3")

    await until(lambda: len(team.rooms()) == 2 and find_in(team, "SEV3 · ChatGPT and API errors"))
    assert timeline(team).count("was deleted, or Foghorn was removed from it, so another one is being made") == 1


async def test_a_room_that_foghorn_cannot_write_in_is_told_to_the_commander(team: Team) -> None:
    await declared(team)
    room = team.rooms()[0]
    await until(lambda: room.pins and room.bookmarks)
    room.read_only = True

    await team.slack.types(ANA, ROOM, "/incident update investigating We are looking into it. INC-1")

    await until(lambda: "cannot write in the room of INC-1 on Slack" in words_of(last_in(team, ANA)))
    assert "posting permissions" in words_of(last_in(team, ANA))


async def test_a_reopened_incident_whose_room_was_archived_gets_another_room(team: Team) -> None:
    await declared(team)
    types(team, "publish INC-1", "resolve INC-1 end:05:12")
    types(team, "approve INC-1", who=BEN)
    await until(lambda: find_in(team, "(resolved) was published"))
    await team.slack.archives(team.rooms()[0].id)
    types(team, "note INC-1 We wrote to the provider.")
    await until(lambda: nothing_waits(team))
    assert len(team.rooms()) == 1

    await until(lambda: archived(team))
    types(team, "reopen INC-1 on:api=partial")
    assert "The room on Slack was archived. Foghorn opens it again, or makes another one." in reviewed(team)

    await until(lambda: len(team.rooms()) == 2 and find_in(team, "Draft for INC-1", team.rooms()[1].id))
    assert "the room on Slack was archived, so another one is being made" in timeline(team)


async def test_a_room_that_people_archived_and_unarchived_again_is_not_called_archived(team: Team) -> None:
    await declared(team)
    types(team, "publish INC-1", "resolve INC-1 end:05:12")
    types(team, "approve INC-1", who=BEN)
    room = team.rooms()[0].id
    await team.slack.archives(room)
    await until(lambda: archived(team))

    await team.slack.unarchives(room)
    await until(lambda: not archived(team))
    types(team, "reopen INC-1 on:api=partial")

    assert "was archived" not in reviewed(team)
    await until(lambda: find_in(team, "Draft for INC-1", room))


def archived(team: Team) -> bool:
    with team.core.store.read() as tx:
        return tx.session.exec(select(Room.archived).where(Room.platform == "slack")).one() is True


def reviewed(team: Team) -> str:
    """The draft, as the command line shows it."""
    answer = run_line(team.core.desk, "show INC-1 draft:yes", Account("slack", ANA), Place("slack"))
    return plain(answer, team.core.organisation.zone)


async def test_a_channel_that_is_unarchived_gets_what_it_missed(team: Team) -> None:
    await declared(team)
    types(team, f"subscribe slack:{NEWS}")
    await until(lambda: nothing_waits(team))
    team.slack.channels[NEWS].archived = True
    types(team, "publish INC-1")
    await until(lambda: f"#{NEWS} on Slack: The channel is archived" in timeline(team))

    await team.slack.unarchives(NEWS)

    await until(lambda: find_in(team, "Investigating", NEWS))
    assert timeline(team).count(f"#{NEWS} on Slack, which can be written to again") == 1


async def test_a_channel_that_has_another_name_or_id_is_followed(team: Team) -> None:
    await declared(team)
    room = team.rooms()[0]
    types(team, f"subscribe slack:{NEWS} mode:current", "publish INC-1")
    await until(lambda: find_in(team, "(investigating) was published") and find_in(team, "Investigating", NEWS))
    await until(lambda: nothing_waits(team))

    await team.slack.renames(NEWS, "news")
    await team.slack.moves(NEWS, "C0MOVED")
    await team.slack.moves(room.id, "C0ROOM2")

    def shown() -> str:
        answer = run_line(team.core.desk, "subscriptions", Account("slack", ANA), Place("slack"))
        return plain(answer, team.core.organisation.zone)

    await until(lambda: "#news" in shown())
    types(team, "update identified INC-1 Signing in works.")
    types(team, "approve INC-1", who=BEN)
    await until(lambda: find_in(team, "Identified", "C0MOVED") and nothing_waits(team))
    assert len(said_in(team, "C0MOVED")) == 2  # that it is subscribed, and the headline
    assert "was deleted" not in timeline(team)
    assert find_in(team, "(identified) was published", "C0ROOM2")


async def test_in_another_workspace_administrators_are_told_and_rooms_are_made_again(team: Team) -> None:
    await declared(team)
    await until(lambda: nothing_waits(team))
    before = team.rooms()[0].id

    del team.slack.channels[before]
    asked = connected("slack", "T0OTHER", "Other workspace")
    assert await team.core.desk.write(asked, "slack")
    assert not await team.core.desk.write(asked, "slack")
    types(team, "severity INC-1 2")

    await until(lambda: team.rooms() and find_in(team, "SEV2 · ChatGPT and API errors"))
    told = words_of(await until(lambda: find_in(team, "Other workspace", ANA)))
    assert "now works in the Slack workspace Other workspace; before, it was Example." in told
