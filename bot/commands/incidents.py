"""Commands about an incident itself."""

from collections.abc import Mapping
from dataclasses import replace

from bot.actions import incidents as actions
from bot.actions import rooms
from bot.actions.update_context import last_published_failure
from bot.actions.updates import DraftChange, draft_update, held_draft, redraft
from bot.commands import shared_fields as shared
from bot.commands.command import Confirm, IncidentScope, command
from bot.commands.context import Context
from bot.commands.facts import ask_about_times, typed_facts
from bot.commands.impacts import said_impacts, shown_impacts
from bot.commands.parameters import Subcommand
from bot.domain.components import Impact
from bot.domain.facts import UpdateKind
from bot.domain.lifecycle import Stage
from bot.domain.people import Group, Role
from bot.domain.severity import Severity
from bot.errors import Conflict, ReasonNeeded
from bot.reading.cards import incident_card, incident_line, unread_lines
from bot.reading.reviews import draft_review
from bot.reading.rooms import catch_up
from bot.store import incidents, updates
from bot.store.rooms import rooms_of
from bot.views import Answer, Button, Form, Listing, Notice, say


@command(
    "list",
    "Shows the open incidents.",
    "/incident list",
    doing="list incidents",
    writes=False,
    who_may=Group.MEMBERS,
    incident=IncidentScope.NONE,
    subcommands=(Subcommand("List open incidents"),),
)
def list_open(ctx: Context) -> Answer:
    """The open incidents the actor may know of."""
    found = incidents.open_incidents(ctx.tx, ctx.actor)
    lines = (*incidents.read_each(ctx.tx, found, lambda each: incident_line(ctx.tx, each)), *unread_lines(ctx.tx))
    empty = "No incident is open. To open one, type `/incident declare` and a title."
    return Listing("Open incidents", lines, empty, () if lines else (Button("Declare", "declare", primary=True),))


@command(
    "show",
    "Shows one incident's card, only to you.",
    "/incident show INC-42",
    (shared.ITS_DRAFT, shared.SUMMARY),
    writes=False,
    who_may=Group.MEMBERS,
    incident=IncidentScope.LAST,
    in_full=True,
    subcommands=(Subcommand("Show an incident"),),
)
def show(ctx: Context, draft: bool | None, summary: bool | None) -> Answer:
    """The card of an incident, its open draft, or its summary for people who join late."""
    if summary:
        return catch_up(ctx.tx, ctx.app, ctx.incident)
    if draft:
        return draft_review(ctx.tx, ctx.app, ctx.incident, held_draft(ctx.tx, ctx.incident), ctx.reader)
    return incident_card(ctx.tx, ctx.app.organisation, ctx.incident)


@command(
    "severity",
    "Changes the severity and drafts an update for customers.",
    "/incident severity 1",
    (shared.SEVERITY_NEEDED, shared.WHY_LOWERED),
    incident=IncidentScope.LAST,
    doing="change the severity of",
    title="Change the severity",
    submit="Change it",
    prefill=lambda ctx: {"severity": ctx.incident.severity.value},
    subcommands=(Subcommand("Change the severity"),),
)
def set_severity(ctx: Context, severity: Severity, reason: str | None) -> Answer:
    """Change the severity, and offer a draft if customers should hear of it."""
    try:
        changed = actions.set_severity(ctx.tx, ctx.app, ctx.actor, ctx.incident, severity, reason or "")
    except ReasonNeeded as refusal:
        return _ask_why_lowered(ctx, refusal)
    words = "{incident} is now {severity}." if changed else "{incident} is already {severity}. Nothing was changed."
    return _not_told(ctx, words, severity=severity.value, redrafted=changed)


def _ask_why_lowered(ctx: Context, why: ReasonNeeded) -> Form:
    asked = (shared.SEVERITY_NEEDED, replace(shared.WHY_LOWERED, required=True))
    typed = {"severity": str(why.facts["after"])}
    shown = tuple(field.shown(ctx.app.organisation, typed.get(field.name, "")) for field in asked)
    return Form("severity", "Lower the severity", "Lower it", shown, ctx.incident.key, note=say(why.words, **why.facts))


