"""The composition root: creates and connects everything, once."""

import asyncio
import contextlib
import logging
import secrets
import socket
from collections.abc import Awaitable, Callable, Collection, Coroutine, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass

import uvicorn
from starlette.applications import Starlette
from starlette.types import ASGIApp

from bot.changes import ChangeFeed
from bot.clock import Clock, utc_now
from bot.commands.fields import ParseContext
from bot.connections import Connections
from bot.core import Core, messengers_of, open_core
from bot.domain.hosts import plain_host
from bot.domain.organisation import Organisation
from bot.errors import Busy, NotMigrated
from bot.intake.inbox import Inbox
from bot.intake.leases import Leases
from bot.intake.platform import Platform, Service, Serving
from bot.platforms import PLATFORMS
from bot.platforms.console.access import without_tokens
from bot.platforms.console.pages import Play
from bot.platforms.console.player import Player
from bot.platforms.console.routes import routes as console_routes
from bot.platforms.webhook.messenger import WebhookMessenger
from bot.ports import Messenger
from bot.presence import Presence
from bot.replicas import Replicas
from bot.settings import Settings, Setup, secret
from bot.store import leases, migrate
from bot.store.running import RunningProcess
from bot.web import export
from bot.web.app import build_app
from bot.web.health import Health, Ticks
from bot.web.protocol import BoundedProtocol
from bot.web.site import Site
from bot.web_templates import web_environment
from bot.worker.outages import Outages
from bot.worker.ticks import Worker

STOP_WITHIN_S = 3.0
WEB, WORKER = "web", "worker"
"""Roles of a process, besides the names of the chat platforms: pages, and what is sent or due."""
KEEP_CLOCK_EVERY_S = 1.0
LOOK_AT_VERSION_EVERY_S = 2.0
CONSOLE_TOKEN = "console:token"
"""The key under which the database stores the secret that signs console sessions, if the environment has none."""


@dataclass(eq=False)
class Foghorn:
    """A complete Foghorn: core, platforms, pages, and worker."""

    core: Core
    clock: Clock
    drill: bool
    play: Play | None
    player: Player | None
    services: Mapping[str, Service]
    roles: Collection[str]
    process: RunningProcess

    def __post_init__(self) -> None:
        """Create and connect its parts."""
        core, process = self.core, self.process
        self.store, self.app, self.desk = core.store, core.app, core.desk
        self.connections = Connections(self.services)
        self.changes, self.presence = ChangeFeed(), Presence()
        self.closing = asyncio.Event()
        self.worker = Worker(
            self.store,
            self.app,
            self.desk.in_thread,
            core.messengers,
            self.changes,
            core.elapsed_clock,
            on_tick=core.elapsed_clock.keep,
            process=process.id,
            workers=lambda: process.workers,
        )
        self.site = Site(self.store, self.app, self.clock, drill=self.drill)
        for environment in self.site.environments.values():
            environment.globals["player"] = self.player is not None
        self._export_to = None if self.drill else core.settings.export_dir
        self.web_app = self._app()
        self._running = AsyncExitStack()
        self._tasks: list[asyncio.Task[None]] = []

    def _app(self) -> Starlette:
        settings = self.core.settings
        routes = [route for service in self.services.values() for route in service.routes]
        health = Health(
            self.store,
            self.app.organisation,
            self.clock,
            pages=(lambda: self.site.read_at) if WEB in self.roles else None,
            connections=self.connections,
            metrics_token=settings.metrics_token,
            ticks=(lambda: Ticks(self.worker.tick_age_s(), self.worker.failing)) if WORKER in self.roles else None,
            may_send=lambda: self.process.id() is not None,
            export_failing=lambda: self.site.export_failing,
        )
        if WEB in self.roles:
            console = console_routes(
                self.desk,
                web_environment(self.app.organisation, drill=self.drill, templates=self.app.templates),
                secret=_console_token(self.core),
                public_url=settings.url,
                changes=self.changes,
                closing=self.closing,
                play=self.play,
                player=self.player,
                presence=self.presence,
            )
            routes = [*console, *routes]
        return build_app(
            self.site if WEB in self.roles else None,
            health,
            allowed_hosts=[settings.host],
            public_url=settings.url,
            routes=routes,
            access_log=settings.access_log,
        )

    async def start(self) -> None:
        """Start: pages first, then platforms and ticks."""
        await asyncio.to_thread(self.process.start)
        self.changes.start()
        self.store.before_commit.append(self.changes.committing)
        self.store.after_commit.append(self.changes.committed)
        replicas = Replicas(
            self.store, self.core.settings.database_url, self.changes, self.presence, self.desk.in_thread
        )
        if WEB in self.roles:
            self._run(self.site.run(self.changes))
            await self.site.changed.wait()  # for the first pages
            if self._export_to is not None:
                self._run(export.keep_current(self.site, self._export_to))
        self._run(replicas.run())
        self._run(Outages(self.store, self.app, self.connections, self.changes, self.desk.in_thread).run())
        for service in self.services.values():
            await self._running.enter_async_context(service.running())
        if WORKER in self.roles:
            await self.worker.start()
        else:
            self._run(self._keep_clock())

    def _run(self, work: Coroutine[None, None, None]) -> None:
        self._tasks.append(asyncio.create_task(work))

    async def _keep_clock(self) -> None:
        """What ticks do in a process that has them."""
        while True:
            with contextlib.suppress(Busy):
                await self.desk.in_thread(self.core.elapsed_clock.keep)
            await asyncio.sleep(KEEP_CLOCK_EVERY_S)

    async def outdated(self, look_every_s: float = LOOK_AT_VERSION_EVERY_S) -> NotMigrated:
        """Wait until a newer version of Foghorn has migrated the database so that this one cannot work with it."""
        engine, known = self.store.engine, ""
        while True:
            try:
                found = await asyncio.to_thread(migrate.version, engine)
                if found != known:
                    await asyncio.to_thread(migrate.check_current, engine)
                known = found
            except NotMigrated as problem:
                return problem
            except Busy:
                pass
            await asyncio.sleep(look_every_s)

    async def stop(self) -> None:
        """Accept no new work, finish what is running, and close the database."""
        self.closing.set()
        await self.worker.stop(STOP_WITHIN_S)
        await self._running.aclose()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.to_thread(self.process.stop)
        await self.core.close_messengers()
        await asyncio.to_thread(self.core.close)


