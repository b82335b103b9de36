"""Migrates a database to the tables that this version needs."""

import sys
from contextlib import suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection as Pipe
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, inspect, text

from bot.errors import BotError, NotMigrated
from bot.shipped import shipped
from bot.store import schema
from bot.store.engine import make_engine, one_at_a_time
from bot.store.processes import LOCKS
from bot.store.transaction import READ_FROM, answering

if TYPE_CHECKING:
    from alembic.script import ScriptDirectory

SCRIPTS = shipped("alembic")
OLDEST_CODE = "oldest code for {}"
"""The key under which a database stores, for its revision, that of the oldest code that works with it."""
RESTORING = "foghorn_restoring"
"""A table that exists on PostgreSQL while a backup is being restored."""


def upgrade(url: str, revision: str = "head", *, scripts: Path = SCRIPTS) -> None:
    """Migrate, then restore missing triggers that protect the record. Raises NotMigrated, Busy.

    SQLite's batch rebuilds drop triggers silently; they are restored here. Two simultaneous migrations wait for each
    other. Nothing is done to a newer database that this code can work with.
    """
    from alembic import command  # takes half a second to import; commands that do not migrate skip it
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(scripts))
    config.attributes["url"] = url
    engine = make_engine(url)
    try:
        with answering():
            found = _found(engine, scripts)
            if found > newest(scripts):
                return
            oldest = _oldest_code(ScriptDirectory.from_config(config))
            if found and found < oldest:
                _check_stopped(engine)
            if found:  # before the migration, because running processes look as soon as it is committed
                _remember_oldest(engine, newest(scripts), oldest)
            command.upgrade(config, revision)
            _restore_triggers(engine)
            _remember_oldest(engine, newest(scripts), oldest)
    finally:
        engine.dispose()


def _oldest_code(scripts: "ScriptDirectory") -> str:
    """The newest revision of the oldest code that works with the migrated database.

    A migration that sets `EARLIER_CODE_WORKS = True` promises it for the code before it.
    """
    for script in scripts.walk_revisions():
        if not getattr(script.module, "EARLIER_CODE_WORKS", False):
            return str(script.revision)
    return ""


def _remember_oldest(engine: Engine, revision: str, oldest: str) -> None:
    statement = (
        "INSERT INTO remembered (name, value) VALUES (:name, :oldest) "
        "ON CONFLICT (name) DO UPDATE SET value = excluded.value"
    )
    with engine.execution_options(writes=True).begin() as connection:
        connection.execute(text(statement), {"name": OLDEST_CODE.format(revision), "oldest": oldest})


def _check_stopped(engine: Engine) -> None:
    """Raise NotMigrated if processes are running that cannot work with the migrated database. SQLite has only one."""
    if engine.dialect.name == "sqlite":
        return
    with engine.connect() as connection:
        if not inspect(connection).has_table("process"):
            return
        query = text(
            "SELECT pid, host FROM process WHERE lock IN (SELECT objid FROM pg_locks WHERE locktype = 'advisory' "
            "AND classid = :locks AND granted) ORDER BY id"
        )
        found = connection.execute(query, {"locks": LOCKS}).all()
    if found:
        raise NotMigrated(
            "Nothing was migrated. These are running and cannot work with the new tables: {running}. Stop every "
            "`foghorn run`, then run `foghorn migrate` again.",
            running=", ".join(f"process {pid} on {host}" for pid, host in found),
        )


def prepare(url: str) -> None:
    """Migrate what `run` may migrate by itself: SQLite, and a new PostgreSQL database, which nothing else uses.

    Its libraries take 15 MB, so it runs in a process of its own. Raises NotMigrated, Busy.
    """
    engine = make_engine(url)
    try:
        with answering():
            _check_restored(engine)
            found, sqlite = _found(engine), engine.dialect.name == "sqlite"
            needed = found < newest() if sqlite else not found
            if sqlite and found == newest():
                _restore_triggers(engine)
                _forget_statistics(engine)
    finally:
        engine.dispose()
    if needed:
        _upgrade_apart(url)


