"""Processes are killed at random instants of an incident, while every fifth call fails; nobody outside can tell."""

import asyncio
import random

import pytest

from tests.chaos.incident import tell, wrongs
from tests.chaos.town import Town, disturbed, town

pytestmark = pytest.mark.chaos
KILLS = 6
"""Of each incident: fifty are three hundred kills per database."""


async def kill(there: Town, dice: random.Random) -> None:
    """At random instants, also while it starts."""
    for _ in range(KILLS):
        await asyncio.sleep(dice.uniform(0.05, 2.5))
        await there.restart(0)


@pytest.mark.parametrize("seed", range(50))
async def test_an_incident_is_told_once_and_in_order_whatever_is_killed(migrated_url: str, seed: int) -> None:
    async with town(migrated_url, seed) as there, disturbed(kill(there, random.Random(seed))):
        await tell(there)
        assert wrongs(there) == []
