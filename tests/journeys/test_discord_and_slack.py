"""One incident on two platforms: one record, a room on each, and every subscriber hears once."""

from collections.abc import AsyncIterator

import pytest

from bot.commands.invocation import Account, Place
from bot.store import people
from bot.views.plain import plain
from tests.fakes.slack import Fails, words_of
from tests.harness import run_line
from tests.journeys.discord_day import (
    ANA,
    BEN,
    DEVELOPERS,
    NEWS,
    SLACK_ANA,
    SLACK_BEN,
    SLACK_GENERAL,
    SLACK_NEWS,
    SUPPORT,
    Day,
    day,
)
from tests.reference import et

DECLARE = "declare ChatGPT and API errors sev:1 on:chatgpt=major,api=partial"


@pytest.fixture
async def today(migrated_sqlite_url: str) -> AsyncIterator[Day]:
    async with day(migrated_sqlite_url, et("11:40"), slack=True) as today:
        yield today


async def on_console(today: Day, handle: str, line: str) -> str:
    """As a signed-in person types it there."""
    with today.running.store.read() as tx:
        person = people.by_handle(tx, handle)
        assert person is not None
    desk = today.running.desk
    who = Account("console", person.id)
    answer = await desk.in_thread(lambda: run_line(desk, line, who, Place("console")))
    await today.settled()
    return plain(answer, today.running.app.organisation.zone)


async def subscribed(today: Day) -> None:
    await today.on_slack(SLACK_ANA, "subscribe", SLACK_NEWS)
    await today.types(ANA, "subscription add", NEWS)


async def declared(today: Day) -> None:
    await subscribed(today)
    await today.on_slack(SLACK_ANA, DECLARE, SLACK_GENERAL)


def shown(messages: list[str], words: str) -> int:
    return sum(words in message for message in messages)


async def test_declared_in_slack_updated_in_discord_approved_on_the_console_corrected_from_slack(today: Day) -> None:
    await declared(today)
    assert await today.agreed() == []
    await today.types(BEN, "draft publish")
    assert await today.agreed() == []

    await today.at(et("11:48"))
    await today.types(BEN, "update", stage="identified", text="Signing in works.")
    assert "Published" in await on_console(today, "ana", "approve INC-1")
    assert await today.agreed() == []

    await today.at(et("11:52"))
    correct = 'correct wrong:"Signing in works." right:"Some sign-ins fail too."'
    await today.on_slack(SLACK_BEN, correct)
    await today.on_slack(
        SLACK_BEN, 'edit developers:"Correction: we said that signing in works. Some sign-ins fail too."'
    )
    await today.clicks(ANA, "Read all")  # a text that the room does not show was edited by hand
    await today.discord.clicks(ANA, today.discord.seen_by(ANA)[-1], "Approve", channel=today.room)
    await today.carried_out()
    assert await today.agreed() == []

    for told in (today.read(NEWS), today.read_slack(SLACK_NEWS)):
        assert shown(told, "Identified") == 1
        assert shown(told, "Some sign-ins fail too.") >= 1


async def test_each_room_shows_the_same_card_and_the_notes_of_the_other_once_with_author_and_origin(today: Day) -> None:
    await declared(today)
    await today.on_slack(SLACK_BEN, "note Sign-in fails for 1 in 5 attempts")
    await today.types(BEN, "note", text="The gateway restarts every minute")

    here, there = today.read(today.room), today.read_slack(today.room_on("slack"))

    assert shown(here, "SEV1 · ChatGPT and API errors") == 1
    assert shown(there, "SEV1 · ChatGPT and API errors") == 1
    [from_slack] = [words for words in here if "Sign-in fails for 1 in 5" in words]
    [from_discord] = [words for words in there if "The gateway restarts" in words]
    assert "Ben Osei, on Slack" in from_slack
    assert "Ben Osei, on Discord" in from_discord


async def test_roles_given_on_one_side_hold_on_the_other(today: Day) -> None:
    await declared(today)
    await today.types(ANA, "assign", role="comms", person=BEN)

    assert shown(today.read_slack(today.room_on("slack")), "Ben Osei") >= 1


