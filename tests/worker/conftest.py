"""A world per test: on SQLite, or with `on_both_engines` on one after the other."""

from collections.abc import Iterator

import pytest

from tests.worker.world import World


@pytest.fixture
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    both = "engine_name" in request.fixturenames
    world = World(request.getfixturevalue("migrated_url" if both else "migrated_sqlite_url"))
    yield world
    world.close()


@pytest.fixture
def told(world: World) -> World:
    """A published incident; two lofts are told of it."""
    world.subscribe("pigeon:alpha")
    world.subscribe("pigeon:beta")
    world.do("ana", "declare Pages hang sev:1 on:chatgpt=major")
    world.later(2)
    world.publish()
    return world
