"""The figures of an incident, computed from its record, for the retrospective and the drill."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.components import Impact
from bot.domain.deliveries import DeliveryState
from bot.domain.incident import Incident
from bot.domain.lifecycle import Stage
from bot.domain.promises import PromiseState
from bot.domain.spans import Period, duration, minutes
from bot.store import deliveries, promises, published, updates
from bot.store.transaction import Transaction


@dataclass(frozen=True)
class Figures:
    """Promises are those that customers read."""

    declared_at: datetime
    began_at: datetime | None  # when the failure began, as published
    ended_at: datetime | None  # when it ended
    worst: Impact
    at_worst: tuple[Period, ...]  # when any component had that impact
    worst_lasted: timedelta
    first_public_at: datetime | None
    report_to_fix: Period | None  # from the first publication of the worst impact to that of the fix that held
    resolved_at: datetime | None
    stages: tuple[tuple[Stage, datetime], ...]  # each stage, when it was first reached
    publications: int
    corrections: int
    kept: int
    late: int
    superseded: int
    first_in_time: bool | None  # whether the first update met the internal due time; None: there was none
    deliveries: int
    arrived: int

    @property
    def minutes_to_fix(self) -> int | None:
        """From the publication of the worst impact to that of the fix that held."""
        found = self.report_to_fix
        return minutes(found.until - found.since) if found and found.until else None


def figures(tx: Transaction, incident: Incident) -> Figures:
    """Computed now from publications, promises, and deliveries."""
    history = published.history(tx, incident)
    news = history.updates
    made = promises.promises(tx, incident)
    ended = [promise.state for promise in made if not promise.internal]
    first = next((promise.state for promise in made if promise.internal), None)
    sent = [row.state for update in updates.published(tx, incident) for row in deliveries.of_update(tx, update)]
    sent = [state for state in sent if state is not DeliveryState.CANCELLED]
    return Figures(
        declared_at=incident.opened_at,
        began_at=history.began_at,
        ended_at=history.ended_at,
        worst=history.peak,
        at_worst=history.at_worst,
        worst_lasted=duration(history.at_worst, tx.now),
        first_public_at=incident.first_published_at,
        report_to_fix=history.report_to_fix,
        resolved_at=incident.closed_at,
        stages=tuple(history.stages.items()),
        publications=len(history.publications),
        corrections=len(history.publications) - len(news),
        kept=ended.count(PromiseState.KEPT),
        late=ended.count(PromiseState.LATE),
        superseded=ended.count(PromiseState.SUPERSEDED),
        first_in_time={PromiseState.KEPT: True, PromiseState.LATE: False}.get(first) if first else None,
        deliveries=len(sent),
        arrived=sent.count(DeliveryState.SENT),
    )
