"""Copies the database into a file while Foghorn runs, and puts such a copy in its place.

Secrets, sessions, sign-in links, commands in progress, and leases are left out.
"""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path

from sqlalchemy import URL, inspect, make_url, text

from bot.clock import utc_now
from bot.errors import AlreadyRunning, BackupFailed, RestoreFailed
from bot.store import migrate, processes
from bot.store.engine import make_engine
from bot.store.running import alone_on
from bot.store.transaction import READ_FROM, Store, answering

LEFT_OUT = ("secret", "console_session", "sign_in", "link_code", "link_try", "inbox", "lease", "process")
"""The tables whose rows are not in a backup."""
_BEGINS = {"sqlite": b"SQLite format 3\0", "postgresql": b"PGDMP"}
_NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
_PRIVATE = 0o600


def backup(url: str, file: Path) -> None:
    """Write a backup; an earlier one under this name is replaced once the new one is complete. Raises BackupFailed."""
    address = make_url(url)
    engine = make_engine(url)
    try:
        if address.get_backend_name() == "sqlite" and not Path(address.database or "").is_file():
            raise BackupFailed(file=file, problem=f"there is no database at {address.database or url}")
        _check_replaceable(address, file)
        with answering(READ_FROM), engine.connect() as connection:
            if not inspect(connection).has_table("alembic_version"):
                raise BackupFailed(file=file, problem="the database is not Foghorn's, or it is empty")
    finally:
        engine.dispose()
    partial = file.with_name(f".{file.name}.part")
    try:
        partial.unlink(missing_ok=True)
        os.close(os.open(partial, os.O_CREAT | os.O_EXCL | os.O_WRONLY, _PRIVATE))
        try:
            if address.get_backend_name() == "sqlite":
                _copy(Path(address.database or ""), partial)
            else:
                left_out = (f"--exclude-table-data={table}" for table in LEFT_OUT)
                _run("pg_dump", address, "--format=custom", f"--file={partial}", *left_out)
            partial.replace(file)
        finally:
            partial.unlink(missing_ok=True)
    except _ProgramError as problem:
        raise BackupFailed(file=file, problem=problem) from problem
    except (OSError, sqlite3.Error) as problem:
        raise BackupFailed(file=file, problem=getattr(problem, "strerror", "") or problem) from problem


@contextmanager
def restored(url: str, file: Path | None) -> Iterator[str]:
    """The URL of the database in a backup, migrated, for the block; then it becomes the database at `url`.

    On SQLite, the present database stays beside it, under another name, and nothing changes if the block raises. On
    PostgreSQL, the database has to be empty, and no other command uses it until the block has ended.

    Without a file: the database at `url` itself, which was restored in another way.

    Raises RestoreFailed, NotMigrated, Busy.
    """
    address = make_url(url)
    engine = address.get_backend_name()
    make_engine(url).dispose()  # refuses what is neither
    if file is None:
        with _alone("The database", url):
            yield from _in_place(url)
        return
    try:
        kind = _kind(file)
    except OSError as problem:
        raise RestoreFailed(file=file, problem=problem.strerror) from problem
    if kind != engine:
        wrong = f"it is a backup of {_NAMES[kind]}" if kind else "it is not a backup that `foghorn backup` wrote"
        raise RestoreFailed(file=file, problem=f"{wrong}, and FOGHORN_DATABASE_URL names {_NAMES[engine]}")
    with _alone(file, url):
        yield from (_on_sqlite if engine == "sqlite" else _on_postgres)(address, url, file)


@contextmanager
def _alone(what: Path | str, url: str) -> Iterator[None]:
    try:
        with alone_on(url):
            yield
    except AlreadyRunning as running:
        words = f"{running.facts['first']} runs Foghorn on {running.facts['file']}; stop it first"
        raise RestoreFailed(file=what, problem=words) from running


def _in_place(url: str) -> Iterator[str]:
    """A database that a snapshot or another program restored, without what a backup leaves out."""
    store = Store(make_engine(url), utc_now)
    postgres = store.engine.dialect.name == "postgresql"
    try:
        migrate.upgrade(url)
        with store.write() as tx:
            dead = [each.id for each in processes.dead(tx)] if postgres else [each.id for each in processes.running(tx)]
            alive = next((each.label for each in processes.running(tx) if each.id not in dead), "")
            if alive:
                raise RestoreFailed(file="The database", problem=f"{alive} runs Foghorn on it; stop it first")
            if postgres:
                tx.session.execute(text(f"CREATE TABLE IF NOT EXISTS {migrate.RESTORING} ()"))
            for table in LEFT_OUT:
                tx.session.execute(text(f'DELETE FROM "{table}"'))
        yield url
        if postgres:
            with store.write() as tx:
                tx.session.execute(text(f"DROP TABLE {migrate.RESTORING}"))
    finally:
        store.close()


def _on_sqlite(address: URL, _url: str, file: Path) -> Iterator[str]:
    present = Path(address.database or "").resolve()
    restoring = present.with_name(f"{present.name}-restoring")
    if file.resolve() == present:
        raise RestoreFailed(file=file, problem="it is the database that is in use")
    try:
        _remove(restoring)
        os.close(os.open(restoring, os.O_CREAT | os.O_EXCL | os.O_WRONLY, _PRIVATE))
        shutil.copyfile(file, restoring)
        _check_whole(restoring, file)
        there = address.set(database=str(restoring)).render_as_string(hide_password=False)
        migrate.upgrade(there)
        yield there
        with closing(sqlite3.connect(restoring)) as connection:
            connection.execute("PRAGMA journal_mode=DELETE")  # everything is in the file then
        _give_to_owner_of(present, restoring, Path(f"{present}-run"))
        _keep_aside(present, file, utc_now())
        restoring.replace(present)
    except (OSError, sqlite3.Error) as problem:
        raise RestoreFailed(file=file, problem=getattr(problem, "strerror", "") or problem) from problem
    finally:
        _remove(restoring)


