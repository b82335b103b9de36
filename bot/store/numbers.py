"""Gives new deliveries their numbers.

Transactions that queue deliveries of one incident hold its row, so the later one gets the higher numbers, whatever the
clocks of their processes show.
"""

from collections.abc import Iterable

from sqlalchemy import text

from bot.domain.deliveries import Delivery
from bot.store.session import Session

LAST = "number of the last delivery"


def give_numbers(session: Session, *_: object) -> None:
    """Number what is about to be inserted."""
    new = sorted((row for row in session.new if isinstance(row, Delivery) and not row.number), key=lambda row: row.id)
    if not new:
        return
    connection, count = session.connection(), {"count": len(new)}
    if connection.dialect.name == "postgresql":
        query = "SELECT nextval('delivery_number') FROM generate_series(1, :count)"
        numbers: Iterable[int] = connection.execute(text(query), count).scalars()
    else:  # SQLite has one writer
        last = session.info.get(LAST) or connection.execute(text("SELECT max(number) FROM delivery")).scalar() or 0
        session.info[LAST] = last + len(new)
        numbers = range(last + 1, last + 1 + len(new))
    for row, number in zip(new, numbers, strict=True):
        row.number = number
