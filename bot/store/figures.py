"""Queries for health checks: counts only; those about incidents count only what was published."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, func, or_
from sqlmodel import col, select

from bot.domain.deliveries import OPEN_STATES, Delivery, DeliveryState
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


def promises_late(tx: Transaction) -> int:
    """How many open promises to customers are overdue."""
    query = select(func.count()).select_from(Promise).join(Incident, col(Promise.incident_id) == Incident.id)
    return tx.session.exec(query.where(*_OPEN, Promise.state == PromiseState.OPEN, col(Promise.due_at) < tx.now)).one()


def published_total(tx: Transaction) -> int:
    """Updates published so far."""
    return tx.session.exec(select(func.count()).where(Update.state == UpdateState.PUBLISHED)).one()


def deliveries_by_state(tx: Transaction) -> Mapping[DeliveryState, int]:
    """All deliveries so far, by state."""
    query = select(Delivery.state, func.count()).group_by(col(Delivery.state))
    return {DeliveryState(state): number for state, number in tx.session.exec(query)}


@dataclass(frozen=True)
class Backlog:
    """What waits, what is being retried, since when the oldest has waited, and what failed."""

    waiting: int
    retries: int
    oldest: datetime | None
    oldest_id: str | None
    dead: int


def backlog(tx: Transaction) -> Backlog:
    """For /readyz and /metrics."""
    again = case((or_(col(Delivery.attempts) > 0, col(Delivery.in_doubt)), 1))
    waiting, retries, oldest = tx.session.exec(
        select(func.count(), func.count(again), func.min(Delivery.created_at)).where(
            col(Delivery.state).in_(OPEN_STATES)
        )
    ).one()
    first = select(Delivery.id).where(col(Delivery.state).in_(OPEN_STATES)).order_by(col(Delivery.number)).limit(1)
    oldest_id = tx.session.exec(first).first() if waiting else None
    dead = tx.session.exec(select(func.count()).where(Delivery.state == DeliveryState.DEAD)).one()
    return Backlog(waiting, retries, oldest, oldest_id, dead)


@dataclass(frozen=True)
class Arrivals:
    """When an update reached its first and its last subscriber so far, and how many still wait."""

    update_id: str
    first: datetime | None
    last: datetime | None
    waiting: int


def last_publication(tx: Transaction) -> Arrivals | None:
    """The arrivals of the update that was last sent to a subscriber; None if there is none."""
    to_subscribers = (col(Delivery.update_id).is_not(None), col(Delivery.subscription_id).is_not(None))
    newest = select(Delivery.update_id).where(*to_subscribers).order_by(col(Delivery.id).desc()).limit(1)
    update_id = tx.session.exec(newest).first()
    if update_id is None:
        return None
    waits = case((col(Delivery.state).in_(OPEN_STATES), 1))
    first, last, waiting = tx.session.exec(
        select(func.min(Delivery.sent_at), func.max(Delivery.sent_at), func.count(waits)).where(
            Delivery.update_id == update_id, *to_subscribers
        )
    ).one()
    return Arrivals(update_id, first, last, waiting)
