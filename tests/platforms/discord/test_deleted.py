"""A moderator deletes what Foghorn keeps current on Discord, rooms too: it is made again, once, and goes on."""

import asyncio
from datetime import timedelta

import pytest

from bot.clock import utc_now
from bot.commands.invocation import Account, Place
from bot.views.plain import plain
from bot.worker.nudges import send_due_nudges
from bot.worker.outbox import Outbox
from tests.fakes.discord import Fails
from tests.fakes.discord_checks import Json, words_of
from tests.harness import run_line
from tests.interleaving import OneAfterAnother
from tests.platforms.discord.conftest import ANA, BEN, OPS, STATUS, Team
from tests.platforms.discord.moves import answer_to, declared, drafted, published, review_in, room_of, said_in, until

SEND = "POST /channels/{}/messages"


def timeline(team: Team) -> str:
    answer = run_line(team.core.desk, "timeline INC-1", Account("discord", ANA), Place("discord"))
    return plain(answer, team.core.organisation.zone)


def card_in(team: Team, room: str) -> Json:
    """The pinned card; there is one."""
    (card,) = [m for m in team.discord.messages(room) if m["pinned"] and "SEV" in words_of(m)]
    return card


async def changed(team: Team, room: str, level: int = 2) -> None:
    """A change that every card shows."""
    await answer_to(team, ANA, team.discord.types(ANA, room, "/incident severity", level=level))
    await team.outbox.drain()


async def worked(team: Team, channel: str = OPS) -> None:
    """A change that is written to the room from elsewhere."""
    asked = team.discord.types(ANA, channel, "/incident assign", role="comms", person=BEN, incident="INC-1")
    await answer_to(team, ANA, asked)
    await team.outbox.drain()


async def told(team: Team, mode: str) -> Json:
    """The headline of a published incident in #status."""
    room = await declared(team)
    await answer_to(team, ANA, team.discord.types(ANA, OPS, "/incident subscription add", channel=STATUS, mode=mode))
    await answer_to(team, ANA, team.discord.types(ANA, room, "/incident draft publish"))
    await team.outbox.drain()
    (headline,) = headlines(team, "Investigating")
    return headline


def headlines(team: Team, words: str) -> list[Json]:
    """The messages of #status that read so, without the lines that point to a thread."""
    return [m for m in team.discord.messages(STATUS) if words in words_of(m) and "<#" not in words_of(m)]


async def next_update(team: Team, stage: str = "identified") -> None:
    """Written by Ana, approved by Ben."""
    room = room_of_incident(team)
    given = {"stage": stage, "text": "Signing in works."}
    await answer_to(team, ANA, team.discord.types(ANA, room, "/incident update", **given))
    await team.outbox.drain()
    await answer_to(team, BEN, team.discord.clicks(BEN, review_in(team, room), "Approve"))
    await team.outbox.drain()


def room_of_incident(team: Team) -> str:
    return next(c.id for c in reversed(team.discord.channels.values()) if c.parent == OPS)


async def test_a_deleted_card_comes_back_pinned_and_the_timeline_says_so(team: Team) -> None:
    room = await declared(team)
    team.discord.delete_message(room, card_in(team, room)["id"])

    await changed(team, room)

    assert "SEV2" in words_of(card_in(team, room))
    assert timeline(team).count("the card in the room on Discord was deleted, so it was posted again") == 1


async def test_later_changes_are_shown_in_the_new_card(team: Team) -> None:
    room = await declared(team)
    team.discord.delete_message(room, card_in(team, room)["id"])
    await changed(team, room)

    await changed(team, room, level=3)

    assert "SEV3" in words_of(card_in(team, room))


async def test_a_deleted_review_comes_back_with_the_next_revision(team: Team) -> None:
    room, review = await drafted(team)
    team.discord.delete_message(room, review["id"])

    given = {"stage": "identified", "text": "Signing in works again."}
    await answer_to(team, ANA, team.discord.types(ANA, room, "/incident update", **given))
    await team.outbox.drain()
    await answer_to(team, BEN, team.discord.clicks(BEN, review_in(team, room), "Approve"))
    await team.outbox.drain()

    assert any("Identified" in words for words in said_in(team, STATUS))


@pytest.mark.parametrize("mode", ["current", "thread"])
async def test_a_deleted_headline_comes_back_with_the_next_update(team: Team, mode: str) -> None:
    headline = await told(team, mode)
    team.discord.delete_message(STATUS, headline["id"])

    await next_update(team)
    (again,) = headlines(team, "Identified")
    await next_update(team, "monitoring")

    assert [m["id"] for m in headlines(team, "Monitoring")] == [again["id"]]
    assert timeline(team).count("in #status on Discord was deleted, so it was posted again") == 1
    if mode == "thread":
        assert len(team.discord.messages(again["id"])) == 2


async def test_a_headline_whose_thread_was_deleted_is_replaced_with_its_thread(team: Team) -> None:
    headline = await told(team, "thread")
    await next_update(team)
    team.discord.delete_channel(headline["id"])

    await next_update(team, "monitoring")

    (again,) = headlines(team, "Monitoring")
    assert again["id"] != headline["id"]
    assert len(team.discord.messages(again["id"])) == 1
    assert headlines(team, "Identified") == []


async def test_an_answer_lost_while_posting_again_leads_to_no_second_one(team: Team) -> None:
    later = timedelta()
    team.outbox = Outbox(team.core.store, team.core.app, team.core.messengers, team.core.desk.in_thread,
                         clock=lambda: utc_now() + later)  # fmt: skip
    headline = await told(team, "current")
    team.discord.delete_message(STATUS, headline["id"])
    team.discord.fail(SEND, Fails.ANSWER_LOST)
    await next_update(team)
    later = timedelta(seconds=10)
    await team.outbox.drain()

    assert len(headlines(team, "Identified")) == 1
    assert "so it was posted again" in timeline(team)


