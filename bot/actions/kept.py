"""Messages that are kept current. A deleted message is posted again once and kept current from there.

Whatever finds a message deleted (an edit, a reply, or a pin) makes sure that exactly one delivery with
`Operation.AGAIN` is open for it. That delivery posts the newest state, and its reference becomes the message's; the
others wait for it.
"""

from bot.actions import rooms
from bot.domain.deliveries import Delivery, DeliveryKind, DeliveryState, Operation
from bot.domain.record import EntryKind
from bot.store import deliveries, incidents
from bot.store.rooms import kept, message
from bot.store.transaction import Transaction

WHAT = {
    DeliveryKind.HEADLINE: "the message about the incident",
    DeliveryKind.CARD: "the card",
    DeliveryKind.REVIEW: "the review",
    DeliveryKind.NUDGE: "a reminder",
}
"""What is kept current, and what the record calls it."""


def message_gone(tx: Transaction, row: Delivery, reference: str) -> bool:
    """Handle a delivery that found its message deleted; False if the delivery concerns no message.

    `reference` is the message it looked for. If another message has replaced it, the delivery simply tries again there.
    """
    shown = None if row.operation is Operation.AGAIN else _shown(tx, row)
    if shown is None:
        return False
    row.in_doubt, row.due_at = False, None
    if shown.kind not in WHAT or row.kind in (DeliveryKind.NUDGE_DONE, DeliveryKind.PIN):
        _without(tx, row, shown)
        return True
    row.state, row.reason = DeliveryState.DUE, ""
    again = deliveries.posting_again(tx, shown)
    if shown.reference != reference:
        row.target = shown.id
    elif again is None and row.operation is Operation.EDIT:
        row.operation, row.target = Operation.AGAIN, shown.id
    else:
        row.target = (again or _post_again(tx, shown)).id
    return True


def posted_again(tx: Transaction, row: Delivery) -> None:
    """Make this the message, record it, and pin the card again."""
    shown = _shown(tx, row)
    if shown is None or row.incident_id is None:
        return
    shown.reference, shown.state = row.reference, DeliveryState.SENT
    incident = incidents.get_incident(tx, row.incident_id)
    platform = row.destination.platform
    where = f"the room on {platform.capitalize()}" if row.destination.incident else row.destination
    tx.record(
        None, EntryKind.POSTED_AGAIN, incident, f"{WHAT[shown.kind]} in {where} was deleted, so it was posted again"
    )
    if shown.kind is DeliveryKind.CARD:
        rooms.pin(tx, incident, platform, row)


def show_current(tx: Transaction, row: Delivery) -> None:
    """Show the newest state once more after a late edit, which may have restored older text."""
    newest = deliveries.newest_edit(tx, row)
    if newest is not None and newest.state is not DeliveryState.DUE:
        tx.session.add(_like(tx, newest, Operation.EDIT, row.target))


def _without(tx: Transaction, row: Delivery, shown: Delivery) -> None:
    """Stop using a message that is gone for good: replies stand alone, edits are dropped, and a new card is pinned."""
    if row.operation is Operation.REPLY:
        row.operation, row.state = Operation.SEND, DeliveryState.DUE
        return
    row.state = DeliveryState.CANCELLED
    if row.kind is DeliveryKind.PIN and deliveries.posting_again(tx, shown) is None:
        _post_again(tx, shown)


def _post_again(tx: Transaction, shown: Delivery) -> Delivery:
    newest = deliveries.newest_headline(tx, shown) if shown.kind is DeliveryKind.HEADLINE else shown
    again = _like(tx, newest or shown, Operation.AGAIN, shown.id)
    if shown.kind in (DeliveryKind.CARD, DeliveryKind.REVIEW):
        again.destination = rooms.queue_of(shown)
    tx.session.add(again)
    tx.session.flush()
    return again


def _like(tx: Transaction, row: Delivery, operation: Operation, target: str | None) -> Delivery:
    """Another delivery of the same content."""
    return Delivery(
        incident_id=row.incident_id, destination=row.destination, kind=row.kind, operation=operation, target=target,
        subscription_id=row.subscription_id, update_id=row.update_id, text_id=row.text_id, nudge_id=row.nudge_id,
        created_at=tx.now,
    )  # fmt: skip


def _shown(tx: Transaction, row: Delivery) -> Delivery | None:
    """The first delivery of the message that a delivery concerns. It holds the reference."""
    if row.kind is DeliveryKind.PIN and row.incident_id is not None:
        incident = incidents.get_incident(tx, row.incident_id)
        return message(kept(tx, incident), row.destination.platform, DeliveryKind.CARD)
    if row.target is None or row.operation is Operation.SEND:
        return None
    target = deliveries.get_delivery(tx, row.target, hold=True)
    if target.operation is Operation.AGAIN and target.target is not None:
        return deliveries.get_delivery(tx, target.target, hold=True)
    return target
