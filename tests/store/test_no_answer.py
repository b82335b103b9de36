"""A database that is locked, full, read-only or gone: the command says that nothing was changed, and nothing was."""

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import Any

import psycopg
import pytest
from sqlalchemy import event, make_url
from sqlmodel import select

from bot.commands.invocation import Account, Place
from bot.domain.deliveries import Delivery
from bot.domain.incident import Incident
from bot.domain.updates import Update
from bot.errors import Busy
from bot.intake.desk import Desk
from bot.store.engine import make_engine
from bot.store.transaction import Store
from bot.views import IncidentCard
from tests.databases import full_disk
from tests.harness import Harness, run_line, say

BUSY = "The database cannot be written to right now. Nothing was changed and nothing was sent."
UNREAD = "The database cannot be read right now. Nothing was changed and nothing was sent."


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Another process is in the middle of a write."""
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.execute("ROLLBACK")
        other.close()


def impatient(harness: Harness) -> Path:
    """Wait a tenth of a second for a lock instead of five; the path of the file."""

    @event.listens_for(harness.own_engine(), "checkout")
    def set_timeout(connection: sqlite3.Connection, *_: object) -> None:
        connection.execute("PRAGMA busy_timeout=100")

    return Path(str(make_url(harness.url).database))


def test_a_locked_database_says_that_nothing_was_changed(harness: Harness) -> None:
    with locked(impatient(harness)):
        assert BUSY in say(harness.ana("declare API errors"))

    assert harness.rows(Incident) == []
    assert isinstance(harness.ana("declare API errors"), IncidentCard)


def test_a_locked_database_can_still_be_read(harness: Harness) -> None:
    harness.ana("declare API errors")

    with locked(impatient(harness)):
        assert "INC-1 API errors" in say(harness.ana("list"))


def test_a_full_disk_says_that_nothing_was_changed(harness: Harness) -> None:
    harness.ana("declare API errors")

    @event.listens_for(harness.own_engine(), "checkout")
    def fill(connection: sqlite3.Connection, *_: object) -> None:
        connection.execute("PRAGMA max_page_count=1")  # as many as there are already

    notes = [say(harness.run("ana", "note", text="x" * 3000)) for _ in range(9)]
    saved = [words for words in notes if BUSY not in words]

    assert f"{BUSY} Its disk is full or has errors" in notes[-1]
    assert len(harness.record("note")) == len(saved)


def test_a_publication_on_a_full_disk_is_refused_as_a_whole(harness: Harness) -> None:
    harness.ana("subscribe #status")
    harness.ana("declare API errors sev:3 on:api=partial")
    before = harness.record(), harness.promised(), len(harness.rows(Delivery))
    with full_disk():
        refused = [say(harness.ana(line)) for line in ("publish", "note It is slow.")]
        listed = say(harness.ana("list"))

    assert all(f"{BUSY} Its disk is full or has errors" in words for words in refused)
    assert "INC-1 API errors" in listed
    assert (harness.record(), harness.promised(), len(harness.rows(Delivery))) == before
    harness.ana("publish")
    assert [update.number for update in harness.rows(Update)] == [1]
    assert [str(row.destination) for row in harness.rows(Delivery)].count("local:#status") == 1


def test_a_database_that_became_read_only_says_that_nothing_was_changed(harness: Harness) -> None:
    harness.ana("declare API errors")

    @event.listens_for(harness.own_engine(), "checkout")
    def protect(connection: sqlite3.Connection, *_: object) -> None:
        connection.execute("PRAGMA query_only=ON")

    assert f"{BUSY} It is read-only" in say(harness.ana("note It is slow."))
    assert "INC-1 API errors" in say(harness.ana("list"))


def test_a_database_on_read_only_media_can_be_read(harness: Harness) -> None:
    harness.ana("declare API errors")
    path = make_url(harness.url).database
    harness.store.engine.dispose()
    only_read = Store(make_engine(f"sqlite:///file:{path}?mode=ro&uri=true"), harness.clock)
    desk = Desk(only_read, harness.actions)
    listed, noted = (run_line(desk, line, Account("cli", "ana"), Place("cli")) for line in ("list", "note It is slow."))
    desk.close()
    only_read.close()

    assert "INC-1 API errors" in say(listed)
    assert f"{BUSY} It is read-only" in say(noted)


@pytest.mark.parametrize("becomes", ["deleted", "replaced"])
def test_a_file_that_was_deleted_or_replaced_refuses_commands_until_it_is_back(harness: Harness, becomes: str) -> None:
    harness.ana("declare API errors")
    path = Path(str(make_url(harness.url).database))
    kept = path.rename(path.with_name("kept.db"))
    if becomes == "replaced":
        path.write_bytes(kept.read_bytes())

    noted, listed = (say(harness.ana(line)) for line in ("note It is slow.", "list"))
    words = "The database cannot be used right now. Nothing was changed and nothing was sent. Its file was deleted or"
    assert words in noted
    assert words in listed
    assert path.exists() is (becomes == "replaced")  # no empty database took its place

    kept.replace(path)
    assert "Noted in INC-1." in say(harness.ana("note It is slow."))


@pytest.mark.parametrize("engine_name", ["postgresql"])
def test_a_postgres_table_that_is_locked_and_one_that_is_read_only_say_so(either: Harness) -> None:
    either.ana("declare API errors")

    @event.listens_for(either.own_engine(), "checkout")
    def set_timeout(connection: psycopg.Connection[Any], *_: object) -> None:
        connection.execute("SET lock_timeout = 100")

    with psycopg.connect(either.url) as other:
        other.execute("LOCK TABLE record_entry")
        assert f"{BUSY} Another program has locked it" in say(either.ana("note It is slow."))
    with psycopg.connect(either.url, autocommit=True) as other:
        other.execute(f'ALTER DATABASE "{other.info.dbname}" SET default_transaction_read_only = on')
    end_connections(either)
    assert f"{BUSY} It is read-only" in say(either.ana("note It is slow."))
    assert "INC-1 API errors" in say(either.ana("list"))


def end_connections(harness: Harness) -> None:
    """As an administrator who restarts the server does."""
    others = "SELECT pid FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database()"
    with psycopg.connect(harness.url, autocommit=True) as connection:
        connection.execute(f"SELECT pg_terminate_backend(pid) FROM ({others}) AS found")


@pytest.mark.parametrize("engine_name", ["postgresql"])
def test_a_postgres_that_ended_its_connections_is_asked_anew(either: Harness) -> None:
    either.ana("declare API errors")
    end_connections(either)

    assert "Noted in INC-1." in say(either.ana("note It is slow."))


@pytest.mark.parametrize("engine_name", ["postgresql"])
def test_a_postgres_that_vanishes_in_the_middle_says_that_nothing_was_changed(either: Harness) -> None:
    either.ana("declare API errors")
    before = either.record()

    engine = either.own_engine()

    @event.listens_for(engine, "before_cursor_execute")
    def vanish(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.startswith("INSERT INTO record_entry"):
            event.remove(engine, "before_cursor_execute", vanish)
            end_connections(either)

    assert BUSY in say(either.ana("note It is slow."))
    assert either.record() == before


def test_a_postgres_that_is_gone_says_that_nothing_was_changed(harness: Harness) -> None:
    nowhere = Store(make_engine("postgresql://nobody@127.0.0.1:1/none"), harness.clock)
    desk = Desk(nowhere, harness.actions)

    assert BUSY in say(run_line(desk, "declare API errors", Account("cli", "ana"), Place("cli")))
    assert UNREAD in say(run_line(desk, "list", Account("cli", "ana"), Place("cli")))
    desk.close()
    nowhere.close()


def test_a_store_closes_when_nothing_reads_any_more_and_opens_no_connection_afterwards(harness: Harness) -> None:
    store, reading, ends = Store(make_engine(harness.url), harness.clock), Event(), Event()

    def read() -> list[Incident]:
        with store.read() as tx:
            reading.set()
            ends.wait()
            return list(tx.session.exec(select(Incident)).all())

    with ThreadPoolExecutor(2) as threads:
        reader = threads.submit(read)
        reading.wait()
        closer = threads.submit(store.close)
        ends.set()
        assert reader.result() == []
        closer.result()
    with pytest.raises(Busy), store.read():
        pass
    assert store.engine.pool.checkedin() == 0
