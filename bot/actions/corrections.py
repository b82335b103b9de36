"""Corrects a published update. The corrected texts and the short message are approved together."""

from bot.actions.app_context import AppContext
from bot.actions.revisions import store_revision
from bot.actions.texts import write_corrected, write_texts
from bot.actions.updates import STAGE, raise_open
from bot.domain.facts import Facts, UpdateKind
from bot.domain.incident import Incident
from bot.domain.lifecycle import Transition
from bot.domain.people import Person
from bot.domain.record import EntryKind
from bot.domain.updates import Update
from bot.errors import InvalidField, NothingPublished, NoUpdate
from bot.store import updates
from bot.store.transaction import Transaction


def find_correctable(tx: Transaction, incident: Incident, number: int | None) -> Update:
    """The published update to correct; without a number, the last one that is not a correction. Raises NoUpdate."""
    found = (
        updates.find_published(tx, incident, number)
        if number is not None
        else updates.last_published(tx, incident, corrections=False)
    )
    if found is None and number is None:
        raise NothingPublished(incident=incident.key)
    if found is None or found.kind is UpdateKind.CORRECTION:
        raise NoUpdate(incident=incident.key, number=number)
    return found


def draft_correction(
    tx: Transaction, app: AppContext, actor: Person, incident: Incident, number: int | None, facts: Facts
) -> Update:
    """Draft a correction: replace the incorrect words where they occur, and mark other texts for editing.

    A title that contains the words is corrected too, and so is the incident's title.

    Raises NoUpdate, Conflict, and InvalidField where no text contains the incorrect words.
    """
    if open_draft := updates.find_draft(tx, incident):
        raise_open(tx, incident, open_draft)
    wrong_update = find_correctable(tx, incident, number)
    texts = updates.current_texts(tx, wrong_update)
    if not any(facts.wrong in f"{text.title}\n{text.body}" for text in texts):
        raise InvalidField(
            "“{typed}” is not in the published text. Nothing was changed. Copy the incorrect words exactly as "
            "published.",
            typed=facts.wrong,
        )
    if facts.wrong in incident.title:
        facts = facts.model_copy(update={"title": incident.title.replace(facts.wrong, facts.right)})
    draft = Update(
        incident_id=incident.id,
        kind=UpdateKind.CORRECTION,
        stage=incident.stage,
        move=Transition.SAME,
        facts=facts,
        impacts={},
        revision=updates.next_revision(tx, incident),
        corrects=wrong_update.id,
        author_id=actor.id,
        drafted_at=tx.now,
        revised_by=actor.id,
        revised_at=tx.now,
        written_by={STAGE: [actor.id]},
    )
    tx.session.add(draft)
    tx.session.flush()
    write_corrected(tx, app, draft)
    write_texts(tx, app, incident, draft)
    store_revision(tx, actor, incident, draft)
    tx.record(actor, EntryKind.DRAFTED, incident, f"{draft.description} of update {wrong_update.number}", draft)
    return draft
