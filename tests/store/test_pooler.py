"""Behind a pooler in transaction mode nobody can tell whether a process lives: doctor says so, and leases expire."""

import asyncio
from datetime import timedelta

import pytest

from bot.clock import utc_now
from bot.core import examine
from bot.domain.organisation import Organisation
from bot.settings import Settings
from bot.store import processes
from bot.store.engine import make_engine
from bot.store.running import RunningProcess
from bot.store.transaction import Store
from tests.fakes.pooler import Pooler
from tests.harness import organisation

pytestmark = pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)


def asked(url: str, who: Organisation) -> dict[str, bool]:
    """What doctor says of the database."""
    return {found.what: found.well for found in examine(Settings(FOGHORN_DATABASE_URL=url), who)}


async def test_doctor_warns_of_a_pooler_in_transaction_mode_and_not_of_a_direct_connection(migrated_url: str) -> None:
    who = organisation()
    directly = await asyncio.to_thread(asked, migrated_url, who)
    async with Pooler(migrated_url).serving() as pooled_url:
        pooled = await asyncio.to_thread(asked, pooled_url, who)

    assert directly["database"]
    assert "database connection" not in directly
    assert (pooled["database"], pooled["database connection"]) == (True, False)


async def test_a_process_behind_one_is_taken_for_dead_when_it_was_not_seen_for_a_minute(migrated_url: str) -> None:
    store = Store(make_engine(migrated_url), utc_now)

    def dead() -> int:
        with store.read() as tx:
            return len(processes.dead(tx))

    async with Pooler(migrated_url).serving() as pooled_url:
        process = RunningProcess(store, pooled_url)
        await asyncio.to_thread(process.look)
        found = await asyncio.to_thread(dead)
        store.real = lambda: utc_now() + timedelta(seconds=61)
        later = await asyncio.to_thread(dead)
        named = process.id()
        await asyncio.to_thread(process.stop)
    store.close()

    assert named
    assert (found, later) == (0, 1)
