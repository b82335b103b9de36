"""The wall clock is moved: retries and leases count elapsed time, in every process; reminders follow the wall clock."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from bot import ids
from bot.domain.nudges import Nudge
from bot.errors import SendFailed
from bot.intake.leases import LASTS, Leases
from bot.store import leases
from bot.store.elapsed import NAME, ElapsedClock
from bot.views import DeliveryReport
from bot.worker.outbox import LEASE
from bot.worker.ticks import Worker
from tests.harness import Clock
from tests.worker.world import World

FULL = SendFailed("the address answers 503; check it with its owner")
HOUR_S = 3600.0
back_and_forward = pytest.mark.parametrize("moved_s", [-HOUR_S, 24 * HOUR_S])
pytestmark = pytest.mark.usefixtures("engine_name")


@dataclass
class Machine:
    """A wall clock that can be moved, and the time that elapses whatever it shows."""

    wall: Clock
    elapsed_s: float = 100.0
    others: list[World] = field(default_factory=list)

    def wait(self, seconds: float) -> None:
        self.wall.now += timedelta(seconds=seconds)
        self.elapsed_s += seconds

    def move(self, seconds: float) -> None:
        self.wall.now += timedelta(seconds=seconds)

    def employ(self, world: World, *, booted_s: float = 0.0) -> World:
        """Give a process a worker that goes by this machine's clocks, as `main` does."""
        clock = ElapsedClock(
            world.store,
            wall=self.wall,
            elapsed=lambda: self.elapsed_s + booted_s,
            reference=lambda _tx: self.wall(),
        )
        world.store.real = clock
        world.worker = Worker(
            world.store,
            world.actions,
            world.desk.in_thread,
            world.messengers,
            world.changes,
            clock,
            on_tick=clock.keep,
        )
        return world

    def another(self, world: World) -> World:
        """A second process on the same database."""
        self.others.append(self.employ(World(world.url, like=world), booted_s=5_000.0))
        return self.others[-1]


@pytest.fixture
def machine(world: World) -> Iterator[Machine]:
    machine = Machine(world.real)
    machine.employ(world)
    world.subscribe("pigeon:alpha")
    world.do("ana", "declare Pages hang sev:1 on:chatgpt=major")
    yield machine
    for other in machine.others:
        other.close()


async def at_work(*worlds: World) -> None:
    """A second's work of each process."""
    for world in worlds:
        await world.worker.tick()
        await world.worker.drain()


def distance_s(world: World) -> float:
    """What the database remembers of moves."""
    with world.store.read() as tx:
        return float(leases.recall(tx, NAME) or 0)


async def failed_once(world: World) -> float:
    """An update whose first attempt failed; in how many seconds it is tried again."""
    world.publish()
    world.pigeons.trouble["alpha"] = [FULL]
    await at_work(world)
    due_at = world.one("pigeon:alpha").due_at
    assert due_at is not None
    return (due_at - world.store.real()).total_seconds()


@pytest.mark.parametrize("moved_s", [-HOUR_S, -120.0, 120.0, 24 * HOUR_S])
async def test_a_retry_comes_after_its_delay_whatever_the_wall_clock_shows(
    world: World, machine: Machine, moved_s: float
):
    delay_s = await failed_once(world)

    machine.move(moved_s)
    await at_work(world)
    early = world.states("pigeon:alpha")
    machine.wait(delay_s + 1)
    await at_work(world)

    assert (early, world.states("pigeon:alpha")) == (["due"], ["sent"])


@back_and_forward
async def test_two_processes_agree_on_retries_and_so_does_a_third_that_starts_later(
    world: World, machine: Machine, moved_s: float
):
    second = machine.another(world)
    delay_s = await failed_once(world)

    machine.move(moved_s)
    await at_work(world, second, world, second)
    third = machine.another(world)
    await at_work(third)
    early = world.states("pigeon:alpha")
    clocks = [process.store.real() for process in (world, second, third)]
    machine.wait(delay_s + 1)
    await at_work(third)

    assert max(clocks) - min(clocks) < timedelta(seconds=1)
    assert distance_s(world) == pytest.approx(-moved_s, abs=1)
    assert (early, world.states("pigeon:alpha"), len(world.pigeons.at("alpha"))) == (["due"], ["sent"], 1)


@back_and_forward
async def test_what_another_process_is_sending_is_left_to_it(world: World, machine: Machine, moved_s: float):
    second = machine.another(world)
    world.pigeons.trouble["alpha"] = [slow := asyncio.Event()]
    world.publish()
    sending = asyncio.create_task(world.worker.drain())
    while world.pigeons.trouble["alpha"]:
        await asyncio.sleep(0.01)

    machine.move(moved_s)
    await at_work(second, second)
    slow.set()
    await sending

    assert (world.states("pigeon:alpha"), world.pigeons.looked, len(world.pigeons.at("alpha"))) == (["sent"], [], 1)


