"""Queries about rooms and the messages in them."""

from collections.abc import Sequence

from sqlalchemy import func, update
from sqlmodel import col, select

from bot.domain.deliveries import Delivery, DeliveryKind, DeliveryState, Operation
from bot.domain.destinations import Destination
from bot.domain.incident import Incident
from bot.domain.rooms import Room
from bot.store.deliveries import in_rooms_on, on_platform
from bot.store.transaction import Transaction

GONE = (DeliveryState.DEAD, DeliveryState.CANCELLED)
KEPT = (DeliveryKind.ROOM, DeliveryKind.CARD, DeliveryKind.REVIEW, DeliveryKind.APPROVAL)


def find_room(tx: Transaction, platform: str, channel: str) -> Room | None:
    """By channel, if it is the room of an incident."""
    return tx.session.get(Room, (platform, channel))


def rooms_on(tx: Transaction, platform: str, channel: str = "") -> Sequence[Room]:
    """The rooms on a platform, or the one in a channel."""
    found = select(Room).where(Room.platform == platform)
    return tx.session.exec(found.where(Room.channel == channel) if channel else found).all()


def move(tx: Transaction, platform: str, before: str, after: str) -> None:
    """Give a room and the deliveries to a channel its new ID."""
    there = (col(Room.platform) == platform, col(Room.channel) == before)
    tx.session.execute(update(Room).where(*there).values(channel=after))
    old, new = Destination(platform, before), Destination(platform, after)
    tx.session.execute(update(Delivery).where(col(Delivery.destination) == old).values(destination=new))
    for column in (col(Delivery.reference), col(Delivery.replaces)):
        moved = func.replace(column, f"{before}/", f"{after}/")
        inside = (on_platform(platform), column.startswith(f"{before}/"))
        tx.session.execute(update(Delivery).where(*inside).values({column: moved}))


def room_of(tx: Transaction, incident_id: str, platform: str) -> Room | None:
    """The room of an incident on a platform, if it was made."""
    query = select(Room).where(Room.incident_id == incident_id, Room.platform == platform)
    return tx.session.exec(query.order_by(col(Room.channel)).limit(1)).one_or_none()


def rooms_of(tx: Transaction, incident: Incident) -> Sequence[Room]:
    """All rooms of an incident that were made, including the local one."""
    return tx.session.exec(select(Room).where(Room.incident_id == incident.id).order_by(Room.platform)).all()


def making(tx: Transaction, incident: Incident) -> Sequence[Delivery]:
    """One delivery for each room that was made or is being made, including failed ones."""
    return [row for row in kept(tx, incident) if row.kind is DeliveryKind.ROOM]


def newest(tx: Transaction, incident: Incident, platform: str) -> Delivery | None:
    """The delivery that made, makes, or failed to make the newest room on a platform."""
    made = [row for row in making(tx, incident) if row.destination.platform == platform]
    return made[-1] if made else None


def archived(tx: Transaction, incident: Incident) -> list[str]:
    """The platforms on which the present room of an incident is archived, by Foghorn or by people."""
    query = select(Delivery).where(
        Delivery.incident_id == incident.id, Delivery.kind == DeliveryKind.ARCHIVE,
        Delivery.state == DeliveryState.SENT, Delivery.reference == "done",
    )  # fmt: skip
    done = {row.destination.platform: row.number for row in tx.session.exec(query)}
    made = {row.destination.platform: row.number for row in making(tx, incident)}
    ours = {platform for platform, number in done.items() if number > made.get(platform, number)}
    reported = {room.platform: room.archived for room in rooms_of(tx, incident) if room.archived is not None}
    return sorted(platform for platform in ours | reported.keys() if reported.get(platform, True))


def kept(tx: Transaction, incident: Incident) -> Sequence[Delivery]:
    """The rooms, cards, reviews, and requests for approval of an incident, and their edits that wait, oldest first."""
    query = select(Delivery).where(
        Delivery.incident_id == incident.id,
        col(Delivery.kind).in_(KEPT),
        (col(Delivery.operation) == Operation.SEND) | (col(Delivery.state) == DeliveryState.DUE),
    )
    return tx.session.exec(query.order_by(col(Delivery.number))).all()


def message(
    rows: Sequence[Delivery], platform: str, kind: DeliveryKind, update_id: str | None = None
) -> Delivery | None:
    """The newest message of a kind in a room that arrived or may arrive: the card, or the review of an update."""
    for row in reversed(rows):
        here = row.destination.platform == platform and row.kind is kind and row.is_message
        if here and update_id in (None, row.update_id):
            return row
    return None


def waiting(tx: Transaction, incident: Incident, platform: str) -> Sequence[Delivery]:
    """What is waiting to be sent to a room of the incident, oldest first."""
    query = select(Delivery).where(
        Delivery.incident_id == incident.id,
        in_rooms_on(platform),
        Delivery.state == DeliveryState.DUE,
    )
    return tx.session.exec(query.order_by(col(Delivery.number))).all()


def standing(tx: Transaction, incident: Incident, platform: str) -> Sequence[Delivery]:
    """The messages in a room of the incident that are kept current, oldest first."""
    query = select(Delivery).where(
        Delivery.incident_id == incident.id,
        in_rooms_on(platform),
        col(Delivery.kind).in_((DeliveryKind.CARD, DeliveryKind.REVIEW, DeliveryKind.NUDGE)),
        Delivery.operation == Operation.SEND,
        Delivery.state == DeliveryState.SENT,
    )
    return tx.session.exec(query.order_by(col(Delivery.number))).all()
