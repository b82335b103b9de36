"""Builds the message that asks one person to approve a draft, and what it says once that is decided."""

from dataclasses import replace

from bot.actions.app_context import AppContext
from bot.actions.deadlines import due_after, filled
from bot.actions.readiness import Readiness, check_readiness, words_for
from bot.domain.audiences import Audience
from bot.domain.deliveries import Delivery, Operation
from bot.domain.incident import Incident
from bot.domain.people import Person
from bot.domain.updates import Update, UpdateState, UpdateText, text_of
from bot.reading.calls import console_link
from bot.reading.reviews import impact_lines
from bot.store import approvals, people, updates
from bot.store.transaction import Transaction
from bot.views import ApprovalRequest, Button, Sentence, say


def approval_request(
    tx: Transaction, app: AppContext, incident: Incident, update: Update, delivery: Delivery
) -> ApprovalRequest | None:
    """What a request for approval says now; None if it was decided before it was sent."""
    person, revision = people.reader_of(tx, delivery.destination), int(delivery.body)
    repeated = approvals.is_repeated(tx, update, delivery)
    first = ApprovalRequest(incident.key, incident.severity, incident.declared_title, Sentence(""), obsolete=repeated)
    said = say("A later message replaced this one.") if repeated else None
    said = said or _decided(tx, update, revision) or _private(incident)
    if said is None and person is not None:
        readiness = check_readiness(tx, app, incident, update)
        said = _not_needed(tx, update, readiness, person)
        if said is None:
            return _asking(tx, app, incident, update, first, readiness)
    if delivery.operation is Operation.SEND and not delivery.reference:
        return None
    return replace(first, sentence=said or say("This account no longer belongs to anyone."))


def _decided(tx: Transaction, update: Update, revision: int) -> Sentence | None:
    """How the revision ended; None while it is open."""
    name = people.person_names(tx)
    facts: dict[str, object]
    if update.state is UpdateState.PUBLISHED:
        given = [each for each in updates.approvals(tx, update) if each.revision == update.revision]
        facts = {"who": name[update.published_by or update.revised_by], "at": update.published_at}
        if update.alone_because:
            return say("{who} published this alone at {at}: {reason}", reason=update.alone_because, **facts)
        if not given:
            return say("{who} published this at {at}.", **facts)
        by = list(dict.fromkeys(name[each.person_id] for each in given))
        return say("Approved by {by} at {at} and published.", by=" and ".join(by), at=given[-1].at)
    if update.state is UpdateState.DISCARDED:
        return say("The draft was discarded. Nothing was sent.")
    if update.revision == revision:
        return None
    facts = {"who": name[update.revised_by], "revision": update.revision}
    if approvals.asked(tx, update):
        return say("{who} changed the draft; revision {revision} is waiting for approval.", **facts)
    return say("{who} changed the draft; approval of revision {revision} has not been requested yet.", **facts)


def _private(incident: Incident) -> Sentence | None:
    return say("The incident is private now, so this cannot be published.") if incident.private else None


def _not_needed(tx: Transaction, update: Update, readiness: Readiness, person: Person) -> Sentence | None:
    """Why this person is no longer asked although the draft is open; None if they still are."""
    if readiness.can_help(person):
        return None
    mine = [each for each in readiness.approved_by if each.id == person.id]
    given = [each.at for each in updates.approvals(tx, update) if each.person_id == person.id]
    if mine and given:
        missing = words_for(readiness.missing)
        words = "You approved revision {revision} at {at}. It still needs {missing}."
        return say(words, revision=update.revision, at=given[-1], missing=missing)
    return say("Your approval is no longer needed.")


def _asking(
    tx: Transaction, app: AppContext, incident: Incident, draft: Update, first: ApprovalRequest, readiness: Readiness
) -> ApprovalRequest:
    texts = [*updates.texts(tx, draft), *updates.texts(tx, draft, corrected=True)]
    shown = text_of(texts, Audience.CUSTOMERS, app.organisation.languages[0]) or texts[0]
    by = people.person_names(tx)[draft.revised_by]
    words = "{by} asks you to approve this update ({kind}, revision {revision})."
    return replace(
        first,
        sentence=say(words, by=by, kind=draft.description, revision=draft.revision),
        stage_from=incident.stage,
        stage_to=draft.stage,
        impacts=impact_lines(app, draft, readiness.context),
        headline=shown.title,
        body=filled(tx, app, due_after(tx, app, incident, draft), [shown])[shown.id],
        findings=sum(len(found) for found in readiness.findings.values()),
        other_texts=len(texts) - 1,
        buttons=_buttons(incident, draft, shown, texts, readiness),
        link=f"{console_link(app, incident)}#draft",
    )


def _buttons(
    incident: Incident, draft: Update, shown: UpdateText, texts: list[UpdateText], readiness: Readiness
) -> tuple[Button, ...]:
    """Approve stands beside the customers' text if nobody wrote another text by hand; otherwise all are read first."""
    words = f"{incident.key} rev:{draft.revision}"
    by_hand = any(text.edited_by_hand for text in texts if text.id != shown.id)
    may = not by_hand and not readiness.blockers
    approve = (Button("Approve", "approve", words, primary=True),) if may else ()
    read = Button("Read all", "show", f"{incident.key} draft:yes", primary=not may)
    return (*approve, read, Button("Edit", "edit", words))
