"""Approving and publishing: the revision read is the revision published, in one commit."""

from dataclasses import dataclass
from datetime import timedelta

from bot.actions import outbox, promises
from bot.actions.house import House
from bot.actions.moments import has_grown, impacts_after, is_closing, starting_facts
from bot.actions.secrets import check_no_secret
from bot.actions.updates import check_revision, draft_words, filled, findings, held_draft
from bot.domain.components import Impact
from bot.domain.facts import Kind
from bot.domain.incident import ClosedAs, Incident
from bot.domain.lifecycle import Move
from bot.domain.lint.findings import NEVER, Finding
from bot.domain.people import Group, Person, Role, names
from bot.domain.policy import Needs, blockers, missing, needs, valid
from bot.domain.promises import NEAR
from bot.domain.record import EntryKind
from bot.domain.times import count
from bot.domain.updates import Approval, Update, UpdateState
from bot.errors import (
    AloneNever,
    AloneOff,
    AlreadyApproved,
    AlreadyPublished,
    ApprovalExpired,
    Blocked,
    BlockedAlways,
    NoDraft,
    NotCommander,
    NotConfigured,
    NotInGroup,
    OwnDraft,
    PrivateUnpublishable,
    PromiseNear,
)
from bot.store import incidents, people, record, updates
from bot.store.transaction import Transaction

JUST_NOW = timedelta(minutes=2)
"""Who types `publish` so soon after somebody else did meant the same draft."""


@dataclass(frozen=True)
class Verdict:
    """Where a draft stands on its way out."""

    findings: dict[str, tuple[Finding, ...]]
    blockers: tuple[Finding, ...]
    needs: Needs
    missing: Needs
    approved_by: tuple[Person, ...]

    @property
    def ready(self) -> bool:
        """Whether its author may publish it now."""
        return not self.blockers and not self.missing.anybody


def judge(tx: Transaction, house: House, incident: Incident, draft: Update) -> Verdict:
    """What stands between a draft and its publication."""
    found = findings(tx, house, incident, draft)
    every = [finding for of_text in found.values() for finding in of_text]
    edited = any(text.edited_by_hand for text in updates.texts(tx, draft)) or _says_news(tx, incident, draft)
    wanted = needs(draft, severity=incident.severity, edited=edited, findings=every, policy=house.organisation.approval)
    who = {p.id: p for p in people.all_people(tx)}
    given = [who[a.person_id] for a in valid(updates.approvals(tx, draft), draft, tx.now) if a.person_id in who]
    return Verdict(found, tuple(blockers(every)), wanted, missing(wanted, given), tuple(given))


def _says_news(tx: Transaction, incident: Incident, draft: Update) -> bool:
    """Whether a "no change" says anything that was not published before: somebody else has to read that."""
    if draft.kind is not Kind.NO_CHANGE:
        return False
    changed = any(row.value is not row.published for row in incidents.impacts(tx, incident))
    return changed or draft.facts != starting_facts(tx, incident)


def approve(tx: Transaction, house: House, actor: Person, incident: Incident, revision: int | None) -> Update:
    """Say yes to a revision; publishes it at once when nothing else is missing.

    Raises NoDraft, AlreadyPublished, StaleRevision, OwnDraft, NotInGroup, Blocked.
    """
    draft = _draft_to_end(tx, incident, revision, done="approved")
    _check_configured(actor, "approve")
    verdict = judge(tx, house, incident, draft)
    if draft.revised_by == actor.id:
        ask = names(people.in_group(tx, Group.APPROVERS), other_than=actor)
        raise OwnDraft(severity=incident.severity.value, ask=ask)
    if not (actor.belongs(Group.APPROVERS) or (verdict.missing.security and actor.belongs(Group.SECURITY))):
        raise NotInGroup(verb="approve", group="approvers", ask=names(people.in_group(tx, Group.APPROVERS)))
    _check_blockers(house, verdict)
    _check_public(incident)
    if any(person.id == actor.id for person in verdict.approved_by):
        if verdict.ready:  # approved before, and stopped by a promise that had come too near
            publish_update(tx, house, actor, incident, draft)
            return draft
        given = next(a for a in updates.approvals(tx, draft)[::-1] if a.person_id == actor.id)
        raise AlreadyApproved(revision=draft.revision, at=given.at, missing=words_for(verdict.missing))
    lasts = timedelta(minutes=house.organisation.approval.expires_minutes)
    seen = sum(len(found) for found in verdict.findings.values())
    tx.session.add(
        Approval(
            update_id=draft.id, revision=draft.revision, person_id=actor.id, at=tx.now,
            expires_at=tx.now + lasts, findings_seen=seen,
        )
    )  # fmt: skip
    tx.record(actor, EntryKind.APPROVED, incident, f"revision {draft.revision}, findings seen: {seen}", draft)
    tx.session.flush()
    if judge(tx, house, incident, draft).ready:
        publish_update(tx, house, actor, incident, draft)
    return draft


