"""Reads what to do for a delivery from the rows at the time it is sent, and describes the outcome."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from bot.actions.app_context import AppContext
from bot.domain.deliveries import ROOM_STEPS, Delivery, DeliveryKind, DeliveryState, Operation
from bot.domain.destinations import Destination
from bot.errors import SendFailed
from bot.reading.posts import post_of, room_step_of
from bot.store import deliveries
from bot.store.rooms import room_of
from bot.store.transaction import Transaction
from bot.views import Pin, Post, RoomStep

T = TypeVar("T")
LEASE = timedelta(seconds=60)


@dataclass(frozen=True)
class Claim:
    """A delivery that is ours until its lease expires. `repeated`: it is a retry."""

    id: str
    owner: str
    destination: Destination
    repeated: bool = False


@dataclass(frozen=True)
class Attempt:
    """What to do for a delivery, by the current rows."""

    post: Post | RoomStep | None  # None: pointless by now
    operation: Operation
    reference: str  # of the message that is edited, replied to, pinned, or replaced because it was deleted
    in_doubt: bool
    since: datetime
    until: datetime  # when the lease expires, by the real clock
    place: str = ""  # the channel of the incident's room, if the destination only names the incident


@dataclass(frozen=True)
class Outcome:
    """Sent with a reference, failed, or (neither) canceled; `late`: not sent because the lease was about to expire."""

    reference: str = ""
    failure: SendFailed | None = None
    in_doubt: bool = False
    twice: bool = False
    late: bool = False


def plan_attempt(tx: Transaction, app: AppContext, claim: Claim) -> Attempt | None:
    """None: the lease expired and another process has the delivery."""
    row = deliveries.get_delivery(tx, claim.id)
    if row.lease_owner != claim.owner or row.lease_until is None or row.state is not DeliveryState.SENDING:
        return None
    place = _place_in_room(tx, row)
    post, operation, reference = _now(tx, app, row)
    if place is None:  # there is no room, and none will be made
        post = None
    return Attempt(post, operation, reference, row.in_doubt, row.created_at, row.lease_until, place or "")


def _now(tx: Transaction, app: AppContext, row: Delivery) -> tuple[Post | RoomStep | None, Operation, str]:
    """What is posted, how, and which message it concerns."""
    if row.kind in ROOM_STEPS:
        step = room_step_of(tx, app, row)
        return step, Operation.SEND, step.reference if isinstance(step, Pin) else ""
    outdated = row.kind is DeliveryKind.HEADLINE and deliveries.is_outdated(tx, row)
    post = None if outdated else post_of(tx, app, row)
    if row.target is None or row.operation is Operation.SEND:
        return post, Operation.SEND, row.replaces
    target = deliveries.get_delivery(tx, row.target)
    if target.state is DeliveryState.SENT and target.reference:
        return post, row.operation, target.reference
    if row.operation is Operation.REPLY:  # the message it would reply to never arrived
        return post, Operation.SEND, ""
    return None, row.operation, ""


def _place_in_room(tx: Transaction, row: Delivery) -> str | None:
    """The channel behind `slack:room:INC-42:card`; empty for other destinations, None if there is no room."""
    if not row.destination.incident or row.kind is DeliveryKind.ROOM:
        return ""
    room = room_of(tx, row.incident_id, row.destination.platform) if row.incident_id else None
    return room.channel if room else None
