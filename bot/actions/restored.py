"""What changes in a database that was restored from a backup, before Foghorn runs on it.

What was waiting to be sent at the time of the backup has probably been sent since. Where the platform can be asked, it
is looked for; everything else is sent only if a person asks for it. Reminders that were due are not sent again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.actions.recipients import destination_words
from bot.domain.deliveries import ASKS_FIRST, ROOM_STEPS, Delivery, DeliveryState, Operation
from bot.domain.nudges import Nudge, next_step
from bot.domain.record import EntryKind
from bot.domain.times import Zone
from bot.store import deliveries, incidents, promises, record, rooms, updates
from bot.store.transaction import Transaction

GAP = 100
"""Incident numbers that are left out, because incidents may have been declared since the backup."""
SENT_WITHIN = timedelta(hours=1)
"""A message that waited for so long is not sent by itself if it is not found: it may be too old to be found."""


@dataclass(frozen=True)
class Question:
    """A message that may have arrived since the backup."""

    delivery: str
    platform: str
    place: str
    since: datetime


@dataclass(frozen=True)
class Unknown:
    """A message that was not sent, because nobody can tell whether it arrived."""

    incident: str
    what: str
    destination: str


@dataclass(frozen=True)
class Restored:
    """What was found. Times are those of the incidents' clock."""

    until: datetime | None  # when the newest entry was made
    next_number: int
    arrived: int
    missing: int  # did not arrive, and will be looked for once more and sent
    unknown: tuple[Unknown, ...]
    overdue: tuple[tuple[str, datetime], ...]  # open incidents, and when their update was promised


def questions(tx: Transaction) -> list[Question]:
    """The messages to look for."""
    found = []
    for row in deliveries.unfinished(tx):
        place = row.destination.place
        if row.destination.incident:
            room = rooms.room_of(tx, row.incident_id, row.destination.platform) if row.incident_id else None
            place = room.channel if room else ""
        if place and _is_message(row):
            found.append(Question(row.id, row.destination.platform, place, row.created_at))
    return found


def settle(tx: Transaction, zone: Zone, found: Mapping[str, str | None], highest: int) -> Restored:
    """Prepare the database for its next start.

    `found`: delivery -> the reference of its message, or None if it did not arrive; without an entry, nobody knows.
    `highest`: the highest number of an incident that a platform shows.
    """
    until, arrived, missing, unknown = record.newest_at(tx), 0, 0, []
    for row in deliveries.unfinished(tx):
        row.state, row.in_doubt = DeliveryState.DUE, True
        row.lease_owner = row.lease_until = row.due_at = row.failing_since = None
        reference = found.get(row.id)
        if reference is not None:
            row.state, row.in_doubt, row.reference, row.sent_at = DeliveryState.SENT, False, reference, tx.now
            row.reason, arrived = "", arrived + 1
        elif row.id in found and row.operation is Operation.SEND and tx.now - row.created_at < SENT_WITHIN:
            missing += 1
        elif row.destination.platform == "local":
            continue  # its page shows what was delivered, so nobody gets it twice
        elif _is_message(row) or row.subscription_id:
            row.state, row.reason = DeliveryState.DEAD, ASKS_FIRST
            row.in_doubt = _is_message(row)
            unknown.append(_described(tx, row))
        elif row.kind not in ROOM_STEPS:  # the next change shows what this one would have
            row.state = DeliveryState.CANCELLED
    number = incidents.skip_numbers(tx, highest, GAP)
    overdue = tuple(_skip_reminders(tx))
    for incident in incidents.open_incidents(tx):
        said = zone.dated(until) if until else "an unknown time"
        words = f"from a backup. Nothing that happened after {said} is in it, and the next new incident is INC-{number}"
        tx.record(None, EntryKind.RESTORED, incident, words)
    return Restored(until, number, arrived, missing, tuple(unknown), overdue)


def _is_message(row: Delivery) -> bool:
    """Whether it posts a message, as opposed to a change that can be repeated."""
    return row.operation in (Operation.SEND, Operation.REPLY) and row.kind not in ROOM_STEPS


def _described(tx: Transaction, row: Delivery) -> Unknown:
    incident = incidents.get_incident(tx, row.incident_id).key if row.incident_id else ""
    update = updates.get_update(tx, row.update_id) if row.update_id else None
    numbered = f"update {update.number}: {update.description}" if update and update.number else row.kind.value
    what = f"{numbered}, changed" if row.operation is Operation.EDIT else numbered
    return Unknown(incident, what, destination_words(tx, replace(row.destination, queue="")))


def _skip_reminders(tx: Transaction) -> Sequence[tuple[str, datetime]]:
    """Count the reminders that are due as sent; returns which incidents promised an update that is overdue."""
    overdue = []
    for incident in incidents.open_incidents(tx):
        promise = promises.open_promise(tx, incident)
        if promise is None:
            continue
        due = next_step(promise, promises.nudges_sent(tx, promise), tx.now)
        if due is not None:
            tx.session.add(
                Nudge(
                    promise_id=promise.id, incident_id=incident.id, step=due.step.minutes, asks=due.step.asks,
                    sent_at=tx.now, slept=due.slept,
                )
            )  # fmt: skip
        if promise.due_at <= tx.now:
            overdue.append((incident.key, promise.due_at))
    return overdue
