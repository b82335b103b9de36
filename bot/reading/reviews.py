"""Builds the draft review and the delivery report, which answer many commands."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from bot.actions.app_context import AppContext
from bot.actions.deadlines import due_after, filled, promise_words, promised_before
from bot.actions.readiness import Readiness, check_readiness, lint_findings, words_for
from bot.actions.recipients import recipients
from bot.actions.update_context import impacts_after, update_context
from bot.domain.audiences import Audience
from bot.domain.deliveries import OPEN_STATES, OURS, Delivery, DeliveryState
from bot.domain.destinations import Destination
from bot.domain.facts import LABELS, UpdateKind
from bot.domain.incident import Incident
from bot.domain.lifecycle import Stage, Transition
from bot.domain.lint.findings import Finding, merged
from bot.domain.people import names
from bot.domain.policy import RequiredApprovals
from bot.domain.promises import NEAR, whole_minute
from bot.domain.revisions import words_to_edit
from bot.domain.suggestions import NAMES, named
from bot.domain.times import count
from bot.domain.update_context import UpdateContext
from bot.domain.updates import Update, UpdateText, text_of
from bot.domain.wording import edited, fill
from bot.reading.draft_notes import fact_notes
from bot.reading.review_buttons import ANYONE, Reader, ask_again, review_buttons
from bot.reading.subscriptions import destination_names
from bot.store import approvals, deliveries, people, record, rooms, updates
from bot.store.transaction import Transaction
from bot.views import Button, DeliveryLine, DeliveryReport, DraftReview, DraftText, ImpactLine, Sentence, say

MINUTE = timedelta(minutes=1)


def draft_review(
    tx: Transaction, app: AppContext, incident: Incident, draft: Update, reader: Reader = ANYONE
) -> DraftReview:
    """The draft as it would be published now, with the buttons of its reader."""
    readiness = check_readiness(tx, app, incident, draft)
    name = people.person_names(tx)
    texts = updates.texts(tx, draft)
    corrected = updates.texts(tx, draft, corrected=True)
    promise_at = due_after(tx, app, incident, draft)
    bodies = filled(tx, app, promise_at, [*texts, *corrected])
    context = readiness.context
    said, answers = fact_notes(tx, app, incident, draft, context, texts)
    found = {**merged(_findings_of(texts, readiness)), **merged(_findings_of(corrected, readiness))}
    customers = text_of(texts, Audience.CUSTOMERS, app.organisation.languages[0])
    return DraftReview(
        incident=incident.key,
        revision=draft.revision,
        kind=draft.description,
        stage_from=incident.stage,
        stage_to=draft.stage,
        title=customers.title if customers else incident.title,
        texts=tuple(_draft_text(tx, app, draft, text, bodies[text.id], found[text.id]) for text in texts),
        corrected=tuple(_draft_text(tx, app, draft, text, bodies[text.id], found[text.id]) for text in corrected),
        author=name[draft.author_id],
        revised_by=name[draft.revised_by],
        revised_at=draft.revised_at,
        promise_at=promise_at,
        destinations=0
        if incident.quiet and draft.stage is Stage.RESOLVED
        else len(recipients(tx, incident, list(impacts_after(tx, incident, draft)))),
        verdict=verdict(tx, app, incident, draft, readiness),
        impacts=impact_lines(app, draft, context),
        notes=(*_notes(tx, app, incident, draft, promise_at, texts, readiness), *said),
        buttons=(*review_buttons(tx, app, incident, draft, readiness, reader), *answers),
        private=incident.private,
    )


def impact_lines(app: AppContext, draft: Update, context: UpdateContext) -> tuple[ImpactLine, ...]:
    """The impacts that a draft publishes, beside those that customers see now."""
    if draft.kind is UpdateKind.CORRECTION:
        return ()
    name = {key: app.organisation.component(key).name for key in context.impacts}
    return tuple(ImpactLine(name[key], impact, context.published.get(key)) for key, impact in context.impacts.items())


def _findings_of(texts: Sequence[UpdateText], readiness: Readiness) -> dict[str, tuple[Finding, ...]]:
    """The findings of each text; those of the customers' text come first."""
    first = sorted(texts, key=lambda text: text.audience is not Audience.CUSTOMERS)
    return {text.id: readiness.findings.get(text.id, ()) for text in first}


def _draft_text(
    tx: Transaction, app: AppContext, draft: Update, text: UpdateText, body: str, found: Sequence[Finding]
) -> DraftText:
    """A text with its findings; a corrected one also shows how it reads now."""
    now = None
    if text.corrected and draft.corrects:
        published = updates.current_texts(tx, updates.get_update(tx, draft.corrects))
        now = text_of(published, text.audience, text.language)
    return DraftText(
        text.audience,
        text.language,
        text.title,
        body,
        text.edited_by_hand,
        text.facts_changed_since,
        tuple(found),
        now.body if now else "",
        text.by_hand and not text.edited_by_hand,
        words=words_to_edit(text) if text.language == app.organisation.languages[0] else "",
    )


