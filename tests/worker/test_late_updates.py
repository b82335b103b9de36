"""Who published an update is told once that it has not arrived everywhere, and can retry or stop it."""

from dataclasses import replace

import pytest

from bot.domain.deliveries import Delivery, DeliveryKind
from bot.intake.desk import Desk
from bot.reading.context import ReadContext
from bot.reading.home import home
from bot.store import people
from bot.views import DeliveryReport, OpenRoom, RoomStep
from tests.harness import buttons, organisation, say
from tests.worker.test_outbox import FULL
from tests.worker.world import Pigeons, World

on_both_engines = pytest.mark.usefixtures("engine_name")
SAID = "Update 1 (investigating) of INC-1 has not reached 1 of 4 destinations yet. Foghorn keeps trying."


@pytest.fixture
def told(world: World) -> World:
    """A published incident; alpha refuses for a long time, beta does not."""
    world.subscribe("pigeon:alpha")
    world.subscribe("pigeon:beta")
    world.do("ana", "declare Pages hang sev:1 on:chatgpt=major")
    world.publish()
    world.pigeons.trouble["alpha"] = [FULL] * 30
    return world


async def a_minute(world: World) -> None:
    """From the first attempt, in steps that end when it is tried again."""
    for seconds in (0, 1, 3, 10, 30, 15):
        await world.run(seconds=seconds)


async def minutes(world: World, number: int) -> None:
    for _ in range(number):
        await world.run(seconds=60)


def notes(world: World) -> list[Delivery]:
    return [row for row in world.rows(Delivery) if row.kind is DeliveryKind.LATE and row.target is None]


def reports(world: World) -> list[DeliveryReport]:
    """What Ana sees on Home."""
    with world.store.read() as tx:
        ana = next(each for each in people.all_people(tx) if each.handle == "ana")
        direct = home(ReadContext(tx, world.actions, ana)).direct
        return [each.post for each in direct if isinstance(each.post, DeliveryReport)]


def press(world: World, label: str) -> None:
    (shown,) = reports(world)
    world.press("ana", buttons(shown)[label])


@on_both_engines
async def test_after_a_minute_the_publisher_reads_why_how_often_and_when_next(told: World):
    await a_minute(told)
    assert notes(told) == []

    await told.run(seconds=2)

    (shown,) = reports(told)
    assert say(shown).splitlines()[0] == SAID
    (line,) = shown.lines
    assert (line.reason, line.attempts) == (FULL.reason, 5)
    assert line.at is not None
    assert line.at > told.clock.now
    assert f"{FULL.reason} · 5 attempts; next attempt at " in say(shown)


async def test_it_is_told_once(told: World):
    await a_minute(told)
    await minutes(told, 3)

    assert [str(row.destination) for row in notes(told)] == ["local:@ana"]


async def test_what_is_late_for_less_than_a_minute_is_not_told(told: World):
    told.pigeons.trouble["alpha"] = [FULL] * 4
    await a_minute(told)
    await minutes(told, 1)

    assert notes(told) == []


async def test_retry_now_tries_at_once(told: World):
    await a_minute(told)
    await told.run(seconds=2)
    told.pigeons.trouble["alpha"] = []
    press(told, "Retry now")
    await told.run()

    assert told.states("pigeon:alpha") == ["sent"]
    assert told.record("delivery retried") == ["#alpha on Pigeon"]


async def test_stop_ends_the_attempts_and_the_record_says_who_did_it(told: World):
    await a_minute(told)
    await told.run(seconds=2)
    press(told, "Stop")
    tried = told.one("pigeon:alpha").attempts
    await minutes(told, 2)

    row = told.one("pigeon:alpha")
    assert (row.state, row.reason, row.attempts) == ("cancelled", "stopped by Ana Silva", tried)
    assert told.record("delivery stopped") == ["#alpha on Pigeon"]
    assert reports(told) == []


async def test_what_has_arrived_cannot_be_stopped(told: World):
    told.pigeons.trouble["alpha"] = []
    await told.run()

    answer = told.as_person("ana")("deliveries stop:yes")

    assert say(answer).startswith("No delivery of this update is waiting, so nothing was stopped.")


async def test_retry_now_of_a_later_update_tries_the_one_that_it_waits_for(told: World):
    await a_minute(told)
    await told.run(seconds=2)
    told.do("ben", "publish nochange:yes")
    await told.run()
    told.pigeons.trouble["alpha"] = []
    told.do("ana", "deliveries update:2 retry:yes")
    await told.run()

    assert told.states("pigeon:alpha") == ["sent", "sent"]


async def test_stopping_an_update_lets_the_next_one_pass(told: World):
    await a_minute(told)
    await told.run(seconds=2)
    told.do("ben", "publish nochange:yes")
    await told.run()
    told.do("ana", "deliveries update:1 stop:yes")
    told.pigeons.trouble["alpha"] = []
    await told.run()

    assert told.states("pigeon:alpha") == ["cancelled", "sent"]


class Lofts(Pigeons):
    """Pigeons with a room for each incident."""

    async def change_room(self, _channel: str, step: RoomStep, _delivery: str) -> str:
        return "room inc-1" if isinstance(step, OpenRoom) else "done"


async def test_in_the_incidents_room_the_note_says_later_how_it_went_on(world: World):
    world.pigeons = world.messengers["pigeon"] = Lofts()
    everywhere = organisation(rooms={"where": "all"})
    world.actions = replace(world.actions, room_platforms=("pigeon",), organisation=everywhere)
    world.desk = Desk(world.store, world.actions)
    world.worker = world.hire()
    world.subscribe("pigeon:alpha")
    world.do("ana", "declare Pages hang sev:1 on:chatgpt=major")
    await world.run()
    world.publish()
    world.pigeons.trouble["alpha"] = [FULL] * 6
    await a_minute(world)
    await minutes(world, 4)

    written = [
        (kept.act, str(kept.post.lead and say(kept.post).splitlines()[0]), [each.label for each in kept.post.buttons])
        for kept in world.pigeons.at("room")
        if isinstance(kept.post, DeliveryReport) and not kept.post.body
    ]
    late = SAID.replace("4", "3")
    over = "Update 1 (investigating) of INC-1 is no longer late anywhere."
    assert written[0] == ("send", late, ["Retry now", "Stop"])
    assert written[-1] == ("edit", over, [])
    assert {act for act, _said, _buttons in written[1:]} == {"edit"}
