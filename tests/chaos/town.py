"""Everything outside of Foghorn: a local Slack and a local Discord with subscribed channels, and addresses of programs.

Every fifth call of theirs fails, in every way that they know. People type in Slack; what was not acknowledged they
type again when they see that nothing came of it.
"""

import asyncio
import base64
import contextlib
import random
import re
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from bot.actions import subscriptions
from bot.clock import utc_now
from bot.domain.audiences import Audience
from bot.domain.destinations import Destination
from bot.domain.severity import Severity
from bot.domain.subscriptions import Mode, SubscriptionSettings
from bot.platforms.slack import manifest
from bot.store.engine import make_engine
from bot.store.transaction import Store
from tests.chaos.life import PROCESSES, Life
from tests.fakes import discord as on_discord
from tests.fakes import slack as on_slack
from tests.fakes.discord import GUILD, Discord
from tests.fakes.discord_checks import words_of as words_on_discord
from tests.fakes.slack import NotAcknowledgedError, Slack
from tests.fakes.slack import words_of as words_on_slack
from tests.fakes.slack_workspace import BOT
from tests.patience import until
from tests.reference import ORGANISATION

ANA, BEN, GENERAL = "U0ANA", "U0BEN", "C0GENERAL"
OPS = "200000000000000011"
WHO_ON_DISCORD = {"ana": "100000000000000011", "ben": "100000000000000012"}
SECRET = "whsec_" + base64.b64encode(b"a secret of thirty-two characters").decode()
FAILS = 0.2
EVERY, CURRENT, THREAD = 22, 2, 2  # channels on each platform, by mode
HOOKS = 8


@dataclass
class Hooks:
    """Programs that listen; what each got, in order, by webhook-id."""

    got: dict[str, dict[str, str]] = field(default_factory=dict)
    fails: Callable[[], bool] = lambda: False
    failed: int = 0

    async def take(self, request: web.Request) -> web.StreamResponse:
        """One call, of which the answer may be lost."""
        body = await request.text()
        kind = self.failed % 3 if self.fails() else None
        self.failed += kind is not None
        if kind == 0:
            return web.Response(status=503)
        if kind == 1 and request.transport:
            request.transport.abort()
            return web.Response()
        self.got.setdefault(request.match_info["name"], {})[request.headers["webhook-id"]] = body
        if kind == 2 and request.transport:
            request.transport.abort()
        return web.Response(status=204)


class Town:
    """Both platforms, the programs, one database, and as many processes of Foghorn as are wanted."""

    def __init__(self, url: str, slack: Slack, discord: Discord, hooks: Hooks, hooks_at: str, replicas: int) -> None:
        self.slack, self.discord, self.hooks = slack, discord, hooks
        self.store = Store(make_engine(url), utc_now)
        self.environment = {
            "FOGHORN_DATABASE_URL": url,
            "FOGHORN_PUBLIC_URL": "https://status.example.com",
            "FOGHORN_CONSOLE_TOKEN": "0123456789abcdef",
            "SLACK_BOT_TOKEN": slack.bot_token,
            "SLACK_APP_TOKEN": slack.app_token,
            "SLACK_API_URL": slack.api_url,
            "DISCORD_BOT_TOKEN": discord.token,
            "DISCORD_API_URL": discord.api_url,
            "HOOK_SECRET": SECRET,
        }
        self.organisation = _organisation(hooks_at)
        self.ahead = PROCESSES.Value("d", 0.0)
        self.lives = [Life(self.environment, self.organisation, self.ahead) for _ in range(replicas)]

    # ---- what stands outside

    def places(self, mode: Mode) -> list[str]:
        """The subscribed channels of a mode, as destinations."""
        return [f"{platform}:{place}" for platform, place, of in CHANNELS if of is mode]

    def read(self, destination: str) -> list[str]:
        """Everything that stands at a destination, oldest first, threads and all."""
        platform, _, place = destination.partition(":")
        if platform == "webhook":
            return list(self.hooks.got.get(place, {}).values())
        if platform == "slack":
            return [words_on_slack(message.get("blocks")) for message in self.slack.messages(place)]
        below = [channel.id for channel in self.discord.channels.values() if channel.parent == place]
        messages = [message for each in (place, *below) for message in self.discord.messages(each)]
        return [re.sub(r"\\([^\w\s])", r"\1", words_on_discord(message)) for message in messages]

    @property
    def room(self) -> str:
        """The incident's channel on Slack; empty before it is there."""
        made = [channel.id for channel in self.slack.channels.values() if channel.creator == BOT]
        return made[-1] if made else ""

    # ---- what people do

    async def says(self, user: str, line: str, done: Callable[[], bool], channel: str = "") -> None:
        """Type a line until it is carried out. Acknowledged, it is typed again only if the answer says so."""
        while not done():
            await until(lambda: self.slack.sockets)
            seen = len(self.slack.seen_by(user))
            try:
                await self.slack.types(user, channel or self.room, f"/incident {line}")
            except (NotAcknowledgedError, IndexError, ZeroDivisionError, ConnectionError):
                await self._seen(done)  # people look first
                continue
            await until(lambda before=seen: done() or self._asked_again(user, before), 120)

    def _asked_again(self, user: str, seen: int) -> bool:
        """Whether somebody was answered, since they saw so many answers, that it has to be typed again."""
        said = " ".join(words_on_slack(answer.get("blocks")) for answer in self.slack.seen_by(user)[seen:])
        return "The database cannot be " in said or "it is unknown whether it was done" in said

    async def restart(self, number: int) -> None:
        """Kill a process, and start the next one at once."""
        await asyncio.to_thread(self.lives[number].kill)
        self.lives[number].begin()

    async def _seen(self, done: Callable[[], bool]) -> None:
        for _ in range(20):
            if done():
                return
            await asyncio.sleep(0.1)


