"""Queries about updates, their texts and approvals."""

from collections.abc import Mapping, Sequence

from sqlalchemy import update as change
from sqlalchemy.orm.attributes import set_committed_value
from sqlmodel import col, select

from bot.domain.audiences import Audience
from bot.domain.facts import UpdateKind
from bot.domain.incident import Incident
from bot.domain.updates import Approval, Update, UpdateState, UpdateText
from bot.store.session import OwnedRows
from bot.store.transaction import Transaction

_UPDATES = OwnedRows(select(Update).order_by(col(Update.id)), Update.incident_id)
_TEXTS = OwnedRows(select(UpdateText).order_by(col(UpdateText.id)), UpdateText.update_id)
_APPROVALS = OwnedRows(select(Approval).order_by(col(Approval.id)), Approval.update_id)


def _all(tx: Transaction, incident_id: str) -> Sequence[Update]:
    """Every update of an incident, oldest first. Whoever changes one holds the incident."""
    return _UPDATES.of(tx.session, incident_id)


def find_draft(tx: Transaction, incident: Incident) -> Update | None:
    """The open draft; there is at most one per incident."""
    return next((update for update in _all(tx, incident.id) if update.state is UpdateState.DRAFT), None)


def unpublished(tx: Transaction, incident: Incident) -> Sequence[Update]:
    """The open draft, and those that were discarded."""
    return [update for update in _all(tx, incident.id) if update.state is not UpdateState.PUBLISHED]


def blank_reason(tx: Transaction, update_id: str) -> None:
    """Remove the reason for publishing alone, the only change that the database allows after publication."""
    tx.session.execute(change(Update).where(col(Update.id) == update_id).values(alone_because=""))


def get_update(tx: Transaction, update_id: str) -> Update:
    """By id."""
    return tx.session.get_one(Update, update_id)


def published(tx: Transaction, incident: Incident) -> Sequence[Update]:
    """The published updates, oldest first."""
    found = [update for update in _all(tx, incident.id) if update.state is UpdateState.PUBLISHED]
    return sorted(found, key=lambda update: update.number or 0)


def last_published(tx: Transaction, incident: Incident, *, corrections: bool = True) -> Update | None:
    """The newest published update; without corrections, the newest one that stated the stage."""
    found = (
        each for each in reversed(published(tx, incident)) if corrections or each.kind is not UpdateKind.CORRECTION
    )
    return next(found, None)


def find_published(tx: Transaction, incident: Incident, number: int) -> Update | None:
    """The published update with this number."""
    return next((update for update in published(tx, incident) if update.number == number), None)


def next_update_number(tx: Transaction, incident: Incident) -> int:
    """The number for the next published update."""
    return max((update.number or 0 for update in published(tx, incident)), default=0) + 1


def next_revision(tx: Transaction, incident: Incident) -> int:
    """The first revision of a new draft. Numbers never repeat within an incident, so old buttons match no new draft."""
    return max((update.revision for update in _all(tx, incident.id)), default=0) + 1


def find_revision(tx: Transaction, incident: Incident, revision: int) -> Update | None:
    """The update that was published or discarded at this revision."""
    return next((each for each in _ended(tx, incident) if each.revision == revision), None)


def last_ended(tx: Transaction, incident: Incident) -> Update | None:
    """The draft that was published or discarded last, to tell someone whose command came too late."""
    return next(reversed(_ended(tx, incident)), None)


def _ended(tx: Transaction, incident: Incident) -> list[Update]:
    return [update for update in _all(tx, incident.id) if update.state is not UpdateState.DRAFT]


def texts(tx: Transaction, update: Update, *, corrected: bool = False) -> Sequence[UpdateText]:
    """The texts of an update; with `corrected`, those of a correction as the published texts will read."""
    return [text for text in _TEXTS.of(tx.session, update.id) if text.corrected is corrected]


def texts_of(tx: Transaction, updates: Sequence[Update], audience: Audience) -> Sequence[UpdateText]:
    """What one audience was told in these updates, in their order."""
    ids = [update.id for update in updates]
    found = [text for text in _TEXTS.of(tx.session, *ids) if text.audience == audience and not text.corrected]
    return sorted(found, key=lambda text: ids.index(text.update_id))


def find_text(tx: Transaction, text_id: str | None) -> UpdateText | None:
    """By ID, if it exists."""
    return tx.session.get(UpdateText, text_id) if text_id else None


def current_texts(tx: Transaction, update: Update) -> Sequence[UpdateText]:
    """The current texts of a published update, with corrections."""
    newest = {(text.audience, text.language): text for text in texts(tx, update)}
    for each in _all(tx, update.incident_id):  # an incident has one draft at a time, so the oldest was published first
        if each.corrects == update.id and each.state is UpdateState.PUBLISHED:
            newest |= {(text.audience, text.language): text for text in texts(tx, each, corrected=True)}
    return list(newest.values())


def fill(tx: Transaction, texts: Sequence[UpdateText], bodies: Mapping[str, str]) -> None:
    """Write the bodies of texts at once: the database refuses to change them when their update is published."""
    tx.session.execute(
        change(UpdateText).execution_options(same_rows=True),
        [{"id": text.id, "body": bodies[text.id]} for text in texts],
    )
    for text in texts:
        set_committed_value(text, "body", bodies[text.id])


def drop_texts(tx: Transaction, update: Update) -> None:
    """Delete a draft's texts before they are rewritten."""
    for row in _TEXTS.of(tx.session, update.id):
        tx.session.delete(row)
    tx.session.flush()


def approvals(tx: Transaction, update: Update) -> Sequence[Approval]:
    """All approvals of a draft, oldest first."""
    return _APPROVALS.of(tx.session, update.id)
