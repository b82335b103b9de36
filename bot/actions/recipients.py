"""Who receives an update or a reminder. Changes nothing."""

from collections.abc import Sequence

from bot.actions.app_context import AppContext
from bot.domain.deliveries import OURS
from bot.domain.destinations import Destination
from bot.domain.incident import Incident
from bot.domain.nudges import AskedRole, asked_role
from bot.domain.people import Group, Person
from bot.domain.policy import counted_approvers
from bot.domain.subscriptions import Subscription
from bot.domain.updates import Update
from bot.store import approvals, incidents, people, subscriptions, updates
from bot.store.transaction import Transaction


def recipients(tx: Transaction, incident: Incident, components: Sequence[str]) -> list[Subscription]:
    """Subscriptions that match now, and those that were sent an earlier update of the incident."""
    told = subscriptions.followers(tx, incident)
    return [s for s in subscriptions.subscriptions(tx) if s.id in told or s.wants(components, incident.severity)]


def people_to_ask(tx: Transaction, app: AppContext, incident: Incident, asks: AskedRole) -> list[Person]:
    """The people a reminder asks: the lead; then the commander; then the escalation; later, the last two.

    Instead of a role that nobody holds, whoever holds another one is asked, and every approver if nobody does. People
    who left hold none. While a draft waits for approval, its approvers are asked instead of the lead.
    """
    held = incidents.active_roles(tx, incident)
    approvers = [p for p in people.in_group(tx, Group.APPROVERS) if incidents.may_see(tx, p, incident)]
    draft = updates.find_draft(tx, incident)
    if asks is AskedRole.LEAD and draft is not None and approvals.asked(tx, draft):
        _needed, counted = counted_approvers(1, [p for p in approvers if p.configured], draft.authors, draft.authors)
        if counted:
            return counted
    role = asked_role(asks, held)
    found = [held[role]] if role else approvers
    if asks not in (AskedRole.ESCALATION, AskedRole.EVERYONE):
        return found
    named = people.by_handle(tx, app.organisation.escalate_to) if app.organisation.escalate_to else None
    escalation = found
    if named is None or not named.active:
        escalation = approvers
    elif incidents.may_see(tx, named, incident):
        escalation = [named]
    if asks is AskedRole.ESCALATION:
        return escalation
    return list({person.id: person for person in (*found, *escalation)}.values())


def destination_words(tx: Transaction, destination: Destination) -> str:
    """How people know a destination: `#news on Slack`, `direct messages to Ben Osei on Slack`, `webhook crm`."""
    platform, place = destination.platform.capitalize(), destination.place
    if destination.incident:
        return f"the room on {platform}"
    if destination.platform in OURS:
        return f"webhook {place}" if destination.platform == "webhook" else f"{place} in the console"
    person = people.find_account(tx, destination.platform, place.removeprefix("@"))
    if person is not None:
        return f"direct messages to {person.name} on {platform}"
    subscription = subscriptions.find_subscription(tx, destination)
    return f"#{(subscription.name if subscription else '') or place} on {platform}"


def affected(update: Update) -> list[str]:
    """The components that an update is about, including those that recovered."""
    return list(update.impacts)
