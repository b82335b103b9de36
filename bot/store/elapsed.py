"""The clock for leases and retries. It counts elapsed time, independent of changes to the wall clock."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import text

from bot import ids
from bot.clock import STEP_S, Clock, Elapsed, ahead_s, elapsed_s, utc_now
from bot.store import leases
from bot.store.transaction import Store, Transaction

log = logging.getLogger("foghorn.clock")
NAME = "clock"
"""The key under which the database stores how many seconds this clock is ahead of its reference."""


class ElapsedClock:
    """A `Clock` that all processes of one database share.

    1. Its reference is the clock of PostgreSQL or, with SQLite, of the machine.
    2. Between two readings of the reference it counts elapsed time.
    3. If the reference and the wall clock jump together, they were changed: this clock continues, and the database
    stores the distance, so that other processes and later starts agree. No rows change.
    4. If only the reference jumps, this process was stopped for a while: the clock follows.

    Raises Busy.
    """

    def __init__(
        self,
        store: Store,
        *,
        wall: Clock = utc_now,
        elapsed: Elapsed = elapsed_s,
        reference: Callable[[Transaction], datetime] | None = None,
    ) -> None:
        self._store, self._wall, self._elapsed = store, wall, elapsed
        self._reference = reference or self._of_database
        with store.read() as tx:
            self._distance, now, at = self._look(tx)
        self._wall_ahead_s = ahead_s(wall, elapsed)
        self._origin = now - timedelta(seconds=at)

    def __call__(self) -> datetime:
        """The current time in UTC, as outbox and leases count it."""
        return self._origin + timedelta(seconds=self._elapsed())

    def orders_ids(self) -> None:
        """Make this process's IDs from this clock."""
        ids.go_by(lambda: self().timestamp())

    def keep(self) -> None:
        """Read the reference; once a second is enough. Raises Busy; the next reading then catches up."""
        before_s = ahead_s(self._wall, self._elapsed)
        with self._store.read() as tx:
            distance, now, at = self._look(tx)
        wall_ahead_s = ahead_s(self._wall, self._elapsed)
        if abs(wall_ahead_s - before_s) > STEP_S:  # changed while we looked
            return
        jumped_s = (now - self._origin).total_seconds() - at
        moved_s = wall_ahead_s - self._wall_ahead_s
        told = distance != self._distance  # by another process that saw the same change
        if not told and abs(jumped_s) > STEP_S and abs(jumped_s - moved_s) <= STEP_S:
            distance -= jumped_s
            with self._store.write() as tx:
                leases.remember(tx, NAME, str(distance))
            log.warning("the clock was changed by %+.0f s; retries and leases still count elapsed time", jumped_s)
        else:
            self._origin = now - timedelta(seconds=at)
        self._distance, self._wall_ahead_s = distance, wall_ahead_s

    def _look(self, tx: Transaction) -> tuple[float, datetime, float]:
        """The stored distance, the time of this clock by the reference, and the elapsed seconds at that moment."""
        distance = _number(leases.recall(tx, NAME))
        before = self._elapsed()
        now = self._reference(tx) + timedelta(seconds=distance)
        return distance, now, (before + self._elapsed()) / 2

    def _of_database(self, tx: Transaction) -> datetime:
        if tx.session.get_bind().dialect.name == "sqlite":
            return self._wall()
        found: datetime = tx.session.execute(text("SELECT clock_timestamp()")).scalar_one()
        return found


def _number(kept: str) -> float:
    """A stored distance; 0 if there is none, or if it cannot be read."""
    try:
        return float(kept or 0)
    except ValueError:
        log.error("the stored distance of the clock, “%s”, is not a number and is ignored", kept)
        return 0.0
