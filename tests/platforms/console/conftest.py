"""A console that people sign in to."""

from collections.abc import Iterator

import pytest

from tests.platforms.console.browse import Browse
from tests.platforms.console.world import World


@pytest.fixture
def world(migrated_sqlite_url: str) -> Iterator[World]:
    with World(migrated_sqlite_url) as world:
        yield world


@pytest.fixture
def ana(world: World) -> Browse:
    return world.browser("ana")


@pytest.fixture
def ben(world: World) -> Browse:
    return world.browser("ben")
