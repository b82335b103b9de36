"""Sets a delivery aside that Foghorn cannot handle, so that the others go on. It is shown as failed, and why."""

import logging
from datetime import timedelta
from typing import Any

from sqlalchemy import update
from sqlmodel import col, select

from bot.domain.deliveries import OPEN_STATES, Delivery, DeliveryState
from bot.store.deliveries import is_known
from bot.store.transaction import Store, Transaction

log = logging.getLogger("foghorn.outbox")
UNKNOWN_FOR = timedelta(seconds=60)
"""How long a kind of delivery that this version does not know is left to a newer one that may be starting."""


def set_aside(store: Store, delivery_id: str, why: str) -> None:
    """Mark it as failed, without reading it and without consequences. Raises Busy."""
    with store.write() as tx:
        _mark(tx, delivery_id, why)


def set_aside_unreadable(store: Store) -> int:
    """Set aside every open delivery whose row means nothing to this version, and return their number. Raises Busy."""
    with store.read() as tx:
        is_open = col(Delivery.state).in_(OPEN_STATES)
        old = col(Delivery.created_at) < tx.now - UNKNOWN_FOR
        unknown = select(Delivery.id).where(is_open, ~is_known(), old)
        found = dict.fromkeys(tx.session.exec(unknown), "this version does not know its kind")
        if not _all_readable(tx):
            for each in tx.session.exec(select(Delivery.id).where(is_open)):
                if not _is_readable(tx, each):
                    found[each] = "its row in the database cannot be read"
    for delivery_id, why in found.items():
        with store.write() as tx:
            times = {"due_at": None, "sent_at": None, "failing_since": None}
            _mark(tx, delivery_id, why, **times)
            if not _is_readable(tx, delivery_id):
                _mark(tx, delivery_id, why, created_at=tx.now)
    return len(found)


def _mark(tx: Transaction, delivery_id: str, why: str, **more: Any) -> None:
    log.error("%s was set aside: %s", delivery_id, why)
    values = {
        "state": DeliveryState.DEAD,
        "lease_owner": None,
        "lease_until": None,
        "reason": f"Foghorn: {why}",
        **more,
    }
    statement = update(Delivery).where(col(Delivery.id) == delivery_id).values(values)
    tx.session.execute(statement.execution_options(synchronize_session=False))


def _all_readable(tx: Transaction) -> bool:
    """Whether all open deliveries can be read, in one query: there may be thousands."""
    try:
        for _row in tx.session.execute(select(Delivery).where(col(Delivery.state).in_(OPEN_STATES))):
            pass
    except (LookupError, TypeError, ValueError):
        return False
    return True


def _is_readable(tx: Transaction, delivery_id: str) -> bool:
    tx.session.expire_all()
    try:
        tx.session.get_one(Delivery, delivery_id)
    except (LookupError, TypeError, ValueError):
        return False
    return True
