"""Queries about incidents, their impacts, roles, and visibility."""

import logging
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from sqlalchemy import ColumnElement, and_, or_, update
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from bot.domain.components import Impact
from bot.domain.incident import ComponentImpact, Counter, Incident, Invited, number_of
from bot.domain.people import Group, Person, Role, RoleAssignment
from bot.domain.record import EntryText, RecordEntry
from bot.domain.rooms import Room
from bot.domain.severity import Severity
from bot.domain.updates import Update, UpdateState, UpdateText
from bot.errors import UnreadableIncident
from bot.store.session import OwnedRows
from bot.store.transaction import Transaction

T = TypeVar("T")
log = logging.getLogger("foghorn.store")
UNREADABLE = (LookupError, TypeError, ValueError)
"""What is raised for a row with a value that this version does not know."""
_IMPACTS = OwnedRows(select(ComponentImpact), ComponentImpact.incident_id)


def next_number(tx: Transaction) -> int:
    """The next incident number. Simultaneous declarations wait for each other here."""
    row = tx.session.exec(
        update(Counter)
        .where(col(Counter.name) == "incident")
        .values(value=Counter.value + 1)
        .returning(col(Counter.value))
    ).one()
    return int(row[0])


def skip_numbers(tx: Transaction, highest: int, gap: int) -> int:
    """Leave out the numbers up to `highest`, and `gap` more; returns the number of the next incident."""
    counter = tx.session.exec(select(Counter).where(Counter.name == "incident").with_for_update()).one()
    counter.value = max(counter.value, highest) + gap
    return counter.value + 1


def wait_for_declarations(tx: Transaction) -> None:
    """Wait for a declaration in progress, so that two simultaneous ones see each other."""
    tx.session.exec(select(Counter).where(Counter.name == "incident").with_for_update()).one()


def visible_to(person: Person) -> ColumnElement[bool]:
    """The incidents a person may see: public ones, and private ones they declared, work on, or are invited to.

    People with support access see no private incidents.
    """
    if not person.belongs(Group.MEMBERS):
        return and_(col(Incident.private).is_(False), col(Incident.first_published_at).is_not(None))
    invited = select(Invited.incident_id).where(Invited.person_id == person.id)
    holding = select(RoleAssignment.incident_id).where(RoleAssignment.person_id == person.id)
    return or_(
        col(Incident.private).is_(False),
        col(Incident.declared_by) == person.id,
        col(Incident.id).in_(invited),
        col(Incident.id).in_(holding),
    )


def visible_among(tx: Transaction, person: Person, numbers: Collection[int]) -> set[int]:
    """The numbers of those that a person may see."""
    query = select(Incident.number).where(col(Incident.number).in_(numbers), visible_to(person))
    return set(tx.session.exec(query).all())


def may_see(tx: Transaction, person: Person, incident: Incident) -> bool:
    """Whether a person may see this incident."""
    if not incident.private and person.belongs(Group.MEMBERS):
        return True
    return (
        tx.session.exec(select(Incident.id).where(Incident.id == incident.id, visible_to(person))).first() is not None
    )


def find_incident(tx: Transaction, number: int, *, hold: bool = False) -> Incident | None:
    """By number. `hold` locks it until the transaction ends, but not for new rows that refer to it, such as deliveries.

    Raises UnreadableIncident.
    """
    query = select(Incident).where(Incident.number == number)
    return _one(tx, query.with_for_update(key_share=True) if hold else query)


def get_incident(tx: Transaction, incident_id: str, *, hold: bool = False) -> Incident:
    """By id. Raises UnreadableIncident."""
    query = select(Incident).where(Incident.id == incident_id)
    found = _one(tx, query.with_for_update(key_share=True) if hold else query)
    assert found is not None
    return found


def _one(tx: Transaction, query: SelectOfScalar[Incident]) -> Incident | None:
    try:
        return tx.session.exec(query).one_or_none()
    except UNREADABLE as problem:
        number = tx.session.execute(query.with_only_columns(col(Incident.number))).scalar_one()
        raise UnreadableIncident(incident=f"INC-{number}") from problem


def _readable(tx: Transaction, query: SelectOfScalar[Incident]) -> Sequence[Incident]:
    """Those whose rows can be read. The keys of the others are added to `tx.unread`."""
    try:
        return tx.session.exec(query).all()
    except UNREADABLE:
        found = []
        for incident_id, number in tx.session.execute(query.with_only_columns(col(Incident.id), col(Incident.number))):
            try:
                found.append(tx.session.get_one(Incident, incident_id))
            except UNREADABLE as problem:
                _leave_out(tx, f"INC-{number}", problem)
        return found


