"""Queries about what the public may read: incidents that are not private and were published at least once."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlmodel import col, select

from bot.domain.audiences import Audience
from bot.domain.incident import ComponentImpact, Incident
from bot.domain.updates import Update, UpdateState, UpdateText
from bot.store.transaction import Transaction

_INCIDENTS = select(Incident).where(col(Incident.private).is_(False), col(Incident.first_published_at).is_not(None))


@dataclass(frozen=True)
class Told:
    """One incident with its published rows: updates oldest first, texts by update."""

    incident: Incident
    impacts: Sequence[ComponentImpact]
    updates: Sequence[Update]
    texts: Mapping[str, Sequence[UpdateText]]
    survivor: Incident | None = None  # the incident it was merged into, if that was published


def unresolved(tx: Transaction) -> Sequence[Incident]:
    """All open ones, newest first."""
    query = _INCIDENTS.where(col(Incident.closed_at).is_(None))
    return tx.session.exec(query.order_by(col(Incident.number).desc())).all()


def newest(tx: Transaction, *, limit: int, before: int | None = None) -> Sequence[Incident]:
    """The newest ones below number `before`."""
    query = _INCIDENTS if before is None else _INCIDENTS.where(col(Incident.number) < before)
    return tx.session.exec(query.order_by(col(Incident.number).desc()).limit(limit)).all()


def find(tx: Transaction, number: int) -> Incident | None:
    """By number."""
    return tx.session.exec(_INCIDENTS.where(Incident.number == number)).one_or_none()


def told(tx: Transaction, incidents: Sequence[Incident], audience: Audience) -> Sequence[Told]:
    """What one audience was told, in a few queries regardless of the number of incidents."""
    ids = [incident.id for incident in incidents]
    impacts, updates = defaultdict(list), defaultdict(list)
    texts: dict[str, list[UpdateText]] = defaultdict(list)
    for impact in tx.session.exec(select(ComponentImpact).where(col(ComponentImpact.incident_id).in_(ids))):
        impacts[impact.incident_id].append(impact)
    said = select(Update).where(col(Update.incident_id).in_(ids), Update.state == UpdateState.PUBLISHED)
    for update in tx.session.exec(said.order_by(col(Update.number))):
        updates[update.incident_id].append(update)
    words = (
        select(UpdateText)
        .join(Update, col(UpdateText.update_id) == Update.id)
        .where(
            col(Update.incident_id).in_(ids),
            Update.state == UpdateState.PUBLISHED,
            UpdateText.audience == audience,
        )
    )
    for text in tx.session.exec(words.order_by(col(UpdateText.id))):
        texts[text.update_id].append(text)
    merged = [incident.merged_into for incident in incidents if incident.merged_into]
    survivors = {i.id: i for i in tx.session.exec(_INCIDENTS.where(col(Incident.id).in_(merged)))} if merged else {}
    return [
        Told(one, impacts[one.id], updates[one.id], texts, survivors.get(one.merged_into or "")) for one in incidents
    ]
