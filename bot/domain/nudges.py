"""Reminders (nudges): who is reminded of an open promise, when, and what a snooze delays.

The ladder decides. The clock only asks `next_step`; a snooze only moves the next step. After the ladder, reminders go
on at growing intervals until an update is published or the incident is closed.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import count

from sqlmodel import Field, UniqueConstraint

from bot.domain.columns import Row, enum_column
from bot.domain.people import Role
from bot.domain.promises import Promise, PromiseState
from bot.errors import AlreadySnoozed, Conflict, SnoozeNeedsReason
from bot.ids import new_id


class AskedRole(StrEnum):
    """Who a step asks, by role."""

    LEAD = "communications lead"
    COMMANDER = "commander"
    ESCALATION = "escalation"
    EVERYONE = "commander and escalation"


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

GROWING = (30, 60, 120, 240)
"""Minutes between the reminders after the ladder. From then on, there is one a day, at the promised time of day."""
DAY = 1440

APART = timedelta(minutes=2)
"""Minimum time between two reminders of the ladder."""
LATER_APART = timedelta(minutes=30)
"""The same after the ladder."""

SILENCE = timedelta(hours=24)
"""After this time without anyone doing anything, a reminder proposes to close the incident."""

ROLES = {
    AskedRole.LEAD: (Role.COMMUNICATIONS_LEAD, Role.COMMANDER, Role.SCRIBE),
    AskedRole.COMMANDER: (Role.COMMANDER, Role.COMMUNICATIONS_LEAD, Role.SCRIBE),
}
"""Whom a step asks, in this order: the first role that somebody holds."""


class Nudge(Row, table=True):
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


def asked_role(asks: AskedRole, held: Collection[Role]) -> Role | None:
    """The role that a step asks, given the roles that somebody holds; None: nobody holds one.

    A step whose role nobody holds goes on to whoever does hold one. The escalation is no role.
    """
    order = ROLES[AskedRole.LEAD if asks is AskedRole.LEAD else AskedRole.COMMANDER]
    return next((role for role in order if role in held), None)


def proposes_close(step: int, last_act: datetime, now: datetime) -> bool:
    """Whether a reminder proposes to close the incident: after the ladder, if nobody did anything for 24 hours."""
    return step > LADDER[-1].minutes and now - last_act >= SILENCE


def steps(promise: Promise, now: datetime | None = None) -> tuple[LadderStep, ...]:
    """The steps for this promise: none in the first half of its time span. The earliest one also goes to the room.

    With `now`, followed by the later reminders up to the first one that is still to come.
    """
    half = promise.due_at - (promise.due_at - promise.made_at) / 2
    left = [step for step in LADDER if promise.due_at + timedelta(minutes=step.minutes) >= half]
    ladder = (LadderStep(left[0].minutes, left[0].asks), *left[1:])
    return ladder if now is None else (*ladder, *_afterwards(promise, now))


def _afterwards(promise: Promise, now: datetime) -> Iterator[LadderStep]:
    """The reminders after the ladder, up to the first one after `now`."""
    for minutes in _minutes_afterwards():
        yield LadderStep(minutes, AskedRole.EVERYONE)
        if promise.due_at + timedelta(minutes=minutes) > now:
            return


def _minutes_afterwards() -> Iterator[int]:
    minutes = LADDER[-1].minutes
    for apart in GROWING:
        minutes += apart
        yield minutes
    yield from count(DAY, DAY)


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
        for step in steps(promise, now)
        if comes_at(step, promise, sent) <= now and (taken is None or step.minutes > taken)
    ]
    if not come:
        return None
    slept = [
        step
        for step in come[:-1]
        if comes_at(step, promise, sent) == _minute_of(step, promise)  # a snooze skips the steps before its end
        and (on_since is None or comes_at(step, promise, sent) > on_since)
    ]
    return DueStep(come[-1], len(slept))


def next_at(promise: Promise, sent: Sequence[Nudge]) -> tuple[datetime, LadderStep] | None:
    """When the next reminder comes, and which; None if the promise is not open."""
    if promise.state is not PromiseState.OPEN:
        return None
    taken = promise.due_at + timedelta(minutes=sent[-1].step) if sent else promise.made_at
    step = next(s for s in steps(promise, taken) if not sent or s.minutes > sent[-1].step)
    return comes_at(step, promise, sent), step


def comes_at(step: LadderStep, promise: Promise, sent: Sequence[Nudge]) -> datetime:
    """When a step is taken: at its minute, or when the last snooze ends."""
    return max([_minute_of(step, promise), *(nudge.snoozed_until for nudge in sent if nudge.snoozed_until)])


def _minute_of(step: LadderStep, promise: Promise) -> datetime:
    return promise.due_at + timedelta(minutes=step.minutes)


def commander_at(promise: Promise) -> datetime:
    """When the commander is asked. No snooze goes beyond it."""
    turn = next(step for step in LADDER if step.asks is AskedRole.COMMANDER)
    return promise.due_at + timedelta(minutes=turn.minutes)


def is_after_ladder(sent: Sequence[Nudge]) -> bool:
    """Whether the escalation has been asked, so that a snooze requires a reason and may be longer."""
    return bool(sent) and sent[-1].step >= LADDER[-1].minutes


def snooze_until(
    promise: Promise, sent: Sequence[Nudge], now: datetime, delay: timedelta, *, reason: bool = False
) -> datetime:
    """When the next reminder comes if the last one sent is snoozed for `delay`.

    Not before the step that would come next anyway; not within two minutes before a step (then together with it); and
    not after the commander's turn. After the ladder, only with a reason, and not within 30 minutes before a step.

    Raises Conflict before the first reminder, AlreadySnoozed, Conflict after the lead's last one, and SnoozeNeedsReason
    after the ladder. The caller that shows AlreadySnoozed looks up the name.
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
    if is_after_ladder(sent):
        if not reason:
            raise SnoozeNeedsReason
        later = [step for step in steps(promise, now + delay + LATER_APART) if step.minutes > last.step]
        return _together(later, promise, max(now + delay, _minute_of(later[0], promise)), LATER_APART)
    left = [step for step in steps(promise) if step.minutes > last.step and step.asks is AskedRole.LEAD]
    if not left or now >= commander_at(promise):
        raise Conflict(
            "There are no more reminders to snooze before the commander is asked. Nothing was changed. Publish the "
            "update, or hand over."
        )
    until = max(now + delay, comes_at(left[0], promise, sent))
    return min(_together(steps(promise), promise, until, APART), commander_at(promise))


def _together(those: Sequence[LadderStep], promise: Promise, until: datetime, apart: timedelta) -> datetime:
    """The end of a snooze, or the step that comes soon after it."""
    for step in those:
        at = _minute_of(step, promise)
        if until < at < until + apart:
            until = at
    return until
