"""Who acts, in which groups, and which incident they mean."""

from bot.actions.people import find_or_add_member, member_handle
from bot.commands import catalog, grammar
from bot.commands.catalog import Command
from bot.commands.invocation import Account, Invocation
from bot.domain.access import room_gives_responders
from bot.domain.incident import Incident
from bot.domain.organisation import Organisation
from bot.domain.people import Group, Person
from bot.errors import NotAllowed, NotFound, UnknownAccount, UnknownIncident, UnreadableIncident
from bot.store import incidents, people
from bot.store.transaction import Transaction


def find_actor(tx: Transaction, who: Account, *, keep: bool) -> Person:
    """The person behind an account; an unknown member of the organization is stored.

    Raises UnknownAccount, NotAllowed.
    """
    if who.pending:
        raise NotAllowed(
            "The server has not admitted you yet, so nothing was changed. Accept the server's rules, then try again."
        )
    if who.session:
        return people.signed_in(tx, who.session)
    person = people.find_account(tx, who.platform, who.id)
    if person is None and who.name:
        return find_or_add_member(tx, who.platform, who.id, who.name, keep=keep)
    if person is None or not person.active:
        raise UnknownAccount
    if keep and who.name and person.handle == member_handle(who.platform, who.id):
        person.name = who.name  # as the platform has it now
    return person


def groups_of(
    tx: Transaction, organisation: Organisation, invocation: Invocation, actor: Person, found: Incident | None
) -> frozenset[str]:
    """Groups from the platform and from the incident: whoever was assigned or invited is a responder in it."""
    where, given = invocation.where, invocation.who.groups
    if found is None or actor.belongs(Group.RESPONDERS):
        return given
    responds = incidents.responds(tx, actor, found)
    if not responds and where.channel and room_gives_responders(organisation, where.platform):
        room = incidents.incident_of_room(tx, where.platform, where.channel)
        responds = room is not None and room.id == found.id
    return given | {Group.RESPONDERS.value} if responds else given


def find_incident(tx: Transaction, actor: Person, command: Command, invocation: Invocation) -> Incident:
    """The incident that is named, that of the room, or the only open one; never one that the actor may not see."""
    typed = invocation.typed.get("incident", "").strip()
    hold = command.writes
    if typed:
        number = grammar.incident_number(typed)
        named = None
        if number is not None:
            try:
                named = incidents.find_incident(tx, number, hold=hold)
            except UnreadableIncident:
                if incidents.visible_among(tx, actor, [number]):
                    raise
        if named is None or not incidents.may_see(tx, actor, named):
            seen = ", ".join(i.key for i in incidents.open_incidents(tx, actor)) or "none"
            raise UnknownIncident(typed=typed.upper(), open=seen)
        return named
    where = invocation.where
    room = incidents.incident_of_room(tx, where.platform, where.channel, hold=hold) if where.channel else None
    if room is not None and incidents.may_see(tx, actor, room):
        return room
    return _guess(tx, actor, command, hold=hold)


def _guess(tx: Transaction, actor: Person, command: Command, *, hold: bool) -> Incident:
    found = incidents.open_incidents(tx, actor)
    if tx.unread and not found:
        raise UnreadableIncident(incident=min(tx.unread))
    if not found and command.incident is catalog.IncidentScope.LAST:
        found = incidents.recent_incidents(tx, actor, limit=1)
    if not found:
        message = "No incident is open, so there is nothing to {verb}. To open one, use `/incident declare`."
        raise NotFound(message, verb=command.doing or command.verb)
    number = len(found) + len(tx.unread)
    if number > 1:
        message = "{number} incidents are open. Say which one you mean, for example `{verb} {example}`."
        raise NotFound(message, number=number, verb=command.verb, example=found[0].key)
    return incidents.get_incident(tx, found[0].id, hold=hold)
