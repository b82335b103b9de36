"""A day in Discord, alone or beside Slack: people use native options, forms and buttons, as Discord lets them."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime, timedelta
from typing import Any, TypeVar

import httpx

from bot.clock import utc_now
from bot.commands import catalog
from bot.commands.invocation import Account
from bot.domain.organisation import Organisation
from bot.drill.scenario import REFERENCE, ScenarioStep, load
from bot.main import Foghorn, compose
from bot.platforms.discord.app import DiscordApp
from bot.platforms.slack import manifest
from bot.platforms.slack.app import SlackApp
from bot.store import rooms
from bot.store.figures import backlog
from tests.databases import lent
from tests.fakes.discord import GUILD, Discord
from tests.fakes.discord_checks import Json, parts_of, words_of
from tests.fakes.slack import Slack
from tests.fakes.slack_workspace import BOT as SLACK_BOT
from tests.journeys.checker import disagreements, incident_of
from tests.patience import until
from tests.reference import ORGANISATION, ORGANISATION_MODEL, SETTINGS

ANA, BEN, CHI = "100000000000000011", "100000000000000012", "100000000000000013"
WHO = {"ana": ANA, "ben": BEN}
OPS, NEWS, DEVELOPERS = "200000000000000011", "200000000000000021", "200000000000000022"
BUSINESS, SUPPORT = "200000000000000023", "200000000000000024"
SUBSCRIBED: dict[str, dict[str, Any]] = {
    NEWS: {"audience": "customers"},
    DEVELOPERS: {"on": "api,codex", "audience": "developers", "mode": "thread"},
    BUSINESS: {"audience": "enterprise", "mode": "current"},
    SUPPORT: {"audience": "support"},
}
SLACK_ANA, SLACK_BEN, SLACK_GENERAL, SLACK_NEWS = "U0ANA", "U0BEN", "C0GENERAL", "C0NEWS"
T = TypeVar("T")


def organisation(*, slack: bool = False, **changes: Any) -> Organisation:
    """The example's, with accounts on Discord and, beside Slack, on both; then a room on each."""
    raw = ORGANISATION.model_dump()
    there = {"ana": SLACK_ANA, "ben": SLACK_BEN} if slack else {}
    raw["people"] = [
        {**person, "discord": WHO[person["handle"]], "slack": there.get(person["handle"], "")}
        for person in raw["people"]
    ]
    raw["discord"] = {"servers": (GUILD,), "rooms_in": OPS}
    raw["rooms"] = {"where": "all" if slack else "declared"}
    return ORGANISATION_MODEL.model_validate({**raw, **changes})


