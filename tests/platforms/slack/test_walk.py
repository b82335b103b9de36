"""The front door through the real Bolt: declare, draft, approve by another, one subscriber."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

from tests.fakes.slack import Json, words_of
from tests.platforms.slack.conftest import ANA, BEN, DEV, NEWS, ROOM, Clock, Team


T = TypeVar("T")


async def until(what: Callable[[], T]) -> T:
    """What becomes true soon: work goes on after its acknowledgement."""
    async with asyncio.timeout(3):
        while not (found := what()):
            await asyncio.sleep(0.005)
    return found


async def declared(team: Team) -> Json:
    await team.slack.types(ANA, ROOM, "/incident declare ChatGPT and API errors sev:1 on:chatgpt=major,api=partial")
    return (await until(lambda: team.slack.messages(ROOM)))[0]


async def drafted(team: Team) -> Json:
    """The review in the room, of a second update: the first needs nobody else."""
    await declared(team)
    await team.slack.types(ANA, ROOM, "/incident publish")
    await until(lambda: "Published" in words_of(team.slack.messages(ROOM)))
    await team.slack.types(ANA, ROOM, "/incident update identified Signing in works.")
    await until(lambda: "identified" in words_of(team.slack.messages(ROOM)[-1]).lower())
    return team.slack.messages(ROOM)[-1]


async def test_declaring_takes_one_line(team):
    card = await declared(team)

    assert "SEV1 · ChatGPT and API errors" in words_of(card)
