"""A world per test, on either engine."""

from collections.abc import Iterator

import pytest

from tests.worker.world import World


@pytest.fixture
def world(migrated_url: str) -> Iterator[World]:
    world = World(migrated_url)
    yield world
    world.close()
