"""A Foghorn without pages for drills to play on: the real store, desk, outbox and reminders, wired by hand."""

import asyncio
from collections.abc import Mapping

from starlette.applications import Starlette

from bot.actions import people, subscriptions
from bot.actions.app_context import AppContext
from bot.clock import Clock
from bot.domain.organisation import Organisation
from bot.intake.desk import Desk
from bot.platforms.local.messenger import LocalMessenger
from bot.ports import Messenger
from bot.settings import Settings
from bot.store.transaction import Store
from bot.templating import Templates
from bot.worker.nudges import send_due_nudges
from bot.worker.outbox import Outbox
from tests.databases import engine_on, give_back


class Worker:
    """Works only when asked, so that a test sees every moment."""

    def __init__(self, store: Store, harness: AppContext, desk: Desk, messengers: Mapping[str, Messenger]) -> None:
        self._store, self._harness, self._desk = store, harness, desk
        self._outbox = Outbox(store, harness, messengers, desk.in_thread)

    async def tick(self) -> None:
        await self._desk.in_thread(lambda: send_due_nudges(self._store, self._harness))

    async def drain(self) -> None:
        await self._outbox.drain()


class Foghorn:
    """Remembers what it was made of."""

    def __init__(
        self, settings: Settings, organisation: Organisation, *, clock: Clock, drill: bool, platforms: tuple[str, ...]
    ) -> None:
        self.settings, self.organisation, self.drill = settings, organisation, drill
        self.store = Store(engine_on(settings.database_url), clock)
        self.app = AppContext(organisation, Templates(settings.templates_dir), settings.url, platforms=platforms)
        self.desk = Desk(self.store, self.app)
        self.worker = Worker(self.store, self.app, self.desk, {"local": LocalMessenger()})
        self.web_app = Starlette()
        self.closing = asyncio.Event()
        self.runs = False
        with self.store.write() as tx:
            people.follow_configuration(tx, organisation)
            subscriptions.follow_configuration(tx, self.app)

    async def start(self) -> None:
        self.runs = True

    async def stop(self) -> None:
        self.runs = False
        self.desk.close()
        give_back(self.store.engine)


def compose(settings: Settings, organisation: Organisation, *, clock: Clock, drill: bool) -> Foghorn:
    """As `main.compose` makes a drill."""
    return Foghorn(settings, organisation, clock=clock, drill=drill, platforms=("local",))


def reaching_out(settings: Settings, organisation: Organisation, *, clock: Clock, drill: bool) -> Foghorn:
    """As a mistake in `main.compose` would make one."""
    return Foghorn(settings, organisation, clock=clock, drill=drill, platforms=("local", "slack"))
