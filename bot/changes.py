"""Tells listeners that something was committed: open pages, the outbox, and the public pages."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from bot.store.transaction import Transaction

BACKLOG = 64  # changes kept for a slow listener, which reloads everything anyway
REMEMBERED = 2000  # entries of the record: more than are appended between two ticks


@dataclass(frozen=True)
class CommittedChange:
    """Which incidents a commit touched, and whether the public pages changed.

    `everything`: commits of other processes may have been missed.
    """

    incidents: frozenset[str]
    published: bool
    everything: bool = False


ANYTHING = CommittedChange(frozenset(), published=True, everything=True)


class ChangeFeed:
    """Receives commits from any thread and tells listeners in the event loop. Changes are hints; the state decides."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._listeners: set[asyncio.Queue[CommittedChange]] = set()
        self._own: deque[str] = deque(maxlen=REMEMBERED)

    def start(self) -> None:
        """Called once, inside the running loop."""
        self._loop = asyncio.get_running_loop()

    def heard(self, change: CommittedChange) -> None:
        """Pass on a change that another process committed. Called in the event loop."""
        self._tell(change)

    @property
    def own(self) -> frozenset[str]:
        """IDs of the entries that this process committed last. Its listeners are told of them anyway."""
        return frozenset(self._own.copy())

    def committing(self, tx: Transaction) -> None:
        """For `Store.before_commit`, because others can see the entries as soon as they are committed."""
        self._own.extend(entry.id for _incident, entry in tx.entries)

    def committed(self, tx: Transaction) -> None:
        """For `Store.after_commit`."""
        change = CommittedChange(frozenset(tx.changed), tx.published)
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._tell, change)

    @asynccontextmanager
    async def listen(self) -> AsyncIterator["asyncio.Queue[CommittedChange]"]:
        """A queue of changes for as long as the block lasts."""
        queue: asyncio.Queue[CommittedChange] = asyncio.Queue(BACKLOG)
        self._listeners.add(queue)
        try:
            yield queue
        finally:
            self._listeners.discard(queue)

    def _tell(self, change: CommittedChange) -> None:
        for queue in self._listeners:
            if queue.full():
                queue.get_nowait()
            queue.put_nowait(change)
