"""The reference incident from Slack alone, by three people; after every line all places say the same."""

from collections.abc import AsyncIterator

import pytest

from bot.drill.scenario import REFERENCE, load
from tests.fakes.slack import Fails, words_of
from tests.journeys.checker import even
from tests.journeys.slack_day import BEN, DEVELOPERS, GENERAL, NEWS, Day, day, play, subscribe
from tests.journeys.test_reference_incident import STORY


@pytest.fixture
async def today(migrated_sqlite_url: str) -> AsyncIterator[Day]:
    async with day(migrated_sqlite_url, load(REFERENCE).starts) as today:
        yield today


def pictures(today: Day, channel: str = NEWS) -> int:
    """How many pictures a channel got."""
    files = [file["name"] for message in today.slack.messages(channel) for file in message.get("files", ())]
    return sum(name.startswith("INC-1-") and name.endswith(".png") for name in files)


async def test_the_reference_incident_from_slack_alone_while_every_second_call_fails(today: Day) -> None:
    problems: list[str] = []
    await subscribe(today)
    today.slack.unreliable = (Fails.ANSWER_LOST, Fails.SERVER_ERROR, Fails.NO_ANSWER, Fails.RATE_LIMITED)

    await play(today, check=problems.append)
    today.slack.unreliable = ()
    assert today.slack.failed > 100
    await today.settled()

    assert problems == []
    assert await today.agreed() == []
    assert today.told() == STORY
    assert len(today.said()) <= 1 + len(STORY) + 4  # the card, a report of each update, and little else

    # each update once: why messages come, fifteen updates, the correction, the picture
    assert len(today.slack.messages(NEWS)) == 1 + 15 + 1 + 1
    assert [pictures(today, channel) for channel in (NEWS, DEVELOPERS, today.room.id)] == [1, 1, 1]
    headlines = [m for m in today.said(DEVELOPERS) if not m.get("subtype")]
    shown_again = [m for m in today.said(DEVELOPERS) if m.get("subtype") == "thread_broadcast"]
    assert len(headlines) == 1 + 1
    assert [words_of(m["blocks"][1]).split(" ·")[0] for m in shown_again] == [
        "Identified",
        "Fix implemented",
        "Monitoring",
        "Resolved",
    ]


async def test_the_checker_notices_a_channel_that_says_something_else(today: Day) -> None:
    await subscribe(today)
    await today.types(BEN, "declare API down sev:3 on:api=major", GENERAL)
    await today.types(BEN, "publish")
    assert await today.agreed() == []

    today.slack.messages(NEWS)[-1]["blocks"] = []

    assert await today.agreed() == [
        f"slack:{NEWS} does not show “{even(today.words())[:60]}…”",
    ]
