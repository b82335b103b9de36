"""What happens if a process finds, after sending, that its lease had expired, so a message may be there twice.

The copy that the row refers to stays. Ours is deleted if the platform allows it; otherwise the row says “may have been
sent twice”. A late edit may have restored older text, so the newest state is shown again.
"""

import asyncio
import logging

from bot.actions import kept
from bot.domain.deliveries import Act, Delivery, DeliveryState
from bot.errors import SendFailed
from bot.ports import CannotLookError, Messenger, Remover, RoomKeeper
from bot.store import deliveries
from bot.store.transaction import Store
from bot.views import Archive, RoomStep
from bot.worker.settle import mark_sent
from bot.worker.work import LEASE, Claimed, InThread, Outcome, Work

log = logging.getLogger("foghorn.outbox")
ATTEMPTS = 3


class Latecomer:
    """Settles one delivery whose lease expired."""

    def __init__(
        self, store: Store, in_thread: InThread, claimed: Claimed, work: Work, outcome: Outcome, pause_s: float
    ) -> None:
        self._store, self._in_thread, self._pause_s = store, in_thread, pause_s
        self._claimed, self._work, self._outcome = claimed, work, outcome

    async def settle(self, messenger: Messenger, place: str) -> None:
        """Wait until the new owner has sent the delivery, then leave one copy."""
        if self._outcome.in_doubt:
            await asyncio.sleep(self._pause_s)
        for _round in range(int(LEASE.total_seconds() / self._pause_s) + 1):
            row = await self._in_thread(self._note)
            if row.state is not DeliveryState.SENDING:
                break
            await asyncio.sleep(self._pause_s)
        ours_only = row.state is DeliveryState.CANCELLED
        if self._work.act is Act.EDIT or not (ours_only or row.state is DeliveryState.SENT):
            return
        if not await self._one_left(messenger, place, "" if ours_only else row.reference):
            log.warning("%s may stand twice in %s: its lease had passed", self._claimed.id, self._claimed.destination)
            await self._in_thread(self._doubt)

    def _note(self) -> Delivery:
        """The current row. One that will be retried is looked for first; one that was given up did arrive."""
        with self._store.write() as tx:
            row = deliveries.get_delivery(tx, self._claimed.id, hold=True)
            if row.state is DeliveryState.DUE:
                row.in_doubt = True
            if row.state is DeliveryState.DEAD and self._outcome.reference:
                mark_sent(tx, row, self._outcome.reference)
            if self._work.act is Act.EDIT and row.state is not DeliveryState.SENDING:
                kept.show_current(tx, row)
            return row

    def _doubt(self) -> Delivery:
        with self._store.write() as tx:
            row = deliveries.get_delivery(tx, self._claimed.id, hold=True)
            row.maybe_twice = True
            return row

    async def _one_left(self, messenger: Messenger, place: str, stays: str) -> bool:
        """Whether no second copy is left."""
        if self._outcome.reference and self._outcome.reference == stays:
            return True
        if isinstance(self._work.post, RoomStep):
            return await self._close_room(messenger, stays)
        if not isinstance(messenger, Remover):
            return False
        for attempt in range(ATTEMPTS):
            try:
                for reference in await self._extra(messenger, place, stays):
                    await messenger.remove(place, reference)
            except CannotLookError:
                return False
            except SendFailed as failure:
                if failure.permanent or attempt == ATTEMPTS - 1:
                    return False
                await asyncio.sleep(min(failure.retry_after_s or self._pause_s, LEASE.total_seconds()))
            else:
                return True
        return False

    async def _extra(self, messenger: Remover, place: str, stays: str) -> list[str]:
        """Our copies; if it is unknown whether ours arrived, every copy found except the one that stays."""
        if self._outcome.reference:
            return [self._outcome.reference]
        found = await messenger.copies(place, self._claimed.id, self._work.since)
        return [each for each in found if each != stays]

    async def _close_room(self, messenger: Messenger, stays: str) -> bool:
        """Archive a room that was made twice. All other steps can be repeated."""
        channel = self._outcome.reference.partition(" ")[0]
        if not isinstance(messenger, RoomKeeper) or not stays or channel == stays.partition(" ")[0]:
            return True
        try:
            await messenger.furnish(channel, Archive(), self._claimed.id)
        except SendFailed:
            return False
        return True
