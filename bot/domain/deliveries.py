"""Deliveries: what is sent where, committed before it is sent."""

import zlib
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import BigInteger
from sqlmodel import Column, Field, Index

from bot.domain.columns import Row, enum_column, tolerant_column
from bot.domain.destinations import Destination, destination_column
from bot.ids import new_id

OURS = frozenset({"local", "webhook", "console", "cli"})
"""What Foghorn serves itself; everything else is a chat platform, whose channels have IDs."""


class DeliveryKind(StrEnum):
    """What a delivery contains."""

    UPDATE = "update"  # one published text; an edit shows its correction
    HEADLINE = "headline"  # the message kept current
    ANNOUNCEMENT = "announcement"  # of an incident, to responders; `body` is the severity that it rings for
    CORRECTION = "correction"  # the short message about the correction
    PICTURE = "picture"  # of a resolved incident; `text_id` has its language, a room's has none
    NUDGE = "nudge"
    APPROVAL = "approval"  # asks someone to approve a revision: `body`
    LATE = "late"  # tells who published an update that it has not arrived everywhere
    NOTICE = "notice"  # text for responders: `body`
    ROLE = "role"  # who got a role reads who gave it, `body`, and what is next
    ROOM = "room"  # create the incident's channel
    TOPIC = "topic"
    INVITATION = "invitation"
    BOOKMARK = "bookmark"  # link to the status page
    PIN = "pin"  # the card
    ARCHIVE = "archive"
    CARD = "card"  # the incident's card, kept current
    REVIEW = "review"  # the draft review, which turns into the delivery report
    LINE = "line"  # one entry of the record, as a thread line


ROOM_STEPS = frozenset(
    {
        DeliveryKind.ROOM,
        DeliveryKind.TOPIC,
        DeliveryKind.INVITATION,
        DeliveryKind.BOOKMARK,
        DeliveryKind.PIN,
        DeliveryKind.ARCHIVE,
    }
)
"""Actions on a room, as opposed to messages in it."""


class Operation(StrEnum):
    """What the messenger does. Everything except sending needs the message of `target`."""

    SEND = "send"
    EDIT = "edit"
    REPLY = "reply"
    PASS_ON = "pass on"  # to followers of its channel, if the platform did not allow it when it was sent


class DeliveryState(StrEnum):
    """due -> sending -> sent | due again | dead; or cancelled."""

    DUE = "due"
    SENDING = "sending"
    SENT = "sent"
    DEAD = "dead"
    CANCELLED = "cancelled"

    @property
    def label(self) -> str:
        """How people read it."""
        words = {"due": "waiting", "sending": "being sent", "dead": "failed", "cancelled": "canceled"}
        return words.get(self.value, self.value)


ASKS_FIRST = "it may have arrived before the database was restored from a backup; Retry sends it"
"""The reason of a failed delivery that is sent only if a person asks for it."""
OPEN_STATES = (DeliveryState.DUE, DeliveryState.SENDING)


