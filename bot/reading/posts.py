"""Builds the content of a delivery from the published texts and the rows at the time it is sent."""

from dataclasses import replace

from bot.actions.app_context import AppContext
from bot.actions.recipients import people_to_ask
from bot.domain.audiences import Audience
from bot.domain.components import Impact
from bot.domain.deliveries import Delivery, DeliveryKind, Operation
from bot.domain.facts import UpdateKind
from bot.domain.history import IncidentHistory, Publication, PublishedText
from bot.domain.incident import Incident
from bot.domain.lifecycle import Stage, Transition
from bot.domain.people import Person
from bot.domain.promises import PromiseState
from bot.domain.rooms import room_name
from bot.domain.times import count
from bot.domain.updates import Update, UpdateState
from bot.reading.approvals import approval_request
from bot.reading.calls import announcement, call_of_holder
from bot.reading.cards import entry_sentence, incident_card
from bot.reading.late import late_report
from bot.reading.notices import is_moot
from bot.reading.nudges import nudge_card
from bot.reading.pictures import picture_post
from bot.reading.reviews import delivery_report, draft_review
from bot.store import approvals, incidents, people, promises, published, record, rooms, subscriptions, updates
from bot.store.transaction import Transaction
from bot.views import (
    Archive,
    Bookmark,
    Correction,
    CorrectionMark,
    ImpactLabel,
    Invitation,
    NudgeCard,
    OpenRoom,
    Pin,
    Post,
    PublishedUpdate,
    Removal,
    RoomLine,
    RoomStep,
    SetTopic,
    post_wording,
    say,
)
from bot.views.dates import with_dates


def post_of(tx: Transaction, app: AppContext, delivery: Delivery) -> Post | None:
    """The content of this delivery now; None if it is pointless by now, such as a reminder of a kept promise."""
    return with_dates(_post_of(tx, app, delivery), app.organisation.zone, tx.now)


def _post_of(tx: Transaction, app: AppContext, delivery: Delivery) -> Post | None:
    incident = incidents.get_incident(tx, delivery.incident_id) if delivery.incident_id else None
    if delivery.kind is DeliveryKind.NOTICE:
        about = incident is not None and (delivery.target or delivery.update_id)
        if incident is not None and about and is_moot(tx, incident, delivery):
            return None
        return RoomLine(incident.key if incident else "", say("{said}", said=delivery.body))
    if incident is None:
        return None
    if delivery.kind is DeliveryKind.ANNOUNCEMENT:
        return announcement(tx, app, incident, delivery)
    if delivery.kind is DeliveryKind.ROLE:
        return call_of_holder(tx, app, incident, delivery)
    if delivery.kind is DeliveryKind.CARD:
        card = incident_card(tx, app.organisation, incident)
        if delivery.destination.platform in app.thread_platforms:  # the thread has the notes, and a bookmark the page
            return replace(card, latest=())
        return replace(card, link=app.link(incident) if incident.first_published_at else "")
    if delivery.kind is DeliveryKind.LINE:
        return _line(tx, incident, delivery)
    if delivery.nudge_id is not None:
        return _nudge(tx, app, incident, delivery)
    if delivery.kind is DeliveryKind.PICTURE:
        return picture_post(tx, app, incident, delivery)
    if delivery.update_id is None:
        return None
    if delivery.kind is DeliveryKind.REVIEW:
        return _review(tx, app, incident, updates.get_update(tx, delivery.update_id))
    if delivery.kind is DeliveryKind.LATE:
        report = late_report(tx, app, incident, updates.get_update(tx, delivery.update_id))
        return report if report.lines or delivery.operation is Operation.EDIT else None
    if delivery.kind is DeliveryKind.APPROVAL:
        return approval_request(tx, app, incident, updates.get_update(tx, delivery.update_id), delivery)
    history = published.history(tx, incident)
    update = next(each for each in history.publications if each.id == delivery.update_id)
    row = updates.find_text(tx, delivery.text_id)
    text = PublishedText(row.audience, row.language, row.title, row.body) if row else None
    if delivery.operation is Operation.PASS_ON and any(
        _is_announced(history, each) for each in history.updates if each.number > update.number
    ):
        return None
    match delivery.kind:
        case DeliveryKind.UPDATE if delivery.operation is not Operation.EDIT:
            return _update(app, history, update, text) if text else None
        case DeliveryKind.UPDATE | DeliveryKind.HEADLINE:
            return _as_it_reads_now(app, history, update, delivery.kind, _reader(tx, delivery, text))
        case DeliveryKind.CORRECTION:
            if text is None:
                return None
            wording = post_wording(app.templates.wording(app.organisation, text.language), update.stage)
            title, body, link = text.title, text.body, app.link(history)
            return Correction(title, body, text.audience, text.language, update.at, link, wording)
        case _:
            return None


