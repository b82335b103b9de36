"""The text of /metrics. Only published incidents are counted."""

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict

from prometheus_client import CollectorRegistry, Metric
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.openmetrics.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector

from bot.connections import ConnectionState
from bot.domain.components import worst
from bot.domain.deliveries import DeliveryState
from bot.domain.promises import PromiseState
from bot.domain.severity import Severity
from bot.reading.health import database_figures
from bot.store import figures
from bot.store.transaction import Transaction
from bot.web.health import DatabaseState, Health

MEDIA_TYPE = CONTENT_TYPE_LATEST
_ENDED = (PromiseState.KEPT, PromiseState.LATE, PromiseState.SUPERSEDED, PromiseState.CANCELLED)

log = logging.getLogger(__name__)


def text(health: Health, database: DatabaseState) -> bytes:
    """All metrics as OpenMetrics."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_MetricsCollector(health, database))
    return bytes(generate_latest(registry))  # type: ignore[no-untyped-call]


class _MetricsCollector(Collector):
    """Counts read from the database on request, so that replicas agree."""

    def __init__(self, health: Health, database: DatabaseState) -> None:
        self.health = health
        self.database = database

    def collect(self) -> Iterable[Metric]:
        """All metrics; without the database, only those that do not need it."""
        found: list[Metric] = []
        try:
            if self.database.answers:
                with self.health.store.read() as tx:
                    found = [*self._incidents(tx), *self._promises(tx), *_deliveries(tx)]
        except Exception as problem:  # any failure means down
            log.warning("metrics without the database: %s", problem)
        yield GaugeMetricFamily("foghorn_database_up", "1 while the database answers.", float(bool(found)))
        writable = GaugeMetricFamily("foghorn_database_writable", "1 while the database can be written to.")
        writable.add_metric([], float(self.database.writable))
        yield writable
        yield from found
        ticks = self.health.ticks() if self.health.ticks else None
        if ticks is not None and ticks.age_s is not None:
            yield GaugeMetricFamily("foghorn_tick_age_seconds", "Seconds since the last tick.", ticks.age_s)
            yield GaugeMetricFamily("foghorn_tick_failing", "1 while scheduled work fails.", float(bool(ticks.failing)))
        yield from _connections(self.health.connections.look())

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
        for component in self.health.organisation.components:
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
    found = database_figures(tx)
    yield GaugeMetricFamily(
        "foghorn_destinations_failing",
        "Destinations that have received nothing for ten minutes.",
        found.destinations_failing,
    )
    for name, value in asdict(found.outbox).items():
        if name != "oldest":  # its ID
            yield GaugeMetricFamily(f"foghorn_outbox_{name}", "Of the outbox.", float(value))
    lag = found.last_publication
    first = GaugeMetricFamily(
        "foghorn_publication_first_seconds", "From the last publication to its first destination."
    )
    last = GaugeMetricFamily("foghorn_publication_last_seconds", "To its last destination; so far, if some still wait.")
    if lag is not None:
        last.add_metric([], lag.last_seconds)
    if lag is not None and lag.first_seconds is not None:
        first.add_metric([], lag.first_seconds)
    yield from (first, last)
    yield GaugeMetricFamily("foghorn_promises_overdue", "Promised updates that are overdue.", found.promises_late)
    yield GaugeMetricFamily("foghorn_replicas", "Processes that run on the database.", found.replicas)


def _connections(states: Mapping[str, ConnectionState]) -> Iterable[Metric]:
    ages: Mapping[str, tuple[str, Callable[[ConnectionState], float | None]]] = {
        "connected": ("1 while connected.", lambda state: float(state.connected)),
        "connection_age_seconds": ("Seconds since it was connected or disconnected.", lambda state: state.since_s),
        "last_event_seconds": ("Seconds since it last sent something.", lambda state: state.heard_s),
        "last_call_seconds": ("Seconds since it last carried out a call.", lambda state: state.answered_s),
    }
    for name, (words, read) in ages.items():
        gauge = GaugeMetricFamily(f"foghorn_platform_{name}", words, labels=["platform"])
        for platform, state in states.items():
            value = read(state)
            if value is not None:
                gauge.add_metric([platform], value)
        yield gauge
    strangers = CounterMetricFamily(
        "foghorn_refused", "Requests refused because the sender may not use Foghorn.", labels=["platform"]
    )
    for platform, state in states.items():
        strangers.add_metric([platform], float(state.refused))
    yield strangers
