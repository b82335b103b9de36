"""What `foghorn run` does with its database before it starts."""

import pickle
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from time import monotonic, sleep

import pytest
from sqlalchemy import inspect

from bot.errors import BotError, Busy, NotMigrated
from bot.store.engine import make_engine
from bot.store.migrate import check_current, missing_triggers, prepare
from tests.patience import LONG_S

ROOT = Path(__file__).resolve().parents[2]


def test_a_new_database_is_migrated(database_url: str) -> None:
    prepare(database_url)
    engine = make_engine(database_url)
    check_current(engine)
    engine.dispose()


def test_missing_triggers_of_a_current_file_are_restored(migrated_sqlite_url: str) -> None:
    engine = make_engine(migrated_sqlite_url)
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER record_entry_update")
    prepare(migrated_sqlite_url)
    with engine.connect() as connection:
        assert missing_triggers(connection) == []
    engine.dispose()


def test_statistics_of_sqlite_do_not_hide_the_index_of_waiting_deliveries(migrated_sqlite_url: str) -> None:
    def plan() -> str:
        engine = make_engine(migrated_sqlite_url)
        with engine.connect() as connection:
            query = "EXPLAIN QUERY PLAN SELECT id FROM delivery WHERE state IN (?, ?) AND reason != ?"
            found = str(connection.exec_driver_sql(query, ("due", "sending", "")).all())
        engine.dispose()
        return found

    engine = make_engine(migrated_sqlite_url)
    with engine.begin() as connection:
        connection.exec_driver_sql("ANALYZE")
        grown = "INSERT INTO sqlite_stat1 VALUES ('delivery', 'delivery_open', '700000 233333 100000 1')"
        connection.exec_driver_sql(grown)
    engine.dispose()
    assert "SCAN delivery" in plan()

    prepare(migrated_sqlite_url)

    assert "delivery_open" in plan()


@pytest.mark.parametrize("refusal", [Busy(), NotMigrated(found="none", needed="0001")], ids=["busy", "not migrated"])
def test_a_refusal_of_the_process_that_migrates_reads_the_same_here(refusal: BotError) -> None:
    there = pickle.loads(pickle.dumps(refusal))
    assert (type(there), str(there), there.facts) == (type(refusal), str(refusal), refusal.facts)


def test_the_process_that_migrates_ends_even_if_the_one_that_started_it_is_killed(sqlite_url: str) -> None:
    run = f"import sys; from bot.store.migrate import prepare; print('begins', flush=True); prepare({sqlite_url!r})"
    with subprocess.Popen([sys.executable, "-c", run], stdout=subprocess.PIPE, cwd=ROOT) as starting:
        wait_for(lambda: has_tables(sqlite_url))  # another process has migrated, and is about to say so
        starting.kill()
        assert starting.communicate(timeout=LONG_S)[0] == b"begins\n"  # it returns once nobody is left who could write


def has_tables(sqlite_url: str) -> bool:
    engine = make_engine(sqlite_url)
    with engine.connect() as connection:
        found = inspect(connection).has_table("alembic_version")
    engine.dispose()
    return found


def wait_for(happened: Callable[[], bool]) -> None:
    until = monotonic() + LONG_S
    while not happened() and monotonic() < until:
        sleep(0.01)
    assert happened()
