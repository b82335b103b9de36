"""Approving and publishing. The revision that was reviewed is the revision that is published, in one commit."""

from collections.abc import Sequence
from datetime import timedelta
from typing import NoReturn

from bot.actions import approvals, outbox, promises
from bot.actions.app_context import AppContext
from bot.actions.deadlines import check_time, due_after, filled, fixed_time
from bot.actions.readiness import Readiness, check_readiness, words_for
from bot.actions.secrets import check_no_secret
from bot.actions.update_context import is_closing
from bot.actions.updates import check_revision, draft_ended, held_draft
from bot.domain.components import Impact
from bot.domain.facts import UpdateKind
from bot.domain.incident import ClosedAs, Incident
from bot.domain.lifecycle import Stage, Transition
from bot.domain.lint.findings import alone_covers
from bot.domain.people import Group, Person, Role, names
from bot.domain.record import EntryKind
from bot.domain.update_context import failing_in
from bot.domain.updates import Approval, Update, UpdateState
from bot.errors import Conflict, NoDraft, NotAllowed, NotInGroup
from bot.store import approvals as approval_queries
from bot.store import incidents, people, revisions, updates
from bot.store.transaction import Transaction

JUST_NOW = timedelta(minutes=2)
"""Someone who types `publish` this soon after someone else did meant the same draft."""


def approve(tx: Transaction, app: AppContext, actor: Person, incident: Incident, revision: int | None) -> Update:
    """Approve a revision, and publish it at once if nothing else is missing.

    Raises NoDraft, Conflict, StaleRevision, NotAllowed, NotInGroup, PromiseNear;
    after PromiseNear the approval is still valid.
    """
    draft = _draft_to_end(tx, actor, incident, revision, done="approved")
    _check_configured(actor, "approve")
    readiness = check_readiness(tx, app, incident, draft)
    if actor.id in readiness.authors and not readiness.shared:
        if readiness.missing.security and not readiness.possible_approvers:
            _refuse_security(readiness)
        ask = names(readiness.possible_approvers or people.in_group(tx, Group.APPROVERS), other_than=actor)
        message = "You wrote this draft, so someone else has to approve it at {severity}. Ask {ask}."
        raise NotAllowed(message, severity=readiness.severity.value, ask=ask)
    if not (actor.belongs(Group.APPROVERS) or (readiness.missing.security and actor.belongs(Group.SECURITY))):
        raise NotInGroup(verb="approve", group="approvers", ask=names(people.in_group(tx, Group.APPROVERS)))
    _check_blockers(app, draft, readiness)
    _check_public(incident)
    if any(person.id == actor.id for person in readiness.approved_by):
        if readiness.ready:  # approved before, and stopped because the promised time was too near
            publish_update(tx, app, actor, incident, draft, readiness)
            return draft
        given = next(a for a in updates.approvals(tx, draft)[::-1] if a.person_id == actor.id)
        left = f"{words_for(readiness.missing)}; ask {names(readiness.possible_approvers)}"
        message = "You already approved revision {revision} at {at}. It still needs {missing}."
        raise Conflict(message, revision=draft.revision, at=given.at, missing=left)
    if readiness.missing.is_needed and not readiness.can_help(actor):
        _refuse_security(readiness)
    lasts = timedelta(minutes=app.organisation.approval.expires_minutes)
    seen = sum(len(found) for found in readiness.findings.values())
    given = Approval(
        update_id=draft.id, revision=draft.revision, person_id=actor.id, at=tx.now,
        expires_at=tx.now + lasts, findings_seen=seen,
    )  # fmt: skip
    readiness = check_readiness(tx, app, incident, draft, readiness, [given])
    tx.session.add(given)
    tx.record(actor, EntryKind.APPROVED, incident, f"revision {draft.revision}, findings seen: {seen}", draft)
    if readiness.ready:
        publish_update(tx, app, actor, incident, draft, readiness)
    elif readiness.missing.approvers:
        _ask_once(tx, app, actor, incident, draft, readiness)
    return draft


