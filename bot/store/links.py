"""Queries about codes that link accounts, and about moving one person's data to another."""

from datetime import datetime
from hashlib import sha256

from sqlalchemy import delete, update
from sqlmodel import col, func, select

from bot.domain.incident import Incident, Invited
from bot.domain.people import ConsoleSession, Identity, LinkAttempt, LinkCode, Person, RoleAssignment
from bot.domain.revisions import DraftRevision
from bot.domain.updates import Approval, Update, UpdateState
from bot.store.transaction import Transaction


def add_code(tx: Transaction, person: Person, platform: str, code: str, expires_at: datetime) -> None:
    """The person's only code from now on."""
    tx.session.execute(delete(LinkCode).where(col(LinkCode.person_id) == person.id))
    row = LinkCode(code_hash=_hash(code), person_id=person.id, platform=platform, expires_at=expires_at)
    tx.session.add(row)


def use_code(tx: Transaction, code: str, platform: str) -> Person | None:
    """The person who was shown a code on another platform, once; None if it is unknown, used, or expired."""
    query = select(LinkCode).where(LinkCode.code_hash == _hash(code)).with_for_update()
    row = tx.session.exec(query).one_or_none()
    if row is None or row.expires_at <= tx.now or row.platform == platform:
        return None
    tx.session.delete(row)
    person = tx.session.get(Person, row.person_id)
    return person if person and person.active else None


def add_try(tx: Transaction, person: Person) -> None:
    """Count a wrong code."""
    tx.session.add(LinkAttempt(person_id=person.id, at=tx.now))


def tries_since(tx: Transaction, person: Person, since: datetime) -> tuple[int, datetime | None]:
    """How many wrong codes a person typed since a moment, and when they typed the first."""
    query = select(func.count(), func.min(LinkAttempt.at)).where(
        LinkAttempt.person_id == person.id, LinkAttempt.at > since
    )
    count, first = tx.session.exec(query).one()
    return count, first


def forget(tx: Transaction, *, codes_before: datetime, tries_before: datetime) -> None:
    """Delete what is no longer needed."""
    tx.session.execute(delete(LinkCode).where(col(LinkCode.expires_at) < codes_before))
    tx.session.execute(delete(LinkAttempt).where(col(LinkAttempt.at) < tries_before))


def hand_everything_over(tx: Transaction, leaving: Person, staying: Person) -> None:
    """Move accounts, roles, invitations, declared incidents, and open drafts with their approvals.

    The record does not change.
    """
    change = {"person_id": staying.id}
    invited = select(Invited.incident_id).where(Invited.person_id == staying.id)
    tx.session.execute(
        delete(Invited).where(col(Invited.person_id) == leaving.id, col(Invited.incident_id).in_(invited))
    )
    for table in (ConsoleSession, Identity, RoleAssignment, Invited):
        tx.session.execute(update(table).where(col(table.person_id) == leaving.id).values(change))
    declared = update(Incident).where(col(Incident.declared_by) == leaving.id)
    tx.session.execute(declared.values(declared_by=staying.id))
    hand_drafts_over(tx, leaving, staying)


def hand_drafts_over(tx: Transaction, leaving: Person, staying: Person) -> None:
    """Change author and approver of open drafts from one person to the other, because they are one person."""
    drafts = tx.session.exec(
        select(Update).where(Update.state == UpdateState.DRAFT).with_for_update(key_share=True)
    ).all()
    for draft in drafts:
        if draft.author_id == leaving.id:
            draft.author_id = staying.id
        if draft.revised_by == leaving.id:
            draft.revised_by = staying.id
        if leaving.id in draft.authors:
            draft.written_by = {
                part: sorted({staying.id if one == leaving.id else one for one in ids})
                for part, ids in draft.written_by.items()
            }
    ids = [draft.id for draft in drafts]
    theirs = update(Approval).where(col(Approval.person_id) == leaving.id, col(Approval.update_id).in_(ids))
    tx.session.execute(theirs.values(person_id=staying.id))
    revisions = update(DraftRevision).where(col(DraftRevision.person_id) == leaving.id)
    tx.session.execute(revisions.values(person_id=staying.id))
    tx.session.flush()
    tx.session.expire_all()


def _hash(code: str) -> str:
    return sha256(code.encode()).hexdigest()
