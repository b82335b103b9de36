"""What goes wrong around an incident run from Slack: tokens, channels, people, words. And how little it takes."""

import re
from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import col, select

from bot.commands.invocation import Account, Invocation, Place
from bot.domain.deliveries import Delivery, DeliveryState
from bot.domain.destinations import Destination
from bot.drill.scenario import REFERENCE, load
from bot.store import deliveries, people, updates
from tests.fakes.slack import words_of
from tests.fakes.slack_workspace import BOT
from tests.journeys.checker import incident_of
from tests.journeys.slack_day import ANA, BEN, CHI, DEVELOPERS, GENERAL, NEWS, Day, day, subscribe

DECLARE = "declare ChatGPT and API errors sev:1 on:chatgpt=major,api=partial"
HOSTILE = (
    "<!channel> <@U0ANA> @here *bold* `code` &lt; \u202eright-to-left\u202c :fire: <https://evil.example|click> $(rm)"
)


@pytest.fixture
async def today(migrated_sqlite_url: str) -> AsyncIterator[Day]:
    async with day(migrated_sqlite_url, load(REFERENCE).starts) as today:
        yield today


async def published(today: Day) -> None:
    await subscribe(today)
    await today.types(ANA, DECLARE, GENERAL)
    await today.until(lambda: today.find("Draft for INC-1"))
    await today.types(ANA, "publish")


def states(today: Day, number: int, destination: str) -> list[tuple[str, str]]:
    with today.running.store.read() as tx:
        found = updates.find_published(tx, incident_of(tx), number)
        assert found is not None
        rows = [row for row in deliveries.of_update(tx, found) if row.destination == Destination("slack", destination)]
        return [(row.state.value, row.reason) for row in rows]


# ---- how little it takes


async def test_two_typed_lines_from_nothing_to_a_published_sev1_update(today: Day) -> None:
    await subscribe(today)

    await today.types(ANA, DECLARE, GENERAL)
    await today.types(ANA, "publish")

    assert await today.until(lambda: today.find("(investigating) was published"))
    assert await today.agreed() == []


async def test_one_form_and_two_clicks_do_the_same(today: Day) -> None:
    await subscribe(today)
    await today.slack.opens_home(ANA)
    home = await today.until(lambda: today.slack.homes.get(ANA))

    await today.slack.clicks_home(ANA, home, "fh:declare")  # the first click
    form = await today.until(lambda: next((f for f in today.slack.forms_of(ANA) if "submit" in f), None))
    await today.slack.submits(ANA, form, {"title": "ChatGPT and API errors", "severity": "SEV1"})  # the form
    review = await today.until(lambda: any(c.creator == BOT for c in today.slack.channels.values())
                               and today.find("Draft for INC-1"))  # fmt: skip
    await today.presses(ANA, review, "publish")  # the second click

    assert await today.until(lambda: today.find("(investigating) was published"))


# ---- approvals and reminders


def mention(message: Mapping[str, Any]) -> list[str]:
    """Who is mentioned in a message."""
    lines = [line for block in message["blocks"] if block["type"] == "rich_text" for line in block["elements"]]
    return [part["user_id"] for line in lines for part in line["elements"] if part["type"] == "user"]


async def test_an_approval_on_the_console_turns_the_review_in_the_room_into_the_report(today: Day) -> None:
    await published(today)
    await today.types(BEN, "update identified Signing in works.")
    review = await today.until(lambda: today.find("Draft for INC-1 · Identified"))

    with today.running.store.read() as tx:
        ana = people.by_handle(tx, "ana")
    assert ana is not None
    await today.running.desk.submit(Invocation("approve", {}, Account("console", ana.id), Place("console")))
    await today.settled()

    assert "(identified) was published" in words_of(review)
    assert await today.agreed() == []


