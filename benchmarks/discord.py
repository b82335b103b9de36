"""Discord: first responses against a bare discord.py bot, and what declaring on two platforms costs at 40 ms a call."""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

import discord as library
from discord.gateway import DiscordWebSocket
from discord.http import Route
from yarl import URL

from benchmarks.measure import Figure, median, ms, percentile
from bot.platforms.discord import tree
from bot.store import migrate
from tests.fakes.discord import Discord
from tests.fakes.discord_checks import words_of
from tests.fakes.slack import words_of as words_on_slack
from tests.journeys.discord_day import ANA, NEWS, OPS, SLACK_ANA, SLACK_GENERAL, SLACK_NEWS, Day, day
from tests.reference import et

COMMANDS = 500
WARM_UP = 20
CALL_S, SLOW_S = 0.04, 0.4
WHAT = ("the thread", "the card", "everything")


def figures() -> Iterator[Figure]:
    """Both bots on the same local server, one process, so the ratio says more than the time."""
    logging.disable(logging.ERROR)
    try:
        yield from asyncio.run(_figures())
    finally:
        logging.disable(logging.NOTSET)


async def _figures() -> list[Figure]:
    async with Discord().serving() as discord, _bare(discord):
        bare = await _one_after_another(discord)
    with TemporaryDirectory(prefix="foghorn-bench-") as folder:
        url = f"sqlite:///{folder}/discord.db"
        migrate.upgrade(url)
        async with day(url, et("11:40")) as today:
            await today.types(ANA, "declare", OPS, title="API down", severity=3)
            ours = await _one_after_another(today.discord)
    alone = await _declared_here()
    one = await _declared(slack_s=CALL_S, discord_s=0.0)
    other = await _declared(slack_s=0.0, discord_s=CALL_S)
    both = await _declared(slack_s=CALL_S, discord_s=CALL_S)
    slower = max(one, other)
    name = "Slack" if one > other else "Discord"
    return [
        *alone,
        Figure(
            f"interaction to first response, {COMMANDS} one after another, kept in the inbox first",
            f"p50 {ms(median(ours))}, p99 {ms(percentile(ours, 0.99))}",
            f"{median(ours) / median(bare):.2f}",
            f"a bare discord.py bot, p50 {ms(median(bare))}, p99 {ms(percentile(bare, 0.99))}",
            "Discord first response, bare bot = 1",
        ),
        Figure(
            "declared and published on both platforms, 40 ms a call: until both rooms and all subscribers have it",
            ms(both),
            f"{both / slower:.2f}",
            f"the slower platform alone at 40 ms ({name}), {ms(slower)}",
            "both platforms at once, the slower alone = 1",
        ),
    ]


async def _one_after_another(discord: Discord) -> list[float]:
    taken = []
    for number in range(WARM_UP + COMMANDS):
        start = perf_counter()
        await discord.types(ANA, OPS, "/incident note", text=f"Note {number}")
        if number >= WARM_UP:
            taken.append(perf_counter() - start)
    return taken


@asynccontextmanager
async def _bare(discord: Discord) -> AsyncIterator[None]:
    """Defers, and nothing else."""
    Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = discord.api_url, URL(discord.gateway.url)
    discord.add_member(ANA, "Ana")
    discord.add_channel(OPS, "ops")
    discord.set_commands(tree.commands())
    client = library.Client(intents=library.Intents(guilds=True))

    @client.event
    async def on_interaction(interaction: "library.Interaction[Any]") -> None:
        await interaction.response.defer(ephemeral=True)

    async with client:
        running = asyncio.create_task(client.start(discord.token))
        await discord.gateway.connected()
        yield
    await asyncio.gather(running, return_exceptions=True)


async def _declared_here() -> list[Figure]:
    """Time to thread, card and everything; round trips are how much longer it takes the longer a call is."""
    taken, calls = await _made(CALL_S)
    at_once, _calls = await _made(0.0)
    slowly, _calls = await _made(SLOW_S)
    return [
        Figure(f"from the command to {what}, {CALL_S * 1000:.0f} ms per call", ms(taken[what]), "",
               f"{(slowly[what] - at_once[what]) / SLOW_S:.1f} round trips in a row, {calls} calls in all")
        for what in WHAT
    ]  # fmt: skip


async def _made(delay_s: float) -> tuple[dict[str, float], int]:
    """When thread, card and everything were there, in seconds from the command; and the calls."""
    with TemporaryDirectory(prefix="foghorn-bench-") as folder:
        url = f"sqlite:///{folder}/one.db"
        migrate.upgrade(url)
        async with day(url, et("11:40")) as today:
            await today.types(ANA, "declare", OPS, title="Something else", severity=4)
            before = set(today.discord.channels)
            today.discord.delay_s, today.discord.calls[:] = delay_s, []
            start = perf_counter()
            seen: dict[str, float] = {}
            await today.discord.types(ANA, OPS, "/incident declare", title="API errors", severity=2, on="api=partial")
            while len(seen) < len(WHAT):
                await asyncio.sleep(0.001)
                for what in _there(today.discord, before) - seen.keys():
                    seen[what] = perf_counter() - start
            await asyncio.sleep(4 * delay_s + 0.1)
            return seen, len(today.discord.calls)


def _there(discord: Discord, before: set[str]) -> set[str]:
    """What of the room stands: card, draft, pin, and who declared."""
    room = next((c for c in discord.channels.values() if c.parent and c.id not in before), None)
    if room is None:
        return set()
    card = next((m for m in room.messages if "Commander" in words_of(m)), None)
    whole = card is not None and card["pinned"] and ANA in room.members
    drafted = any("Draft for" in words_of(message) for message in room.messages)
    there = {"the thread"} | ({"the card"} if card else set())
    return there | ({"everything"} if whole and drafted else set())


async def _declared(*, slack_s: float, discord_s: float) -> float:
    """Seconds from the line to the last of both cards and both subscribers."""
    with TemporaryDirectory(prefix="foghorn-bench-") as folder:
        url = f"sqlite:///{folder}/both.db"
        migrate.upgrade(url)
        async with day(url, et("11:40"), slack=True) as today:
            assert today.slack is not None
            await today.on_slack(SLACK_ANA, "subscribe", SLACK_NEWS)
            await today.types(ANA, "subscription add", NEWS)
            today.discord.delay_s, today.slack.delay_s = discord_s, slack_s
            start = perf_counter()
            line = "/incident declare API errors sev:2 on:api=partial"
            await today.slack.types(SLACK_ANA, SLACK_GENERAL, line)
            await today.until(lambda: _has_room(today))
            await today.slack.types(SLACK_ANA, SLACK_GENERAL, "/incident publish")
            await today.until(lambda: _all_have_it(today))
            return perf_counter() - start


def _has_room(today: Day) -> bool:
    """Whether the card stands in both rooms."""
    assert today.slack is not None
    here = any("Commander" in words_of(m) for c in today.discord.channels.values() if c.parent for m in c.messages)
    there = [words_on_slack(m) for c in today.slack.channels.values() if c.creator for m in c.messages]
    return here and any("commander" in words.casefold() for words in there)


def _all_have_it(today: Day) -> bool:
    """Whether both subscribers read it."""
    assert today.slack is not None
    on_slack = any("Investigating" in words_on_slack(m) for m in today.slack.messages(SLACK_NEWS))
    return on_slack and any("Investigating" in words_of(m) for m in today.discord.messages(NEWS))
