"""How the outbox and the promises are doing, for /readyz, /metrics, and `doctor`. Counts only, and no names."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime

from bot.store import figures, updates
from bot.store.transaction import Transaction


@dataclass(frozen=True)
class Outbox:
    """Deliveries that wait, are being retried, or failed."""

    waiting: int
    retries: int
    dead: int
    oldest_seconds: float  # how long the oldest has waited


@dataclass(frozen=True)
class Lag:
    """How long the last published update took to its first and its last destination; so far, if some still wait."""

    first_seconds: float | None  # None: it has reached none
    last_seconds: float


@dataclass(frozen=True)
class DatabaseFigures:
    """What the database says about the work."""

    outbox: Outbox
    last_publication: Lag | None
    promises_late: int

    def as_json(self) -> Mapping[str, object]:
        """For /readyz."""
        return asdict(self)


def database_figures(tx: Transaction) -> DatabaseFigures:
    """Read everything."""
    found = figures.backlog(tx)
    outbox = Outbox(found.waiting, found.retries, found.dead, _seconds(found.oldest, tx.now) or 0.0)
    return DatabaseFigures(outbox, _lag(tx), figures.promises_late(tx))


def _lag(tx: Transaction) -> Lag | None:
    sent = figures.last_publication(tx)
    published_at = updates.get_update(tx, sent.update_id).published_at if sent else None
    if sent is None or published_at is None:
        return None
    end = tx.now if sent.waiting else sent.last or published_at
    return Lag(_seconds(published_at, sent.first), _seconds(published_at, end) or 0.0)


def _seconds(start: datetime | None, end: datetime | None) -> float | None:
    """A clock that was set back does not make it negative."""
    return None if start is None or end is None else round(max(0.0, (end - start).total_seconds()), 1)
