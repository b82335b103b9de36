"""Gives new deliveries their numbers.

Transactions that queue deliveries of one incident hold its row, so the later one gets the higher numbers, whatever the
clocks of their processes show.
"""

from collections.abc import Iterable

from sqlalchemy import text

from bot.domain.deliveries import Delivery
from bot.store.session import Session


def give_numbers(session: Session, *_: object) -> None:
    """Number what is about to be inserted."""
    new = sorted((row for row in session.new if isinstance(row, Delivery) and not row.number), key=lambda row: row.id)
    for row, number in zip(new, _free_numbers(session, len(new)), strict=True):
        row.number = number


def _free_numbers(session: Session, count: int) -> Iterable[int]:
    """A sequence gives them on PostgreSQL; SQLite has one writer."""
    if not count:
        return ()
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        last = connection.execute(text("SELECT max(number) FROM delivery")).scalar() or 0
        return range(last + 1, last + 1 + count)
    return connection.execute(
        text("SELECT nextval('delivery_number') FROM generate_series(1, :count)"), {"count": count}
    ).scalars()
