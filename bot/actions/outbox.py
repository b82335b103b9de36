"""Creates deliveries. They are committed together with the change and sent by the worker."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from bot.actions import kept
from bot.actions.app_context import AppContext
from bot.actions.recipients import affected, destination_words, people_to_ask, recipients
from bot.domain.deliveries import Delivery, DeliveryKind, DeliveryState, Operation
from bot.domain.destinations import Destination
from bot.domain.incident import Incident
from bot.domain.nudges import AskedRole, Nudge
from bot.domain.people import Person
from bot.domain.record import EntryKind
from bot.domain.subscriptions import Mode, Subscription
from bot.domain.updates import Update, UpdateText, text_of
from bot.errors import NothingToRetry, NothingToStop
from bot.store import deliveries, incidents, people, rooms, subscriptions, updates
from bot.store.transaction import Transaction

WELL = "`foghorn doctor` found to be well again"


def send_update(tx: Transaction, incident: Incident, update: Update) -> None:
    """One delivery for each subscription, in its mode. What failed before is tried again at once."""
    texts = updates.texts(tx, update)
    waiting, first = deliveries.to_subscribers(tx, incident)
    for row in waiting:
        row.due_at = None if row.attempts else row.due_at
    again: list[tuple[Subscription, UpdateText, Delivery]] = []
    for subscription in recipients(tx, incident, affected(update)):
        text = _text_for(texts, subscription)
        if text is not None:
            message = first.get(subscription.id)
            newest = _send_text(tx, incident, update, subscription, text, message)
            if message is not None and subscription.mode is not Mode.EVERY:
                again.append((subscription, text, newest))
    threads = {subscription.id for subscription, _text, _newest in again if subscription.mode is Mode.THREAD}
    words = f"update {update.number} replaced it before it arrived"
    kept.supersede(tx, {row.subscription_id: row for _to, _text, row in again}, waiting, words, threads=threads)
    for subscription, text, newest in again:
        _reply_in_thread(tx, incident, update, subscription, text, first[subscription.id], newest)


def send_current(
    tx: Transaction, incident: Incident, subscription: Subscription, after: Delivery | None = None
) -> bool:
    """Send a new subscriber the current text of an open incident, once, `after` a line; False if there is none."""
    last = updates.last_published(tx, incident, corrections=False)
    if last is None or incident.private or deliveries.has_received(tx, subscription, last):
        return False
    if not subscription.wants(affected(last), incident.severity):
        return False
    text = _text_for(updates.current_texts(tx, last), subscription)
    if text is not None:
        first = deliveries.first_messages(tx, incident).get(subscription.id)
        newest = _send_text(tx, incident, last, subscription, text, first, after=after)
        _reply_in_thread(tx, incident, last, subscription, text, first, newest)
    return text is not None


def send_correction(tx: Transaction, incident: Incident, correction: Update, corrected: Update) -> None:
    """Edit what was published and send the short message as a reply."""
    short = updates.texts(tx, correction)
    told, first = subscriptions.followers(tx, incident), deliveries.first_messages(tx, incident)
    newest = updates.last_published(tx, incident, corrections=False)
    messages = deliveries.messages_of(tx, [corrected.id])
    for subscription in [s for s in subscriptions.subscriptions(tx) if s.id in told]:
        text = _text_for(short, subscription)
        if text is None:
            continue
        message = messages.get((subscription.id, corrected.id))
        headline = first.get(subscription.id)
        shows_it = headline is not None and newest is not None and newest.id == corrected.id
        if message is not None:
            _add(tx, incident, subscription, DeliveryKind.UPDATE, corrected, operation=Operation.EDIT, target=message)
        if shows_it:
            _add(
                tx, incident, subscription, DeliveryKind.HEADLINE, corrected, operation=Operation.EDIT, target=headline
            )
        below = headline or message
        if message is None and headline is not None and not shows_it and subscription.mode is Mode.CURRENT:
            continue  # no text contains the incorrect words any longer
        operation = Operation.REPLY if below else Operation.SEND
        _add(tx, incident, subscription, DeliveryKind.CORRECTION, correction, text, operation=operation, target=below)


def send_pictures(tx: Transaction, app: AppContext, incident: Incident, update: Update) -> None:
    """Send the picture of a resolved incident below what each subscription got, and to the rooms.

    These deliveries do not belong to the update, because the delivery report covers the texts.
    """
    texts, first = updates.texts(tx, update), deliveries.first_messages(tx, incident)
    for subscription in recipients(tx, incident, affected(update)):
        text = _text_for(texts, subscription)
        if text is not None and subscription.destination.platform in app.picture_platforms:
            below = first.get(subscription.id)
            _add(
                tx, incident, subscription, DeliveryKind.PICTURE, None, text,
                operation=Operation.REPLY if below else Operation.SEND, target=below,
            )  # fmt: skip
    for platform in room_platforms(app, rooms.kept(tx, incident)):
        if platform in app.picture_platforms:
            tx.session.add(
                Delivery(
                    incident_id=incident.id, destination=Destination(platform, incident=incident.key, queue="picture"),
                    kind=DeliveryKind.PICTURE, created_at=tx.now,
                )
            )  # fmt: skip


def send_nudge(
    tx: Transaction, app: AppContext, incident: Incident, nudge: Nudge, to: Sequence[Person], *, room: bool
) -> None:
    """Send a reminder to the people it asks and to the incident's rooms."""
    places = [place for person in to for place in direct_destinations(tx, app, person)]
    if room:
        places.append(Destination("local", incident.key.lower()))
        on = room_platforms(app, rooms.kept(tx, incident))
        places += [Destination(platform, incident=incident.key, queue="nudge") for platform in on]
    _send_to(tx, incident, places, DeliveryKind.NUDGE, nudge_id=nudge.id)


