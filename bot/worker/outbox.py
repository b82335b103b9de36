"""Sends what was committed: claims a delivery, sends it outside any transaction, and marks it.

It may be killed at any point.

1. Claim the oldest open delivery per destination and incident, under a lease, what people wait for first. Each platform
has its own slots. Retries, and first attempts where others fail or are being sent, use at most half of them, so a slow
destination delays no one else.
2. Read the state again and cancel what has become pointless.
3. If an earlier attempt may have arrived, look for the message before sending again.
4. Send, unless the lease is about to expire or other processes take this one for dead.
5. Mark it as sent, due again, or failed with the reason.
6. If the lease turns out to have expired, make sure that one copy stays.

Leases and retries use the elapsed-time clock; incidents use the store's.
"""

import asyncio
import logging
import secrets
from collections import Counter
from collections.abc import Awaitable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeVar

from bot.actions.app_context import AppContext
from bot.clock import Clock, utc_now
from bot.domain.deliveries import FOR_CUSTOMERS, Delivery, Operation
from bot.errors import Busy, InternalFailure, OutcomeUnknown, SendFailed
from bot.ids import new_id
from bot.ports import (
    MAX_CONCURRENT,
    CannotLookError,
    Messenger,
    ProcessId,
    RunInThread,
    SupportsFollowers,
    SupportsRemoval,
    SupportsRooms,
)
from bot.store import deliveries
from bot.store.transaction import Store
from bot.views import ApprovalRequest, Call, NudgeCard, PublishedUpdate, RoomStep
from bot.worker.aside import set_aside, set_aside_unreadable
from bot.worker.attempt import LEASE, Attempt, Claim, Outcome, plan
from bot.worker.late import LateResult
from bot.worker.settle import Result
from bot.worker.together import Settling

log = logging.getLogger("foghorn.outbox")
T = TypeVar("T")
CALL_TIMEOUT_S = 20.0  # looking and sending together fit within the lease
BATCH = 256
"""How many are claimed at once: while a claim is committed, no command can be on SQLite."""
RECORD_AGAIN_S = (0.5, 1.0, 2.0, 5.0, 10.0)
"""After which pauses an outcome is stored again if the database did not answer; each try may wait 5 s for a lock."""
PAUSE_S = 2.0  # between checks on another process; an abandoned call arrives within this time, if at all


