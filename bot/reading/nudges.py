"""Builds the card of a reminder: what is asked, of whom, and what is ready to publish."""

from datetime import timedelta

from bot.actions.app_context import AppContext
from bot.actions.deadlines import promise_words
from bot.actions.update_context import starting_facts, update_context
from bot.domain.audiences import Audience
from bot.domain.facts import Facts, UpdateKind
from bot.domain.incident import Incident
from bot.domain.lifecycle import Stage, Transition
from bot.domain.nudges import AskedRole, Nudge, commander_at, steps
from bot.domain.people import Role
from bot.domain.promises import Promise, PromiseState
from bot.domain.times import count
from bot.domain.updates import Update, text_of
from bot.domain.wording import fill
from bot.store import incidents, people, promises, record, updates
from bot.store.transaction import Transaction
from bot.views import Button, Line, Listing, NudgeCard, Sentence, say


def nudge_card(tx: Transaction, app: AppContext, incident: Incident, promise: Promise, nudge: Nudge) -> NudgeCard:
    """A reminder in its current state: due, snoozed, waiting for approval, or dealt with."""
    draft = updates.find_draft(tx, incident)
    ready = _ready(tx, app, incident, draft) if promise.state is PromiseState.OPEN else ""
    return NudgeCard(
        incident=incident.key,
        title=incident.title or incident.declared_title,
        sentence=_sentence(tx, incident, promise, nudge, draft),
        due_at=promise.due_at,
        ready=ready,
        buttons=_buttons(incident, promise, nudge, draft),
        nobody=not incidents.roles(tx, incident),
    )


def _sentence(tx: Transaction, incident: Incident, promise: Promise, nudge: Nudge, draft: Update | None) -> Sentence:
    name = people.person_names(tx)
    if promise.state is not PromiseState.OPEN:
        return _done(tx, promise)
    handed = ""  # who has the reminder now, if not the person it asked
    if nudge.handed_to is not None:
        handed = "{new} has this now. " if nudge.handed_by == nudge.handed_to else "{old} handed this to {new}. "
    facts: dict[str, object] = {"due_at": promise.due_at}
    if nudge.handed_by and nudge.handed_to:
        facts |= {"old": name[nudge.handed_by], "new": name[nudge.handed_to]}
    if nudge.snoozed_by and nudge.snoozed_until:
        words = (
            "{by} snoozed this until {until}. The update is still due by {due_at}; "
            "the commander is asked at {commander_at}."
        )
        facts |= {"by": name[nudge.snoozed_by], "until": nudge.snoozed_until, "commander_at": commander_at(promise)}
        return say(handed + words, **facts)
    if draft is not None and record.asked_for_approval(tx, draft):
        words = "Waiting for approval, due by {due_at}. {by} wants to publish this; any other approver can approve it."
        return say(handed + words, by=name[draft.revised_by], **facts)
    if handed:
        return say(handed + _promised(promise), **facts)
    return _ringing(tx, incident, promise, nudge)


def _promised(promise: Promise) -> str:
    if promise.internal:
        return "The first update is due by {due_at}."
    return "Customers were promised an update by {due_at}."


