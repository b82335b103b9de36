"""Health checks: /healthz, /readyz, and /metrics. Only published incidents are counted."""

import asyncio
import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hmac import compare_digest

from pydantic import SecretStr
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from bot.clock import Clock, elapsed_s
from bot.connections import Connections, ConnectionState
from bot.domain.organisation import Organisation
from bot.errors import Busy, NotMigrated
from bot.reading.health import DatabaseFigures, database_figures
from bot.store import leases, migrate
from bot.store.transaction import Store

TICK_WITHIN_S = 60.0
ANSWER_WITHIN_S = 6.0  # a write that waits for a lock says after 5 s that it did not get it
READY_WITHIN_S = 1.0  # load balancers do not wait, and whether pages can be served does not depend on the database
WRITE_EVERY_S = 5.0  # health checks are open to everyone, so they do not write to the disk each time
UNPLACED = "this process lost its place among the others, so it sends nothing until the database answers"
PAGES_WITHIN = timedelta(minutes=2)

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Ticks:
    """The scheduled work of this process: how long ago it last ran, and what of it failed then."""

    age_s: float | None  # None: not yet
    failing: str = ""


@dataclass(frozen=True)
class DatabaseState:
    """What a look at the database found."""

    answers: bool
    why: str = ""  # it does not answer, or cannot be written to
    migrated: bool | None = None  # None: unknown
    writable: bool = False
    figures: DatabaseFigures | None = None