@command(
    "impact",
    "Changes the status of a component.",
    "/incident impact api=major chatgpt=operational",
    (shared.IMPACT_NEEDED, shared.IMPACTS_SHOWN),
    incident=IncidentScope.LAST,
    doing="change the impact of",
    title="Change the impact",
    prefill=shown_impacts,
    subcommands=(Subcommand("Change the status of a component"),),
)
def set_impacts(ctx: Context, impacts: Mapping[str, Impact], impacts_shown: Mapping[str, Impact] | None) -> Answer:
    """Change the impact on components, and offer a draft if customers should hear of it."""
    impacts = said_impacts(ctx, impacts, impacts_shown) or impacts
    changed = actions.set_impacts(ctx.tx, ctx.app, ctx.actor, ctx.incident, impacts)
    if changed:
        redraft(ctx.tx, ctx.app, ctx.actor, ctx.incident, impacts)
    said = ", ".join(f"{ctx.app.organisation.component(key).name}: {value.value}" for key, value in impacts.items())
    words = (
        "Impact of {incident}: {said}."
        if changed
        else "{incident} already has this impact: {said}. Nothing was changed."
    )
    return _not_told(ctx, words, said=said, redrafted=changed)


def _not_told(ctx: Context, words: str, *, redrafted: bool, **facts: object) -> Notice:
    published = ctx.incident.first_published_at is not None
    words += " Customers have not been told yet." if published else " Nothing is public yet."
    key = ctx.incident.key
    draft = updates.find_draft(ctx.tx, ctx.incident)
    if draft is None or not redrafted:
        return Notice(say(words, incident=key, **facts), buttons=(Button("Update", "update", key, primary=True),))
    words += " The open draft was updated to revision {revision}. Earlier approvals of it no longer count."
    read = Button("Open draft", "show", f"{key} draft:yes", primary=True)
    return Notice(say(words, incident=key, revision=draft.revision, **facts), buttons=(read,))


@command(
    "private",
    "Limits the incident to invited people, or opens it to everyone.",
    "/incident private yes",
    (shared.PRIVATE_NEEDED, shared.SURE),
    doing="change the privacy of",
    subcommands=(Subcommand("Choose who can see it: everyone, or only invited people"),),
)
def set_private(ctx: Context, private: bool, sure: bool | None) -> Answer:
    """Change who may see the incident. Making it visible needs a confirmation."""
    if not private and ctx.incident.private and not sure:
        words = "Everyone here will be able to see {incident} and its whole timeline. Make it visible?"
        button = Button("Make it visible", "private", f"{ctx.incident.key} no sure:yes", primary=True)
        return Notice(say(words, incident=ctx.incident.key), buttons=(button,))
    changed = actions.set_private(ctx.tx, ctx.actor, ctx.incident, private)
    how = "private; only invited people can see it" if private else "visible to everyone here"
    words = "{incident} is now {how}." if changed else "{incident} was already {how}. Nothing was changed."
    there = [room.name for room in rooms_of(ctx.tx, ctx.incident) if room.platform != "local"]
    if changed and private and there:
        words += f" Its room did not change: make #{there[0]} private too."
    return Notice(say(words, incident=ctx.incident.key, how=how))


@command(
    "assign",
    "Gives someone a role.",
    "/incident assign comms @ben",
    (shared.ROLE, shared.PERSON, shared.WHY_REPLACED),
    doing="assign roles in",
    subcommands=(Subcommand("Give someone a role"),),
)
def assign(ctx: Context, role: Role, person: str, reason: str | None) -> Answer:
    """Give someone a role."""
    actions.check_open(ctx.incident)
    found = ctx.person(person)
    actions.assign(ctx.tx, ctx.app, ctx.actor, ctx.incident, role, found, reason or "")
    rooms.invite(ctx.tx, ctx.app, ctx.incident)
    return Notice(
        say("{person} is now {role} of {incident}.", person=found.name, role=role.value, incident=ctx.incident.key)
    )


@command(
    "handover",
    "Hands your role to someone, with a summary of where things stand.",
    "/incident handover @chi",
    (shared.PERSON,),
    doing="hand over",
    title="Hand over",
    submit="Hand over",
    subcommands=(Subcommand("Hand over your role to someone"),),
)
def hand_over(ctx: Context, person: str) -> Answer:
    """Hand the actor's roles to someone."""
    found = ctx.person(person)
    roles = actions.hand_over(ctx.tx, ctx.app, ctx.actor, ctx.incident, found)
    rooms.invite(ctx.tx, ctx.app, ctx.incident)
    words = "{person} now has your roles in {incident}: {roles}. They were told directly."
    held = ", ".join(role.value for role in roles)
    return Notice(say(words, person=found.name, incident=ctx.incident.key, roles=held))


