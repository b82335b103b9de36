"""Migrates a database to the tables that this version needs."""

import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from sqlalchemy import Connection, Engine, inspect, text

from bot.errors import NotMigrated
from bot.shipped import shipped
from bot.store import schema
from bot.store.engine import make_engine, one_at_a_time
from bot.store.transaction import answering

SCRIPTS = shipped("alembic")

RESTORING = "foghorn_restoring"
"""A table that exists on PostgreSQL while a backup is being restored."""


def upgrade(url: str, revision: str = "head") -> None:
    """Migrate, then restore missing triggers that protect the record. Raises NotMigrated, Busy.

    SQLite's batch rebuilds drop triggers silently; they are restored here. Two simultaneous migrations wait for each
    other.
    """
    from alembic import command  # takes half a second to import; commands that do not migrate skip it
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    config.attributes["url"] = url
    engine = make_engine(url)
    try:
        with answering():
            _found(engine)
            command.upgrade(config, revision)
            _restore_triggers(engine)
    finally:
        engine.dispose()


def prepare(url: str) -> None:
    """Migrate what `run` may migrate by itself: SQLite, and a new PostgreSQL database, which nothing else uses.

    Its libraries take 15 MB, so it runs in a process of its own. Raises NotMigrated, Busy.
    """
    engine = make_engine(url)
    try:
        with answering():
            _check_restored(engine)
            found, sqlite = _found(engine), engine.dialect.name == "sqlite"
            needed = found != newest() if sqlite else not found
            if sqlite and not needed:
                _restore_triggers(engine)
    finally:
        engine.dispose()
    if needed:
        with ProcessPoolExecutor(1, get_context("fork" if sys.platform == "linux" else "spawn")) as apart:
            apart.submit(upgrade, url).result()


def check_current(engine: Engine) -> None:
    """Raise NotMigrated if the database is at another version, and Busy if it does not answer."""
    with answering():
        _check_restored(engine)
        found = _found(engine)
    if found != newest():
        raise NotMigrated(found=found or "none", needed=newest())


def newest() -> str:
    """The revision that this code needs. Migration files start with their number."""
    return max(path.name.partition("_")[0] for path in (SCRIPTS / "versions").glob("[0-9]*.py"))


def _check_restored(engine: Engine) -> None:
    """Raise NotMigrated if a restore did not end: what it contains would be sent again."""
    if engine.dialect.name == "postgresql":
        with engine.connect() as connection:
            if inspect(connection).has_table(RESTORING):
                raise NotMigrated(
                    "A backup is being restored into this database. If that was interrupted, create the database anew, "
                    "and run `foghorn restore` again."
                )


def _found(engine: Engine) -> str:
    """The revision of a database, empty before the first. Raises NotMigrated."""
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return ""
        found = str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar() or "")
    if found > newest():
        message = (
            "The database is at version {found}, which is newer than this version of Foghorn supports ({needed}). "
            "Nothing was changed. Use the newer version."
        )
        raise NotMigrated(message, found=found, needed=newest())
    return found


def _restore_triggers(engine: Engine) -> None:
    with engine.execution_options(writes=True).begin() as connection:
        one_at_a_time(connection)
        for name in missing_triggers(connection):
            for statement in schema.triggers(engine.dialect.name)[name]:
                connection.exec_driver_sql(statement)


def missing_triggers(connection: Connection) -> list[str]:
    """The protecting triggers that are missing in a database."""
    sqlite = connection.dialect.name == "sqlite"
    query = "SELECT name FROM sqlite_master WHERE type = 'trigger'" if sqlite else "SELECT tgname FROM pg_trigger"
    there = {row[0] for row in connection.execute(text(query))}
    return sorted(set(schema.triggers(connection.dialect.name)) - there)
