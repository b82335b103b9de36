"""Sends what was committed: claims a delivery, sends it outside any transaction, and marks it.

It may be killed at any point.

1. Claim the oldest open delivery per destination, under a lease. Each platform has its own slots, and retries use at
most half of them, so a slow destination delays no one else.
2. Read the state again and cancel what has become pointless.
3. If an earlier attempt may have arrived, look for the message before sending again.
4. Send, unless the lease is about to expire.
5. Mark it as sent, due again, or failed with the reason.
6. If the lease turns out to have expired, make sure that one copy stays.

Leases and retries use the elapsed-time clock; incidents use the store's.
"""

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Mapping
from datetime import timedelta
from typing import TypeVar

from bot.actions.app_context import AppContext
from bot.clock import Clock, utc_now
from bot.domain.deliveries import Act
from bot.errors import Busy, OutcomeUnknown, SendFailed
from bot.ids import new_id
from bot.ports import AT_ONCE, CannotLookError, Messenger, Remover, RoomKeeper
from bot.store import deliveries
from bot.store.transaction import Store
from bot.views import Post, RoomStep
from bot.worker.late import Latecomer
from bot.worker.settle import settle
from bot.worker.work import LEASE, Claimed, InThread, Outcome, Work, work_for

log = logging.getLogger("foghorn.outbox")
T = TypeVar("T")
CALL_TIMEOUT_S = 20.0  # looking and sending together fit within the lease
PAUSE_S = 2.0  # between checks on another process; an abandoned call arrives within this time, if at all


