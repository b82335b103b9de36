"""Saving what people write in a retrospective."""

from bot.actions.secrets import check_no_secret
from bot.domain.incident import Incident
from bot.domain.people import Person
from bot.domain.record import EntryKind, without
from bot.domain.retrospective import Retrospective
from bot.errors import EditedMeanwhile, InvalidField
from bot.store import people, retrospectives
from bot.store.transaction import Transaction

MAX_LENGTH = 100_000
"""Characters. A long incident has a few thousand."""


def save(tx: Transaction, actor: Person, incident: Incident, text: str, revision: int) -> Retrospective:
    """Save a text that is based on a revision; 0: on the draft that Foghorn makes.

    Raises EditedMeanwhile, InvalidField.
    """
    check_no_secret(text)
    if not text.strip() or len(text) > MAX_LENGTH:
        message = "A retrospective must have 1 to {most} characters. Nothing was saved."
        raise InvalidField(message, most=f"{MAX_LENGTH:,}")
    row = retrospectives.find(tx, incident)
    if row is not None and row.revision != revision:
        raise EditedMeanwhile(person=people.person_names(tx)[row.saved_by], new=row.revision, at=row.saved_at)
    if row is None:
        row = Retrospective(incident_id=incident.id, text="", saved_by=actor.id, saved_at=tx.now)
        tx.session.add(row)
    row.text, row.revision, row.saved_by, row.saved_at = text, row.revision + 1, actor.id, tx.now
    tx.record(actor, EntryKind.RETROSPECTIVE, incident, f"revision {row.revision}")
    return row


def blank(tx: Transaction, incident: Incident, words: str) -> None:
    """Remove words that are redacted in the record, with or without the escapes of the draft."""
    row = retrospectives.find(tx, incident)
    if row is not None:
        row.text = without(row.text, words)
