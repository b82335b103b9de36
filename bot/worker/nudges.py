"""Sends the reminders that are due: one transaction each, with the incident locked and its state read again."""

import logging
from collections.abc import Callable
from datetime import timedelta
from functools import partial

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

    Raises Busy, and at the end an ExceptionGroup of the problems.
    """
    problems: list[Exception] = []
    with store.read() as tx:
        near = promises.incidents_due(tx, tx.now + EARLIEST)
        due = [each for each in near if _attempted(partial(_is_due, tx, each), problems)]
    taken = sum(_attempted(partial(_send_step, store, app, each), problems) for each in due)
    if problems:
        raise ExceptionGroup("some reminders could not be sent", problems)
    return taken


def _attempted(act: Callable[[], bool], problems: list[Exception]) -> bool:
    """Whether it succeeded. A problem is kept, so that the other incidents get their turn."""
    try:
        return act()
    except Busy:
        raise
    except IntegrityError:
        log.info("another process already sent this reminder")
    except Exception as problem:
        problems.append(problem)
    return False


def _send_step(store: Store, app: AppContext, incident_id: str) -> bool:
    with store.write() as tx:
        incident = incidents.get_incident(tx, incident_id, hold=True)
        found = _due(tx, incident)
        if found is None:
            return False
        actions.send_reminder(tx, app, incident, *found)
        rooms.refresh(tx, app, incident)
        return True


def _is_due(tx: Transaction, incident_id: str) -> bool:
    return _due(tx, incidents.get_incident(tx, incident_id)) is not None


def _due(tx: Transaction, incident: Incident) -> tuple[Promise, DueStep] | None:
    promise = promises.open_promise(tx, incident)
    if promise is None or not incident.nudges_on:
        return None
    sent = promises.nudges_sent(tx, promise)
    due = next_step(promise, sent, tx.now, on_since=record.nudges_switched_at(tx, incident))
    return (promise, due) if due else None
