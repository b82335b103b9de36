"""Health checks: /healthz, /readyz, and /metrics. Only published incidents are counted."""

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from prometheus_client import CollectorRegistry, Metric
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.openmetrics.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from bot.clock import Clock
from bot.domain.components import worst
from bot.domain.deliveries import DeliveryState
from bot.domain.organisation import Organisation
from bot.domain.promises import PromiseState
from bot.domain.severity import Severity
from bot.errors import NotMigrated
from bot.store import deliveries, figures, migrate
from bot.store.transaction import Store, Transaction

TICK_WITHIN_S = 60.0
ANSWER_WITHIN_S = 5.0
_ENDED = (PromiseState.KEPT, PromiseState.LATE, PromiseState.SUPERSEDED, PromiseState.CANCELLED)

log = logging.getLogger(__name__)


class Health:
    """Checks the database and the parts it was given. `tick_age_s` is None if this process has no ticks."""

    def __init__(
        self,
        store: Store,
        organisation: Organisation,
        clock: Clock,
        *,
        connections: Mapping[str, Callable[[], bool]] | None = None,
        refused: Mapping[str, Callable[[], int]] | None = None,
        tick_age_s: Callable[[], float | None] = lambda: None,
    ) -> None:
        self.store = store
        self.clock = clock
        self.connections = connections or {}
        self.refused = refused or {}
        self.tick_age_s = tick_age_s
        self._registry = CollectorRegistry(auto_describe=False)
        self._registry.register(_MetricsCollector(self, organisation))

    def routes(self) -> list[BaseRoute]:
        """The routes /healthz, /readyz, and /metrics."""
        return [
            Route("/healthz", self._healthz),
            Route("/readyz", self._readyz),
            Route("/metrics", self._metrics),
        ]

    def report(self) -> dict[str, object]:
        """The content of /readyz, summed up in `ready`."""
        tick = self.tick_age_s()
        connected = {platform: ask() for platform, ask in self.connections.items()}
        database, migrations, outbox = self._database()
        in_time = tick is None or 0 <= tick <= TICK_WITHIN_S
        ready = database == "answers" and migrations == "current" and in_time and all(connected.values())
        return {
            "ready": ready,
            "database": database,
            "migrations": migrations,
            "tick_age_seconds": None if tick is None else round(tick, 1),
            "outbox": outbox,
            "platforms": {platform: "connected" if yes else "not connected" for platform, yes in connected.items()},
        }

    def _database(self) -> tuple[str, str, dict[str, object]]:
        try:
            with self.store.read() as tx:
                migrate.check_current(self.store.engine)
                return "answers", "current", outbox(tx)
        except NotMigrated:
            return "answers", "not current", {}
        except Exception as problem:  # any failure means not ready
            log.warning("the database does not answer: %s", problem)
            return "does not answer", "unknown", {}

    async def _healthz(self, _request: Request) -> Response:
        return PlainTextResponse("ok\n", headers={"Cache-Control": "no-store"})

    async def _readyz(self, _request: Request) -> Response:
        try:
            found = await asyncio.wait_for(asyncio.to_thread(self.report), ANSWER_WITHIN_S)
        except TimeoutError:
            found = {"ready": False, "database": "does not answer"}
        return JSONResponse(found, 200 if found["ready"] else 503, headers={"Cache-Control": "no-store"})

    async def _metrics(self, _request: Request) -> Response:
        text = await asyncio.to_thread(generate_latest, self._registry)
        return Response(text, media_type=CONTENT_TYPE_LATEST, headers={"Cache-Control": "no-store"})


def outbox(tx: Transaction) -> dict[str, object]:
    """How many are waiting, how many failed, and how long the first has been due."""
    found = deliveries.backlog(tx)
    oldest = found["oldest"]
    age = max(0.0, (tx.now - oldest).total_seconds()) if isinstance(oldest, datetime) else 0.0
    return {"waiting": found["waiting"], "dead": found["dead"], "oldest_seconds": round(age, 1)}


class _MetricsCollector(Collector):
    """Counts read from the database on request, so that replicas agree."""

    def __init__(self, health: Health, organisation: Organisation) -> None:
        self.health = health
        self.organisation = organisation

    def collect(self) -> Iterable[Metric]:
        """All metrics; without the database, only those that do not need it."""
        found: list[Metric] = []
        try:
            with self.health.store.read() as tx:
                found = [*self._incidents(tx), *self._promises(tx), *_deliveries(tx)]
        except Exception as problem:  # any failure means down
            log.warning("metrics without the database: %s", problem)
        yield GaugeMetricFamily("foghorn_database_up", "1 while the database answers.", float(bool(found)))
        yield from found
        tick = self.health.tick_age_s()
        if tick is not None:
            yield GaugeMetricFamily("foghorn_tick_age_seconds", "Seconds since the last tick.", tick)
        connected = GaugeMetricFamily("foghorn_platform_connected", "1 while connected.", labels=["platform"])
        for platform, ask in self.health.connections.items():
            connected.add_metric([platform], float(ask()))
        yield connected
        strangers = CounterMetricFamily(
            "foghorn_refused", "Requests refused because the sender may not use Foghorn.", labels=["platform"]
        )
        for platform, count in self.health.refused.items():
            strangers.add_metric([platform], float(count()))
        yield strangers

    def _incidents(self, tx: Transaction) -> Iterable[Metric]:
        numbers = figures.open_by_severity(tx)
        opened = GaugeMetricFamily(
            "foghorn_open_incidents", "Published incidents that are not resolved, by severity.", labels=["severity"]
        )
        for severity in Severity:
            opened.add_metric([severity.value], numbers.get(severity, 0))
        yield opened
        rows = figures.open_impacts(tx)
        status = GaugeMetricFamily(
            "foghorn_component_status",
            "Status as published: 0 operational, 1 maintenance, 2 degraded, 3 partial outage, 4 major outage.",
            labels=["component"],
        )
        for component in self.organisation.components:
            felt = worst(row.published for row in rows if row.component == component.key and row.published)
            status.add_metric([component.key], felt.rank)
        yield status
        published = CounterMetricFamily("foghorn_updates_published", "Updates published.")
        published.add_metric([], figures.published_total(tx))
        yield published

    def _promises(self, tx: Transaction) -> Iterable[Metric]:
        numbers = figures.promises_by_state(tx)
        ended = CounterMetricFamily("foghorn_promises", "Promised updates, by result.", labels=["result"])
        for state in _ENDED:
            ended.add_metric([state.value], numbers.get(state, 0))
        yield ended
        due_at = figures.earliest_promise(tx)
        overdue = max(0.0, (tx.now - due_at).total_seconds()) if due_at else 0.0
        yield GaugeMetricFamily(
            "foghorn_promise_overdue_seconds", "Seconds by which the earliest promised update is overdue.", overdue
        )


def _deliveries(tx: Transaction) -> Iterable[Metric]:
    numbers = figures.deliveries_by_state(tx)
    done = CounterMetricFamily("foghorn_deliveries", "Finished deliveries, by result.", labels=["result"])
    for state in (DeliveryState.SENT, DeliveryState.DEAD, DeliveryState.CANCELLED):
        done.add_metric([state.value], numbers.get(state, 0))
    yield done
    for name, value in outbox(tx).items():
        yield GaugeMetricFamily(f"foghorn_outbox_{name}", "Of the outbox.", float(str(value)))
