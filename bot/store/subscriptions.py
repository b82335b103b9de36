"""Queries about subscriptions."""

from collections.abc import Sequence

from sqlalchemy import CompoundSelect, union
from sqlmodel import col, select

from bot.domain.deliveries import Delivery, DeliveryKind, DeliveryState
from bot.domain.destinations import Destination
from bot.domain.incident import Incident
from bot.domain.subscriptions import Subscription
from bot.store.transaction import Transaction, insert


def subscriptions(tx: Transaction) -> Sequence[Subscription]:
    """The active ones, by destination."""
    return [row for row in every_subscription(tx) if row.active]


def every_subscription(tx: Transaction) -> Sequence[Subscription]:
    """All of them, including ended ones, by destination."""
    return tx.session.exec(select(Subscription).order_by(col(Subscription.destination))).all()


def find_subscription(tx: Transaction, destination: Destination) -> Subscription | None:
    """By destination, including ended ones."""
    return tx.session.exec(select(Subscription).where(Subscription.destination == destination)).one_or_none()


def hold_subscription(tx: Transaction, destination: Destination) -> Subscription:
    """By destination, created as inactive if there is none. Others who subscribe it wait until the transaction ends."""
    new = Subscription(destination=destination, changed_at=tx.now, active=False).model_dump()
    values = {**new, "destination": destination}
    tx.session.execute(insert(tx, Subscription).values(values).on_conflict_do_nothing())
    query = select(Subscription).where(Subscription.destination == destination).with_for_update(key_share=True)
    return tx.session.exec(query.execution_options(populate_existing=True)).one()


def get_subscription(tx: Transaction, subscription_id: str | None) -> Subscription | None:
    """By ID, if it exists."""
    return tx.session.get(Subscription, subscription_id) if subscription_id else None


def followers(tx: Transaction, incident: Incident) -> set[str]:
    """IDs of the subscriptions that were sent any update of this incident, or of one merged into it."""
    sent = select(Delivery.subscription_id).where(
        col(Delivery.kind).in_((DeliveryKind.UPDATE, DeliveryKind.HEADLINE)),
        Delivery.state != DeliveryState.CANCELLED,
        col(Delivery.subscription_id).is_not(None),
    )
    merged = sent.join(Incident, col(Delivery.incident_id) == Incident.id).where(Incident.merged_into == incident.id)
    query: CompoundSelect[tuple[str | None]] = union(sent.where(Delivery.incident_id == incident.id), merged)
    return {found for found in tx.session.execute(query).scalars() if found}