CHANNELS = [
    (platform, f"{first}{number:0{width}}", mode)
    for platform, first, width in (("slack", "C0NEWS", 3), ("discord", "2000000000000001", 2))
    for number, mode in enumerate([Mode.EVERY] * EVERY + [Mode.CURRENT] * CURRENT + [Mode.THREAD] * THREAD)
]


def _organisation(hooks_at: str) -> dict[str, Any]:
    raw = ORGANISATION.model_dump(mode="json")
    on_both = {"ana": ANA, "ben": BEN}
    raw["people"] = [
        {**person, "slack": on_both[person["handle"]], "discord": WHO_ON_DISCORD[person["handle"]]}
        for person in raw["people"]
    ]
    raw["discord"] = {"servers": [GUILD], "rooms_in": OPS}
    raw["rooms"] = {"where": "all"}
    raw["webhooks"] = [
        {"name": f"hook-{n}", "url": f"{hooks_at}/hook-{n}", "secret_env": "HOOK_SECRET", "allow_private": True}
        for n in range(HOOKS)
    ]
    return raw


@asynccontextmanager
async def town(url: str, seed: int, *, fails: float = FAILS, replicas: int = 1) -> AsyncIterator[Town]:
    """All of it on loopback. `seed` decides which calls fail."""
    dice = random.Random(seed)
    unlucky = lambda: dice.random() < fails  # noqa: E731
    hooks = Hooks(fails=unlucky)
    async with Slack().serving() as slack, Discord().serving() as discord, _listening(hooks) as hooks_at:
        slack.scopes, slack.rates = set(manifest.BOT_SCOPES), False
        slack.chance = discord.chance = unlucky
        slack.unreliable = tuple(set(on_slack.Fails) - {on_slack.Fails.SLOW}) if fails else ()
        discord.unreliable = tuple(set(on_discord.Fails) - {on_discord.Fails.RATE_LIMITED_GLOBAL}) if fails else ()
        for user, name in ((ANA, "ana"), (BEN, "ben")):
            slack.add_user(user, name)
        slack.add_channel(GENERAL, "general", ANA, BEN, BOT)
        for name, user in WHO_ON_DISCORD.items():
            discord.add_member(user, name.capitalize())
        discord.add_channel(OPS, "ops")
        there = Town(url, slack, discord, hooks, hooks_at, replicas)
        for platform, place, mode in CHANNELS:
            if platform == "slack":
                slack.add_channel(place, place.casefold(), ANA, BEN)
            else:
                discord.add_channel(place, f"news-{place[-2:]}")
            with there.store.write() as tx:
                settings = SubscriptionSettings(Audience.CUSTOMERS, (), Severity.SEV4, mode, "en")
                subscriptions.subscribe(tx, None, Destination.parse(f"{platform}:{place}"), settings)
        for life in there.lives:
            life.begin()
        try:
            async with disturbed(_supervise(there.lives)):
                yield there
        finally:
            for life in there.lives:
                await asyncio.to_thread(life.end)
            there.store.close()


async def _supervise(lives: Sequence[Life]) -> None:
    while True:
        await asyncio.sleep(0.2)
        for life in lives:
            life.supervise()


@asynccontextmanager
async def disturbed(how: Coroutine[None, None, None]) -> AsyncIterator[None]:
    """While the block lasts, something goes wrong all the time."""
    trouble = asyncio.create_task(how)
    try:
        yield
    finally:
        trouble.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await trouble


@asynccontextmanager
async def _listening(hooks: Hooks) -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_post("/{name}", hooks.take)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()