class Outbox:
    """Several may work on one database. Call `wake` when something was committed, or periodically."""

    def __init__(
        self,
        store: Store,
        app: AppContext,
        messengers: Mapping[str, Messenger],
        in_thread: InThread,
        *,
        clock: Clock = utc_now,
        call_timeout_s: float = CALL_TIMEOUT_S,
    ) -> None:
        self._store = store
        self._house = app
        self._messengers = messengers
        self._in_thread = in_thread
        self._clock = clock
        self._call_timeout_s = call_timeout_s
        self.pause_s = PAUSE_S
        self._woken = asyncio.Event()
        self._turn = asyncio.Lock()
        self._flying: dict[asyncio.Task[None], Claimed] = {}
        self._stopped = False

    def wake(self) -> None:
        """Look for something to send."""
        self._woken.set()

    def stop(self) -> None:
        """Claim nothing more; `run` ends when everything in progress is done."""
        self._stopped = True
        self.wake()

    async def run(self) -> None:
        """Send whenever woken, until stopped."""
        while True:
            await self.drain()
            if self._stopped:
                return
            await self._woken.wait()

    async def drain(self) -> None:
        """Send everything that is due, including what becomes due by that."""
        async with self._turn, asyncio.TaskGroup() as group:
            while True:
                self._woken.clear()
                for claimed in await self._claim():
                    task = group.create_task(self._deliver(claimed))
                    self._flying[task] = claimed
                    task.add_done_callback(self._landed)
                if not self._flying and not self._woken.is_set():  # one may have finished while we claimed
                    return
                await self._woken.wait()

    def _landed(self, task: asyncio.Task[None]) -> None:
        self._flying.pop(task, None)
        self._woken.set()

    async def _claim(self) -> list[Claimed]:
        free = {} if self._stopped else self._free_places()
        if not free:
            return []
        try:
            return await self._in_thread(lambda: self._take(free))
        except Busy:
            log.warning("the database does not answer; deliveries wait until it does")
        except Exception:
            log.exception("could not claim deliveries")
        return []

    def _free_places(self) -> dict[str, tuple[int, int]]:
        """For each platform with free slots: how many, and how many of them retries may use."""
        free = {}
        for platform, messenger in self._messengers.items():
            places = getattr(messenger, "at_once", AT_ONCE)
            flying = [claimed.repeated for claimed in self._flying.values() if claimed.destination.platform == platform]
            if len(flying) < places:
                free[platform] = (places - len(flying), max(0, max(1, places // 2) - sum(flying)))
        return free

    def _take(self, free: Mapping[str, tuple[int, int]]) -> list[Claimed]:
        at = self._clock()
        with self._store.read() as tx:
            if not deliveries.anything_to_claim(tx, at=at, platforms=tuple(free)):
                return []
        owner = new_id("lse")
        found = []
        with self._store.write() as tx:
            for platform, (limit, repeated) in free.items():
                found += deliveries.claim(
                    tx, owner=owner, at=at, lease=LEASE, platform=platform, limit=limit, repeated=repeated
                )
            return [Claimed(row.id, owner, row.destination, row.is_repeated) for row in found]

    async def _deliver(self, claimed: Claimed) -> None:
        """Deliver one. No exception stops the others; an unmarked delivery is looked at after its lease."""
        try:
            await self._attempt(claimed)
        except Busy:
            log.warning("could not record the outcome of %s: the database does not answer", claimed.id)
        except Exception:
            log.exception("could not record the outcome of %s", claimed.id)

    async def _attempt(self, claimed: Claimed) -> None:
        work = None
        try:
            work = await self._in_thread(lambda: self._prepare(claimed))
        except Busy:
            raise
        except Exception:
            outcome = Outcome(failure=_unexpected(claimed))
        else:
            if work is None:
                log.warning("%s was taken over before it was sent", claimed.id)
                return
            outcome = await self._carry_out(claimed, work)
        ours = await self._in_thread(lambda: self._settle(claimed, work, outcome))
        if not ours and work is not None and (outcome.reference or outcome.in_doubt):
            late = Latecomer(self._store, self._in_thread, claimed, work, outcome, self.pause_s)
            await late.settle(*self._messenger(claimed, work))

    def _prepare(self, claimed: Claimed) -> Work | None:
        with self._store.read() as tx:
            return work_for(tx, self._house, claimed)

    def _settle(self, claimed: Claimed, work: Work | None, outcome: Outcome) -> bool:
        with self._store.write() as tx:
            return settle(tx, self._house, claimed, work, outcome, self._clock())

    async def _carry_out(self, claimed: Claimed, work: Work) -> Outcome:
        """Look first if in doubt, then send. Edits can be repeated without looking."""
        doubt, twice = work.in_doubt, False
        try:
            if (
                doubt and work.act is not Act.EDIT and not isinstance(work.post, RoomStep)
            ):  # a room step looks by itself
                found, twice = await self._look(claimed, work)
                if found:
                    return Outcome(found)
            if work.post is None:
                return Outcome()
            if self._ends_soon(work):
                return Outcome(late=True)
            if isinstance(work.post, RoomStep):
                return Outcome(await self._furnish(claimed, work, work.post))
            doubt = twice
            return Outcome(await self._send(claimed, work, work.post), twice=twice)
        except OutcomeUnknown as unknown:
            return Outcome(failure=unknown, in_doubt=True)
        except SendFailed as failure:
            return Outcome(failure=failure, in_doubt=doubt)
        except Exception:
            return Outcome(failure=_unexpected(claimed), in_doubt=True)

    def _ends_soon(self, work: Work) -> bool:
        """Whether a call could outlast the lease, so that another process might send it too."""
        return self._clock() + timedelta(seconds=self._call_timeout_s) >= work.until

    async def _look(self, claimed: Claimed, work: Work) -> tuple[str | None, bool]:
        """The reference if the message arrived, and whether sending again might duplicate it."""
        messenger, place = self._messenger(claimed, work)
        try:
            return await self._bounded(messenger.find(place, claimed.id, work.since)), False
        except CannotLookError:
            return None, True

    async def _send(self, claimed: Claimed, work: Work, post: Post) -> str:
        messenger, place = self._messenger(claimed, work)
        match work.act:
            case Act.SEND:
                return await self._bounded(messenger.send(place, post, claimed.id))
            case Act.REPLY:
                return await self._bounded(messenger.reply(place, work.reference, post, claimed.id))
            case Act.AGAIN:
                await self._take_away(messenger, place, work.reference)
                return await self._bounded(messenger.send(place, post, claimed.id))
            case Act.EDIT:
                return await self._bounded(messenger.edit(place, work.reference, post, claimed.id))

    async def _take_away(self, messenger: Messenger, place: str, reference: str) -> None:
        """Delete what is left of a message that is posted again, such as a headline whose thread was deleted."""
        try:
            if isinstance(messenger, Remover):
                await self._bounded(messenger.remove(place, reference))
        except SendFailed as failure:
            if not failure.permanent:
                raise
            log.info("%s in %s stays: %s", reference, place, failure.reason)

    async def _furnish(self, claimed: Claimed, work: Work, step: RoomStep) -> str:
        messenger, place = self._messenger(claimed, work)
        if not isinstance(messenger, RoomKeeper):
            raise SendFailed("this platform does not support rooms", permanent=True)
        return await self._bounded(messenger.furnish(place, step, claimed.id))

    def _messenger(self, claimed: Claimed, work: Work) -> tuple[Messenger, str]:
        return self._messengers[claimed.destination.platform], work.place or claimed.destination.place

    async def _bounded(self, call: Awaitable[T]) -> T:
        try:
            async with asyncio.timeout(self._call_timeout_s):
                return await call
        except TimeoutError as problem:
            raise OutcomeUnknown("the platform does not answer") from problem


def _unexpected(claimed: Claimed) -> SendFailed:
    code = secrets.token_hex(3)
    log.exception("%s to %s failed, code %s", claimed.id, claimed.destination, code)
    return SendFailed(f"Foghorn had an internal error (code {code}; see its log)")
