"""Changes to promises and their reminders."""

from datetime import datetime, timedelta

from bot.actions import outbox
from bot.actions.app_context import AppContext
from bot.actions.recipients import people_to_ask
from bot.actions.secrets import check_no_secret
from bot.actions.update_context import is_larger
from bot.domain.incident import Incident
from bot.domain.nudges import DueStep, Nudge, asked_role, snooze_until
from bot.domain.people import Person
from bot.domain.promises import Promise, PromiseState, was_kept, whole_minute
from bot.domain.record import EntryKind
from bot.domain.times import late_words, span_words
from bot.domain.updates import Update
from bot.errors import AlreadySnoozed, NoOpenPromise
from bot.store import incidents, people, promises
from bot.store.transaction import Transaction


def open_first_promise(tx: Transaction, app: AppContext, incident: Incident) -> Promise:
    """Open the internal promise of a new incident: its first update."""
    due_at = whole_minute(tx.now + timedelta(minutes=app.organisation.cadence.first_update))
    return _make(tx, app, incident, due_at, internal=True)


def renew_promise(
    tx: Transaction, app: AppContext, incident: Incident, update: Update, due_at: datetime | None
) -> None:
    """Close the open promise as kept, late, or superseded, and open the one that the update makes, if any."""
    old = promises.open_promise(tx, incident)
    if old is not None:
        kept = was_kept(old.due_at, tx.now)
        old.state = PromiseState.LATE
        if kept:
            superseded = not old.internal and is_larger(tx, incident, update)
            old.state = PromiseState.SUPERSEDED if superseded else PromiseState.KEPT
        old.closed_at = tx.now
        old.kept_by = update.id
        kind = EntryKind.PROMISE_KEPT if kept else EntryKind.PROMISE_LATE
        if old.state is PromiseState.SUPERSEDED:
            kind = EntryKind.PROMISE_ENDED
        tx.record(None, kind, incident, _outcome(app, old, tx.now), update)
        settle_nudges(tx, old)
    if due_at is not None:
        _make(tx, app, incident, due_at, internal=False)


def end_promise(tx: Transaction, incident: Incident) -> None:
    """Cancel the open promise, because the incident ended without an update."""
    old = promises.open_promise(tx, incident)
    if old is not None:
        old.state = PromiseState.CANCELLED
        old.closed_at = tx.now
        settle_nudges(tx, old)


def settle_nudges(tx: Transaction, promise: Promise) -> None:
    """Cancel reminders that were not sent, and reduce sent ones to one line."""
    sent = promises.nudges_sent(tx, promise)
    if sent:
        outbox.settle_nudges(tx, sent)


def refresh_nudges(tx: Transaction, incident: Incident) -> None:
    """Show in the last reminder what it now waits for."""
    promise = promises.open_promise(tx, incident)
    sent = promises.nudges_sent(tx, promise) if promise else ()
    if sent:
        outbox.refresh_nudges(tx, sent[-1:])


def send_reminder(tx: Transaction, app: AppContext, incident: Incident, promise: Promise, due: DueStep) -> Nudge:
    """Send one reminder. Row, record, and deliveries share a commit, so it is sent once even with several replicas."""
    earlier = promises.nudges_sent(tx, promise)
    nudge = Nudge(
        promise_id=promise.id,
        incident_id=incident.id,
        step=due.step.minutes,
        asks=due.step.asks,
        sent_at=tx.now,
        slept=due.slept,
    )
    tx.session.add(nudge)
    tx.session.flush()
    asked = people_to_ask(tx, app, incident, due.step.asks)
    who = ", ".join(person.name for person in asked) or "nobody"
    tx.record(None, EntryKind.NUDGED, incident, f"{step_words(due.step.minutes)}: {who}")
    if earlier:
        outbox.settle_nudges(tx, earlier[-1:])  # earlier ones were settled when it was sent
    outbox.send_nudge(tx, app, incident, nudge, asked, room=due.step.room or not earlier)
    return nudge


def snooze(
    tx: Transaction, app: AppContext, actor: Person, incident: Incident, delay: timedelta, reason: str = ""
) -> tuple[Nudge, Promise]:
    """Delay the next reminder to the communications lead. Due time and commander's turn stay.

    After the ladder, delay the next reminder to everyone, with a reason. Raises Conflict, SnoozeNeedsReason.
    """
    check_no_secret(reason)
    promise = promises.open_promise(tx, incident)
    if promise is None:
        raise NoOpenPromise(incident=incident.key)
    sent = promises.nudges_sent(tx, promise)
    try:
        until = snooze_until(promise, sent, tx.now, delay, reason=bool(reason))
    except AlreadySnoozed as refusal:
        name = people.person_names(tx).get(str(refusal.facts["by"]), "Somebody")
        raise AlreadySnoozed(**{**refusal.facts, "by": name}) from None
    nudge = sent[-1]
    nudge.snoozed_by = actor.id
    nudge.snoozed_until = until
    until_words = app.organisation.zone.when(until, tx.now)
    tx.record(actor, EntryKind.NUDGE_SNOOZED, incident, f"until {until_words}" + (f": {reason}" if reason else ""))
    outbox.refresh_nudges(tx, [nudge])
    return nudge, promise


def reminded_person(tx: Transaction, incident: Incident) -> Person | None:
    """Who the last reminder of the open promise is for, by role; None if none was sent or nobody holds the role."""
    promise = promises.open_promise(tx, incident)
    sent = promises.nudges_sent(tx, promise) if promise else ()
    held = incidents.active_roles(tx, incident) if sent else {}
    role = asked_role(sent[-1].asks, held) if sent else None
    return held[role] if role else None


def reassign_reminder(
    tx: Transaction, app: AppContext, actor: Person, incident: Incident, before: Person | None
) -> None:
    """If the last reminder is now for someone else, show that in every copy and send them one directly."""
    promise = promises.open_promise(tx, incident)
    now = reminded_person(tx, incident)
    if promise is None or now is None or (before is not None and before.id == now.id):
        return
    nudge = promises.nudges_sent(tx, promise)[-1]
    nudge.handed_by, nudge.handed_to = actor.id, now.id
    outbox.refresh_nudges(tx, [nudge])
    outbox.send_nudge(tx, app, incident, nudge, [now], room=False)


def step_words(minutes: int) -> str:
    """`10 minutes before`, `due`, `1 hour and 40 minutes after`."""
    if minutes == 0:
        return "due"
    return f"{span_words(timedelta(minutes=abs(minutes)))} {'before' if minutes < 0 else 'after'}"


def _make(tx: Transaction, app: AppContext, incident: Incident, due_at: datetime, *, internal: bool) -> Promise:
    zone = app.organisation.zone
    promise = Promise(incident_id=incident.id, made_at=tx.now, due_at=due_at, zone=zone.name(due_at), internal=internal)
    tx.session.add(promise)
    words = "first update" if internal else "next update"
    tx.record(None, EntryKind.PROMISED, incident, f"{words} by {zone.when(due_at, tx.now)}")
    return promise


def _outcome(app: AppContext, promise: Promise, now: datetime) -> str:
    clock = app.organisation.zone.when(promise.due_at, now)
    if promise.state is PromiseState.SUPERSEDED:
        return f"the promise of {clock} was superseded because the impact grew"
    if promise.state is PromiseState.KEPT:
        return f"the promise of {clock} was kept"
    return f"the promise of {clock} was missed by {late_words(promise.due_at, now)}"
