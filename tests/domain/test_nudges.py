"""The ladder and what comes after it, from their arguments alone."""

from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.nudges import (
    LADDER,
    AskedRole,
    Nudge,
    asked_role,
    next_at,
    next_step,
    proposes_close,
    snooze_until,
    steps,
)
from bot.domain.people import Role
from bot.domain.promises import Promise, PromiseState
from bot.errors import AlreadySnoozed, SnoozeNeedsReason
from tests.reference import et

MADE = et("05:15")
DUE = et("05:30")


def promise(state: PromiseState = PromiseState.OPEN) -> Promise:
    """Of 15 minutes."""
    return Promise(incident_id="inc", made_at=MADE, due_at=DUE, zone="ET", state=state)


def at(minutes: float) -> datetime:
    """So many minutes after the promised time."""
    return DUE + timedelta(minutes=minutes)


def sent(minutes: int) -> Nudge:
    return Nudge(promise_id="prm", incident_id="inc", step=minutes, asks=AskedRole.EVERYONE, sent_at=at(minutes))


def played(days: float) -> list[Nudge]:
    """What is sent while nothing else happens, looked at whenever the next one comes."""
    nudges: list[Nudge] = []
    while True:
        coming = next_at(promise(), nudges)
        assert coming is not None
        now, step = coming
        if now > at(days * 1440):
            return nudges
        due = next_step(promise(), nudges, now)
        assert due is not None
        assert (due.step, due.slept) == (step, 0)
        nudges.append(sent(step.minutes))


def test_after_the_ladder_reminders_come_at_growing_intervals_and_then_once_a_day() -> None:
    ladder = [-5, 0, 2, 5, 10]

    assert [nudge.step for nudge in played(3)] == [*ladder, 40, 100, 220, 460, 1440, 2880, 4320]


def test_reminders_after_the_ladder_ask_commander_and_escalation() -> None:
    assert {step.asks for step in steps(promise(), at(5000))[-7:]} == {AskedRole.EVERYONE}


@pytest.mark.parametrize("state", [state for state in PromiseState if state is not PromiseState.OPEN])
def test_a_promise_that_is_over_has_no_more_reminders(state: PromiseState) -> None:
    assert (next_step(promise(state), [], at(40)), next_at(promise(state), [])) == (None, None)


@given(minutes=st.integers(-10, 20_000), seconds=st.integers(1, 59))
def test_whatever_the_time_there_is_one_reminder_to_come(minutes: int, seconds: int) -> None:
    now = at(minutes) + timedelta(seconds=seconds)
    due = next_step(promise(), [], now)
    taken = [sent(due.step.minutes)] if due else []

    coming = next_at(promise(), taken)
    assert coming is not None
    assert coming[0] > now
    assert next_step(promise(), taken, now) is None


@given(minutes=st.integers(10, 20_000))
def test_steps_are_in_order_and_end_with_the_next_one(minutes: int) -> None:
    found = [step.minutes for step in steps(promise(), at(minutes))]

    assert all(a < b for a, b in pairwise(found))
    assert found[-2] <= minutes < found[-1] or found[-1] == 40


def test_what_came_due_while_nothing_ran_is_one_reminder_that_counts() -> None:
    due = next_step(promise(), [sent(10)], at(500))

    assert due is not None
    assert (due.step.minutes, due.slept) == (460, 3)


# ---- snoozing after the ladder


def test_after_the_ladder_a_snooze_needs_a_reason() -> None:
    with pytest.raises(SnoozeNeedsReason):
        snooze_until(promise(), [sent(10)], at(12), timedelta(hours=1))


@given(minutes=st.integers(1, 10_000), before=st.sampled_from([10, 40, 100, 220, 460, 1440]))
def test_a_snooze_skips_what_would_come_before_its_end_and_is_not_counted_as_sleep(minutes: int, before: int) -> None:
    now, last = at(before + 1), sent(before)
    until = snooze_until(promise(), [last], now, timedelta(minutes=minutes), reason=True)
    last.snoozed_by, last.snoozed_until = "per", until

    assert until >= now + timedelta(minutes=minutes)
    assert next_step(promise(), [last], until - timedelta(seconds=1)) is None
    due = next_step(promise(), [last], until)
    assert due is not None
    assert due.slept == 0
    after = next_at(promise(), [last, sent(due.step.minutes)])
    assert after is not None
    assert after[0] - until >= timedelta(minutes=30)
    with pytest.raises(AlreadySnoozed):
        snooze_until(promise(), [last], now, timedelta(hours=1), reason=True)


# ---- who is asked


@pytest.mark.parametrize(
    ("asks", "held", "role"),
    [
        (AskedRole.LEAD, {Role.COMMUNICATIONS_LEAD, Role.COMMANDER}, Role.COMMUNICATIONS_LEAD),
        (AskedRole.LEAD, {Role.COMMANDER, Role.SCRIBE}, Role.COMMANDER),
        (AskedRole.LEAD, {Role.SCRIBE}, Role.SCRIBE),
        (AskedRole.COMMANDER, {Role.COMMUNICATIONS_LEAD, Role.COMMANDER}, Role.COMMANDER),
        (AskedRole.COMMANDER, {Role.COMMUNICATIONS_LEAD, Role.SCRIBE}, Role.COMMUNICATIONS_LEAD),
        (AskedRole.EVERYONE, {Role.COMMUNICATIONS_LEAD}, Role.COMMUNICATIONS_LEAD),
        (AskedRole.EVERYONE, {Role.SCRIBE}, Role.SCRIBE),
        (AskedRole.LEAD, set(), None),
        (AskedRole.EVERYONE, set(), None),
    ],
)
def test_a_reminder_for_a_role_that_nobody_holds_goes_on_to_who_holds_one(
    asks: AskedRole, held: set[Role], role: Role | None
) -> None:
    assert asked_role(asks, held) is role


@pytest.mark.parametrize(
    ("step", "silent_h", "proposed"), [(1440, 24, True), (1440, 23.9, False), (40, 30, True), (10, 48, False)]
)
def test_after_a_day_of_silence_a_reminder_proposes_to_close(step: int, silent_h: float, proposed: bool) -> None:
    now = at(step)

    assert proposes_close(step, now - timedelta(hours=silent_h), now) is proposed
    assert LADDER[-1].minutes == 10