def _upgrade_apart(url: str) -> None:
    """Upgrade in another process, which ends by itself even if this one is killed."""
    context = get_context("fork") if sys.platform == "linux" else get_context("spawn")
    answer, theirs = context.Pipe(duplex=False)
    context.Process(target=_upgrade_and_tell, args=(url, theirs)).start()
    theirs.close()
    try:
        refusal = answer.recv()
    except EOFError:
        raise NotMigrated("The migration failed; the lines above say why.") from None
    if refusal is not None:
        raise refusal


def _upgrade_and_tell(url: str, pipe: Pipe) -> None:
    refusal = None
    try:
        upgrade(url)
    except BotError as problem:
        refusal = problem
    with suppress(BrokenPipeError):
        pipe.send(refusal)


def check_current(engine: Engine) -> None:
    """Raise NotMigrated if this code cannot work with the database's version, and Busy if it does not answer."""
    with answering(READ_FROM):
        _check_restored(engine)
        found = _found(engine)
    if found < newest():
        raise NotMigrated(found=found or "none", needed=newest())


def version(engine: Engine) -> str:
    """The revision of a database that was migrated. Raises Busy."""
    with answering(READ_FROM), engine.connect() as connection:
        return str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar())


def newest(scripts: Path = SCRIPTS) -> str:
    """The revision that this code needs. Migration files start with their number."""
    return max(path.name.partition("_")[0] for path in (scripts / "versions").glob("[0-9]*.py"))


def _check_restored(engine: Engine) -> None:
    """Raise NotMigrated if a restore did not end: what it contains would be sent again."""
    if engine.dialect.name == "postgresql":
        with engine.connect() as connection:
            if inspect(connection).has_table(RESTORING):
                raise NotMigrated(
                    "A backup is being restored into this database. If that was interrupted, drop and create the "
                    "database, and run `foghorn restore` again."
                )


def _found(engine: Engine, scripts: Path = SCRIPTS) -> str:
    """The revision of a database, empty before the first. Raises NotMigrated if this code is too old for it."""
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return ""
        found = str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar() or "")
        needed = newest(scripts)
        if found <= needed:
            return found
        query = text("SELECT value FROM remembered WHERE name = :name")
        oldest = connection.execute(query, {"name": OLDEST_CODE.format(found)}).scalar()
    if oldest is None or needed < str(oldest):
        message = (
            "The database is at version {found}, which is newer than this version of Foghorn supports ({needed}). "
            "Nothing was changed. Use the newer version."
        )
        raise NotMigrated(message, found=found, needed=needed)
    return found


def _restore_triggers(engine: Engine) -> None:
    with engine.execution_options(writes=True).begin() as connection:
        one_at_a_time(connection)
        for name in missing_triggers(connection):
            for statement in schema.triggers(engine.dialect.name)[name]:
                connection.exec_driver_sql(statement)


def _forget_statistics(engine: Engine) -> None:
    """Delete what `ANALYZE` stored in SQLite, if someone ran it.

    SQLite knows only how many deliveries have the same state on average. So it would read all of them to find the few
    that wait, although there is an index. Source: sqlite.org/fileformat2.html, "The sqlite_stat1 table".
    """
    with engine.connect() as connection:
        stored = inspect(connection).has_table("sqlite_stat1")
    if stored:
        with engine.execution_options(writes=True).begin() as connection:
            connection.exec_driver_sql("DELETE FROM sqlite_stat1")


def missing_triggers(connection: Connection) -> list[str]:
    """The protecting triggers that are missing in a database."""
    sqlite = connection.dialect.name == "sqlite"
    query = "SELECT name FROM sqlite_master WHERE type = 'trigger'" if sqlite else "SELECT tgname FROM pg_trigger"
    there = {row[0] for row in connection.execute(text(query))}
    return sorted(set(schema.triggers(connection.dialect.name)) - there)
