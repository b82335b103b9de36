"""What chat platforms need to know about incident rooms, and the summary for people who join late."""

from collections.abc import Callable
from dataclasses import dataclass

from bot.actions.app_context import AppContext
from bot.domain.audiences import Audience
from bot.domain.deliveries import DeliveryState
from bot.domain.incident import Incident, number_of
from bot.domain.people import Role
from bot.reading.cards import incident_card
from bot.store import incidents, people, published, rooms
from bot.store.transaction import Transaction
from bot.views import Button, Line, Listing, say


@dataclass(frozen=True)
class RoomState:
    """The room of an incident on one platform: made, being made (no channel yet), or failed with a reason."""

    incident: str
    private: bool
    channel: str = ""
    name: str = ""
    failed: bool = False
    reason: str = ""


def room_of(key: str, platform: str) -> Callable[[Transaction, AppContext], RoomState | None]:
    """The room of INC-1; None if it has none on this platform and will get none."""

    def read(tx: Transaction, _app: AppContext) -> RoomState | None:
        incident = incidents.find_incident(tx, number_of(key))
        if incident is None:
            return None
        room = rooms.room_of(tx, incident.id, platform)
        if room is not None:
            return RoomState(incident.key, incident.private, room.channel, room.name)
        made = [row for row in rooms.making(tx, incident) if row.destination.platform == platform]
        if not made:
            return None
        last = made[-1]
        return RoomState(incident.key, incident.private, failed=last.state is DeliveryState.DEAD, reason=last.reason)

    return read


def incident_in(platform: str, channel: str) -> Callable[[Transaction, AppContext], str]:
    """The incident of a room, such as INC-1; empty if the channel is not a room."""

    def read(tx: Transaction, _app: AppContext) -> str:
        found = incidents.incident_of_room(tx, platform, channel)
        return found.key if found else ""

    return read


def is_configured(platform: str, account: str) -> Callable[[Transaction, AppContext], bool]:
    """Whether foghorn.toml lists the person behind an account, so that the platform does not have to confirm them."""

    def read(tx: Transaction, _app: AppContext) -> bool:
        person = people.find_account(tx, platform, account)
        return person is not None and person.configured and person.active

    return read


def catch_up(tx: Transaction, app: AppContext, incident: Incident) -> Listing:
    """Where the incident stands, what customers have been told, and whom to ask."""
    card = incident_card(tx, app.organisation, incident)
    held = incidents.roles(tx, incident)
    ask = held.get(Role.COMMANDER)
    updates = published.history(tx, incident).updates
    text = updates[-1].text(Audience.CUSTOMERS, app.organisation.languages[0]) if updates else None
    last = say("Customers have not been told anything yet.")
    if text is not None:
        words = "Customers last read, at {at}: “{title}. {body}”"
        last = say(words, at=updates[-1].at, title=text.title, body=text.body)
    lines = [card.headline, last]
    if ask is not None:
        lines.append(say("{commander} is the commander. Ask before you change anything.", commander=ask.name))
    lines.append(say("Please do not write to customers yourself."))
    copy = (Button("Copy", "copy", incident.key),) if incident.first_published_at else ()
    return Listing(
        f"{incident.key} · {incident.severity.value} · {card.title}",
        tuple(Line(words) for words in lines),
        buttons=(Button("Timeline", "timeline", incident.key), *copy),
    )
