"""The text that support staff may copy, and the entries of the record in words."""

from bot.domain.audiences import Audience
from bot.domain.history import IncidentHistory, Publication
from bot.domain.incident import Incident
from bot.domain.promises import was_kept
from bot.domain.record import EntryKind
from bot.errors import NothingToCopy
from bot.store import incidents, people, promises, record, updates
from bot.store.transaction import Transaction
from bot.views import EntryLine, Macro, Sentence, say


def macro(tx: Transaction, incident: Incident, history: IncidentHistory, audience: Audience, language: str) -> Macro:
    """The last published text for an audience, with corrections. Raises NothingToCopy."""
    if not history.updates:
        raise NothingToCopy(incident=history.key)
    newest = history.updates[-1]
    for update in (newest, *reversed(history.publications)):
        text = update.text(audience, language)
        if text is not None:
            stale = _stale(tx, incident, newest, update)
            return Macro(
                history.key, audience, text.language, text.title, text.body, update.at, newest.promised_at, stale,
                _approved_by(tx, update),
            )  # fmt: skip
    raise NothingToCopy(incident=history.key)


def _approved_by(tx: Transaction, publication: Publication) -> str:
    update = updates.get_update(tx, publication.id)
    given = [each.person_id for each in updates.approvals(tx, update) if each.revision == update.revision]
    names = people.person_names(tx)
    return " and ".join(names[person] for person in dict.fromkeys(given or [publication.by]) if person in names)


def _stale(tx: Transaction, incident: Incident, newest: Publication, shown: Publication) -> Sentence | None:
    """Why a text must not be pasted now."""
    if shown is not newest:
        return say("A newer update was published at {at} without a text for this audience.", at=newest.at)
    promise = promises.open_promise(tx, incident)
    if promise is not None and not was_kept(promise.due_at, tx.now):
        late = "The next update was promised by {due_at} and is overdue. "
        return say(late + "Until it is published, send people to the status page.", due_at=promise.due_at)
    rows = incidents.impacts(tx, incident)
    if incident.closed_at is None and any(row.value is not row.published for row in rows):
        return say("The impact has changed since. Until that is published, send people to the status page.")
    return None


def entry_lines(tx: Transaction, incident: Incident, *, with_texts: bool = True) -> tuple[EntryLine, ...]:
    """The entries in words, newest first. `with_texts`: those of publications hold the customers' text."""
    name = people.person_names(tx)
    published: dict[str | None, tuple[str, str]] = {}
    for text in updates.texts_of(tx, updates.published(tx, incident), Audience.CUSTOMERS) if with_texts else ():
        published.setdefault(text.update_id, (text.title, text.body))
    return tuple(
        EntryLine(
            entry.number,
            entry.at,
            name[entry.person_id] if entry.person_id else "Foghorn",
            entry.platform,
            entry.kind.value,
            text.text,
            text.redacted_at is not None,
            published.get(entry.update_id) if entry.kind is EntryKind.PUBLISHED else None,
            entry.surface,
        )
        for entry, text in record.entries(tx, incident)
    )
