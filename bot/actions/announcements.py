"""Announces incidents to channels of responders: one message per incident and channel, kept current.

Private incidents are not announced until they become visible, and incidents that were over when they were declared are
not announced unless they are reopened. Drills have no platforms, so they announce nothing.
"""

from collections.abc import Sequence

from bot.actions import kept
from bot.actions.app_context import AppContext
from bot.domain.deliveries import Delivery, DeliveryKind, Operation
from bot.domain.destinations import Destination
from bot.domain.incident import Incident
from bot.domain.lifecycle import Transition
from bot.domain.record import EntryKind
from bot.domain.severity import Severity
from bot.store import deliveries, updates
from bot.store.transaction import Transaction

HEARD = frozenset({EntryKind.DECLARED, EntryKind.SEVERITY, EntryKind.PRIVACY})
"""What a channel hears of, if the incident is open and was not announced there yet."""
SHOWN = HEARD | {EntryKind.REDACTED}
"""What changes an announcement, besides the end of the incident and its reopening."""


def refresh(tx: Transaction, app: AppContext, incident: Incident) -> None:
    """After a change: announce the incident or show its newest state. If it became more severe, notify that group."""
    kinds = {entry.kind for changed, entry in tx.entries if changed.id == incident.id}
    if not app.organisation.announce.channels:
        return
    reopened = _was_reopened(tx, incident, kinds)
    news = kinds & HEARD and not (incident.entered_later and incident.first_published_at is None)
    if not (kinds & SHOWN or reopened or incident.closed_at == tx.now):
        return
    rows = deliveries.announcements(tx, incident)
    for destination in app.organisation.announce.destinations:
        message = _message(rows, destination)
        if destination.platform not in app.platforms:
            continue  # it would wait forever
        if message is not None:
            kept.refresh(tx, rows, message)
            _ring(tx, app, incident, rows, message)
        elif (news or reopened) and incident.closed_at is None and not incident.private:
            _add(tx, incident, destination)


def show_room(tx: Transaction, incident: Incident) -> None:
    """Show the room of an incident, now that there is one."""
    rows = deliveries.announcements(tx, incident)
    for message in rows:
        if message.operation is Operation.SEND and message.is_message:
            kept.refresh(tx, rows, message)


def _was_reopened(tx: Transaction, incident: Incident, kinds: set[EntryKind]) -> bool:
    last = updates.last_published(tx, incident, corrections=False) if EntryKind.PUBLISHED in kinds else None
    return last is not None and last.published_at == tx.now and last.move is Transition.REOPENED


def _message(rows: Sequence[Delivery], destination: Destination) -> Delivery | None:
    """The announcement in a channel that arrived or may arrive."""
    there = [row for row in rows if row.destination == destination and row.is_message]
    return there[-1] if there else None


def _ring(tx: Transaction, app: AppContext, incident: Incident, rows: Sequence[Delivery], message: Delivery) -> None:
    """Mention the group of the severity in a reply, because an edit notifies no one.

    A message that was not sent yet mentions it itself.
    """
    rung = [Severity(row.body) for row in rows if row.destination == message.destination and row.body]
    worse = all(incident.severity.number < severity.number for severity in rung)
    group = app.organisation.announce.group(incident.severity, message.destination.platform)
    if worse and group and message.sent_at is not None and not incident.private and incident.closed_at is None:
        _add(tx, incident, message.destination, message)


def _add(tx: Transaction, incident: Incident, destination: Destination, target: Delivery | None = None) -> None:
    tx.session.add(
        Delivery(
            incident_id=incident.id,
            destination=destination,
            kind=DeliveryKind.ANNOUNCEMENT,
            operation=Operation.REPLY if target else Operation.SEND,
            target=target.id if target else None,
            body=incident.severity.value,
            created_at=tx.now,
        )
    )
