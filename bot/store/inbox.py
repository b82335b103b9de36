"""Queries about the inbox. Each command runs only once, however often it is delivered."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, delete, or_, update
from sqlmodel import col, select

from bot.domain.processes import Process
from bot.domain.record import InboxRow, InboxState
from bot.store.transaction import Transaction, insert

SILENT_FOR = timedelta(seconds=30)  # a process is seen every 10 seconds
_ACCEPT: dict[str, Any] = {}  # by dialect; to build the statement takes longer than to run it
NEW: dict[str, Any] = {"payload": "", "handle": "", "state": InboxState.WAITING, "process": ""}
DONE = {"state": InboxState.DONE, "payload": "", "handle": ""}
"""A command that is done. Only its key stays; what was typed is where the command stored it, or nowhere."""


def accept_all(tx: Transaction, commands: Iterable[Mapping[str, Any]]) -> set[str]:
    """Store commands in one statement, as the columns of their rows; the keys that are new."""
    rows = [{**NEW, "received_at": tx.real(), **command} for command in commands]
    dialect = tx.session.get_bind().dialect.name
    if dialect not in _ACCEPT:
        _ACCEPT[dialect] = insert(tx, InboxRow).on_conflict_do_nothing().returning(col(InboxRow.key))
    return set(tx.session.connection().execute(_ACCEPT[dialect], rows).scalars())


def accept(tx: Transaction, key: str, **columns: Any) -> bool:
    """Store a command; False if it was accepted before."""
    return key in accept_all(tx, [{"key": key, **columns}])


def settle(tx: Transaction, keys: Sequence[str]) -> None:
    """Mark commands as done that changed nothing: they were refused or answered with a form."""
    tx.session.execute(update(InboxRow).where(col(InboxRow.key).in_(keys)).values(DONE))


def finish(tx: Transaction, key: str) -> bool:
    """Mark a command as done in its own transaction; False if it was already."""
    done = update(InboxRow).where(col(InboxRow.key) == key, col(InboxRow.state) != InboxState.DONE)
    done = done.values(DONE).returning(col(InboxRow.key))
    if tx.session.execute(done).first() is not None:  # of two simultaneous ones, the second waits here for the first
        return True
    return accept(tx, key, state=InboxState.DONE)


def left(tx: Transaction, process: str, received_before: datetime, *, lock: bool = False) -> list[InboxRow]:
    """Commands accepted but not run, because their process died or is silent.

    Those of this process, and of one that is not known, count only if they were received before. `lock`: take those
    that no other process is taking.
    """
    alive = select(Process.id).where(Process.seen_at > tx.real() - SILENT_FOR)
    own = col(InboxRow.process).in_(("", process))
    is_left = or_(and_(own, col(InboxRow.received_at) < received_before), ~own & col(InboxRow.process).not_in(alive))
    query = select(InboxRow).where(InboxRow.state == InboxState.WAITING, is_left).order_by(col(InboxRow.received_at))
    return list(tx.session.exec(query.with_for_update(skip_locked=True) if lock else query).all())


def forget(tx: Transaction, *, handles_before: datetime, rows_before: datetime) -> None:
    """Delete answer handles (they are secrets) and rows that no platform delivers again. Times are of `tx.real`."""
    old = (col(InboxRow.received_at) < handles_before) & (col(InboxRow.handle) != "")
    tx.session.execute(update(InboxRow).where(old).values(handle=""))
    done = (col(InboxRow.received_at) < rows_before) & (col(InboxRow.state) == InboxState.DONE)
    tx.session.execute(delete(InboxRow).where(done))
