"""Sends what was committed: claims, sends outside any transaction, marks. May be killed at any instruction.

1. Claim: of each destination the oldest open delivery, under a lease; one slow destination holds up nobody else.
2. Read the state again: what has become pointless is cancelled.
3. Nobody knows whether an earlier attempt arrived: look where it was sent, before sending again.
4. Send. 5. Mark as sent, due again, or dead with the reason.

Leases and retries live by the clock that counts elapsed time; incidents live by the store's.
"""

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from bot.actions import outbox, rooms
from bot.actions.house import House
from bot.clock import Clock, utc_now
from bot.commands.posts import post_of, step_of
from bot.domain.deliveries import (
    ROOM_STEPS,
    Act,
    Delivery,
    DeliveryKind,
    DeliveryState,
    asked_attempt,
    next_attempt,
)
from bot.domain.incident import Incident
from bot.domain.record import EntryKind
from bot.domain.rooms import Room
from bot.errors import Busy, MessageGone, OutcomeUnknown, PlaceGone, SendFailed
from bot.ids import new_id
from bot.ports import WITHOUT, CannotLookError, Messenger, RoomKeeper
from bot.store import deliveries, incidents, updates
from bot.store.rooms import room_of
from bot.store.transaction import Store, Transaction
from bot.views import Post, RoomStep

log = logging.getLogger("foghorn.outbox")
T = TypeVar("T")
LEASE = timedelta(seconds=60)
CALL_TIMEOUT_S = 20.0  # a look and a sending together stay within the lease
AT_ONCE = 16  # destinations


class InThread(Protocol):
    """Runs what waits for the database in another thread: `Desk.in_thread`."""

    def __call__(self, work: Callable[[], T], /) -> Awaitable[T]:
        """The result of `work`."""


@dataclass(frozen=True)
class Claimed:
    """A delivery that is ours until its lease runs out."""

    id: str
    owner: str
    destination: str


@dataclass(frozen=True)
class Work:
    """What to do for a delivery, as the rows stand now."""

    post: Post | RoomStep | None  # none: pointless by now
    act: Act
    reference: str  # of the message that is edited or answered
    in_doubt: bool
    since: datetime
    lost: str = ""  # the headline that never arrived and that this one replaces
    place: str = ""  # the channel of the incident's room, where the destination only names the incident


@dataclass(frozen=True)
class Outcome:
    """Sent with a reference, failed, or (neither) cancelled."""

    reference: str = ""
    failure: SendFailed | None = None
    in_doubt: bool = False
    twice: bool = False


