"""Decides when a notice to one person no longer matters."""

from bot.domain.deliveries import Delivery, DeliveryKind, DeliveryState
from bot.domain.incident import Incident
from bot.store import deliveries, rooms, updates
from bot.store.transaction import Transaction


def is_moot(tx: Transaction, incident: Incident, notice: Delivery) -> bool:
    """Whether a notice no longer matters.

    That is the case if the missing room, its `target`, is there; the update that reached no one has arrived; or, for
    everything else, another update has been published since, or the incident is closed.
    """
    if not incident.open:
        return True
    about = deliveries.get_delivery(tx, notice.target) if notice.target else None
    if about is not None and about.kind is DeliveryKind.ROOM:
        return rooms.room_of(tx, incident.id, about.destination.platform) is not None
    if notice.update_id is not None:
        arrived = deliveries.of_update(tx, updates.get_update(tx, notice.update_id))
        if any(row.state is DeliveryState.SENT and row.destination.platform != "local" for row in arrived):
            return True
    last = updates.last_published(tx, incident)
    return last is not None and last.published_at is not None and last.published_at > notice.created_at
