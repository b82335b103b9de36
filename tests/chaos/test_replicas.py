"""Several processes on one PostgreSQL: one is killed, one is frozen and goes on, and connections are cut."""

import asyncio
import random

import psycopg
import pytest
from sqlalchemy import make_url

from tests.chaos.incident import tell, wrongs
from tests.chaos.town import Town, disturbed, town
from tests.conftest import Postgres
from tests.patience import until

pytestmark = pytest.mark.chaos
LEASE_S = 60.0


@pytest.fixture
def url(postgres: Postgres, migrated_postgres: str) -> str:
    return postgres.make(migrated_postgres)


async def freeze(there: Town, dice: random.Random) -> None:
    """The first one, for longer than its leases; the others are killed meanwhile."""
    await asyncio.sleep(dice.uniform(1, 8))
    there.lives[0].freeze()
    try:
        await asyncio.sleep(dice.uniform(1, 10))
        await there.restart(1)
        await asyncio.sleep(LEASE_S)
    finally:
        there.lives[0].thaw()
    await asyncio.sleep(dice.uniform(1, 5))
    await there.restart(len(there.lives) - 1)


async def cut(there: Town, url: str, dice: random.Random) -> None:
    """All connections to the database, at random instants. A process that cannot start without them ends with words."""
    for life in there.lives:
        await until(life.ready.is_set)
    for _ in range(8):
        await asyncio.sleep(dice.uniform(0.5, 4))
        await asyncio.to_thread(_cut, url)


def _cut(url: str) -> None:
    mine = make_url(url)
    with psycopg.connect(mine.set(database="postgres").render_as_string(hide_password=False)) as connection:
        connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [mine.database])


@pytest.mark.parametrize("replicas", [2, 3])
@pytest.mark.parametrize("seed", range(3))
async def test_nobody_can_tell_that_one_was_frozen_and_others_killed(url: str, replicas: int, seed: int) -> None:
    async with town(url, seed, replicas=replicas) as there:
        await asyncio.gather(tell(there), freeze(there, random.Random(seed)))
        await until(lambda: not wrongs(there))  # the frozen one removes what it sent when it woke


@pytest.mark.parametrize("replicas", [1, 2])
@pytest.mark.parametrize("seed", range(3))
async def test_nobody_can_tell_that_connections_were_cut(url: str, replicas: int, seed: int) -> None:
    async with town(url, seed, replicas=replicas) as there, disturbed(cut(there, url, random.Random(seed))):
        await tell(there)
        assert wrongs(there) == []
