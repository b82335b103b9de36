"""Tells who published an update, once, that it has not arrived everywhere."""

import logging
from datetime import datetime

from bot.actions import outbox
from bot.actions.app_context import AppContext
from bot.domain.deliveries import LATE_AFTER
from bot.errors import Busy
from bot.store import deliveries, incidents, updates
from bot.store.transaction import Store

log = logging.getLogger("foghorn.worker")


def tell_late_updates(store: Store, app: AppContext, at: datetime) -> None:
    """One transaction per update. `at` is by the elapsed-time clock. Raises Busy."""
    with store.read() as tx:
        found = deliveries.late_updates(tx, failing_before=at - LATE_AFTER)
    for update_id in found:
        try:
            with store.write() as tx:
                update = updates.get_update(tx, update_id)
                incident = incidents.get_incident(tx, update.incident_id, hold=True)
                if update_id in deliveries.late_updates(
                    tx, failing_before=at - LATE_AFTER
                ):  # no other process was faster
                    outbox.tell_late(tx, app, incident, update)
        except Busy:
            raise
        except Exception:
            log.exception("could not tell that an update is late: %s", update_id)
