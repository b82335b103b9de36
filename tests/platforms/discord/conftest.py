"""A Foghorn on a local Discord: two people of the configuration, one member without a person, one stranger."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine

from bot.clock import utc_now
from bot.commands.fields import ParseContext
from bot.core import Core, open_core
from bot.domain.organisation import Organisation
from bot.intake.inbox import Inbox
from bot.intake.leases import Leases
from bot.platforms.discord.app import DiscordApp
from bot.platforms.discord.config import DiscordConfig
from bot.platforms.discord.messenger import DiscordMessenger
from bot.platforms.discord.web import DiscordWeb
from bot.settings import Settings
from bot.worker.outbox import Outbox
from tests.databases import lent, reach
from tests.fakes.discord import GUILD, Discord
from tests.fakes.discord_server import FORUM, NEWS
from tests.patience import LONG_S, until
from tests.reference import ORGANISATION

ANA, BEN, DEV, BOT_MEMBER = "100000000000000011", "100000000000000012", "100000000000000013", "100000000000000014"
OPS, STATUS, BOARD, CHANGES = "200000000000000011", "200000000000000012", "200000000000000013", "200000000000000014"
HIDDEN, ON_CALL = "200000000000000015", "300000000000000011"


class Clock:
    """The time of the story."""

    def __init__(self) -> None:
        self.now = datetime(2026, 4, 20, 9, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **span: float) -> None:
        self.now += timedelta(**span)


class Team:
    """What a test holds: Discord, the desk behind it, and the outbox that sends when told."""

    def __init__(
        self, discord: Discord, core: Core, app: DiscordApp, inbox: Inbox, messenger: DiscordMessenger, clock: Clock
    ) -> None:
        self.discord, self.core, self.app, self.inbox, self.messenger = discord, core, app, inbox, messenger
        self.clock = clock
        self.later = timedelta()  # how far the clock of outbox and messenger is ahead of this machine's
        messenger.clock = self._elapsed
        self.outbox = Outbox(core.store, core.app, core.messengers, core.desk.in_thread, clock=self._elapsed)

    def _elapsed(self) -> datetime:
        return utc_now() + self.later


@pytest.fixture
def organisation() -> Organisation:
    example = ORGANISATION
    people = {"ana": ANA, "ben": BEN}
    named = tuple(
        type(person)(**{**person.model_dump(), "discord": people.get(person.handle, "")}) for person in example.people
    )
    config = DiscordConfig(servers=(GUILD,), rooms_in=OPS, private_rooms_in=HIDDEN, groups={"responders": ON_CALL})
    return example.model_copy(update={"people": named, "discord": config})


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
async def discord() -> AsyncIterator[Discord]:
    async with Discord().serving() as discord:
        change_room(discord)
        yield discord


def change_room(discord: Discord) -> None:
    """People and channels."""
    discord.add_role(ON_CALL, "on call")
    discord.add_member(ANA, "Ana")
    discord.add_member(BEN, "Ben")
    discord.add_member(DEV, "Dev")
    discord.add_member(BOT_MEMBER, "Other bot", bot=True)
    discord.add_channel(OPS, "ops")
    discord.add_channel(STATUS, "status")
    discord.add_channel(HIDDEN, "responders")
    discord.add_channel(CHANGES, "announcements", NEWS)
    discord.add_channel(
        BOARD, "incidents", FORUM, tags=("SEV1", "SEV2", "Declared", "Investigating", "Identified", "Resolved")
    )


@pytest.fixture
def budget_s() -> float:
    """How long a first response waits for the database: a test that locks it sets the product's."""
    return LONG_S


@asynccontextmanager
async def foghorn_on(
    discord: Discord, settings: Settings, organisation: Organisation, clock: Clock, *, budget_s: float = LONG_S
) -> AsyncIterator[Team]:
    """Started, connected and, at the end, stopped."""
    web = DiscordWeb(discord.token, discord.api_url)
    config = organisation.section(DiscordConfig)
    messenger = DiscordMessenger(web, config, "https://status.example.com/console")
    core = open_core(settings, organisation, clock=clock, messengers={"discord": messenger})
    inbox = Inbox(core.store, budget_s=budget_s)
    leases = Leases(core.store, core.desk.in_thread)
    app = DiscordApp(
        web, core.desk, inbox, leases, lambda: ParseContext(organisation, clock()), more="https://c.example.com",
        form_budget_s=budget_s, choices_budget_s=budget_s,
    )  # fmt: skip
    with lent(core.store):
        async with app.running():
            await discord.gateway.connected()
            yield Team(discord, core, app, inbox, messenger, clock)
        await messenger.close()
        core.close()


@pytest.fixture
async def team(
    discord: Discord, settings: Settings, organisation: Organisation, clock: Clock, budget_s: float
) -> AsyncIterator[Team]:
    async with foghorn_on(discord, settings, organisation, clock, budget_s=budget_s) as team:
        await until(lambda: discord.commands)  # they are registered beside the connection
        yield team
