"""Tells people once if a platform has not been reachable for a minute, and when it is reachable again.

Each process that connects to a platform keeps in the database when it was connected last, so a platform is only away if
no process reaches it.
"""

import asyncio
import logging
from datetime import datetime, timedelta

from bot.actions import outbox
from bot.actions.app_context import AppContext
from bot.changes import ChangeFeed, CommittedChange
from bot.connections import Connections
from bot.domain.destinations import Destination
from bot.domain.times import span_words
from bot.errors import Busy
from bot.ports import RunInThread
from bot.reading.outages import TOLD, moment, outage_words
from bot.store import incidents, leases, rooms
from bot.store.transaction import Store, Transaction

log = logging.getLogger("foghorn.outages")
AWAY_AFTER = timedelta(seconds=60)
KEEP_EVERY = timedelta(seconds=15)
LOOK_EVERY_S = 2.0
CONNECTED = "connected:"


class Outages:
    """Watches the connections of one process. In the database, times are those of the incidents' clock."""

    def __init__(
        self, store: Store, app: AppContext, connections: Connections, changes: ChangeFeed, in_thread: RunInThread
    ) -> None:
        self._store, self._app, self._connections = store, app, connections
        self._changes, self._in_thread = changes, in_thread
        self._kept: dict[str, datetime] = {}

    async def run(self, every_s: float = LOOK_EVERY_S) -> None:
        """Look until canceled."""
        while True:
            try:
                if await self._in_thread(self.look):
                    self._changes.heard(CommittedChange(frozenset(), published=False, everything=True))
            except Busy:
                log.warning("the database does not answer, so nobody is told which platforms are away")
            except Exception:
                log.exception("could not tell which platforms are away")
            await asyncio.sleep(every_s)

    def look(self) -> bool:
        """Whether people were told something. Raises Busy."""
        told = False
        for platform, state in self._connections.look().items():
            now = self._store.clock()
            if state.elsewhere:  # the process that holds the connection tells
                continue
            if state.connected:
                kept = self._kept.get(platform)
                if kept is None or not timedelta() <= now - kept < KEEP_EVERY:
                    told |= self._reached(platform)
                    self._kept[platform] = now
            elif state.since_s >= AWAY_AFTER.total_seconds():
                told |= self._away(platform, timedelta(seconds=state.since_s))
        return told

    def _reached(self, platform: str) -> bool:
        with self._store.write() as tx:
            leases.remember(tx, f"{CONNECTED}{platform}", tx.now.isoformat())
            since = leases.recall(tx, f"{TOLD}{platform}")
            if not since or not leases.replace(tx, f"{TOLD}{platform}", "", instead_of=since):
                return False
            lasted = span_words(max(tx.now - (moment(since) or tx.now), timedelta(minutes=1)))
            words = f"{platform.capitalize()} is reachable again, after {lasted}. What waited is being delivered."
            self._tell(tx, platform, words)
            return True

    def _away(self, platform: str, lasts: timedelta) -> bool:
        """Tell people, unless another process reaches it or they have been told."""
        with self._store.read() as tx:
            since, reached = tx.now - lasts, moment(leases.recall(tx, f"{CONNECTED}{platform}"))
            if reached and reached <= tx.now:  # otherwise the clock was set back
                since = max(since, reached)
            if leases.recall(tx, f"{TOLD}{platform}") or tx.now - since < AWAY_AFTER:
                return False
        with self._store.write() as tx:
            if not leases.replace(tx, f"{TOLD}{platform}", since.isoformat(), instead_of=""):
                return False
            log.warning("%s has not been reachable since %s", platform, since)
            self._tell(tx, platform, outage_words(platform, since, self._app.organisation.zone, tx.now))
            return True

    def _tell(self, tx: Transaction, platform: str, words: str) -> None:
        """Write to the rooms on the other platforms, and have open pages read the new state."""
        for each in incidents.open_incidents(tx):
            incident = incidents.get_incident(tx, each.id, hold=True)
            tx.changed.add(incident.key)
            for other in outbox.room_platforms(self._app, rooms.kept(tx, incident)):
                if other != platform:
                    outbox.announce(tx, Destination(other, incident=incident.key, queue="outage"), words, incident)
