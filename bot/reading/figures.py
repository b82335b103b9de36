"""The figures of an incident, computed from its record, for the retrospective and the drill."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.deliveries import DeliveryState
from bot.domain.history import IncidentHistory
from bot.domain.incident import Incident
from bot.domain.promises import PromiseState
from bot.domain.spans import duration, minutes
from bot.store import deliveries, promises, published, updates
from bot.store.transaction import Transaction


@dataclass(frozen=True)
class Figures:
    """What was published, and what else is counted. Promises are those that customers read."""

    history: IncidentHistory
    declared_at: datetime
    worst_lasted: timedelta
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
        found = self.history.report_to_fix
        return minutes(found.until - found.since) if found and found.until else None


def figures(tx: Transaction, incident: Incident) -> Figures:
    """Computed now from publications, promises, and deliveries."""
    history = published.history(tx, incident)
    made = promises.promises(tx, incident)
    ended = [promise.state for promise in made if not promise.internal]
    first = next((promise.state for promise in made if promise.internal), None)
    sent = [row.state for update in updates.published(tx, incident) for row in deliveries.of_update(tx, update)]
    sent = [state for state in sent if state is not DeliveryState.CANCELLED]
    return Figures(
        history=history,
        declared_at=incident.opened_at,
        worst_lasted=duration(history.at_worst, tx.now),
        corrections=len(history.publications) - len(history.updates),
        kept=ended.count(PromiseState.KEPT),
        late=ended.count(PromiseState.LATE),
        superseded=ended.count(PromiseState.SUPERSEDED),
        first_in_time={PromiseState.KEPT: True, PromiseState.LATE: False}.get(first) if first else None,
        deliveries=len(sent),
        arrived=sent.count(DeliveryState.SENT),
    )
