"""Hundreds of webhooks that accept an update and never answer."""

import pytest

from bot.platforms.webhook.messenger import MAX_CONCURRENT
from tests.worker.test_slow_destinations import seconds_until, serving, usual_seconds, working
from tests.worker.world import World

pytestmark = pytest.mark.chaos


async def test_more_webhooks_than_places_hang_at_once_and_the_healthy_one_waits_less_than_two_seconds(
    migrated_url: str,
) -> None:
    world = World(migrated_url)
    async with serving(world, 2 * MAX_CONCURRENT) as programs, working(world, programs):
        usual = await usual_seconds(world, programs)
        programs.waiting = 0
        await world.desk.in_thread(lambda: world.do("ben", "publish nochange:yes"))
        assert await seconds_until(programs, 2) < usual + 2
    world.close()
