"""Queries about the record."""

from collections.abc import Sequence
from datetime import datetime
from itertools import takewhile

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


def mentions(tx: Transaction, incident: Incident, words: str) -> bool:
    """Whether an entry of the record ends with these words."""
    query = select(RecordEntry.id).join(EntryText, col(EntryText.entry_id) == RecordEntry.id)
    ends = col(EntryText.text).endswith(words, autoescape=True)
    return tx.session.exec(query.where(RecordEntry.incident_id == incident.id, ends).limit(1)).first() is not None


def nudges_switched_at(tx: Transaction, incident: Incident) -> datetime | None:
    """When reminders were last switched on or off; None: never."""
    query = select(func.max(RecordEntry.at)).where(
        RecordEntry.incident_id == incident.id, RecordEntry.kind == EntryKind.NUDGES
    )
    return tx.session.exec(query).one()


def appended_since(tx: Transaction, first: str) -> dict[str, tuple[str, bool]]:
    """Entries with an ID after `first`: ID -> the incident's key, and whether the public pages changed."""
    query = select(RecordEntry.id, Incident.number, RecordEntry.kind)
    query = query.join(Incident, col(Incident.id) == RecordEntry.incident_id).where(RecordEntry.id > first)
    return {
        found: (f"INC-{number}", kind is EntryKind.PUBLISHED) for found, number, kind in tx.session.exec(query).all()
    }


def approval_asked_at(tx: Transaction, draft: Update) -> datetime | None:
    """When approval of the current revision was asked for; None: not yet."""
    query = select(func.max(RecordEntry.at)).where(
        RecordEntry.update_id == draft.id,
        RecordEntry.kind == EntryKind.APPROVAL_ASKED,
        RecordEntry.at >= draft.revised_at,
    )
    return tx.session.exec(query).one()


def asked_for_approval(tx: Transaction, draft: Update) -> bool:
    """Whether approval of the current revision was asked for."""
    return approval_asked_at(tx, draft) is not None


def was_rewritten(tx: Transaction, draft: Update) -> bool:
    """Whether texts edited by hand were replaced because the draft became another update."""
    query = select(RecordEntry.id).where(RecordEntry.update_id == draft.id, RecordEntry.kind == EntryKind.REWRITTEN)
    return tx.session.exec(query.limit(1)).first() is not None


def replaced(tx: Transaction, draft: Update) -> Sequence[str]:
    """Words of other people that the current revision replaced; redacted ones are left out."""
    query = select(RecordEntry.kind, EntryText.text).join(EntryText, col(EntryText.entry_id) == RecordEntry.id)
    kinds = (EntryKind.DRAFTED, EntryKind.EDITED, EntryKind.REPLACED)
    of_draft = query.where(RecordEntry.update_id == draft.id, col(RecordEntry.kind).in_(kinds))
    newest_first = tx.session.exec(of_draft.order_by(col(RecordEntry.number).desc())).all()
    found = takewhile(
        lambda entry: entry[0] is EntryKind.REPLACED, newest_first[1:]
    )  # entries before this belong to earlier revisions
    return [text for _kind, text in found if text]


def get_entry(tx: Transaction, entry_id: str) -> tuple[RecordEntry, EntryText] | None:
    """By id."""
    query = select(RecordEntry, EntryText).join(EntryText, col(EntryText.entry_id) == RecordEntry.id)
    return tx.session.exec(query.where(RecordEntry.id == entry_id)).one_or_none()
