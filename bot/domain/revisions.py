"""What an open draft said in each revision, so that no one overwrites words they have not read."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import JSON, Column
from sqlmodel import Field

from bot.domain.columns import Model, Row, enum_column
from bot.domain.facts import Facts, typed_values
from bot.domain.lifecycle import Stage
from bot.domain.updates import UpdateText
from bot.domain.wording import to_edit


class DraftRevision(Row, table=True):
    """One revision of an open draft. Deleted when the draft is published or discarded; secrets are left out."""

    __tablename__ = "draft_revision"

    update_id: str = Field(foreign_key="update.id", primary_key=True)
    revision: int = Field(primary_key=True)
    person_id: str = Field(foreign_key="person.id")
    at: datetime
    stage: Stage = Field(sa_column=enum_column(Stage))
    next_at: datetime | None = None
    facts: Facts = Field(sa_column=Column(Model(Facts), nullable=False))
    impacts: dict[str, str] = Field(sa_column=Column(JSON, nullable=False))  # as set by responders
    words: dict[str, str] = Field(sa_column=Column(JSON, nullable=False))  # "title", and each text by `name_of`

    def value_of(self, name: str) -> object:
        """What it said for a fact, the time of the next update, or a text; None if that is not known."""
        if name in self.words:
            return self.words[name]
        return self.next_at if name == "next_at" else typed_values(self.facts).get(name)


@dataclass(frozen=True)
class Compared:
    """What was typed, compared with what was read and with the current state."""

    changed: frozenset[str]  # differs from what was read
    clashes: frozenset[str]  # of these, what others changed differently since it was read


def compare(
    typed: Mapping[str, object], read: Sequence[Mapping[str, object]], present: Mapping[str, object]
) -> Compared:
    """Compare by name. `read`: what may have been read; if unknown, everything typed counts as changed."""

    def was_read(name: str, value: object) -> bool:
        return any(name in one and same(one[name], value) for one in read)

    changed = {name for name, value in typed.items() if not was_read(name, value)}
    clashes = {
        name
        for name in changed
        if not same(typed[name], present.get(name)) and not was_read(name, present.get(name))
    }  # fmt: skip
    return Compared(frozenset(changed), frozenset(clashes))


def same(one: object, other: object) -> bool:
    """Whether both are equal: times to the minute, as typed, and text without surrounding space."""
    return _plainly(one) == _plainly(other)


def _plainly(value: object) -> object:
    if isinstance(value, datetime):
        return value.replace(second=0, microsecond=0)
    return value.strip() if isinstance(value, str) else value


def written_by(revisions: Iterable[DraftRevision], name: str, value: object) -> str | None:
    """The ID of the person whose revision gave a fact or text its current value; `revisions` oldest first."""
    person = None
    for revision in reversed(list(revisions)):
        if not same(revision.value_of(name), value):
            break
        person = revision.person_id
    return person


def words_to_edit(text: UpdateText) -> str:
    """The words without what Foghorn adds; a published text is corrected as it is."""
    return text.body if text.corrected else to_edit(text.body)[0].rstrip()