def compose(
    settings: Settings,
    organisation: Organisation,
    *,
    clock: Clock = utc_now,
    drill: bool = False,
    play: Play | None = None,
    player: Player | None = None,
    platforms: Sequence[Platform] = PLATFORMS,
    only: Collection[str] = (),
) -> Foghorn:
    """A Foghorn on a migrated database. As a drill, it has the local messenger only and says so on every page.

    `only`: its roles; by default all.
    """
    roles = only or (WEB, WORKER, *(platform.name for platform in platforms))
    messengers: dict[str, Messenger] = {}
    setup = Setup(settings, organisation)
    if not drill:
        webhooks = WebhookMessenger(organisation.webhooks, secret)
        messengers = {"webhook": webhooks, **messengers_of(setup, platforms)}
    core = open_core(settings, organisation, clock=clock, messengers=messengers, follows=True)
    if not drill:
        core.elapsed_clock.orders_ids()
    active = [role for role in roles if role in (WEB, WORKER, *messengers)]
    process = RunningProcess(core.store, settings.database_url, active)
    services = {
        platform.name: platform.service(
            Serving(
                setup,
                messengers[platform.name],
                core.desk,
                Inbox(core.store, process=process.id),
                Leases(core.store, core.desk.in_thread, core.elapsed_clock, process.id),
                lambda: ParseContext(organisation, clock()),
            )
        )
        for platform in platforms
        if platform.name in messengers and platform.name in roles
    }
    return Foghorn(
        core, clock=clock, drill=drill, play=play, player=player, services=services, roles=roles, process=process
    )


def _console_token(core: Core) -> str:
    """FOGHORN_CONSOLE_TOKEN, or a secret of the database, so that sessions are valid in every process. Raises Busy."""
    if core.settings.console_token is not None:
        return core.settings.console_token.get_secret_value()
    with core.store.write() as tx:
        return leases.keep_secret(tx, CONSOLE_TOKEN, secrets.token_urlsafe(32))


async def serve(
    app: Starlette,
    listening: socket.socket,
    *,
    closing: Collection[Callable[[], object]],
    started: Callable[[], Awaitable[None]] | None = None,
    access_log: bool = False,
) -> None:
    """Serve on a socket until SIGTERM or SIGINT. Open streams are told to end first.

    `started` is awaited once requests are answered and signals end the process in order.
    """
    # accepted connections inherit it; without it, every response sent in two packets waits 40 ms for the other side
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for name in ("uvicorn.access", "uvicorn.error"):
        logging.getLogger(name).addFilter(without_tokens)
    await _Server(server_config(app, access_log=access_log), closing, started).serve(sockets=[listening])


def server_config(app: ASGIApp, *, access_log: bool = False) -> uvicorn.Config:
    """How the server runs. `access_log`: log every request."""
    return uvicorn.Config(
        app,
        http=BoundedProtocol,
        log_config=None,
        access_log=access_log,
        server_header=False,
        timeout_graceful_shutdown=int(STOP_WITHIN_S),
        lifespan="off",
        ws="none",
    )


class _Server(uvicorn.Server):
    """End live streams as soon as a signal arrives, because the server would wait for them.

    uvicorn raises the signal again after it stops, which would kill the process before worker and database are closed.
    Here `serve` returns, and its caller shuts down in order.
    """

    def __init__(
        self,
        config: uvicorn.Config,
        closing: Collection[Callable[[], object]],
        started: Callable[[], Awaitable[None]] | None,
    ) -> None:
        super().__init__(config)
        self._closing, self._started = closing, started
        self._loop = asyncio.get_running_loop()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and tell whoever waits for it."""
        await super().startup(sockets)
        if self._started is not None:
            await self._started()

    def handle_exit(self, _sig: int, _frame: object) -> None:
        """Handle a signal; after a second one, nothing is waited for."""
        for close in self._closing:
            self._loop.call_soon_threadsafe(close)
        self.should_exit, self.force_exit = True, self.should_exit


def listen(host: str, port: int) -> socket.socket:
    """A socket for `serve`."""
    return socket.create_server((plain_host(host), port))