async def test_a_click_on_what_somebody_else_just_approved_says_who_it_was(today: Day) -> None:
    await published(today)
    await today.types(CHI, "update identified Signing in works.")
    review = dict(await today.until(lambda: today.find("Draft for INC-1 · Identified")))
    await today.presses(ANA, review, "approve")

    await today.presses(BEN, review, "approve")

    assert "Ana Silva already published" in today.private(BEN)


async def test_a_reminder_comes_to_the_room_and_directly_and_is_dealt_with_from_there(today: Day) -> None:
    await published(today)
    await today.at(today.now + timedelta(minutes=11))
    direct = await today.until(lambda: today.slack.messages(ANA))
    room = await today.until(lambda: today.find("Update due in 5 minutes"))
    assert "There is no change since" in words_of(direct[-1])

    await today.presses(ANA, {**direct[-1], "channel": "D" + ANA}, "publish")
    await today.settled()

    assert "kept: Ana Silva published" in words_of(direct[-1])
    assert [block for block in direct[-1]["blocks"] if block["type"] == "actions"] == []
    assert room not in today.said()  # the report of the update stands there instead
    assert await today.agreed() == []


async def test_a_reminder_in_the_room_mentions_whom_it_asks_until_it_is_snoozed(today: Day) -> None:
    await published(today)
    await today.at(today.now + timedelta(minutes=11))
    room = await today.until(lambda: today.find("Update due in 5 minutes"))
    rung = [mention(room)]

    await today.presses(ANA, room, "snooze")
    await today.settled()

    assert [*rung, mention(room)] == [[ANA], []]


async def test_a_snooze_in_the_room_is_seen_in_the_direct_message(today: Day) -> None:
    await published(today)
    await today.at(today.now + timedelta(minutes=11))
    room = await today.until(lambda: today.find("Update due in 5 minutes"))

    await today.presses(ANA, room, "snooze")

    assert "Ana Silva snoozed this until" in words_of(today.slack.messages(ANA)[-1])


async def test_a_newer_reminder_takes_the_place_of_the_older_one(today: Day) -> None:
    await published(today)
    await today.at(today.now + timedelta(minutes=11))
    first = await today.until(lambda: today.find("Update due in 5 minutes"))

    await today.at(today.now + timedelta(minutes=5))

    assert await today.until(lambda: today.find("Update due now"))
    assert first not in today.said()


# ---- tokens and channels


async def test_a_token_revoked_in_the_middle_is_said_and_made_good_by_retry(today: Day) -> None:
    await published(today)
    token, today.slack.bot_token = today.slack.bot_token, "xoxb-other"

    await today.running.desk.submit(
        Invocation("publish", {"no_change": "yes"}, Account("slack", ANA), Place("slack", GENERAL))
    )
    await today.settled()

    assert states(today, 2, NEWS) == [
        ("dead", "Slack rejected the token. Ask an administrator to put a valid one into SLACK_BOT_TOKEN, then retry.")
    ]
    today.slack.bot_token = token
    await today.types(ANA, "deliveries INC-1 update:2 retry:yes", GENERAL)
    assert states(today, 2, NEWS) == [("sent", "")]
    assert await today.agreed() == []


async def test_a_bot_removed_from_a_subscribed_private_channel_is_said_in_the_report(today: Day) -> None:
    await published(today)
    today.slack.channels["C0BIZ"].members.discard(BOT)

    await today.types(ANA, "publish nochange:yes")

    report = await today.until(lambda: today.find("(no change, still investigating) was published"))
    assert "Invite it again, then retry" in words_of(report)
    assert await today.agreed() == []


async def test_a_public_channel_that_removed_foghorn_is_joined_again(today: Day) -> None:
    await published(today)
    today.slack.channels[NEWS].members.discard(BOT)

    await today.types(ANA, "publish nochange:yes")

    assert states(today, 2, NEWS) == [("sent", "")]


async def test_a_private_channel_that_was_not_asked_is_refused(today: Day) -> None:
    today.slack.add_channel("C0SECRET", "secret", ANA, private=True)

    await today.types(ANA, "subscribe", "C0SECRET")

    assert "Foghorn cannot write in" in today.private(ANA)