@back_and_forward
async def test_what_a_dead_process_was_sending_is_taken_up_after_its_lease(
    world: World, machine: Machine, moved_s: float
):
    second = machine.another(world)
    world.pigeons.trouble["alpha"] = [asyncio.Event()]
    world.publish()
    sending = asyncio.create_task(world.worker.drain())
    while world.pigeons.trouble["alpha"]:
        await asyncio.sleep(0.01)
    sending.cancel()
    with suppress(asyncio.CancelledError):
        await sending

    machine.move(moved_s)
    await at_work(second)
    machine.wait(LEASE.total_seconds() + 1)
    await at_work(second)

    assert (second.states("pigeon:alpha"), len(world.pigeons.at("alpha"))) == (["sent"], 1)


@back_and_forward
async def test_the_one_connection_changes_hands_after_its_lease(world: World, machine: Machine, moved_s: float):
    second = machine.another(world)
    first, other = (Leases(each.store, each.desk.in_thread, each.store.real) for each in (world, second))
    assert await first.hold("discord:gateway")

    machine.move(moved_s)
    await at_work(world, second)
    early = await other.hold("discord:gateway")
    machine.wait(LASTS.total_seconds() + 1)

    assert (early, await other.hold("discord:gateway")) == (False, True)


async def test_a_clock_that_was_moved_and_moved_back_leaves_no_trace(world: World, machine: Machine):
    second = machine.another(world)
    for moved_s in (-HOUR_S, HOUR_S):
        machine.move(moved_s)
        await at_work(world, second)
        machine.wait(1)

    assert distance_s(world) == pytest.approx(0, abs=1)


async def test_moves_add_up(world: World, machine: Machine):
    second = machine.another(world)
    for moved_s in (-HOUR_S, -120.0, 600.0):
        machine.move(moved_s)
        await at_work(second, world)
        machine.wait(1)

    assert distance_s(world) == pytest.approx(HOUR_S + 120 - 600, abs=1)


async def test_a_clock_that_is_only_corrected_by_seconds_is_followed(world: World, machine: Machine):
    machine.move(20)
    await at_work(world)

    assert (distance_s(world), world.store.real()) == (0, machine.wall())


async def test_a_process_that_was_stopped_alone_follows_the_others(world: World, machine: Machine):
    reference = Clock(machine.wall())
    clock = ElapsedClock(
        world.store, wall=machine.wall, elapsed=lambda: machine.elapsed_s, reference=lambda _tx: reference()
    )
    reference.now += timedelta(minutes=10)  # neither this machine's clock nor its elapsed time went on
    clock.keep()

    assert (distance_s(world), clock()) == (0, reference())


async def test_a_move_is_made_up_for_when_the_database_answers_again(world: World, machine: Machine):
    clock = world.store.real
    before = clock()
    machine.move(-HOUR_S)
    machine.wait(90)
    await at_work(world)

    assert clock() - before == timedelta(seconds=90)


async def test_the_next_try_is_shown_by_the_clock_on_the_wall(world: World, machine: Machine):
    delay_s = await failed_once(world)
    machine.move(-HOUR_S)
    await at_work(world)

    report = world.as_person("ana")("deliveries")

    assert isinstance(report, DeliveryReport)
    (shown,) = [line.at for line in report.lines if str(line.destination) == "#alpha"]
    assert shown is not None
    assert abs(shown - world.clock.now - timedelta(seconds=delay_s)) < timedelta(seconds=1)


async def test_what_was_sent_while_the_clock_was_ahead_is_looked_for_among_older_messages(
    world: World, machine: Machine
):
    delay_s = 5
    world.publish()
    world.pigeons.trouble["alpha"] = ["lost"]
    await at_work(world)

    world.later(-60)
    machine.wait(delay_s)
    await at_work(world)

    assert (world.states("pigeon:alpha"), len(world.pigeons.at("alpha"))) == (["sent"], 1)
    assert world.pigeons.looked_since[0] <= world.clock.now


@pytest.mark.usefixtures("machine")
@pytest.mark.parametrize("minutes", [-6, -60])
async def test_reminders_follow_the_wall_clock_and_none_is_sent_twice(world: World, minutes: float):
    world.publish()
    await world.run_until("05:27")
    sent = [nudge.step for nudge in world.rows(Nudge)]

    world.later(minutes)
    await at_work(world)
    after = [nudge.step for nudge in world.rows(Nudge)]
    await world.run_until("05:31")

    assert (sent, after) == ([-5], [-5])
    assert [nudge.step for nudge in world.rows(Nudge)] == [-5, 0]


def test_ids_made_after_the_clock_was_set_back_still_sort_later():
    names = [ids.new_id("dlv")]
    ids.go_by(lambda: time.time() - HOUR_S)
    try:
        names += [ids.new_id("dlv") for _ in range(3)]
    finally:
        ids.go_by(time.time)

    assert names == sorted(names)