async def test_a_reminder_comes_to_both_rooms_and_is_dealt_with_in_both(today: Day) -> None:
    await declared(today)
    await today.types(BEN, "draft publish")
    await today.at(et("11:51"))
    await today.clicks(ANA, "Publish no change")
    assert await today.agreed() == []

    rooms = (today.read(today.room), today.read_slack(today.room_on("slack")))
    assert [shown(room, "Customers were promised an update") for room in rooms] == [0, 0]
    assert [shown(room, "Update 2 (no change, still investigating) was published") for room in rooms] == [1, 1]


async def test_the_first_message_of_a_late_subscriber_stands_alone(today: Day) -> None:
    assert today.slack is not None
    await today.on_slack(SLACK_ANA, "declare ChatGPT errors sev:3 on:chatgpt=partial", SLACK_GENERAL)
    await today.types(BEN, "draft publish")
    await today.at(et("11:48"))
    await today.types(BEN, "update", stage="identified", text="Signing in works.", on="chatgpt=major,api=partial")
    await today.types(BEN, "draft publish")

    await today.on_slack(SLACK_ANA, "subscribe", SLACK_NEWS)
    await today.types(ANA, "subscription add", NEWS)
    await today.types(ANA, "subscription add", DEVELOPERS, mode="thread")

    for read in (today.read_slack(SLACK_NEWS), today.read(NEWS), today.read(DEVELOPERS)):
        _confirmed, first = read
        wanted = ("Identified", "Major outage: ChatGPT", "Partial outage: API", "Signing in works.", "Next update by")
        assert [words for words in wanted if words not in first] == []
        assert [words for words in ("Investigating", "first reported", "larger", "Update 2") if words in first] == []
    sent = [*today.slack.messages(SLACK_NEWS), *today.discord.messages(NEWS), *today.discord.messages(DEVELOPERS)]
    assert [message for message in sent if message.get("thread_ts") or message.get("message_reference")] == []


async def test_accounts_are_linked_by_a_code_of_the_other_platform(today: Day) -> None:
    assert today.slack is not None
    today.slack.add_user("U0DEV", "dev")
    today.discord.add_member("100000000000000099", "Dev")
    await today.on_slack(SLACK_ANA, "link", SLACK_GENERAL)
    words = words_of(today.slack.seen_by(SLACK_ANA)[-1])
    code = next(word for word in words.replace("`", " ").split() if len(word) == 9 and word[4] == "-")

    await today.types("100000000000000099", "link", SUPPORT, code=code)

    with today.running.store.read() as tx:
        person = people.find_account(tx, "discord", "100000000000000099")
        assert person is not None
        assert person.handle == "ana"


async def test_while_discord_is_away_slack_hears_at_once_and_discord_everything_once_when_it_returns(
    today: Day,
) -> None:
    await declared(today)
    await today.types(BEN, "draft publish")
    before = len(today.read(NEWS))

    today.discord.down, today.rounds = True, 2
    await today.on_slack(SLACK_BEN, "update identified We know where the failure is.")
    await on_console(today, "ana", "approve INC-1")
    assert shown(today.read_slack(SLACK_NEWS), "Identified") == 1
    today.now = et("11:50")
    await on_console(today, "ben", "note Discord is away")
    assert len(today.read(NEWS)) == before

    today.discord.down, today.rounds = False, 40
    await today.at(et("11:52"))

    assert shown(today.read(NEWS), "Identified") == 1
    assert shown(today.read(today.room), "Discord is away") == 1
    assert await today.agreed() == []


async def test_while_slack_is_away_discord_hears_at_once_and_slack_everything_once_when_it_returns(
    today: Day,
) -> None:
    assert today.slack is not None
    await declared(today)
    await today.types(BEN, "draft publish")

    today.slack.fail("chat.postMessage", Fails.NO_ANSWER, times=12)
    today.slack.fail("chat.update", Fails.NO_ANSWER, times=12)
    await today.types(BEN, "update", stage="identified", text="We know where the failure is.")
    await today.clicks(ANA, "Approve")
    assert shown(today.read(NEWS), "Identified:") == 1

    await today.at(et("11:52"))

    assert shown(today.read_slack(SLACK_NEWS), "Identified") == 1
    assert await today.agreed() == []
