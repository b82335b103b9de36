"""Reminders (nudges): who is reminded of an open promise, when, and what a snooze delays.

The ladder decides. The clock only asks `next_step`; a snooze only moves the next step.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlmodel import Field, SQLModel, UniqueConstraint

from bot.domain.columns import enum_column
from bot.domain.promises import Promise, PromiseState
from bot.errors import AlreadySnoozed, Conflict
from bot.ids import new_id


class AskedRole(StrEnum):
    """Who a step asks, by role."""

    LEAD = "communications lead"
    COMMANDER = "commander"
    ESCALATION = "escalation"


@dataclass(frozen=True)
class LadderStep:
    """One step: `minutes` after the promised time (negative: before), and who it asks."""

    minutes: int
    asks: AskedRole
    room: bool = True  # also sent to the room; the earliest step that exists always is


LADDER = (
    LadderStep(-10, AskedRole.LEAD),
    LadderStep(-5, AskedRole.LEAD, room=False),
    LadderStep(0, AskedRole.LEAD),
    LadderStep(2, AskedRole.LEAD),
    LadderStep(5, AskedRole.COMMANDER),
    LadderStep(10, AskedRole.ESCALATION),
)

APART = timedelta(minutes=2)
"""Minimum time between two reminders."""


class Nudge(SQLModel, table=True):
    """One step taken for one promise. The database refuses a second one."""

    __table_args__ = (UniqueConstraint("promise_id", "step"),)

    id: str = Field(default_factory=lambda: new_id("ndg"), primary_key=True)
    promise_id: str = Field(foreign_key="promise.id")
    incident_id: str = Field(foreign_key="incident.id", index=True)
    step: int  # Step.minutes
    asks: AskedRole = Field(sa_column=enum_column(AskedRole))
    sent_at: datetime
    slept: int = 0  # how many earlier steps came due while Foghorn was not running; this one reports it
    snoozed_by: str | None = Field(default=None, foreign_key="person.id")
    snoozed_until: datetime | None = None
    handed_by: str | None = Field(
        default=None, foreign_key="person.id"
    )  # the last person who handed it to someone else
    handed_to: str | None = Field(default=None, foreign_key="person.id")


@dataclass(frozen=True)
class DueStep:
    """The step to take now, and how many earlier ones came due while Foghorn was not running."""

    step: LadderStep
    slept: int


def steps(promise: Promise) -> tuple[LadderStep, ...]:
    """The steps for this promise: none in the first half of its time span. The earliest one also goes to the room."""
    half = promise.due_at - (promise.due_at - promise.made_at) / 2
    left = [step for step in LADDER if promise.due_at + timedelta(minutes=step.minutes) >= half]
    return (LadderStep(left[0].minutes, left[0].asks), *left[1:])


def next_step(
    promise: Promise, sent: Sequence[Nudge], now: datetime, *, on_since: datetime | None = None
) -> DueStep | None:
    """The step to take now, if any. `sent` in order; `on_since`: when reminders were switched on.

    1. Only open promises have reminders.
    2. Of the steps that are due, the latest; missed ones are counted and not sent.
    3. Never a step that was sent, or one before it.
    """
    if promise.state is not PromiseState.OPEN:
        return None
    taken = sent[-1].step if sent else None
    come = [
        step
        for step in steps(promise)
        if comes_at(step, promise, sent) <= now and (taken is None or step.minutes > taken)
    ]
    if not come:
        return None
    snoozed = any(nudge.snoozed_until for nudge in sent)
    slept = [
        step
        for step in come[:-1]
        if (not snoozed or step.asks is not AskedRole.LEAD)
        and (on_since is None or comes_at(step, promise, sent) > on_since)
    ]
    return DueStep(come[-1], len(slept))


def next_at(promise: Promise, sent: Sequence[Nudge]) -> tuple[datetime, LadderStep] | None:
    """When the next reminder comes, and which; None after the last step."""
    taken = sent[-1].step if sent else None
    left = [step for step in steps(promise) if taken is None or step.minutes > taken]
    if promise.state is not PromiseState.OPEN or not left:
        return None
    return comes_at(left[0], promise, sent), left[0]


def comes_at(step: LadderStep, promise: Promise, sent: Sequence[Nudge]) -> datetime:
    """When a step is taken: at its minute, or when the last snooze ends."""
    at = promise.due_at + timedelta(minutes=step.minutes)
    return max([at, *(nudge.snoozed_until for nudge in sent if nudge.snoozed_until)])


def commander_at(promise: Promise) -> datetime:
    """When the commander is asked. No snooze goes beyond it."""
    turn = next(step for step in LADDER if step.asks is AskedRole.COMMANDER)
    return promise.due_at + timedelta(minutes=turn.minutes)


def snooze_until(promise: Promise, sent: Sequence[Nudge], now: datetime, delay: timedelta) -> datetime:
    """When the next reminder comes if the last one sent is snoozed for `delay`.

    Not before the step that would come next anyway; not within two minutes before a step (then together with it); and
    not after the commander's turn.

    Raises Conflict before the first reminder, AlreadySnoozed, and Conflict after the lead's last one. The
    caller that shows AlreadySnoozed looks up the name.
    """
    if not sent:
        message = (
            "There is no reminder to snooze yet. The next update is due at {due_at}, and the first reminder comes "
            "at {first_at}."
        )
        raise Conflict(message, due_at=promise.due_at, first_at=comes_at(steps(promise)[0], promise, sent))
    last = sent[-1]
    if last.snoozed_until:
        raise AlreadySnoozed(by=last.snoozed_by, until=last.snoozed_until)
    left = [step for step in steps(promise) if step.minutes > last.step and step.asks is AskedRole.LEAD]
    if not left or now >= commander_at(promise):
        raise Conflict(
            "There are no more reminders to snooze before the commander is asked. Nothing was changed. Publish the "
            "update, or hand over."
        )
    until = max(now + delay, comes_at(left[0], promise, sent))
    for step in steps(promise):
        at = promise.due_at + timedelta(minutes=step.minutes)
        if until < at < until + APART:
            until = at
    return min(until, commander_at(promise))
