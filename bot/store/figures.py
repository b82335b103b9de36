"""Queries for /metrics: counts only, and only of published incidents."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import func
from sqlmodel import col, select

from bot.domain.deliveries import Delivery, DeliveryState
from bot.domain.incident import ComponentImpact, Incident
from bot.domain.promises import Promise, PromiseState
from bot.domain.severity import Severity
from bot.domain.updates import Update, UpdateState
from bot.store.transaction import Transaction

_PUBLIC = (col(Incident.private).is_(False), col(Incident.first_published_at).is_not(None))
_OPEN = (*_PUBLIC, col(Incident.closed_at).is_(None))


def open_by_severity(tx: Transaction) -> Mapping[Severity, int]:
    """Published open incidents, by published severity."""
    query = select(Incident.published_severity, func.count()).where(*_OPEN).group_by(col(Incident.published_severity))
    return {Severity(severity): number for severity, number in tx.session.exec(query) if severity is not None}


def open_impacts(tx: Transaction) -> Sequence[ComponentImpact]:
    """The impact rows of published open incidents."""
    query = select(ComponentImpact).join(Incident, col(ComponentImpact.incident_id) == Incident.id)
    return tx.session.exec(query.where(*_OPEN)).all()


def promises_by_state(tx: Transaction) -> Mapping[PromiseState, int]:
    """The results of promises to customers."""
    query = select(Promise.state, func.count()).where(col(Promise.internal).is_(False)).group_by(col(Promise.state))
    return {PromiseState(state): number for state, number in tx.session.exec(query)}


def earliest_promise(tx: Transaction) -> datetime | None:
    """The open promise to customers that is due first."""
    query = select(func.min(Promise.due_at)).join(Incident, col(Promise.incident_id) == Incident.id)
    return tx.session.exec(query.where(*_OPEN, Promise.state == PromiseState.OPEN)).one()


def published_total(tx: Transaction) -> int:
    """Updates published so far."""
    return tx.session.exec(select(func.count()).where(Update.state == UpdateState.PUBLISHED)).one()


def deliveries_by_state(tx: Transaction) -> Mapping[DeliveryState, int]:
    """All deliveries so far, by state."""
    query = select(Delivery.state, func.count()).group_by(col(Delivery.state))
    return {DeliveryState(state): number for state, number in tx.session.exec(query)}
