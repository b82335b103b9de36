"""Rooms of an incident on chat platforms, created, filled, and kept current through the outbox.

The incident exists from its commit; a room that cannot be made does not affect it.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.actions import kept
from bot.actions.app_context import AppContext
from bot.actions.outbox import notify, room_platforms
from bot.actions.recipients import people_to_ask
from bot.domain.deliveries import ROOM_STEPS, Delivery, DeliveryKind, DeliveryState, Operation
from bot.domain.destinations import Destination
from bot.domain.incident import Incident
from bot.domain.lifecycle import Transition
from bot.domain.nudges import AskedRole
from bot.domain.people import Person
from bot.domain.record import EntryKind, RecordEntry
from bot.domain.updates import Update, UpdateState
from bot.errors import NothingToRetry, PlaceLost
from bot.store import people, rooms, updates
from bot.store.transaction import Transaction

REPORT_EVERY = timedelta(seconds=3)  # a delivery report is edited at most this often
MOST_ROOMS = 3  # of an incident on a platform, until people have to ask for another one
QUIET_LINES = frozenset(
    {
        EntryKind.NOTE,
        EntryKind.ROLE,
        EntryKind.SEVERITY,
        EntryKind.IMPACT,
        EntryKind.PRIVACY,
        EntryKind.INVITED,
        EntryKind.MERGED,
    }
)
"""Entries that are only worth reading: the card shows the latest, and its thread has all of them."""
UNSHOWN = frozenset({EntryKind.NOTE, EntryKind.INVITED})
"""Entries that do not change the review."""


def open_rooms(tx: Transaction, app: AppContext, incident: Incident, declared_on: str) -> None:
    """Make a room where the incident was declared, or on every platform."""
    everywhere = app.organisation.rooms.where == "all"
    for platform in app.room_platforms:
        if everywhere or platform == declared_on:
            _open_room(tx, incident, platform)


def _open_room(tx: Transaction, incident: Incident, platform: str) -> Delivery:
    room = _add(tx, incident, platform, DeliveryKind.ROOM)
    card = _add(tx, incident, platform, DeliveryKind.CARD, target=room)
    _add(tx, incident, platform, DeliveryKind.TOPIC, target=room)
    for kind in (DeliveryKind.INVITATION, DeliveryKind.BOOKMARK):  # people who come in find the card
        _add(tx, incident, platform, kind, target=card)
    pin(tx, incident, platform, card)
    return card


def pin(tx: Transaction, incident: Incident, platform: str, card: Delivery) -> None:
    """Pin the card once it is posted."""
    _add(tx, incident, platform, DeliveryKind.PIN, target=card)


def refresh(tx: Transaction, app: AppContext, incident: Incident) -> Sequence[Delivery]:
    """After a change, show the newest state in the card and the review, and post thread lines for the rest.

    Returns everything that is kept of the incident, as it was before.
    """
    entries = [entry for changed, entry in tx.entries if changed.id == incident.id]
    new = any(entry.kind is EntryKind.DECLARED for entry in entries)  # the card shows all of it
    lines = [entry for entry in entries if entry.kind in QUIET_LINES and not new]
    shown = not entries or any(entry.kind not in UNSHOWN for entry in entries)
    rows = rooms.kept(tx, incident)
    for platform in room_platforms(app, rows):
        card = rooms.message(rows, platform, DeliveryKind.CARD)
        if card is None:  # it could not be posted
            card = _add(tx, incident, platform, DeliveryKind.CARD)
            pin(tx, incident, platform, card)
        else:
            kept.refresh(tx, rows, card)
        for entry in lines if platform in app.thread_platforms else ():
            _add(tx, incident, platform, DeliveryKind.LINE, operation=Operation.REPLY, target=card, entry=entry)
        if shown:
            _show_review(tx, incident, rows, platform, card)
    return rows


def refresh_report(tx: Transaction, app: AppContext, incident: Incident, update_id: str, real_now: datetime) -> None:
    """Update the delivery report of an update, at most every 3 seconds of real time."""
    rows = rooms.kept(tx, incident) if app.room_platforms else ()
    for platform in room_platforms(app, rows):
        shown = rooms.message(rows, platform, DeliveryKind.REVIEW, update_id)
        if shown is not None:
            kept.refresh(tx, rows, shown, due_at=real_now + REPORT_EVERY)


def close_rooms(tx: Transaction, app: AppContext, incident: Incident, real_now: datetime) -> None:
    """Archive the rooms some time after the end, if configured."""
    hours = app.organisation.rooms.archive_after_hours
    if hours:
        for platform in room_platforms(app, rooms.kept(tx, incident)):
            due_at = real_now + timedelta(hours=hours)
            _add(tx, incident, platform, DeliveryKind.ARCHIVE, due_at=due_at)


def invite(tx: Transaction, app: AppContext, incident: Incident) -> None:
    """Add everyone who holds a role or was invited to the rooms."""
    for platform in room_platforms(app, rooms.kept(tx, incident)):
        _add(tx, incident, platform, DeliveryKind.INVITATION)


def remove(tx: Transaction, app: AppContext, incident: Incident, person: Person) -> None:
    """Remove someone from the rooms of a private incident, unless they belong there again by then."""
    if incident.private:
        for platform in room_platforms(app, rooms.kept(tx, incident)):
            _add(tx, incident, platform, DeliveryKind.INVITATION, body=person.id)


def handle_lost_room(
    tx: Transaction, app: AppContext, incident: Incident, row: Delivery, channel: str, gone: PlaceLost
) -> None:
    """Handle a delivery that found its room gone. The room of an open incident is made again, with its messages.

    If that was done often enough, nothing more is sent there, and the commander is told why and can make another one.
    The room of a closed incident stays as it is.
    """
    platform = row.destination.platform
    row.state, row.due_at = DeliveryState.DEAD, None
    if incident.closed_at is not None and not _is_reopening(tx, incident):
        row.state = DeliveryState.CANCELLED
        return
    room = rooms.room_of(tx, incident.id, platform)
    if room is not None and room.channel == channel:  # not known yet
        tx.session.delete(room)
        _replace_room(tx, app, incident, platform, gone)
    redirect_to_new_room(tx, incident, row)


def _is_reopening(tx: Transaction, incident: Incident) -> bool:
    draft = updates.find_draft(tx, incident)
    return draft is not None and draft.move is Transition.REOPENED


def _replace_room(tx: Transaction, app: AppContext, incident: Incident, platform: str, gone: PlaceLost) -> None:
    made = [row for row in rooms.making(tx, incident) if row.destination.platform == platform]
    again = len(made) < MOST_ROOMS
    for row in made:
        if row.state is DeliveryState.SENT:
            row.state, row.reason = DeliveryState.CANCELLED if again else DeliveryState.DEAD, gone.reason
    tx.session.flush()
    if again:
        _make_again(tx, app, incident, platform, gone)
        return
    for row in rooms.waiting(tx, incident, platform):
        row.state = DeliveryState.CANCELLED
    tx.session.flush()
    words = f"{incident.key} no longer has a room on {platform.capitalize()}. {gone.reason} "
    words += "You can work here and in the console. For another room, open its deliveries and select Retry."
    notify(
        tx,
        app,
        incident,
        people_to_ask(tx, app, incident, AskedRole.COMMANDER),
        words,
        about=made[-1] if made else None,
    )
    tx.record(None, EntryKind.DELIVERY_FAILED, incident, f"the room on {platform.capitalize()}: {gone.reason}")


def _make_again(tx: Transaction, app: AppContext, incident: Incident, platform: str, gone: PlaceLost) -> None:
    """Make another room with the card, the newest review, and the newest reminder; waiting messages are sent there."""
    standing, waiting = rooms.standing(tx, incident, platform), rooms.waiting(tx, incident, platform)
    for row in standing:
        row.state, row.reason = DeliveryState.CANCELLED, gone.reason
    tx.session.flush()
    card = _open_room(tx, incident, platform)
    for row in waiting:
        redirect_to_new_room(tx, incident, row)
    newest = {row.kind: row for row in [*standing, *waiting] if row.operation is Operation.SEND}
    for row in newest.values():
        if row in standing and row.kind is not DeliveryKind.CARD:
            tx.session.add(kept.copy_of(tx, row, Operation.SEND, card.id))
    words = f"the room on {platform.capitalize()} {gone.how}, so another one is being made"
    tx.record(None, EntryKind.POSTED_AGAIN, incident, words)
    notify(tx, app, incident, people_to_ask(tx, app, incident, AskedRole.COMMANDER), f"{incident.key}: {words}.")


def redirect_to_new_room(tx: Transaction, incident: Incident, row: Delivery) -> None:
    """Redirect a message for a room that is gone to the one that replaced it, if it still matters there."""
    platform = row.destination.platform
    room = rooms.newest(tx, incident, platform)
    if room is None or room.state in rooms.GONE or row.kind is DeliveryKind.ARCHIVE:
        return
    card = rooms.message(rooms.kept(tx, incident), platform, DeliveryKind.CARD)
    with_room = row.kind in ROOM_STEPS or row.kind is DeliveryKind.CARD  # already created with the room
    if with_room or row.operation is Operation.EDIT or (card is None and row.operation is Operation.REPLY):
        row.state = DeliveryState.CANCELLED
        return
    row.state, row.due_at, row.target = DeliveryState.DUE, None, (card or room).id


def had_room(tx: Transaction, incident: Incident, making: Delivery) -> bool:
    """Whether another room was made, or was attempted, on the same platform before."""
    platform = making.destination.platform
    return any(
        row.destination.platform == platform and row.number < making.number for row in rooms.making(tx, incident)
    )


def notify_room_failed(tx: Transaction, app: AppContext, incident: Incident, row: Delivery) -> None:
    """Tell the declarer that the room could not be created after all."""
    declarer = [person for person in people.everybody_ever(tx) if person.id == incident.declared_by]
    words = f"{incident.key} is declared, but its room could not be created: {row.reason.rstrip('.')}. "
    words += "You can work here and in the console. To try again, open its deliveries and select Retry."
    notify(tx, app, incident, declarer, words, about=row)


def notify_room_closed(tx: Transaction, app: AppContext, incident: Incident, row: Delivery) -> None:
    """Tell the commander that Foghorn cannot write in the room, which may be changed by people there."""
    words = f"Foghorn cannot write in the room of {incident.key} on {row.destination.platform.capitalize()}. "
    words += f"{row.reason} Until then, work here or in the console; the room shows the next change after that."
    notify(tx, app, incident, people_to_ask(tx, app, incident, AskedRole.COMMANDER), words)


def retry_rooms(tx: Transaction, actor: Person, incident: Incident) -> None:
    """Retry rooms that could not be created, with all their messages. Raises NothingToRetry."""
    made = rooms.making(tx, incident)
    failed = [row for row in made if row.state is DeliveryState.DEAD]
    if not failed:
        raise NothingToRetry(number=len(made))
    for row in failed:
        platform = row.destination.platform
        row.state = DeliveryState.CANCELLED
        _open_room(tx, incident, platform)
    tx.record(actor, EntryKind.RETRIED, incident, "making the room")


def _show_review(tx: Transaction, incident: Incident, rows: Sequence[Delivery], platform: str, card: Delivery) -> None:
    """One message per draft, below the card, edited in place: a new revision, then the report, or its end."""
    update = updates.find_draft(tx, incident) or updates.last_ended(tx, incident)
    shown = rooms.message(rows, platform, DeliveryKind.REVIEW, update.id) if update else None
    if shown is not None:
        kept.refresh(tx, rows, shown)
    elif update is not None and (update.state is UpdateState.DRAFT or update.published_at == tx.now):
        _add(tx, incident, platform, DeliveryKind.REVIEW, target=card, update=update)


def _add(
    tx: Transaction,
    incident: Incident,
    platform: str,
    kind: DeliveryKind,
    *,
    operation: Operation = Operation.SEND,
    target: Delivery | None = None,
    update: Update | None = None,
    entry: RecordEntry | None = None,
    due_at: datetime | None = None,
    body: str = "",
) -> Delivery:
    queue = "" if kind in (DeliveryKind.ROOM, DeliveryKind.REVIEW) else kind.value
    row = Delivery(
        incident_id=incident.id,
        destination=Destination(platform, incident=incident.key, queue=queue),
        kind=kind,
        operation=operation,
        target=target.id if target else None,
        update_id=update.id if update else None,
        entry_id=entry.id if entry else None,
        created_at=tx.now,
        due_at=due_at,
        body=body,
    )
    tx.session.add(row)
    return row
