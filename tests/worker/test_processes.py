"""A process knows which others died: what they were doing is taken over within seconds, and not after their lease."""

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta

import psycopg
import pytest
from sqlalchemy import make_url

from bot.domain.processes import Process
from bot.errors import Busy
from bot.intake.leases import Leases
from bot.store.processes import ARRIVES_WITHIN
from bot.store.running import SURE_FOR_S, RunningProcess
from tests.worker.test_outbox import until
from tests.worker.world import SILENT, World


@dataclass
class Houses:
    """Processes on one database, each with a worker."""

    first: World
    url: str
    open: list[tuple[World, RunningProcess]] = field(default_factory=list)
    elapsed_s: float = 1000.0

    def start(self) -> tuple[World, RunningProcess]:
        """Another `foghorn run`."""
        world = World(self.url, like=self.first)
        process = RunningProcess(world.store, self.url, ["worker"], lambda: self.elapsed_s)
        process.look()
        world.worker = world.hire(process.id, lambda: process.workers)
        self.open.append((world, process))
        return world, process

    def lose_connection(self, process: RunningProcess) -> None:
        """PostgreSQL ends the connection with the lock, as when the process dies."""
        connection = process._connection
        if connection is not None:
            with psycopg.connect(make_url(self.url).set(drivername="postgresql").render_as_string(False)) as other:
                other.execute("SELECT pg_terminate_backend(%s, 5000)", [connection.info.backend_pid])


@pytest.fixture
def houses(engine_name: str, world: World) -> Iterator[Houses]:
    assert engine_name in world.url
    world.subscribe("pigeon:alpha")
    world.do("ana", "declare Pages hang sev:1 on:chatgpt=major")
    world.publish()
    houses = Houses(world, world.url)
    yield houses
    for other, process in houses.open:
        process.stop()
        other.close()


async def dies_while_sending(world: World) -> None:
    """The process is gone after its message arrived, before it was noted."""
    wakes = asyncio.Event()
    world.pigeons.trouble["alpha"] = [(wakes, "")]
    sending = asyncio.create_task(world.worker.drain())
    await until(lambda: not world.pigeons.trouble["alpha"])
    sending.cancel()
    with suppress(asyncio.CancelledError):
        await sending


async def test_what_a_dead_process_was_sending_is_sent_within_seconds(houses: Houses):
    first, died = houses.start()
    await dies_while_sending(first)
    houses.lose_connection(died)

    second, process = houses.start()
    process.look()
    second.real.now += ARRIVES_WITHIN
    await second.run()

    assert (second.states("pigeon:alpha"), len(second.pigeons.at("alpha"))) == (["sent"], 1)
    assert [row.id for row in second.rows(Process)] == [process.id()]


async def test_what_a_dead_process_was_sending_is_looked_for_and_not_before_it_can_have_arrived(houses: Houses):
    first, died = houses.start()
    await dies_while_sending(first)
    houses.lose_connection(died)

    second, process = houses.start()
    process.look()
    second.real.now += ARRIVES_WITHIN - timedelta(seconds=0.1)
    await second.run()
    early = list(second.pigeons.looked)
    second.real.now += timedelta(seconds=0.1)
    await second.run()

    assert (early, len(second.pigeons.looked)) == ([], 1)


async def test_the_connection_of_a_dead_process_is_taken_over_at_once(houses: Houses):
    first, died = houses.start()
    assert await Leases(first.store, first.desk.in_thread, first.real, died.id).hold("discord:gateway")
    houses.lose_connection(died)

    second, process = houses.start()
    process.look()

    assert await Leases(second.store, second.desk.in_thread, second.real, process.id).hold("discord:gateway")


async def test_a_process_that_stops_leaves_nothing_behind(houses: Houses):
    first, process = houses.start()
    leases = Leases(first.store, first.desk.in_thread, first.real, process.id)
    await leases.hold("discord:gateway")

    process.stop()

    assert (first.rows(Process), process.id()) == ([], None)
    with pytest.raises(Busy):
        await leases.hold("other")


@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
async def test_a_process_that_lives_keeps_what_it_sends(houses: Houses):
    first, _lives = houses.start()
    slow = asyncio.Event()
    first.pigeons.trouble["alpha"] = [slow]
    sending = asyncio.create_task(first.worker.drain())
    await until(lambda: not first.pigeons.trouble["alpha"])

    second, process = houses.start()
    process.look()
    second.real.now += timedelta(seconds=30)
    await second.run()
    slow.set()
    await sending

    assert (second.states("pigeon:alpha"), second.pigeons.looked) == (["sent"], [])
    assert len(second.rows(Process)) == 2


@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
async def test_the_processes_that_send_and_live_share_the_limits_of_a_platform(houses: Houses):
    (first, process), (second, other) = houses.start(), houses.start()
    pages = RunningProcess(first.store, houses.url, ["web"])
    pages.look()
    process.look()
    await first.run()
    await second.run()
    assert (first.pigeons.processes, second.pigeons.processes) == (2, 2)

    houses.lose_connection(other)
    process.look()
    await first.run()
    pages.stop()

    assert first.pigeons.processes == 1


@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
async def test_a_process_that_lost_its_lock_sends_nothing_until_it_has_another_under_a_new_id(houses: Houses):
    first, process = houses.start()
    second, other = houses.start()
    before = process.id()
    houses.lose_connection(process)
    other.look()
    houses.elapsed_s += SURE_FOR_S

    assert process.id() is None
    await first.run()
    assert first.states("pigeon:alpha") == ["due"]

    process.look()
    await first.run()

    assert process.id() not in (None, before)
    assert (first.states("pigeon:alpha"), len(second.rows(Process))) == (["sent"], 2)


@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
async def test_what_it_claimed_before_it_lost_its_lock_is_sent_by_another(houses: Houses):
    first, process = houses.start()
    first.pigeons.trouble["alpha"] = [SILENT]
    await first.run()
    looking = asyncio.Event()
    first.pigeons.looks_wait = [looking]
    slow = asyncio.create_task(first.run(seconds=5))
    await until(lambda: not first.pigeons.looks_wait)
    second, other = houses.start()
    houses.lose_connection(process)
    other.look()
    houses.elapsed_s += SURE_FOR_S
    looking.set()
    await slow

    assert first.pigeons.at("alpha") == []
    other.look()
    await second.run()
    assert len(second.pigeons.at("alpha")) == 1
