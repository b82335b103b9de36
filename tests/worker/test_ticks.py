"""The worker as it runs: woken by commits and by the clock, and ending what it began."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import make_url

from bot.domain.people import SignIn
from bot.store import inbox, people
from bot.worker.ticks import Worker
from tests.patience import fair, until
from tests.reference import et
from tests.worker.world import World


@pytest.fixture
async def working(world: World) -> AsyncIterator[World]:
    """A declared incident, a subscriber, and a worker at work."""
    world.changes.start()
    world.subscribe("pigeon:alpha")
    world.do("ana", "declare Pages hang sev:1 on:chatgpt=major")
    await world.worker.start()
    yield world
    await world.worker.stop()


async def test_a_commit_wakes_the_outbox_at_once(working: World):
    await until(lambda: working.worker.tick_age_s() is not None)
    await working.desk.in_thread(working.publish)
    started = fair()
    await until(lambda: working.states("pigeon:alpha") == ["sent"])

    assert fair() - started < 0.9  # before the next tick


async def test_the_tick_takes_the_steps_that_are_due(working: World):
    working.clock.now = et("05:20")

    await until(lambda: working.states("local:@ana") == ["sent"])


async def test_the_tick_sends_what_no_commit_of_ours_told_of(working: World):
    other = World(working.url, like=working)
    try:
        await other.desk.in_thread(other.publish)
    finally:
        other.close()

    await until(lambda: working.states("pigeon:alpha") == ["sent"])


async def test_the_age_of_the_last_tick_counts_elapsed_time(working: World):
    await until(lambda: working.worker.tick_age_s() is not None)
    working.real.now -= timedelta(hours=1)
    age = working.worker.tick_age_s()

    assert age is not None
    assert 0 <= age < 5


async def test_stopping_waits_for_what_is_being_sent(working: World):
    slow = asyncio.Event()
    working.pigeons.trouble["alpha"] = [slow]
    await working.desk.in_thread(working.publish)
    await until(lambda: working.states("pigeon:alpha") == ["sending"])
    stopping = asyncio.create_task(working.worker.stop())
    await asyncio.sleep(0.05)
    slow.set()
    await stopping

    assert working.states("pigeon:alpha") == ["sent"]


async def test_stopping_does_not_wait_for_ever(working: World):
    working.pigeons.trouble["alpha"] = [asyncio.Event()]
    await working.desk.in_thread(working.publish)
    await until(lambda: working.states("pigeon:alpha") == ["sending"])
    started = fair()
    await working.worker.stop(deadline_s=0.2)

    assert fair() - started < 1
    assert working.states("pigeon:alpha") == ["sending"]


async def test_a_worker_that_has_nothing_to_do_stops_at_once(world: World):
    await world.worker.start()
    started = fair()
    await world.worker.stop()

    assert fair() - started < 0.5


async def test_after_stopping_nothing_is_claimed(working: World):
    await working.worker.stop()
    await working.desk.in_thread(working.publish)
    await working.worker.drain()

    assert working.states("pigeon:alpha") == ["due"]


async def test_sign_in_links_that_expired_are_forgotten(world: World):
    with world.store.write() as tx:
        people.add_sign_in(tx, people.all_people(tx)[0])
    world.later(60)
    await world.run()

    assert world.rows(SignIn) == []


async def test_answer_handles_are_forgotten_after_half_an_hour_and_done_commands_after_a_day(world: World):
    with world.store.write() as tx:
        inbox.accept(tx, "slack:1", payload="{}", handle="https://hooks.example/secret")
    world.later(60 * 24)  # the wall clock is set forward
    await world.run(seconds=31 * 60)
    with world.store.write() as tx:
        handles = [row.handle for row in inbox.left(tx, "", tx.real())]
        inbox.finish(tx, "slack:1")
        again = inbox.accept(tx, "slack:1")
    await world.run(seconds=24 * 60 * 60)

    with world.store.write() as tx:
        assert (handles, again, inbox.accept(tx, "slack:1")) == ([""], False, True)


async def test_what_else_is_to_be_tidied_is_done_at_the_start_and_every_minute(world: World):
    done: list[int] = []

    async def tidy() -> None:
        done.append(1)

    worker = Worker(
        world.store, world.actions, world.desk.in_thread, world.messengers, world.changes, world.real, cleanup=[tidy]
    )
    for seconds in (0, 30, 30, 30):
        world.real.now += timedelta(seconds=seconds)
        await worker.tick()

    assert len(done) == 2


async def test_redacted_words_that_a_reader_kept_in_the_journal_leave_it_within_a_minute(world: World):
    world.do("ana", "declare Pages hang sev:1 on:chatgpt=major")
    await world.run()
    world.do("ana", "note call 555 0100 for the password")
    file = Path(make_url(world.url).database or "")

    def kept() -> bool:
        return b"555 0100" in b"".join(each.read_bytes() for each in file.parent.glob(f"{file.name}*"))

    with closing(sqlite3.connect(file)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM entry_text").fetchall()
        world.do("ana", f"redact {len(world.record())} a phone number")
        assert kept()
    assert kept()

    await world.run(seconds=61)

    assert not kept()


async def test_a_database_that_does_not_answer_ends_nothing(world: World):
    world.do("ana", "declare Pages hang sev:1 on:chatgpt=major")
    world.publish()
    database = Path(world.url.removeprefix("sqlite:///"))
    world.store.engine.dispose()
    away = database.rename(database.with_suffix(".away"))
    database.mkdir()
    await world.run()
    database.rmdir()
    away.rename(database)
    await world.run()

    assert world.states("local:#status") == ["sent"]
