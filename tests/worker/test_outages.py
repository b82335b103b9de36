"""A platform that cannot be reached: people on the other one and on the console are told once, and when it is back."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from threading import Thread

import pytest

from bot.changes import ChangeFeed
from bot.commands.invocation import Account, Place
from bot.connections import Connections, Traffic
from bot.domain.deliveries import Delivery, DeliveryKind
from bot.intake.desk import Desk
from bot.reading.context import ReadContext
from bot.reading.pages import frame
from bot.store import leases
from bot.store.elapsed import ElapsedClock
from bot.store.people import by_handle
from bot.worker.outages import Outages
from tests.harness import CROWD, Harness, run_line

AWAY = (
    "Slack has not been reachable since 5:15 AM ET (09:15 UTC). Foghorn keeps trying. Until it is, commands there do "
    "not arrive, and what Foghorn sends there waits."
)

on_sqlite = pytest.mark.parametrize("engine_name", ["sqlite"])  # where the engine makes no difference


@dataclass
class Platform:
    """A connection that a test cuts."""

    connected: bool = True
    refused: int = 0
    traffic: Traffic = field(default_factory=Traffic)


class Process:
    """What one process sees of Slack and Discord."""

    def __init__(self, world: "World") -> None:
        self.slack, self.discord = Platform(), Platform()
        connections = Connections({"slack": self.slack, "discord": self.discord}, lambda: world.elapsed_s)
        harness = world.harness
        self.outages = Outages(harness.store, harness.actions, connections, ChangeFeed(), harness.desk.in_thread)

    def look(self) -> bool:
        return self.outages.look()


class World:
    """An open incident with a room on Slack and one on Discord."""

    def __init__(self, url: str) -> None:
        organisation = CROWD.model_copy(update={"rooms": CROWD.rooms.model_copy(update={"where": "all"})})
        self.harness = Harness(url, organisation)
        both = ("slack", "discord")
        self.harness.actions = replace(self.harness.actions, platforms=("local", *both), room_platforms=both)
        self.harness.desk.close()
        self.harness.desk = Desk(self.harness.store, self.harness.actions)
        run_line(self.harness.desk, "declare API down", Account("cli", "ana"), Place("cli"))
        self.elapsed_s = 0.0

    def later(self, seconds: float, *processes: Process) -> list[bool]:
        """Time passes; then each process looks."""
        self.elapsed_s += seconds
        self.harness.clock.now += timedelta(seconds=seconds)
        return [process.look() for process in processes]

    def told(self) -> list[tuple[str, str]]:
        rows = [row for row in self.harness.rows(Delivery) if row.kind is DeliveryKind.NOTICE]
        return [(str(row.destination), row.body) for row in sorted(rows, key=lambda row: row.number)]

    def shown(self) -> tuple[str, ...]:
        """Above every page of the console."""
        with self.harness.store.read() as tx:
            ana = by_handle(tx, "ana")
            assert ana is not None
            return frame(ReadContext(tx, self.harness.actions, ana)).notes


@pytest.fixture
def world(migrated_url: str) -> Iterator[World]:
    world = World(migrated_url)
    yield world
    world.harness.close()


def test_an_outage_is_told_once_in_the_other_platforms_room_and_on_the_console(world: World) -> None:
    one, other = Process(world), Process(world)
    one.look()
    one.slack.connected = other.slack.connected = False
    assert world.later(0, one, other) == [False, False]
    assert world.later(59, one, other) == [False, False]
    assert (world.told(), world.shown()) == ([], ())

    assert world.later(1, one, one, other) == [True, False, False]
    assert world.told() == [("discord:room:INC-1:outage", AWAY)]
    assert world.shown() == (AWAY,)


@on_sqlite
def test_it_is_told_when_the_platform_is_back_and_a_restart_tells_nothing_again(world: World) -> None:
    one = Process(world)
    one.look()
    one.slack.connected = False
    world.later(0, one)
    world.later(60, one)
    again = Process(world)
    again.slack.connected = False
    assert world.later(120, again) == [False]
    again.slack.connected = True
    assert world.later(180, again, again) == [True, False]

    words = "Slack is reachable again, after 6 minutes. What waited is being delivered."
    assert world.told()[1:] == [("discord:room:INC-1:outage", words)]
    assert world.shown() == ()


@on_sqlite
def test_an_outage_that_another_process_does_not_see_is_not_told(world: World) -> None:
    one, other = Process(world), Process(world)
    one.slack.connected = False
    found = [world.later(20, one, other) for _ in range(6)]

    assert not any(any(each) for each in found)
    assert world.told() == []


@on_sqlite
def test_a_process_that_stands_by_does_not_hide_the_outage_that_the_holder_sees(world: World) -> None:
    holder, waiting = Process(world), Process(world)
    waiting.discord.traffic.elsewhere = True
    holder.discord.connected = False
    assert world.later(0, holder, waiting) == [False, False]
    assert world.later(61, waiting, holder) == [False, True]
    assert [place for place, _ in world.told()] == ["slack:room:INC-1:outage"]


@on_sqlite
def test_a_platform_that_was_never_reached_is_told_after_a_minute(world: World) -> None:
    one = Process(world)
    one.slack.connected = False
    assert world.later(30, one) == [False]
    assert world.later(31, one) == [True]


def test_two_processes_that_notice_at_once_tell_once(world: World) -> None:
    processes = [Process(world), Process(world)]
    for process in processes:
        process.slack.connected = False
        process.look()
    world.later(61)
    told: list[bool] = []
    threads = [Thread(target=lambda each=each: told.append(each.look())) for each in processes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(told) == [False, True]
    assert len(world.told()) == 1


@on_sqlite
def test_stored_values_that_cannot_be_read_stop_nothing(world: World) -> None:
    with world.harness.store.write() as tx:
        for name in ("outage:slack", "connected:slack", "clock"):
            leases.remember(tx, name, "nonsense")
    one = Process(world)

    assert world.later(15, one) == [True]  # people were told of something, so they are told that it is over
    assert world.shown() == ()
    assert ElapsedClock(world.harness.store)() is not None
