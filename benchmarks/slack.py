"""Slack: acknowledgements against a bare Bolt app, and what declaring costs when every call takes 40 ms."""

import asyncio
import gc
import logging
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from tempfile import TemporaryDirectory
from time import perf_counter, time

from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.web.async_client import AsyncWebClient

from benchmarks.measure import Figure, median, ms, percentile
from bot.main import Foghorn, compose
from bot.store import migrate
from tests.fakes.slack import Json, Slack
from tests.fakes.slack_workspace import BOT, TEAM
from tests.reference import ORGANISATION, SETTINGS

COMMANDS = 500
WARM_UP = 50
LOST_AFTER_S = 60.0
CALL_S, SLOW_S = 0.04, 0.4
WHAT = ("the channel", "the card", "everything")
ANA, GENERAL = "U0ANA", "C0GENERAL"
DECLARE = "/incident declare ChatGPT and API errors sev:1 on:chatgpt=major,api=partial"


class PlainSlack(Slack):
    """The local server without what lets tests share a machine, which takes as long as a command."""

    def __init__(self) -> None:
        super().__init__()
        self.now = time

    async def _deliver(self, kind: str, payload: Json) -> Json:
        return await asyncio.wait_for(self._over_socket(kind, payload), LOST_AFTER_S)


def figures() -> Iterator[Figure]:
    """Both apps over two sockets to the same local server; one process, so the ratio says more than the time."""
    logging.disable(logging.WARNING)
    try:
        yield from asyncio.run(_figures())
    finally:
        logging.disable(logging.NOTSET)


async def _figures() -> list[Figure]:
    async with PlainSlack().serving() as slack, _bare(slack):
        bare = await _one_after_another(slack)
        bare_burst = await _burst(slack)
    async with PlainSlack().serving() as slack, _foghorn(slack):
        await slack.types(ANA, GENERAL, "/incident declare API down sev:3")
        ours = await _one_after_another(slack)
        burst = await _burst(slack)
    peer = f"a bare Bolt app, p50 {ms(median(bare))}, p99 {ms(percentile(bare, 0.99))}"
    times = f"p50 {ms(median(ours))}, p99 {ms(percentile(ours, 0.99))}"
    found = [
        Figure(f"acknowledgement, {COMMANDS} one after another, kept in the inbox first", times,
               f"{median(ours) / median(bare):.2f}", peer, "Slack acknowledgement, bare Bolt app = 1"),
        Figure(f"acknowledgement, {COMMANDS} at once, the last", ms(max(burst)),
               f"{max(burst) / max(bare_burst):.1f}", f"the same, {ms(max(bare_burst))}"),
    ]  # fmt: skip
    return [*found, *await _declare()]


async def _one_after_another(slack: Slack) -> list[float]:
    for number in range(WARM_UP):
        await slack.types(ANA, GENERAL, f"/incident note Warming up {number}")
    times = []
    for number in range(COMMANDS):
        start = perf_counter()
        await slack.types(ANA, GENERAL, f"/incident note Number {number}")
        times.append(perf_counter() - start)
    await asyncio.sleep(1)
    return times


async def _burst(slack: Slack) -> list[float]:
    async def one(number: int) -> float:
        start = perf_counter()
        ack = await slack.types(ANA, GENERAL, f"/incident note At once {number}")
        assert not ack, f"refused: {ack}"
        return perf_counter() - start

    return list(await asyncio.gather(*(one(number) for number in range(COMMANDS))))


async def _declare() -> list[Figure]:
    """Time and calls to channel, card and everything; round trips are how much longer it takes the longer a call is."""
    taken, calls = await _declared(CALL_S)
    at_once, _calls = await _declared(0.0)
    slowly, _calls = await _declared(SLOW_S)
    return [
        Figure(f"from the line to {what}, {CALL_S * 1000:.0f} ms per call", ms(taken[what]), "",
               f"{(slowly[what] - at_once[what]) / SLOW_S:.1f} round trips in a row, {calls} calls in all")
        for what in WHAT
    ]  # fmt: skip


