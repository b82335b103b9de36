"""Merging an incident that was declared twice: one is closed and points to the other. Both records are kept."""

from bot.actions import outbox, promises
from bot.actions.app_context import AppContext
from bot.actions.incidents import check_open, give_role
from bot.actions.updates import redraft
from bot.domain.components import Impact, worst
from bot.domain.incident import ClosedAs, Incident
from bot.domain.people import Person, Role
from bot.domain.record import EntryKind
from bot.domain.severity import Severity
from bot.domain.updates import UpdateState
from bot.errors import Conflict
from bot.store import incidents, revisions, updates
from bot.store.transaction import Transaction


def merge(tx: Transaction, app: AppContext, actor: Person, survivor: Incident, other: Incident) -> None:
    """Close `other`; the next update of `survivor` goes to both incidents' subscribers. Raises Conflict.

    Nothing that customers were told is withdrawn: the survivor takes the worse impact and severity of the two.
    """
    _check(survivor, other)
    draft = updates.find_draft(tx, other)
    if draft is not None:
        draft.state = UpdateState.DISCARDED
        revisions.drop_revisions(tx, draft)
    _take_impacts(tx, survivor, other)
    _take_command(tx, app, actor, survivor, other)
    _take_severity(tx, actor, survivor, other)
    redraft(tx, app, actor, survivor)
    for person in incidents.invited(tx, other):
        incidents.invite(tx, survivor, person)
    other.closed_at, other.closed_as, other.merged_into = tx.now, ClosedAs.MERGED, survivor.id
    promises.end_promise(tx, other)
    tx.published = tx.published or other.first_published_at is not None
    tx.record(actor, EntryKind.MERGED, other, f"merged into {survivor.key}")
    tx.record(actor, EntryKind.MERGED, survivor, f"{other.key} was merged into this incident")


def _check(survivor: Incident, other: Incident) -> None:
    if survivor.id == other.id:
        raise Conflict("An incident cannot be merged into itself. Name the other one, for example `merge INC-8`.")
    check_open(survivor)
    check_open(other)
    if survivor.private is not other.private:
        private, public = (other, survivor) if other.private else (survivor, other)
        message = "{private} is private and {public} is not, so they cannot be merged. Nothing was changed."
        raise Conflict(message, private=private.key, public=public.key)
    if other.first_published_at is not None and survivor.first_published_at is None:
        message = (
            "Customers have read about {known} but not about {unknown}, so {known} has to stay open. Nothing was "
            "changed. Use `merge {unknown}` in {known} instead."
        )
        raise Conflict(message, known=other.key, unknown=survivor.key)


def _take_impacts(tx: Transaction, survivor: Incident, other: Incident) -> None:
    mine = {row.component: row for row in incidents.impacts(tx, survivor)}
    for row in incidents.impacts(tx, other):
        own = mine.get(row.component)
        felt = [row.value, *([own.value] if own else [])]
        incidents.set_impact(tx, survivor, row.component, worst(felt))
        told: list[Impact] = [i for i in (row.published, own.published if own else None) if i is not None]
        if told:
            tx.session.flush()
            incidents.publish_impact(tx, survivor, row.component, worst(told))


def _take_severity(tx: Transaction, actor: Person, survivor: Incident, other: Incident) -> None:
    """Take the worse severity, as set and as published, so that merging never lowers the approval that is needed."""
    told = [each for each in (survivor.published_severity, other.published_severity) if each is not None]
    survivor.published_severity = min(told, key=lambda severity: severity.number) if told else None
    if not survivor.severity.at_least(other.severity):
        words = f"{survivor.severity.value} to {other.severity.value}: {other.key} was merged into this incident"
        tx.record(actor, EntryKind.SEVERITY, survivor, words)
        survivor.severity = other.severity


def _take_command(tx: Transaction, app: AppContext, actor: Person, survivor: Incident, other: Incident) -> None:
    """Make one person commander of both: the one whose incident was published as more severe or else is older.

    Otherwise someone could make themselves commander by merging into an incident of their own.
    """
    theirs, mine = (incidents.active_roles(tx, each).get(Role.COMMANDER) for each in (other, survivor))
    if theirs is None or (mine is not None and mine.id == theirs.id):
        return
    if mine is None or _rank(other) < _rank(survivor):
        words = f"{Role.COMMANDER.value}: {theirs.name}, as of {other.key}"
        give_role(tx, app, actor, survivor, Role.COMMANDER, theirs, words)
        told = [person for person in (theirs, mine) if person is not None]
        notice = f"{theirs.name} is the commander of {survivor.key} now, because {other.key} was merged into it."
        outbox.notify(tx, app, survivor, told, notice)


def _rank(incident: Incident) -> tuple[int, int]:
    """A sort key; the incident with the lower one keeps its commander."""
    told = incident.published_severity
    return (told.number if told else len(Severity) + 1, incident.number)
