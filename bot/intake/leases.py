"""Leases on things that only one process may have, such as a connection, and values kept across restarts."""

from datetime import timedelta
from typing import NamedTuple, TypeVar

from bot.clock import Clock, utc_now
from bot.errors import Busy
from bot.ids import new_id
from bot.ports import ProcessId, RunInThread
from bot.store import leases, processes
from bot.store.transaction import Store

T = TypeVar("T")
LASTS = timedelta(seconds=30)
RENEW_EVERY_S = 10.0


class Share(NamedTuple):
    """How processes divide something among them."""

    place: int
    number: int

    def of(self, whole: int, most: int) -> int:
        """What this process gets of `whole`, at most `most`: as evenly as it goes, the oldest first."""
        return min(most, len(range(self.place, whole, self.number)))


class Leases:
    """The leases of one process. All methods raise Busy. `clock` measures elapsed time."""

    def __init__(
        self, store: Store, in_thread: RunInThread, clock: Clock = utc_now, process: ProcessId | None = None
    ) -> None:
        self._store = store
        self._in_thread = in_thread
        self._clock = clock
        alone = new_id("prc")
        self._process = process or (lambda: alone)

    async def hold(self, name: str) -> bool:
        """Take or renew a lease; False if another process has it. Raises Busy if this one must not hold any now."""

        def write() -> bool:
            now, process = self._clock(), self._process()
            if process is None:  # the database may be away: nobody else can take it either
                raise Busy
            with self._store.write() as tx:
                return leases.take(tx, name, process, at=now, until=now + LASTS)

        return await self._in_thread(write)

    async def give_back(self, name: str) -> None:
        """Release a lease, so that another process can take it at once."""

        def write() -> None:
            process = self._process()
            if process is not None:
                with self._store.write() as tx:
                    leases.give_back(tx, name, process)

        await self._in_thread(write)

    async def share(self, role: str) -> Share:
        """The place of this process among those that have a role, oldest first, and how many they are.

        A process that is not among them counts as the only one.
        """

        def read() -> Share:
            with self._store.read() as tx:
                there = [each.id for each in processes.running(tx) if role in each.roles.split()]
            mine = self._process()
            return Share(there.index(mine), len(there)) if mine in there else Share(0, 1)

        return await self._in_thread(read)

    async def remember(self, name: str, value: str) -> None:
        """Keep a value across restarts."""

        def write() -> None:
            with self._store.write() as tx:
                leases.remember(tx, name, value)

        await self._in_thread(write)

    async def recall(self, name: str) -> str:
        """The value that was kept; empty if there is none."""

        def read() -> str:
            with self._store.read() as tx:
                return leases.recall(tx, name)

        return await self._in_thread(read)
