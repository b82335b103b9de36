"""The inbox: kept before the acknowledgement, in shared commits, or refused and then never carried out."""

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from threading import Event, Thread

import pytest
from sqlalchemy import event
from sqlmodel import select

from bot.domain.record import InboxRow, InboxState
from bot.errors import Busy
from bot.intake.inbox import Inbox
from bot.store import inbox as queries
from bot.store.engine import make_engine
from bot.store.running import RunningProcess
from bot.store.transaction import Store, Transaction
from tests.patience import LONG_S, fair

NOW = datetime(2026, 4, 20, 9, 12, tzinfo=UTC)


class Clock:
    """The time of the story."""

    now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(migrated_url: str, clock: Clock) -> Iterator[Store]:
    store = Store(make_engine(migrated_url), clock)
    store.real = clock
    yield store
    store.close()


@pytest.fixture
def file_store(migrated_sqlite_url: str, clock: Clock) -> Iterator[Store]:
    """On SQLite, whose one write lock another program can hold."""
    store = Store(make_engine(migrated_sqlite_url), clock)
    yield store
    store.close()


@pytest.fixture
def locks(file_store: Store) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(str(file_store.engine.url.database), isolation_level=None)
    yield connection
    connection.close()


@pytest.fixture
def inbox(store: Store) -> Iterator[Inbox]:
    inbox = Inbox(store, budget_s=LONG_S)
    yield inbox
    inbox.close()


def rows(store: Store) -> dict[str, InboxState]:
    with store.read() as tx:
        return {row.key: row.state for row in tx.session.exec(select(InboxRow)).all()}


async def test_a_command_is_kept_once(inbox: Inbox) -> None:
    assert [await inbox.accept("slack:1", payload="{}") for _time in range(2)] == [True, False]


async def test_the_same_command_twice_in_one_commit_is_kept_once(inbox: Inbox) -> None:
    both = await asyncio.gather(*(inbox.accept("slack:1", payload="{}") for _time in range(2)))

    assert sorted(both) == [False, True]


@pytest.mark.parametrize("changed", [True, False])
async def test_of_a_command_that_ran_only_its_key_stays(inbox: Inbox, store: Store, changed: bool) -> None:
    await inbox.accept("slack:1", payload='{"typed": {"text": "call 555 0100"}}', handle="https://hooks.example/1")

    if changed:
        with store.write() as tx:
            queries.finish(tx, "slack:1")
    else:
        inbox.settle("slack:1")
        inbox.close()

    with store.read() as tx:
        (row,) = tx.session.exec(select(InboxRow)).all()
    assert (row.state, row.payload, row.handle) == (InboxState.DONE, "", "")
    assert [await Inbox(store, budget_s=LONG_S).accept("slack:1", payload="{}")] == [False]


async def test_commands_that_wait_together_share_a_commit(file_store: Store) -> None:
    commits: list[object] = []
    file_store.after_commit.append(commits.append)
    inbox = Inbox(file_store, budget_s=LONG_S)

    await asyncio.gather(*(inbox.accept(f"slack:{number}", payload="{}") for number in range(50)))
    inbox.close()

    assert len(rows(file_store)) == 50
    assert len(commits) < 10


def test_many_commands_are_kept_in_one_statement(store: Store) -> None:
    said: list[str] = []
    event.listen(store.engine, "before_cursor_execute", lambda *about: said.append(about[2]))
    with store.write() as tx:
        queries.accept(tx, "slack:1")
    with store.write() as tx:
        said.clear()
        new = queries.accept_all(tx, [{"key": f"slack:{number}"} for number in (*range(50), 2)])
        statements = len(said)

    assert statements == 1
    assert new == {f"slack:{number}" for number in range(50)} - {"slack:1"}


async def test_a_command_goes_before_work_that_waits(file_store: Store) -> None:
    order: list[str] = []
    file_store.after_commit.append(lambda tx: order.append(tx.platform or "inbox"))
    holding, let_go = Event(), Event()

    def hold() -> None:
        with file_store.write("first"):
            holding.set()
            let_go.wait(LONG_S)

    def work() -> None:
        with file_store.write("work"):
            pass

    threads = [Thread(target=hold), *(Thread(target=work) for _number in range(5))]
    threads[0].start()
    await asyncio.to_thread(holding.wait, LONG_S)
    for thread in threads[1:]:
        thread.start()
    inbox = Inbox(file_store, budget_s=LONG_S)
    accepted = asyncio.create_task(inbox.accept("slack:1", payload="{}"))
    await asyncio.sleep(0.5)
    let_go.set()
    await accepted
    await asyncio.to_thread(lambda: [thread.join() for thread in threads])
    inbox.close()

    assert order == ["first", "inbox", *["work"] * 5]


