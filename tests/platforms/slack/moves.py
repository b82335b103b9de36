"""What people do in these tests, and waiting for what comes of it."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

from tests.fakes.slack import Json, words_of
from tests.platforms.slack.conftest import ANA, NEWS, ROOM, Team

T = TypeVar("T")
DECLARE = "/incident declare ChatGPT and API errors sev:1 on:chatgpt=major,api=partial"


async def until(what: Callable[[], T]) -> T:
    """What becomes true soon: work goes on after its acknowledgement."""
    async with asyncio.timeout(3):
        while not (found := what()):
            await asyncio.sleep(0.005)
    return found


def last_in(team: Team, channel: str = ROOM) -> Json:
    """The newest message of a channel; empty where there is none."""
    return (team.slack.messages(channel) or [{}])[-1]


async def declared(team: Team) -> Json:
    """The card in the room."""
    await team.slack.types(ANA, ROOM, DECLARE)
    return await until(lambda: last_in(team))


async def published(team: Team) -> Json:
    """The delivery report of a first update, which needs nobody else; #status is subscribed."""
    await declared(team)
    await team.slack.types(ANA, ROOM, f"/incident subscribe <#{NEWS}|status>")
    await until(lambda: team.slack.seen_by(ANA))
    await team.slack.types(ANA, ROOM, "/incident publish")
    return await until(lambda: "Published: update 1" in words_of(last_in(team)) and last_in(team))


async def drafted(team: Team) -> Json:
    """The review of a second update, which needs another person."""
    await published(team)
    await team.slack.types(ANA, ROOM, "/incident update identified Signing in works.")
    return await until(lambda: "Draft for" in words_of(last_in(team)) and last_in(team))


async def form_of(team: Team, user: str) -> Json:
    """The form a person has open, once its questions are there."""
    return await until(lambda: next((f for f in team.slack.forms_of(user)[-1:] if "submit" in f), None))