def checked_text(
    tx: Transaction, app: AppContext, incident: Incident, draft: Update, text: UpdateText, words: str
) -> DraftText:
    """A text with its findings as if someone had saved these words."""
    body = words.strip() if text.corrected else edited(words, text.body)
    context = update_context(tx, app, incident, draft)
    found = lint_findings(tx, app, incident, draft, context, {text.id: body})[text.id]
    shown = fill(body, promise_words(tx, app, due_after(tx, app, incident, draft), text.language))
    return DraftText(text.audience, text.language, text.title, shown, True, False, found)


def verdict(tx: Transaction, app: AppContext, incident: Incident, draft: Update, readiness: Readiness) -> Sentence:
    """What stands between a draft and its publication: the sentence above the buttons of a review."""
    if readiness.refused_time and not readiness.blockers:
        return _refused_time(tx, incident, draft, readiness.refused_time)
    if readiness.blockers:
        first = readiness.blockers[0]
        distinct = {finding.same: finding.audience for finding in reversed(readiness.blockers)}
        here = sum(audience is first.audience for audience in distinct.values())
        elsewhere = len(distinct) - here
        return say(
            "{number} in the text for {audience}{others}: {reason}",
            number=count(here, "blocker"),
            audience=first.audience.value,
            others=f", {elsewhere} in others" if elsewhere else "",
            reason=first.reason,
        )
    if incident.private:
        return say("{incident} is private, so this cannot be published yet.", incident=incident.key)
    if readiness.missing.is_needed:
        return _missing(tx, app, draft, readiness)
    if readiness.approved_by:
        return say("Approved by {who}; ready to publish.", who=", ".join(p.name for p in readiness.approved_by))
    return say("Ready to publish.")


def _refused_time(tx: Transaction, incident: Incident, draft: Update, at: datetime) -> Sentence:
    words = "The promised time, {time}, {how}. You will be asked for a later one."
    before = promised_before(tx, incident, draft)
    if before is not None and tx.now + NEAR <= at < before:
        return say(
            words.replace("{how}", "is earlier than {before}, which customers were promised"), time=at, before=before
        )
    return say(words, time=at, how="has passed" if at <= tx.now else "is too soon")


def _missing(tx: Transaction, app: AppContext, draft: Update, readiness: Readiness) -> Sentence:
    """Whose approval is missing, and whether they were asked."""
    asked = approvals.asked_people(tx, draft)
    facts: dict[str, object] = {}
    if any(person.id in asked for person in readiness.possible_approvers):
        facts["asked_at"] = approvals.asked_at(tx, draft)
    alone = " or publish alone" if app.organisation.approval.alone else ""
    words = []
    if readiness.missing.approvers:
        waits_for = [person for person in readiness.approvers if person.id in asked]
        facts["missing"] = words_for(RequiredApprovals(readiness.missing.approvers, security=False))
        facts["ask"] = names(waits_for or readiness.approvers)
        said = "Needs {missing}. Ask {ask}."
        if not waits_for and (again := ask_again(tx, draft, readiness)):
            facts["ask"], facts["revision"] = names(again), approvals.asked_before(tx, draft)[0]
            said = "Needs {missing}. {ask} was asked to approve revision {revision}, so ask again."
        if waits_for:
            said = "Waiting for {ask}, asked at {asked_at}."
            if len(waits_for) != readiness.missing.approvers:
                said = "Waiting for {missing}: {ask}, asked at {asked_at}."
        words.append(
            said if readiness.approvers else f"Needs {{missing}}, but no one else can approve. Ask {{ask}}{alone}."
        )
    if readiness.missing.security:
        facts["word"] = readiness.security_words
        who = ", and there is no other one. Remove them"
        if readiness.security:
            facts["security"] = names(readiness.security)
            alone = ", or remove them"
            who = ". Ask {security}"
            if any(person.id in asked for person in readiness.security):
                who = ". Asked at {asked_at}: {security}. Wait"
        words.append(f"The words “{{word}}” need the security approver{who}{alone}.")
    return Sentence(" ".join(words), facts)


