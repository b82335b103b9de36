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


def plan(store: Store, app: AppContext, claims: Sequence[Claim]) -> Mapping[str, Attempt | None]:
    """By the IDs of these deliveries what to do, from one view of the database: one, or several that are bulk.

    None: the lease expired and another process has the delivery.
    """
    with store.read() as tx:
        planning = _Planning(tx, app, [claim.id for claim in claims])
        return {claim.id: planning.attempt(claim) for claim in claims}


class _Planning:
    """Reads once what deliveries have in common."""

    def __init__(self, tx: Transaction, app: AppContext, delivery_ids: Sequence[str]) -> None:
        self._tx, self._app = tx, app
        rows = deliveries.get_deliveries(tx, delivery_ids)
        self._rows = {row.id: row for row in rows}
        targets = deliveries.get_deliveries(tx, [row.target for row in rows if row.target])
        self._targets = {target.id: target for target in targets}
        self._outdated = deliveries.outdated(tx, [row for row in rows if row.kind is DeliveryKind.HEADLINE])
        self._posts: dict[object, Post | None] = {}

    def attempt(self, claim: Claim) -> Attempt | None:
        """What to do for a delivery, unless it was taken over."""
        tx, row = self._tx, self._rows[claim.id]
        if row.lease_owner != claim.owner or row.lease_until is None or row.state is not DeliveryState.SENDING:
            return None
        post, operation, reference = self._current(row)
        place = row.destination.place
        if row.destination.incident and row.kind is not DeliveryKind.ROOM:
            room = rooms.room_of(tx, row.incident_id, row.destination.platform) if row.incident_id else None
            post, place = (post, room.channel) if room else (None, "")  # there is no room, and none will be made
        waits = self._is_waiting(row, place)
        # if the clock was set back since, nobody knows when it was sent
        since = row.created_at if row.created_at <= tx.now else tx.now - timedelta(days=1)
        return Attempt(post, operation, reference, row.in_doubt, since, row.lease_until, place, waits)

    def _is_waiting(self, row: Delivery, place: str) -> bool:
        """Whether another delivery replaced the message or room after this one was claimed, and has not arrived yet."""
        if row.destination.incident and row.incident_id and not place and row.kind is not DeliveryKind.ROOM:
            made = rooms.newest(self._tx, incidents.get_incident(self._tx, row.incident_id), row.destination.platform)
            return made is not None and made.state in OPEN_STATES
        if row.target is None or row.operation is Operation.SEND:
            return False
        return self._targets[row.target].state in OPEN_STATES

    def _current(self, row: Delivery) -> tuple[Post | RoomStep | None, Operation, str]:
        """What is posted, how, and which message it concerns."""
        if row.kind in ROOM_STEPS:
            step = room_step_of(self._tx, self._app, row)
            return step, Operation.SEND, step.reference if isinstance(step, Pin) else ""
        post = None if row.id in self._outdated else self._post(row)
        if row.target is None or row.operation is Operation.SEND:
            return post, Operation.SEND, row.replaces
        message = self._targets[row.target]
        if message.state is DeliveryState.SENT and message.reference:
            return post, row.operation, message.reference
        if row.operation is Operation.REPLY:  # the message it would reply to never arrived
            return post, Operation.SEND, ""
        return None, row.operation, ""

    def _post(self, row: Delivery) -> Post | None:
        """Made once for all that show the same text; without a text, it depends on the subscription."""
        content = (row.incident_id, row.kind, row.operation, row.update_id, row.text_id or row.subscription_id)
        if content not in self._posts:
            self._posts[content] = post_of(self._tx, self._app, row)
        return self._posts[content]
