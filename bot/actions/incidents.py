"""Changes to an incident itself. The stage and everything public change only when an update is published."""

from collections.abc import Mapping
from datetime import timedelta

from bot.actions import outbox, promises
from bot.actions.app_context import AppContext
from bot.actions.secrets import check_no_secret
from bot.actions.updates import redraft
from bot.domain.access import DECLARED_AT_MOST, DECLARED_WITHIN
from bot.domain.components import Impact
from bot.domain.incident import ClosedAs, Incident, probably_same
from bot.domain.lifecycle import Transition
from bot.domain.people import Group, Person, Role
from bot.domain.record import DECLARED_BECAUSE, EntryKind, RecordEntry
from bot.domain.rooms import Room
from bot.domain.severity import Severity
from bot.domain.updates import UpdateState
from bot.errors import Conflict, ManyDeclared, NotAllowed, ReasonNeeded
from bot.store import incidents, people, revisions, updates
from bot.store.transaction import Transaction

DUPLICATE_WITHIN = timedelta(minutes=10)


def find_duplicate(tx: Transaction, actor: Person, title: str, components: Mapping[str, Impact]) -> Incident | None:
    """An open incident declared within the last 10 minutes that is probably the same, if the actor may see it."""
    incidents.wait_for_declarations(tx)
    for incident in incidents.declared_since(tx, tx.now - DUPLICATE_WITHIN):
        touched = list(incidents.set_values(tx, incident))
        same = probably_same(title, list(components), incident.declared_title, touched)
        if same and incidents.may_see(tx, actor, incident):
            return incident
    return None


def declare(
    tx: Transaction,
    app: AppContext,
    actor: Person,
    *,
    title: str,
    severity: Severity,
    impacts: Mapping[str, Impact],
    private: bool,
    reason: str = "",
    over: bool = False,
    quiet: bool = False,
) -> Incident:
    """Open an incident. Nothing is public yet. The declarer becomes commander; the first update is due internally.

    `reason`: why it is a separate incident. `over`: it is entered afterwards, so no update is due. `quiet`: subscribers
    are not told, either. Raises InvalidField, ManyDeclared.
    """
    check_no_secret(f"{title} {reason}")
    if not reason:
        _check_not_too_often(tx, actor)
    incident = Incident(
        number=incidents.next_number(tx),
        declared_title=title,
        severity=severity,
        private=private,
        opened_at=tx.now,
        declared_by=actor.id,
        entered_later=over,
        quiet=quiet,
    )
    tx.session.add(incident)
    tx.session.flush()
    for component, impact in impacts.items():
        incidents.set_impact(tx, incident, component, impact)
    tx.session.add(Room(platform="local", channel=incident.key.lower(), incident_id=incident.id))
    afterwards = ", entered afterwards" if over else ""
    tx.record(actor, EntryKind.DECLARED, incident, f"{title} ({severity.value}{afterwards})")
    if reason:
        tx.record(actor, EntryKind.NOTE, incident, f"{DECLARED_BECAUSE}{reason}")
    assign(tx, app, actor, incident, Role.COMMANDER, actor)
    if not over:
        promises.open_first_promise(tx, app, incident)
    return incident