def read_each(tx: Transaction, found: Iterable[Incident], read: Callable[[Incident], T]) -> list[T]:
    """What is read of these incidents. The keys of those with a row that cannot be read are added to `tx.unread`."""
    done = []
    for incident in found:
        try:
            done.append(read(incident))
        except UNREADABLE as problem:
            _leave_out(tx, incident.key, problem)
    return done


def _leave_out(tx: Transaction, key: str, problem: Exception) -> None:
    log.error("%s cannot be read", key, exc_info=problem)
    tx.unread.add(key)


def incident_of_room(tx: Transaction, platform: str, channel: str, *, hold: bool = False) -> Incident | None:
    """The incident of this room. `hold` locks it until the transaction ends."""
    query = select(Incident).join(Room, col(Room.incident_id) == Incident.id)
    query = query.where(Room.platform == platform, Room.channel == channel)
    return _one(tx, query.with_for_update(of=Incident, key_share=True) if hold else query)


def open_incidents(tx: Transaction, person: Person | None = None) -> Sequence[Incident]:
    """The open incidents that a person may see, oldest first; without a person, all of them."""
    query = select(Incident).where(col(Incident.closed_at).is_(None)).order_by(col(Incident.number))
    if person is not None:
        query = query.where(visible_to(person))
    return _readable(tx, query)


def recent_incidents(tx: Transaction, person: Person, *, limit: int, before: int | None = None) -> Sequence[Incident]:
    """The newest incidents that a person may see, below number `before`."""
    query = select(Incident).where(visible_to(person)).order_by(col(Incident.number).desc()).limit(limit)
    if before is not None:
        query = query.where(col(Incident.number) < before)
    return _readable(tx, query)


@dataclass(frozen=True)
class Wanted:
    """What a search looks for. Each word has to be in a title, a published text, or the record."""

    words: tuple[str, ...] = ()
    component: str = ""
    severity: Severity | None = None
    since: datetime | None = None
    until: datetime | None = None


def search(
    tx: Transaction, person: Person, wanted: Wanted, *, limit: int, before: int | None = None
) -> Sequence[Incident]:
    """The newest matching incidents that a person may see, below number `before`."""
    query = select(Incident).where(visible_to(person), *(_has(word) for word in wanted.words))
    if wanted.component:
        named = select(ComponentImpact.incident_id).where(ComponentImpact.component == wanted.component)
        query = query.where(col(Incident.id).in_(named))
    if wanted.severity is not None:
        query = query.where(Incident.severity == wanted.severity)
    if wanted.since is not None and wanted.until is not None:
        query = query.where(Incident.opened_at >= wanted.since, Incident.opened_at < wanted.until)
    if before is not None:
        query = query.where(col(Incident.number) < before)
    return _readable(tx, query.order_by(col(Incident.number).desc()).limit(limit))


def _has(word: str) -> ColumnElement[bool]:
    if re.fullmatch(r"INC-[1-9]\d{0,8}", word, re.ASCII | re.IGNORECASE):
        return col(Incident.number) == number_of(word.upper())
    published = select(Update.incident_id).join(UpdateText, col(UpdateText.update_id) == Update.id)
    published = published.where(Update.state == UpdateState.PUBLISHED)
    noted = select(RecordEntry.incident_id).join(EntryText, col(EntryText.entry_id) == RecordEntry.id)
    return or_(
        *(col(title).icontains(word, autoescape=True) for title in (Incident.title, Incident.declared_title)),
        col(Incident.id).in_(published.where(col(UpdateText.body).icontains(word, autoescape=True))),
        col(Incident.id).in_(noted.where(col(EntryText.text).icontains(word, autoescape=True))),
    )


def first_opened(tx: Transaction, person: Person) -> datetime | None:
    """When the first incident that a person may see was opened."""
    query = select(Incident.opened_at).where(visible_to(person)).order_by(col(Incident.opened_at)).limit(1)
    return tx.session.exec(query).first()


def declared_since(tx: Transaction, since: datetime) -> Sequence[Incident]:
    """Open incidents declared since a moment, newest first."""
    query = select(Incident).where(col(Incident.closed_at).is_(None), col(Incident.opened_at) >= since)
    return _readable(tx, query.order_by(col(Incident.number).desc()))