async def test_a_deleted_room_is_made_again_with_what_stood_in_it(team: Team) -> None:
    room, _review = await drafted(team)
    team.discord.delete_channel(room)

    await worked(team)

    again = room_of(team)
    words = "\n".join(said_in(team, again))
    assert again != room
    assert "Draft for" in words
    assert "Ben" in words_of(card_in(team, again))
    assert {ANA} <= team.discord.channels[again].members
    assert timeline(team).count("the room on Discord was deleted, so another one is being made") == 1


async def test_work_goes_on_in_the_new_room(team: Team) -> None:
    room, _review = await drafted(team)
    team.discord.delete_channel(room)
    await worked(team)

    await answer_to(team, BEN, team.discord.clicks(BEN, review_in(team, room_of(team)), "Approve"))
    await team.outbox.drain()

    assert any("Identified" in words for words in said_in(team, STATUS))
    assert any("was published" in words for words in said_in(team, room_of(team)))


async def test_a_room_is_made_again_once_whatever_finds_it_deleted(team: Team) -> None:
    room, _review = await drafted(team)
    team.discord.delete_channel(room)

    await answer_to(team, ANA, team.discord.types(ANA, OPS, "/incident note", text="Restarted the gateway."))
    await worked(team)

    rooms = [channel.id for channel in team.discord.channels.values() if channel.parent == OPS]
    assert len(rooms) == 1
    assert any("Restarted the gateway" in words for words in said_in(team, rooms[0]))
    assert BEN in team.discord.channels[rooms[0]].members


async def test_a_reminder_that_is_looked_at_while_its_room_is_made_again_arrives_there(team: Team) -> None:
    room = await declared(team)
    team.discord.delete_channel(room)
    run_line(team.core.desk, "severity INC-1 2", Account("discord", ANA), Place("discord"))
    team.clock.forward(minutes=5)
    send_due_nudges(team.core.store, team.core.app)

    core, ours = team.core, {"discord": team.messenger}
    await Outbox(core.store, core.app, ours, OneAfterAnother(core.desk.in_thread)).drain()

    assert [words for words in said_in(team, room_of(team)) if "Update due now" in words]


async def test_a_locked_room_is_told_to_the_commander_and_used_again_once_it_is_unlocked(team: Team) -> None:
    room = await declared(team)
    thread = team.discord.channels[room]
    thread.locked, thread.denied = True, {"MANAGE_THREADS"}

    team.clock.forward(minutes=5)
    send_due_nudges(team.core.store, team.core.app)
    await team.outbox.drain()

    (told,) = [words for words in said_in(team, ANA) if "cannot write in the room of INC-1 on Discord" in words]
    assert "Unlock it" in told
    thread.locked = False
    await changed(team, room)
    assert "SEV2" in words_of(card_in(team, room))


async def test_the_room_of_an_incident_that_is_over_stays_deleted(team: Team) -> None:
    room = await declared(team)
    await answer_to(team, ANA, team.discord.types(ANA, room, "/incident cancel"))
    await team.outbox.drain()
    team.discord.delete_channel(room)

    await answer_to(team, ANA, team.discord.types(ANA, OPS, "/incident note", incident="INC-1", text="Cleaned up."))
    await team.outbox.drain()

    assert [channel.id for channel in team.discord.channels.values() if channel.parent == OPS] == []


async def test_where_a_room_cannot_be_made_again_who_declared_is_told(team: Team) -> None:
    room = await published(team)
    team.discord.delete_channel(room)
    team.discord.delete_channel(OPS)

    await worked(team, STATUS)

    assert any("its room could not be created" in words for words in said_in(team, ANA))


async def test_a_deleted_reminder_in_the_room_comes_back_while_it_counts(team: Team) -> None:
    room = await declared(team)
    team.clock.forward(minutes=5)
    send_due_nudges(team.core.store, team.core.app)
    await team.outbox.drain()
    reminder = next(m for m in team.discord.messages(room) if "Update due now" in words_of(m))
    team.discord.delete_message(room, reminder["id"])

    await answer_to(team, ANA, team.discord.types(ANA, room, "/incident nudge snooze", minutes=2))
    await team.outbox.drain()

    assert sum("snoozed this" in words for words in said_in(team, room)) == 1
    assert timeline(team).count("a reminder in the room on Discord was deleted, so it was posted again") == 1


async def test_a_process_that_stood_still_takes_its_own_copy_back(team: Team) -> None:
    room = await declared(team)
    await answer_to(team, ANA, team.discord.types(ANA, OPS, "/incident subscription add", channel=STATUS))
    await team.outbox.drain()
    await answer_to(team, ANA, team.discord.types(ANA, room, "/incident draft publish"))
    wakes = team.discord.held[SEND] = asyncio.Event()
    frozen = asyncio.create_task(team.outbox.drain())
    await until(lambda: SEND not in team.discord.held)
    core, later = team.core, timedelta(seconds=61)
    other = Outbox(core.store, core.app, core.messengers, core.desk.in_thread, clock=lambda: utc_now() + later)
    await other.drain()
    stands = [m["id"] for m in headlines(team, "Investigating")]
    team.discord.skew += 3600  # Discord has forgotten the nonce
    wakes.set()
    await frozen

    assert ([m["id"] for m in headlines(team, "Investigating")], len(stands)) == (stands, 1)
    deleted = [path for method, path, _body in team.discord.calls if method == "DELETE"]
    assert len([path for path in deleted if STATUS in path]) == 1
