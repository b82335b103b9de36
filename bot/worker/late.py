"""What happens if a process finds, after sending, that its lease had expired, so a message may be there twice.

The copy that the row refers to stays. Ours is deleted if the platform allows it; otherwise the row says “may have been
sent twice”. A late edit may have restored older text, so the newest state is shown again.
"""

import asyncio
import logging

from bot.actions import kept
from bot.domain.deliveries import Delivery, DeliveryState, Operation
from bot.errors import SendFailed
from bot.ports import CannotLookError, Messenger, RunInThread, SupportsRemoval, SupportsRooms
from bot.store import deliveries
from bot.store.transaction import Store
from bot.views import Archive, RoomStep
from bot.worker.attempt import LEASE, Attempt, Claim, Outcome
from bot.worker.settle import mark_sent

log = logging.getLogger("foghorn.outbox")
TRIES = 3


class LateResult:
    """Settles one delivery whose lease expired."""

    def __init__(
        self, store: Store, in_thread: RunInThread, claim: Claim, attempt: Attempt, outcome: Outcome, pause_s: float
    ) -> None:
        self._store, self._in_thread, self._pause_s = store, in_thread, pause_s
        self._claim, self._attempt, self._outcome = claim, attempt, outcome

    async def resolve(self, messenger: Messenger) -> None:
        """Wait until the new owner has sent the delivery, then leave one copy."""
        if self._outcome.in_doubt:
            await asyncio.sleep(self._pause_s)
        for _round in range(int(LEASE.total_seconds() / self._pause_s) + 1):
            row = await self._in_thread(self._current_row)
            if row.state is not DeliveryState.SENDING:
                break
            await asyncio.sleep(self._pause_s)
        ours_only = row.state is DeliveryState.CANCELLED
        if self._attempt.operation is Operation.EDIT or not (ours_only or row.state is DeliveryState.SENT):
            return
        if not await self._remove_second_copy(messenger, "" if ours_only else row.reference):
            log.warning("%s may stand twice in %s: its lease had passed", self._claim.id, self._claim.destination)
            await self._in_thread(self._mark_doubtful)

    def _current_row(self) -> Delivery:
        """The current row. One that will be retried is looked for first; one that was given up did arrive."""
        with self._store.write() as tx:
            row = deliveries.get_delivery(tx, self._claim.id, hold=True)
            if row.state is DeliveryState.DUE:
                row.in_doubt = True
            if row.state is DeliveryState.DEAD and self._outcome.reference:
                mark_sent(tx, row, self._outcome.reference)
            if self._attempt.operation is Operation.EDIT and row.state is not DeliveryState.SENDING:
                kept.show_newest(tx, row)
            return row

    def _mark_doubtful(self) -> Delivery:
        with self._store.write() as tx:
            row = deliveries.get_delivery(tx, self._claim.id, hold=True)
            row.maybe_twice = True
            return row

    async def _remove_second_copy(self, messenger: Messenger, stays: str) -> bool:
        """Whether no second copy is left."""
        if self._outcome.reference and self._outcome.reference == stays:
            return True
        if isinstance(self._attempt.post, RoomStep):
            return await self._close_room(messenger, stays)
        if not isinstance(messenger, SupportsRemoval):
            return False
        for attempt in range(TRIES):
            try:
                for reference in await self._copies_to_remove(messenger, stays):
                    await messenger.remove(self._attempt.place, reference)
            except CannotLookError:
                return False
            except SendFailed as failure:
                if failure.permanent or attempt == TRIES - 1:
                    return False
                await asyncio.sleep(min(failure.retry_after_s or self._pause_s, LEASE.total_seconds()))
            else:
                return True
        return False

    async def _copies_to_remove(self, messenger: SupportsRemoval, stays: str) -> list[str]:
        """Our copies; if it is unknown whether ours arrived, every copy found except the one that stays."""
        if self._outcome.reference:
            return [self._outcome.reference]
        found = await messenger.copies(self._attempt.place, self._claim.id, self._attempt.since)
        return [each for each in found if each != stays]

    async def _close_room(self, messenger: Messenger, stays: str) -> bool:
        """Archive a room that was made twice. All other steps can be repeated."""
        channel = self._outcome.reference.partition(" ")[0]
        if not isinstance(messenger, SupportsRooms) or not stays or channel == stays.partition(" ")[0]:
            return True
        try:
            await messenger.change_room(channel, Archive(), self._claim.id)
        except SendFailed:
            return False
        return True