def room_step_of(tx: Transaction, app: AppContext, delivery: Delivery) -> RoomStep | None:
    """What a delivery does to the incident's room now; None if it is pointless by now."""
    assert delivery.incident_id is not None
    incident = incidents.get_incident(tx, delivery.incident_id)
    platform = delivery.destination.platform
    there = people.accounts(tx, platform, _members(tx, incident))
    topic = f"{incident.key} · the pinned card shows the current state · {app.link(incident)}"
    match delivery.kind:
        case DeliveryKind.ROOM:
            if rooms.room_of(tx, incident.id, platform):
                return None
            name = room_name(incident.declared_title, incident.opened_at, app.organisation.zone, incident.number)
            card = incident_card(tx, app.organisation, incident)
            before = [row for row in rooms.making(tx, incident) if row.destination.platform == platform]
            again = delivery.is_repeated or len(before) > 1
            return OpenRoom(incident.key, name, topic, incident.private, there, incident.id, card, again)
        case DeliveryKind.TOPIC:
            return SetTopic(topic, incident.id)
        case DeliveryKind.INVITATION:
            return _invitation(tx, incident, delivery, platform, there)
        case DeliveryKind.BOOKMARK:
            return Bookmark("Status page", app.link(incident))
        case DeliveryKind.PIN:
            posted = rooms.message(rooms.kept(tx, incident), platform, DeliveryKind.CARD)
            return Pin(posted.reference) if posted and posted.reference else None
        case DeliveryKind.ARCHIVE:
            return Archive() if incident.closed_at else None
        case _:
            return None


def _invitation(
    tx: Transaction, incident: Incident, delivery: Delivery, platform: str, there: tuple[str, ...]
) -> RoomStep | None:
    """Who belongs in the room, or, for a removal, those who no longer do."""
    if delivery.body and any(person.id == delivery.body for person in _members(tx, incident)):
        return None  # invited again meanwhile
    if delivery.body:
        gone = people.accounts(tx, platform, [p for p in people.everybody_ever(tx) if p.id == delivery.body])
        return Removal(gone) if gone else None
    return Invitation(there) if there else None


def _members(tx: Transaction, incident: Incident) -> list[Person]:
    """Who belongs in a room: the declarer, whoever holds a role or was invited, and who was asked for approval."""
    held = incidents.roles(tx, incident).values()
    asked = () if incident.private else approvals.asked_in(tx, incident)
    everybody = {p.id: p for p in [*held, *incidents.invited(tx, incident), *asked]}
    declarer = next((p for p in people.everybody_ever(tx) if p.id == incident.declared_by), None)
    return [*everybody.values(), *([declarer] if declarer and declarer.id not in everybody else [])]


def _line(tx: Transaction, incident: Incident, delivery: Delivery) -> RoomLine | None:
    """One entry of the record as a thread line: when, who, and from where."""
    found = record.get_entry(tx, delivery.entry_id) if delivery.entry_id else None
    if found is None:
        return None
    return RoomLine(incident.key, entry_sentence(*found, people.person_names(tx)))


def _review(tx: Transaction, app: AppContext, incident: Incident, update: Update) -> Post | None:
    """The draft while it is open, then the delivery report; for a discarded draft, a line that says so."""
    if update.state is UpdateState.DRAFT:
        return draft_review(tx, app, incident, update)
    if update.state is UpdateState.DISCARDED:
        return RoomLine(
            incident.key, say("The draft ({kind}) was discarded. Nothing was sent.", kind=update.description)
        )
    name = people.person_names(tx).get(update.published_by or "", "Someone")
    words = "Update {number} ({kind}) was published at {at} by {who}"
    words += " alone" if update.alone_because else ""
    late = _minutes_late(tx, incident, update)
    words += ", {late} after the promised time" if late else ""
    words += ": {reason}" if update.alone_because else "."
    lead = say(
        words, number=update.number, kind=update.description, at=update.published_at, who=name,
        late=count(late, "minute"), reason=update.alone_because,
    )  # fmt: skip
    return delivery_report(tx, app, incident, update, lead=lead)


