"""Queries about promises and their reminders."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import col, select

from bot.domain.incident import Incident
from bot.domain.nudges import Nudge
from bot.domain.promises import Promise, PromiseState
from bot.store.session import OwnedRows
from bot.store.transaction import Transaction

_PROMISES = OwnedRows(select(Promise).order_by(col(Promise.id)), Promise.incident_id)


def open_promise(tx: Transaction, incident: Incident) -> Promise | None:
    """The open promise. Whoever changes it holds the incident."""
    return next((promise for promise in promises(tx, incident) if promise.state is PromiseState.OPEN), None)


def promises(tx: Transaction, incident: Incident) -> Sequence[Promise]:
    """All promises of an incident, oldest first."""
    return _PROMISES.of(tx.session, incident.id)


def nudges_sent(tx: Transaction, promise: Promise) -> Sequence[Nudge]:
    """The reminders that were sent for a promise, in order."""
    return tx.session.exec(select(Nudge).where(Nudge.promise_id == promise.id).order_by(col(Nudge.step))).all()


def get_nudge(tx: Transaction, nudge_id: str) -> tuple[Nudge, Promise]:
    """A reminder and its promise."""
    query = select(Nudge, Promise).join(Promise, col(Nudge.promise_id) == Promise.id).where(Nudge.id == nudge_id)
    return tx.session.exec(query).one()


def incidents_due(tx: Transaction, before: datetime) -> Sequence[str]:
    """The IDs of incidents whose reminders are on and whose open promise is due before a moment, most urgent first."""
    query = (
        select(Incident.id)
        .join(Promise, col(Promise.incident_id) == Incident.id)
        .where(Promise.state == PromiseState.OPEN, Promise.due_at <= before, col(Incident.nudges_on).is_(True))
        .order_by(col(Promise.due_at))
    )
    return list(dict.fromkeys(tx.session.exec(query)))


def promises_due(tx: Transaction, before: datetime) -> Sequence[tuple[Promise, Incident]]:
    """Open promises due before a moment, of incidents whose reminders are on."""
    query = (
        select(Promise, Incident)
        .join(Incident, col(Promise.incident_id) == Incident.id)
        .where(Promise.state == PromiseState.OPEN, Promise.due_at <= before, col(Incident.nudges_on).is_(True))
        .order_by(col(Promise.due_at))
    )
    return tx.session.exec(query).all()
