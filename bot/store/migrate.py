"""Brings a database to the tables this Foghorn needs."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, text

from bot.errors import NotMigrated
from bot.store import schema
from bot.store.engine import make_engine

SCRIPTS = Path(__file__).resolve().parent.parent.parent / "alembic"


def configuration(url: str) -> Config:
    """Alembic's configuration, without a file."""
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    config.attributes["url"] = url
    return config


def upgrade(url: str, revision: str = "head") -> None:
    """Migrate, then put up the triggers that guard the record where one is missing.

    Batch rebuilds of SQLite drop triggers silently; here they come back. Two that start together wait for one another.
    """
    command.upgrade(configuration(url), revision)
    engine = make_engine(url)
    try:
        missing = missing_triggers(engine)
        with engine.execution_options(writes=True).begin() as connection:
            for name in missing:
                for statement in schema.triggers(engine.dialect.name)[name]:
                    connection.exec_driver_sql(statement)
    finally:
        engine.dispose()


def check_current(engine: Engine) -> None:
    """Raise NotMigrated unless the database is where this code needs it."""
    needed = ScriptDirectory.from_config(configuration("")).get_current_head()
    with engine.connect() as connection:
        found = MigrationContext.configure(connection).get_current_revision()
    if found != needed:
        raise NotMigrated(found=found or "no version", needed=needed)


def missing_triggers(engine: Engine) -> list[str]:
    """The guarding triggers that a database lacks."""
    sqlite = engine.dialect.name == "sqlite"
    query = "SELECT name FROM sqlite_master WHERE type = 'trigger'" if sqlite else "SELECT tgname FROM pg_trigger"
    with engine.connect() as connection:
        there = {row[0] for row in connection.execute(text(query))}
    return sorted(set(schema.triggers(engine.dialect.name)) - there)
