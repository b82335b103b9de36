"""A destination that has received nothing for ten minutes is shown to everyone until something arrives there."""

import pytest

from bot.domain.subscriptions import Mode
from bot.reading.context import ReadContext
from bot.reading.health import database_figures, work_checks
from bot.reading.home import home
from bot.store import people
from bot.views.plain import say_plain
from tests.worker.test_outbox import FULL, GONE
from tests.worker.world import World

on_both_engines = pytest.mark.usefixtures("engine_name")


@pytest.fixture
def told(world: World) -> World:
    """A published incident; two lofts are told of it."""
    world.subscribe("pigeon:alpha")
    world.subscribe("pigeon:beta")
    world.do("ana", "declare Pages hang sev:1 on:chatgpt=major")
    world.publish()
    return world


async def wait(world: World, minutes: int) -> None:
    await world.run(seconds=60 * minutes)


def shown(world: World) -> list[str]:
    """What Ben, who did not publish, reads on Home; and as many as /metrics and doctor count."""
    with world.store.read() as tx:
        ben = next(each for each in people.all_people(tx) if each.handle == "ben")
        lines = home(ReadContext(tx, world.actions, ben)).failing
        zone = world.organisation.zone
        failing = [each.words for each in work_checks(tx, zone, ()) if "nothing has arrived since" in each.words]
        assert len(lines) == database_figures(tx).destinations_failing == len(failing)
        return [say_plain(line.words, zone) for line in lines]


@on_both_engines
async def test_it_is_shown_after_ten_minutes_and_until_something_arrives(told: World):
    told.pigeons.trouble["alpha"] = [FULL] * 99
    await told.run()
    await wait(told, 9)
    assert shown(told) == []

    await wait(told, 1)
    assert shown(told) == [
        "Nothing has reached #alpha on Pigeon since 5:15 AM ET (09:15 UTC): "
        "the address answers 503; check it with its owner. 1 waiting, 0 failed."
    ]

    told.do("ben", "publish nochange:yes")
    await told.run()
    assert shown(told)[0].endswith("2 waiting, 0 failed.")

    told.pigeons.trouble.clear()
    await wait(told, 5)
    assert told.states("pigeon:alpha") == ["sent", "sent"]
    assert shown(told) == []


async def test_one_that_was_given_up_is_shown_until_something_arrives(told: World):
    told.pigeons.trouble["alpha"] = [GONE]
    await told.run()
    await wait(told, 10)
    assert [each.rpartition(". ")[2] for each in shown(told)] == ["0 waiting, 1 failed."]

    told.do("ben", "publish nochange:yes")
    await told.run()
    assert (told.states("pigeon:alpha"), shown(told)) == (["dead", "sent"], [])


async def test_since_when_does_not_change_if_a_newer_state_replaces_what_waits(world: World):
    world.subscribe("pigeon:alpha", Mode.CURRENT)
    world.do("ana", "declare Pages hang sev:1 on:chatgpt=major")
    world.publish()
    world.pigeons.trouble["alpha"] = [FULL] * 99
    await world.run()
    await wait(world, 8)
    world.publish("update identified It is the cache.")
    await world.run()
    await wait(world, 2)

    assert "since 5:15 AM ET" in shown(world)[0]


async def test_one_that_is_no_longer_subscribed_is_not_shown(told: World):
    told.pigeons.trouble["alpha"] = [GONE]
    await told.run()
    await wait(told, 10)
    told.do("ana", "unsubscribe pigeon:alpha")

    assert shown(told) == []


async def test_doctor_says_how_to_send_it_again(told: World):
    told.pigeons.trouble["alpha"] = [GONE]
    await told.run()
    await wait(told, 10)
    with told.store.read() as tx:
        (found,) = [each for each in work_checks(tx, told.organisation.zone, ()) if "#alpha" in each.what]

    assert found.words.endswith(
        "the channel was deleted; unsubscribe it. Fix the cause, then run `foghorn incident deliveries INC-1 update:1 "
        "retry:yes`"
    )
    told.do("ana", found.words.split("incident ")[-1].rstrip("`"))
    await told.run()
    assert told.states("pigeon:alpha") == ["sent"]


async def test_of_many_the_first_ten_are_named_and_the_rest_is_counted(world: World):
    for number in range(12):
        world.subscribe(f"pigeon:loft-{number:02}")
        world.pigeons.trouble[f"loft-{number:02}"] = [GONE]
    world.do("ana", "declare Pages hang sev:1 on:chatgpt=major")
    world.publish()
    await world.run()
    await wait(world, 10)

    with world.store.read() as tx:
        said = [f"{each.what}: {each.words}" for each in work_checks(tx, world.organisation.zone, ())]
        page = home(ReadContext(tx, world.actions, world.person("ben")))
    assert sum("loft-" in each for each in said) == len(page.failing) == 10
    assert "destinations: 2 more have received nothing for ten minutes" in said
    assert page.failing_count == 12
