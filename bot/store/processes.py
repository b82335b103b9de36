"""Queries about the processes that run on a database."""

import os
from collections.abc import Sequence
from datetime import timedelta
from socket import gethostname

from sqlalchemy import delete, text, update
from sqlmodel import col, select

from bot.domain.deliveries import Delivery, DeliveryState
from bot.domain.leases import Lease
from bot.domain.processes import Process
from bot.store.transaction import Transaction

LOCKS = 0x666F6768  # the class of the processes' advisory locks on PostgreSQL: "fogh"
SILENT_AFTER = timedelta(seconds=60)  # a process without a lock that was not seen for so long is taken for dead
ARRIVES_WITHIN = timedelta(seconds=2)
"""What a process sent right before it died arrives within this time. Only then is it looked for and sent again."""


def running(tx: Transaction) -> Sequence[Process]:
    """The processes that have not ended, oldest first; including those whose death was not found yet."""
    return tx.session.exec(select(Process).order_by(col(Process.id))).all()


def see(tx: Transaction, process_id: str, roles: str) -> bool:
    """Note that a process is alive and what it does; False if another process took it for dead."""
    seen = update(Process).where(col(Process.id) == process_id).values(seen_at=tx.real(), roles=roles)
    return tx.session.execute(seen.returning(col(Process.id))).first() is not None


def dead(tx: Transaction) -> Sequence[Process]:
    """Processes that died: their lock is free, or they have none and were not seen for a minute.

    On SQLite, one of this host that no longer exists died as well.
    """
    rows = running(tx)
    query = text(
        "SELECT objid FROM pg_locks WHERE locktype = 'advisory' AND classid = :locks AND objsubid = 2 AND granted "
        "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    )
    held = set(tx.session.execute(query, {"locks": LOCKS}).scalars()) if any(row.lock for row in rows) else set()
    silent_since = tx.real() - SILENT_AFTER
    here = gethostname() if tx.session.get_bind().dialect.name == "sqlite" else ""

    def died(row: Process) -> bool:
        if row.lock:
            return row.lock not in held
        return row.seen_at < silent_since or (row.host == here and not _exists(row.pid))

    return [row for row in rows if died(row)]


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass  # it is someone else's
    return True


def end(tx: Transaction, process_id: str = "") -> None:
    """Remove a process and void its leases; without an ID, all processes and leases, of earlier versions too.

    What it was sending is looked for after ARRIVES_WITHIN.
    """
    until = tx.real() + ARRIVES_WITHIN
    sending = (col(Delivery.state) == DeliveryState.SENDING, col(Delivery.lease_owner).startswith(process_id))
    tx.session.execute(update(Delivery).where(*sending, col(Delivery.lease_until) > until).values(lease_until=until))
    tx.session.execute(delete(Lease).where(col(Lease.owner).startswith(process_id)))
    tx.session.execute(delete(Process).where(col(Process.id).startswith(process_id)))