def publish(tx: Transaction, house: House, actor: Person, incident: Incident, revision: int | None) -> Update:
    """Publish the draft, or ask for the approval it needs; its state says which. An approver who read it approves it.

    Raises NoDraft, AlreadyPublished, StaleRevision, Blocked, ApprovalExpired, PrivateUnpublishable, PromiseNear.
    """
    draft = _draft_to_end(tx, incident, revision, done="published")
    _check_configured(actor, "publish")
    _check_public(incident)
    verdict = judge(tx, house, incident, draft)
    _check_blockers(house, verdict)
    if verdict.ready:
        publish_update(tx, house, actor, incident, draft)
        return draft
    if draft.revised_by != actor.id and actor.belongs(Group.APPROVERS):
        return approve(tx, house, actor, incident, revision)
    of_revision = [a for a in updates.approvals(tx, draft) if a.revision == draft.revision]
    if of_revision and not verdict.approved_by:
        limit = house.organisation.approval.expires_minutes
        minutes = int((tx.now - of_revision[-1].at).total_seconds() // 60)
        raise ApprovalExpired(minutes=minutes, limit=limit)
    ask_for_approval(tx, house, actor, incident, draft, verdict.missing)
    return draft


def publish_alone(
    tx: Transaction, house: House, actor: Person, incident: Incident, revision: int | None, reason: str
) -> Update:
    """Publish without a second person: the commander, with a reason, told to every approver.

    Covers a missing approver and blocking findings, except secrets, addresses, mentions and audience leaks.
    """
    check_no_secret(reason)
    draft = _draft_to_end(tx, incident, revision, done="published")
    _check_configured(actor, "publish")
    _check_public(incident)
    if not house.organisation.approval.alone:
        ask = names(people.in_group(tx, Group.APPROVERS), other_than=actor)
        raise AloneOff(ask=ask, revision=draft.revision)
    commander = incidents.roles(tx, incident).get(Role.COMMANDER)
    if commander is None or commander.id != actor.id:
        raise NotCommander(commander=commander.name if commander else "nobody yet")
    verdict = judge(tx, house, incident, draft)
    for finding in verdict.blockers:
        if finding.rule in NEVER:
            raise AloneNever(rule=finding.rule, found=finding.words)
    publish_update(tx, house, actor, incident, draft, alone_because=reason)
    others = [p for p in people.in_group(tx, Group.APPROVERS) if p.id != actor.id]
    outbox.notify(tx, house, incident, others, f"{actor.name} published {incident.key} alone: {reason}")
    return draft


def ask_for_approval(
    tx: Transaction, house: House, actor: Person, incident: Incident, draft: Update, wanted: Needs
) -> None:
    """Ask the approvers, once per revision."""
    if record.asked_for_approval(tx, draft):
        return
    entries = f"revision {draft.revision}: {words_for(wanted)}"
    group = Group.SECURITY if wanted.security and not wanted.approvers else Group.APPROVERS
    asked = [p for p in people.in_group(tx, group) if p.id != draft.revised_by and p.configured]
    tx.record(actor, EntryKind.APPROVAL_ASKED, incident, entries, draft)
    outbox.notify(tx, house, incident, asked, f"{actor.name}'s draft for {incident.key} waits for your approval.")
    promises.refresh_nudges(tx, incident)


def words_for(wanted: Needs) -> str:
    """`one more approver and the security approver`."""
    parts = []
    if wanted.approvers:
        parts.append("one more approver" if wanted.approvers == 1 else f"{wanted.approvers} more approvers")
    if wanted.security:
        parts.append("the security approver")
    return " and ".join(parts) or "nothing"


def publish_update(
    tx: Transaction, house: House, actor: Person, incident: Incident, draft: Update, *, alone_because: str = ""
) -> None:
    """Everything a publication changes; the caller has checked that it may happen.

    1. Slots are filled, and the words become immutable.
    2. Stage, title and impact become the published ones.
    3. The old promise is kept, late or superseded, and the next one is made.
    4. One delivery for each subscription that is told. 5. The record says so.
    """
    if draft.next_at is not None and draft.next_at < tx.now + NEAR:
        minutes = max(0, int((draft.next_at - tx.now).total_seconds() // 60))
        raise PromiseNear(time=draft.next_at, minutes=count(minutes, "minute"))
    impacts = impacts_after(tx, incident, draft)
    grown = has_grown(tx, incident, impacts)
    for text in [*updates.texts(tx, draft), *updates.texts(tx, draft, corrected=True)]:
        text.body = filled(tx, house, incident, draft, text)
    draft.published_at, draft.published_by = tx.now, actor.id
    draft.number = updates.next_update_number(tx, incident)
    draft.severity, draft.alone_because = incident.severity, alone_because
    if draft.kind is Kind.CORRECTION:
        draft.promised_at = promises.due_after(tx, house, incident, draft)
        incident.title = draft.facts.title or incident.title
    else:
        draft.promised_at = promises.keep_and_renew(tx, house, incident, draft, grown=grown)
        _move_incident(tx, incident, draft)
    tx.session.flush()
    draft.state = UpdateState.PUBLISHED
    tx.session.flush()
    tx.published = True
    tx.record(actor, EntryKind.PUBLISHED, incident, _published_words(draft, alone_because), draft)
    if draft.kind is Kind.CORRECTION and draft.corrects:
        outbox.send_correction(tx, incident, draft, updates.get_update(tx, draft.corrects))
    else:
        outbox.send_update(tx, incident, draft)


def _move_incident(tx: Transaction, incident: Incident, draft: Update) -> None:
    for component, value in draft.impacts.items():
        incidents.set_impact(tx, incident, component, Impact(value))
    tx.session.flush()
    incidents.publish_impacts(tx, incident)
    draft.impacts = {key: value.value for key, value in incidents.set_values(tx, incident).items()}
    incident.stage = draft.stage
    texts = updates.texts(tx, draft)
    incident.title = next((t.title for t in texts if t.audience == "customers"), texts[0].title if texts else "")
    incident.published_severity = incident.severity
    incident.first_published_at = incident.first_published_at or tx.now
    if is_closing(draft):
        incident.closed_at = tx.now
        incident.closed_as = ClosedAs.CANCELLED if draft.kind is Kind.CANCELLATION else ClosedAs.RESOLVED
    elif draft.move is Move.REOPENED:
        incident.closed_at = incident.closed_as = None


def _published_words(draft: Update, alone_because: str) -> str:
    words = f"update {draft.number}: {draft_words(draft)}"
    return f"{words}, alone: {alone_because}" if alone_because else words


def _draft_to_end(tx: Transaction, incident: Incident, revision: int | None, *, done: str) -> Update:
    """The draft; where it is gone because somebody published it, the second person learns who was first."""
    try:
        draft = held_draft(tx, incident)
    except NoDraft:
        last = updates.last_ended(tx, incident)
        at = last.published_at if last else None
        if last and at and last.published_by and (revision is not None or tx.now - at < JUST_NOW):
            raise AlreadyPublished(person=people.person_names(tx)[last.published_by], at=at) from None
        raise
    check_revision(tx, draft, revision, done=done)
    return draft


def _check_configured(actor: Person, verb: str) -> None:
    if not actor.configured:
        raise NotConfigured(verb=verb)


def _check_public(incident: Incident) -> None:
    if incident.private:
        raise PrivateUnpublishable(incident=incident.key)


def _check_blockers(house: House, verdict: Verdict) -> None:
    if not verdict.blockers:
        return
    first = verdict.blockers[0]
    may_alone = house.organisation.approval.alone and all(finding.rule not in NEVER for finding in verdict.blockers)
    refusal = Blocked if may_alone else BlockedAlways
    raise refusal(number=len(verdict.blockers), first=f"{first.audience.value}: {first.reason}")
