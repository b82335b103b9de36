"""Sending to many channels: at the platforms' own limits, and as fast as the machine allows."""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from time import perf_counter, process_time, time

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from benchmarks.commands import STORY, asking, desk_on
from benchmarks.databases import migrated, names
from benchmarks.measure import Figure
from bot.actions.app_context import AppContext
from bot.changes import ChangeFeed
from bot.domain.destinations import Destination
from bot.domain.subscriptions import Subscription
from bot.intake.desk import Desk
from bot.platforms.discord.config import DiscordConfig
from bot.platforms.discord.messenger import DiscordMessenger
from bot.platforms.discord.web import DiscordWeb
from bot.platforms.slack.limits import POST, WORKSPACE_BURST, WORKSPACE_PER_S, Limiter
from bot.platforms.slack.messenger import SlackMessenger
from bot.platforms.slack.web import SlackWeb
from bot.settings import EXAMPLE, read_organisation
from bot.store.transaction import Store
from bot.templating import Templates
from bot.worker.ticks import Worker
from tests.fakes.discord import GLOBAL_A_SECOND, Discord
from tests.fakes.slack import Slack
from tests.fakes.slack_workspace import BOT as SLACK_BOT

ON_SLACK, ON_DISCORD = 250, 1_750
"""Of 2,000 destinations, as many on each platform as its limit lets through in about the same time."""
UNLIMITED = 1_000


class NoLimits(Limiter):
    """Every call may go at once."""

    def reserve(self, _method: str, _channel: str = "") -> float:
        """Without waiting."""
        return 0.0


def figures() -> Iterator[Figure]:
    """The last of 2,000 destinations against the least time the limits allow; the rate against a loop over the SDK."""
    logging.disable(logging.WARNING)
    try:
        for measured in (_at_limits, _unlimited):
            for name in names():
                yield from asyncio.run(measured(name))
    finally:
        logging.disable(logging.NOTSET)


async def _at_limits(name: str) -> list[Figure]:
    async with AsyncExitStack() as stack:
        slack = await stack.enter_async_context(Slack().serving())
        slack.now = time
        discord = await stack.enter_async_context(Discord().serving())
        places = [*slack_channels(slack, ON_SLACK), *_discord_channels(discord, ON_DISCORD)]
        zone = read_organisation(EXAMPLE).zone
        web = DiscordWeb(discord.token, discord.api_url)
        messengers: dict[str, SlackMessenger | DiscordMessenger] = {
            "slack": SlackMessenger(SlackWeb(slack.bot_token, slack.api_url), zone),
            "discord": DiscordMessenger(web, DiscordConfig()),
        }
        url = stack.enter_context(migrated(name))
        async with running(url, places, messengers) as (_store, desk):
            _prepare(desk)
            await web.type_of(places[-1].place)  # logs in and asks for the channels, which a process does once
            await asyncio.sleep(1)
            start = perf_counter()
            await desk.in_thread(asking(desk, STORY[2][1]))
            committed = perf_counter() - start
            slack_s, discord_s = await asyncio.gather(
                _since(start, slack, ON_SLACK), _since(start, discord, ON_DISCORD)
            )
    assert (arrived(slack), arrived(discord)) == (ON_SLACK, ON_DISCORD), "each destination has it once"
    refused = sum(method == POST for method, _given in slack.calls) - ON_SLACK
    least = {"Slack": (ON_SLACK - WORKSPACE_BURST) / WORKSPACE_PER_S, "Discord": ON_DISCORD / GLOBAL_A_SECOND - 1}
    both = f"one update to {ON_SLACK:,} channels on Slack and {ON_DISCORD:,} on Discord at their limits"
    return [
        _against(f"{both}: the last on Slack ({name})", slack_s - committed, refused, least["Slack"],
                 f"at Slack's limits ({name}), least time = 1"),
        _against(f"the same: the last on Discord ({name})", discord_s - committed, discord.invalid_requests,
                 least["Discord"], f"at Discord's limits ({name}), least time = 1"),
        Figure(f"the same: until `publish` is committed ({name})", f"{committed:.2f} s"),
    ]  # fmt: skip


