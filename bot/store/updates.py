"""Queries about updates, their texts and approvals."""

from collections.abc import Sequence

from sqlalchemy import func
from sqlmodel import col, select

from bot.domain.facts import Kind
from bot.domain.incident import Incident
from bot.domain.updates import Approval, Update, UpdateState, UpdateText
from bot.store.transaction import Transaction


def find_draft(tx: Transaction, incident: Incident, *, hold: bool = False) -> Update | None:
    """The open draft; there is at most one per incident."""
    query = select(Update).where(Update.incident_id == incident.id, Update.state == UpdateState.DRAFT)
    return tx.session.exec(query.with_for_update() if hold else query).one_or_none()


def get_update(tx: Transaction, update_id: str) -> Update:
    """By id."""
    return tx.session.exec(select(Update).where(Update.id == update_id)).one()


def published(tx: Transaction, incident: Incident) -> Sequence[Update]:
    """The published updates, oldest first."""
    query = select(Update).where(Update.incident_id == incident.id, Update.state == UpdateState.PUBLISHED)
    return tx.session.exec(query.order_by(col(Update.number))).all()


def last_published(tx: Transaction, incident: Incident, *, corrections: bool = True) -> Update | None:
    """The newest published update; without corrections, the newest one that stated the stage."""
    query = select(Update).where(Update.incident_id == incident.id, Update.state == UpdateState.PUBLISHED)
    if not corrections:
        query = query.where(Update.kind != Kind.CORRECTION)
    return tx.session.exec(query.order_by(col(Update.number).desc()).limit(1)).one_or_none()


def find_published(tx: Transaction, incident: Incident, number: int) -> Update | None:
    """The published update with this number."""
    query = select(Update).where(Update.incident_id == incident.id, Update.number == number)
    return tx.session.exec(query).one_or_none()


def next_update_number(tx: Transaction, incident: Incident) -> int:
    """The number for the next published update."""
    last = tx.session.exec(select(func.max(Update.number)).where(Update.incident_id == incident.id)).one()
    return (last or 0) + 1


def next_revision(tx: Transaction, incident: Incident) -> int:
    """The first revision of a new draft. Numbers never repeat within an incident, so old buttons match no new draft."""
    last = tx.session.exec(select(func.max(Update.revision)).where(Update.incident_id == incident.id)).one()
    return (last or 0) + 1


def find_revision(tx: Transaction, incident: Incident, revision: int) -> Update | None:
    """The update that was published or discarded at this revision."""
    query = select(Update).where(Update.incident_id == incident.id, Update.revision == revision)
    return tx.session.exec(query.where(Update.state != UpdateState.DRAFT)).one_or_none()


def last_ended(tx: Transaction, incident: Incident) -> Update | None:
    """The draft that was published or discarded last, for someone who comes second."""
    query = select(Update).where(Update.incident_id == incident.id, Update.state != UpdateState.DRAFT)
    return tx.session.exec(query.order_by(col(Update.id).desc()).limit(1)).one_or_none()


def texts(tx: Transaction, update: Update, *, corrected: bool = False) -> Sequence[UpdateText]:
    """The texts of an update; with `corrected`, those of a correction as the published texts will read."""
    query = select(UpdateText).where(UpdateText.update_id == update.id, UpdateText.corrected == corrected)
    return tx.session.exec(query.order_by(col(UpdateText.id))).all()


def find_text(tx: Transaction, text_id: str | None) -> UpdateText | None:
    """By ID, if it exists."""
    return tx.session.get(UpdateText, text_id) if text_id else None


def corrections_of(tx: Transaction, update: Update) -> Sequence[Update]:
    """The published corrections of an update, oldest first."""
    query = select(Update).where(Update.corrects == update.id, Update.state == UpdateState.PUBLISHED)
    return tx.session.exec(query.order_by(col(Update.number))).all()


def current_texts(tx: Transaction, update: Update) -> Sequence[UpdateText]:
    """The current texts of a published update, with corrections."""
    newest = {(text.audience, text.language): text for text in texts(tx, update)}
    for correction in corrections_of(tx, update):
        for text in texts(tx, correction, corrected=True):
            newest[text.audience, text.language] = text
    return list(newest.values())


def drop_texts(tx: Transaction, update: Update) -> None:
    """Delete a draft's texts before they are rewritten."""
    rows = tx.session.exec(select(UpdateText).where(UpdateText.update_id == update.id)).all()
    for row in rows:
        tx.session.delete(row)
    tx.session.flush()


def approvals(tx: Transaction, update: Update) -> Sequence[Approval]:
    """All approvals of a draft, oldest first."""
    return tx.session.exec(select(Approval).where(Approval.update_id == update.id).order_by(col(Approval.id))).all()