def _minutes_late(tx: Transaction, incident: Incident, update: Update) -> int:
    """How long after its promised time an update was published; 0: in time."""
    for promise in promises.promises(tx, incident):
        if promise.kept_by == update.id and promise.state is PromiseState.LATE and update.published_at:
            return int((update.published_at - promise.due_at).total_seconds() // 60)
    return 0


def _nudge(tx: Transaction, app: AppContext, incident: Incident, delivery: Delivery) -> NudgeCard | None:
    """A reminder while it is due; afterwards the line that says how it ended, unless it was not sent yet."""
    assert delivery.nudge_id is not None
    nudge, promise = promises.get_nudge(tx, delivery.nudge_id)
    is_open = promise.state is PromiseState.OPEN
    replaced = promises.nudges_sent(tx, promise)[-1].id != nudge.id
    if delivery.operation is Operation.SEND and (replaced or not is_open) and not delivery.reference:
        return None
    card = nudge_card(tx, app, incident, promise, nudge, people.reader_of(tx, delivery.destination))
    in_room = bool(delivery.destination.incident)
    if replaced and is_open:
        later = say("A later reminder replaced this one. The update is due by {due_at}.", due_at=promise.due_at)
        return replace(card, sentence=later, ready="", buttons=(), obsolete=True)
    if not is_open:  # in the room, the report of the update says whether it was late
        return replace(card, obsolete=replaced or in_room)
    # in a room, it mentions the people asked, unless it is snoozed; a direct message notifies by itself
    if not in_room or nudge.snoozed_until is not None:
        return card
    asked = people_to_ask(tx, app, incident, nudge.asks)
    return replace(card, rings=people.accounts(tx, delivery.destination.platform, asked))


def _reader(tx: Transaction, delivery: Delivery, text: PublishedText | None) -> tuple[Audience, str]:
    """The audience and language of a delivery, from its text or else its subscription."""
    if text is not None:
        return text.audience, text.language
    subscription = subscriptions.get_subscription(tx, delivery.subscription_id)
    return (subscription.audience, subscription.language) if subscription else (Audience.CUSTOMERS, "")


def _as_it_reads_now(
    app: AppContext, history: IncidentHistory, update: Publication, kind: DeliveryKind, reader: tuple[Audience, str]
) -> PublishedUpdate | None:
    """The text with its corrections. An edit that only corrects is pointless if this text did not change."""
    before, mark = update.original(*reader), None
    now = update.text(*reader)
    correction = update.correction(before) if before else None
    if now and before and correction and (now.title, now.body) != (before.title, before.body):
        mark = CorrectionMark(correction.at, correction.wrong)
    now = now or update.text(Audience.CUSTOMERS, reader[1])
    if now is None or (kind is DeliveryKind.UPDATE and mark is None):
        return None
    return replace(_update(app, history, update, now), headline=kind is DeliveryKind.HEADLINE, corrected=mark)


def _update(app: AppContext, history: IncidentHistory, update: Publication, text: PublishedText) -> PublishedUpdate:
    words = app.templates.wording(app.organisation, text.language)
    felt = [(component, update.impacts[component.key]) for component in app.organisation.named(update.impacts)]
    return PublishedUpdate(
        title=text.title,
        stage=update.stage,
        body=text.body,
        audience=text.audience,
        language=text.language,
        impacts=tuple(ImpactLabel(c.called(text.language), impact, words.impact(impact)) for c, impact in felt),
        published_at=update.at,
        promised_at=update.promised_at,
        link=app.link(history),
        wording=post_wording(words, update.stage),
        announced=_is_announced(history, update),
        moved=update.kind is UpdateKind.STAGE and update.move is not Transition.SAME,
    )


def _is_announced(history: IncidentHistory, update: Publication) -> bool:
    """Whether it is the first update, the last, or worse for a component than customers were told before."""
    before = [each for each in history.updates if each.number < update.number]
    if not before or update.stage is Stage.RESOLVED:
        return True
    known = before[-1].impacts
    return any(impact.rank > known.get(key, Impact.OPERATIONAL).rank for key, impact in update.impacts.items())
