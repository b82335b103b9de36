"""Changes to a draft: its facts, its texts, and its end. Customers see nothing of this."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bot.actions.app_context import AppContext
from bot.actions.revisions import name_of, record_replaced, record_replaced_facts, store_revision
from bot.actions.texts import follow_customers, write_corrected, write_texts
from bot.actions.update_context import starting_facts
from bot.domain.audiences import Audience
from bot.domain.components import Impact
from bot.domain.facts import Facts, UpdateKind
from bot.domain.incident import Incident
from bot.domain.lifecycle import Stage, check_transition
from bot.domain.lint import find_secrets
from bot.domain.people import Person
from bot.domain.record import EntryKind
from bot.domain.revisions import same, words_to_edit
from bot.domain.updates import Update, UpdateState, UpdateText, text_of
from bot.domain.wording import edited
from bot.errors import Conflict, DraftEnded, EditedMeanwhile, NoDraft, StaleRevision
from bot.store import incidents, people, revisions, updates
from bot.store.transaction import Transaction

STAGE = "stage"
"""The part of a draft that choosing its stage or kind writes."""


@dataclass(frozen=True)
class DraftChange:
    """What someone typed for a draft. None and empty values leave it as it is."""

    kind: UpdateKind = UpdateKind.STAGE
    stage: Stage | None = None
    facts: Mapping[str, object] = field(default_factory=dict)
    translated: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # language -> words typed in it
    suggested: Sequence[str] = ()  # names of `facts` and `translated` (`de.sees`) that the assistant proposed
    impacts: Mapping[str, Impact] | None = None  # what the publication itself will set
    next_at: datetime | None = None
    left_out: Sequence[Audience] | None = None


@dataclass(frozen=True)
class TextEdit:
    """One text as a person rewrote it."""

    text: UpdateText
    words: str  # without the promise, which Foghorn writes


def draft_update(tx: Transaction, app: AppContext, actor: Person, incident: Incident, change: DraftChange) -> Update:
    """Write the draft, or a new revision of the open one. Raises Conflict if the stage cannot be reached."""
    draft = updates.find_draft(tx, incident)
    if draft is not None and draft.kind is UpdateKind.CORRECTION:
        raise_open(tx, incident, draft)
    kept = draft.stage if draft is not None and change.kind is not UpdateKind.NO_CHANGE else incident.stage
    stage = change.stage or (Stage.INVESTIGATING if kept is Stage.DECLARED else kept)
    move = check_transition(incident.stage, stage, incident=incident.key, over=incident.entered_later)
    kind = _kind(incident, draft, change)
    becomes_another = draft is not None and (draft.kind is not kind or draft.stage is not stage)
    if draft is None:
        draft = Update(
            incident_id=incident.id, kind=kind, stage=stage, move=move, facts=Facts(),
            revision=updates.next_revision(tx, incident), author_id=actor.id, drafted_at=tx.now, revised_by=actor.id,
            revised_at=tx.now,
        )  # fmt: skip
        entry = EntryKind.DRAFTED
    else:
        draft.revision += 1
        entry = EntryKind.EDITED
    wrote, gave_up = _written(draft, change, {STAGE} if becomes_another or entry is EntryKind.DRAFTED else set())
    if becomes_another:
        gave_up |= {STAGE, *_give_up_words(tx, actor, incident, draft)}
    if change.impacts is not None or stage is not draft.stage:
        draft.impacts = {key: impact.value for key, impact in (change.impacts or {}).items()}
    draft.kind, draft.stage, draft.move = kind, stage, move
    base = starting_facts(tx, incident, draft)
    facts = _facts(tx, base, draft.facts, change)
    record_replaced_facts(tx, app, actor, incident, draft, base, facts, change.next_at)
    draft.facts = facts
    draft.next_at = change.next_at or (draft.next_at if draft.next_at and draft.next_at > tx.now else None)
    if change.left_out is not None:
        draft.left_out = [audience.value for audience in change.left_out]
    revised(tx, actor, draft, wrote, gave_up)
    tx.session.add(draft)
    write_texts(tx, app, incident, draft)
    store_revision(tx, actor, incident, draft)
    tx.record(actor, entry, incident, f"{draft.description}, revision {draft.revision}", draft)
    return draft


def _facts(tx: Transaction, base: Facts, old: Facts, change: DraftChange) -> Facts:
    """What was typed for this draft, now or before (`old`), over what still holds from earlier updates (`base`)."""
    typed = {name: getattr(old, name) for name in old.fresh if "." not in name} | dict(change.facts)
    fresh = dict.fromkeys([*old.fresh, *change.facts])
    translated = {language: dict(words) for language, words in base.translated.items()}
    for name in change.facts:  # new words in the first language make the translations outdated
        if typed[name] != getattr(old, name, None):
            fresh = {one: None for one in fresh if not one.endswith(f".{name}")}
    for language, name in (one.split(".") for one in fresh if "." in one):
        translated.setdefault(language, {})[name] = old.translated.get(language, {}).get(name, "")
    for name in typed:
        for language in translated:
            if typed[name] != getattr(base, name) and f"{language}.{name}" not in fresh:
                translated[language].pop(name, None)
    for language, words in change.translated.items():
        translated[language] = {**translated.get(language, {}), **words}
        fresh |= dict.fromkeys(f"{language}.{name}" for name in words)
    touched = {
        *change.facts,
        *(f"{language}.{name}" for language, words in change.translated.items() for name in words),
    }
    suggested = [one for one in old.suggested if one in fresh and one not in touched]
    times = {name: old.typed_at[name] for name in old.fresh if name in old.typed_at}
    times |= {name: tx.now for name in change.facts if typed[name] != getattr(base, name)}
    return base.model_copy(
        update={**typed, "fresh": tuple(fresh), "typed_at": {**base.typed_at, **times},
                "suggested": (*suggested, *change.suggested),
                "translated": {language: words for language, words in translated.items() if words}}
    )  # fmt: skip


def translate_draft(
    tx: Transaction, app: AppContext, actor: Person, incident: Incident, language: str, words: Mapping[str, str]
) -> Update:
    """Save words in another language as a new revision. Raises NoDraft."""
    draft = held_draft(tx, incident)
    base = starting_facts(tx, incident, draft)
    if draft.kind is UpdateKind.CORRECTION:
        translated = {**draft.facts.translated, language: {**draft.facts.translated.get(language, {}), **words}}
        facts = draft.facts.model_copy(update={"translated": translated})
    else:
        facts = _facts(tx, base, draft.facts, DraftChange(translated={language: words}))
    record_replaced_facts(tx, app, actor, incident, draft, base, facts)
    draft.facts = facts
    if draft.kind is UpdateKind.CORRECTION:
        write_corrected(tx, app, draft)
    draft.revision += 1
    revised(tx, actor, draft, {f"{language}.{name}" for name in words})
    tx.session.flush()
    write_texts(tx, app, incident, draft)
    store_revision(tx, actor, incident, draft)
    tx.record(actor, EntryKind.EDITED, incident, f"{language}: revision {draft.revision}", draft)
    return draft


def redraft(tx: Transaction, app: AppContext, actor: Person, incident: Incident, impacts: Collection[str] = ()) -> None:
    """Rewrite the open draft as another revision because its subject changed, so earlier approvals no longer count.

    Its authors stay the same, because impact and severity are not their words. For `impacts`, responders now know
    better than the draft, so it no longer sets them.
    """
    draft = updates.find_draft(tx, incident)
    if draft is None:
        return
    over = incident.entered_later and draft.stage is Stage.RESOLVED  # what was set is how it failed
    kept = {key: value for key, value in draft.impacts.items() if key not in impacts}
    draft.impacts = dict.fromkeys({**kept, **dict.fromkeys(impacts)}, Impact.OPERATIONAL.value) if over else kept
    if draft.kind is not UpdateKind.CORRECTION:
        draft.facts = _facts(tx, starting_facts(tx, incident, draft), draft.facts, DraftChange())
    draft.revision += 1
    revised(tx, actor, draft)
    tx.session.flush()
    write_texts(tx, app, incident, draft)
    store_revision(tx, actor, incident, draft)
    tx.record(actor, EntryKind.EDITED, incident, f"{draft.description}, revision {draft.revision}", draft)


def _written(draft: Update, change: DraftChange, wrote: set[str]) -> tuple[set[str], set[str]]:
    """The parts of a draft that a change writes, added to `wrote`, and the parts that it empties."""
    gave_up = set()
    for name, value in change.facts.items():
        if value == Facts.model_fields[name].default:
            gave_up.add(name)
        elif value != getattr(draft.facts, name):
            wrote.add(name)
    if change.next_at and change.next_at != draft.next_at:
        wrote.add("next_at")
    return wrote, gave_up


def _give_up_words(tx: Transaction, actor: Person, incident: Incident, draft: Update) -> list[str]:
    """Drop texts edited by hand for another stage or kind, because they are outdated; they stay in the record."""
    edited = [text for text in updates.texts(tx, draft) if text.edited_by_hand]
    for text in edited:
        text.edited_by_hand = text.facts_changed_since = False
    if edited:
        kept = (text.body if not find_secrets(text.body) else "held a secret, not kept" for text in edited)
        words = "; ".join(f"{text.audience.value}: {body}" for text, body in zip(edited, kept, strict=True))
        tx.record(actor, EntryKind.REWRITTEN, incident, f"{draft.description}; {words}", draft)
    return [_part(text) for text in edited]


def _part(text: UpdateText) -> str:
    """A text edited by hand, as the name of a part of the draft."""
    return f"{text.audience.value} {text.language}{' corrected' if text.corrected else ''}"


def _kind(incident: Incident, draft: Update | None, change: DraftChange) -> UpdateKind:
    """The kind to draft. A first update cannot say “no change”, and a cancellation can be reworded."""
    if incident.stage is Stage.DECLARED and change.kind is UpdateKind.NO_CHANGE:
        return UpdateKind.STAGE
    if (
        draft is not None
        and draft.kind is UpdateKind.CANCELLATION
        and change.kind is UpdateKind.STAGE
        and change.stage is None
    ):
        return UpdateKind.CANCELLATION
    return change.kind


def raise_open(tx: Transaction, incident: Incident, draft: Update) -> None:
    """Raise Conflict: the open correction has to be finished first."""
    name = people.person_names(tx)[draft.revised_by]
    message = "{person} has an open draft for {incident} (revision {revision}). Publish, edit, or discard it first."
    raise Conflict(message, person=name, incident=incident.key, revision=draft.revision)


def revised(
    tx: Transaction, actor: Person, draft: Update, wrote: Collection[str] = (), gave_up: Collection[str] = ()
) -> None:
    """Store who made this revision, when, and who wrote its parts.

    Everyone who worked on a part is its author until it is given up. An account that may not approve removes no
    authors, because it may belong to one of them.
    """
    draft.revised_by = actor.id
    draft.revised_at = tx.now
    stays = {part: ids for part, ids in draft.written_by.items() if part not in gave_up or not actor.configured}
    draft.written_by = stays | {part: sorted({*stays.get(part, ()), actor.id}) for part in wrote}


def edit_texts(
    tx: Transaction,
    actor: Person,
    app: AppContext,
    incident: Incident,
    revision: int,
    title: str,
    edits: Sequence[TextEdit],
) -> Update:
    """Save texts edited by hand, and a title for all of them, as a new revision. Raises NoDraft, StaleRevision."""
    draft = held_draft(tx, incident)
    check_revision(tx, draft, revision, done="saved over", refusal=EditedMeanwhile)
    by_hand = [edit for edit in edits if edit.text.edited_by_hand and not same(words_to_edit(edit.text), edit.words)]
    replaced: dict[str, object] = {name_of(edit.text): words_to_edit(edit.text) for edit in by_hand}
    if title and not same(title, draft.facts.title):
        replaced["title"] = draft.facts.title
    record_replaced(tx, app, actor, incident, draft, replaced)
    changed, wrote = [], set()
    for edit in edits:
        text, body = edit.text, edit.words
        if not text.corrected:  # a published text keeps its promise; Foghorn adds the promise to the others
            body = edited(edit.words, text.body)
        if text.body != body:
            text.body, text.edited_by_hand, text.facts_changed_since = body, True, False
            changed.append(text.audience.value)
            wrote.add(_part(text))
    texts = updates.texts(tx, draft)
    if title and any(text.title != title for text in texts):
        draft.facts = draft.facts.model_copy(
            update={"title": title, "fresh": tuple(dict.fromkeys([*draft.facts.fresh, "title"]))}
        )
        for text in texts:
            text.title = title
        changed.append("title")
        wrote.add("title")
    if changed:
        follow_customers(tx, app, incident, draft)
        draft.revision += 1
        revised(tx, actor, draft, wrote)
        store_revision(tx, actor, incident, draft)
        tx.record(actor, EntryKind.EDITED, incident, f"{', '.join(changed)}: revision {draft.revision}", draft)
    return draft


def discard(tx: Transaction, actor: Person, incident: Incident, revision: int | None) -> Update:
    """Delete the draft. Nothing is sent; the customers' text and texts edited by hand stay in the record.

    Raises NoDraft, StaleRevision.

    If any text contains a secret, nothing is kept.
    """
    draft = held_draft(tx, incident, revision)
    check_revision(tx, draft, revision, done="discarded")
    draft.state = UpdateState.DISCARDED
    texts = updates.texts(tx, draft)
    first = text_of(texts, Audience.CUSTOMERS, "en") or next(iter(texts), None)
    by_hand = [text for text in texts if text.edited_by_hand and text is not first]
    words = "; ".join([first.body if first else "", *(f"{text.audience.value}: {text.body}" for text in by_hand)])
    if any(find_secrets(f"{each.title}\n{each.body}") for each in texts):
        words, draft.facts = "its words held a secret and were not kept", Facts()
        updates.drop_texts(tx, draft)
    revisions.drop_revisions(tx, draft)
    tx.record(actor, EntryKind.DISCARDED, incident, f"{draft.description}: {words}", draft)
    return draft


def held_draft(tx: Transaction, incident: Incident, revision: int | None = None) -> Update:
    """The open draft, locked until the transaction ends.

    Raises NoDraft; if `revision` was published or discarded, DraftEnded, which says so.
    """
    draft = updates.find_draft(tx, incident)
    if draft is not None:
        return draft
    ended = None
    if revision is not None:
        ended = updates.find_revision(tx, incident, revision) or updates.last_ended(tx, incident)
    raise draft_ended(tx, ended) if ended else NoDraft(incident=incident.key)


def draft_ended(tx: Transaction, ended: Update) -> DraftEnded:
    """What became of a draft that was published or discarded."""
    if ended.state is UpdateState.DISCARDED:
        return DraftEnded(revision=ended.revision)
    person = people.person_names(tx)[ended.published_by or ended.revised_by]
    what = f"update {ended.number}, {ended.description},"
    message = "{person} already published {what} at {at}. Nothing was sent twice, and there is nothing left to do."
    return DraftEnded(message, person=person, what=what, at=ended.published_at)


def check_revision(
    tx: Transaction, draft: Update, revision: int | None, *, done: str, refusal: type[StaleRevision] = StaleRevision
) -> None:
    """Raise StaleRevision if `revision` is not the current one; None skips the check."""
    if revision is not None and revision != draft.revision:
        name = people.person_names(tx)[draft.revised_by]
        stale = refusal(old=revision, done=done, person=name, new=draft.revision, at=draft.revised_at)
        stale.offer = ("show", f"{incidents.get_incident(tx, draft.incident_id).key} draft:yes", "Open draft")
        raise stale
