"""Deliveries: what is sent where, committed before anything is sent."""

from datetime import datetime, timedelta
from enum import StrEnum

from sqlmodel import Field, Index, SQLModel

from bot.domain.columns import enum_column
from bot.ids import new_id


class DeliveryKind(StrEnum):
    """What a delivery shows."""

    UPDATE = "update"  # one published text
    HEADLINE = "headline"  # the message kept current
    CORRECTED = "corrected"  # the message of a corrected update, as it reads now
    CORRECTION = "correction"  # the short message about it
    NUDGE = "nudge"
    NUDGE_DONE = "nudge done"  # a copy of a nudge that was dealt with
    NOTICE = "notice"  # words for responders: `body`
    ROOM = "room"  # make the incident's channel
    TOPIC = "topic"
    INVITATION = "invitation"
    BOOKMARK = "bookmark"  # of the status page
    PIN = "pin"  # the card
    ARCHIVE = "archive"
    CARD = "card"  # the incident's card, kept current
    REVIEW = "review"  # the draft review, which turns into the delivery report
    LINE = "line"  # one entry of the record, quietly


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
"""What is done to a room rather than said in it."""


class Act(StrEnum):
    """What the messenger does; all but send need the message of `target`."""

    SEND = "send"
    EDIT = "edit"
    REPLY = "reply"
    AGAIN = "again"  # post the message of `target` anew, because it was deleted


class DeliveryState(StrEnum):
    """due -> sending -> sent | due again | dead; or cancelled."""

    DUE = "due"
    SENDING = "sending"
    SENT = "sent"
    DEAD = "dead"
    CANCELLED = "cancelled"

    @property
    def label(self) -> str:
        """As people read it."""
        return {"due": "waiting", "sending": "being sent", "dead": "failed"}.get(self.value, self.value)


OPEN_STATES = (DeliveryState.DUE, DeliveryState.SENDING)


class Delivery(SQLModel, table=True):
    """One message to one destination. The order per destination is that of the ids.

    The room of an incident is `slack:room:INC-42`, found when something is sent; `slack:room:INC-42:card` is a lane of
    its own in it, so that what needs no order is sent side by side. `target` is what a delivery waits for.

    `due_at` and `lease_until` are moments of the clock that counts elapsed time (bot/store/elapsed.py), all others of
    the clock that incidents live by.
    """

    __table_args__ = (Index("delivery_open", "state", "destination", "id"),)

    id: str = Field(default_factory=lambda: new_id("dlv"), primary_key=True)
    incident_id: str | None = Field(default=None, foreign_key="incident.id", index=True)
    destination: str = Field(index=True)
    kind: DeliveryKind = Field(sa_column=enum_column(DeliveryKind))
    act: Act = Field(default=Act.SEND, sa_column=enum_column(Act))
    target: str | None = Field(default=None, foreign_key="delivery.id")
    subscription_id: str | None = Field(default=None, foreign_key="subscription.id")
    update_id: str | None = Field(default=None, foreign_key="update.id", index=True)
    text_id: str | None = Field(default=None, foreign_key="update_text.id")
    nudge_id: str | None = Field(default=None, foreign_key="nudge.id", index=True)
    entry_id: str | None = Field(default=None, foreign_key="record_entry.id")  # of a line
    body: str = ""  # of a notice
    state: DeliveryState = Field(default=DeliveryState.DUE, sa_column=enum_column(DeliveryState))
    attempts: int = 0
    in_doubt: bool = False  # nobody knows whether the last attempt arrived: look before sending again
    created_at: datetime
    due_at: datetime | None = None  # when to try again; none: at once
    lease_owner: str | None = None
    lease_until: datetime | None = None
    reference: str = ""  # the platform's name of the message
    reason: str = ""  # why it failed, in words for people
    sent_at: datetime | None = None
    maybe_twice: bool = False  # sent again without being able to look

    @property
    def is_repeated(self) -> bool:
        """Whether an attempt was made before that failed or that nobody knows the end of."""
        return self.attempts > 0 or self.in_doubt


RETRY_AFTER = (5, 30, 120, 300, 600, 1200, 1800, 3600)
"""Seconds to the next attempt; about two hours in all, then dead with the reason."""
PATIENCE_S = 3600.0


def next_attempt(attempts: int, now: datetime) -> datetime | None:
    """When to try again after `attempts` failures; None: give up."""
    if attempts > len(RETRY_AFTER):
        return None
    return now + timedelta(seconds=RETRY_AFTER[attempts - 1])


def asked_attempt(now: datetime, asked_s: float) -> datetime:
    """When to try again where the platform asked for patience (Retry-After); that is no failure, so none is counted."""
    return now + timedelta(seconds=min(max(asked_s, 1.0), PATIENCE_S))