class Day:
    """A whole Foghorn beside a local Discord, and a local Slack if there is one; the clock is the story's."""

    def __init__(self, discord: Discord, starts: datetime, slack: Slack | None = None) -> None:
        self.discord = discord
        self.slack = slack
        self.now = starts
        self.ahead = timedelta()  # of the outbox's clock: retries need not be waited for
        self.rounds = 40  # of trying again before it is left at that; few while a platform is away
        self.foghorn: Foghorn | None = None
        self.http: httpx.AsyncClient | None = None

    # ---- what people see

    @property
    def running(self) -> Foghorn:
        """The Foghorn."""
        assert self.foghorn is not None
        return self.foghorn

    @property
    def room(self) -> str:
        """The thread of the incident."""
        return self.room_on("discord")

    def room_on(self, platform: str) -> str:
        """The incident's channel on a platform."""
        with self.running.store.read() as tx:
            found = rooms.room_of(tx, incident_of(tx).id, platform)
            assert found is not None
            return found.channel

    def read(self, channel: str) -> list[str]:
        """Every message of a channel as people read it, threads included."""
        below = [c.id for c in self.discord.channels.values() if c.parent == channel]
        messages = [message for each in (channel, *below) for message in self.discord.messages(each)]
        return [re.sub(r"\\([^\w\s])", r"\1", words_of(message)) for message in messages]

    def read_slack(self, channel: str) -> list[str]:
        """The same on Slack."""
        assert self.slack is not None
        from tests.fakes.slack import words_of as words_on_slack

        return [words_on_slack(message.get("blocks")) for message in self.slack.messages(channel)]

    def with_button(self, user: str, label: str) -> Json:
        """The newest message that has a button of this name: in the room, or in a person's direct messages."""
        messages = [*self.discord.messages(self.room), *self.discord.messages(user)]
        found = [m for m in messages if any(p.get("label") == label for p in parts_of(m))]
        assert found, f"no {label} in the room"
        return max(found, key=lambda message: int(message["id"]))

    async def agreed(self) -> list[str]:
        """The disagreements of all places."""
        readers: dict[str, Callable[[str], list[str]]] = {"discord": self.read}
        if self.slack is not None:
            readers["slack"] = self.read_slack
        return await disagreements(self.running, self.get, readers, who=Account("discord", BEN))

    async def get(self, path: str) -> str:
        """A page as the web serves it."""
        assert self.http is not None
        return (await self.http.get(path)).text

    # ---- what goes on by itself

    async def at(self, now: datetime) -> None:
        """The time of the story moves on, with a tick at each of the last minutes."""
        self.now = max(self.now, now - timedelta(minutes=12))
        while self.now < now:
            self.now = min(now, self.now + timedelta(minutes=1))
            await self.running.worker.tick()
        await self.settled()

    async def settled(self) -> None:
        """Nothing is being sent; what waits to be tried again is tried."""
        for _round in range(self.rounds):
            await asyncio.sleep(0.02)
            await self.running.worker.drain()
            self.ahead += timedelta(seconds=4)
            await self.running.worker.drain()
            with self.running.store.read() as tx:
                if not backlog(tx).waiting:
                    return
            self.ahead += timedelta(seconds=60)

    async def until(self, what: Callable[[], T]) -> T:
        """What becomes true soon."""
        return await until(what)

    # ---- what people do on Discord

    async def types(self, user: str, line: str, channel: str = "", /, **options: Any) -> None:
        """A native command, done when it is carried out."""
        await self.discord.types(user, channel or self.room, f"/incident {line}", **options)
        await self.carried_out()

    async def clicks(self, user: str, label: str) -> None:
        """The newest button of this name."""
        await self.discord.clicks(user, self.with_button(user, label), label)
        await self.carried_out()

    async def fills_in(self, user: str, line: str, typed: dict[str, str], /, **options: Any) -> None:
        """A command that opens a form, and the form."""
        first = await self.discord.types(user, self.room, f"/incident {line}", **options)
        assert first["type"] == 9, first
        await self.discord.submits(user, self.room, first["data"], **typed)
        await self.carried_out()

    async def carried_out(self) -> None:
        """Until nothing is being worked on."""
        app = self.running.services["discord"]
        assert isinstance(app, DiscordApp)
        await asyncio.sleep(0.02)
        await self.until(lambda: not app.intake.busy)
        await self.settled()

    async def on_slack(self, user: str, line: str, channel: str = "") -> None:
        """A line in Slack, done when it is carried out."""
        assert self.slack is not None
        await self.slack.types(user, channel or self.room_on("slack"), f"/incident {line}")
        app = self.running.services["slack"]
        assert isinstance(app, SlackApp)
        await asyncio.sleep(0.02)
        await self.until(lambda: not app.intake.busy)
        await self.settled()


