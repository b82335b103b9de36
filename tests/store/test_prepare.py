"""What `foghorn run` does with its database before it starts."""

import pickle

import pytest

from bot.errors import BotError, Busy, NotMigrated
from bot.store.engine import make_engine
from bot.store.migrate import check_current, missing_triggers, prepare


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


@pytest.mark.parametrize("refusal", [Busy(), NotMigrated(found="none", needed="0001")], ids=["busy", "not migrated"])
def test_a_refusal_of_the_process_that_migrates_reads_the_same_here(refusal: BotError) -> None:
    there = pickle.loads(pickle.dumps(refusal))
    assert (type(there), str(there), there.facts) == (type(refusal), str(refusal), refusal.facts)
