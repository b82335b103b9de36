"""Asking people to approve a draft. Each gets a message of their own, which shows how it ended once it is decided."""

from collections.abc import Sequence
from datetime import timedelta

from bot.actions import kept, promises, rooms
from bot.actions.app_context import AppContext
from bot.actions.outbox import direct_destinations
from bot.domain.deliveries import Delivery, DeliveryKind
from bot.domain.incident import Incident
from bot.domain.people import Person
from bot.domain.record import EntryKind
from bot.domain.updates import Update
from bot.errors import Conflict
from bot.store import approvals
from bot.store.transaction import Transaction

APART = timedelta(minutes=3)
"""How soon the same person can be reminded."""

DECIDES = frozenset(
    {
        EntryKind.DRAFTED,
        EntryKind.EDITED,
        EntryKind.DISCARDED,
        EntryKind.APPROVED,
        EntryKind.APPROVAL_ASKED,
        EntryKind.PUBLISHED,
        EntryKind.PRIVACY,
        EntryKind.REDACTED,  # perhaps the title
        EntryKind.CLOSED,
        EntryKind.MERGED,
    }
)
"""Entries after which a request for approval says something else."""


def ask(
    tx: Transaction, app: AppContext, actor: Person | None, incident: Incident, draft: Update, to: Sequence[Person]
) -> None:
    """Ask people to approve the current revision, or remind them, and add them to the rooms.

    Raises Conflict if all of them were asked a moment ago.
    """
    asked = approvals.asked_people(tx, draft)
    lately = {person for person, at in asked.items() if timedelta() <= tx.now - at < APART}
    due = [person for person in to if person.id not in lately]
    if not due:
        message = "{who} was asked at {at}, so nothing was sent. You can send a reminder after {again}."
        at = min(asked[person.id] for person in to)
        raise Conflict(message, who=" and ".join(person.name for person in to), at=at, again=at + APART)
    who = ", ".join(person.name for person in due)
    again = ", again" if all(person.id in asked for person in due) else ""
    tx.record(actor, EntryKind.APPROVAL_ASKED, incident, f"revision {draft.revision}: {who}{again}", draft)
    for person in due:
        for destination in direct_destinations(tx, app, person):
            tx.session.add(
                Delivery(
                    incident_id=incident.id, destination=destination, kind=DeliveryKind.APPROVAL,
                    update_id=draft.id, body=str(draft.revision), created_at=tx.now,
                )
            )  # fmt: skip
    tx.session.flush()
    rooms.invite(tx, app, incident)
    promises.refresh_nudges(tx, incident)


def refresh(tx: Transaction, incident: Incident, kept_rows: Sequence[Delivery]) -> None:
    """Show in every request for approval among the kept rows what it now asks, or how it ended."""
    entries = [entry for changed, entry in tx.entries if changed.id == incident.id and entry.kind in DECIDES]
    if not entries:
        return
    of_all = any(entry.update_id is None for entry in entries)
    concerned = {entry.update_id for entry in entries}
    asked_again = any(entry.kind is EntryKind.APPROVAL_ASKED for entry in entries)
    rows = [row for row in kept_rows if row.kind is DeliveryKind.APPROVAL]
    newest = {(row.update_id, row.body, row.destination): row.id for row in rows if row.is_message}
    for row in rows:
        shown = asked_again or row.id in newest.values()  # a reminder has replaced the others
        if row.is_message and shown and (of_all or row.update_id in concerned):
            kept.refresh(tx, rows, row)
