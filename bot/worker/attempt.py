"""Reads what to do for a delivery from the rows at the time it is sent, and describes the outcome."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.actions.app_context import AppContext
from bot.domain.deliveries import OPEN_STATES, ROOM_STEPS, Delivery, DeliveryKind, DeliveryState, Operation
from bot.domain.destinations import Destination
from bot.errors import SendFailed
from bot.reading.posts import post_of, room_step_of
from bot.store import deliveries, incidents, rooms
from bot.store.transaction import Store, Transaction
from bot.views import Pin, Post, RoomStep

LEASE = timedelta(seconds=60)


@dataclass(frozen=True)
class Claim:
    """A delivery that is ours until its lease expires. `repeated`: it is a retry, or goes where others fail.

    `bulk`: it is one of the many that an update may have. Those that are claimed together go to different destinations
    and concern no message of each other, so they are planned and settled together.
    """

    id: str
    owner: str
    destination: Destination
    repeated: bool = False
    bulk: bool = False

    def is_of(self, process: str | None) -> bool:
        """Whether the process with this ID claimed it."""
        return process is not None and self.owner.startswith(process)


@dataclass(frozen=True)
class Attempt:
    """What to do for a delivery, by the current rows."""

    post: Post | RoomStep | None  # None: pointless by now
    operation: Operation
    reference: str  # of the message that is edited, replied to, pinned, or replaced because it was deleted
    in_doubt: bool
    since: datetime
    until: datetime  # when the lease expires, by the real clock
    place: str  # on the platform; empty for a room that is being made
    waits: bool = False  # for the message or room it needs, which is being made again


@dataclass(frozen=True)
class Outcome:
    """Sent with a reference, failed, or (neither) canceled; `late`: not sent, but due again."""

    reference: str = ""
    failure: SendFailed | None = None
    in_doubt: bool = False
    twice: bool = False
    late: bool = False
    note: str = ""  # for the delivery report
    not_passed_on: SendFailed | None = None  # why followers will get it later, and when


def plan_attempt(store: Store, app: AppContext, claim: Claim) -> Attempt | None:
    """None: the lease expired and another process has the delivery."""
    with store.read() as tx:
        return _planned(tx, app, claim, deliveries.get_delivery(tx, claim.id))


def plan_bulk(store: Store, app: AppContext, claims: Sequence[Claim]) -> Mapping[str, Attempt | None]:
    """The attempts of several bulk deliveries by their IDs, from one view of the database."""
    with store.read() as tx:
        rows = {row.id: row for row in deliveries.get_deliveries(tx, [claim.id for claim in claims])}
        return {claim.id: _planned(tx, app, claim, rows[claim.id]) for claim in claims}


def _planned(tx: Transaction, app: AppContext, claim: Claim, row: Delivery) -> Attempt | None:
    if row.lease_owner != claim.owner or row.lease_until is None or row.state is not DeliveryState.SENDING:
        return None
    post, operation, reference = _current(tx, app, row)
    place = row.destination.place
    if row.destination.incident and row.kind is not DeliveryKind.ROOM:
        room = rooms.room_of(tx, row.incident_id, row.destination.platform) if row.incident_id else None
        post, place = (post, room.channel) if room else (None, "")  # there is no room, and none will be made
    waits = _is_waiting(tx, row, place)
    # if the clock was set back since, nobody knows when it was sent
    since = row.created_at if row.created_at <= tx.now else tx.now - timedelta(days=1)
    return Attempt(post, operation, reference, row.in_doubt, since, row.lease_until, place, waits)


def _is_waiting(tx: Transaction, row: Delivery, place: str) -> bool:
    """Whether another delivery replaced the message or room after this one was claimed, and has not arrived yet."""
    if row.destination.incident and row.incident_id and not place and row.kind is not DeliveryKind.ROOM:
        made = rooms.newest(tx, incidents.get_incident(tx, row.incident_id), row.destination.platform)
        return made is not None and made.state in OPEN_STATES
    if row.target is None or row.operation is Operation.SEND:
        return False
    return deliveries.get_delivery(tx, row.target).state in OPEN_STATES


def _current(tx: Transaction, app: AppContext, row: Delivery) -> tuple[Post | RoomStep | None, Operation, str]:
    """What is posted, how, and which message it concerns."""
    if row.kind in ROOM_STEPS:
        step = room_step_of(tx, app, row)
        return step, Operation.SEND, step.reference if isinstance(step, Pin) else ""
    outdated = row.kind is DeliveryKind.HEADLINE and deliveries.is_outdated(tx, row)
    post = None if outdated else post_of(tx, app, row)
    if row.target is None or row.operation is Operation.SEND:
        return post, Operation.SEND, row.replaces
    message = deliveries.get_delivery(tx, row.target)
    if message.state is DeliveryState.SENT and message.reference:
        return post, row.operation, message.reference
    if row.operation is Operation.REPLY:  # the message it would reply to never arrived
        return post, Operation.SEND, ""
    return None, row.operation, ""
