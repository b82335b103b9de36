"""Queries about the record."""

from collections.abc import Collection, Sequence
from datetime import datetime
from itertools import takewhile

from sqlalchemy import func
from sqlmodel import col, select

from bot.domain.incident import Incident
from bot.domain.people import Person
from bot.domain.record import EntryKind, EntryText, RecordEntry
from bot.domain.updates import Update
from bot.store.transaction import Transaction


def entries(
    tx: Transaction, incident: Incident, *, kinds: Collection[EntryKind] = (), limit: int | None = None
) -> Sequence[tuple[RecordEntry, EntryText]]:
    """The record of an incident, newest first; only of some kinds if they are named."""
    query = (
        select(RecordEntry, EntryText)
        .join(EntryText, col(EntryText.entry_id) == RecordEntry.id)
        .where(RecordEntry.incident_id == incident.id)
        .order_by(col(RecordEntry.number).desc())
    )
    query = query.where(col(RecordEntry.kind).in_(kinds)) if kinds else query
    return tx.session.exec(query.limit(limit) if limit else query).all()


def find_entry(tx: Transaction, incident: Incident, number: int) -> tuple[RecordEntry, EntryText] | None:
    """By its number within the incident."""
    query = select(RecordEntry, EntryText).join(EntryText, col(EntryText.entry_id) == RecordEntry.id)
    query = query.where(RecordEntry.incident_id == incident.id, RecordEntry.number == number)
    return tx.session.exec(query).one_or_none()


def copies(tx: Transaction, incident: Incident, link: str) -> Sequence[tuple[RecordEntry, EntryText]]:
    """The entries that are copies of the message with this link, oldest first. Redacted ones are not found."""
    query = select(RecordEntry, EntryText).join(EntryText, col(EntryText.entry_id) == RecordEntry.id)
    ends = col(EntryText.text).endswith(f" from {link}", autoescape=True)
    query = query.where(RecordEntry.incident_id == incident.id, RecordEntry.kind == EntryKind.NOTE, ends)
    return tx.session.exec(query.order_by(col(RecordEntry.number))).all()


def nudges_switched_at(tx: Transaction, incident: Incident) -> datetime | None:
    """When reminders were last switched on or off; None: never."""
    query = select(func.max(RecordEntry.at)).where(
        RecordEntry.incident_id == incident.id, RecordEntry.kind == EntryKind.NUDGES
    )
    return tx.session.exec(query).one()


def last_act(tx: Transaction, incident: Incident, person: Person | None = None) -> datetime:
    """When anyone, or this person, last did anything in an incident; at first, when it was opened."""
    query = select(func.max(RecordEntry.at)).where(RecordEntry.incident_id == incident.id)
    by = col(RecordEntry.person_id)
    query = query.where(by == person.id if person else by.is_not(None))
    return tx.session.exec(query).one() or incident.opened_at


def newest_at(tx: Transaction) -> datetime | None:
    """When the newest entry of all incidents was made."""
    return tx.session.exec(select(func.max(RecordEntry.at))).one()


def appended_since(tx: Transaction, first: str) -> dict[str, tuple[str, bool]]:
    """Entries with an ID after `first`: ID -> the incident's key, and whether the public pages changed."""
    query = select(RecordEntry.id, Incident.number, RecordEntry.kind)
    query = query.join(Incident, col(Incident.id) == RecordEntry.incident_id).where(RecordEntry.id > first)
    return {
        found: (f"INC-{number}", kind is EntryKind.PUBLISHED) for found, number, kind in tx.session.exec(query).all()
    }


def replaced(tx: Transaction, draft: Update) -> tuple[bool, Sequence[str]]:
    """Whether texts edited by hand were replaced because the draft became another update.

    And the words of other people that the current revision replaced; redacted ones are left out.
    """
    query = select(RecordEntry, EntryText).join(EntryText, col(EntryText.entry_id) == RecordEntry.id)
    query = query.where(RecordEntry.update_id == draft.id).order_by(col(RecordEntry.number).desc())
    newest_first = tx.session.exec(query).all()
    kinds = (EntryKind.DRAFTED, EntryKind.EDITED, EntryKind.REPLACED)
    revisions = [each for each in newest_first if each[0].kind in kinds]
    of_revision = takewhile(lambda each: each[0].kind is EntryKind.REPLACED, revisions[1:])
    rewritten = any(entry.kind is EntryKind.REWRITTEN for entry, _text in newest_first)
    return rewritten, [text.text for _entry, text in of_revision if text.text]


def get_entry(tx: Transaction, entry_id: str) -> tuple[RecordEntry, EntryText] | None:
    """By id."""
    query = select(RecordEntry, EntryText).join(EntryText, col(EntryText.entry_id) == RecordEntry.id)
    return tx.session.exec(query.where(RecordEntry.id == entry_id)).one_or_none()
