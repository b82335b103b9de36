"""Marks a delivery as sent, due again, failed, or canceled, with all consequences, in one transaction."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.actions import announcements, kept, leaving, outbox, rooms
from bot.actions.app_context import AppContext
from bot.actions.recipients import destination_words
from bot.domain.deliveries import (
    OURS,
    PROBE_AFTER,
    ROOM_STEPS,
    Delivery,
    DeliveryKind,
    DeliveryState,
    Operation,
    next_attempt,
    requested_attempt,
)
from bot.domain.incident import Incident
from bot.domain.record import EntryKind
from bot.domain.rooms import Room
from bot.errors import InternalFailure, MessageGone, PlaceGone, PlaceLost, SendFailed
from bot.ports import WITHOUT
from bot.store import deliveries, incidents, record, updates
from bot.store.transaction import Store, Transaction
from bot.worker.attempt import Attempt, Claim, Outcome

INTERNAL_TRIES = 5
"""How often a delivery is tried that fails because of an error of our own. Updates about the incident wait for it."""


@dataclass(frozen=True)
class Result:
    """What became of an attempt. `at`, and `arrived_at`, when something last arrived there, are by the real clock."""

    claim: Claim
    attempt: Attempt | None
    outcome: Outcome
    at: datetime
    arrived_at: datetime | None = None

    @property
    def is_bulk(self) -> bool:
        """Whether it arrived, is one of many, and changes nothing else."""
        outcome = self.outcome
        return self.claim.bulk and bool(outcome.reference) and not outcome.not_passed_on and not outcome.in_doubt


def settle(store: Store, app: AppContext, result: Result) -> bool:
    """Mark the delivery; False if its lease expired and another process has it."""
    claim, attempt, outcome = result.claim, result.attempt, result.outcome
    with store.write() as tx:
        incident_id = deliveries.get_delivery(tx, claim.id).incident_id
        incident = incidents.get_incident(tx, incident_id, hold=outcome.failure is not None) if incident_id else None
        row = deliveries.find_claimed(tx, claim.id, claim.owner)
        if row is None:
            return False
        row.lease_owner = row.lease_until = None
        if outcome.late:
            row.state = DeliveryState.DUE
            if incident is not None and row.destination.incident and attempt is not None and not attempt.place:
                rooms.redirect_to_new_room(tx, incident, row)
        else:
            _mark(tx, app, row, incident, attempt, outcome, result.at)
            _probe(tx, row, outcome, result.at, result.arrived_at)
        return True


def settle_bulk(store: Store, app: AppContext, results: Sequence[Result]) -> list[bool]:
    """The same for several bulk deliveries that arrived, in one transaction; what shows them is refreshed once."""
    with store.write() as tx:
        rows = {row.id: row for row in deliveries.get_deliveries(tx, [each.claim.id for each in results], hold=True)}
        ours = [_is_held(rows[each.claim.id], each.claim) for each in results]
        shown: dict[tuple[str | None, bool], tuple[Delivery, datetime]] = {}
        for result in itertools.compress(results, ours):
            row = rows[result.claim.id]
            shown[row.update_id, row.failing_since is not None] = row, result.at
            row.lease_owner, row.lease_until, row.in_doubt = None, None, False
            mark_sent(tx, row, result.outcome.reference, twice=result.outcome.twice)
            row.reason = result.outcome.note
        for (_update, was_late), (row, at) in shown.items():
            if row.incident_id:
                incident = incidents.get_incident(tx, row.incident_id)
                tx.changed.add(incident.key)
                _show(tx, app, row, incident, at, was_late=was_late)
        return ours


def _is_held(row: Delivery, claim: Claim) -> bool:
    return row.lease_owner == claim.owner and row.state is DeliveryState.SENDING


def _probe(tx: Transaction, row: Delivery, outcome: Outcome, at: datetime, arrived_at: datetime | None) -> None:
    """If nothing arrives on a chat platform any more, one retry soon finds out for all when it is back."""
    waits = row.state is DeliveryState.DUE and row.failing_since is not None and row.due_at is not None
    asked = outcome.failure is not None and outcome.failure.retry_after_s is not None
    if not waits or asked or row.destination.platform in OURS or row.operation is Operation.PASS_ON:
        return
    soon, due_at = at + PROBE_AFTER, row.due_at
    silent = arrived_at is None or (row.failing_since is not None and arrived_at < row.failing_since)
    if silent and due_at and due_at > soon and not deliveries.is_retried_by(tx, row.destination.platform, soon):
        row.due_at = soon


def _mark(
    tx: Transaction, app: AppContext, row: Delivery, incident: Incident | None, attempt: Attempt | None,
    outcome: Outcome, at: datetime,
) -> None:  # fmt: skip
    row.in_doubt, failed_before = outcome.in_doubt, row.failing_since is not None
    if incident is not None:
        tx.changed.add(incident.key)
    if row.operation is Operation.PASS_ON:
        row = _passed_on(tx, app, row, outcome, at)
    elif outcome.failure is not None:
        _failed(tx, app, row, attempt, outcome.failure, at)
    elif not outcome.reference:
        row.state = DeliveryState.CANCELLED
    else:
        mark_sent(tx, row, outcome.reference, twice=outcome.twice)
        row.reason = outcome.note
        if outcome.not_passed_on is not None:
            later = kept.copy_of(tx, row, Operation.PASS_ON, row.id)
            later.destination, later.subscription_id = replace(row.destination, queue="followers"), None
            tx.session.add(later)
            _pass_on_later(tx, app, row, later, outcome.not_passed_on, at)
        if incident is not None and row.kind in ROOM_STEPS and outcome.reference.startswith(WITHOUT):
            words = f"rooms are {outcome.reference}; `foghorn doctor` says how to add it"
            tx.record(None, EntryKind.DELIVERY_FAILED, incident, words)
        if incident is not None and row.kind is DeliveryKind.ROOM:
            announcements.show_room(tx, incident)
    if incident is not None:
        _show(tx, app, row, incident, at, was_late=failed_before)


def _show(tx: Transaction, app: AppContext, row: Delivery, incident: Incident, at: datetime, *, was_late: bool) -> None:
    """Refresh the delivery report of an update, and what was said if it was late."""
    if row.update_id and row.subscription_id:
        rooms.refresh_report(tx, app, incident, row.update_id, at)
        if was_late:
            outbox.refresh_late(tx, row.update_id, at + rooms.REPORT_EVERY)


def _passed_on(tx: Transaction, app: AppContext, row: Delivery, outcome: Outcome, at: datetime) -> Delivery:
    """Note in the delivery report of the message, which is returned, whether followers of its channel got it."""
    message = deliveries.get_delivery(tx, row.target or "")
    if outcome.reference:
        mark_sent(tx, row, outcome.reference)
        message.reason = outcome.note
    elif outcome.failure and not outcome.failure.permanent and next_attempt(row, at):
        _pass_on_later(tx, app, message, row, outcome.failure, at)
    else:
        row.state = DeliveryState.CANCELLED
        why = outcome.failure.reason if outcome.failure else "a later update replaced it"
        message.reason = f"not published to followers: {why}"
    return message


def _pass_on_later(
    tx: Transaction, app: AppContext, message: Delivery, later: Delivery, why: SendFailed, at: datetime
) -> None:
    """Followers get a message when the platform allows it; the delivery report says when."""
    later.attempts += why.retry_after_s is None
    later.failing_since = later.failing_since or at
    asked_s = why.retry_after_s
    due_at = next_attempt(later, at) if asked_s is None else requested_attempt(at, asked_s)
    later.state, later.due_at = DeliveryState.DUE, due_at
    when = app.organisation.zone.clock(tx.now + ((due_at or at) - at))
    message.reason = f"will be published to followers at {when}: {why.reason}"


def mark_sent(tx: Transaction, row: Delivery, reference: str, *, twice: bool = False) -> None:
    """Store the reference, and for a new room its channel."""
    row.state, row.sent_at, row.reference, row.reason = DeliveryState.SENT, tx.now, reference, ""
    if row.failing_since is not None:
        row.failing_since = None
        deliveries.try_now(tx, row, everywhere=row.destination.platform not in OURS)
    row.maybe_twice = row.maybe_twice or twice
    if row.kind is DeliveryKind.ROOM and row.incident_id:
        channel, _, name = reference.partition(" ")
        platform = row.destination.platform
        tx.session.add(Room(platform=platform, channel=channel, incident_id=row.incident_id, name=name))
    if row.replaces and row.incident_id:
        _posted_again(tx, row, incidents.get_incident(tx, row.incident_id))


def _posted_again(tx: Transaction, row: Delivery, incident: Incident) -> None:
    """Record that a lost message was replaced, and pin a new card."""
    where = destination_words(tx, row.destination)
    words = f"{kept.NAMES[row.kind]} in {where} {kept.how_lost(tx, row)}, so it was posted again"
    tx.record(None, EntryKind.POSTED_AGAIN, incident, words)
    if row.kind is DeliveryKind.CARD:
        rooms.pin(tx, incident, row.destination.platform, row)


def _failed(
    tx: Transaction, app: AppContext, row: Delivery, attempt: Attempt | None, failure: SendFailed, at: datetime
) -> None:
    """Set it due again, or failed with the reason, and record that."""
    row.reason, row.failing_since = failure.reason, row.failing_since or at
    if failure.retry_after_s is not None and not failure.permanent:
        row.state, row.due_at = DeliveryState.DUE, requested_attempt(at, failure.retry_after_s)
        return
    if isinstance(failure, MessageGone) and kept.replace_deleted(
        tx, row, attempt.reference if attempt else "", failure
    ):
        return
    if isinstance(failure, PlaceLost) and row.destination.incident and row.incident_id and attempt and attempt.place:
        rooms.handle_lost_room(tx, app, incidents.get_incident(tx, row.incident_id), row, attempt.place, failure)
        return
    row.attempts += 1
    hopeless = failure.permanent or (isinstance(failure, InternalFailure) and row.attempts >= INTERNAL_TRIES)
    row.due_at = None if hopeless else next_attempt(row, at)
    if row.due_at is not None:
        row.state = DeliveryState.DUE
        return
    row.state = DeliveryState.DEAD
    kept.replace_lost(tx, row)
    row.reason += "; it may have arrived" if row.in_doubt else ""
    if row.incident_id:
        _given_up(tx, app, row, incidents.get_incident(tx, row.incident_id), failure)


def _given_up(tx: Transaction, app: AppContext, row: Delivery, incident: Incident, failure: SendFailed) -> None:
    """Record the failure and tell the people who need to know."""
    update = updates.get_update(tx, row.update_id) if row.update_id else None
    where = destination_words(tx, row.destination)
    if row.kind is DeliveryKind.PICTURE:
        where = f"the picture in {where}"
    if row.kind is DeliveryKind.ANNOUNCEMENT:
        where = f"not announced on {row.destination.platform.capitalize()}"
    words = f"{where}: {row.reason}"
    known = record.entries(tx, incident, kinds=(EntryKind.DELIVERY_FAILED,))
    tried_again = row.kind in (DeliveryKind.ANNOUNCEMENT, DeliveryKind.CARD)  # with the next change, in the same place
    closed = isinstance(failure, PlaceGone) and bool(row.destination.incident)
    if not ((tried_again or closed) and any(text.text == words for _entry, text in known)):
        tx.record(None, EntryKind.DELIVERY_FAILED, incident, words, update)
        if closed:
            rooms.notify_room_closed(tx, app, incident, row)
    if update is not None and row.subscription_id:  # but not for a notice, which would cause another one
        outbox.notify_none_arrived(tx, app, incident, update, row.reason)
    if row.kind in (DeliveryKind.NUDGE, DeliveryKind.APPROVAL) and not row.destination.incident:
        tx.session.flush()
        leaving.ask_next(tx, app, incident)
    if row.kind is DeliveryKind.ROOM and (row.attempts > 1 or rooms.had_room(tx, incident, row)):
        rooms.notify_room_failed(tx, app, incident, row)