async def test_a_subscription_in_the_middle_gets_the_current_words_at_once(today: Day) -> None:
    await today.types(ANA, DECLARE, GENERAL)
    await today.types(ANA, "publish")

    await today.types(ANA, "subscribe", NEWS)

    told = [words_of(message) for message in today.slack.messages(NEWS)]
    assert ["subscribed this channel" in told[0], "Investigating" in told[1], len(told)] == [True, True, 2]
    assert await today.agreed() == []


async def test_no_change_is_not_shown_again_in_the_channel_of_a_thread(today: Day) -> None:
    await published(today)

    await today.types(ANA, "publish nochange:yes")

    assert [m for m in today.slack.messages(DEVELOPERS) if m.get("subtype")] == []
    assert len([m for m in today.slack.messages(DEVELOPERS) if m.get("thread_ts", m["ts"]) != m["ts"]]) == 1


# ---- words


async def test_hostile_words_in_every_field_stay_words(today: Day) -> None:
    await subscribe(today)
    await today.types(BEN, f"declare {HOSTILE} sev:3 on:api=major", GENERAL)
    await today.until(lambda: today.find("Draft for INC-1"))
    await today.types(BEN, f'update investigating title:"{HOSTILE}" {HOSTILE}')
    await today.types(BEN, f"note {HOSTILE}")
    await today.types(BEN, "publish")

    markup = [text for m in _everything(today) for text in _markup(m)]
    assert [text for text in markup if re.search("<!channel|<@|<https://evil", text)] == []


async def test_ten_thousand_characters_are_refused_in_words_and_kept(today: Day) -> None:
    await today.types(ANA, DECLARE, GENERAL)

    await today.types(ANA, "update investigating " + "word " * 2000)

    said = today.private(ANA) + " ".join(words_of(form) for form in today.slack.forms_of(ANA))
    assert "characters" in said


def _everything(today: Day) -> list[dict]:  # type: ignore[type-arg]
    return [m for channel in today.slack.channels.values() for m in channel.messages if m.get("bot_id")]


def _markup(value: object) -> list[str]:
    """Whatever Slack reads as markup."""
    if isinstance(value, list):
        return [text for each in value for text in _markup(each)]
    if not isinstance(value, dict):
        return []
    own = [value["text"]] if value.get("type") == "mrkdwn" or ("blocks" in value and "text" in value) else []
    return own + [text for each in value.values() for text in _markup(each)]


async def test_an_old_button_is_answered(today: Day) -> None:
    await today.types(ANA, DECLARE, GENERAL)
    button = {"type": "button", "action_id": "ack:7", "text": {"type": "plain_text", "text": "Ack"}, "value": "7"}
    old = {"ts": "1.1", "channel": GENERAL, "blocks": [{"type": "actions", "elements": [button]}]}

    await today.slack.clicks(ANA, old, "ack:7")

    await today.until(lambda: "This button no longer works" in today.private(ANA))


async def test_an_update_that_is_late_is_told_in_the_room_and_retried_from_there(today: Day) -> None:
    await published(today)
    await today.until(lambda: states(today, 1, NEWS) == [("sent", "")])
    store = today.running.store
    with store.write() as tx:  # as if the channel had refused it for more than a minute
        late = select(Delivery).where(Delivery.destination == Destination("slack", NEWS))
        for row in tx.session.exec(late.where(col(Delivery.subscription_id).is_not(None))):
            row.state, row.reference, row.reason, row.attempts = DeliveryState.DUE, "", "Slack answers 503", 5
            row.failing_since, row.due_at = store.real() - timedelta(seconds=61), store.real() + timedelta(hours=1)

    note = await today.until(lambda: today.find("has not reached 1 of"))
    assert "Slack answers 503 · 5 attempts; next attempt at" in words_of(note)
    await today.presses(ANA, note, "deliveries")

    assert await today.until(lambda: states(today, 1, NEWS) == [("sent", "")])
