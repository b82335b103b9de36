"""A row that Foghorn cannot handle is set aside and shown as failed; everything else goes on."""

import logging
from collections.abc import Iterator

import pytest
from sqlalchemy import text

from tests.harness import say
from tests.worker.world import World

on_sqlite = pytest.mark.parametrize("engine_name", ["sqlite"])  # where the engine makes no difference


@pytest.fixture
def world(migrated_url: str) -> Iterator[World]:
    world = World(migrated_url)
    for place in ("alpha", "beta", "gamma"):
        world.subscribe(f"pigeon:{place}")
    world.do("ana", "declare Pages hang sev:1 on:chatgpt=major")
    yield world
    world.close()


def poison(world: World, change: str, destination: str = "pigeon:alpha") -> None:
    """Publish, and change a delivery as no version of Foghorn does."""
    world.publish('update INC-1 investigating sees:"pages load without end" who:worldwide since:05:10')
    with world.store.write() as tx:
        tx.session.connection().execute(
            text(f"UPDATE delivery SET {change} WHERE destination = :place"), {"place": destination}
        )


@pytest.mark.parametrize(
    ("engine_name", "change"),
    [("sqlite", "kind = 'x'"), ("sqlite", "act = 'x'"), ("postgresql", "kind = 'x', act = 'x'")],
)
async def test_a_kind_that_only_another_version_knows_waits_a_minute_for_it_and_is_then_set_aside(
    world: World, change: str
) -> None:
    poison(world, change)
    await world.run()
    assert [world.states(f"pigeon:{place}") for place in ("alpha", "beta", "gamma")] == [["due"], ["sent"], ["sent"]]
    assert "#alpha: waiting" in say(world.ana("deliveries INC-1"))

    await world.run(seconds=61)
    assert world.one("pigeon:alpha").reason == "Foghorn: this version does not know its kind"
    assert "#alpha: failed" in say(world.ana("deliveries INC-1"))
    for line in ("update INC-1 identified We know where the failure is.", "publish INC-1"):
        world.do("ana", line)
    world.do("ben", "approve INC-1")
    await world.run()
    assert world.states("pigeon:alpha") == ["dead", "sent"]
    assert world.worker.failing == ""


@on_sqlite  # PostgreSQL accepts no such value
async def test_a_row_that_cannot_be_read_is_set_aside_at_once(world: World) -> None:
    poison(world, "due_at = 'nonsense'")
    await world.run()

    assert [world.states(f"pigeon:{place}") for place in ("alpha", "beta", "gamma")] == [["dead"], ["sent"], ["sent"]]
    assert world.worker.failing == ""


@on_sqlite
async def test_a_message_over_which_foghorn_itself_stumbles_is_given_up_within_a_minute(world: World) -> None:
    world.pigeons.trouble["alpha"] = [ValueError("a surprise") for _ in range(20)]
    world.publish()
    await world.run()
    assert (world.states("pigeon:alpha"), world.states("pigeon:beta")) == (["due"], ["sent"])
    for seconds in (1, 3, 10, 30):
        await world.run(seconds=seconds)

    assert world.states("pigeon:alpha") == ["dead"]
    assert "Foghorn had an internal error (code " in world.one("pigeon:alpha").reason


@on_sqlite
async def test_a_subscription_with_an_unknown_value_stops_no_publication(world: World) -> None:
    with world.store.write() as tx:
        for place, change in (("alpha", "mode"), ("beta", "audience"), ("gamma", "minimum_severity")):
            statement = text(f"UPDATE subscription SET {change} = 'x' WHERE destination = :place")
            tx.session.connection().execute(statement, {"place": f"pigeon:{place}"})
    world.publish()
    await world.run()

    assert [world.states(f"pigeon:{place}") for place in ("alpha", "beta", "gamma")] == [["sent"]] * 3


@on_sqlite
async def test_reminders_of_one_incident_do_not_wait_for_those_of_another(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.do("ana", "declare! Search hangs sev:1 on:api=major")
    with world.store.write() as tx:
        tx.session.connection().execute(text("UPDATE incident SET stage = 'nonsense' WHERE number = 1"))
    with caplog.at_level(logging.ERROR):
        await world.run(seconds=300)
        await world.run(seconds=1)

    with world.store.read() as tx:
        asked = tx.session.connection().execute(
            text("SELECT number FROM nudge JOIN incident ON incident.id = incident_id")
        )
        assert set(asked.scalars()) == {2}
    assert world.worker.failing.startswith("reminders failed (code ")
    assert caplog.text.count("reminders failed, code") == 1  # told once for as long as it lasts
