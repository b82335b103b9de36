"""`foghorn restore` on SQLite is killed at any moment: what is there then is the old database, or the new one."""

import asyncio
import multiprocessing
import os
import shutil
import signal
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.domain.incident import Incident
from bot.errors import RestoreFailed
from bot.restoring import restore
from bot.settings import Setup
from bot.store.backup import backup
from tests.harness import Harness
from tests.reference import ORGANISATION, SETTINGS

pytestmark = pytest.mark.chaos
PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["bot.restoring", "tests.reference", "alembic.command"])
TOUCHES = ("open", "os.", "shutil.", "sqlite3.")  # events of the audit hook, docs.python.org, "Audit events table"


def restored(folder: Path, backup: Path, *, die_at: int) -> None:
    """Restore, and die before that touch of a file in the folder. Without dying, write how many there were."""
    touches = 0

    def look(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal touches
        if event.startswith(TOUCHES) and any(str(folder) in str(each) for each in arguments):
            touches += 1
            if touches == die_at:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(look)
    settings = SETTINGS(FOGHORN_DATABASE_URL=f"sqlite:///{folder / 'foghorn.db'}")
    asyncio.run(restore(Setup(settings, ORGANISATION), (), backup))
    backup.with_name("touches").write_text(str(touches))


@dataclass
class Machine:
    """A database as a killed Foghorn left it, with its journal; and an earlier backup of it."""

    left: Path
    backup: Path

    def begin(self, name: str) -> Path:
        """Another folder with this database."""
        return Path(shutil.copytree(self.left, self.left.with_name(name)))

    def restore(self, folder: Path, die_at: int) -> int | None:
        """The exit code."""
        process = PROCESSES.Process(target=restored, args=(folder, self.backup), kwargs={"die_at": die_at})
        process.start()
        process.join(60)
        return process.exitcode


@pytest.fixture
def machine(migrated_sqlite_url: str, tmp_path: Path) -> Iterator[Machine]:
    harness = Harness(migrated_sqlite_url)
    harness.ana("declare Before the backup")
    backup(migrated_sqlite_url, tmp_path / "backup")
    harness.ana("declare! After the backup")
    database, left = Path(migrated_sqlite_url.removeprefix("sqlite:///")), tmp_path / "left"
    left.mkdir()
    for part in ("", "-wal"):  # while it is open: the journal still holds the last commits
        shutil.copy(f"{database}{part}", left / f"foghorn.db{part}")
    yield Machine(left, tmp_path / "backup")
    harness.close()


def titles(folder: Path) -> list[str]:
    """The incidents of a database that is whole."""
    with closing(sqlite3.connect(folder / "foghorn.db")) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        return [
            title for (title,) in connection.execute(f"SELECT declared_title FROM {Incident.__tablename__} ORDER BY 1")
        ]


OLD, NEW = ["After the backup", "Before the backup"], ["Before the backup"]


def test_whenever_it_is_killed_the_old_database_is_there_or_the_new_one(machine: Machine) -> None:
    assert machine.restore(machine.begin("undisturbed"), 0) == 0
    touches = int((machine.left.parent / "touches").read_text())
    assert titles(machine.left.with_name("undisturbed")) == NEW

    found = []
    for die_at in range(1, touches + 1):
        folder = machine.begin(f"killed-{die_at}")
        assert machine.restore(folder, die_at) == -signal.SIGKILL
        found.append(titles(folder))

    replaced = found.index(NEW)
    assert 0 < replaced < touches
    assert (found[:replaced], found[replaced:]) == ([OLD] * replaced, [NEW] * (touches - replaced))


def test_what_another_command_reads_is_not_replaced(machine: Machine) -> None:
    folder = machine.begin("read")
    settings = SETTINGS(FOGHORN_DATABASE_URL=f"sqlite:///{folder / 'foghorn.db'}")
    with closing(sqlite3.connect(folder / "foghorn.db", isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM incident").fetchone()
        with pytest.raises(RestoreFailed, match="another command is using the database; try again"):
            asyncio.run(restore(Setup(settings, ORGANISATION), (), machine.backup))

    assert titles(folder) == OLD
    assert {each.name for each in folder.iterdir()} == {"foghorn.db", "foghorn.db-run"}
