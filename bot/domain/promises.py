"""A promise: customers were told “next update by”."""

from datetime import datetime, timedelta
from enum import StrEnum

from sqlmodel import Field, Index

from bot.domain.columns import Row, enum_column
from bot.ids import new_id


class PromiseState(StrEnum):
    """`open` until an update is published, then kept or late."""

    OPEN = "open"
    KEPT = "kept"
    LATE = "late"
    SUPERSEDED = "superseded"  # something larger was published well before it
    CANCELLED = "cancelled"


class Promise(Row, table=True):
    """One open per incident. `due_at` is what customers read and never changes."""

    __table_args__ = (Index("promise_open", "state", "due_at"),)

    id: str = Field(default_factory=lambda: new_id("prm"), primary_key=True)
    incident_id: str = Field(foreign_key="incident.id", index=True)
    made_at: datetime
    due_at: datetime
    zone: str  # as customers read it: "ET"
    internal: bool = False  # the first update after declaring; customers were promised nothing yet
    state: PromiseState = Field(default=PromiseState.OPEN, sa_column=enum_column(PromiseState))
    closed_at: datetime | None = None
    kept_by: str | None = Field(default=None, foreign_key="update.id")


def was_kept(due_at: datetime, published_at: datetime) -> bool:
    """Kept: published before the promised minute ended."""
    return published_at < due_at.replace(second=0, microsecond=0) + timedelta(minutes=1)


def whole_minute(at: datetime) -> datetime:
    """Rounded up, so that a promise is never earlier than intended."""
    floor = at.replace(second=0, microsecond=0)
    return floor if floor == at else floor + timedelta(minutes=1)


NEAR = timedelta(minutes=5)
"""A promise closer than this at publication needs another time."""