class Outbox:
    """Several may work on one database. Call `wake` when something was committed, or periodically.

    `process` is the ID that its leases start with. While there is none, nothing is claimed or sent.
    """

    def __init__(
        self,
        store: Store,
        app: AppContext,
        messengers: Mapping[str, Messenger],
        in_thread: RunInThread,
        *,
        clock: Clock = utc_now,
        call_timeout_s: float = CALL_TIMEOUT_S,
        process: ProcessId | None = None,
    ) -> None:
        self._store = store
        self._app = app
        self._messengers = messengers
        self._in_thread = in_thread
        self._clock = clock
        self._call_timeout_s = call_timeout_s
        alone = new_id("prc")
        self._process = process or (lambda: alone)
        self.pause_s = PAUSE_S
        self.failing = ""
        """Why deliveries could not be claimed the last time; empty if they could."""
        self._woken = asyncio.Event()
        self._draining = asyncio.Lock()
        self._in_progress: dict[asyncio.Task[None], Claim] = {}
        self._arrived_at: dict[str, datetime] = {}  # the last time on each platform
        self._stopped = False
        self._more: set[str] = set()  # platforms where the last claim took all that it could, so there is more
        self._unsettled: Counter[str] = Counter()
        self._planned: dict[str, asyncio.Future[Mapping[str, Attempt | None]]] = {}  # of bulk deliveries, just claimed
        self._settling = Settling(store, app, in_thread, lambda: sum(each.bulk for each in self._in_progress.values()))

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
        async with self._draining, asyncio.TaskGroup() as group:
            while True:
                self._woken.clear()
                claims = await self._claim()
                for claim in claims:
                    task = group.create_task(self._deliver(claim))
                    self._in_progress[task] = claim
                    task.add_done_callback(self._finished)
                self._plan_together([claim for claim in claims if claim.bulk])
                if claims and self._more & self._free_slots().keys():
                    self.wake()
                if not self._in_progress and not self._woken.is_set():  # one may have finished while we claimed
                    return
                await self._woken.wait()

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._in_progress.pop(task, None)
        self._woken.set()

    async def _claim(self) -> list[Claim]:
        free = {} if self._stopped else self._free_slots()
        if not free:
            return []
        try:
            found = await self._in_thread(lambda: self._take(free))
        except Busy as busy:
            failing = f"deliveries wait for the database: {busy.why}"
            if failing != self.failing:
                log.warning("%s", failing)
            self.failing = failing
        except Exception:
            code = secrets.token_hex(3)
            log.exception("could not claim deliveries, code %s", code)
            self.failing = f"deliveries could not be read (code {code}; the log of Foghorn says why)"
            await self._set_aside_unreadable()
        else:
            self.failing = ""
            return found
        return []

    async def _set_aside_unreadable(self) -> None:
        try:
            if await self._in_thread(lambda: set_aside_unreadable(self._store)):
                self.wake()
        except Exception:
            log.exception("could not set aside what cannot be read")

    def _free_slots(self) -> dict[str, tuple[int, int]]:
        """For each platform with free slots: how many, and how many of them retries may use."""
        free = {}
        for platform, messenger in self._messengers.items():
            slots = getattr(messenger, "max_concurrent", MAX_CONCURRENT)
            running = [claim.repeated for claim in self._in_progress.values() if claim.destination.platform == platform]
            if len(running) < slots:
                free[platform] = (min(BATCH, slots - len(running)), max(0, max(1, slots // 2) - sum(running)))
        return free

    def _take(self, free: Mapping[str, tuple[int, int]]) -> list[Claim]:
        at, process = self._clock(), self._process()
        more, self._more = self._more, set()
        if process is None:
            return []
        if not more & free.keys():
            with self._store.read() as tx:
                if not deliveries.anything_to_claim(tx, at=at, platforms=tuple(free)):
                    return []
        owner = f"{process} {new_id('lse')}"
        found, full = [], set()
        with self._store.write() as tx:
            for platform, (limit, repeated) in free.items():
                taken = deliveries.claim(
                    tx, owner=owner, at=at, lease=LEASE, platform=platform, limit=limit, repeated=repeated
                )
                found += taken
                full |= {platform} if len(taken) == limit else set()
        self._more = full
        return [_claim_of(row, owner, again) for row, again in found]

    async def _deliver(self, claim: Claim) -> None:
        """Deliver one. No exception stops the others; an unmarked one is looked at after its lease, then set aside."""
        try:
            await self._attempt(claim)
        except Busy:
            log.warning("could not record the outcome of %s: the database does not answer", claim.id)
        except Exception:
            code = secrets.token_hex(3)
            log.exception("could not record the outcome of %s, code %s", claim.id, code)
            self._unsettled[claim.id] += 1
            if self._unsettled[claim.id] > 1:  # after the first time, its lease ends and it is looked for
                why = f"an internal error (code {code}; see its log). It may have arrived"
                await self._in_thread(lambda: set_aside(self._store, claim.id, why))

    async def _attempt(self, claim: Claim) -> None:
        attempt = None
        try:
            attempt = await self._plan(claim)
        except Busy:
            raise
        except SendFailed as failure:  # the place must not read it
            outcome = Outcome(failure=failure)
        except Exception:
            outcome = Outcome(failure=_unexpected(claim))
        else:
            if attempt is None:
                log.warning("%s was taken over before it was sent", claim.id)
                return
            outcome = await self._carry_out(claim, attempt)
        at, platform = self._clock(), claim.destination.platform
        if outcome.reference:
            self._arrived_at[platform] = at
        arrived_at = self._arrived_at.get(platform)
        ours = await self._record(Result(claim, attempt, outcome, at, arrived_at))
        if not ours and attempt is not None and (outcome.reference or outcome.in_doubt):
            late = LateResult(self._store, self._in_thread, claim, attempt, outcome, self.pause_s)
            await late.resolve(self._messengers[claim.destination.platform])

    async def _record(self, result: Result) -> bool:
        """Whether the lease was still ours. Raises Busy if the database does not answer for most of the lease."""
        for pause_s in RECORD_AGAIN_S:
            try:
                return await self._settling.settle(result)
            except Busy:  # if it was stored all the same, the row now holds our reference, and no copy is removed
                await asyncio.sleep(pause_s)
        return await self._settling.settle(result)

    def _plan_together(self, bulk: Sequence[Claim]) -> None:
        """After the others, which people wait for, were started."""
        if len(bulk) > 1:
            planning = asyncio.ensure_future(self._in_thread(lambda: plan(self._store, self._app, bulk)))
            self._planned |= {claim.id: planning for claim in bulk}

    async def _plan(self, claim: Claim) -> Attempt | None:
        planning = self._planned.pop(claim.id, None)
        if planning is not None:
            with suppress(Exception):  # then each is planned alone, and the one that cannot be is found
                return (await asyncio.shield(planning))[claim.id]
        return (await self._in_thread(lambda: plan(self._store, self._app, [claim])))[claim.id]

    async def _carry_out(self, claim: Claim, attempt: Attempt) -> Outcome:
        """Look first if in doubt, then send. Edits can be repeated without looking; room steps look by themselves."""
        messenger, is_step = self._messengers[claim.destination.platform], isinstance(attempt.post, RoomStep)
        in_doubt, twice = attempt.in_doubt, False
        repeatable = is_step or attempt.operation in (Operation.EDIT, Operation.PASS_ON)
        if attempt.waits:
            return Outcome(late=True)
        try:
            if in_doubt and not repeatable:
                try:
                    found = await self._bounded(messenger.find(attempt.place, claim.id, attempt.since))
                except CannotLookError:
                    found, twice = None, True
                if found:
                    return await self._passed_on(messenger, attempt, Outcome(found))
            if attempt.post is None:
                return Outcome()
            ends_at = self._clock() + timedelta(seconds=self._call_timeout_s)
            if ends_at >= attempt.until or not claim.is_of(self._process()):
                return Outcome(late=True)  # the call could outlast the lease, so another process might send it too
            in_doubt = in_doubt if is_step else twice
            if attempt.operation is Operation.PASS_ON and isinstance(messenger, SupportsFollowers):
                note = await self._bounded(messenger.pass_on(attempt.place, attempt.reference))
                return Outcome(attempt.reference, note=note)
            reference = await self._bounded(_call_messenger(messenger, attempt, claim.id))
            return await self._passed_on(messenger, attempt, Outcome(reference, twice=twice))
        except OutcomeUnknown as unknown:
            return Outcome(failure=unknown, in_doubt=True)
        except SendFailed as failure:
            return Outcome(failure=failure, in_doubt=in_doubt)
        except Exception:
            return Outcome(failure=_unexpected(claim), in_doubt=True)

    async def _passed_on(self, messenger: Messenger, attempt: Attempt, sent: Outcome) -> Outcome:
        """Pass an important update on to those who follow its channel. The update itself has arrived."""
        post, sends = attempt.post, attempt.operation is Operation.SEND
        if not (sends and isinstance(post, PublishedUpdate) and post.announced):
            return sent
        if not isinstance(messenger, SupportsFollowers):
            return sent
        try:
            return replace(sent, note=await self._bounded(messenger.pass_on(attempt.place, sent.reference)))
        except SendFailed as later:
            return replace(sent, not_passed_on=later)

    async def _bounded(self, call: Awaitable[T]) -> T:
        try:
            async with asyncio.timeout(self._call_timeout_s):
                return await call
        except TimeoutError as problem:
            raise OutcomeUnknown("the platform does not answer") from problem


def _claim_of(row: Delivery, owner: str, again: bool) -> Claim:
    bulk = row.kind in FOR_CUSTOMERS and row.subscription_id is not None and not again
    return Claim(row.id, owner, row.destination, again, bulk)


async def _call_messenger(messenger: Messenger, attempt: Attempt, delivery: str) -> str:
    """The reference. Raises SendFailed, OutcomeUnknown."""
    post, place, reference = attempt.post, attempt.place, attempt.reference
    assert post is not None
    if isinstance(post, RoomStep):
        if not isinstance(messenger, SupportsRooms):
            raise SendFailed("this platform does not support rooms", permanent=True)
        return await messenger.change_room(place, post, delivery)
    match attempt.operation:
        case Operation.SEND:
            if reference and isinstance(messenger, SupportsRemoval):
                await _remove_rest(messenger, place, reference)
            return await messenger.send(place, post, delivery)
        case Operation.REPLY:
            return await messenger.reply(place, reference, post, delivery)
        case Operation.EDIT:
            replaced = isinstance(post, NudgeCard | Call | ApprovalRequest) and post.obsolete
            if replaced and isinstance(messenger, SupportsRemoval):
                await messenger.remove(place, reference)
                return reference
            return await messenger.edit(place, reference, post, delivery)
        case Operation.PASS_ON:
            raise SendFailed("this platform has no followers", permanent=True)


async def _remove_rest(messenger: SupportsRemoval, place: str, reference: str) -> None:
    """Delete what is left of a message that is replaced, such as a headline whose thread was deleted."""
    try:
        await messenger.remove(place, reference)
    except SendFailed as failure:
        if not failure.permanent:
            raise
        log.info("%s in %s stays: %s", reference, place, failure.reason)


def _unexpected(claim: Claim) -> SendFailed:
    code = secrets.token_hex(3)
    log.exception("%s to %s failed, code %s", claim.id, claim.destination, code)
    return InternalFailure(f"Foghorn had an internal error (code {code}; see its log)")
