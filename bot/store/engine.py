"""Opens the database with the settings that the store relies on."""

import os
import sqlite3
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, Engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError
from sqlmodel import create_engine

from bot.clock import Clock
from bot.errors import DatabaseGone, NoDatabase, SettingError

BUSY_TIMEOUT_MS = 5000  # how long a statement waits for a lock, on both databases
PRAGMAS = (
    "journal_mode=WAL", f"busy_timeout={BUSY_TIMEOUT_MS}", "foreign_keys=ON", "synchronous=FULL",
    "secure_delete=ON",  # deleted words are overwritten
)  # fmt: skip
POOL_SIZE = 8  # as many as the desk has threads
NETWORK = {
    "connect_timeout": 5, "keepalives": 1, "keepalives_idle": 5, "keepalives_interval": 1, "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}  # fmt: skip
"""A PostgreSQL whose host vanished must not hold up commands for the quarter of an hour that TCP would wait."""
ONE_AT_A_TIME = 0x666F6768  # advisory lock of PostgreSQL: "fogh"


def make_engine(url: str, *, creates: bool = True) -> Engine:
    """An engine for SQLite or PostgreSQL (`postgresql://`, with psycopg). Raises SettingError for others.

    SQLite creates a missing file when it connects, unless `creates` is false: then connecting raises NoDatabase.

    On SQLite, BEGIN is explicit. A transaction that will write needs BEGIN IMMEDIATE, because one that starts by
    reading cannot wait for the lock later, whatever `busy_timeout` says.
    """
    try:
        address = make_url(url)
    except ArgumentError:  # the original message would repeat a password
        raise SettingError(setting="FOGHORN_DATABASE_URL", problem="is not a database address") from None
    if address.get_backend_name() not in ("sqlite", "postgresql"):
        problem = f"names {address.get_backend_name()}, but only sqlite and postgresql are supported"
        raise SettingError(setting="FOGHORN_DATABASE_URL", problem=problem)
    if address.get_backend_name() == "postgresql":
        engine = create_engine(
            address.set(drivername="postgresql+psycopg"),
            pool_size=POOL_SIZE,
            max_overflow=4,
            pool_pre_ping=True,
            pool_timeout=5,
            connect_args=NETWORK,
        )
        event.listen(engine, "connect", _limit_waiting)
        return engine
    engine = create_engine(address, pool_size=POOL_SIZE, max_overflow=8, connect_args={"check_same_thread": False})
    file = _DatabaseFile(creates=creates)
    event.listen(engine, "do_connect", file.before_connect)
    event.listen(engine, "connect", _set_up)
    event.listen(engine, "connect", file.connected)
    event.listen(engine, "begin", file.check)
    event.listen(engine, "begin", _begin)
    event.listen(engine, "engine_disposed", file.forget)
    return engine


def _limit_waiting(connection: DBAPIConnection, _record: object) -> None:
    connection.cursor().execute(f"SET lock_timeout = {BUSY_TIMEOUT_MS}")
    connection.commit()


def _set_up(connection: DBAPIConnection, _record: object) -> None:
    connection.isolation_level = None
    for pragma in PRAGMAS:
        try:
            connection.cursor().execute(f"PRAGMA {pragma}")
        except sqlite3.OperationalError as problem:
            if not problem.sqlite_errorname.startswith("SQLITE_READONLY"):  # it can still be read
                raise


def _begin(connection: Connection) -> None:
    options = connection.get_execution_options()
    if not options.get("outside"):  # what SQLite does outside of transactions, such as a checkpoint
        connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get("writes") else "BEGIN")


class _DatabaseFile:
    """Notices that the file of SQLite was deleted or replaced while it was open.

    SQLite itself would go on reading and writing the deleted file, and would make an empty one for a new connection.
    """

    def __init__(self, *, creates: bool) -> None:
        self._creates = creates
        self._path = ""
        self._file: tuple[int, int] | None = None

    def before_connect(self, _dialect: object, _record: object, names: Sequence[str], _options: object) -> None:
        """Raises DatabaseGone, NoDatabase."""
        if os.path.realpath(names[0]) == self._path:
            self.check()
        if not self._creates and not names[0].startswith(("file:", ":memory:")) and not os.path.exists(names[0]):
            raise NoDatabase(file=names[0])

    def connected(self, connection: DBAPIConnection, _record: object) -> None:
        """Remember which file it is, now that it exists."""
        cursor = connection.cursor()
        cursor.execute("PRAGMA database_list")
        name = str((cursor.fetchone() or ("", "", ""))[2] or "")
        path = os.path.realpath(name) if name else ""  # empty in memory
        if self._file is None or path != self._path:
            self._path = path
            self._file = self._found()

    def check(self, *_event: object) -> None:
        """Raises DatabaseGone."""
        if self._file is not None and self._found() != self._file:
            raise DatabaseGone

    def forget(self, _engine: Engine) -> None:
        """All connections were closed, so another file may be opened."""
        self._file = None

    def _found(self) -> tuple[int, int] | None:
        """Device and inode."""
        try:
            found = os.stat(self._path) if self._path else None
        except OSError:
            return None
        return (found.st_dev, found.st_ino) if found else None


def one_at_a_time(connection: Connection) -> None:
    """Make processes that change the tables wait for each other. On SQLite the transaction does that."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL lock_timeout = 0"))
        connection.execute(text(f"SELECT pg_advisory_xact_lock({ONE_AT_A_TIME})"))
        connection.execute(text(f"SET LOCAL lock_timeout = {BUSY_TIMEOUT_MS}"))


def seconds_apart(engine: Engine, clock: Clock) -> float:
    """How far the database's clock is from ours; on SQLite they are the same."""
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            return 0.0
        theirs: datetime = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
    return abs((clock() - theirs).total_seconds())
