"""One update to many destinations: what is claimed or arrives together shares its transactions."""

import asyncio

import pytest
from sqlalchemy import event

from bot.domain.deliveries import Delivery
from bot.domain.subscriptions import Mode
from bot.errors import SendFailed
from bot.ports import MAX_CONCURRENT
from bot.store.transaction import Transaction
from tests.worker.test_outbox import until
from tests.worker.world import FACTS, World

MANY = 4 * MAX_CONCURRENT
GONE = SendFailed("the channel was deleted; unsubscribe it", permanent=True)


@pytest.fixture
def told(world: World) -> World:
    """A published incident that many lofts are told of."""
    for number in range(MANY):
        world.subscribe(f"pigeon:loft-{number:03}")
    world.do("ana", "declare Pages hang sev:1 on:chatgpt=major")
    world.publish()
    return world


def states(world: World) -> list[str]:
    return [row.state.value for row in world.rows(Delivery) if row.destination.platform == "pigeon"]


@pytest.mark.usefixtures("engine_name")
async def test_commits_are_fewer_than_the_deliveries_that_they_settle(told: World) -> None:
    commits: list[Transaction] = []
    told.store.after_commit.append(commits.append)

    await told.worker.drain()

    assert states(told) == ["sent"] * MANY
    assert sorted(kept.place for kept in told.pigeons.kept) == [f"loft-{number:03}" for number in range(MANY)]
    assert len(commits) < MANY


async def test_what_many_edits_have_in_common_is_read_once(world: World) -> None:
    lofts = [f"loft-{number:03}" for number in range(MANY)]
    for loft in lofts:
        world.subscribe(f"pigeon:{loft}", Mode.CURRENT)
    world.do("ana", "declare Pages hang sev:1 on:chatgpt=major")
    world.publish()
    world.pigeons.max_concurrent = MANY
    await world.worker.drain()
    world.later(10)
    world.do("ben", "publish nochange:yes")
    answers = asyncio.Event()
    world.pigeons.trouble = {loft: [answers] for loft in lofts}
    asked: list[str] = []
    event.listen(world.store.engine, "before_cursor_execute", lambda _c, _k, statement, *_: asked.append(statement))

    sending = asyncio.create_task(world.worker.drain())
    await until(lambda: not any(world.pigeons.trouble.values()))  # all of them are being sent
    selects = [statement for statement in asked if statement.startswith("SELECT")]
    answers.set()
    await sending

    assert len(selects) < MANY / 2
    assert [kept.act for kept in world.pigeons.kept].count("edit") == MANY


async def test_replacing_and_correcting_what_waits_takes_as_many_statements_for_many_channels(world: World) -> None:
    for number in range(MANY):
        world.subscribe(f"pigeon:loft-{number:03}", Mode.THREAD)
    world.do("ana", "declare Pages hang sev:1 on:chatgpt=major")
    asked: list[str] = []
    event.listen(world.store.engine, "before_cursor_execute", lambda _c, _k, statement, *_: asked.append(statement))
    counts = []
    for line in (
        f"update investigating {FACTS}",
        "update identified It is the cache.",
        'correct wrong:"without end" right:"for minutes"',
    ):
        asked.clear()
        world.publish(line)
        counts.append(len(asked))
        world.later(10)

    assert max(counts) < counts[0] + MANY, counts


async def test_a_worker_stops_after_a_claim_that_took_as_many_as_it_could(told: World) -> None:
    await told.worker.start()
    await until(lambda: states(told) == ["sent"] * MANY)

    await told.worker.stop()


async def test_one_that_fails_is_settled_by_itself(told: World) -> None:
    told.pigeons.trouble["loft-003"] = [GONE]

    await told.worker.drain()

    assert told.states("pigeon:loft-003") == ["dead"]
    assert states(told).count("sent") == MANY - 1


async def test_one_that_another_process_took_over_meanwhile_is_left_to_it(told: World) -> None:
    def take_over(_tx: Transaction) -> None:
        told.store.after_commit.remove(take_over)
        with told.store.write() as tx:
            row = next(row for row in told.rows(Delivery) if row.destination.place == "loft-003")
            row.lease_owner = "prc_other lse_1"
            tx.session.add(row)

    told.store.after_commit.append(take_over)

    await told.worker.drain()

    assert told.one("pigeon:loft-003").lease_owner == "prc_other lse_1"
    assert states(told).count("sent") == MANY - 1


@pytest.mark.usefixtures("engine_name")
@pytest.mark.parametrize("engine_name", ["postgresql"])
async def test_postgresql_does_not_compare_each_waiting_delivery_with_each(told: World) -> None:
    asked: list[tuple[str, object]] = []

    def note(_connection: object, _cursor: object, statement: str, values: object, *_: object) -> None:
        asked.append((statement, values))

    event.listen(told.store.engine, "before_cursor_execute", note)
    await told.worker.drain()
    event.remove(told.store.engine, "before_cursor_execute", note)
    claims = [(statement, values) for statement, values in asked if "SKIP LOCKED" in statement]

    with told.store.engine.connect() as connection:
        plan = "\n".join(row[0] for row in connection.exec_driver_sql(f"EXPLAIN {claims[0][0]}", claims[0][1]))
    assert "hashed SubPlan" in plan
    assert "Join Filter" not in plan


async def test_a_command_does_not_read_what_went_to_subscribers_to_find_the_cards(told: World) -> None:
    asked: list[tuple[str, object]] = []

    def note(_connection: object, _cursor: object, statement: str, values: object, *_: object) -> None:
        asked.append((statement, values))

    event.listen(told.store.engine, "before_cursor_execute", note)
    told.do("ana", "note It is the cache.")
    event.remove(told.store.engine, "before_cursor_execute", note)
    reads = [each for each in asked if each[0].startswith("SELECT") and "FROM delivery" in each[0]]

    with told.store.engine.connect() as connection:
        plans = [connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", values).all() for sql, values in reads]
    assert plans
    assert [plan for plan in plans if "(incident_id=? AND kind=?)" not in str(plan)] == []
