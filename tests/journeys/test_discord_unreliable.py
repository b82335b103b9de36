"""The reference incident from Discord while many calls fail: every update arrives once, in order."""

import itertools
from typing import Any

import pytest

from bot.drill.scenario import REFERENCE, load
from tests.fakes.discord import Fails
from tests.journeys.discord_day import NEWS, Day, day, play, subscribe
from tests.journeys.test_discord_reference import pictures, told
from tests.journeys.test_reference_incident import STORY

ROUTES = (
    "POST /channels/{}/messages",
    "PATCH /channels/{}/messages/{}",
    "POST /channels/{}/messages/{}/threads",
    "GET /channels/{}/messages",
    "PUT /channels/{}/messages/pins/{}",
)
HOW = (Fails.ANSWER_LOST, Fails.NO_ANSWER, Fails.RATE_LIMITED, Fails.SERVER_ERROR)


@pytest.fixture
async def today(migrated_sqlite_url: str) -> Any:
    async with day(migrated_sqlite_url, load(REFERENCE).starts) as today:
        yield today


async def test_every_third_call_fails_and_everything_arrives_once(today: Day) -> None:
    await subscribe(today)
    turn = itertools.count()
    act, failed = today.discord._check_pace, []

    def sometimes(route: str, path: str, failure: Fails | None, seconds: float) -> None:
        if route in ROUTES and next(turn) % 3 == 0:
            today.discord.fail(route, HOW[len(failed) % len(HOW)], seconds=0.01)
            failed.append(route)
        act(route, path, failure, seconds)

    today.discord._check_pace = sometimes  # type: ignore[method-assign]

    await play(today)

    today.discord._check_pace = act  # type: ignore[method-assign]
    await today.settled()
    assert len(failed) > 50
    assert await today.agreed() == []
    assert told(today) == STORY
    news = [words for words in today.read(NEWS) if "Published" in words]
    assert len(news) == len(STORY)
    assert pictures(today) == 1