def direct_destinations(tx: Transaction, app: AppContext, person: Person) -> list[Destination]:
    """Where a person is reached directly: the console, and every platform on which they have an account."""
    accounts = people.identities(tx, person)
    return [
        Destination("local", f"@{person.handle}"),
        *(Destination.of_person(i.platform, i.account) for i in accounts if i.platform in app.platforms),
    ]


def room_platforms(app: AppContext, rows: Sequence[Delivery]) -> list[str]:
    """Where an incident has a room, or one is being made, by the rows that are kept of it."""
    made = {row.destination.platform for row in rows if row.kind is DeliveryKind.ROOM and row.state not in rooms.GONE}
    return [platform for platform in app.room_platforms if platform in made]


def settle_nudges(tx: Transaction, nudges: Sequence[Nudge]) -> None:
    """Cancel copies that were not sent, and reduce sent ones to one line that says how it ended."""
    deliveries.cancel_pending(tx, nudges=[nudge.id for nudge in nudges])
    refresh_nudges(tx, nudges)


def refresh_nudges(tx: Transaction, nudges: Sequence[Nudge]) -> None:
    """Show the current state in every copy: snoozed, handed over, waiting for approval, or how it ended."""
    rows = deliveries.of_nudges(tx, [nudge.id for nudge in nudges])
    for copy in rows:
        if copy.is_message:
            kept.refresh(tx, rows, copy)


def notify(
    tx: Transaction, app: AppContext, incident: Incident, to: Sequence[Person], words: str, *,
    about: Update | Delivery | None = None,
) -> None:  # fmt: skip
    """Send a line directly to people.

    `about` is the update that did not arrive or the room that could not be created. The line matters until it is there.
    """
    for person in to:
        for destination in direct_destinations(tx, app, person):
            notice = announce(tx, destination, words, incident)
            notice.update_id = about.id if isinstance(about, Update) else None
            notice.target = about.id if isinstance(about, Delivery) else None


def call(tx: Transaction, app: AppContext, incident: Incident, person: Person, words: str) -> None:
    """Tell someone directly that they got a role. What is next is added when it is sent."""
    _send_to(tx, incident, direct_destinations(tx, app, person), DeliveryKind.ROLE, body=words)


def announce(tx: Transaction, destination: Destination, words: str, incident: Incident | None = None) -> Delivery:
    """Send a line to everyone who reads a destination."""
    notice = Delivery(
        incident_id=incident.id if incident else None, destination=destination, kind=DeliveryKind.NOTICE,
        body=words, created_at=tx.now,
    )  # fmt: skip
    tx.session.add(notice)
    return notice


def notify_none_arrived(tx: Transaction, app: AppContext, incident: Incident, update: Update, reason: str) -> None:
    """Tell the lead when the last delivery of an update failed and none arrived, so that only the page shows it."""
    tx.session.flush()
    outside = [row for row in deliveries.of_update(tx, update) if row.destination.platform != "local"]
    rows = [row for row in outside if row.subscription_id]
    if rows and all(row.state is DeliveryState.DEAD for row in rows):
        stage = update.stage.label
        words = (
            f"“{stage}” is published on the status page, but no channel could be reached: {reason}. "
            "Open its deliveries and select Retry, or tell people another way."
        )
        notify(tx, app, incident, people_to_ask(tx, app, incident, AskedRole.LEAD), words, about=update)


def tell_late(tx: Transaction, app: AppContext, incident: Incident, update: Update) -> None:
    """Tell who published an update that it has not arrived everywhere: in the console, and in the incident's room.

    If there is no room, they get a direct message.
    """
    publisher = next((p for p in people.all_people(tx) if p.id == update.published_by), None)
    rooms_on = _rooms(incident, room_platforms(app, rooms.kept(tx, incident)), "late")
    places = list(rooms_on)
    for person in [publisher] if publisher else people_to_ask(tx, app, incident, AskedRole.LEAD):
        direct = direct_destinations(tx, app, person)
        places += direct[:1] if rooms_on else direct
    _send_to(tx, incident, places, DeliveryKind.LATE, update_id=update.id)


def refresh_late(tx: Transaction, update_id: str, due_at: datetime) -> None:
    """Show there how it went on."""
    rows = deliveries.late_notes(tx, update_id)
    for note in rows:
        if note.is_message:
            kept.refresh(tx, rows, note, due_at=due_at)