async def _declared(delay_s: float) -> tuple[dict[str, float], int]:
    """When channel, card and everything were there, in seconds from the typed line; and the calls."""
    async with PlainSlack().serving() as slack, _foghorn(slack):
        await slack.types(ANA, GENERAL, "/incident declare Something else sev:4")
        await asyncio.sleep(1)
        room = next(channel for channel in slack.channels.values() if channel.creator == BOT)
        room.creator, slack.delay_s, slack.calls[:] = "", delay_s, []
        slack.ephemerals.clear()
        start = perf_counter()
        seen: dict[str, float] = {}
        await slack.types(ANA, GENERAL, DECLARE)
        while len(seen) < len(WHAT):
            await asyncio.sleep(0.001)
            for what in _there(slack) - seen.keys():
                seen[what] = perf_counter() - start
        return seen, len(slack.calls)


def _there(slack: Slack) -> set[str]:
    """What of the room stands."""
    room = next((channel for channel in slack.channels.values() if channel.creator == BOT), None)
    if room is None:
        return set()
    there = {"the channel"}
    there |= {"the card"} if room.messages else set()
    whole = room.topic and room.purpose and room.bookmarks and room.pins and ANA in room.members
    answered = bool(slack.seen_by(ANA))
    return there | ({"everything"} if whole and answered and len(room.messages) > 1 else set())


@asynccontextmanager
async def _foghorn(slack: Slack) -> AsyncIterator[None]:
    with TemporaryDirectory(prefix="foghorn-bench-") as folder:
        url = f"sqlite:///{folder}/foghorn.db"
        migrate.upgrade(url)
        async with foghorn_on(slack, url):
            yield


@asynccontextmanager
async def foghorn_on(slack: Slack, url: str) -> AsyncIterator[Foghorn]:
    """A whole Foghorn on a migrated database, connected with its two sockets."""
    _people(slack)
    values = {
        "FOGHORN_DATABASE_URL": url,
        "SLACK_BOT_TOKEN": slack.bot_token,
        "SLACK_APP_TOKEN": slack.app_token,
        "SLACK_API_URL": slack.api_url,
    }
    raw = ORGANISATION.model_dump()
    raw["people"] = [{**p, "slack": ANA if p["handle"] == "ana" else ""} for p in raw["people"]]
    foghorn = compose(SETTINGS.model_validate(values), type(ORGANISATION).model_validate(raw))
    await foghorn.start()
    gc.collect()
    gc.freeze()  # as `foghorn run`
    await slack.connected(2)
    try:
        yield foghorn
    finally:
        await foghorn.stop()


@asynccontextmanager
async def _bare(slack: Slack) -> AsyncIterator[None]:
    """A Bolt app that acknowledges and does nothing, with two sockets as Foghorn."""
    _people(slack)
    client = AsyncWebClient(slack.bot_token, base_url=slack.api_url)

    async def authorize() -> AuthorizeResult:
        return AuthorizeResult(enterprise_id=None, team_id=TEAM, bot_id="B0", bot_user_id=BOT, bot_token="xoxb-fake")

    app = AsyncApp(client=client, authorize=authorize)

    async def acknowledge(ack: AsyncAck) -> None:
        await ack()

    app.command(re.compile(""))(acknowledge)
    handlers = [AsyncSocketModeHandler(app, slack.app_token) for _number in range(2)]
    for handler in handlers:
        await handler.connect_async()  # type: ignore[no-untyped-call]
    await slack.connected(2)
    try:
        yield
    finally:
        for handler in handlers:
            await handler.close_async()  # type: ignore[no-untyped-call]


def _people(slack: Slack) -> None:
    slack.add_user(ANA, "ana")
    slack.add_channel(GENERAL, "general", ANA, BOT)