@command(
    "invite",
    "Lets someone see a private incident.",
    "/incident invite @ben",
    (shared.PERSON,),
    doing="invite people to",
    undone_by="uninvite",
    subcommands=(Subcommand("Invite someone to a private incident"),),
    parameters=(shared.PERSON, shared.REMOVE),
)
def invite(ctx: Context, person: str) -> Answer:
    """Let someone see a private incident."""
    found = ctx.person(person)
    changed = actions.invite(ctx.tx, ctx.actor, ctx.incident, found)
    rooms.invite(ctx.tx, ctx.app, ctx.incident)
    words = "{person} can now see {incident}." if changed else "{person} can already see {incident}."
    return Notice(say(words, person=found.name, incident=ctx.incident.key))


@command(
    "uninvite",
    "Withdraws an invitation to a private incident.",
    "/incident uninvite @ben",
    (shared.PERSON,),
    doing="withdraw invitations from",
    subcommands=(),  # `invite` with `remove`
)
def uninvite(ctx: Context, person: str) -> Answer:
    """Withdraw an invitation."""
    found = ctx.person(person)
    changed = actions.uninvite(ctx.tx, ctx.actor, ctx.incident, found)
    rooms.remove(ctx.tx, ctx.app, ctx.incident, found)
    words = "{person} is no longer invited to {incident}." if changed else "{person} was not invited to {incident}."
    if found.id in {holder.id for holder in incidents.roles(ctx.tx, ctx.incident).values()}:
        words += " They can still see it because they hold a role in it."
    return Notice(say(words, person=found.name, incident=ctx.incident.key))


@command(
    "reopen",
    "Opens a resolved incident again.",
    "/incident reopen INC-42 on:api=partial",
    (shared.MESSAGE, shared.ON, *shared.FACTS, *shared.NOTES, shared.SURE),
    incident=IncidentScope.LAST,
    confirm=Confirm(
        "Reopen this incident?",
        "Foghorn drafts an update. The status page shows the incident as open again once it is published.",
        "Reopen",
        "Keep it resolved",
    ),
    subcommands=(Subcommand("Reopen a resolved incident"),),
)
def reopen(ctx: Context, impacts: Mapping[str, Impact] | None, sure: bool | None, **facts: object) -> Answer:
    """Draft an investigating update for a resolved incident. Until it is published, the page still says resolved.

    The impact is what was typed, or else the impact before it was closed.
    """
    if ctx.incident.closed_at is None:
        raise Conflict("{incident} is already open. Nothing was changed.", incident=ctx.incident.key)
    if ctx.incident.first_published_at is None:
        actions.check_open(ctx.incident)  # it was canceled before anything was published
    if asks := ask_about_times(ctx, "reopen", facts, sure=bool(sure)):
        return asks
    change = DraftChange(
        stage=Stage.INVESTIGATING,
        facts=typed_facts(ctx, facts, Stage.INVESTIGATING),
        impacts=impacts or last_published_failure(ctx.tx, ctx.incident),
    )
    draft = draft_update(ctx.tx, ctx.app, ctx.actor, ctx.incident, change)
    return draft_review(ctx.tx, ctx.app, ctx.incident, draft, ctx.reader)


@command(
    "cancel",
    "Cancels a false alarm.",
    "/incident cancel A monitoring probe failed; search was working.",
    (shared.REASON_FALSE, *shared.NOTES),
    confirm=Confirm(
        "Cancel this incident?",
        "It ends as a false alarm. If customers have read about it, Foghorn drafts an update that says so.",
        "Cancel the incident",
        "Keep it open",
        danger=True,
    ),
    subcommands=(Subcommand("Cancel a false alarm"),),
)
def cancel(ctx: Context, **facts: object) -> Answer:
    """Cancel a false alarm; if customers have read about it, with a closing draft."""
    actions.check_open(ctx.incident)
    if ctx.incident.first_published_at is None:
        actions.close_unpublished(ctx.tx, ctx.actor, ctx.incident)
        return Notice(say("{incident} is closed. Nothing was published.", incident=ctx.incident.key))
    operational = dict.fromkeys(incidents.set_values(ctx.tx, ctx.incident), Impact.OPERATIONAL)
    typed = typed_facts(ctx, facts, UpdateKind.CANCELLATION)
    change = DraftChange(kind=UpdateKind.CANCELLATION, stage=Stage.RESOLVED, facts=typed, impacts=operational)
    draft = draft_update(ctx.tx, ctx.app, ctx.actor, ctx.incident, change)
    return draft_review(ctx.tx, ctx.app, ctx.incident, draft, ctx.reader)
