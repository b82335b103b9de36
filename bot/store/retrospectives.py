"""Queries about retrospectives that people edited."""

from collections.abc import Sequence

from sqlmodel import col, select

from bot.domain.incident import Incident
from bot.domain.retrospective import Retrospective
from bot.store.transaction import Transaction


def find(tx: Transaction, incident: Incident) -> Retrospective | None:
    """The retrospective of an incident, as last saved."""
    return tx.session.get(Retrospective, incident.id)


def saved(tx: Transaction, among: Sequence[Incident]) -> frozenset[str]:
    """The IDs of the incidents whose retrospective someone has saved."""
    query = select(Retrospective.incident_id).where(col(Retrospective.incident_id).in_([each.id for each in among]))
    return frozenset(tx.session.exec(query))
