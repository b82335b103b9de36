"""Brings a database to the tables this Foghorn needs."""

from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text

from bot.errors import NotMigrated, TooNew
from bot.store import schema
from bot.store.engine import make_engine, one_at_a_time
from bot.store.transaction import answering

SCRIPTS = Path(__file__).resolve().parent.parent.parent / "alembic"


def upgrade(url: str, revision: str = "head") -> None:
    """Migrate, then put up the triggers that guard the record where one is missing. Raises TooNew, Busy.

    Batch rebuilds of SQLite drop triggers silently; here they come back. Two that start together wait for one another.
    """
    from alembic import command  # half a second, which commands that do not migrate need not wait for
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    config.attributes["url"] = url
    engine = make_engine(url)
    try:
        with answering():
            _found(engine)
            command.upgrade(config, revision)
            with engine.execution_options(writes=True).begin() as connection:
                one_at_a_time(connection)
                for name in missing_triggers(connection):
                    for statement in schema.triggers(engine.dialect.name)[name]:
                        connection.exec_driver_sql(statement)
    finally:
        engine.dispose()


def prepare(url: str) -> None:
    """What `run` migrates by itself: SQLite, and a new PostgreSQL database, on which nothing else can be running yet.

    Raises TooNew, Busy.
    """
    engine = make_engine(url)
    try:
        with answering():
            needed = engine.dialect.name == "sqlite" or not _found(engine)
    finally:
        engine.dispose()
    if needed:
        upgrade(url)


def check_current(engine: Engine) -> None:
    """Raise NotMigrated or TooNew unless the database is where this code needs it, Busy where it does not answer."""
    with answering():
        found = _found(engine)
    if found != newest():
        raise NotMigrated(found=found or "none", needed=newest())


def newest() -> str:
    """The revision this code needs: its migrations carry their number at the start of their names."""
    return max(path.name.partition("_")[0] for path in (SCRIPTS / "versions").glob("[0-9]*.py"))


def _found(engine: Engine) -> str:
    """The revision of a database, empty before the first. Raises TooNew."""
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return ""
        found = str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar() or "")
    if found > newest():
        raise TooNew(found=found, needed=newest())
    return found


def missing_triggers(connection: Connection) -> list[str]:
    """The guarding triggers that a database lacks."""
    sqlite = connection.dialect.name == "sqlite"
    query = "SELECT name FROM sqlite_master WHERE type = 'trigger'" if sqlite else "SELECT tgname FROM pg_trigger"
    there = {row[0] for row in connection.execute(text(query))}
    return sorted(set(schema.triggers(connection.dialect.name)) - there)