def _ringing(tx: Transaction, incident: Incident, promise: Promise, nudge: Nudge) -> Sentence:
    held = incidents.active_roles(tx, incident)
    lead = held.get(Role.COMMUNICATIONS_LEAD) or held.get(Role.COMMANDER)
    facts: dict[str, object] = {"due_at": promise.due_at, "lead": lead.name if lead else "Nobody"}
    promised = _promised(promise)
    late = int((tx.now - promise.due_at).total_seconds() // 60)
    facts["minutes"] = abs(nudge.step)
    if nudge.slept:
        facts |= {"slept": count(nudge.slept + 1, "reminder"), "minutes": count(max(0, late), "minute")}
        away = "{slept} came due while Foghorn was not running. "
        return say(f"{away}The update is {{minutes}} overdue. {promised}", **facts)
    alone = (
        ""
        if Role.COMMUNICATIONS_LEAD in held or nudge.asks is not AskedRole.LEAD
        else "There is no communications lead, so this one is yours. "
    )
    if nudge.asks is AskedRole.COMMANDER:
        asked = "{lead} has not responded, so you are asked as commander. "
        return say(f"The update is {{minutes}} minutes overdue. {asked}Publish this one now.", **facts)
    if nudge.asks is AskedRole.ESCALATION:
        words = f"The update for {{incident}} is {{minutes}} minutes overdue, and no one has responded. {promised}"
        return say(f"{words} Publish this one now.", incident=incident.key, **facts)
    if nudge.step < 0:
        words = f"{alone}Update due in {{minutes}} minutes. {promised}"
        return say(f"{words} If nothing has changed, publish this one.", **facts)
    if nudge.step == 0:
        facts["late_at"] = promise.due_at + timedelta(minutes=1)
        return say(f"{alone}Update due now. {promised} It is overdue from {{late_at}}. Publish this one.", **facts)
    due = "It was due by {due_at}." if promise.internal else "Customers were promised one by {due_at}."
    return say(f"{alone}The update is overdue. {due} Publish this one now.", **facts)


def _done(tx: Transaction, promise: Promise) -> Sentence:
    """One line that says how it ended."""
    kept_by = updates.get_update(tx, promise.kept_by) if promise.kept_by else None
    if kept_by is None or kept_by.published_by is None:
        return say("The promise of {due_at} ended without an update.", due_at=promise.due_at)
    facts = {"due_at": promise.due_at, "at": kept_by.published_at}
    person = people.person_names(tx)[kept_by.published_by]
    if promise.state is PromiseState.LATE and kept_by.published_at is not None:
        minutes = count(int((kept_by.published_at - promise.due_at).total_seconds() // 60), "minute")
        words = "Promise of {due_at} missed by {minutes}: {person} published {at}."
        return say(words, minutes=minutes, person=person, **facts)
    return say("Promise of {due_at} kept: {person} published {at}.", person=person, **facts)


def _ready(tx: Transaction, app: AppContext, incident: Incident, draft: Update | None) -> str:
    """The words that Publish sends: those of the open draft, or else “no change”."""
    first = app.organisation.languages[0]
    if draft is not None:
        text = text_of(updates.texts(tx, draft), Audience.CUSTOMERS, first)
        body = text.body if text else ""
    elif incident.stage is Stage.DECLARED:
        return ""
    else:
        draft = no_change(tx, incident)
        context = update_context(tx, app, incident, draft)
        body = app.templates.render(app.organisation, first, Audience.CUSTOMERS, context).body
    return fill(body, promise_words(tx, app, incident, draft, first))


def no_change(tx: Transaction, incident: Incident) -> Update:
    """A “no change” for display only. It is not added to the database."""
    draft = Update(
        incident_id=incident.id, kind=UpdateKind.NO_CHANGE, stage=incident.stage, move=Transition.SAME,
        facts=Facts(), author_id="", drafted_at=tx.now, revised_by="", revised_at=tx.now,
    )  # fmt: skip
    draft.facts = starting_facts(tx, incident, draft)
    return draft


def _buttons(incident: Incident, promise: Promise, nudge: Nudge, draft: Update | None) -> tuple[Button, ...]:
    if promise.state is not PromiseState.OPEN:
        return ()
    key = incident.key
    if draft is not None:
        publish = Button("Open draft", "show", f"{key} draft:yes", primary=True)
    elif incident.stage is Stage.DECLARED:
        publish = Button("Update", "update", key, primary=True)
    else:
        publish = Button("Publish no change", "publish", f"{key} nochange:yes", primary=True)
    update = () if publish.verb == "update" else (Button("Update", "update", key),)
    snooze = (
        ()
        if nudge.snoozed_until or nudge.asks is not AskedRole.LEAD
        else (Button("Snooze 10 min", "snooze", f"{key} 10m"),)
    )
    return (publish, *update, *snooze, Button("Hand over", "handover", key))


def reminders(tx: Transaction, incident: Incident, promise: Promise) -> Listing:
    """The reminders of a promise: those that were sent, and those to come."""
    sent = {row.step: row for row in promises.nudges_sent(tx, promise)}
    lines = []
    for step in steps(promise):
        at = promise.due_at + timedelta(minutes=step.minutes)
        if step.minutes in sent:
            lines.append(Line(say("{at}: sent to the {asks}", at=sent[step.minutes].sent_at, asks=step.asks.value)))
        else:
            snoozed = max([at, *(n.snoozed_until for n in sent.values() if n.snoozed_until)])
            lines.append(Line(say("{at}: asks the {asks}", at=snoozed, asks=step.asks.value)))
    state = "on" if incident.nudges_on else "off"
    other = "off" if incident.nudges_on else "on"
    title = f"Reminders of {incident.key} ({state})"
    return Listing(title, tuple(lines), buttons=(Button(f"Turn {other}", "nudge", f"{incident.key} {other}"),))
