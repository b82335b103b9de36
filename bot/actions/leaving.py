"""If nobody who was asked can answer, because they left or cannot be reached, the next people are asked at once."""

from collections.abc import Sequence

from bot.actions import approvals, outbox
from bot.actions.app_context import AppContext
from bot.actions.promises import step_words
from bot.actions.readiness import check_readiness
from bot.actions.recipients import people_to_ask
from bot.domain.deliveries import Delivery, DeliveryState, Operation
from bot.domain.incident import Incident
from bot.domain.nudges import AskedRole, Nudge
from bot.domain.people import Person
from bot.domain.record import EntryKind
from bot.store import approvals as approval_queries
from bot.store import deliveries, incidents, people, promises, updates
from bot.store.transaction import Transaction


def ask_next_everywhere(tx: Transaction, app: AppContext) -> None:
    """After people left: in every open incident."""
    tx.session.flush()
    for incident in incidents.open_incidents(tx):
        ask_next(tx, app, incidents.get_incident(tx, incident.id, hold=True))


def ask_next(tx: Transaction, app: AppContext, incident: Incident) -> None:
    """Ask the next people to publish and to approve, if none of those who were asked can answer."""
    promise = promises.open_promise(tx, incident)
    sent = promises.nudges_sent(tx, promise) if promise else ()
    if sent:
        _remind_next(tx, app, incident, sent[-1])
    draft = updates.find_draft(tx, incident)
    if draft is None:
        return
    asked = _asked(tx, approval_queries.asked(tx, draft))
    readiness = check_readiness(tx, app, incident, draft) if asked and _nobody_left(asked) else None
    to = [each for each in readiness.possible_approvers if each.id not in _ids(asked)] if readiness else []
    if to:
        approvals.ask(tx, app, None, incident, draft, to)


def _remind_next(tx: Transaction, app: AppContext, incident: Incident, nudge: Nudge) -> None:
    rows = [row for row in deliveries.of_nudges(tx, [nudge.id]) if row.operation is Operation.SEND]
    asked = _asked(tx, rows)
    if not asked or not _nobody_left(asked):
        return
    for asks in (nudge.asks, AskedRole.COMMANDER, AskedRole.ESCALATION):
        to = [person for person in people_to_ask(tx, app, incident, asks) if person.id not in _ids(asked)]
        if to:
            who = ", ".join(person.name for person in to)
            gone = ", ".join(person.name for person, _rows in asked)
            words = f"{step_words(nudge.step)}: {who}, because {gone} left or cannot be reached"
            tx.record(None, EntryKind.NUDGED, incident, words)
            outbox.refresh_nudges(tx, [nudge])
            outbox.send_nudge(tx, app, incident, nudge, to, room=False)
            return


Asked = list[tuple[Person, list[Delivery]]]


def _asked(tx: Transaction, rows: Sequence[Delivery]) -> Asked:
    """Who was asked, and by which messages."""
    found: dict[str, tuple[Person, list[Delivery]]] = {}
    for row in rows:
        person = people.reader_of(tx, row.destination)
        if person is not None:
            found.setdefault(person.id, (person, []))[1].append(row)
    return list(found.values())


def _nobody_left(asked: Asked) -> bool:
    return not any(person.active and _is_reached(rows) for person, rows in asked)


def _is_reached(rows: Sequence[Delivery]) -> bool:
    """Whether a message arrived, or may arrive. The console counts only for people without another account."""
    elsewhere = [row for row in rows if row.destination.platform != "local"] or rows
    return any(row.state is not DeliveryState.DEAD for row in elsewhere)


def _ids(asked: Asked) -> set[str]:
    return {person.id for person, _rows in asked}