def publish(tx: Transaction, app: AppContext, actor: Person, incident: Incident, revision: int | None) -> Update:
    """Publish the draft, or ask for the approval it needs; its state says which.

    An approver who names the revision approves it; one who does not has to review it first.

    Raises NoDraft, Conflict, StaleRevision, PromiseNear.
    """
    draft = _draft_to_end(tx, actor, incident, revision, done="published")
    _check_configured(actor, "publish")
    _check_public(incident)
    readiness = check_readiness(tx, app, incident, draft)
    check_time(tx, incident, draft, readiness.refused_time)
    _check_blockers(app, draft, readiness)
    if readiness.ready:
        publish_update(tx, app, actor, incident, draft, readiness)
        return draft
    if readiness.can_help(actor):
        return approve(tx, app, actor, incident, revision) if revision is not None else draft
    given = updates.approvals(tx, draft)
    expired = [a for a in given if a.revision == draft.revision and a.expires_at <= tx.now]
    if expired and not readiness.approved_by:
        limit = app.organisation.approval.expires_minutes
        minutes = int((tx.now - expired[-1].at).total_seconds() // 60)
        message = (
            "The approval is {minutes} minutes old; approvals expire after {limit} minutes. Read the text again, "
            "then approve it."
        )
        raise Conflict(message, minutes=minutes, limit=limit)
    _ask_once(tx, app, actor, incident, draft, readiness)
    return draft


def publish_alone(
    tx: Transaction, app: AppContext, actor: Person, incident: Incident, revision: int | None, reason: str
) -> Update:
    """Publish without a second person: only the commander, with a reason that every approver is told.

    This overrides a missing approver and blocking findings, except secrets, addresses, mentions, text of another
    audience, and a closing update that the page would contradict.
    """
    check_no_secret(reason)
    draft = _draft_to_end(tx, actor, incident, revision, done="published")
    _check_configured(actor, "publish")
    _check_public(incident)
    if not app.organisation.approval.alone:
        ask = names(people.in_group(tx, Group.APPROVERS), other_than=actor)
        message = (
            "Your organization does not allow publishing without approval. Ask {ask} to approve revision {revision}."
        )
        raise NotAllowed(message, ask=ask, revision=draft.revision)
    commander = incidents.roles(tx, incident).get(Role.COMMANDER)
    if commander is None or commander.id != actor.id:
        raise NotAllowed(
            "Only the commander, {commander}, can publish without approval. Ask them to publish, or to hand over "
            "the role.",
            commander=commander.name if commander else "nobody yet",
        )
    readiness = check_readiness(tx, app, incident, draft)
    check_time(tx, incident, draft, readiness.refused_time)
    for finding in readiness.blockers:
        if not alone_covers(finding, draft.stage):
            if finding.words:
                message = "{rule} can never be published, even without approval: “{found}”. Remove it, then publish."
                raise NotAllowed(message, rule=finding.rule, found=finding.words)
            raise NotAllowed(
                "This cannot be published, even without approval. {why} Set them to operational in this update, or "
                "do not close the incident yet.",
                why=finding.reason,
            )
    publish_update(tx, app, actor, incident, draft, readiness, alone_because=reason)
    others = [p for p in people.in_group(tx, Group.APPROVERS) if p.id != actor.id]
    outbox.notify(tx, app, incident, others, f"{actor.name} published {incident.key} alone: {reason}")
    return draft


def ask_for_approval(
    tx: Transaction, app: AppContext, actor: Person, incident: Incident, revision: int | None, only: Person | None
) -> Update:
    """Ask for the approval that a draft needs: one person, or everyone who can give it. A second time reminds them.

    If nothing is missing, nobody is asked.

    Raises NoDraft, Conflict, StaleRevision, NotAllowed, PromiseNear.
    """
    draft = _draft_to_end(tx, actor, incident, revision, done="sent for approval")
    _check_public(incident)
    readiness = check_readiness(tx, app, incident, draft)
    check_time(tx, incident, draft, readiness.refused_time)
    _check_blockers(app, draft, readiness)
    if readiness.missing.is_needed:
        approvals.ask(tx, app, actor, incident, draft, _whom_to_ask(tx, draft, readiness, only))
    return draft


def _whom_to_ask(tx: Transaction, draft: Update, readiness: Readiness, only: Person | None) -> Sequence[Person]:
    """The person who was named, those who were asked for this or the previous revision, or everyone who can help."""
    possible = readiness.possible_approvers
    if not possible:
        ask = names(people.in_group(tx, Group.APPROVERS), other_than=None)
        raise NotAllowed(
            "No one else can approve revision {revision}. Ask {ask}, or let the commander publish it alone.",
            revision=draft.revision,
            ask=ask,
        )
    if only is not None:
        if not readiness.can_help(only):
            message = "{person} cannot approve revision {revision}. Nothing was changed. Ask {ask}."
            raise NotAllowed(message, person=only.name, revision=draft.revision, ask=names(possible))
        return [only]
    asked = approval_queries.asked_people(tx, draft).keys() or approval_queries.asked_before(tx, draft)[1]
    return [person for person in possible if person.id in asked] or possible


def _ask_once(
    tx: Transaction, app: AppContext, actor: Person, incident: Incident, draft: Update, readiness: Readiness
) -> None:
    """Ask whoever can give what is missing, unless someone was asked to approve this revision."""
    if readiness.possible_approvers and not approval_queries.asked(tx, draft):
        approvals.ask(tx, app, actor, incident, draft, _whom_to_ask(tx, draft, readiness, None))


def publish_update(
    tx: Transaction, app: AppContext, actor: Person, incident: Incident, draft: Update, readiness: Readiness, *,
    alone_because: str = "",
) -> None:  # fmt: skip
    """Everything that a publication changes. The caller has checked that it may happen.

    1. Slots are filled, and the words become immutable.
    2. Stage, title, and impact become the published ones.
    3. The old promise is kept, late, or superseded, and the next one is opened.
    4. Each subscription that is told gets one delivery.
    5. The record says so.
    """
    check_time(tx, incident, draft, fixed_time(draft))
    texts = [*updates.texts(tx, draft), *updates.texts(tx, draft, corrected=True)]
    due_at = due_after(tx, app, incident, draft)
    updates.fill(tx, texts, filled(tx, app, due_at, texts))
    draft.published_at, draft.published_by = tx.now, actor.id
    draft.number = updates.next_update_number(tx, incident)
    draft.severity, draft.alone_because = incident.severity, alone_because
    draft.promised_at = due_at
    if draft.kind is UpdateKind.CORRECTION:
        incident.title = draft.facts.title or incident.title
    else:
        promises.renew_promise(tx, app, incident, draft, due_at)
        failed: dict[str, str] = {}
        if draft.move is Transition.FIRST and draft.stage is Stage.RESOLVED:  # no earlier update says what failed
            failed = {key: value.value for key, value in failing_in(incidents.set_values(tx, incident)).items()}
        confirmed = readiness.context.confirmed
        draft.facts = draft.facts.model_copy(update={"confirmed": confirmed, "failed": failed})
        _move_incident(tx, incident, draft)
    draft.state = UpdateState.PUBLISHED
    revisions.drop_revisions(tx, draft)
    tx.published = True
    words = f"update {draft.number}: {draft.description}"
    tx.record(
        actor, EntryKind.PUBLISHED, incident, f"{words}, alone: {alone_because}" if alone_because else words, draft
    )
    if draft.kind is UpdateKind.CORRECTION and draft.corrects:
        outbox.send_correction(tx, incident, draft, updates.get_update(tx, draft.corrects))
    elif not incident.quiet:
        outbox.send_update(tx, incident, draft)
        if incident.closed_as is ClosedAs.RESOLVED:
            outbox.send_pictures(tx, app, incident, draft)


def _move_incident(tx: Transaction, incident: Incident, draft: Update) -> None:
    for component, value in draft.impacts.items():
        incidents.set_impact(tx, incident, component, Impact(value), set_by_person=False)
    rows = incidents.impacts(tx, incident)
    for row in rows:
        row.published = row.value
    draft.impacts = {row.component: row.value.value for row in rows}
    incident.stage = draft.stage
    incident.quiet = incident.quiet and is_closing(draft)
    texts = updates.texts(tx, draft)
    incident.title = next((t.title for t in texts if t.audience == "customers"), texts[0].title if texts else "")
    if draft.kind is not UpdateKind.NO_CHANGE or incident.published_severity is None:
        incident.published_severity = incident.severity  # “no change” may need no approval
    incident.first_published_at = incident.first_published_at or tx.now
    if is_closing(draft):
        incident.closed_at = tx.now
        incident.closed_as = ClosedAs.CANCELLED if draft.kind is UpdateKind.CANCELLATION else ClosedAs.RESOLVED
    elif draft.move is Transition.REOPENED:
        incident.closed_at = incident.closed_as = None


def _draft_to_end(tx: Transaction, actor: Person, incident: Incident, revision: int | None, *, done: str) -> Update:
    """The open draft. If it was just published, raise Conflict with who published what."""
    try:
        draft = held_draft(tx, incident, revision)
    except NoDraft:
        last = updates.last_ended(tx, incident)
        by_other = last is not None and last.published_by not in (None, actor.id)
        if last and last.published_at and by_other and tx.now - last.published_at < JUST_NOW:
            raise draft_ended(tx, last) from None
        raise
    check_revision(tx, draft, revision, done=done)
    return draft


def _check_configured(actor: Person, verb: str) -> None:
    if not actor.configured:
        message = "This account is not listed in foghorn.toml, so it cannot {verb}. Ask an administrator to add it."
        raise NotAllowed(message, verb=verb)


def _check_public(incident: Incident) -> None:
    if incident.private:
        raise Conflict(
            "{incident} is private, so it cannot be published. To make it visible first, use `/incident private no`.",
            incident=incident.key,
        )


def _refuse_security(readiness: Readiness) -> NoReturn:
    word = readiness.security_words
    if not readiness.security:
        raise NotAllowed(
            "The words “{word}” need a security approver, and there is no other one. Remove them, or publish alone.",
            word=word,
        )
    message = "The words “{word}” need the security approver. Ask {ask}, or remove them."
    raise NotAllowed(message, word=word, ask=names(readiness.security))


def _check_blockers(app: AppContext, draft: Update, readiness: Readiness) -> None:
    if not readiness.blockers:
        return
    first = readiness.blockers[0]
    may_alone = app.organisation.approval.alone and all(alone_covers(f, draft.stage) for f in readiness.blockers)
    found = f"{first.audience.value}: {first.reason}"
    if not may_alone:
        raise Conflict("This draft was not published. {first} Edit the marked words, then publish.", first=found)
    raise Conflict(
        "This draft was not published because it has {number} blockers. {first} Edit the marked words. The "
        "commander can also publish it alone, with a reason.",
        number=len(readiness.blockers),
        first=found,
    )
