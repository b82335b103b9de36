"""What a process keeps of deliveries that have arrived: its memory after 2,000 and after 20,000."""

import asyncio
import gc
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from time import time

from benchmarks.commands import STORY, asking
from benchmarks.databases import SQLITE, migrated
from benchmarks.deliveries import NoLimits, arrived, running, slack_channels
from benchmarks.measure import Figure
from benchmarks.servers import rss_mb
from bot.platforms.slack.messenger import SlackMessenger
from bot.platforms.slack.web import SlackWeb
from bot.settings import EXAMPLE, read_organisation
from tests.fakes.slack import Slack

CHANNELS, FEW, MANY = 500, 2_000, 20_000


def figures() -> Iterator[Figure]:
    """In a process of its own, because what earlier measurements freed would hide a leak."""
    process = subprocess.run([sys.executable, "-m", "benchmarks.memory"], check=True, capture_output=True, text=True)
    few, few_blocks, many, many_blocks = map(float, process.stdout.split())
    what = f"memory after {MANY:,} deliveries to {CHANNELS:,} Slack channels ({SQLITE})"
    bar = f"memory after {MANY:,} deliveries, after {FEW:,} = 1"
    yield Figure(what, f"{many:.0f} MB", f"{many / few:.2f}", f"after {FEW:,}, {few:.0f} MB", bar)
    what = "the same: blocks of memory that Python objects take"
    yield Figure(what, f"{many_blocks:,.0f}", f"{many_blocks / few_blocks:.3f}", f"after {FEW:,}, {few_blocks:,.0f}")


async def _measure() -> None:
    async with Slack().serving() as slack:
        slack.rates, slack.now = False, time
        with migrated(SQLITE) as url:
            places = slack_channels(slack, CHANNELS)
            web = SlackWeb(slack.bot_token, slack.api_url, limiter=NoLimits())
            messenger = SlackMessenger(web, read_organisation(EXAMPLE).zone)
            async with running(url, places, {"slack": messenger}) as (_store, desk):
                await desk.in_thread(asking(desk, STORY[0][1]))
                for number in range(MANY // CHANNELS):
                    line = STORY[1][1] if number == 0 else f"update Error rates are at {number} percent."
                    await desk.in_thread(asking(desk, line))
                    await desk.in_thread(asking(desk, "publish"))
                    while arrived(slack) < CHANNELS:
                        await asyncio.sleep(0.02)
                    _forget(slack)
                    if (number + 1) * CHANNELS in (FEW, MANY):
                        gc.collect()
                        print(rss_mb(os.getpid()), sys.getallocatedblocks(), flush=True)


def _forget(slack: Slack) -> None:
    """Let the local server keep nothing, so that what grows is Foghorn's."""
    slack.calls.clear()
    for channel in slack.channels.values():
        channel.messages.clear()


if __name__ == "__main__":
    logging.disable(logging.WARNING)
    asyncio.run(_measure())
