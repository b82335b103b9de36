"""The reference incident from Discord alone, by two people; after every step all places say the same."""

from collections.abc import AsyncIterator

import pytest

from bot.domain.facts import UpdateKind
from bot.drill.scenario import REFERENCE, load
from bot.store import updates
from tests.journeys.checker import incident_of
from tests.journeys.discord_day import NEWS, Day, day, play, subscribe
from tests.journeys.test_reference_incident import STORY


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


async def test_the_reference_incident_from_discord_alone(today: Day) -> None:
    problems: list[str] = []
    await subscribe(today)

    await play(today, check=problems.append)

    assert problems == []
    assert told(today) == STORY
    assert len(today.discord.messages(today.room)) <= 1 + len(STORY) + 4
    news = [words for words in today.read(NEWS) if "Published" in words]
    assert len(news) == len(STORY)  # each update once, and the correction
    assert pictures(today) == 1