class Delivery(Row, table=True):
    """One message to one destination. Those of an incident to a destination are sent in the order of their numbers.

    The database gives the number to the transaction that adds the row, because clocks of several hosts differ, and IDs
    with them. `target` is what a delivery waits for; of a message that was lost, what replaced it.

    `due_at`, `failing_since`, and `lease_until` use the elapsed-time clock (bot/store/elapsed.py); all other times use
    the incidents' clock.
    """

    __table_args__ = (
        Index("delivery_open", "state", "destination", "number"),
        Index("delivery_of_incident", "incident_id", "kind"),  # thousands of an incident go to subscribers
    )

    id: str = Field(default_factory=lambda: new_id("dlv"), primary_key=True)
    number: int = Field(
        default=0, sa_column=Column(BigInteger, nullable=False, unique=True, index=True)
    )  # from bot/store/numbers.py
    incident_id: str | None = Field(default=None, foreign_key="incident.id")
    destination: Destination = Field(sa_column=destination_column(index=True))
    kind: DeliveryKind = Field(sa_column=tolerant_column(DeliveryKind, DeliveryKind.NOTICE))
    operation: Operation = Field(
        default=Operation.SEND, sa_column=tolerant_column(Operation, Operation.SEND, name="act")
    )
    target: str | None = Field(default=None, foreign_key="delivery.id", index=True)
    subscription_id: str | None = Field(default=None, foreign_key="subscription.id")
    update_id: str | None = Field(default=None, foreign_key="update.id", index=True)
    text_id: str | None = Field(default=None, foreign_key="update_text.id")
    nudge_id: str | None = Field(default=None, foreign_key="nudge.id", index=True)
    entry_id: str | None = Field(default=None, foreign_key="record_entry.id")  # for a thread line
    body: str = ""  # of a notice; for a request for approval, the revision
    state: DeliveryState = Field(default=DeliveryState.DUE, sa_column=enum_column(DeliveryState))
    attempts: int = 0
    in_doubt: bool = False  # the last attempt may have arrived: look before sending again
    created_at: datetime
    due_at: datetime | None = None  # when to retry; None: at once
    failing_since: datetime | None = None  # when the first attempt failed
    lease_owner: str | None = None
    lease_until: datetime | None = None
    reference: str = ""  # the platform's ID of the message; empty again if someone deleted it
    replaces: str = ""  # the reference of the deleted message that this one replaces
    reason: str = ""  # why it failed, or what else became of it, for people
    sent_at: datetime | None = None
    maybe_twice: bool = False  # sent again although the platform could not be asked

    @property
    def is_repeated(self) -> bool:
        """Whether an earlier attempt failed or has an unknown result."""
        return self.attempts > 0 or self.in_doubt

    @property
    def is_message(self) -> bool:
        """Whether it posts a message that has arrived or may arrive, and that was not deleted."""
        gone = self.state in (DeliveryState.DEAD, DeliveryState.CANCELLED)
        deleted = self.state is DeliveryState.SENT and not self.reference
        return self.operation is Operation.SEND and not gone and not deleted


FOR_CUSTOMERS = frozenset({DeliveryKind.UPDATE, DeliveryKind.HEADLINE, DeliveryKind.CORRECTION, DeliveryKind.PICTURE})
"""What may go to thousands of destinations. Responders wait for everything else, so that is sent first."""

FAILING_AFTER = timedelta(minutes=10)
"""When a destination that receives nothing is shown to everyone."""
LATE_AFTER = timedelta(seconds=60)
"""When whoever published an update is told that it has not arrived everywhere."""

RETRY_AFTER = (1, 3, 10, 30, 60, 120, 300)
"""The longest time in seconds until each retry; the last one repeats."""
GIVE_UP_AFTER = timedelta(hours=2)
"""When a delivery that keeps failing is marked as failed, with the reason."""
PROBE_AFTER = timedelta(seconds=5)
"""The longest time until a retry on a chat platform where nothing arrives any more: one retry for all that waits."""
JITTER = 0.2
"""A retry comes up to this share of its time earlier, so that deliveries that failed together are spread."""
MAX_RETRY_AFTER_S = 3600.0


def next_attempt(delivery: Delivery, now: datetime) -> datetime | None:
    """When to retry a delivery that has failed `attempts` times; None: give up."""
    if delivery.failing_since is not None and now - delivery.failing_since >= GIVE_UP_AFTER:
        return None
    longest = RETRY_AFTER[min(delivery.attempts, len(RETRY_AFTER)) - 1]
    share = zlib.crc32(f"{delivery.id} {delivery.attempts}".encode()) / 2**32
    return now + timedelta(seconds=longest * (1 - JITTER * share))


def requested_attempt(now: datetime, asked_s: float) -> datetime:
    """When to retry if the platform asked to wait (Retry-After). That is not counted as a failure."""
    return now + timedelta(seconds=min(max(asked_s, 1.0), MAX_RETRY_AFTER_S))
