"""Messages that are kept current: headlines, cards, reviews, reminders, announcements, and requests for approval.

A message is the delivery that posted it, which holds its reference. An edit shows what the rows say when it is sent. If
the message never arrived or someone deleted it, one delivery takes its place and becomes the message.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from bot.domain.deliveries import Delivery, DeliveryKind, DeliveryState, Operation
from bot.errors import MessageFixed, MessageGone
from bot.store import deliveries
from bot.store.transaction import Transaction

DELETED, FIXED = "was deleted", "can no longer be edited"
NAMES = {
    DeliveryKind.HEADLINE: "the message about the incident",
    DeliveryKind.CARD: "the card",
    DeliveryKind.REVIEW: "the review",
    DeliveryKind.NUDGE: "a reminder",
    DeliveryKind.ANNOUNCEMENT: "the announcement",
    DeliveryKind.APPROVAL: "a request for approval",
}
"""What is kept current, and what the record calls it."""


def refresh(tx: Transaction, rows: Sequence[Delivery], message: Delivery, *, due_at: datetime | None = None) -> None:
    """Show the newest state in a message. An unsent message will anyway, and so will an edit among `rows` that waits.

    In a room, edits of one message have a queue of their own, because a delivery report may wait for its next turn.
    """
    waits = any(
        (row.target, row.operation, row.state) == (message.id, Operation.EDIT, DeliveryState.DUE) for row in rows
    )
    if waits or (message.state is DeliveryState.DUE and not message.in_doubt):
        return
    edit = copy_of(tx, message, Operation.EDIT, message.id)
    edit.due_at = due_at
    if edit.destination.incident:
        edit.destination = replace(edit.destination, queue=message.id)
    tx.session.add(edit)


def show_newest(tx: Transaction, edit: Delivery) -> None:
    """Show the newest state once more after a late edit, which may have restored older text."""
    newest = deliveries.newest_edit(tx, edit.target) if edit.target else None
    if newest is not None and newest.state is not DeliveryState.DUE:
        tx.session.add(copy_of(tx, newest, Operation.EDIT, edit.target))


def replace_lost(tx: Transaction, message: Delivery) -> None:
    """After a message was given up: the first change that waits for it becomes the message."""
    waiting = deliveries.waiting_edit(tx, message)
    if message.kind in NAMES and waiting is not None:
        _take_over(tx, message, waiting)


def replace_deleted(tx: Transaction, row: Delivery, reference: str, gone: MessageGone) -> bool:
    """Handle a delivery that found its message deleted or fixed; False if there is nothing to replace.

    `reference` is the message it looked for. If another message has replaced it, the delivery simply tries again there.
    """
    if row.target is None or (row.operation is Operation.SEND and row.kind is not DeliveryKind.PIN):
        return False
    message = deliveries.get_delivery(tx, row.target, hold=True)
    if message.kind not in NAMES and isinstance(gone, MessageFixed):
        return False
    row.in_doubt, row.failing_since, row.due_at, row.state, row.reason = False, None, None, DeliveryState.DUE, ""
    if message.reference != reference:
        return True
    if message.kind not in NAMES and row.operation is Operation.REPLY:  # it stands alone
        row.operation = Operation.SEND
    elif message.kind not in NAMES:  # there is nothing left to edit
        row.state = DeliveryState.CANCELLED
    if message.kind not in NAMES:
        return True
    if row.kind is DeliveryKind.PIN:  # the new card is pinned once it is posted
        row.state = DeliveryState.CANCELLED
    by = row if row.operation is Operation.EDIT else _next_state(tx, message)
    _take_over(tx, message, by)
    message.target, message.reason = by.id, FIXED if isinstance(gone, MessageFixed) else DELETED
    return True


def how_lost(tx: Transaction, again: Delivery) -> str:
    """What became of the message that a delivery replaces: it was deleted, or can no longer be edited."""
    before = deliveries.replaced_by(tx, again)
    return before.reason if before else DELETED


def supersede(
    tx: Transaction,
    newest: Mapping[str | None, Delivery],
    waiting: Sequence[Delivery],
    words: str,
    *,
    threads: Collection[str],
) -> None:
    """Cancel the states that wait to be shown, in favor of the `newest` of each subscription.

    It becomes the message if that was never posted, and what is `waiting` for that follows it. A message that may have
    arrived is looked for first. For the subscriptions in `threads`, a first update becomes a reply to the new message.
    """
    shown = [row for row in waiting if row.kind is DeliveryKind.HEADLINE and row.subscription_id in newest]
    older = [row for row in shown if not (row.operation is Operation.SEND and row.in_doubt)]
    if not older:
        return
    for row in older:
        row.state, row.reason = DeliveryState.CANCELLED, words
    lost = {row.id: row for row in older if row.operation is Operation.SEND}
    for row in lost.values():
        _become(newest[row.subscription_id], row)
    tx.session.flush()
    for row in waiting:
        if row.target in lost and row.state is DeliveryState.DUE:
            row.target = newest[row.subscription_id].id
    replied = deliveries.messages_of(tx, {row.update_id for row in lost.values()}) if lost else {}
    for row in lost.values():
        if row.subscription_id in threads and (row.subscription_id, row.update_id) not in replied:
            row.kind, row.operation, row.target = DeliveryKind.UPDATE, Operation.REPLY, newest[row.subscription_id].id
            row.state, row.reason = DeliveryState.DUE, ""


def _next_state(tx: Transaction, message: Delivery) -> Delivery:
    """The first change that waits for a message, or another delivery of what it shows."""
    waiting = deliveries.waiting_edit(tx, message)
    if waiting is None:
        waiting = copy_of(tx, deliveries.newest_edit(tx, message.id) or message, Operation.SEND, None)
        waiting.destination = message.destination
        tx.session.add(waiting)
    return waiting


def _take_over(tx: Transaction, message: Delivery, by: Delivery) -> None:
    """Make a delivery the message. Everything that waits for the message follows it."""
    _become(by, message)
    tx.session.flush()
    deliveries.follow(tx, by, message.id)


def _become(by: Delivery, message: Delivery) -> None:
    by.operation, by.target, by.due_at, by.replaces = Operation.SEND, None, None, message.reference or message.replaces
    message.reference = ""


def copy_of(tx: Transaction, row: Delivery, operation: Operation, target: str | None) -> Delivery:
    """Another delivery of the same content."""
    return Delivery(
        incident_id=row.incident_id, destination=row.destination, kind=row.kind, operation=operation, target=target,
        subscription_id=row.subscription_id, update_id=row.update_id, text_id=row.text_id, nudge_id=row.nudge_id,
        entry_id=row.entry_id, body=row.body, created_at=tx.now,
    )  # fmt: skip