def declared_by(tx: Transaction, person: Person, since: datetime) -> Sequence[Incident]:
    """What a person declared since a moment, oldest first, open or closed."""
    query = select(Incident).where(Incident.declared_by == person.id, col(Incident.opened_at) > since)
    return _readable(tx, query.order_by(col(Incident.opened_at), col(Incident.number)))


def impacts(tx: Transaction, incident: Incident) -> Sequence[ComponentImpact]:
    """The impact rows of an incident."""
    return _IMPACTS.of(tx.session, incident.id)


def set_impact(
    tx: Transaction, incident: Incident, component: str, impact: Impact, *, set_by_person: bool = True
) -> None:
    """Set an impact for responders; the published value stays. Without `set_by_person`, a publication proposed it."""
    row = tx.session.get(ComponentImpact, (incident.id, component))
    if row is None:
        row = ComponentImpact(incident_id=incident.id, component=component, value=impact)
        tx.session.add(row)
    row.set_at = tx.now if set_by_person else row.set_at if row.value is impact else None
    row.value = impact


def publish_impact(tx: Transaction, incident: Incident, component: str, impact: Impact) -> None:
    """Publish the impact of a component that customers know from another incident."""
    row = tx.session.get(ComponentImpact, (incident.id, component))
    if row is not None:
        row.published = impact


def set_values(tx: Transaction, incident: Incident) -> Mapping[str, Impact]:
    """Component -> impact as set by responders."""
    return {row.component: row.value for row in impacts(tx, incident)}


def set_since(tx: Transaction, incident: Incident, since: datetime | None) -> set[str]:
    """The components whose impact someone set since a moment; without a moment, ever."""
    rows = [row for row in impacts(tx, incident) if row.set_at is not None]
    return {row.component for row in rows if since is None or (row.set_at is not None and row.set_at > since)}


def roles(tx: Transaction, incident: Incident) -> Mapping[Role, Person]:
    """The holder of each role."""
    query = select(RoleAssignment, Person).join(Person, col(RoleAssignment.person_id) == Person.id)
    rows = tx.session.exec(query.where(RoleAssignment.incident_id == incident.id)).all()
    return {assignment.role: person for assignment, person in rows}


def active_roles(tx: Transaction, incident: Incident) -> Mapping[Role, Person]:
    """The holders of roles who are still active."""
    return {role: person for role, person in roles(tx, incident).items() if person.can_be_assigned}


def assign(tx: Transaction, incident: Incident, role: Role, person: Person) -> None:
    """Give a role; it is taken from its previous holder."""
    row = tx.session.get(RoleAssignment, (incident.id, role))
    if row is None:
        tx.session.add(RoleAssignment(incident_id=incident.id, role=role, person_id=person.id))
    else:
        row.person_id = person.id


def responds(tx: Transaction, person: Person, incident: Incident) -> bool:
    """Whether a person holds a role in an incident or was invited to it."""
    query = select(Invited.person_id).where(
        Invited.incident_id == incident.id, Invited.person_id == person.id, col(Invited.came_in).is_(False)
    )
    holding = select(RoleAssignment.person_id).where(
        RoleAssignment.incident_id == incident.id, RoleAssignment.person_id == person.id
    )
    return tx.session.execute(query.union_all(holding)).first() is not None


def invite(tx: Transaction, incident: Incident, person: Person, *, came_in: bool = False) -> bool:
    """Let a person see a private incident, and work on it unless they only `came_in`; False if they already could."""
    row = tx.session.get(Invited, (incident.id, person.id))
    if row is None:
        tx.session.add(Invited(incident_id=incident.id, person_id=person.id, came_in=came_in))
    elif row.came_in and not came_in:
        row.came_in = False
    else:
        return False
    return True


def uninvite(tx: Transaction, incident: Incident, person: Person) -> bool:
    """Withdraw an invitation; False if there was none."""
    row = tx.session.get(Invited, (incident.id, person.id))
    if row is not None:
        tx.session.delete(row)
    return row is not None


def invited(tx: Transaction, incident: Incident) -> Sequence[Person]:
    """The people invited, by name."""
    query = select(Person).join(Invited, col(Invited.person_id) == Person.id)
    return tx.session.exec(query.where(Invited.incident_id == incident.id).order_by(Person.name)).all()
