"""Builds the messages that call people to an incident."""

from bot.actions.app_context import AppContext
from bot.domain.deliveries import OURS, Delivery, Operation
from bot.domain.destinations import Destination
from bot.domain.incident import Incident
from bot.errors import SendFailed
from bot.reading.cards import incident_card
from bot.store import incidents, people, rooms, subscriptions
from bot.store.transaction import Transaction
from bot.views import Call, RoomName, say

ACTS = frozenset({"show", "update", "resolve", "handover"})
"""The actions of the card that someone with a new role may need first."""


def call_of_holder(tx: Transaction, app: AppContext, incident: Incident, delivery: Delivery) -> Call | None:
    """What someone with a new role has to do next; None if they no longer have one, or if the incident is closed."""
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


def announcement(tx: Transaction, app: AppContext, incident: Incident, delivery: Delivery) -> Call | None:
    """An incident as responders elsewhere hear of it; None if there is nothing left to announce.

    Raises SendFailed if the channel must not read it.
    """
    is_edit, at = delivery.operation is Operation.EDIT, delivery.destination
    if incident.private:
        gone = say("This incident is no longer announced.")
        return Call(incident.key, "", incident.severity, gone, "", obsolete=True) if is_edit else None
    if incident.closed_at is not None and not is_edit:
        return None
    _check_place(tx, app, at)
    card = incident_card(tx, app.organisation, incident)
    declared = say(
        "{person} declared this at {at}.", person=people.person_names(tx)[incident.declared_by], at=incident.opened_at
    )
    raised = delivery.operation is Operation.REPLY
    return Call(
        incident=incident.key,
        title=card.title,
        severity=card.severity,
        sentence=say("This is now {severity}.", severity=card.severity.value) if raised else declared,
        console=console_link(app, incident),
        state=card.headline if incident.closed_at else None,
        room=room_name(tx, incident, at.platform),
        group="" if incident.closed_at else app.organisation.announce.group(incident.severity, at.platform),
    )


def _check_place(tx: Transaction, app: AppContext, destination: Destination) -> None:
    """Raise SendFailed if customers, or only the people of one incident, read a channel."""
    row = subscriptions.find_subscription(tx, destination)
    if row is not None and row.active:
        name = f"#{row.name}" if row.name else destination.place
        raise SendFailed(f"{name} is subscribed to updates, so customers may read it", permanent=True)
    room = incidents.incident_of_room(tx, destination.platform, destination.place)
    config = app.organisation.platforms.get(destination.platform)
    if room is not None or (config and destination.place in config.room_channels):
        raise SendFailed("the channel is an incident's room", permanent=True)


def console_link(app: AppContext, incident: Incident) -> str:
    """The address of an incident in the console."""
    return f"{app.public_url}/console/incidents/{incident.key}"


def room_name(tx: Transaction, incident: Incident, platform: str) -> RoomName | None:
    """The room of an incident: on this platform if there is one, or else on another."""
    there = [room for room in rooms.rooms_of(tx, incident) if room.platform not in OURS]
    there.sort(key=lambda room: room.platform != platform)
    return RoomName(there[0].platform, there[0].channel, there[0].name) if there else None