async def test_a_locked_database_is_refused_within_the_budget(file_store: Store, locks) -> None:
    inbox = Inbox(file_store, budget_s=0.2)
    locks.execute("BEGIN IMMEDIATE")
    start = fair()

    with pytest.raises(Busy):
        await inbox.accept("slack:1", payload="{}")

    assert fair() - start < 0.7
    locks.execute("ROLLBACK")
    inbox.close()


async def test_what_was_refused_is_not_kept_when_the_lock_goes(file_store: Store, locks) -> None:
    hurried, patient = Inbox(file_store, budget_s=0.2), Inbox(file_store, budget_s=LONG_S)
    locks.execute("BEGIN IMMEDIATE")
    with pytest.raises(Busy):
        await hurried.accept("slack:1", payload="{}")

    locks.execute("ROLLBACK")
    await patient.accept("slack:2", payload="{}")
    hurried.close()
    patient.close()

    assert rows(file_store) == {"slack:2": InboxState.WAITING}


async def test_what_a_dead_process_left_is_given_to_the_next(inbox: Inbox, clock: Clock) -> None:
    await inbox.accept("slack:1", payload='{"verb": "list"}', handle="https://answer")
    clock.now += timedelta(minutes=2)

    [left] = inbox.left_over()

    assert (left.key, left.payload, left.handle) == ("slack:1", '{"verb": "list"}', "https://answer")


async def test_what_a_process_accepted_before_it_died_is_taken_over_at_once_and_by_one(store: Store) -> None:
    number = 3 if store.engine.dialect.name == "postgresql" else 2  # on SQLite, one after the other
    processes = [RunningProcess(store, store.engine.url.render_as_string(False)) for _ in range(number)]
    dead, *others = (Inbox(store, process=each.id, budget_s=LONG_S) for each in processes)
    processes[0].look()
    await dead.accept("slack:1", payload="{}")
    if number == 3:
        processes[1].look()
        assert others[0].left_over() == []
    processes[0].stop()
    for process in processes[1:]:
        process.look()

    assert [left.key for inbox in (*others, *others) for left in inbox.left_over()] == ["slack:1"]
    for inbox in (dead, *others):
        inbox.close()
    for process in processes[1:]:
        process.stop()


async def test_what_was_accepted_just_now_is_nobodys_left_over(inbox: Inbox) -> None:
    await inbox.accept("slack:1", payload="{}")

    assert inbox.left_over() == []


async def test_what_is_too_old_to_be_answered_is_not_carried_out(inbox: Inbox, store: Store, clock: Clock) -> None:
    await inbox.accept("slack:1", payload="{}")
    clock.now += timedelta(minutes=31)

    assert inbox.left_over() == []
    inbox.close()
    assert rows(store) == {"slack:1": InboxState.DONE}


async def test_a_refused_command_is_no_left_over(inbox: Inbox, clock: Clock) -> None:
    await inbox.accept("slack:1", payload="{}")
    inbox.settle("slack:1")
    inbox.close()
    clock.now += timedelta(minutes=2)

    assert inbox.left_over() == []


class Away(Store):
    """A database that can be gone."""

    away = False

    @contextmanager
    def write(self, platform: str = "", *, urgent: bool = False) -> Iterator[Transaction]:
        if self.away:
            raise Busy
        with super().write(platform, urgent=urgent) as tx:
            yield tx


async def test_a_refusal_while_the_database_was_away_is_remembered(migrated_sqlite_url: str, clock: Clock) -> None:
    store = Away(make_engine(migrated_sqlite_url), clock)
    inbox = Inbox(store)
    await inbox.accept("slack:1", payload="{}")
    store.away = True
    inbox.settle("slack:1")
    with pytest.raises(Busy):
        await inbox.accept("slack:2", payload="{}")

    store.away = False
    await inbox.accept("slack:3", payload="{}")
    inbox.close()

    assert rows(store) == {"slack:1": InboxState.DONE, "slack:3": InboxState.WAITING}
    store.close()
