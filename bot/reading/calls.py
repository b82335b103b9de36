"""Builds the messages that call people to an incident."""

from bot.actions.app_context import AppContext
from bot.domain.deliveries import OURS, Delivery
from bot.domain.incident import Incident
from bot.reading.cards import incident_card
from bot.store import incidents, people, rooms
from bot.store.transaction import Transaction
from bot.views import Call, RoomName, say

ACTS = frozenset({"show", "update", "resolve", "handover"})
"""The acts of the card that whoever got a role may need first."""


def call_of_holder(tx: Transaction, app: AppContext, incident: Incident, delivery: Delivery) -> Call | None:
    """What someone who got a role has to do next; None if they have none any more, or the incident is closed."""
    reader = people.reader_of(tx, delivery.destination)
    held = {person.id for person in incidents.active_roles(tx, incident).values()}
    if reader is None or reader.id not in held or incident.closed_at is not None:
        return None
    card = incident_card(tx, app.organisation, incident)
    return Call(
        incident=incident.key,
        title=card.title,
        severity=card.severity,
        sentence=say("{said}", said=delivery.body),
        console=console_link(app, incident),
        state=card.headline,
        room=room_name(tx, incident, delivery.destination.platform),
        buttons=tuple(button for button in card.buttons if button.verb in ACTS),
    )


def console_link(app: AppContext, incident: Incident) -> str:
    """The address of an incident on the console."""
    return f"{app.public_url}/console/incidents/{incident.key}"


def room_name(tx: Transaction, incident: Incident, platform: str) -> RoomName | None:
    """The room of an incident: on this platform if there is one, or else on another."""
    there = [room for room in rooms.rooms_of(tx, incident) if room.platform not in OURS]
    there.sort(key=lambda room: room.platform != platform)
    return RoomName(there[0].platform, there[0].channel, there[0].name) if there else None
