"""The composition root: creates and connects everything, once."""

import asyncio
import contextlib
import logging
import secrets
import socket
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import AsyncExitStack
from functools import partial
from typing import Protocol

import uvicorn
from starlette.applications import Starlette
from starlette.routing import BaseRoute, Mount
from starlette.types import ASGIApp

from bot.actions import people
from bot.changes import Changes
from bot.clock import Clock, utc_now
from bot.commands.fields import Reading
from bot.core import Core, messengers_of, open_core
from bot.domain.organisation import Organisation
from bot.errors import Busy, SettingError
from bot.intake.inbox import Inbox
from bot.intake.leases import Leases
from bot.intake.platform import Platform, Service, Serving
from bot.platforms import PLATFORMS
from bot.platforms.console.access import without_tokens
from bot.platforms.console.routes import routes as console_routes
from bot.platforms.webhook.messenger import WebhookMessenger
from bot.ports import Messenger
from bot.settings import Settings, Setup, secret
from bot.store import migrate
from bot.templating import web_environment
from bot.web.app import build_app
from bot.web.health import Health
from bot.web.site import Site
from bot.worker.ticks import Worker

log = logging.getLogger("foghorn")
STOP_WITHIN_S = 3.0
Play = Callable[[str], Awaitable[str]]


class Plays(Protocol):
    """Drills that the console offers, each on a Foghorn of its own."""

    @property
    def app(self) -> ASGIApp:
        """The pages of the running drill, mounted under /drill."""

    async def start(self, person: str) -> str:
        """Start a drill for a person (by ID); returns where to watch it."""

    def end_streams(self) -> None:
        """Close its live pages, because the server waits for them."""

    async def stop(self) -> None:
        """Stop the running drill."""


class Foghorn:
    """A complete Foghorn: core, platforms, pages, and worker."""

    def __init__(
        self,
        core: Core,
        *,
        clock: Clock,
        drill: bool,
        play: Play | None,
        services: Mapping[str, Service],
    ) -> None:
        self.store, self.app, self.desk = core.store, core.app, core.desk
        self._core, self.services = core, services
        self.changes = Changes()
        self.closing = asyncio.Event()
        self.worker = Worker(
            self.store,
            self.app,
            self.desk.in_thread,
            core.messengers,
            self.changes,
            core.real,
            on_tick=core.real.keep,
        )
        self.site = Site(self.store, self.app, clock, drill=drill)
        self.web_app = self._app(clock, drill=drill, play=play)
        self._running = AsyncExitStack()
        self._rebuilding: asyncio.Task[None] | None = None

    def _app(self, clock: Clock, *, drill: bool, play: Play | None) -> Starlette:
        settings = self._core.settings
        token = settings.console_token.get_secret_value() if settings.console_token else secrets.token_urlsafe(32)
        routes: list[BaseRoute] = console_routes(
            self.desk,
            web_environment(self.app.organisation, drill=drill, templates=self.app.templates),
            secret=token,
            public_url=settings.url,
            changes=self.changes,
            closing=self.closing,
            play=play,
        )
        for service in self.services.values():
            routes += service.routes
        health = Health(
            self.store,
            self.app.organisation,
            clock,
            connections={name: partial(getattr, service, "connected") for name, service in self.services.items()},
            refused={name: partial(getattr, service, "refused") for name, service in self.services.items()},
            tick_age_s=self.worker.tick_age_s,
        )
        return build_app(self.site, health, allowed_hosts=[settings.host], public_url=settings.url, routes=routes)

    async def start(self) -> None:
        """Start: pages first, then platforms and ticks."""
        self.changes.start()
        self.store.after_commit.append(self.changes.committed)
        with contextlib.suppress(Busy):
            await self.site.rebuild()
        self._rebuilding = asyncio.create_task(self.site.run(self.changes))
        for service in self.services.values():
            await self._running.enter_async_context(service.running())
        await self.worker.start()

    async def stop(self) -> None:
        """Accept no new work, finish what is running, and close the database."""
        self.closing.set()
        await self.worker.stop(STOP_WITHIN_S)
        await self._running.aclose()
        if self._rebuilding is not None:
            self._rebuilding.cancel()
            await asyncio.gather(self._rebuilding, return_exceptions=True)
        await self._core.close_messengers()
        await asyncio.to_thread(self._core.close)


