"""What an update says, as people typed it, once for all audiences and languages."""

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict, model_validator

WORDS = ("message", "sees", "who", "ok", "workaround", "do", "cause", "data", "wrong", "right", "avoid", "title")
"""The facts that are words: each belongs to one language."""
NOTES = ("developers", "enterprise", "support", "internal")
"""The audiences that can be told something that only they read."""

_BEFORE = {
    "news": "message", "symptom": "sees", "scope": "who", "works": "ok", "action": "do", "fixed_at": "fixed",
    "ended_at": "end", "review_by": "review",
}  # fmt: skip
"""The names of rows stored by earlier versions."""


class Facts(BaseModel):
    """Empty means unknown. Words stand as typed; texts fix their capital, stop and apostrophes."""

    model_config = ConfigDict(frozen=True)

    title: str = ""  # customers' title; empty: the last published one, or one made of components and impact
    message: str = ""  # whole sentences: what is new, what is being done
    sees: str = ""  # what users see: "500 errors when creating jobs"
    who: str = ""  # "about a third of requests"
    since: datetime | None = None
    ok: str = ""  # what works, in words: "payment by invoice"
    unaffected: tuple[str, ...] = ()  # the same as component keys
    workaround: str = ""
    do: str = ""  # what readers can do
    cause: str = ""  # only if confirmed
    fixed: datetime | None = None  # the fix is in place since
    end: datetime | None = None  # the failure ended
    data: str = ""  # "No data was lost."
    review: date | None = None  # a review will be published by
    wrong: str = ""  # of a correction: the wrong words, as they stand in the text
    right: str = ""  # the right ones, as they shall stand there
    avoid: str = ""  # what not to do because of it
    notes: Mapping[str, str] = {}  # audience -> what only they are told
    translated: Mapping[str, Mapping[str, str]] = {}  # language -> words typed in it, by name
    typed_at: Mapping[str, datetime] = {}  # name -> when it was typed; later drafts carry it with the fact
    fresh: tuple[str, ...] = ()  # names typed for this very update, `de.sees` of a translation; the others are carried
    suggested: tuple[str, ...] = ()  # of `fresh`: what the assistant proposed and nobody has typed since
    confirmed: bool = False  # of a published update: somebody confirmed that what it shows operational works

    @model_validator(mode="before")
    @classmethod
    def _as_stored_before(cls, raw: Any) -> Any:
        """Rows of earlier versions are read by new names; `harm`, `watch` and `watch_for` stay there unread."""
        if not isinstance(raw, Mapping):
            return raw
        return {_BEFORE.get(name, name): value for name, value in raw.items()}

    def words(self, language: str, first: str) -> Mapping[str, str]:
        """What was typed in a language, by name; `first` is the one in which people type."""
        if language == first:
            return {name: getattr(self, name) for name in WORDS}
        return {name: self.translated.get(language, {}).get(name, "") for name in WORDS}


def said(facts: Facts) -> dict[str, object]:
    """Everything that people typed, one name each: `sees`, `developers` (what only they are told), `de.sees`."""
    about = ("notes", "translated", "typed_at", "fresh", "suggested", "confirmed")
    plain = {name: getattr(facts, name) for name in Facts.model_fields if name not in about}
    notes = {audience: facts.notes.get(audience, "") for audience in NOTES}
    in_others = {f"{language}.{name}": w for language, words in facts.translated.items() for name, w in words.items()}
    return {**plain, **notes, **in_others}


class Kind(StrEnum):
    """What an update is."""

    STAGE = "stage"  # the text of its stage
    NO_CHANGE = "no change"
    CORRECTION = "correction"
    CANCELLATION = "cancellation"  # a false alarm


NEXT_UPDATE = "[next update]"
"""Slot: the promise, written by Foghorn when the text is published."""
