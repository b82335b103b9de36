"""A moderator deletes what Foghorn keeps current in Slack: it is posted again, once, and goes on from there."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import pytest

from bot.clock import utc_now
from bot.commands.invocation import Account, Place
from bot.domain.deliveries import Delivery
from bot.domain.destinations import Destination
from bot.store import deliveries
from bot.worker.nudges import send_due_nudges
from bot.worker.outbox import Outbox
from tests.fakes.slack import Fails, Json, words_of
from tests.harness import run_line
from tests.interleaving import OneAfterAnother
from tests.platforms.slack.conftest import ANA, BEN, NEWS, ROOM, Team
from tests.platforms.slack.moves import declared, drafted, find_in, nothing_waits, said_in, timeline, until

CARD = "ChatGPT and API errors"


def tops(team: Team, words: str) -> list[Json]:
    """The messages of #status that stand in the channel itself and read so."""
    return [m for m in said_in(team, NEWS) if m.get("thread_ts", m["ts"]) == m["ts"] and words in words_of(m)]


async def told(team: Team, mode: str) -> Json:
    """The headline of a published incident in #status."""
    await declared(team)
    await team.slack.types(ANA, ROOM, f"/incident subscribe <#{NEWS}|status> mode:{mode}")
    await until(lambda: any("gets updates" in words_of(m) for m in team.slack.seen_by(ANA)))
    await team.slack.types(ANA, ROOM, "/incident publish")
    return await until(lambda: find_in(team, "Investigating", NEWS))


async def next_update(team: Team, stage: str = "identified") -> None:
    """Written by Ana, approved by Ben."""
    await team.slack.types(ANA, ROOM, f"/incident update {stage} Signing in works.")
    review = await until(lambda: find_in(team, f"Draft for INC-1 · {stage.capitalize()}"))
    await team.slack.clicks(BEN, {**review, "channel": team.rooms()[-1].id}, "fh:approve")
    await until(lambda: find_in(team, f"({stage}) was published"))


async def test_a_deleted_card_comes_back_pinned_and_the_timeline_says_so(team: Team) -> None:
    card = await declared(team)
    room = team.rooms()[0]
    await until(lambda: room.pins)
    team.slack.delete(room.id, card["ts"])

    await team.slack.types(ANA, room.id, "/incident severity 2")

    again = await until(lambda: find_in(team, f"SEV2 · {CARD}"))
    await until(lambda: room.pins == [again["ts"]])
    assert "the card in the room on Slack was deleted, so it was posted again" in timeline(team)


async def test_a_note_brings_a_deleted_card_back_and_stands_below_it(team: Team) -> None:
    card = await declared(team)
    room = team.rooms()[0]
    await until(lambda: room.pins)
    team.slack.delete(room.id, card["ts"])

    await team.slack.types(ANA, room.id, "/incident note Restarted the gateway.")

    line = await until(lambda: next((m for m in room.messages if m.get("thread_ts", m["ts"]) != m["ts"]), None))
    again = await until(lambda: find_in(team, f"SEV1 · {CARD}"))
    assert (line["thread_ts"], "Restarted the gateway" in words_of(line)) == (again["ts"], True)
    assert [m for m in said_in(team) if "Restarted the gateway" in words_of(m)] == []
    assert timeline(team).count("so it was posted again") == 1


async def test_a_note_that_is_looked_at_while_the_card_is_posted_again_stands_below_the_new_one(team: Team) -> None:
    card = await declared(team)
    room = team.rooms()[0]
    await until(lambda: room.pins and room.bookmarks)
    await until(lambda: nothing_waits(team))
    team.outbox.stop()
    team.slack.delete(room.id, card["ts"])
    note = "note INC-1 Restarted the gateway."
    run_line(team.core.desk, note, Account("slack", ANA), Place("slack"))

    core, ours = team.core, {"slack": team.messenger}
    await Outbox(core.store, core.app, ours, OneAfterAnother(core.desk.in_thread)).drain()

    again = find_in(team, f"SEV1 · {CARD}")
    (line,) = [m for m in room.messages if "Restarted the gateway" in words_of(m)]
    assert again is not None
    assert line.get("thread_ts") == again["ts"]