class Outbox:
    """Any number of them may work on one database. `wake` it when something was committed, or now and then."""

    def __init__(
        self,
        store: Store,
        house: House,
        messengers: Mapping[str, Messenger],
        in_thread: InThread,
        *,
        clock: Clock = utc_now,
        call_timeout_s: float = CALL_TIMEOUT_S,
    ) -> None:
        self._store = store
        self._house = house
        self._messengers = messengers
        self._in_thread = in_thread
        self._clock = clock
        self._call_timeout_s = call_timeout_s
        self._woken = asyncio.Event()
        self._turn = asyncio.Lock()
        self._flying: set[asyncio.Task[None]] = set()
        self._stopped = False

    def wake(self) -> None:
        """There may be something to send."""
        self._woken.set()

    def stop(self) -> None:
        """Claim nothing more; `run` ends when what is being sent is done."""
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
        """Send all that is due now, and what becomes due by that."""
        async with self._turn, asyncio.TaskGroup() as group:
            while True:
                self._woken.clear()
                for claimed in await self._claim():
                    task = group.create_task(self._deliver(claimed))
                    self._flying.add(task)
                    task.add_done_callback(self._landed)
                if not self._flying and not self._woken.is_set():  # one may have landed while we claimed
                    return
                await self._woken.wait()

    def _landed(self, task: asyncio.Task[None]) -> None:
        self._flying.discard(task)
        self._woken.set()

    async def _claim(self) -> list[Claimed]:
        free = AT_ONCE - len(self._flying)
        if self._stopped or not free:
            return []
        try:
            return await self._in_thread(lambda: self._take(free))
        except Busy:
            log.warning("the database does not answer; nothing is sent until it does")
        except Exception:
            log.exception("nothing could be claimed")
        return []

    def _take(self, limit: int) -> list[Claimed]:
        at, platforms = self._clock(), tuple(self._messengers)
        with self._store.read() as tx:
            if not deliveries.anything_to_claim(tx, at=at, platforms=platforms):
                return []
        owner = new_id("lse")
        with self._store.write() as tx:
            rows = deliveries.claim(tx, owner=owner, at=at, lease=LEASE, limit=limit, platforms=platforms)
            return [Claimed(row.id, owner, row.destination) for row in rows]

    async def _deliver(self, claimed: Claimed) -> None:
        """Nothing that goes wrong here stops the others; what is not marked is looked at after its lease."""
        try:
            work, outcome = await self._attempt(claimed)
            await self._in_thread(lambda: self._settle(claimed, work, outcome))
        except Busy:
            log.warning("%s could not be marked: the database does not answer", claimed.id)
        except Exception:
            log.exception("%s could not be marked", claimed.id)

    async def _attempt(self, claimed: Claimed) -> tuple[Work | None, Outcome]:
        try:
            work = await self._in_thread(lambda: self._prepare(claimed))
        except Busy:
            raise
        except Exception:
            return None, Outcome(failure=_unexpected(claimed))
        return work, await self._carry_out(claimed, work)

    def _prepare(self, claimed: Claimed) -> Work:
        with self._store.read() as tx:
            row = deliveries.get_delivery(tx, claimed.id)
            place = _place_in_room(tx, row)
            if place is None:  # there is no room, and none will be made
                return Work(None, row.act, "", row.in_doubt, row.created_at)
            work = self._prepared(tx, row)
            return replace(work, place=place)

    def _prepared(self, tx: Transaction, row: Delivery) -> Work:
        if row.kind in ROOM_STEPS:
            return Work(step_of(tx, self._house, row), Act.SEND, "", row.in_doubt, row.created_at)
        outdated = row.kind is DeliveryKind.HEADLINE and deliveries.is_outdated(tx, row)
        post = None if outdated else post_of(tx, self._house, row)
        if row.target is None or row.act is Act.SEND:
            return Work(post, Act.SEND, "", row.in_doubt, row.created_at)
        target = deliveries.get_delivery(tx, row.target)
        if target.state is DeliveryState.SENT:
            return Work(post, row.act, target.reference, row.in_doubt, row.created_at)
        if row.act is Act.REPLY:  # what it would answer never arrived
            return Work(post, Act.SEND, "", row.in_doubt, row.created_at)
        if row.kind is DeliveryKind.HEADLINE:
            return Work(post, Act.SEND, "", row.in_doubt, row.created_at, lost=target.id)
        return Work(None, row.act, "", row.in_doubt, row.created_at)

    async def _carry_out(self, claimed: Claimed, work: Work) -> Outcome:
        """Look where there is doubt, then send. Repeating an edit changes nothing, so it needs no look."""
        doubt, twice = work.in_doubt, False
        try:
            if isinstance(work.post, RoomStep):  # a step looks by itself: repeating it changes nothing
                return Outcome(await self._furnish(claimed, work, work.post))
            if doubt and work.act is not Act.EDIT:
                found, twice = await self._look(claimed, work)
                if found:
                    return Outcome(found)
            if work.post is None:
                return Outcome()
            doubt = twice
            return Outcome(await self._send(claimed, work, work.post), twice=twice)
        except OutcomeUnknown as unknown:
            return Outcome(failure=unknown, in_doubt=True)
        except SendFailed as failure:
            return Outcome(failure=failure, in_doubt=doubt)
        except Exception:
            return Outcome(failure=_unexpected(claimed), in_doubt=True)

    async def _look(self, claimed: Claimed, work: Work) -> tuple[str | None, bool]:
        """The reference if it arrived, and whether sending again may be sending twice."""
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
            case Act.EDIT:
                return await self._bounded(messenger.edit(place, work.reference, post, claimed.id))

    async def _furnish(self, claimed: Claimed, work: Work, step: RoomStep) -> str:
        messenger, place = self._messenger(claimed, work)
        if not isinstance(messenger, RoomKeeper):
            raise SendFailed("this platform has no rooms", permanent=True)
        return await self._bounded(messenger.furnish(place, step, claimed.id))

    def _messenger(self, claimed: Claimed, work: Work) -> tuple[Messenger, str]:
        platform, _, place = claimed.destination.partition(":")
        return self._messengers[platform], work.place or place

    async def _bounded(self, call: Awaitable[T]) -> T:
        try:
            async with asyncio.timeout(self._call_timeout_s):
                return await call
        except TimeoutError as problem:
            raise OutcomeUnknown("the other side does not answer") from problem

    def _settle(self, claimed: Claimed, work: Work | None, outcome: Outcome) -> None:
        """Mark it, unless its lease ran out and somebody else has it: then what they find counts."""
        with self._store.write() as tx:
            incident_id = deliveries.get_delivery(tx, claimed.id).incident_id
            incident = (
                incidents.get_incident(tx, incident_id, hold=outcome.failure is not None) if incident_id else None
            )
            row = deliveries.find_claimed(tx, claimed.id, claimed.owner)
            if row is None:
                log.warning("%s took longer than its lease", claimed.id)
                return
            row.lease_owner = row.lease_until = None
            row.in_doubt = outcome.in_doubt
            if incident is not None:
                tx.changed.add(incident.key)
            if outcome.failure is not None:
                self._failed(tx, row, outcome.failure)
            elif not outcome.reference:
                row.state = DeliveryState.CANCELLED
            else:
                _sent(tx, row, work, outcome)
                if incident is not None and row.kind in ROOM_STEPS and outcome.reference.startswith(WITHOUT):
                    words = f"rooms are {outcome.reference}; `foghorn doctor` says how to add it"
                    tx.record(None, EntryKind.DELIVERY_FAILED, incident, words)

            if incident is not None and row.update_id and row.subscription_id:
                rooms.refresh_report(tx, self._house, incident, updates.get_update(tx, row.update_id), self._clock())

    def _failed(self, tx: Transaction, row: Delivery, failure: SendFailed) -> None:
        """Due again, or dead with the reason; the record of the incident says so."""
        row.reason = failure.reason
        if failure.retry_after_s is not None and not failure.permanent:
            row.state, row.due_at = DeliveryState.DUE, asked_attempt(self._clock(), failure.retry_after_s)
            return
        row.attempts += 1
        row.due_at = None if failure.permanent else next_attempt(row.attempts, self._clock())
        if row.due_at is not None:
            row.state = DeliveryState.DUE
            return
        row.state = DeliveryState.DEAD
        row.reason += "; it may have arrived" if row.in_doubt else ""
        if row.incident_id:
            self._given_up(tx, row, failure, incidents.get_incident(tx, row.incident_id))

    def _given_up(self, tx: Transaction, row: Delivery, failure: SendFailed, incident: Incident) -> None:
        """Say so in the record; what stands in a room is mended where it can be."""
        platform, _, place = row.destination.partition(":")
        in_room = place.startswith("room:")
        if in_room and isinstance(failure, PlaceGone) and row.kind is not DeliveryKind.ROOM:
            rooms.lose(tx, self._house, incident, platform, failure.reason)
            return
        if in_room and isinstance(failure, MessageGone) and row.act is Act.EDIT and row.target:
            rooms.show_again(tx, incident, deliveries.get_delivery(tx, row.target))
            return
        update = updates.get_update(tx, row.update_id) if row.update_id else None
        tx.record(None, EntryKind.DELIVERY_FAILED, incident, f"{row.destination}: {row.reason}", update)
        if update is not None:
            outbox.tell_none_arrived(tx, self._house, incident, update, row.reason)
        if row.kind is DeliveryKind.ROOM and row.attempts > 1:  # the declarer was told to wait
            rooms.tell_failed(tx, self._house, incident, row)


