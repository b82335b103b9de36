"""Several processes that start at once on one database all come up, the first time and after each change."""

import multiprocessing
import os
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from time import monotonic, sleep
from typing import TypeVar

import psycopg
from sqlmodel import SQLModel, select

from bot.cli import main
from bot.clock import utc_now
from bot.core import open_core
from bot.domain.organisation import Organisation
from bot.domain.people import Identity, Person
from bot.domain.subscriptions import Subscription
from bot.settings import Settings
from bot.store.engine import make_engine
from bot.store.transaction import Store
from tests.harness import MORE_PEOPLE, organisation

Row = TypeVar("Row", bound=SQLModel)
PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["bot.drill.console", "alembic.command", "tests.store.test_starting_together"])
HOOK = {"name": "crm", "url": "https://crm.example.com/in", "secret_env": "CRM_SECRET"}


def together(number: int, url: str, who: Organisation) -> Sequence[Exception | None]:
    """So many start in the same moment with this configuration; what each of them fails with."""
    start = Barrier(number)

    def begin(_: int) -> Exception | None:
        start.wait(timeout=10)
        try:
            open_core(Settings(FOGHORN_DATABASE_URL=url), who, follows=True).close()
        except Exception as problem:
            return problem
        return None

    with ThreadPoolExecutor(number) as threads:
        return list(threads.map(begin, range(number)))


def rows(url: str, table: type[Row]) -> list[Row]:
    """What stands in the database, whoever wrote it."""
    store = Store(make_engine(url), utc_now)
    try:
        with store.read() as tx:
            return list(tx.session.exec(select(table)).all())
    finally:
        store.close()


def test_eight_that_start_at_once_on_new_tables_all_come_up(migrated_url: str) -> None:
    assert together(8, migrated_url, organisation(webhooks=[HOOK])) == [None] * 8
    assert sorted(person.handle for person in rows(migrated_url, Person)) == ["ana", "ben"]
    assert "webhook:crm" in [str(row.destination) for row in rows(migrated_url, Subscription)]


def test_eight_that_restart_at_once_after_new_people_accounts_and_webhooks_all_come_up(migrated_url: str) -> None:
    together(1, migrated_url, organisation())
    more = [{**person, "slack": f"U{number}"} for number, person in enumerate(MORE_PEOPLE)]

    assert together(8, migrated_url, organisation(more=more, webhooks=[HOOK])) == [None] * 8
    assert len(rows(migrated_url, Identity)) == len(MORE_PEOPLE)
    assert "webhook:crm" in [str(row.destination) for row in rows(migrated_url, Subscription)]


def run(url: str, folder: Path, number: int, only: Sequence[str]) -> None:
    """`foghorn run` in this process, on a free port, perhaps with `--only`; what it says goes into a file."""
    os.chdir(folder)
    for name in [name for name in os.environ if name.startswith(("FOGHORN_", "SLACK_", "DISCORD_"))]:
        del os.environ[name]
    os.environ.update(FOGHORN_DATABASE_URL=url, FOGHORN_PORT="0")
    sys.stdout = sys.stderr = (folder / f"{number}.log").open("w", buffering=1)
    main(["run", *only])


ONLY = ((), ("--only", "web"), ("--only", "worker"))


def test_three_runs_that_start_at_once_on_an_empty_database_come_up_or_on_one_file_the_first_does(
    database_url: str, engine_name: str, tmp_path: Path
) -> None:
    """On PostgreSQL with different roles. They stop, or fail when a newer version has taken the database over."""
    sqlite = engine_name == "sqlite"
    processes = [
        PROCESSES.Process(target=run, args=(database_url, tmp_path, number, () if sqlite else ONLY[number]))
        for number in range(3)
    ]
    for process in processes:
        process.start()
    logs = [tmp_path / f"{number}.log" for number in range(3)]
    end = monotonic() + 60
    while monotonic() < end and any(
        process.is_alive() and not ready(log) for process, log in zip(processes, logs, strict=True)
    ):
        sleep(0.05)
    came_up = [ready(log) for log in logs]
    stopped = processes if sqlite else processes[:2]
    for process in stopped:
        process.terminate()
    for process in stopped:
        process.join(60)
    if not sqlite:
        with psycopg.connect(database_url, autocommit=True) as connection:
            connection.execute("UPDATE alembic_version SET version_num = '9999'")
    for process in processes:
        process.join(60)
        process.kill()

    words = "\n".join(log.read_text() for log in logs)
    assert came_up.count(True) == (1 if sqlite else 3), words
    assert [process.exitcode for process in processes].count(0) == (1 if sqlite else 2), words
    assert words.count("already runs Foghorn on") == (2 if sqlite else 0)
    assert words.count("Foghorn is running with these roles: worker.") == (0 if sqlite else 1)
    assert words.count("The database is at version 9999, which is newer") == (0 if sqlite else 1)
    assert "Traceback" not in words


def ready(log: Path) -> bool:
    """Whether a process said that it serves."""
    return log.exists() and "Foghorn is running" in log.read_text()
