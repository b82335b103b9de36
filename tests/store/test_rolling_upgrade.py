"""A newer version migrates the database while an older one runs: it goes on if the migration promises that it can."""

import asyncio
import shutil
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from bot.commands.invocation import Account, Place
from bot.core import open_core
from bot.errors import NotMigrated
from bot.main import compose
from bot.settings import Settings
from bot.store import migrate
from bot.views import IncidentCard
from tests.harness import run_line
from tests.reference import ORGANISATION

LATER = """
import sqlalchemy as sa
from alembic import op

revision = "{revision}"
down_revision = "{before}"
EARLIER_CODE_WORKS = {promised}

def upgrade():
    op.add_column("incident", sa.Column("column_{revision}", sa.String(), nullable=True))
"""
Release = Callable[..., None]


@pytest.fixture
def release(migrated_url: str, tmp_path: Path) -> Release:
    """Migrate as a newer version does; for each of its new migrations, whether earlier code works with it."""
    scripts = Path(shutil.copytree(migrate.SCRIPTS, tmp_path / "alembic"))

    def upgrade(*promised: bool) -> None:
        for each in promised:
            before = migrate.newest(scripts)
            revision = f"{max(int(before), 9000) + 1}"
            words = LATER.format(revision=revision, before=before, promised=each)
            (scripts / "versions" / f"{revision}_later.py").write_text(words)
        migrate.upgrade(migrated_url, scripts=scripts)

    return upgrade


def declare(url: str) -> object:
    core = open_core(Settings(FOGHORN_DATABASE_URL=url), ORGANISATION, follows=True)
    try:
        return run_line(core.desk, "declare API errors", Account("cli", "ana"), Place("cli"))
    finally:
        core.close()


def test_code_that_two_migrations_promise_to_work_starts_and_works(migrated_url: str, release: Release) -> None:
    release(True, True)
    migrate.prepare(migrated_url)
    migrate.upgrade(migrated_url)
    assert isinstance(declare(migrated_url), IncidentCard)


@pytest.mark.parametrize("promised", [(False,), (True, False), (False, True)])
def test_code_that_one_of_the_migrations_promises_nothing_is_refused(
    migrated_url: str, release: Release, promised: tuple[bool, ...]
) -> None:
    release(*promised)
    for start in (migrate.prepare, migrate.upgrade, declare):
        with pytest.raises(NotMigrated, match=f"The database is at version {9000 + len(promised)}, which is newer"):
            start(migrated_url)


def test_a_promise_of_an_earlier_migration_ends_with_the_next_one(migrated_url: str, release: Release) -> None:
    release(True)
    release(False)
    with pytest.raises(NotMigrated):
        declare(migrated_url)


@pytest.mark.parametrize("engine_name", ["postgresql"])
def test_nothing_is_migrated_away_from_under_processes_that_run(migrated_url: str, release: Release) -> None:
    foghorn = compose(Settings(FOGHORN_DATABASE_URL=migrated_url), ORGANISATION)

    async def run() -> None:
        await foghorn.start()
        try:
            with pytest.raises(NotMigrated, match=r"Nothing was migrated\. These are running and cannot"):
                await asyncio.to_thread(release, False)
            assert migrate.version(foghorn.store.engine) == migrate.newest()
        finally:
            await foghorn.stop()

    asyncio.run(run())
    release()


@pytest.mark.parametrize("engine_name", ["postgresql"])
def test_a_process_goes_on_until_it_cannot_work_with_the_database(migrated_url: str, release: Release) -> None:
    foghorn = compose(Settings(FOGHORN_DATABASE_URL=migrated_url), ORGANISATION)

    async def run() -> None:
        await foghorn.start()
        outdated = asyncio.create_task(foghorn.outdated(0.01))
        try:
            await asyncio.to_thread(release, True)
            done, _ = await asyncio.wait({outdated}, timeout=0.3)
            assert not done
            with psycopg.connect(migrated_url, autocommit=True) as connection:
                connection.execute("UPDATE alembic_version SET version_num = '9999'")
            assert "version 9999, which is newer" in str(await asyncio.wait_for(outdated, 60))
        finally:
            await foghorn.stop()

    asyncio.run(run())