def _on_postgres(address: URL, url: str, file: Path) -> Iterator[str]:
    engine = make_engine(url)
    try:
        with answering(), engine.begin() as connection:
            if inspect(connection).get_table_names():
                words = "the database is not empty; create another one, and set FOGHORN_DATABASE_URL to it"
                raise RestoreFailed(file=file, problem=words)
            connection.exec_driver_sql(f"CREATE TABLE {migrate.RESTORING} ()")
        try:
            _run("pg_restore", address, "--single-transaction", "--exit-on-error", str(file))
        except _ProgramError as problem:
            with answering(), engine.begin() as connection:
                connection.exec_driver_sql(f"DROP TABLE {migrate.RESTORING}")
            raise RestoreFailed(file=file, problem=problem) from problem
        migrate.upgrade(url)
        yield url
        with answering(), engine.begin() as connection:
            connection.exec_driver_sql(f"DROP TABLE {migrate.RESTORING}")
    finally:
        engine.dispose()


def _check_whole(copy: Path, file: Path) -> None:
    try:
        with closing(sqlite3.connect(copy)) as connection:
            (found,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.DatabaseError as problem:
        found = problem
    if found != "ok":
        raise RestoreFailed(file=file, problem=f"it is damaged ({found})")


def _give_to_owner_of(present: Path, *files: Path) -> None:
    """If an administrator restores, give the files to whoever owns the database, or else its folder."""
    about = (present if present.exists() else present.parent).stat()
    for file in files:
        if file.exists() and os.geteuid() == 0:
            os.chown(file, about.st_uid, about.st_gid)


def _keep_aside(present: Path, file: Path, now: datetime) -> None:
    """Give an SQLite database another name, under which it stays. The old one is free to be replaced.

    A journal is first written into the database: it must neither be missing beside the old one nor be found beside the
    new one, whenever this process is killed. Only one of a damaged database is just renamed.
    """
    if not present.exists():
        return
    try:
        with closing(sqlite3.connect(present)) as connection:
            connection.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.Error as problem:
        if getattr(problem, "sqlite_errorname", "").startswith("SQLITE_BUSY"):
            words = "another command is using the database; try again when it has ended"
            raise RestoreFailed(file=file, problem=words) from problem
    aside = present.with_name(f"{present.name}.before-restore-{now:%Y%m%dT%H%M%SZ}")
    if (journal := Path(f"{present}-wal")).exists():
        journal.rename(f"{aside}-wal")
    Path(f"{present}-shm").unlink(missing_ok=True)
    try:
        aside.hardlink_to(present)  # there is a database at any moment, even if this process is killed
    except OSError:  # a file system without links
        present.rename(aside)


def _copy(database: Path, target: Path) -> None:
    """Copy an SQLite database, which others may write to meanwhile, without deleted words and what is left out."""
    with (
        closing(sqlite3.connect(f"{database.resolve().as_uri()}?mode=rw", uri=True)) as there,
        closing(sqlite3.connect(target, isolation_level=None)) as copy,
    ):
        there.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")
        copy.execute("PRAGMA secure_delete=ON")
        tables = {name for (name,) in copy.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        for table in tables & set(LEFT_OUT):
            copy.execute(f'DELETE FROM "{table}"')
        copy.execute("VACUUM")


def _check_replaceable(address: URL, file: Path) -> None:
    """Raise BackupFailed if the file is something else than a backup, such as the database itself."""
    if address.get_backend_name() == "sqlite" and file.resolve() == Path(address.database or "").resolve():
        raise BackupFailed(file=file, problem="it is the database itself")
    try:
        kept = file.exists() and not _kind(file)
    except OSError as problem:
        raise BackupFailed(file=file, problem=problem.strerror) from problem
    if kept:
        raise BackupFailed(file=file, problem="it exists and is not a backup")


def _kind(file: Path) -> str:
    """The engine whose backup a file is; empty if it is none. Raises OSError."""
    with file.open("rb") as opened:
        start = opened.read(16)
    return next((engine for engine, begins in _BEGINS.items() if start.startswith(begins)), "")


_TOO_OLD = ("server version mismatch", "unsupported version")
"""What pg_dump and pg_restore say if the server or the backup is from a later version. Measured with 15 and 18."""


class _ProgramError(Exception):
    """What a program of PostgreSQL said, or that it is not installed."""


def _run(program: str, address: URL, *options: str) -> None:
    """Run a program of PostgreSQL on a database. The password is in its environment, where other users cannot read it.

    Source: postgresql.org/docs/current, "pg_dump", "pg_restore", and "Environment Variables" of libpq.
    """
    shown = address.set(drivername="postgresql", password=None).render_as_string()
    secret = {"PGPASSWORD": str(address.password)} if address.password else {}
    command = [program, "--no-owner", "--no-privileges", f"--dbname={shown}", *options]
    try:
        done = subprocess.run(command, env={**os.environ, **secret}, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        words = f"{program} is not installed; install the client programs of PostgreSQL (Debian: postgresql-client)"
        raise _ProgramError(words) from None
    if any(each in done.stderr for each in _TOO_OLD):
        words = f"{program} is too old; install PostgreSQL's client programs in the version of the server, or newer"
        raise _ProgramError(words)
    if done.returncode:
        raise _ProgramError("; ".join((done.stderr.strip() or f"{program} failed").splitlines()[-2:]))


def _remove(database: Path) -> None:
    for part in ("", "-wal", "-shm", "-journal"):
        Path(f"{database}{part}").unlink(missing_ok=True)
