"""What changed on a platform: channels that got another name or ID or can be used again, and another workspace."""

from bot.actions import outbox, rooms
from bot.actions.app_context import AppContext
from bot.domain.destinations import Destination
from bot.domain.people import Group
from bot.store import incidents, leases, people, subscriptions
from bot.store import rooms as room_queries
from bot.store.transaction import Transaction


def rename(tx: Transaction, platform: str, channel: str, name: str) -> None:
    """A channel has another name, without `#`. Foghorn finds it by ID, so only what people read changes."""
    room = room_queries.find_room(tx, platform, channel)
    subscription = subscriptions.find_subscription(tx, Destination(platform, channel))
    for row in filter(None, (room, subscription)):
        row.name = name


def archive(tx: Transaction, platform: str, channel: str, *, archived: bool) -> None:
    """A channel was archived or unarchived, by anyone."""
    room = room_queries.find_room(tx, platform, channel)
    if room is not None:
        room.archived = archived


def use_again(tx: Transaction, app: AppContext, platform: str, channel: str = "") -> None:
    """A channel can be written to again: show what is current there. Without a channel, in every one."""
    for room in room_queries.rooms_on(tx, platform, channel):
        incident = incidents.get_incident(tx, room.incident_id, hold=True)
        if incident.open:
            rooms.refresh(tx, app, incident)
    there = {row.destination for row in subscriptions.subscriptions(tx) if row.destination.platform == platform}
    there &= {Destination(platform, channel)} if channel else there
    for destination in sorted(there, key=str):
        outbox.revive(tx, destination, "can be written to again")


def enter_workspace(tx: Transaction, app: AppContext, platform: str, workspace: str, name: str) -> bool:
    """Tell administrators if Foghorn works in another workspace than before; returns whether it does."""
    key, now = f"{platform} workspace", f"{workspace} {name}"
    before = leases.recall(tx, key)
    leases.remember(tx, key, now)
    if not before or before.partition(" ")[0] == workspace:
        return False
    words = (
        f"Foghorn now works in the {platform.capitalize()} workspace {name}; before, it was "
        f"{before.partition(' ')[2]}. Channels there cannot be reached anymore: subscribe the new ones and unsubscribe "
        "the old ones. Put the new account IDs of people into foghorn.toml. Rooms of open incidents are made again."
    )
    for person in people.in_group(tx, Group.ADMINISTRATORS):
        for destination in outbox.direct_destinations(tx, app, person):
            outbox.announce(tx, destination, words)
    return True


def move(tx: Transaction, platform: str, before: str, after: str) -> None:
    """A channel has another ID: its room, its subscription, and the messages in it are found there."""
    new = Destination(platform, after)
    room_queries.move(tx, platform, before, after)
    subscription = subscriptions.find_subscription(tx, Destination(platform, before))
    if subscription is not None and subscriptions.find_subscription(tx, new) is None:
        subscription.destination = new
