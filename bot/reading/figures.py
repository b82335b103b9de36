"""The figures of an incident, computed from its record, for the retrospective and the drill."""

from dataclasses import dataclass
from datetime import datetime

from bot.domain.components import Impact
from bot.domain.deliveries import DeliveryState
from bot.domain.incident import Incident
from bot.domain.lifecycle import Stage
from bot.domain.promises import PromiseState
from bot.store import deliveries, promises, published, updates
from bot.store.transaction import Transaction

BEFORE_THE_FIX = (Stage.INVESTIGATING, Stage.IDENTIFIED)


@dataclass(frozen=True)
class Figures:
    """Times are times of publication, except `declared_at`; promises are those that customers read."""

    declared_at: datetime
    first_public_at: datetime | None
    worst: Impact
    worst_at: datetime | None  # when customers first read of the worst impact
    fixed_at: datetime | None  # when customers first read of the fix that held
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
        """From the publication of the worst impact to that of the fix."""
        if self.worst_at is None or self.fixed_at is None:
            return None
        return round((self.fixed_at - self.worst_at).total_seconds() / 60)


def figures(tx: Transaction, incident: Incident) -> Figures:
    """Computed now from publications, promises, and deliveries."""
    history = published.history(tx, incident)
    news = history.updates
    made = promises.promises(tx, incident)
    ended = [promise.state for promise in made if not promise.internal]
    first = next((promise.state for promise in made if promise.internal), None)
    sent = [row.state for update in updates.published(tx, incident) for row in deliveries.of_update(tx, update)]
    sent = [state for state in sent if state is not DeliveryState.CANCELLED]
    fixed = None  # the first publication after the last one that reported a failure
    for update in reversed(news):
        if update.stage in BEFORE_THE_FIX:
            break
        fixed = update
    return Figures(
        declared_at=incident.opened_at,
        first_public_at=incident.first_published_at,
        worst=history.peak,
        worst_at=next((update.at for update in news if history.peak in update.impacts.values()), None),
        fixed_at=fixed.at if fixed else None,
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