def _notes(
    tx: Transaction,
    app: AppContext,
    incident: Incident,
    draft: Update,
    promise_at: datetime | None,
    texts: Sequence[UpdateText],
    readiness: Readiness,
) -> tuple[Sentence, ...]:
    notes = []
    cadence = app.organisation.interval(incident.severity, monitoring=draft.stage is Stage.MONITORING)
    if draft.next_at and draft.next_at > whole_minute(tx.now + cadence):
        words = "{severity} needs an update at least every {cadence} minutes; {time} is {minutes} minutes away."
        far = {"severity": incident.severity.value, "cadence": cadence // MINUTE, "time": draft.next_at}
        notes.append(say(words, **far, minutes=(draft.next_at - tx.now) // MINUTE))
    if draft.kind is UpdateKind.CORRECTION and not incident.closed_at and not promise_at:
        notes.append(say("The promised update is overdue, so the correction gives no time. The update is still due."))
    if draft.kind is UpdateKind.CANCELLATION:
        words = "Customers have read about {incident}, so it closes with an update that says it was reported in error."
        notes.append(say(words, incident=incident.key))
    if draft.move in (Transition.BACK, Transition.REOPENED):
        words = "This goes back from {before} to {after}, and customers will read that the failure returned."
        notes.append(say(words, before=incident.stage.value, after=draft.stage.value))
    if draft.move is Transition.REOPENED:
        words = "The room on {platform} was archived. Foghorn opens it again, or makes another one."
        notes += [say(words, platform=platform.capitalize()) for platform in rooms.archived(tx, incident)]
    rewritten, replaced = record.replaced(tx, draft)
    if rewritten:
        notes.append(say("Texts edited by hand were for another update, so they were replaced. See the timeline."))
    for words in replaced:
        notes.append(say("Replaced in this revision and kept in the timeline: {what}", what=words))
    if draft.facts.suggested:
        what = named(draft.facts.suggested, {name: LABELS[name] for name in NAMES})
        notes.append(
            say("Suggested by the assistant and not typed by anyone. Check it before you publish: {what}.", what=what)
        )
    changed = [text.audience.value for text in texts if text.facts_changed_since]
    if changed:
        notes.append(say("Facts changed since the text for {audiences} was edited.", audiences=", ".join(changed)))
    if draft.left_out:
        notes.append(say("Left out: {audiences}.", audiences=", ".join(draft.left_out)))
    if readiness.shared:
        notes.append(say("The remaining approvers wrote some of this text, so it needs one more approval than usual."))
    if readiness.unnamed:
        words = "No one in foghorn.toml wrote this text, so it needs one more approval than usual."
        notes.append(say(words))
    if readiness.approved_by and readiness.missing.is_needed:
        notes.append(say("Approved so far by {who}.", who=", ".join(p.name for p in readiness.approved_by)))
    return tuple(notes)


def delivery_report(
    tx: Transaction, app: AppContext, incident: Incident, update: Update, *, lead: Sentence | None = None
) -> DeliveryReport:
    """Who received an update. The last action for each destination counts."""
    rows = deliveries.of_update(tx, update)
    newest: dict[Destination, Delivery] = {}
    for row in rows:
        seen = newest.get(row.destination)
        if seen is None or seen.state is not DeliveryState.DEAD:
            newest[row.destination] = row
    name = destination_names(tx, " (console)")
    ahead = tx.now - tx.real()  # retries use the real clock, and people read the clock of the incidents
    delayed = deliveries.delayed(tx)
    lines = tuple(
        DeliveryLine(
            name(d.destination),
            d.state,
            d.sent_at or (d.due_at and d.due_at + ahead),
            d.reason or _waits(app, d, delayed),
            d.maybe_twice,
            d.attempts,
        )
        for d in sorted(newest.values(), key=lambda d: (d.state is not DeliveryState.DEAD, str(d.destination)))
    )
    failed = any(line.state is DeliveryState.DEAD for line in lines)
    late = any(line.state in OPEN_STATES and line.attempts for line in lines)
    this = f"{incident.key} update:{update.number}"
    retry = Button("Retry" if failed else "Retry now", "deliveries", f"{this} retry:yes", primary=True)
    buttons = (retry, Button("Stop", "deliveries", f"{this} stop:yes")) if late else (retry,)
    text = text_of(updates.texts(tx, update), Audience.CUSTOMERS, app.organisation.languages[0])
    return DeliveryReport(
        incident=incident.key,
        number=update.number or 0,
        update=f"update {update.number} ({update.description})",
        published_at=update.published_at,
        sent=sum(line.state is DeliveryState.SENT for line in lines),
        total=len(lines),
        lines=lines,
        buttons=buttons if failed or late else (),
        lead=lead,
        title=text.title if text else "",
        body=text.body if text else "",
    )


def _waits(app: AppContext, delivery: Delivery, delayed: Mapping[tuple[Destination, str | None], Delivery]) -> str:
    """Why a delivery that was never tried is waiting: for an earlier one to the same place, or for its platform."""
    before, platform = delayed.get((delivery.destination, delivery.incident_id)), delivery.destination.platform
    if delivery.state is not DeliveryState.DUE:
        return ""
    if platform not in (*OURS, *app.platforms):
        return f"{platform.capitalize()} is not set up, so nothing is sent there; `foghorn doctor` says what is missing"
    if before is None or before.number >= delivery.number:
        return ""
    return f"an earlier message has to arrive first: {before.reason}"
