"""Queries about the record."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func
from sqlmodel import col, select

from bot.domain.incident import Incident
from bot.domain.record import EntryKind, EntryText, RecordEntry
from bot.domain.updates import Update
from bot.store.transaction import Transaction


def entries(
    tx: Transaction, incident: Incident, *, limit: int | None = None
) -> Sequence[tuple[RecordEntry, EntryText]]:
    """The record of an incident, newest first."""
    query = (
        select(RecordEntry, EntryText)
        .join(EntryText, col(EntryText.entry_id) == RecordEntry.id)
        .where(RecordEntry.incident_id == incident.id)
        .order_by(col(RecordEntry.number).desc())
    )
    return tx.session.exec(query.limit(limit) if limit else query).all()


def find_entry(tx: Transaction, incident: Incident, number: int) -> tuple[RecordEntry, EntryText] | None:
    """By its number within the incident."""
    query = select(RecordEntry, EntryText).join(EntryText, col(EntryText.entry_id) == RecordEntry.id)
    query = query.where(RecordEntry.incident_id == incident.id, RecordEntry.number == number)
    return tx.session.exec(query).one_or_none()


def nudges_switched_at(tx: Transaction, incident: Incident) -> datetime | None:
    """When reminders were switched last; None: never."""
    query = select(func.max(RecordEntry.at)).where(
        RecordEntry.incident_id == incident.id, RecordEntry.kind == EntryKind.NUDGES
    )
    return tx.session.exec(query).one()


def asked_for_approval(tx: Transaction, draft: Update) -> bool:
    """Whether approval of the present revision was asked for: since it was written."""
    query = select(RecordEntry.id).where(
        RecordEntry.update_id == draft.id,
        RecordEntry.kind == EntryKind.APPROVAL_ASKED,
        RecordEntry.at >= draft.revised_at,
    )
    return tx.session.exec(query.limit(1)).first() is not None


def get_entry(tx: Transaction, entry_id: str) -> tuple[RecordEntry, EntryText] | None:
    """By id."""
    query = select(RecordEntry, EntryText).join(EntryText, col(EntryText.entry_id) == RecordEntry.id)
    return tx.session.exec(query.where(RecordEntry.id == entry_id)).one_or_none()
