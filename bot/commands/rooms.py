"""What a platform reports about channels: someone joined the room of an incident, or a channel changed."""

from collections.abc import Callable
from datetime import timedelta

from bot.actions import incidents as actions
from bot.actions import places
from bot.actions.app_context import AppContext
from bot.actions.people import find_or_add_member
from bot.commands.invocation import Account
from bot.reading.rooms import catch_up
from bot.store import incidents, people
from bot.store.transaction import Transaction
from bot.views import Listing

Change = Callable[[Transaction, AppContext], None]
FROM_THE_START = timedelta(minutes=1)


def join(who: Account, channel: str, *, private: bool) -> Callable[[Transaction, AppContext], Listing | None]:
    """The summary for someone who joins a room late. Joining a private room counts as an invitation.

    None if the channel is not a room, or the person was there from the start.
    """

    def write(tx: Transaction, app: AppContext) -> Listing | None:
        incident = incidents.incident_of_room(tx, who.platform, channel)
        if incident is None:
            return None
        person = people.find_account(tx, who.platform, who.id)
        if person is None and who.name:
            person = find_or_add_member(tx, who.platform, who.id, who.name, keep=incident.private and private)
        if person is None or not person.can_be_assigned:
            return None
        if incident.private and private and not incidents.may_see(tx, person, incident):
            actions.invite(tx, person, incident, person, came_in=True)
        if not incidents.may_see(tx, person, incident):
            return None
        early = tx.now - incident.opened_at < FROM_THE_START and incident.first_published_at is None
        return None if early else catch_up(tx, app, incident)

    return write


def renamed(platform: str, channel: str, name: str) -> Change:
    """A channel has another name."""
    return lambda tx, _app: places.rename(tx, platform, channel, name)


def moved(platform: str, before: str, after: str) -> Change:
    """A channel has another ID."""
    return lambda tx, _app: places.move(tx, platform, before, after)


def usable(platform: str, channel: str = "") -> Change:
    """A channel can be written to again; without a channel, any."""
    return lambda tx, app: places.use_again(tx, app, platform, channel)


def archived(platform: str, channel: str, *, now: bool = True) -> Change:
    """A channel is archived now, or it is not."""
    return lambda tx, _app: places.archive(tx, platform, channel, archived=now)


def unarchived(platform: str, channel: str) -> Change:
    """A channel was unarchived, so it can be written to again."""

    def write(tx: Transaction, app: AppContext) -> None:
        places.archive(tx, platform, channel, archived=False)
        places.use_again(tx, app, platform, channel)

    return write


def connected(platform: str, workspace: str, name: str) -> Callable[[Transaction, AppContext], bool]:
    """Foghorn works in a workspace, perhaps another one than before."""
    return lambda tx, app: places.enter_workspace(tx, app, platform, workspace, name)
