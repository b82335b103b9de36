"""What 20,000 deliveries leave behind in the process that made them."""

import asyncio
import gc
import os
from pathlib import Path

import pytest

from bot.store.engine import POOL_SIZE
from tests.worker.world import FACTS, World

pytestmark = pytest.mark.chaos
PLACES, UPDATES, ROUNDS = 100, 20, 10


@pytest.mark.parametrize("engine_name", ["sqlite"])
async def test_20000_deliveries_leave_no_objects_tasks_or_files_behind(migrated_url: str) -> None:
    world = World(migrated_url)
    for number in range(PLACES):
        world.subscribe(f"pigeon:{number}")
    counts = []
    sent = 0
    try:
        for number in range(1, ROUNDS + 1):
            await world.run(seconds=900)
            world.do("ana", f"declare! Pages hang, day {number} sev:3 on:chatgpt=major")
            for _ in range(UPDATES):
                world.do("ana", f"update INC-{number} investigating {FACTS}")
                world.do("ana", f"publish INC-{number}")
                await world.run(seconds=1)
            sent += len(world.pigeons.kept)
            world.pigeons.kept.clear()
            world.pigeons.looked.clear()
            counts.append(left())
    finally:
        world.close()

    assert sent == PLACES * UPDATES * ROUNDS
    _objects, tasks, files = zip(*counts, strict=True)
    assert set(tasks) == {1}
    assert max(files) - min(files) <= 2 * POOL_SIZE, files  # the file and its journal, for each connection of the pool
    assert counts[-1][0] - counts[2][0] < sent / 4, counts  # caches are full after the third round


def left() -> tuple[int, int, int]:
    """Objects, tasks, and open files."""
    gc.collect()
    return len(gc.get_objects()), len(asyncio.all_tasks()), len(list(Path(f"/proc/{os.getpid()}/fd").iterdir()))
