"""Queries about deliveries: the outbox."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache

from sqlalchemy import BindParameter, ColumnElement, and_, bindparam, exists, func, or_, true, update
from sqlalchemy.orm import aliased
from sqlmodel import col, select
from sqlmodel.sql.expression import Select

from bot.domain.deliveries import (
    ASKS_FIRST,
    FOR_CUSTOMERS,
    OPEN_STATES,
    Delivery,
    DeliveryKind,
    DeliveryState,
    Operation,
)
from bot.domain.destinations import ROOM, Destination
from bot.domain.incident import Incident
from bot.domain.record import RecordEntry
from bot.domain.subscriptions import Subscription
from bot.domain.updates import Update
from bot.store.transaction import Transaction

NOT_SENT = (*OPEN_STATES, DeliveryState.DEAD)


def on_platform(platform: str, below: str = "") -> ColumnElement[bool]:
    """Whether a delivery goes to a platform, or to a place there whose text starts with `below`."""
    return col(Delivery.destination).startswith(f"{platform}:{below}")


def in_rooms_on(platform: str) -> ColumnElement[bool]:
    """Whether a delivery goes to the room of an incident on a platform."""
    return on_platform(platform, ROOM)


@cache
def is_known() -> ColumnElement[bool]:
    """Whether this version knows the kind of a delivery; a newer one may have more."""
    return and_(col(Delivery.kind).in_(DeliveryKind), col(Delivery.operation).in_(Operation))


@cache
def _claimable(platforms: tuple[str, ...]) -> ColumnElement[bool]:
    """The first unfinished delivery per destination and incident, if it is due at `:at` and its target is finished.

    Every tick and every wake-up asks this, and building the statement takes longer than running it. `IS TRUE` keeps
    PostgreSQL from joining: just after thousands were queued it expects a few, and would compare each with each.
    """
    at: BindParameter[datetime] = bindparam("at")
    target = aliased(Delivery)
    state = col(Delivery.state)
    first = (
        select(func.min(Delivery.number))
        .outerjoin(target, col(Delivery.target) == col(target.id))
        .where(state.in_(OPEN_STATES))
        .where(or_(col(target.id).is_(None), col(target.state).not_in(OPEN_STATES)))
        .group_by(col(Delivery.destination), col(Delivery.incident_id))
        .scalar_subquery()
    )
    return and_(
        state.in_(OPEN_STATES),
        col(Delivery.number).in_(first).is_(true()),
        is_known(),
        or_(*map(on_platform, platforms)),
        or_(
            and_(state == DeliveryState.DUE, or_(col(Delivery.due_at).is_(None), col(Delivery.due_at) <= at)),
            and_(state == DeliveryState.SENDING, col(Delivery.lease_until) <= at),
        ),
    )


def anything_to_claim(tx: Transaction, *, at: datetime, platforms: Sequence[str]) -> bool:
    """Whether `claim` would find something. Checked first, because claiming waits for the write lock."""
    query = select(Delivery.id).where(_claimable(tuple(platforms))).limit(1)
    return tx.session.exec(query, params={"at": at}).first() is not None


@cache
def _next_of(platform: str) -> Select[Delivery, bool]:
    """What can be claimed on a platform, and whether it is a retry or goes where others fail: for responders first."""
    failing = aliased(Delivery)
    places = select(col(failing.destination)).where(
        col(failing.state).in_(OPEN_STATES),
        or_(
            col(failing.failing_since).is_not(None), col(failing.in_doubt), col(failing.state) == DeliveryState.SENDING
        ),
    )
    sending = col(Delivery.state) == DeliveryState.SENDING
    again: ColumnElement[bool] = or_(sending, col(Delivery.destination).in_(places))
    query = select(Delivery, again).where(_claimable((platform,)))
    return query.order_by(again, col(Delivery.kind).in_(FOR_CUSTOMERS), col(Delivery.number)).with_for_update(
        of=Delivery, key_share=True, skip_locked=True
    )


def claim(
    tx: Transaction, *, owner: str, at: datetime, lease: timedelta, platform: str, limit: int, repeated: int
) -> list[tuple[Delivery, bool]]:
    """Claim due deliveries of a platform for `owner`: at most `limit`, of which at most `repeated` are retries.

    Each comes with whether it counts as a retry. So does everything for a destination where others fail or are being
    sent, because it may hang as well. Order is kept per destination and incident. One whose lease has expired is
    claimed again as in doubt: it may have been sent.
    """
    found = tx.session.execute(_next_of(platform).limit(limit), params={"at": at}).all()
    claimed = [(row, False) for row, again in found if not again]
    claimed += [(row, True) for row, again in found if again][:repeated]
    ours = update(Delivery).where(col(Delivery.id).in_([row.id for row, _again in claimed]))
    doubtful = or_(col(Delivery.in_doubt), col(Delivery.state) == DeliveryState.SENDING)
    values = {"in_doubt": doubtful, "state": DeliveryState.SENDING, "lease_owner": owner, "lease_until": at + lease}
    if claimed:
        tx.session.execute(ours.values(values).execution_options(synchronize_session=False))
    return claimed


def delayed(tx: Transaction) -> Mapping[tuple[Destination, str | None], Delivery]:
    """The failed deliveries that will be tried again, by destination and incident. Later ones wait for them."""
    query = select(Delivery).where(col(Delivery.state).in_(OPEN_STATES), Delivery.reason != "")
    rows = sorted(tx.session.exec(query), key=lambda row: -row.number)  # here, or SQLite might read all by their number
    return {(row.destination, row.incident_id): row for row in rows}


def try_now(tx: Transaction, arrived: Delivery, *, everywhere: bool) -> None:
    """What failed at the destination of a delivery that arrived is due at once; `everywhere`: on its platform."""
    place = (
        on_platform(arrived.destination.platform) if everywhere else col(Delivery.destination) == arrived.destination
    )
    query = select(Delivery.id).where(
        place, col(Delivery.state) == DeliveryState.DUE, col(Delivery.attempts) > 0, col(Delivery.due_at).is_not(None)
    )
    waiting = query.with_for_update(
        key_share=True, skip_locked=True
    )  # two that arrive at once must not wait for each other
    statement = update(Delivery).where(col(Delivery.id).in_(waiting))
    tx.session.execute(statement.values(due_at=None).execution_options(synchronize_session="fetch"))


def find_claimed(tx: Transaction, delivery_id: str, owner: str) -> Delivery | None:
    """A delivery while `owner` has it; None if the lease expired and another process took it."""
    query = select(Delivery).where(Delivery.id == delivery_id, Delivery.lease_owner == owner)
    return tx.session.exec(
        query.where(Delivery.state == DeliveryState.SENDING).with_for_update(key_share=True)
    ).one_or_none()


def follow(tx: Transaction, message: Delivery, before: str) -> None:
    """Whatever waits for the message `before` now waits for `message`, which replaces it."""
    waiting = (col(Delivery.target) == before, col(Delivery.state).in_(OPEN_STATES))
    tx.session.execute(update(Delivery).where(*waiting).values(target=message.id))


def unfinished(tx: Transaction) -> Sequence[Delivery]:
    """Everything that waits or is being sent, in order."""
    query = select(Delivery).where(col(Delivery.state).in_(OPEN_STATES)).order_by(col(Delivery.number))
    return tx.session.exec(query).all()


def replaced_by(tx: Transaction, again: Delivery) -> Delivery | None:
    """The message that a delivery replaced, if one was lost."""
    query = select(Delivery).where(
        Delivery.target == again.id, Delivery.operation == Operation.SEND, Delivery.state == DeliveryState.SENT,
        Delivery.reference == "",
    )  # fmt: skip
    return tx.session.exec(query.limit(1)).one_or_none()


def get_delivery(tx: Transaction, delivery_id: str, *, hold: bool = False) -> Delivery:
    """By id."""
    query = select(Delivery).where(Delivery.id == delivery_id)
    return tx.session.exec(query.with_for_update(key_share=True) if hold else query).one()


def get_deliveries(tx: Transaction, delivery_ids: Sequence[str], *, hold: bool = False) -> Sequence[Delivery]:
    """By ID, in order. Whoever holds several takes them in this order, so that nobody waits for each other."""
    if not delivery_ids:
        return ()
    query = select(Delivery).where(col(Delivery.id).in_(delivery_ids)).order_by(col(Delivery.number))
    return tx.session.exec(query.with_for_update(key_share=True) if hold else query).all()


def of_update(tx: Transaction, given: Update) -> Sequence[Delivery]:
    """The deliveries of an update to its subscribers, in order; without its review in the rooms."""
    query = select(Delivery).where(Delivery.update_id == given.id, col(Delivery.subscription_id).is_not(None))
    return tx.session.exec(query.order_by(col(Delivery.number))).all()


def to_subscribers(tx: Transaction, incident: Incident) -> tuple[Sequence[Delivery], Mapping[str | None, Delivery]]:
    """What waits to be sent to subscribers, in order, and `first_messages`. Nobody claims it until the commit."""
    query = select(Delivery).where(
        Delivery.incident_id == incident.id,
        or_(
            and_(col(Delivery.state) == DeliveryState.DUE, col(Delivery.subscription_id).is_not(None)),
            and_(col(Delivery.kind) == DeliveryKind.HEADLINE, col(Delivery.operation) == Operation.SEND),
        ),
    )
    rows = tx.session.exec(query.order_by(col(Delivery.number)).with_for_update(key_share=True)).all()
    return [row for row in rows if row.state is DeliveryState.DUE], _firsts(rows)


def is_retried_by(tx: Transaction, platform: str, at: datetime) -> bool:
    """Whether something that failed on a platform will be tried again by `at`.

    What is being sent does not count, because its outcome may be committed at the same time.
    """
    query = select(Delivery.id).where(
        on_platform(platform),
        or_(col(Delivery.due_at).is_(None), col(Delivery.due_at) <= at),
        Delivery.state == DeliveryState.DUE,
        col(Delivery.failing_since).is_not(None),
    )
    return tx.session.exec(query.limit(1)).first() is not None


def late_updates(tx: Transaction, *, failing_before: datetime) -> list[str]:
    """IDs of updates that have not reached a subscriber, and whose publisher was not told."""
    told = aliased(Delivery)
    query = select(Delivery.update_id).where(
        col(Delivery.state).in_(OPEN_STATES),
        col(Delivery.subscription_id).is_not(None),
        col(Delivery.failing_since) <= failing_before,
        ~exists().where(col(told.update_id) == Delivery.update_id, col(told.kind) == DeliveryKind.LATE),
    )  # fmt: skip
    return [found for found in tx.session.exec(query.distinct()).all() if found]


def failing(tx: Transaction, *, before: datetime) -> Mapping[Destination, Sequence[Delivery]]:
    """What has not reached a subscribed destination since the last delivery there, oldest first.

    Destinations where that began after `before` are left out.
    """
    bad, sent = aliased(Delivery), aliased(Delivery)
    places = select(col(bad.destination)).join(Subscription, col(Subscription.id) == bad.subscription_id).where(
        col(bad.state).in_(NOT_SENT), col(bad.failing_since).is_not(None),
        col(Subscription.active),
    )  # fmt: skip
    arrived = select(func.coalesce(func.max(sent.number), 0)).where(
        col(sent.state) == DeliveryState.SENT, col(sent.destination) == Delivery.destination
    )
    query = select(Delivery).where(
        col(Delivery.state).in_((*NOT_SENT, DeliveryState.CANCELLED)),
        col(Delivery.destination).in_(places),
        or_(
            col(Delivery.state).in_(OPEN_STATES),
            and_(col(Delivery.failing_since).is_not(None), col(Delivery.number) > arrived.scalar_subquery()),
        ),
    )
    found = defaultdict(list)
    for row in tx.session.exec(query.order_by(col(Delivery.number))):
        found[row.destination].append(row)
    return {place: rows for place, rows in found.items() if _is_failing(rows, before)}


def _is_failing(rows: Sequence[Delivery], before: datetime) -> bool:
    failed = [row for row in rows if row.failing_since is not None and row.failing_since <= before]
    return bool(failed) and any(row.state in NOT_SENT and row.failing_since is not None for row in rows)


def dead_at(tx: Transaction, destination: Destination) -> Sequence[Delivery]:
    """What failed at a subscribed destination in incidents that are open, oldest first, unless a person has to ask."""
    query = select(Delivery).join(Incident, col(Incident.id) == Delivery.incident_id).where(
        Delivery.state == DeliveryState.DEAD, Delivery.destination == destination,
        col(Delivery.subscription_id).is_not(None), col(Incident.closed_at).is_(None), Delivery.reason != ASKS_FIRST,
    )  # fmt: skip
    return tx.session.exec(query.order_by(col(Delivery.number))).all()


def late_notes(tx: Transaction, update_id: str) -> Sequence[Delivery]:
    """What tells that an update is late, and the edits of it, oldest first."""
    query = select(Delivery).where(Delivery.update_id == update_id, Delivery.kind == DeliveryKind.LATE)
    return tx.session.exec(query.order_by(col(Delivery.number))).all()


def of_destination(tx: Transaction, destination: Destination, *, limit: int) -> Sequence[Delivery]:
    """The newest deliveries to a destination, oldest first."""
    query = (
        select(Delivery).where(Delivery.destination == destination).order_by(col(Delivery.number).desc()).limit(limit)
    )
    return tx.session.exec(query).all()[::-1]


def lines_of(tx: Transaction, incident: Incident, entry: RecordEntry) -> Sequence[Delivery]:
    """The thread lines that show an entry and have arrived."""
    query = select(Delivery).where(Delivery.incident_id == incident.id, Delivery.entry_id == entry.id)
    return tx.session.exec(query.where(Delivery.state == DeliveryState.SENT, Delivery.reference != "")).all()


def with_words(tx: Transaction, incident: Incident) -> Sequence[Delivery]:
    """The deliveries about an incident that have words of their own."""
    query = select(Delivery).where(Delivery.incident_id == incident.id, Delivery.body != "")
    return tx.session.exec(query.order_by(col(Delivery.id))).all()


def announcements(tx: Transaction, incident: Incident) -> Sequence[Delivery]:
    """The announcements of an incident and the changes to them, oldest first."""
    query = select(Delivery).where(Delivery.incident_id == incident.id, Delivery.kind == DeliveryKind.ANNOUNCEMENT)
    return tx.session.exec(query.order_by(col(Delivery.number))).all()


def pictures(tx: Transaction, incident: Incident) -> Sequence[Delivery]:
    """The pictures of an incident, oldest first."""
    query = select(Delivery).where(Delivery.incident_id == incident.id, Delivery.kind == DeliveryKind.PICTURE)
    return tx.session.exec(query.order_by(col(Delivery.number))).all()


def of_nudges(tx: Transaction, nudge_ids: Sequence[str]) -> Sequence[Delivery]:
    """The deliveries of these reminders, oldest first."""
    query = select(Delivery).where(col(Delivery.nudge_id).in_(nudge_ids)).order_by(col(Delivery.number))
    return tx.session.exec(query).all()


def first_messages(tx: Transaction, incident: Incident) -> Mapping[str | None, Delivery]:
    """By subscription, the message about an incident that is kept current, or that the thread belongs to."""
    query = select(Delivery).where(
        Delivery.incident_id == incident.id,
        Delivery.kind == DeliveryKind.HEADLINE,
        Delivery.operation == Operation.SEND,
    )
    return _firsts(tx.session.exec(query.order_by(col(Delivery.number))).all())


def _firsts(rows: Sequence[Delivery]) -> Mapping[str | None, Delivery]:
    first: dict[str | None, Delivery] = {}
    for row in rows:
        if row.kind is DeliveryKind.HEADLINE and row.is_message:
            first.setdefault(row.subscription_id, row)
    return first


def waiting_edit(tx: Transaction, message: Delivery) -> Delivery | None:
    """The first change of a message that waits to be sent."""
    query = select(Delivery).where(
        Delivery.target == message.id, Delivery.operation == Operation.EDIT, Delivery.state == DeliveryState.DUE
    )
    return tx.session.exec(query.order_by(col(Delivery.number)).limit(1)).one_or_none()


def newest_edit(tx: Transaction, message_id: str) -> Delivery | None:
    """The newest change of a message, sent or waiting."""
    query = select(Delivery).where(
        Delivery.target == message_id,
        Delivery.operation == Operation.EDIT,
        col(Delivery.state).not_in((DeliveryState.CANCELLED, DeliveryState.DEAD)),
    )
    return tx.session.exec(query.order_by(col(Delivery.number).desc()).limit(1)).one_or_none()


def messages_of(
    tx: Transaction, update_ids: Collection[str | None]
) -> Mapping[tuple[str | None, str | None], Delivery]:
    """The messages that show one of these updates each, by subscription and update."""
    query = select(Delivery).where(col(Delivery.update_id).in_(update_ids), Delivery.kind == DeliveryKind.UPDATE)
    rows = tx.session.exec(query.order_by(col(Delivery.number).desc()))
    return {(row.subscription_id, row.update_id): row for row in rows}  # the first of several


def has_received(tx: Transaction, subscription: Subscription, given: Update) -> bool:
    """Whether an update was or will be sent to a subscription."""
    query = select(Delivery.id).where(
        Delivery.subscription_id == subscription.id,
        Delivery.update_id == given.id,
        Delivery.state != DeliveryState.CANCELLED,
    )
    return tx.session.exec(query.limit(1)).first() is not None


def outdated(tx: Transaction, headlines: Sequence[Delivery]) -> set[str]:
    """IDs of those for which a newer one has arrived, so that a late retry must not restore older text."""
    if not headlines:
        return set()
    query = select(Delivery.subscription_id, Delivery.incident_id, func.max(Delivery.number)).where(
        col(Delivery.subscription_id).in_({row.subscription_id for row in headlines}),
        col(Delivery.incident_id).in_({row.incident_id for row in headlines}),
        Delivery.kind == DeliveryKind.HEADLINE,
        Delivery.state == DeliveryState.SENT,
    )
    found = tx.session.exec(query.group_by(col(Delivery.subscription_id), col(Delivery.incident_id)))
    newest = {(subscription, incident): number for subscription, incident, number in found}
    return {row.id for row in headlines if newest.get((row.subscription_id, row.incident_id), 0) > row.number}


def cancel_pending(tx: Transaction, *, destination: Destination | None = None, nudges: Sequence[str] = ()) -> None:
    """Cancel what was not sent: everything to a destination, or copies of these reminders that did not arrive."""
    statement = update(Delivery).where(col(Delivery.state) == DeliveryState.DUE)
    if destination is not None:
        statement = statement.where(col(Delivery.destination) == destination)
    else:
        statement = statement.where(col(Delivery.nudge_id).in_(nudges), col(Delivery.in_doubt).is_(False))
    tx.session.exec(statement.values(state=DeliveryState.CANCELLED).execution_options(synchronize_session="fetch"))
