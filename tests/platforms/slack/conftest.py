"""A Foghorn on a local Slack: two people of the configuration, one member without a person, one room to type in."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from sqlalchemy import Engine

from bot.clock import utc_now
from bot.commands.fields import ParseContext
from bot.domain.organisation import Organisation
from bot.intake.inbox import BUDGET_S, Inbox
from bot.intake.leases import Leases
from bot.main import Core, open_core
from bot.platforms.slack import manifest
from bot.platforms.slack.app import LOOK_EVERY_S, SlackApp
from bot.platforms.slack.messenger import SlackMessenger
from bot.platforms.slack.replies import SlackReplies
from bot.platforms.slack.web import SlackWeb
from bot.settings import Settings
from bot.store.running import RunningProcess
from bot.worker.outbox import Outbox
from tests.databases import lent, reach
from tests.fakes.slack import Slack
from tests.fakes.slack_workspace import BOT, Channel
from tests.patience import LONG_S
from tests.reference import ORGANISATION

ANA, BEN, DEV = "U0ANA", "U0BEN", "U0DEV"
ROOM, NEWS = "C0ROOM", "C0NEWS"


class Clock:
    """The time of the story."""

    def __init__(self) -> None:
        self.now = datetime(2026, 4, 20, 9, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **span: float) -> None:
        self.now += timedelta(**span)


class Team:
    """What a test holds: Slack, the desk behind it, and the outbox that sends when told."""

    def __init__(self, slack: Slack, core: Core, app: SlackApp, inbox: Inbox, messenger: SlackMessenger) -> None:
        self.slack, self.core, self.app, self.inbox, self.messenger = slack, core, app, inbox, messenger
        self.later = timedelta()  # how far the outbox's clock is ahead of this machine's
        self.outbox = Outbox(
            core.store, core.app, core.messengers, core.desk.in_thread, clock=lambda: utc_now() + self.later
        )

    def rooms(self) -> list[Channel]:
        """The channels Foghorn made, in their order."""
        return [channel for channel in self.slack.channels.values() if channel.creator == BOT]

    @asynccontextmanager
    async def sending(self) -> AsyncIterator[None]:
        """The outbox, woken by every commit and now and then."""
        loop = asyncio.get_running_loop()
        self.core.store.after_commit.append(lambda _tx: loop.call_soon_threadsafe(self.outbox.wake))

        async def tick() -> None:
            while True:
                await asyncio.sleep(0.05)
                self.outbox.wake()

        tasks = [asyncio.create_task(self.outbox.run()), asyncio.create_task(tick())]
        try:
            yield
        finally:
            self.core.store.after_commit.clear()
            self.outbox.stop()
            tasks[1].cancel()
            await tasks[0]


@pytest.fixture
def organisation() -> Organisation:
    example = ORGANISATION
    people = {"ana": ANA, "ben": BEN}
    named = tuple(
        type(person)(**{**person.model_dump(), "slack": people.get(person.handle, "")}) for person in example.people
    )
    return example.model_copy(update={"people": named})


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def settings(migrated_sqlite_url: str, organisation: Organisation, clock: Clock) -> Settings:
    """On a database that belongs to the organization already."""
    settings = Settings(FOGHORN_DATABASE_URL=migrated_sqlite_url, FOGHORN_PUBLIC_URL="https://status.example.com")

    def start() -> Engine:
        core = open_core(settings, organisation, clock=clock)
        core.close()
        return core.store.engine

    reach(migrated_sqlite_url, (clock.now, organisation.model_dump_json()), start)
    return settings


@pytest.fixture
async def slack() -> AsyncIterator[Slack]:
    async with Slack().serving() as slack:
        slack.scopes = set(manifest.BOT_SCOPES)
        for user, name in ((ANA, "ana"), (BEN, "ben"), (DEV, "dev")):
            slack.add_user(user, name)
        slack.add_channel(ROOM, "inc-room", ANA, BEN, DEV, BOT)
        slack.add_channel(NEWS, "status", ANA, BEN)
        yield slack


@pytest.fixture
def budget_s(request: pytest.FixtureRequest) -> float:
    """How long a first response waits for the database: as in the product where a test locks it, else for long."""
    return BUDGET_S if "locks" in request.fixturenames else LONG_S


@asynccontextmanager
async def foghorn_on(
    slack: Slack, settings: Settings, organisation: Organisation, clock: Clock, *, sockets: bool = True,
    budget_s: float = LONG_S, look_every_s: float = LOOK_EVERY_S,
) -> AsyncIterator[Team]:  # fmt: skip
    """Started, connected and, at the end, stopped."""
    web = SlackWeb(slack.bot_token, slack.api_url, timeout_s=20)
    messenger = SlackMessenger(web, organisation.zone)
    core = open_core(settings, organisation, clock=clock, messengers={"slack": messenger})
    process = RunningProcess(core.store, settings.database_url)
    process.look()
    inbox = Inbox(core.store, budget_s=budget_s, process=process.id)
    answers = SlackReplies(web, organisation.zone, "https://status.example.com/console")
    app = SlackApp(
        web,
        core.desk,
        inbox,
        answers,
        lambda: ParseContext(organisation, clock()),
        share=partial(Leases(core.store, core.desk.in_thread).share, "slack"),
        app_token=slack.app_token if sockets else "",
        signing_secret="8f742231b10e8888abcd99yyyzzz85a5",
        look_every_s=look_every_s,
    )
    team = Team(slack, core, app, inbox, messenger)
    with lent(core.store):
        async with team.sending(), app.running():
            if sockets:
                await slack.connected(2)
            yield team
        await messenger.close()
        core.close()


@pytest.fixture
async def team(
    slack: Slack, settings: Settings, organisation: Organisation, clock: Clock, budget_s: float
) -> AsyncIterator[Team]:
    async with foghorn_on(slack, settings, organisation, clock, budget_s=budget_s) as team:
        yield team


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Nothing of this machine's environment reaches Bolt."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET", "SLACK_CLIENT_ID"):
            patch.delenv(name, raising=False)
        yield
