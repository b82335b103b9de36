"""Queries about requests for approval: the messages that ask people to approve a revision of a draft."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import col, select

from bot.domain.deliveries import Delivery, DeliveryKind, Operation
from bot.domain.incident import Incident
from bot.domain.people import Person
from bot.domain.updates import Update
from bot.store import people, rooms
from bot.store.transaction import Transaction


def asked(tx: Transaction, draft: Update) -> Sequence[Delivery]:
    """The messages that ask for approval of the current revision, oldest first."""
    return [row for row in _of(tx, draft) if row.body == str(draft.revision)]


def _of(tx: Transaction, update: Update) -> Sequence[Delivery]:
    query = select(Delivery).where(
        Delivery.update_id == update.id, Delivery.kind == DeliveryKind.APPROVAL, Delivery.operation == Operation.SEND
    )
    return tx.session.exec(query.order_by(col(Delivery.number))).all()


def asked_at(tx: Transaction, draft: Update) -> datetime | None:
    """When approval of the current revision was last asked for; None: not yet."""
    return max((row.created_at for row in asked(tx, draft)), default=None)


def asked_people(tx: Transaction, draft: Update) -> dict[str, datetime]:
    """Who was asked to approve the current revision, by ID, and when last."""
    found = {}
    for row in asked(tx, draft):
        person = people.reader_of(tx, row.destination)
        if person is not None:
            found[person.id] = row.created_at
    return found


def asked_before(tx: Transaction, draft: Update) -> tuple[int, frozenset[str]]:
    """The last revision before the current one that anyone was asked to approve, and the IDs of those people."""
    earlier = [row for row in _of(tx, draft) if int(row.body) < draft.revision]
    revision = max((int(row.body) for row in earlier), default=0)
    asked = (people.reader_of(tx, row.destination) for row in earlier if int(row.body) == revision)
    return revision, frozenset(person.id for person in asked if person is not None)


def is_repeated(tx: Transaction, update: Update, row: Delivery) -> bool:
    """Whether the same person was asked to approve the same revision again, in a later message to the same place."""
    same = [each for each in _of(tx, update) if (each.destination, each.body) == (row.destination, row.body)]
    return bool(same) and same[-1].id not in (row.id, row.target)


def asked_in(tx: Transaction, incident: Incident) -> Sequence[Person]:
    """Everyone who was asked for approval in an incident."""
    places = {row.destination for row in rooms.kept(tx, incident) if row.kind is DeliveryKind.APPROVAL}
    found = (people.reader_of(tx, place) for place in places)
    return [person for person in found if person is not None]
