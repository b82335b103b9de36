"""Queries about deliveries: the outbox."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, or_, update
from sqlmodel import col, select

from bot.domain.deliveries import OPEN_STATES, Delivery, DeliveryKind, DeliveryState
from bot.domain.incident import Incident
from bot.domain.subscriptions import Subscription
from bot.domain.updates import Update
from bot.store.transaction import Transaction


def claim(tx: Transaction, *, owner: str, lease: timedelta, limit: int, platforms: Sequence[str]) -> list[Delivery]:
    """Take due deliveries for `owner`: of each destination only the first that is not done, so that order is kept.

    A delivery whose lease has run out is claimed again; its `attempts` says that it may have been sent.
    """
    first = (
        select(func.min(Delivery.id))
        .where(col(Delivery.state).in_(OPEN_STATES))
        .group_by(col(Delivery.destination))
        .scalar_subquery()
    )
    query = (
        select(Delivery)
        .where(
            col(Delivery.id).in_(first),
            or_(*(col(Delivery.destination).startswith(f"{platform}:") for platform in platforms)),
            or_(
                (col(Delivery.state) == DeliveryState.DUE) & (col(Delivery.due_at) <= tx.now),
                (col(Delivery.state) == DeliveryState.SENDING) & (col(Delivery.lease_until) <= tx.now),
            ),
        )
        .order_by(col(Delivery.id))
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    rows = list(tx.session.exec(query).all())
    for row in rows:
        row.state = DeliveryState.SENDING
        row.lease_owner = owner
        row.lease_until = tx.now + lease
    return rows


def get_delivery(tx: Transaction, delivery_id: str, *, hold: bool = False) -> Delivery:
    """By id."""
    query = select(Delivery).where(Delivery.id == delivery_id)
    return tx.session.exec(query.with_for_update() if hold else query).one()


def of_update(tx: Transaction, given: Update) -> Sequence[Delivery]:
    """The deliveries of an update in the order they were made."""
    return tx.session.exec(select(Delivery).where(Delivery.update_id == given.id).order_by(col(Delivery.id))).all()


def of_destination(tx: Transaction, destination: str, *, limit: int) -> Sequence[Delivery]:
    """The newest deliveries of a destination, oldest of them first."""
    query = select(Delivery).where(Delivery.destination == destination).order_by(col(Delivery.id).desc()).limit(limit)
    return tx.session.exec(query).all()[::-1]


def of_nudges(tx: Transaction, nudge_ids: Sequence[str]) -> Sequence[Delivery]:
    """The deliveries of these nudges, oldest first."""
    query = select(Delivery).where(col(Delivery.nudge_id).in_(nudge_ids)).order_by(col(Delivery.id))
    return tx.session.exec(query).all()


def first_message(tx: Transaction, subscription: Subscription, incident: Incident) -> Delivery | None:
    """The message about an incident that is kept current in a destination, or that the thread hangs on."""
    query = select(Delivery).where(
        Delivery.subscription_id == subscription.id,
        Delivery.incident_id == incident.id,
        Delivery.kind == DeliveryKind.HEADLINE,
        col(Delivery.target).is_(None),
        col(Delivery.state).not_in((DeliveryState.CANCELLED, DeliveryState.DEAD)),
    )
    return tx.session.exec(query.order_by(col(Delivery.id)).limit(1)).one_or_none()


def message_of(tx: Transaction, subscription_id: str, given: Update) -> Delivery | None:
    """The message that showed one update to one subscription."""
    query = select(Delivery).where(
        Delivery.subscription_id == subscription_id,
        Delivery.update_id == given.id,
        Delivery.kind == DeliveryKind.UPDATE,
    )
    return tx.session.exec(query.order_by(col(Delivery.id)).limit(1)).one_or_none()


def cancel_pending(tx: Transaction, *, destination: str | None = None, nudges: Sequence[str] = ()) -> None:
    """Cancel what has not been sent: all to a destination, or of these nudges."""
    statement = update(Delivery).where(col(Delivery.state) == DeliveryState.DUE, col(Delivery.attempts) == 0)
    if destination is not None:
        statement = statement.where(col(Delivery.destination) == destination)
    else:
        statement = statement.where(col(Delivery.nudge_id).in_(nudges))
    tx.session.exec(statement.values(state=DeliveryState.CANCELLED).execution_options(synchronize_session="fetch"))


def backlog(tx: Transaction) -> dict[str, object]:
    """Queue depth, the oldest due moment, and how many are dead: for /readyz and /metrics."""
    waiting, oldest = tx.session.exec(
        select(func.count(), func.min(Delivery.due_at)).where(col(Delivery.state).in_(OPEN_STATES))
    ).one()
    dead = tx.session.exec(select(func.count()).where(Delivery.state == DeliveryState.DEAD)).one()
    return {"waiting": waiting, "oldest": oldest, "dead": dead}


def next_due(tx: Transaction) -> datetime | None:
    """The earliest moment a delivery is due or a lease runs out."""
    return tx.session.exec(select(func.min(Delivery.due_at)).where(Delivery.state == DeliveryState.DUE)).one()
