"""The Foghorn of a drill, with its own database and clock, local channels, and nothing else."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from tempfile import TemporaryDirectory
from typing import Protocol

from starlette.applications import Starlette

from bot.actions import people
from bot.actions.app_context import AppContext
from bot.clock import Clock, utc_now
from bot.domain.organisation import Organisation
from bot.intake.desk import Desk
from bot.settings import Settings
from bot.store import migrate, subscriptions
from bot.store.transaction import Store

LOCAL = ("local",)


class ScenarioClock:
    """The clock for incidents, promises, and reminders. It stands still until moved and never goes back."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        """The current time of the drill."""
        return self.now

    def advance(self, to: datetime) -> None:
        """Move forward to a time."""
        self.now = max(self.now, to)


class Worker(Protocol):
    """What a drill needs of the worker. Both methods return when nothing is left to do."""

    async def tick(self) -> None:
        """Send the reminders that are due."""

    async def drain(self) -> None:
        """Deliver what waits."""


class Foghorn(Protocol):
    """What `main.compose` makes."""

    @property
    def desk(self) -> Desk:
        """Its desk."""

    @property
    def store(self) -> Store:
        """Its database."""

    @property
    def app(self) -> AppContext:
        """What actions need."""

    @property
    def worker(self) -> Worker:
        """Its background work."""

    @property
    def web_app(self) -> Starlette:
        """Its pages."""

    @property
    def closing(self) -> asyncio.Event:
        """Set when it ends, so that live pages end first."""

    async def start(self) -> None:
        """Start working."""

    async def stop(self) -> None:
        """Finish what is running, and close the database."""


class Compose(Protocol):
    """`main.compose`."""

    def __call__(self, settings: Settings, organisation: Organisation, *, clock: Clock, drill: bool) -> Foghorn:
        """A Foghorn on a migrated database. As a drill, it has the local messenger only and says so on every page."""


@asynccontextmanager
async def rehearsal(
    compose: Compose, settings: Settings, organisation: Organisation, *, clock: Clock, url: str
) -> AsyncIterator[Foghorn]:
    """A second Foghorn, started, and removed at the end. It knows no token or webhook, whatever the first one has."""
    with TemporaryDirectory(prefix="foghorn-drill-") as folder:
        database = f"sqlite:///{folder}/drill.db"
        await asyncio.to_thread(migrate.upgrade, database)
        foghorn = compose(_alone(settings, database, url), _unhooked(organisation), clock=clock, drill=True)
        try:
            _check_local(foghorn)
            await foghorn.start()
            yield foghorn
        finally:
            await foghorn.stop()


async def sign_in_link(foghorn: Foghorn, handle: str, url: str) -> str:
    """A single-use link to the drill's console. It expires by the real clock."""
    real = Store(foghorn.store.engine, utc_now)

    def invite() -> str:
        with real.write() as tx:
            return people.invite(tx, handle, support=False)[1]

    return f"{url}/console?token={await foghorn.desk.in_thread(invite)}"


def _alone(settings: Settings, database: str, url: str) -> Settings:
    """The settings without those of a platform."""
    declared = type(settings).model_fields.items()
    outside = {name: field.default for name, field in declared if name not in Settings.model_fields}
    return settings.model_copy(update={**outside, "database_url": database, "public_url": url})


def _unhooked(organisation: Organisation) -> Organisation:
    return organisation.model_copy(update={"webhooks": ()})


def _check_local(foghorn: Foghorn) -> None:
    """Refuse to start a drill that could reach anyone."""
    with foghorn.store.read() as tx:
        followed = [subscription.destination for subscription in subscriptions.subscriptions(tx)]
    outside = [str(destination) for destination in followed if destination.platform != "local"]
    if foghorn.app.platforms != LOCAL or outside:
        raise RuntimeError(f"not a drill: platforms {foghorn.app.platforms}, destinations {outside}")