def retry(tx: Transaction, actor: Person, incident: Incident, update: Update) -> int:
    """Retry the failed deliveries of an update and of pictures, and those that wait for their next attempt, at once.

    Returns their number. Raises NothingToRetry.
    """
    rows = [*deliveries.of_update(tx, update), *deliveries.pictures(tx, incident)]
    dead = [row for row in rows if row.state is DeliveryState.DEAD]
    late = _late(tx, incident, update)
    if not dead and not late:
        raise NothingToRetry(number=len(rows))
    for row in late:
        row.due_at = None
    for row in dead:
        _revive(row)
    places = dict.fromkeys(row.destination for row in [*dead, *late])
    tx.record(actor, EntryKind.RETRIED, incident, ", ".join(destination_words(tx, place) for place in places), update)
    return len(places)


def revive(tx: Transaction, destination: Destination, why: str = WELL) -> int:
    """Retry what failed at a destination that is well again, in incidents that are open, and return its number."""
    rows = deliveries.dead_at(tx, destination)
    for incident_id in dict.fromkeys(row.incident_id for row in rows if row.incident_id):
        words = f"{destination_words(tx, destination)}, which {why}"
        tx.record(None, EntryKind.RETRIED, incidents.get_incident(tx, incident_id, hold=True), words)
    for row in rows:
        _revive(row)
    return len(rows)


def _revive(row: Delivery) -> None:
    row.state, row.attempts, row.reason = DeliveryState.DUE, 0, ""
    row.failing_since = row.due_at = None


def stop(tx: Transaction, actor: Person, incident: Incident, update: Update) -> int:
    """Cancel what is late of an update, and return the number of destinations. Raises NothingToStop."""
    rows = [row for row in _late(tx, incident, update) if row.update_id == update.id]
    if not rows:
        raise NothingToStop
    for row in rows:
        row.state, row.due_at, row.reason = DeliveryState.CANCELLED, None, f"stopped by {actor.name}"
        kept.replace_lost(tx, row)
    places = dict.fromkeys(row.destination for row in rows)
    tx.record(actor, EntryKind.STOPPED, incident, ", ".join(destination_words(tx, place) for place in places), update)
    return len(places)


def _late(tx: Transaction, incident: Incident, update: Update) -> list[Delivery]:
    """What waits where an update is late: deliveries that failed, and those of the update that wait for them."""
    waiting, _first = deliveries.to_subscribers(tx, incident)
    failing = {row.destination for row in waiting if row.failing_since is not None}
    here = {row.destination for row in waiting if row.update_id == update.id} & failing
    return [row for row in waiting if row.destination in here and (row.failing_since or row.update_id == update.id)]


def _rooms(incident: Incident, platforms: Sequence[str], queue: str) -> list[Destination]:
    return [Destination(platform, incident=incident.key, queue=queue) for platform in platforms]


def _send_to(
    tx: Transaction, incident: Incident, places: Iterable[Destination], kind: DeliveryKind, **columns: Any
) -> None:
    """One delivery to each place."""
    tx.session.add_all(
        Delivery(incident_id=incident.id, destination=place, kind=kind, created_at=tx.now, **columns)
        for place in places
    )


def _text_for(texts: Sequence[UpdateText], subscription: Subscription) -> UpdateText | None:
    """The text for an audience; the customers' text if that audience has none, so that every subscriber is told."""
    from_audience = text_of(texts, subscription.audience, subscription.language)
    return from_audience or next((t for t in texts if t.audience == "customers"), None)


def _send_text(
    tx: Transaction,
    incident: Incident,
    update: Update,
    subscription: Subscription,
    text: UpdateText,
    first: Delivery | None,
    after: Delivery | None = None,
) -> Delivery:
    """Show it in the message `first`, if there is one that is kept current; otherwise send it `after` another one."""
    if subscription.mode is Mode.EVERY:
        return _add(tx, incident, subscription, DeliveryKind.UPDATE, update, text, target=after)
    operation, target = (Operation.SEND, after) if first is None else (Operation.EDIT, first)
    return _add(tx, incident, subscription, DeliveryKind.HEADLINE, update, text, operation=operation, target=target)


def _reply_in_thread(
    tx: Transaction,
    incident: Incident,
    update: Update,
    subscription: Subscription,
    text: UpdateText,
    first: Delivery | None,
    newest: Delivery,
) -> None:
    """`newest` changes the message `first`, or has become it."""
    if first is not None and subscription.mode is Mode.THREAD:
        below = first if newest.target else newest
        _add(tx, incident, subscription, DeliveryKind.UPDATE, update, text, operation=Operation.REPLY, target=below)


def _add(
    tx: Transaction,
    incident: Incident,
    subscription: Subscription,
    kind: DeliveryKind,
    update: Update | None,
    text: UpdateText | None = None,
    *,
    operation: Operation = Operation.SEND,
    target: Delivery | None = None,
) -> Delivery:
    row = Delivery(
        incident_id=incident.id,
        destination=subscription.destination,
        kind=kind,
        operation=operation,
        target=target.id if target else None,
        subscription_id=subscription.id,
        update_id=update.id if update else None,
        text_id=text.id if text else None,
        created_at=tx.now,
    )
    tx.session.add(row)
    return row
