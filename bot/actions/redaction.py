"""Removes the text of a timeline entry, and its copies in drafts, in messages to people, and in the retrospective."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from bot.actions import kept, retrospectives
from bot.actions.revisions import store_revision
from bot.actions.secrets import check_no_secret
from bot.actions.updates import revised
from bot.domain.deliveries import Operation
from bot.domain.facts import WORDS, Facts, typed_values
from bot.domain.incident import Incident
from bot.domain.people import Person
from bot.domain.record import DECLARED_BECAUSE, EntryKind, holds, without
from bot.domain.updates import Update, UpdateState, UpdateText
from bot.errors import NotFound
from bot.store import deliveries, record, revisions, updates
from bot.store.transaction import Transaction

OF_DRAFTS = (EntryKind.REWRITTEN, EntryKind.REPLACED, EntryKind.DISCARDED)
"""Entries that keep words of a draft."""
_BEFORE_WORDS = {
    EntryKind.SEVERITY: r"[^:]*: ",
    EntryKind.NUDGE_SNOOZED: r"until .*?: ",
    EntryKind.ROLE: r"[^:]*: [^:]*: ",
    EntryKind.PUBLISHED: r".*?, alone: ",
}
"""What Foghorn writes before the words that someone typed."""


@dataclass(frozen=True)
class Redacted:
    """The kind of the entry; the new revision of the open draft, and the published updates, that said the same."""

    kind: EntryKind
    revision: int | None
    published: tuple[int, ...]


def redact(tx: Transaction, actor: Person, incident: Incident, number: int, reason: str) -> Redacted:
    """Remove the text of an entry and append who removed it and why. Raises NotFound, InvalidField.

    Redacting the first entry removes the declared title too. Published texts stay as they are.
    """
    check_no_secret(reason)
    found = record.find_entry(tx, incident, number)
    if found is None:
        message = (
            "{incident} has no entry {typed}. Nothing was changed. To see the entry numbers, use `/incident timeline`."
        )
        raise NotFound(message, incident=incident.key, typed=number)
    entry, text = found
    typed = incident.declared_title if entry.kind is EntryKind.DECLARED else _typed(entry.kind, text.text)
    retrospectives.blank(tx, incident, text.text)
    retrospectives.blank(tx, incident, typed)
    for row in deliveries.with_words(tx, incident):
        row.body = without(row.body, typed)
    for line in deliveries.lines_of(tx, incident, entry):
        tx.session.add(kept.copy_of(tx, line, Operation.EDIT, line.id))
    if entry.kind in OF_DRAFTS and entry.update_id:
        _forget_draft(tx, updates.get_update(tx, entry.update_id))
    if entry.kind is EntryKind.PUBLISHED and entry.update_id:
        updates.blank_reason(tx, entry.update_id)
    text.text, text.redacted_at = "", tx.now
    if entry.kind is EntryKind.DECLARED:
        incident.declared_title = "(redacted)"
    revision = _clear_drafts(tx, actor, incident, typed)
    tx.record(actor, EntryKind.REDACTED, incident, f"entry {number}: {reason}")
    tx.redacted = True
    return Redacted(entry.kind, revision, _published_with(tx, incident, typed))


def _typed(kind: EntryKind, text: str) -> str:
    """The words of an entry that someone typed. Those of a draft are removed with it."""
    if kind is EntryKind.NOTE:
        words, copied, _from = text.partition("\nCopied at ")
        return words.partition(": ")[2] or words if copied else text.removeprefix(DECLARED_BECAUSE)
    before = re.match(_BEFORE_WORDS.get(kind, r"\Z."), text, re.DOTALL)
    return text[before.end() :] if before else ""


def _forget_draft(tx: Transaction, draft: Update) -> None:
    """Delete the words of a draft that was discarded, and the earlier revisions of an open one."""
    for row in revisions.revisions(tx, draft):
        if row.revision != draft.revision:
            revisions.drop_revisions(tx, draft, revision=row.revision)
    if draft.state is UpdateState.DISCARDED:
        draft.facts = Facts()
        updates.drop_texts(tx, draft)


def _clear_drafts(tx: Transaction, actor: Person, incident: Incident, typed: str) -> int | None:
    """Remove the words from drafts. The open one gets a new revision then, so nobody has approved it: its number."""
    revision = None
    for draft in updates.unpublished(tx, incident):
        for row in revisions.revisions(tx, draft):
            if holds("\n".join([*map(str, typed_values(row.facts).values()), *row.words.values()]), typed):
                revisions.drop_revisions(tx, draft, revision=row.revision)
        texts = [*updates.texts(tx, draft), *updates.texts(tx, draft, corrected=True)]
        facts, said = _facts_without(draft.facts, typed), [each for each in texts if holds(_whole(each), typed)]
        if facts == draft.facts and not said:
            continue
        draft.facts = facts
        for text in said:
            text.title, text.body = without(text.title, typed), without(text.body, typed)
        if draft.state is UpdateState.DRAFT:
            draft.revision = revision = draft.revision + 1
            revised(tx, actor, draft)
            store_revision(tx, actor, incident, draft)
    return revision


def _facts_without(facts: Facts, typed: str) -> Facts:
    def cleared(said: Mapping[str, str]) -> dict[str, str]:
        return {name: without(words, typed) for name, words in said.items()}

    words = cleared({name: getattr(facts, name) for name in WORDS})
    translated = {language: cleared(said) for language, said in facts.translated.items()}
    return facts.model_copy(update={**words, "notes": cleared(facts.notes), "translated": translated})


def _whole(text: UpdateText) -> str:
    return f"{text.title}\n{text.body}"


def _published_with(tx: Transaction, incident: Incident, typed: str) -> tuple[int, ...]:
    found = [
        each
        for each in updates.published(tx, incident)
        if any(holds(_whole(t), typed) for t in updates.texts(tx, each))
    ]
    return tuple(each.number or 0 for each in found)