@dataclass(eq=False)
class Health:
    """Checks what this process is responsible for.

    `pages` tells when the pages were last read from the database; None: never. Without `pages`, `ticks`, or a
    connection, that part runs in another process. `may_send`: this process has its place among the others.
    """

    store: Store
    organisation: Organisation
    clock: Clock
    pages: Callable[[], datetime | None] | None = None
    connections: Connections = field(default_factory=lambda: Connections({}))
    ticks: Callable[[], Ticks] | None = None
    metrics_token: SecretStr | None = None
    may_send: Callable[[], bool] = lambda: True
    export_failing: Callable[[], str] = str
    ready_within_s: float = READY_WITHIN_S
    answer_within_s: float = ANSWER_WITHIN_S
    _so_far: DatabaseState = field(default=DatabaseState(answers=False), init=False)
    _asked: asyncio.Task[DatabaseState] | None = field(default=None, init=False)
    _written_s: float = field(default=-WRITE_EVERY_S, init=False)

    def routes(self) -> list[BaseRoute]:
        """The routes /healthz, /readyz, and /metrics."""
        return [Route("/healthz", self._healthz), Route("/readyz", self._readyz), Route("/metrics", self._metrics)]

    async def report(self, within_s: float) -> dict[str, object]:
        """The content of /readyz. `ready`: pages can be served. `wrong`: everything that is not as it should be.

        It waits for the database for `within_s` seconds.
        """
        ticks = self.ticks() if self.ticks else None
        connections = self.connections.look()
        database = await self._database(within_s)
        read_at = self.pages() if self.pages else None
        found = database.figures
        wrong = [
            *_wrong_database(database),
            *_wrong_ticks(ticks),
            *([] if self.may_send() else [UNPLACED]),
            *filter(None, [self.export_failing()]),
            *self._wrong_pages(read_at),
            *(f"{name} is not connected" for name, state in connections.items() if not state.connected),
        ]
        return {
            "ready": self.pages is None or read_at is not None,
            "well": not wrong,
            "wrong": wrong,
            "pages_read_at": read_at.isoformat() if read_at else None,
            "database": "answers" if database.answers else "does not answer",
            "writable": database.writable,
            "migrations": {None: "unknown", True: "current", False: "not current"}[database.migrated],
            "tick_age_seconds": None if ticks is None or ticks.age_s is None else round(ticks.age_s, 1),
            **(found.as_json() if found else {}),
            "platforms": {name: self._platform(state) for name, state in connections.items()},
        }

    def _platform(self, state: ConnectionState) -> dict[str, object]:
        def at(age_s: float | None) -> str | None:
            return None if age_s is None else (self.clock() - timedelta(seconds=age_s)).isoformat(timespec="seconds")

        return {
            "connected": state.connected,
            "held_by_another_process": state.elsewhere,
            "since": at(state.since_s),
            "last_event": at(state.heard_s),
            "last_call": at(state.answered_s),
        }

    def _wrong_pages(self, read_at: datetime | None) -> Iterable[str]:
        if self.pages is not None and read_at is None:
            yield "the public pages were never built, because the database has not answered since the start"
        elif read_at is not None and self.clock() - read_at > PAGES_WITHIN:
            yield "the public pages are old: they could not be built again since pages_read_at"

    async def _database(self, within_s: float) -> DatabaseState:
        """Ask the database, once at a time: one that hangs must not take a thread for each health check."""
        if self._asked is None or self._asked.done():
            self._so_far = DatabaseState(answers=False, why="it does not answer in time")
            self._asked = asyncio.create_task(asyncio.to_thread(self._ask))
        done, _ = await asyncio.wait({self._asked}, timeout=within_s)
        return self._asked.result() if done else self._so_far

    def _ask(self) -> DatabaseState:
        """Read, then write. Only a commit shows that the disk is full; everything else shows before."""
        try:
            with self.store.read() as tx:
                migrate.check_current(self.store.engine)
                found = database_figures(tx)
        except NotMigrated:
            return DatabaseState(answers=True, migrated=False)
        except Exception as problem:  # any failure means that it does not answer
            log.warning("the database does not answer: %s", problem)
            return DatabaseState(answers=False, why=problem.why if isinstance(problem, Busy) else Busy.why)
        self._so_far = DatabaseState(
            answers=True, why="it does not finish a write in time", migrated=True, figures=found
        )
        commits = elapsed_s() - self._written_s >= WRITE_EVERY_S
        try:
            with self.store.write() if commits else self.store.dry_run() as tx:
                leases.remember(tx, "written", tx.real().isoformat())
        except Exception as problem:  # any failure means that it cannot be written to
            log.warning("the database cannot be written to: %s", problem)
            why = problem.why if isinstance(problem, Busy) else Busy.why
            return DatabaseState(answers=True, why=why, migrated=True, figures=found)
        self._written_s = elapsed_s() if commits else self._written_s
        return DatabaseState(answers=True, migrated=True, writable=True, figures=found)

    async def _healthz(self, _request: Request) -> Response:
        return PlainTextResponse("ok\n", headers={"Cache-Control": "no-store"})

    async def _readyz(self, request: Request) -> Response:
        asks_all = request.query_params.get("all", "") not in ("", "0")
        found = await self.report(self.answer_within_s if asks_all else self.ready_within_s)
        status = 200 if found["well" if asks_all else "ready"] else 503
        return JSONResponse(found, status, headers={"Cache-Control": "no-store"})

    async def _metrics(self, request: Request) -> Response:
        if self.metrics_token is not None:
            given = request.headers.get("authorization", "").encode()
            if not compare_digest(given, f"Bearer {self.metrics_token.get_secret_value()}".encode()):
                words = "The metrics need the header “Authorization: Bearer” with the token in FOGHORN_METRICS_TOKEN.\n"
                return PlainTextResponse(
                    words, 401, headers={"WWW-Authenticate": "Bearer", "Cache-Control": "no-store"}
                )
        from bot.web import metrics  # its library is imported only if somebody asks

        text = await asyncio.to_thread(metrics.text, self, await self._database(self.answer_within_s))
        return Response(text, media_type=metrics.MEDIA_TYPE, headers={"Cache-Control": "no-store"})


def _wrong_database(found: DatabaseState) -> Iterable[str]:
    if found.migrated is False:
        yield "the database is not at the version of this program; run `foghorn migrate`"
    elif not found.answers:
        yield f"the database does not answer: {found.why}"
    elif not found.writable:
        yield f"the database cannot be written to: {found.why}"


def _wrong_ticks(ticks: Ticks | None) -> Iterable[str]:
    if ticks is None:
        return
    if ticks.age_s is not None and not 0 <= ticks.age_s <= TICK_WITHIN_S:
        yield f"scheduled work last ran {ticks.age_s:.0f} seconds ago; restart this process"
    if ticks.failing:
        yield ticks.failing