def _sent(tx: Transaction, row: Delivery, work: Work | None, outcome: Outcome) -> None:
    row.state, row.sent_at, row.reference, row.reason = DeliveryState.SENT, tx.now, outcome.reference, ""
    row.maybe_twice = row.maybe_twice or outcome.twice
    if row.kind is DeliveryKind.ROOM and row.incident_id:
        channel, _, name = outcome.reference.partition(" ")
        platform = row.destination.partition(":")[0]
        tx.session.add(Room(platform=platform, channel=channel, incident_id=row.incident_id, name=name))
    if work is not None and work.lost:
        row.act, row.target = Act.SEND, None
        tx.session.flush()
        deliveries.follow_headline(tx, row, work.lost)


def _place_in_room(tx: Transaction, row: Delivery) -> str | None:
    """The channel behind `slack:room:INC-42:card`; empty for any other destination, None where there is no room."""
    platform, _, place = row.destination.partition(":")
    if not place.startswith("room:") or row.kind is DeliveryKind.ROOM:
        return ""
    room = room_of(tx, row.incident_id, platform) if row.incident_id else None
    return room.channel if room else None


def _unexpected(claimed: Claimed) -> SendFailed:
    code = secrets.token_hex(3)
    log.exception("%s to %s failed, code %s", claimed.id, claimed.destination, code)
    return SendFailed(f"something went wrong on our side (code {code})")
