"""Reads what to do for a delivery from the rows at the time it is sent, and describes the outcome."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from bot.actions.app_context import AppContext
from bot.domain.deliveries import ROOM_STEPS, Act, Delivery, DeliveryKind, DeliveryState
from bot.domain.destinations import Destination
from bot.errors import SendFailed
from bot.reading.posts import post_of, step_of
from bot.store import deliveries
from bot.store.rooms import room_of
from bot.store.transaction import Transaction
from bot.views import Post, RoomStep

T = TypeVar("T")
LEASE = timedelta(seconds=60)


class InThread(Protocol):
    """Runs work that waits for the database in another thread: `Desk.in_thread`."""

    def __call__(self, work: Callable[[], T], /) -> Awaitable[T]:
        """The result of `work`."""


@dataclass(frozen=True)
class Claimed:
    """A delivery that is ours until its lease expires. `repeated`: it is a retry."""

    id: str
    owner: str
    destination: Destination
    repeated: bool = False


@dataclass(frozen=True)
class Work:
    """What to do for a delivery, by the current rows."""

    post: Post | RoomStep | None  # None: pointless by now
    act: Act
    reference: str  # of the message that is edited, replied to, or posted again
    in_doubt: bool
    since: datetime
    until: datetime  # when the lease expires, by the real clock
    lost: str = ""  # the headline that never arrived and that this one replaces
    place: str = ""  # the channel of the incident's room, if the destination only names the incident


@dataclass(frozen=True)
class Outcome:
    """Sent with a reference, failed, or (neither) canceled; `late`: not sent because the lease was about to expire."""

    reference: str = ""
    failure: SendFailed | None = None
    in_doubt: bool = False
    twice: bool = False
    late: bool = False


def work_for(tx: Transaction, app: AppContext, claimed: Claimed) -> Work | None:
    """None: the lease expired and another process has the delivery."""
    row = deliveries.get_delivery(tx, claimed.id)
    if row.lease_owner != claimed.owner or row.lease_until is None or row.state is not DeliveryState.SENDING:
        return None
    place = _place_in_room(tx, row)
    post, act, reference, lost = _now(tx, app, row)
    if place is None:  # there is no room, and none will be made
        post = None
    return Work(post, act, reference, row.in_doubt, row.created_at, row.lease_until, lost, place or "")


def _now(tx: Transaction, app: AppContext, row: Delivery) -> tuple[Post | RoomStep | None, Act, str, str]:
    """What is posted, how, which message it concerns, and which lost headline it replaces."""
    if row.kind in ROOM_STEPS:
        return step_of(tx, app, row), Act.SEND, "", ""
    outdated = row.kind is DeliveryKind.HEADLINE and deliveries.is_outdated(tx, row)
    post = None if outdated else post_of(tx, app, row)
    if row.target is None or row.act is Act.SEND:
        return post, Act.SEND, "", ""
    target = deliveries.get_delivery(tx, row.target)
    if target.state is DeliveryState.SENT:
        return post, row.act, target.reference, ""
    if row.act is Act.REPLY:  # the message it would reply to never arrived
        return post, Act.SEND, "", ""
    if row.kind is DeliveryKind.HEADLINE:
        return post, Act.SEND, "", target.id
    return None, row.act, "", ""


def _place_in_room(tx: Transaction, row: Delivery) -> str | None:
    """The channel behind `slack:room:INC-42:card`; empty for other destinations, None if there is no room."""
    if not row.destination.incident or row.kind is DeliveryKind.ROOM:
        return ""
    room = room_of(tx, row.incident_id, row.destination.platform) if row.incident_id else None
    return room.channel if room else None
