"""Opens the database with the settings that the store relies on."""

from datetime import datetime

from sqlalchemy import Connection, Engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError
from sqlmodel import create_engine

from bot.clock import Clock
from bot.errors import SettingError

BUSY_TIMEOUT_MS = 5000
PRAGMAS = (
    "journal_mode=WAL", f"busy_timeout={BUSY_TIMEOUT_MS}", "foreign_keys=ON", "synchronous=FULL",
    "secure_delete=ON",  # deleted words are overwritten
)  # fmt: skip
POOL_SIZE = 8  # as many as the desk has threads
ONE_AT_A_TIME = 0x666F6768  # advisory lock of PostgreSQL: "fogh"


def make_engine(url: str) -> Engine:
    """An engine for SQLite or PostgreSQL (`postgresql://`, with psycopg). Raises SettingError for others.

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
        return create_engine(
            address.set(drivername="postgresql+psycopg"),
            pool_size=POOL_SIZE,
            max_overflow=4,
            pool_pre_ping=True,
            pool_timeout=5,
            connect_args={"connect_timeout": 5},
        )
    engine = create_engine(address, pool_size=POOL_SIZE, max_overflow=8, connect_args={"check_same_thread": False})
    event.listen(engine, "connect", _set_up)
    event.listen(engine, "begin", _begin)
    return engine


def _set_up(connection: DBAPIConnection, _record: object) -> None:
    connection.isolation_level = None
    for pragma in PRAGMAS:
        connection.cursor().execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    options = connection.get_execution_options()
    if not options.get("outside"):  # what SQLite does outside of transactions, such as a checkpoint
        connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get("writes") else "BEGIN")


def one_at_a_time(connection: Connection) -> None:
    """Make processes that change the tables wait for each other. On SQLite the transaction does that."""
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SELECT pg_advisory_xact_lock({ONE_AT_A_TIME})"))


def seconds_apart(engine: Engine, clock: Clock) -> float:
    """How far the database's clock is from ours; on SQLite they are the same."""
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            return 0.0
        theirs: datetime = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
    return abs((clock() - theirs).total_seconds())
