"""Channels of responders hear of incidents, on Slack and on Discord, and nobody else does."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.domain.record import EntryKind
from bot.drill.scenario import REFERENCE, load
from bot.store import incidents, record
from tests.fakes.slack import words_of
from tests.journeys import discord_day, slack_day
from tests.journeys.slack_day import ANA, GENERAL, Day

OPS, ON_CALL = "C0OPS", "S0ONCALL"
ON_SLACK = {"channels": [f"slack:{OPS}"], "ping": {"SEV1": [f"slack:{ON_CALL}"]}}
WATCH, ROLE = "200000000000000031", "300000000000000031"
ON_DISCORD = {"channels": [f"discord:{WATCH}"], "ping": {"SEV1": [f"discord:{ROLE}"]}}


@pytest.fixture
async def today(migrated_sqlite_url: str) -> AsyncIterator[Day]:
    async with slack_day.day(migrated_sqlite_url, load(REFERENCE).starts, announce=ON_SLACK) as today:
        today.slack.add_channel(OPS, "ops", ANA)
        yield today


@pytest.fixture
async def on_discord(migrated_sqlite_url: str) -> AsyncIterator[discord_day.Day]:
    async with discord_day.day(migrated_sqlite_url, load(REFERENCE).starts, announce=ON_DISCORD) as today:
        today.discord.add_channel(WATCH, "watch")
        today.discord.add_role(ROLE, "on call")
        yield today


def elements(message: dict[str, Any], kind: str) -> list[str]:
    """What a message on Slack refers to: `usergroup`, `channel`."""
    lines = [line for block in message["blocks"] if block["type"] == "rich_text" for line in block["elements"]]
    return [part[f"{kind}_id"] for line in lines for part in line["elements"] if part["type"] == kind]


async def test_slack_announces_with_a_link_to_the_room_and_calls_the_group_when_it_grows(today: Day) -> None:
    await today.types(ANA, "declare Business plans behave oddly sev:3 on:business=degraded", GENERAL)
    (message,) = await today.until(lambda: today.slack.messages(OPS))
    await today.until(lambda: elements(message, "channel"))
    assert "INC-1 · SEV3 · Business plans behave oddly" in words_of(message)
    assert elements(message, "channel") == [today.room.id]
    assert elements(message, "usergroup") == []

    await today.types(ANA, "severity 1")
    message, call = today.slack.messages(OPS)
    assert "INC-1 · SEV1" in words_of(message)
    assert (elements(call, "usergroup"), call["thread_ts"]) == ([ON_CALL], message["ts"])


async def test_a_slack_channel_that_was_shared_meanwhile_is_not_told_and_the_timeline_says_why(today: Day) -> None:
    today.slack.channels[OPS].shared = True
    await today.types(ANA, "declare Business plans behave oddly sev:3", GENERAL)

    assert today.slack.messages(OPS) == []
    await today.types(ANA, "timeline")
    assert "not announced on Slack: #ops is shared with another organization" in today.private(ANA)


async def test_what_was_announced_is_not_edited_in_a_channel_that_is_shared_by_now(today: Day) -> None:
    await today.types(ANA, "declare Business plans behave oddly sev:3", GENERAL)
    today.slack.channels[OPS].shared = True
    await today.types(ANA, "severity 1")

    (message,) = today.slack.messages(OPS)
    assert "SEV3" in words_of(message)


async def test_a_channel_with_announcements_cannot_be_subscribed(today: Day) -> None:
    await today.types(ANA, "subscribe", OPS)

    assert "Incidents are announced to responders in" in today.private(ANA)
    assert today.slack.messages(OPS) == []


async def test_whoever_gets_a_role_reads_it_in_a_direct_message_with_the_next_act(today: Day) -> None:
    await today.types(ANA, "declare Business plans behave oddly sev:3 on:business=degraded", GENERAL)
    await today.types(ANA, "handover @ben")
    direct = await today.until(lambda: today.slack.messages(slack_day.BEN))

    words = words_of(direct[-1])
    assert "Ana Silva handed this incident to you. You are now commander." in words
    assert elements(direct[-1], "channel") == [today.room.id]
    await today.slack.clicks(slack_day.BEN, {**direct[-1], "channel": f"D{slack_day.BEN}"}, "fh:show")
    await today.settled()
    opened = await today.until(lambda: [*today.slack.seen_by(slack_day.BEN), *today.slack.messages(slack_day.BEN)[1:]])
    assert "Draft for INC-1 · Investigating" in words_of(opened[-1])


async def test_discord_announces_and_mentions_the_role_once(on_discord: discord_day.Day) -> None:
    today = on_discord
    await today.types(discord_day.ANA, "declare", discord_day.OPS, title="ChatGPT and API errors sev:1")
    (message,) = await today.until(lambda: today.discord.messages(WATCH))

    assert message["content"].startswith(f"<@&{ROLE}> INC-1 · SEV1 · ChatGPT and API errors")
    assert message["mention_roles"] == [ROLE]
    assert f"<#{today.room}>" in str(message["embeds"])


async def test_discord_calls_the_role_in_a_reply_when_the_incident_grows(on_discord: discord_day.Day) -> None:
    today = on_discord
    await today.types(discord_day.ANA, "declare", discord_day.OPS, title="ChatGPT and API errors sev:3")
    await today.types(discord_day.ANA, "severity", level=1)

    message, call = today.discord.messages(WATCH)
    assert message["content"].startswith(f"<@&{ROLE}> INC-1 · SEV1")
    assert (call["message_reference"]["message_id"], call["mention_roles"]) == (message["id"], [ROLE])


async def test_a_discord_channel_that_others_can_follow_by_now_is_not_told(on_discord: discord_day.Day) -> None:
    today = on_discord
    today.discord.channels[WATCH].type = 5
    await today.types(discord_day.ANA, "declare", discord_day.OPS, title="ChatGPT and API errors sev:1")

    assert today.discord.messages(WATCH) == []
    with today.running.store.read() as tx:
        (incident,) = incidents.open_incidents(tx)
        ((_entry, text),) = record.entries(tx, incident, kinds=[EntryKind.DELIVERY_FAILED])
    assert text.text == ("not announced on Discord: #watch is an announcement channel, which other servers can follow")
