"""The reference incident from Discord alone, by two people, while calls fail: all places say the same at every step."""

import itertools
from collections.abc import AsyncIterator

import pytest

from bot.domain.facts import UpdateKind
from bot.drill.scenario import REFERENCE, load
from bot.store import updates
from tests.fakes.discord import Fails
from tests.journeys.checker import incident_of
from tests.journeys.discord_day import NEWS, Day, day, play, subscribe
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
async def today(migrated_sqlite_url: str) -> AsyncIterator[Day]:
    async with day(migrated_sqlite_url, load(REFERENCE).starts) as today:
        yield today


def told(today: Day) -> list[tuple[str, str, str, str, str]]:
    zone = today.running.app.organisation.zone
    rows = []
    with today.running.store.read() as tx:
        for update in updates.published(tx, incident_of(tx)):
            assert update.published_at is not None
            moment = update.stage.value if update.kind is UpdateKind.STAGE else update.kind.value
            promised = f"{update.promised_at.astimezone(zone.tz):%H:%M}" if update.promised_at else "none"
            title = next(text.title for text in updates.texts(tx, update) if text.audience == "customers")
            severity = update.severity.value if update.severity else ""
            rows.append((f"{update.published_at.astimezone(zone.tz):%H:%M}", moment, severity, promised, title))
    return rows


def pictures(today: Day) -> int:
    """How many pictures NEWS got."""
    files = [file["filename"] for message in today.discord.messages(NEWS) for file in message.get("attachments", ())]
    return files.count("INC-1.png")


async def test_the_reference_incident_from_discord_alone_while_every_third_call_fails(today: Day) -> None:
    problems: list[str] = []
    await subscribe(today)
    turn = itertools.count()
    act, failed = today.discord._check_pace, []

    def sometimes(route: str, path: str, failure: Fails | None, seconds: float) -> None:
        if route in ROUTES and next(turn) % 3 == 0:
            today.discord.fail(route, HOW[len(failed) % len(HOW)], seconds=0.01)
            failed.append(route)
        act(route, path, failure, seconds)

    today.discord._check_pace = sometimes  # type: ignore[method-assign]
    await play(today, check=problems.append)

    today.discord._check_pace = act  # type: ignore[method-assign]
    await today.settled()
    assert len(failed) > 50
    assert problems == []
    assert await today.agreed() == []
    assert told(today) == STORY
    assert len(today.discord.messages(today.room)) <= 1 + len(STORY) + 4
    news = [words for words in today.read(NEWS) if "Published" in words]
    assert len(news) == len(STORY)  # each update once, and the correction
    assert pictures(today) == 1