def _against(what: str, taken: float, refused: int, least: float, bar: str) -> Figure:
    return Figure(what, f"{taken:.1f} s after the commit, {refused} refused with 429", f"{taken / least:.3f}",
                  f"the least time under this limit, {least:.1f} s", bar)  # fmt: skip


async def _unlimited(name: str) -> list[Figure]:
    async with AsyncExitStack() as stack:
        slack = await stack.enter_async_context(Slack().serving())
        slack.rates, slack.now, url = False, time, stack.enter_context(migrated(name))
        places = slack_channels(slack, UNLIMITED)
        web = SlackWeb(slack.bot_token, slack.api_url, limiter=NoLimits())
        messengers: dict[str, SlackMessenger | DiscordMessenger] = {
            "slack": SlackMessenger(web, read_organisation(EXAMPLE).zone)
        }
        async with running(url, places, messengers) as (_store, desk):
            _prepare(desk)
            await desk.in_thread(asking(desk, STORY[2][1]))
            start, used = perf_counter(), process_time()
            ours = UNLIMITED / await _since(start, slack, UNLIMITED)
            ours_ms = (process_time() - used) / UNLIMITED * 1000
        sent = [given for method, given in slack.calls if method == POST]
        async with aiohttp.ClientSession() as session:
            client = AsyncWebClient(slack.bot_token, base_url=slack.api_url, session=session)
            start, used = perf_counter(), process_time()
            for given in sent:
                await client.chat_postMessage(**given)
            bare, bare_ms = len(sent) / (perf_counter() - start), (process_time() - used) / len(sent) * 1000
    return [
        Figure(f"deliveries per second to {UNLIMITED:,} channels, limits lifted ({name})", f"{ours:,.0f}",
               f"{ours / bare:.2f}", f"a loop over Slack's SDK posting the same messages, {bare:,.0f}",
               f"deliveries per second ({name}), bare loop = 1"),
        Figure(f"the same: processor time of a delivery, with the server's ({name})", f"{ours_ms:.1f} ms",
               f"{bare_ms / ours_ms:.2f}", f"that of the loop, {bare_ms:.1f} ms"),
    ]  # fmt: skip


@asynccontextmanager
async def running(
    url: str, places: list[Destination], messengers: Mapping[str, SlackMessenger | DiscordMessenger]
) -> AsyncIterator[tuple[Store, Desk]]:
    """A worker with these messengers on a database in which each of the places is subscribed."""
    with desk_on(url) as (store, desk):
        with store.write() as tx:
            tx.session.add_all(Subscription(destination=place, changed_at=tx.now) for place in places)
        app, changes = AppContext(read_organisation(EXAMPLE), Templates(), "https://status.example.com"), ChangeFeed()
        worker = Worker(store, app, desk.in_thread, messengers, changes)
        changes.start()
        store.after_commit.append(changes.committed)
        await worker.start()
        try:
            yield store, desk
        finally:
            await worker.stop()
            for messenger in messengers.values():
                await messenger.close()


async def _since(start: float, server: Slack | Discord, count: int) -> float:
    """Seconds until as many messages have arrived."""
    while arrived(server) < count:
        await asyncio.sleep(0.02)
    return perf_counter() - start


def _prepare(desk: Desk) -> None:
    for _name, line in STORY[:2]:
        asking(desk, line)()


def slack_channels(slack: Slack, count: int) -> list[Destination]:
    """So many channels that Foghorn may post in."""
    channels = [slack.add_channel(f"C{number:08d}", f"news-{number}", SLACK_BOT) for number in range(count)]
    return [Destination("slack", channel.id) for channel in channels]


def _discord_channels(discord: Discord, count: int) -> list[Destination]:
    channels = [discord.add_channel(str(3 * 10**17 + number), f"news-{number}") for number in range(count)]
    return [Destination("discord", channel.id) for channel in channels]


def arrived(server: Slack | Discord) -> int:
    """How many messages stand in the channels of a server."""
    return sum(len(channel.messages) for channel in server.channels.values())