def _check_not_too_often(tx: Transaction, actor: Person) -> None:
    """Ask people who are not in foghorn.toml why they declare so many. Raises ManyDeclared."""
    if actor.configured:
        return
    incidents.wait_for_declarations(tx)
    found = incidents.declared_by(tx, actor, tx.now - DECLARED_WITHIN)
    if len(found) >= DECLARED_AT_MOST:
        minutes = int(DECLARED_WITHIN.total_seconds() // 60)
        declared = ", ".join(incident.key for incident in found)
        raise ManyDeclared(number=len(found), minutes=minutes, incidents=declared)


def set_severity(
    tx: Transaction, app: AppContext, actor: Person, incident: Incident, severity: Severity, reason: str = ""
) -> bool:
    """Change the severity, also in the open draft; False if it was already set.

    After the first publication, lowering it needs a reason, and every approver is told. Raises ReasonNeeded.
    """
    check_running(tx, incident)
    check_no_secret(reason)
    if severity is incident.severity:
        return False
    lowered = incident.first_published_at is not None and incident.severity.at_least(severity)
    if lowered and not reason:
        raise ReasonNeeded(incident=incident.key, before=incident.severity.value, after=severity.value)
    change = f"{incident.severity.value} to {severity.value}"
    tx.record(actor, EntryKind.SEVERITY, incident, f"{change}: {reason}" if reason else change)
    if lowered:
        words = f"{actor.name} lowered {incident.key} from {change}: {reason}"
        outbox.notify(tx, app, incident, _approvers_but(tx, actor), words)
    incident.severity = severity
    redraft(tx, app, actor, incident)
    return True


def set_impacts(
    tx: Transaction, app: AppContext, actor: Person, incident: Incident, impacts: Mapping[str, Impact]
) -> bool:
    """Change the impact on components, visible to responders only; False if nothing changed.

    The caller rewrites the open draft.
    """
    check_running(tx, incident)
    before = incidents.set_values(tx, incident)
    changed = {key: impact for key, impact in impacts.items() if before.get(key) is not impact}
    for key, impact in impacts.items():
        incidents.set_impact(tx, incident, key, impact)
    if changed:
        words = ", ".join(f"{app.organisation.component(key).name}: {value.value}" for key, value in changed.items())
        tx.record(actor, EntryKind.IMPACT, incident, words)
        tx.session.flush()
    return bool(changed)


def set_private(tx: Transaction, actor: Person, incident: Incident, private: bool) -> bool:
    """Change who may see the incident; False if nothing changed. Raises Conflict after the first publication."""
    if private is incident.private:
        return False
    if private and incident.first_published_at is not None:
        message = "Customers have already read about {incident}, so it cannot become private. Nothing was changed."
        raise Conflict(message, incident=incident.key)
    incident.private = private
    if private:
        incidents.invite(tx, incident, actor)
    tx.record(actor, EntryKind.PRIVACY, incident, "private" if private else "visible to everyone here")
    return True


def assign(
    tx: Transaction,
    app: AppContext,
    actor: Person,
    incident: Incident,
    role: Role,
    person: Person,
    reason: str = "",
    *,
    tell: bool = True,
) -> None:
    """Give someone a role, and tell them directly. If the last reminder asks whoever holds it, it moves to them.

    A commander hands over, or an administrator gives the role to someone else. Where policy allows publishing without
    approval, anyone who may assign roles can replace the commander with a reason; the commander and every approver are
    told.

    Raises NotAllowed.
    """
    _check_assignable(person, f"be {role.value} of", incident)
    check_no_secret(reason)
    words = f"{role.value}: {person.name}"
    if role is Role.COMMANDER and (present := _overruled(tx, actor, incident, person)):
        if not (reason and app.organisation.approval.alone):
            words = "{commander} is the commander of {incident}, so nothing was changed. Ask them or an administrator."
            if app.organisation.approval.alone:
                words += ' If nobody can be reached, add `reason:"..."`; {commander} and every approver are told.'
            raise NotAllowed(words, incident=incident.key, commander=present.name)
        words += f", in place of {present.name}: {reason}"
        told = {each.id: each for each in (present, *_approvers_but(tx, actor))}
        notice = f"{actor.name} made {person.name} commander of {incident.key} in place of {present.name}: {reason}"
        outbox.notify(tx, app, incident, list(told.values()), notice)
    elif reason:
        words += f": {reason}"
    if tell and person.id != actor.id:
        outbox.call(tx, app, incident, person, f"{actor.name} made you {role.value}.")
    give_role(tx, app, actor, incident, role, person, words)


def give_role(
    tx: Transaction, app: AppContext, actor: Person, incident: Incident, role: Role, person: Person, words: str
) -> None:
    """Give someone a role without checking who holds it, and record it with these words."""
    before = promises.reminded_person(tx, incident)
    incidents.assign(tx, incident, role, person)
    tx.record(actor, EntryKind.ROLE, incident, words)
    tx.session.flush()
    promises.reassign_reminder(tx, app, actor, incident, before)


def _overruled(tx: Transaction, actor: Person, incident: Incident, person: Person) -> Person | None:
    """The commander who would lose the role to `person` without having handed it over, if any."""
    present = incidents.active_roles(tx, incident).get(Role.COMMANDER)
    agreed = present is None or present.id in (actor.id, person.id) or actor.belongs(Group.ADMINISTRATORS)
    return None if agreed else present


def _approvers_but(tx: Transaction, actor: Person) -> list[Person]:
    return [person for person in people.in_group(tx, Group.APPROVERS) if person.id != actor.id]


def hand_over(tx: Transaction, app: AppContext, actor: Person, incident: Incident, to: Person) -> list[Role]:
    """Hand over the actor's roles and notify the new holder directly. Raises NotAllowed."""
    held = [role for role, person in incidents.roles(tx, incident).items() if person.id == actor.id]
    if not held:
        raise NotAllowed(
            "You have no role in {incident} to hand over. To give someone a role, use `/incident assign commander "
            "@name`.",
            incident=incident.key,
        )
    names = app.organisation.zone.joined([role.value for role in held])
    outbox.call(tx, app, incident, to, f"{actor.name} handed this incident to you. You are now {names}.")
    for role in held:
        assign(tx, app, actor, incident, role, to, tell=False)
    return held


def invite(tx: Transaction, actor: Person, incident: Incident, person: Person, *, came_in: bool = False) -> bool:
    """Let someone see and work on a private incident; False if they were already invited. Raises NotAllowed.

    `came_in`: nobody invited them here; they joined the private room. They can see the incident but not work on it.
    """
    _check_assignable(person, "see", incident)
    if not incidents.invite(tx, incident, person, came_in=came_in):
        return False
    tx.record(actor, EntryKind.INVITED, incident, f"{person.name} may see it")
    return True


def uninvite(tx: Transaction, actor: Person, incident: Incident, person: Person) -> bool:
    """Withdraw an invitation; False if there was none."""
    if not incidents.uninvite(tx, incident, person):
        return False
    tx.record(actor, EntryKind.INVITED, incident, f"{person.name} may no longer see it")
    return True


def note(tx: Transaction, actor: Person, incident: Incident, text: str) -> RecordEntry:
    """Add a line to the timeline, for responders only. Raises InvalidField."""
    check_no_secret(text)
    return tx.record(actor, EntryKind.NOTE, incident, text)


def switch_nudges(tx: Transaction, actor: Person, incident: Incident, on: bool) -> bool:
    """Turn reminders for this incident on or off; False if nothing changed."""
    check_open(incident)
    if incident.nudges_on is on:
        return False
    incident.nudges_on = on
    tx.record(actor, EntryKind.NUDGES, incident, "on" if on else "off")
    return True


def close_unpublished(tx: Transaction, actor: Person, incident: Incident) -> None:
    """Cancel an incident that was never published; nothing is sent."""
    check_open(incident)
    draft = updates.find_draft(tx, incident)
    if draft is not None:
        draft.state = UpdateState.DISCARDED
        revisions.drop_revisions(tx, draft)
    incident.closed_at = tx.now
    incident.closed_as = ClosedAs.CANCELLED
    promises.end_promise(tx, incident)
    tx.record(actor, EntryKind.CLOSED, incident, "canceled; nothing was published")


def _check_assignable(person: Person, doing: str, incident: Incident) -> None:
    if not person.can_be_assigned:
        message = (
            "{person} has support access only, so they cannot {doing} {incident}. Nothing was changed; choose "
            "someone else."
        )
        raise NotAllowed(message, person=person.name, doing=doing, incident=incident.key)


def check_open(incident: Incident) -> None:
    """Raise Conflict if the incident is closed."""
    if incident.closed_at is not None and incident.closed_as is not None:
        message = "{incident} was closed as {how} at {at}. Nothing was changed."
        raise Conflict(message, incident=incident.key, how=incident.closed_as.label, at=incident.closed_at)


def check_running(tx: Transaction, incident: Incident) -> None:
    """Raise Conflict if the incident is closed and no open draft will reopen it."""
    draft = updates.find_draft(tx, incident)
    if draft is None or draft.move is not Transition.REOPENED:
        check_open(incident)