def compose(
    settings: Settings,
    organisation: Organisation,
    *,
    clock: Clock = utc_now,
    drill: bool = False,
    play: Play | None = None,
    platforms: Sequence[Platform] = PLATFORMS,
) -> Foghorn:
    """A Foghorn on a migrated database. As a drill, it has the local messenger only and says so on every page."""
    messengers: dict[str, Messenger] = {}
    setup = Setup(settings, organisation)
    if not drill:
        webhooks = WebhookMessenger(organisation.webhooks, secret)
        messengers = {"webhook": webhooks, **messengers_of(setup, platforms)}
    core = open_core(settings, organisation, clock=clock, messengers=messengers, follows=True)
    if not drill:
        core.real.orders_ids()
    services = {
        platform.name: platform.service(
            Serving(
                setup,
                messengers[platform.name],
                core.desk,
                Inbox(core.store),
                Leases(core.store, core.desk.in_thread, core.real),
                lambda: Reading(organisation, clock()),
            )
        )
        for platform in platforms
        if platform.name in messengers
    }
    return Foghorn(core, clock=clock, drill=drill, play=play, services=services)


def run(settings: Settings, organisation: Organisation, plays: Plays | None = None) -> None:
    """Serve until stopped. Before serving, raises SettingError, NotMigrated, OtherOrganisation, Busy."""
    if settings.console_token is None and not settings.loopback:
        problem = (
            "is required when the console can be reached from other machines; set it to at least 16 random characters"
        )
        raise SettingError(setting="FOGHORN_CONSOLE_TOKEN", problem=problem)
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s", level=logging.INFO)
    for noisy in ("alembic", "apscheduler", "httpx"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    migrate.prepare(settings.database_url)
    listening = _listen(settings)
    with contextlib.closing(listening):
        asyncio.run(_serve(settings, organisation, listening, plays))


async def _serve(settings: Settings, organisation: Organisation, listening: socket.socket, plays: Plays | None) -> None:
    foghorn = compose(settings, organisation, play=plays.start if plays else None)
    if plays is not None:
        foghorn.web_app.router.routes.insert(0, Mount("/drill", app=plays.app))
    await foghorn.start()
    try:
        print(await asyncio.to_thread(_sign_in_words, foghorn, settings), flush=True)
        await serve(foghorn.web_app, listening, closing=[foghorn.closing.set, *([plays.end_streams] if plays else [])])
    finally:
        if plays is not None:
            await plays.stop()
        await foghorn.stop()


async def serve(app: Starlette, listening: socket.socket, *, closing: Collection[Callable[[], object]]) -> None:
    """Serve on a socket until SIGTERM or SIGINT. Open streams are told to end first."""
    # accepted connections inherit it; without it, every response sent in two packets waits 40 ms for the other side
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    config = uvicorn.Config(
        app, log_config=None, server_header=False, timeout_graceful_shutdown=int(STOP_WITHIN_S), lifespan="off"
    )
    for name in ("uvicorn.access", "uvicorn.error"):
        logging.getLogger(name).addFilter(without_tokens)
    await _Server(config, closing).serve(sockets=[listening])


class _Server(uvicorn.Server):
    """End live streams as soon as a signal arrives, because the server would wait for them.

    uvicorn raises the signal again after it stops, which would kill the process before worker and database are closed.
    Here `serve` returns, and its caller shuts down in order.
    """

    def __init__(self, config: uvicorn.Config, closing: Collection[Callable[[], object]]) -> None:
        super().__init__(config)
        self._closing = closing
        self._loop = asyncio.get_running_loop()

    def handle_exit(self, _sig: int, _frame: object) -> None:
        """Handle a signal; after a second one, nothing is waited for."""
        for close in self._closing:
            self._loop.call_soon_threadsafe(close)
        self.should_exit, self.force_exit = True, self.should_exit


def _listen(settings: Settings) -> socket.socket:
    """The socket to serve on. Raises SettingError if it is in use."""
    try:
        return listen(settings.host, settings.port)
    except OSError as problem:
        words = (
            f"{settings.port} cannot be used on {settings.host} ({problem.strerror}); another Foghorn may be using it"
        )
        raise SettingError(setting="FOGHORN_PORT", problem=words) from problem


def listen(host: str, port: int) -> socket.socket:
    """A socket that sends at once: asyncio sets TCP_NODELAY only on sockets it creates itself."""
    listening = socket.create_server((host, port))
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listening


def _sign_in_words(foghorn: Foghorn, settings: Settings) -> str:
    first = foghorn.app.organisation.people[0]
    with foghorn.store.write() as tx:
        person, token = people.invite(tx, first.handle, support=False)
    link = f"{settings.url}/console?token={token}"
    return (
        f"\nFoghorn is running.\n  Status page  {settings.url}/\n  Console      {link}\n"
        f"The link signs in {person.name}. It works once, within 15 minutes.\n"
        f"To make another, run `foghorn people invite {person.handle}`.\n"
    )
