"""Builds the card of a reminder: what is asked, of whom, and what is ready to publish."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.actions.app_context import AppContext
from bot.actions.deadlines import due_after, promise_words
from bot.actions.readiness import Readiness, check_readiness
from bot.actions.recipients import people_to_ask
from bot.actions.update_context import starting_facts, update_context
from bot.domain.audiences import Audience
from bot.domain.facts import Facts, UpdateKind
from bot.domain.incident import Incident
from bot.domain.lifecycle import Stage, Transition
from bot.domain.nudges import AskedRole, Nudge, asked_role, commander_at, is_after_ladder, proposes_close, steps
from bot.domain.people import Person, Role
from bot.domain.promises import Promise, PromiseState, was_kept
from bot.domain.times import count, late_words, length
from bot.domain.updates import Update, text_of
from bot.domain.wording import fill
from bot.reading.review_buttons import ask_button
from bot.reading.reviews import verdict
from bot.store import approvals, deliveries, incidents, people, promises, record, updates
from bot.store.transaction import Transaction
from bot.views import Button, Line, Listing, NudgeCard, Sentence, say


def nudge_card(
    tx: Transaction, app: AppContext, incident: Incident, promise: Promise, nudge: Nudge, reader: Person | None = None
) -> NudgeCard:
    """A reminder in its current state: due, snoozed, waiting for approval, or dealt with.

    `reader` is the person it is sent to directly. Without one, everyone in the room reads it.
    """
    draft = updates.find_draft(tx, incident)
    is_open = promise.state is PromiseState.OPEN
    ready = _ready(tx, app, incident, draft) if is_open else ""
    readiness = check_readiness(tx, app, incident, draft) if is_open and draft is not None else None
    of_draft = _draft_act(tx, incident, draft, readiness, reader)
    publishable = bool(ready) and (readiness is None or (readiness.ready and not incident.private))
    waits = draft is not None and bool(approvals.asked(tx, draft)) and readiness is not None and not readiness.blockers
    close = is_open and proposes_close(nudge.step, record.last_act(tx, incident), tx.now)
    closing = draft is not None and draft.stage is Stage.RESOLVED
    buttons = _buttons(incident, nudge, of_draft, close=close, closing=closing)
    return NudgeCard(
        incident=incident.key,
        title=incident.title or incident.declared_title,
        sentence=_sentence(_Reminder(tx, app, incident, promise, nudge, reader, close, publishable), draft),
        due_at=promise.due_at,
        ready=ready,
        buttons=buttons if is_open else (),
        nobody=not incidents.roles(tx, incident),
        blocks=verdict(tx, app, incident, draft, readiness)
        if draft and readiness and not (publishable or waits)
        else None,
    )


@dataclass(frozen=True)
class _Reminder:
    """What the words of a reminder depend on."""

    tx: Transaction
    app: AppContext
    incident: Incident
    promise: Promise
    nudge: Nudge
    reader: Person | None
    close: bool  # nobody did anything for a day
    publishable: bool  # nothing stands between what is shown and its publication


def _sentence(of: _Reminder, draft: Update | None) -> Sentence:
    tx, promise, nudge = of.tx, of.promise, of.nudge
    name = people.person_names(tx)
    if promise.state is not PromiseState.OPEN:
        return _done(tx, promise)
    handed = ""  # who has the reminder now, if not the person it asked
    if nudge.handed_to is not None:
        handed = "{new} has this now. " if nudge.handed_by == nudge.handed_to else "{old} handed this to {new}. "
    facts: dict[str, object] = {"due_at": _moment(of, promise.due_at)}
    if nudge.handed_by and nudge.handed_to:
        facts |= {"old": name[nudge.handed_by], "new": name[nudge.handed_to]}
    if nudge.snoozed_by and nudge.snoozed_until:
        facts |= {
            "by": name[nudge.snoozed_by],
            "until": _moment(of, nudge.snoozed_until),
            "commander_at": commander_at(promise),
        }
        if nudge.asks is not AskedRole.LEAD:
            return say(handed + "{by} snoozed this until {until}. " + _promised(promise, tx.now), **facts)
        words = "{by} snoozed this until {until}. The update is still due by {due_at}; "
        facts["next"] = _asked_names(tx, of.app, of.incident, AskedRole.COMMANDER)
        return say(f"{handed}{words}{{next}} will be asked at {{commander_at}}.", **facts)
    if draft is not None and approvals.asked(tx, draft):
        words = "Waiting for approval, due by {due_at}. {by} wants to publish this; any other approver can approve it."
        return say(handed + words + _closing(of, facts), by=name[draft.revised_by], **facts)
    if handed:
        return say(handed + _promised(promise, tx.now), **facts)
    return _ringing(of)


def _moment(of: _Reminder, at: datetime) -> object:
    """A time, with its date if it is not today."""
    zone = of.app.organisation.zone
    return at if zone.day(at) == zone.day(of.tx.now) else zone.dated(at)


def _closing(of: _Reminder, facts: dict[str, object]) -> str:
    """Proposes to close the incident after a day of silence; its facts are added."""
    if not of.close:
        return ""
    facts["silent"] = length(record.last_act(of.tx, of.incident), of.tx.now)
    return " Nobody has done anything here for {silent}. If it is over, close it."


def _promised(promise: Promise, now: datetime) -> str:
    if promise.internal:
        return f"The first update {'is' if was_kept(promise.due_at, now) else 'was'} due by {{due_at}}."
    return "Customers were promised an update by {due_at}."


def _ringing(of: _Reminder) -> Sentence:
    promise, nudge, now = of.promise, of.nudge, of.tx.now
    promised = _promised(promise, now)
    facts: dict[str, object] = {
        "due_at": _moment(of, promise.due_at),
        "incident": of.incident.key,
        "minutes": abs(nudge.step),
    }
    facts["late"] = late_words(promise.due_at, now)
    this = " Publish this one now." if of.publishable else ""
    away = ""
    if nudge.slept:
        facts["slept"] = count(nudge.slept + 1, "reminder")
        away = "{slept} came due while Foghorn was not running. "
    if away and not of.close:
        return say(f"{away}The update is {{late}} overdue. {promised}", **facts)
    asked, names = _asked(of)
    facts |= names
    if nudge.asks is AskedRole.EVERYONE:
        words = f"{away}{{incident}} is waiting for an update that is {{late}} overdue. {promised} {asked}".rstrip()
        words += (
            _closing(of, facts)
            or f" {'Publish' if this else 'Finish'} this one now, or snooze the reminder and say why."
        )
        return say(words, **facts)
    if nudge.asks is AskedRole.ESCALATION:
        return say(f"The update for {{incident}} is {{late}} overdue. {asked}{promised}{this}", **facts)
    if nudge.asks is AskedRole.COMMANDER:
        return say(f"The update is {{minutes}} minutes overdue. {asked}".rstrip() + this, **facts)
    if nudge.step < 0:
        words = f"{asked}Update due in {{minutes}} minutes. {promised}"
        return say(words + (" If nothing has changed, publish this one." if this else ""), **facts)
    if nudge.step == 0:
        facts["late_at"] = promise.due_at + timedelta(minutes=1)
        words = f"{asked}Update due now. {promised} It will be overdue at {{late_at}}."
        return say(words + (" Publish this one." if this else ""), **facts)
    due = "It was due by {due_at}." if promise.internal else "Customers were promised one by {due_at}."
    return say(f"{asked}The update is overdue. {due}{this}", **facts)


def _asked(of: _Reminder) -> tuple[str, dict[str, object]]:
    """Who is asked and why, as this reader reads it, and the names in it.

    Nobody reads about themselves that they did not respond, so a room, which everyone reads, only says who is asked.
    """
    held = incidents.active_roles(of.tx, of.incident)
    role = asked_role(of.nudge.asks, held)
    asked = people_to_ask(of.tx, of.app, of.incident, of.nudge.asks)
    ids, joined = {person.id for person in asked}, of.app.organisation.zone.joined
    names: dict[str, object] = {"asked": joined([person.name for person in asked]) or "nobody"}
    mine, are = of.reader is not None and of.reader.id in ids, "are" if len(asked) > 1 else "is"
    if role is None:
        return f"Nobody has a role in this incident, so {'you are' if mine else f'{{asked}} {are}'} asked. ", names
    reminded = {held[each].id: held[each].name for each in (asked_role(AskedRole.LEAD, held), role) if each}
    before = [name for person, name in reminded.items() if person not in ids]
    names["before"] = joined(before)
    match of.nudge.asks:
        case AskedRole.LEAD if role is Role.COMMUNICATIONS_LEAD:
            return "", names
        case AskedRole.LEAD:
            missing = "no communications lead" + ("" if role is Role.COMMANDER else " and no commander")
            return f"There is {missing}, so {'this one is yours' if mine else '{asked} is asked'}. ", names
        case AskedRole.COMMANDER:
            told = "{before} has not responded, so you are" if before else "You are"
            return f"{told if mine else '{asked} is'} asked as {role.value}. ", names
        case _ if mine and before:
            return f"{{before}} {'have' if len(before) > 1 else 'has'} not published it, so you are asked. ", names
        case AskedRole.ESCALATION if not mine:
            return f"{{asked}} {are} asked now. ", names
        case _:
            return "", names


def _done(tx: Transaction, promise: Promise) -> Sentence:
    """One line that says how it ended."""
    kept_by = updates.get_update(tx, promise.kept_by) if promise.kept_by else None
    if kept_by is None or kept_by.published_by is None:
        return say("The promise of {due_at} ended without an update.", due_at=promise.due_at)
    facts = {"due_at": promise.due_at, "at": kept_by.published_at}
    person = people.person_names(tx)[kept_by.published_by]
    if promise.state is PromiseState.LATE and kept_by.published_at is not None:
        minutes = late_words(promise.due_at, kept_by.published_at)
        words = "Promise of {due_at} missed by {minutes}: {person} published {at}."
        return say(words, minutes=minutes, person=person, **facts)
    return say("Promise of {due_at} kept: {person} published {at}.", person=person, **facts)


def _ready(tx: Transaction, app: AppContext, incident: Incident, draft: Update | None) -> str:
    """The words that Publish sends: those of the open draft, or else “no change”."""
    first = app.organisation.languages[0]
    if draft is not None:
        text = text_of(updates.texts(tx, draft), Audience.CUSTOMERS, first)
        body = f"{text.title}\n{text.body}" if text else ""
    elif incident.stage is Stage.DECLARED:
        return ""
    else:
        draft = no_change(tx, incident)
        context = update_context(tx, app, incident, draft)
        body = app.templates.render(app.organisation, first, Audience.CUSTOMERS, context).body
    return fill(body, promise_words(tx, app, due_after(tx, app, incident, draft), first))


def no_change(tx: Transaction, incident: Incident) -> Update:
    """A “no change” for display only. It is not added to the database."""
    draft = Update(
        incident_id=incident.id, kind=UpdateKind.NO_CHANGE, stage=incident.stage, move=Transition.SAME,
        facts=Facts(), author_id="", drafted_at=tx.now, revised_by="", revised_at=tx.now,
    )  # fmt: skip
    draft.facts = starting_facts(tx, incident, draft)
    return draft


def _draft_act(
    tx: Transaction, incident: Incident, draft: Update | None, readiness: Readiness | None, reader: Person | None
) -> tuple[Button, ...]:
    """What brings the open draft to its publication, the next thing first. Everything else is behind **Open draft**."""
    if draft is None or readiness is None:
        return ()
    words, opens = f"{incident.key} rev:{draft.revision}", Button("Open draft", "show", f"{incident.key} draft:yes")
    if readiness.ready and not incident.private:
        return (Button("Publish", "publish", words, primary=True), opens)
    stuck = readiness.blockers or incident.private or approvals.asked(tx, draft) or not readiness.possible_approvers
    if not stuck and (reader is None or not readiness.can_help(reader)):
        return (ask_button(tx, draft, words, readiness), opens)
    return (replace(opens, primary=True),)


def _buttons(
    incident: Incident, nudge: Nudge, of_draft: tuple[Button, ...], *, close: bool, closing: bool = False
) -> tuple[Button, ...]:
    """The next act first: publish, write, or, after a day of silence, close. `closing`: the draft closes it."""
    key = incident.key
    update: tuple[Button, ...] = (Button("Update", "update", key),)
    publish = of_draft
    if not of_draft and incident.stage is Stage.DECLARED:
        publish, update = (Button("Update", "update", key, primary=True),), ()
    elif not of_draft:
        publish = (Button("Publish no change", "publish", f"{key} nochange:yes", primary=True),)
    if close and not closing:
        end = Button("Resolve", "resolve", key, primary=True)
        if incident.first_published_at is None:
            end = Button("Close the incident", "cancel", key, primary=True)
        return (end, replace(publish[0], primary=False), _snooze_with_reason(key))
    snooze: tuple[Button, ...] = ()
    if not nudge.snoozed_until and nudge.asks is AskedRole.LEAD:
        snooze = (Button("Snooze 10 min", "snooze", f"{key} 10m"),)
    elif not nudge.snoozed_until and is_after_ladder([nudge]):
        snooze = (_snooze_with_reason(key),)
    return (*publish, *update, *snooze, Button("Hand over", "handover", key))


def _snooze_with_reason(key: str) -> Button:
    """It opens a form that asks how long and why."""
    return Button("Snooze", "snooze", key)


def _asked_names(tx: Transaction, app: AppContext, incident: Incident, asks: AskedRole) -> str:
    """The people whom a step would ask now."""
    return _names(app, (person.name for person in people_to_ask(tx, app, incident, asks)), "nobody")


def _names(app: AppContext, found: Iterable[str], no_one: str) -> str:
    return app.organisation.zone.joined(list(found)) or no_one


def reminders(tx: Transaction, app: AppContext, incident: Incident, promise: Promise) -> Listing:
    """The reminders of a promise: those already sent, and to whom, and those to come, and who would be asked now."""
    sent = {row.step: row for row in promises.nudges_sent(tx, promise)}
    lines = []
    for step in steps(promise, tx.now):
        at = promise.due_at + timedelta(minutes=step.minutes)
        if step.minutes in sent:
            reached = deliveries.of_nudges(tx, [sent[step.minutes].id])
            found = (people.reader_of(tx, row.destination) for row in reached)
            who = {person.id: person.name for person in found if person is not None}
            words = say("{at}: sent to {who}", at=sent[step.minutes].sent_at, who=_names(app, who.values(), "the room"))
            lines.append(Line(words))
        elif not sent or step.minutes > max(sent):
            snoozed = max([at, *(n.snoozed_until for n in sent.values() if n.snoozed_until)])
            lines.append(Line(say("{at}: asks {who}", at=snoozed, who=_asked_names(tx, app, incident, step.asks))))
    lines.append(Line(say("Then at growing intervals, at last once a day, until an update is published.")))
    state = "on" if incident.nudges_on else "off"
    other = "off" if incident.nudges_on else "on"
    title = f"Reminders of {incident.key} ({state})"
    return Listing(title, tuple(lines), buttons=(Button(f"Turn {other}", "nudge", f"{incident.key} {other}"),))