@asynccontextmanager
async def day(url: str, starts: datetime, *, slack: bool = False, **changes: Any) -> AsyncIterator[Day]:
    """Everything runs: worker, pages, the gateway and, if wanted, two sockets."""
    async with AsyncExitStack() as stack:
        discord = await stack.enter_async_context(Discord().serving())
        _furnish(discord)
        there = await stack.enter_async_context(Slack().serving()) if slack else None
        today = Day(discord, starts, there)
        settings = SETTINGS(
            FOGHORN_DATABASE_URL=url,
            FOGHORN_PUBLIC_URL="https://status.example.com",
            FOGHORN_CONSOLE_TOKEN="0123456789abcdef",
            DISCORD_BOT_TOKEN=discord.token,
            DISCORD_API_URL=discord.api_url,
            **(_slack_settings(there) if there else {}),
        )
        today.foghorn = compose(settings, organisation(slack=slack, **changes), clock=lambda: today.now)
        today.foghorn.worker._outbox._clock = lambda: utc_now() + today.ahead
        with lent(today.foghorn.store):
            await today.foghorn.start()
            await discord.gateway.connected()
            if there is not None:
                await there.connected(2)
            transport = httpx.ASGITransport(today.foghorn.web_app)
            today.http = await stack.enter_async_context(
                httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1")
            )
            yield today
            await today.foghorn.stop()


def _furnish(discord: Discord) -> None:
    for user, name in ((ANA, "Ana"), (BEN, "Ben"), (CHI, "Chi")):
        discord.add_member(user, name)
    for channel, name in ((OPS, "ops"), (NEWS, "news"), (DEVELOPERS, "developers")):
        discord.add_channel(channel, name)
    for channel, name in ((BUSINESS, "business"), (SUPPORT, "support")):
        discord.add_channel(channel, name)


def _slack_settings(slack: Slack) -> dict[str, str]:
    slack.scopes = set(manifest.BOT_SCOPES)
    for user, name in ((SLACK_ANA, "ana"), (SLACK_BEN, "ben")):
        slack.add_user(user, name)
    slack.add_channel(SLACK_GENERAL, "general", SLACK_ANA, SLACK_BEN, SLACK_BOT)
    slack.add_channel(SLACK_NEWS, "news", SLACK_ANA, SLACK_BEN)
    return {"SLACK_BOT_TOKEN": slack.bot_token, "SLACK_APP_TOKEN": slack.app_token, "SLACK_API_URL": slack.api_url}


async def subscribe(today: Day) -> None:
    """Four channels, each in its own way."""
    for channel, how in SUBSCRIBED.items():
        await today.types(ANA, "subscription add", channel, **how)


async def play(today: Day, *, check: Callable[[str], Any]) -> None:
    """Every line of the scenario at its time; after each, `check` gets what disagrees."""
    scenario = load(REFERENCE)
    for step in scenario.steps:
        await today.at(scenario.moment(step))
        await act(today, step)
        for problem in await today.agreed():
            check(f"{step.at} {step.line[:30]}: {problem}")


async def act(today: Day, step: ScenarioStep) -> None:
    """A line of the scenario, in Discord's own ways."""
    user = WHO[step.who]
    verb, typed = catalog.read_line(step.line)
    rest = step.line.split(maxsplit=1)[1] if " " in step.line or "\n" in step.line else ""
    match verb:
        case "declare":
            await today.types(user, "declare", OPS, title=rest)
        case "assign":
            await today.types(user, "assign", role=typed["role"], person=WHO[typed["person"][1:]])
        case "update" | "resolve":
            await today.types(user, verb, text=rest.replace("\n", " "))
        case "severity":
            await today.types(user, verb, level=int(typed["severity"]))
        case "impact":
            await today.types(user, verb, on=rest)
        case "note":
            await today.types(user, verb, text=rest)
        case "correct":
            await today.fills_in(user, "correct", {k: v for k, v in typed.items() if k in ("wrong", "right", "avoid")})
        case "edit":
            await _edit(today, user, {name: " ".join(text.split()) for name, text in typed.items()})
        case "publish" if "no_change" in typed:
            await today.clicks(user, "Publish no change")
        case "publish":
            await today.types(user, "draft publish")
        case "approve":
            await today.clicks(user, "Approve")


async def _edit(today: Day, user: str, words: dict[str, str]) -> None:
    """Audience by audience: five fields fit in a form."""
    for audience in dict.fromkeys(name.removeprefix("corrected_") for name in words):
        mine = {name: text for name, text in words.items() if name.removeprefix("corrected_") == audience}
        await today.fills_in(user, "draft edit", mine, audience=audience)
