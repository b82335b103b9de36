"""Stores what an open draft says in each revision, and separates what someone changed from what a form sent back."""

from collections.abc import Mapping
from datetime import datetime

from bot.actions.app_context import AppContext
from bot.actions.update_context import next_facts
from bot.domain.facts import Facts, typed_values
from bot.domain.incident import Incident
from bot.domain.lint import find_secrets
from bot.domain.people import Person
from bot.domain.record import EntryKind
from bot.domain.revisions import Compared, DraftRevision, compare, same, words_to_edit, written_by
from bot.domain.updates import Update, UpdateText
from bot.store import incidents, people, revisions, updates
from bot.store.transaction import Transaction

TITLE = "title"


def name_of(text: UpdateText) -> str:
    """A text's name within its update: `customers en`, `corrected_customers en`."""
    return f"{'corrected_' if text.corrected else ''}{text.audience.value} {text.language}"


def store_revision(tx: Transaction, actor: Person, incident: Incident, draft: Update) -> None:
    """Store what the draft says now, without anything that contains a secret. Its texts are already written."""
    texts = [*updates.texts(tx, draft), *updates.texts(tx, draft, corrected=True)]
    words = {TITLE: texts[0].title if texts else "", **{name_of(text): words_to_edit(text) for text in texts}}
    unsafe = {
        name: Facts.model_fields[name].default
        for name, value in draft.facts
        if isinstance(value, str | Mapping) and find_secrets(str(value))
    }
    tx.session.add(
        DraftRevision(
            update_id=draft.id,
            revision=draft.revision,
            person_id=actor.id,
            at=tx.now,
            stage=draft.stage,
            next_at=draft.next_at,
            facts=draft.facts.model_copy(update=unsafe),
            impacts={key: impact.value for key, impact in incidents.set_values(tx, incident).items()},
            words={name: text for name, text in words.items() if not find_secrets(text)},
        )
    )


def compare_facts(
    tx: Transaction, incident: Incident, draft: Update | None, revision: int, typed: Mapping[str, object]
) -> Compared:
    """What a form that started from `revision` sent back, by the names of `typed_values`; see `compare`.

    Also `stage`, `impacts`, and `next_at`.
    """

    def known(facts: Facts, stage: object, impacts: object, next_at: datetime | None = None) -> dict[str, object]:
        blank = dict.fromkeys(typed, "")
        return {**blank, **typed_values(facts), "stage": stage, "impacts": impacts, "next_at": next_at}

    now = incidents.set_values(tx, incident)
    start = next_facts(tx, incident)
    present = known(draft.facts, draft.stage, now, draft.next_at) if draft else known(start, incident.stage, now)
    kept = revisions.find_revision(tx, draft, revision) if draft else None
    if kept is not None:
        return compare(typed, [known(kept.facts, kept.stage, kept.impacts, kept.next_at)], present)
    ended = updates.find_revision(tx, incident, revision)
    if ended is None:  # the form was opened before any draft existed
        return compare(typed, [known(start, incident.stage, now)], present)
    shown = (ended.facts, start)  # it was open or had ended then; there is no way to know which
    return compare(typed, [known(facts, ended.stage, ended.impacts) for facts in shown], present)


def compare_words(
    tx: Transaction, actor: Person, draft: Update, revision: int | None, typed: Mapping[str, str],
    texts: Mapping[str, UpdateText],
) -> Compared:  # fmt: skip
    """Words as they are edited, by their field's name in `texts`, and `title`; see `compare`.

    Without a revision it is unknown what was read, so a text that someone else rewrote by hand clashes.
    """
    present = words_by_field(texts)
    names = {field: name_of(text) for field, text in texts.items()} | {TITLE: TITLE}
    if revision == draft.revision:
        return compare(typed, [present], present)
    if revision is not None:
        kept = revisions.find_revision(tx, draft, revision)
        read = {field: kept.words[name] for field, name in names.items() if name in kept.words} if kept else {}
        return compare(typed, [read], present)
    history = revisions.revisions(tx, draft)
    changed = {field for field, words in typed.items() if not same(words, present.get(field))}
    by_hand = {field for field, text in texts.items() if text.edited_by_hand}
    by_hand |= {TITLE} if draft.facts.title else set()
    writers = {field: written_by(history, names[field], present[field]) for field in changed & by_hand}
    others = (field for field, person in writers.items() if person not in (None, actor.id))
    return Compared(frozenset(changed), frozenset(others))


def words_by_field(texts: Mapping[str, UpdateText]) -> dict[str, str]:
    """What an edit starts from: the words of each text and the title, by field name."""
    title = next((text.title for text in texts.values()), "")
    return {TITLE: title, **{field: words_to_edit(text) for field, text in texts.items()}}


def record_replaced(
    tx: Transaction, app: AppContext, actor: Person, incident: Incident, draft: Update, replaced: Mapping[str, object]
) -> None:
    """Record in the timeline the words of other people that the actor's words replace.

    `replaced`: facts by name, and texts by `name_of`, with what they say. Call it before they change. Nobody knows who
    wrote words with a secret, so they are not kept here either.
    """
    if not any(replaced.values()):
        return
    history = revisions.revisions(tx, draft)
    name = people.person_names(tx)
    lost = []
    for key, value in replaced.items():
        person = written_by(history, key, value)
        if value and person is not None and person != actor.id:
            lost.append(f"{key.replace('_', ' ')} by {name[person]}: {_shown(app, value)}")
    if lost:
        tx.record(actor, EntryKind.REPLACED, incident, "; ".join(lost), draft)


def record_replaced_facts(
    tx: Transaction, app: AppContext, actor: Person, incident: Incident, draft: Update, base: Facts, facts: Facts,
    next_at: datetime | None = None,
) -> None:  # fmt: skip
    """The same when the draft gets other `facts`. Words of its `base`, which customers have read, are no loss."""
    started, after = typed_values(base), typed_values(facts)
    replaced = {
        name: value
        for name, value in typed_values(draft.facts).items()
        if value != started.get(name) and not same(value, after.get(name))
    }  # fmt: skip
    if next_at and draft.next_at and next_at != draft.next_at:
        replaced["next_at"] = draft.next_at
    record_replaced(tx, app, actor, incident, draft, replaced)


def _shown(app: AppContext, value: object) -> str:
    if isinstance(value, datetime):
        return app.organisation.zone.dated(value)
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
