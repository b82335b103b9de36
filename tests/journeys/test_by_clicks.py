"""An incident in which only its first command is typed: everything else is a button or a form, on each platform."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from bot.drill.scenario import REFERENCE, load
from tests.fakes.slack import Json, words_of
from tests.journeys import discord_day
from tests.journeys.slack_day import ANA, BEN, GENERAL, Day, day
from tests.patience import until


@pytest.fixture
async def today(migrated_sqlite_url: str) -> AsyncIterator[Day]:
    async with day(migrated_sqlite_url, load(REFERENCE).starts) as today:
        yield today


async def form_of(today: Day, user: str) -> Json:
    """The form that a person has open, once it is filled."""
    return await until(lambda: next((f for f in today.slack.forms_of(user)[-1:] if "submit" in f), None))


async def fills_in(today: Day, user: str, where: Json, verb: str, **typed: str) -> None:
    """A button that opens a form, and the form."""
    await today.slack.clicks(user, {**where, "channel": where.get("channel", today.room.id)}, f"fh:{verb}")
    await today.slack.submits(user, await form_of(today, user), typed)
    await today.carried_out()


def direct(today: Day, user: str, words: str) -> Json | None:
    """The newest direct message that reads so."""
    return next((m for m in reversed(today.slack.messages(user)) if words in words_of(m)), None)


async def message_with(today: Day, words: str) -> Json:
    found = await today.until(lambda: today.find(words))
    assert found is not None
    return found


async def test_after_the_first_command_an_incident_needs_no_typed_verb(today: Day) -> None:
    problems: list[str] = []
    await today.slack.types(ANA, GENERAL, "/incident declare")
    await today.slack.submits(ANA, await form_of(today, ANA), {"title": "API errors", "severity": "SEV1"})
    await today.until(lambda: any(channel.creator for channel in today.slack.channels.values()))
    await today.carried_out()

    card = await message_with(today, "INC-1 · SEV1")
    await fills_in(today, BEN, card, "update", message="Some requests fail.")
    await today.presses(BEN, await message_with(today, "Draft for INC-1 · Investigating"), "publish")
    assert "Update 1 (investigating) was published" in words_of(today.said()[-1])
    problems += await today.agreed()

    await fills_in(today, BEN, card, "update", stage="identified", message="We are adding capacity.")
    await today.presses(BEN, await message_with(today, "Draft for INC-1 · Identified"), "ask")
    asked = await today.until(
        lambda: next((m for m in today.slack.messages(ANA) if "adding capacity" in words_of(m)), 0)
    )
    await today.presses(ANA, {**asked, "channel": f"D{ANA}"}, "approve")
    await message_with(today, "Update 2 (identified) was published")
    assert "Approved by Ana Silva" in words_of(asked)
    problems += await today.agreed()

    await today.at(today.now + timedelta(minutes=11))
    await today.presses(BEN, await message_with(today, "Publish"), "publish")
    await message_with(today, "Update 3 (no change, still identified) was published")

    await fills_in(today, BEN, card, "resolve", message="All requests succeed.")
    await today.presses(BEN, await message_with(today, "Draft for INC-1 · Resolved"), "ask")
    await today.presses(ANA, await message_with(today, "Draft for INC-1 · Resolved"), "approve")
    await message_with(today, "Update 4 (resolved) was published")
    assert problems + await today.agreed() == []


@pytest.fixture
async def in_discord(migrated_sqlite_url: str) -> AsyncIterator[discord_day.Day]:
    async with discord_day.day(migrated_sqlite_url, load(REFERENCE).starts) as today:
        yield today


async def presses_and_fills(today: discord_day.Day, user: str, label: str, *choices: str, **typed: str) -> None:
    """A button that opens a form, its step with menus where it has one, and the form."""
    seen = len(today.discord.seen_by(user))
    opened = await today.discord.clicks(user, today.with_button(user, label), label)
    if opened["type"] != 9:
        [step] = await today.until(lambda: today.discord.seen_by(user)[seen:])
        for choice in choices:
            await today.discord.clicks(user, step, choice, channel=today.room)
            await today.carried_out()
        opened = await today.discord.clicks(user, step, "Continue", channel=today.room)
    await today.discord.submits(user, today.room, opened["data"], **typed)
    await today.carried_out()


def shown(today: discord_day.Day, words: str) -> bool:
    return any(words in message for message in today.read(today.room))


async def test_the_same_in_discord(in_discord: discord_day.Day) -> None:
    today, ana, ben = in_discord, discord_day.ANA, discord_day.BEN
    first = await today.discord.types(ana, discord_day.OPS, "/incident declare")
    await today.discord.submits(ana, discord_day.OPS, first["data"], title="API errors", severity="SEV1")
    await today.carried_out()

    await presses_and_fills(today, ben, "Update", message="Some requests fail.")
    await today.clicks(ben, "Publish")
    assert shown(today, "Update 1 (investigating) was published")

    await presses_and_fills(today, ben, "Update", "Identified", message="We are adding capacity.")
    await today.clicks(ben, "Ask Ana Silva for approval")
    await today.clicks(ana, "Approve")
    assert shown(today, "Update 2 (identified) was published")

    await today.at(today.now + timedelta(minutes=11))
    await today.clicks(ben, "Publish no change")
    assert shown(today, "Update 3 (no change, still identified) was published")

    await presses_and_fills(today, ben, "Resolve", message="All requests succeed.")
    await today.clicks(ben, "Ask Ana Silva for approval")
    await today.clicks(ana, "Approve")
    assert shown(today, "Update 4 (resolved) was published")
    assert await today.agreed() == []
