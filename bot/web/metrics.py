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
        yield GaugeMetricFamily(
            "foghorn_database_writable", "1 while the database can be written to.", float(self.database.writable)
        )
        yield from found
        ticks = self.health.ticks() if self.health.ticks else None
        if ticks is not None and ticks.age_s is not None:
            yield GaugeMetricFamily("foghorn_tick_age_seconds", "Seconds since the last tick.", ticks.age_s)
            yield GaugeMetricFamily("foghorn_tick_failing", "1 while scheduled work fails.", float(bool(ticks.failing)))
        yield from _connections(self.health.connections.look())

    def _incidents(self, tx: Transaction) -> Iterable[Metric]:
        numbers, rows = figures.open_by_severity(tx), figures.open_impacts(tx)
        words = "Published incidents that are not resolved, by severity."
        opened = GaugeMetricFamily("foghorn_open_incidents", words, labels=["severity"])
        yield _by_label(opened, {severity.value: numbers.get(severity, 0) for severity in Severity})
        felt = {
            one.key: worst(row.published for row in rows if row.component == one.key and row.published)
            for one in self.health.organisation.components
        }
        words = "Status as published: 0 operational, 1 maintenance, 2 degraded, 3 partial outage, 4 major outage."
        status = GaugeMetricFamily("foghorn_component_status", words, labels=["component"])
        yield _by_label(status, {key: impact.rank for key, impact in felt.items()})
        yield CounterMetricFamily("foghorn_updates_published", "Updates published.", figures.published_total(tx))

    def _promises(self, tx: Transaction) -> Iterable[Metric]:
        numbers = figures.promises_by_state(tx)
        ended = CounterMetricFamily("foghorn_promises", "Promised updates, by result.", labels=["result"])
        yield _by_label(ended, {state.value: numbers.get(state, 0) for state in _ENDED})
        due_at = figures.earliest_promise(tx)
        overdue = max(0.0, (tx.now - due_at).total_seconds()) if due_at else 0.0
        yield GaugeMetricFamily(
            "foghorn_promise_overdue_seconds", "Seconds by which the earliest promised update is overdue.", overdue
        )


def _deliveries(tx: Transaction) -> Iterable[Metric]:
    numbers = figures.deliveries_by_state(tx)
    done = CounterMetricFamily("foghorn_deliveries", "Finished deliveries, by result.", labels=["result"])
    ended = (DeliveryState.SENT, DeliveryState.DEAD, DeliveryState.CANCELLED)
    yield _by_label(done, {state.value: numbers.get(state, 0) for state in ended})
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
    words, first_s = "From the last publication to its first destination.", lag.first_seconds if lag else None
    yield GaugeMetricFamily("foghorn_publication_first_seconds", words, first_s)
    words, last_s = "To its last destination; so far, if some still wait.", lag.last_seconds if lag else None
    yield GaugeMetricFamily("foghorn_publication_last_seconds", words, last_s)
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
        yield _by_label(gauge, {platform: read(state) for platform, state in states.items()})
    words = "Requests refused because the sender may not use Foghorn."
    strangers = CounterMetricFamily("foghorn_refused", words, labels=["platform"])
    yield _by_label(strangers, {platform: state.refused for platform, state in states.items()})


def _by_label(
    family: GaugeMetricFamily | CounterMetricFamily, values: Mapping[str, float | None]
) -> GaugeMetricFamily | CounterMetricFamily:
    """A metric with a value for each label; None: it has none."""
    for label, value in values.items():
        if value is not None:
            family.add_metric([label], value)
    return family
