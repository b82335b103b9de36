"""Queries about leases and values kept across restarts."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import delete, or_
from sqlmodel import col, select

from bot.domain.leases import Lease, StoredSecret, StoredValue
from bot.store.transaction import Transaction, insert


def take(tx: Transaction, name: str, owner: str, *, at: datetime, until: datetime) -> bool:
    """Take or renew a lease; False if another process holds it at this time of the elapsed-time clock."""
    free = or_(col(Lease.owner) == owner, col(Lease.until) <= at)
    new = insert(tx, Lease).values(name=name, owner=owner, until=until)
    statement = new.on_conflict_do_update(
        index_elements=["name"], set_={"owner": owner, "until": until}, where=free
    ).returning(col(Lease.owner))
    return tx.session.execute(statement).first() is not None


def give_back(tx: Transaction, name: str, owner: str) -> None:
    """Release a lease at once."""
    tx.session.execute(delete(Lease).where(col(Lease.name) == name, col(Lease.owner) == owner))


def remember(tx: Transaction, name: str, value: str) -> None:
    """Keep a value across restarts."""
    new = insert(tx, StoredValue).values(name=name, value=value)
    tx.session.execute(new.on_conflict_do_update(index_elements=["name"], set_={"value": value}))


def keep_secret(tx: Transaction, name: str, value: str) -> str:
    """Keep a secret unless there is one already; returns the one that is kept, whichever process was first."""
    tx.session.execute(insert(tx, StoredSecret).values(name=name, value=value).on_conflict_do_nothing())
    return tx.session.get_one(StoredSecret, name).value


def replace(tx: Transaction, name: str, value: str, *, instead_of: str) -> bool:
    """Keep a value if the kept one is `instead_of`, empty for none; of several processes that do so, one succeeds."""
    new = insert(tx, StoredValue).values(name=name, value=value)
    statement = new.on_conflict_do_update(
        index_elements=["name"], set_={"value": value}, where=col(StoredValue.value) == instead_of
    ).returning(col(StoredValue.name))
    return tx.session.execute(statement).first() is not None


def recall_all(tx: Transaction, start: str) -> Mapping[str, str]:
    """The values whose names start so, by name."""
    rows = tx.session.exec(select(StoredValue).where(col(StoredValue.name).startswith(start, autoescape=True)))
    return {row.name: row.value for row in rows}


def recall(tx: Transaction, name: str) -> str:
    """The value that was kept; empty if there is none."""
    row = tx.session.get(StoredValue, name)
    return row.value if row else ""