async def test_a_deleted_review_comes_back_with_the_next_revision(team: Team) -> None:
    review = await drafted(team)
    room = team.rooms()[0]
    team.slack.delete(room.id, review["ts"])

    await team.slack.types(ANA, room.id, "/incident update identified Signing in works again.")

    again = await until(lambda: find_in(team, "Draft for INC-1 · Identified"))
    await team.slack.clicks(BEN, {**again, "channel": room.id}, "fh:approve")
    await until(lambda: find_in(team, "(identified) was published"))


@pytest.mark.parametrize("mode", ["current", "thread"])
async def test_a_deleted_headline_comes_back_with_the_next_update(team: Team, mode: str) -> None:
    headline = await told(team, mode)
    team.slack.delete(NEWS, headline["ts"])

    await next_update(team)
    again = await until(lambda: find_in(team, "Identified", NEWS))
    await next_update(team, "monitoring")

    await until(lambda: "Monitoring" in words_of(again))
    assert tops(team, "Monitoring") == [again]
    assert tops(team, "Investigating") + tops(team, "Identified") == []
    assert timeline(team).count("in #status on Slack was deleted, so it was posted again") == 1


async def test_updates_go_below_the_new_headline_where_the_old_one_had_replies(team: Team) -> None:
    headline = await told(team, "thread")
    await next_update(team)
    await until(lambda: headline.get("reply_count"))
    team.slack.delete(NEWS, headline["ts"])  # a tombstone stays

    await next_update(team, "monitoring")

    again = await until(lambda: find_in(team, "Monitoring", NEWS))
    await until(lambda: any(m.get("thread_ts") == again["ts"] and m["ts"] != again["ts"]
                            for m in team.slack.messages(NEWS)))  # fmt: skip


async def test_an_answer_lost_while_posting_again_leads_to_no_second_one(team: Team) -> None:
    headline = await told(team, "current")
    await team.slack.types(ANA, ROOM, "/incident update identified Signing in works.")
    review = await until(lambda: find_in(team, "Draft for INC-1 · Identified"))
    team.slack.delete(NEWS, headline["ts"])
    team.slack.fail("chat.postMessage", Fails.ANSWER_LOST)

    await team.slack.clicks(BEN, {**review, "channel": team.rooms()[-1].id}, "fh:approve")
    await until(lambda: tops(team, "Identified"))
    team.later = timedelta(seconds=10)

    await until(lambda: "so it was posted again" in timeline(team))
    assert len(tops(team, "Identified")) == 1


async def test_a_process_that_stood_still_takes_its_own_copy_back(team: Team) -> None:
    await declared(team)
    await team.slack.types(ANA, ROOM, f"/incident subscribe <#{NEWS}|status>")
    await until(lambda: any("gets updates" in words_of(m) for m in team.slack.seen_by(ANA)))
    team.outbox.stop()
    await team.slack.types(ANA, ROOM, "/incident publish")
    await until(lambda: any(row.state == "due" for row in to_status(team)))
    core, later = team.core, timedelta(seconds=61)
    frozen = Outbox(core.store, core.app, core.messengers, core.desk.in_thread)
    other = Outbox(core.store, core.app, core.messengers, core.desk.in_thread, clock=lambda: utc_now() + later)

    wakes = team.slack.held["chat.postMessage"] = asyncio.Event()
    standing_still = asyncio.create_task(frozen.drain())
    await until(lambda: not team.slack.held)
    await other.drain()
    stands = tops(team, "Investigating")
    wakes.set()
    await standing_still

    assert (tops(team, "Investigating"), len(stands)) == (stands, 1)
    assert "chat.delete" in [method for method, _given in team.slack.calls]
    assert not any(row.maybe_twice for row in to_status(team))


def to_status(team: Team) -> Sequence[Delivery]:
    with team.core.store.read() as tx:
        return deliveries.of_destination(tx, Destination("slack", NEWS), limit=9)


async def test_a_deleted_reminder_in_the_room_comes_back_while_it_counts(team: Team, clock) -> None:
    await declared(team)
    room = team.rooms()[0]
    clock.forward(minutes=5)
    send_due_nudges(team.core.store, team.core.app)
    reminder = await until(lambda: find_in(team, "Update due now"))
    team.slack.delete(room.id, reminder["ts"])

    await team.slack.types(ANA, room.id, "/incident snooze 2m")

    await until(lambda: find_in(team, "snoozed this"))
    await until(lambda: "a reminder in the room on Slack was deleted, so it was posted again" in timeline(team))
