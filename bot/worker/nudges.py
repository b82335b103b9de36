"""Sends the reminders that are due: one transaction each, with the incident locked and its state read again."""

import logging
from datetime import timedelta

from sqlalchemy.exc import IntegrityError

from bot.actions import promises as actions
from bot.actions import rooms
from bot.actions.app_context import AppContext
from bot.domain.incident import Incident
from bot.domain.nudges import LADDER, DueStep, next_step
from bot.domain.promises import Promise
from bot.errors import Busy
from bot.store import incidents, promises, record
from bot.store.transaction import Store, Transaction

log = logging.getLogger("foghorn.nudges")
EARLIEST = timedelta(minutes=-LADDER[0].minutes)


def send_due_nudges(store: Store, app: AppContext) -> int:
    """Send due reminders and return their number. A problem with one incident does not stop the others.

    Raises Busy.
    """
    with store.read() as tx:
        near = [incident for _, incident in promises.promises_due(tx, tx.now + EARLIEST)]
        due = [incident.id for incident in near if _due(tx, incident)]
    taken = 0
    for incident_id in due:
        try:
            taken += _send_step(store, app, incident_id)
        except Busy:
            raise
        except IntegrityError:
            log.info("another process already sent this reminder for %s", incident_id)
        except Exception:
            log.exception("could not send a reminder for %s", incident_id)
    return taken


def _send_step(store: Store, app: AppContext, incident_id: str) -> bool:
    with store.write() as tx:
        incident = incidents.get_incident(tx, incident_id, hold=True)
        found = _due(tx, incident)
        if found is None:
            return False
        actions.send_reminder(tx, app, incident, *found)
        rooms.refresh(tx, app, incident)
        return True


def _due(tx: Transaction, incident: Incident) -> tuple[Promise, DueStep] | None:
    promise = promises.open_promise(tx, incident)
    if promise is None or not incident.nudges_on:
        return None
    sent = promises.nudges_sent(tx, promise)
    due = next_step(promise, sent, tx.now, on_since=record.nudges_switched_at(tx, incident))
    return (promise, due) if due else None
