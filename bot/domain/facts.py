"""What an update says, as people typed it, once for all audiences and languages."""

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict, model_validator

from bot.domain.lifecycle import Stage

WORDS = ("message", "sees", "who", "ok", "workaround", "do", "cause", "data", "wrong", "right", "avoid", "title")
"""The facts that are text: each belongs to one language."""
NOTES = ("developers", "enterprise", "support", "internal")
"""The audiences that can be told something of their own."""

LABELS = {
    "message": "Message", "sees": "User impact", "who": "Scope", "since": "Started", "workaround": "Workaround",
    "ok": "Not affected", "do": "What readers can do", "cause": "Confirmed cause", "fixed": "Fix in place since",
    "end": "When the failure ended", "data": "Data", "wrong": "The incorrect words", "right": "The correct words",
    "avoid": "What not to do because of the error", "title": "Title",
}  # fmt: skip
"""What forms and reviews call a fact."""

_BEFORE = {
    "news": "message", "symptom": "sees", "scope": "who", "works": "ok", "action": "do", "fixed_at": "fixed",
    "ended_at": "end", "review_by": "review",
}  # fmt: skip
"""Names in rows stored by earlier versions."""


class Facts(BaseModel):
    """Empty means unknown. Text is stored as typed; templates fix capitals, periods, and apostrophes."""

    model_config = ConfigDict(frozen=True)

    title: str = ""  # customers' title; empty: the last published one, or one built from components and impact
    message: str = ""  # complete sentences: what is new, what is being done
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
    wrong: str = ""  # in a correction: the incorrect words, exactly as published
    right: str = ""  # the correct words, as they should read
    avoid: str = ""  # what not to do because of it
    notes: Mapping[str, str] = {}  # audience -> what only this audience is told
    translated: Mapping[str, Mapping[str, str]] = {}  # language -> words typed in it, by name
    typed_at: Mapping[str, datetime] = {}  # name -> when it was typed; carried over with the fact
    fresh: tuple[str, ...] = ()  # names typed for this update, `de.sees` for a translation; others are carried over
    suggested: tuple[str, ...] = ()  # among `fresh`: proposed by the assistant, and not typed by anyone since
    confirmed: bool = False  # in a published update: someone confirmed that what it shows as operational works
    failed: Mapping[str, str] = {}  # in the first update of an incident that was over: component key -> impact then

    @model_validator(mode="before")
    @classmethod
    def _as_stored_before(cls, raw: Any) -> Any:
        """Read rows of earlier versions under the new names. `harm`, `watch`, and `watch_for` are ignored."""
        if not isinstance(raw, Mapping):
            return raw
        return {_BEFORE.get(name, name): value for name, value in raw.items()}

    def words(self, language: str, first: str) -> Mapping[str, str]:
        """What was typed in a language, by name. `first` is the language in which people type."""
        if language == first:
            return {name: getattr(self, name) for name in WORDS}
        return {name: self.translated.get(language, {}).get(name, "") for name in WORDS}


def typed_values(facts: Facts) -> dict[str, object]:
    """Everything that people typed, with one name each: `sees`, `developers` (for that audience only), `de.sees`."""
    about = ("notes", "translated", "typed_at", "fresh", "suggested", "confirmed", "failed")
    plain = {name: getattr(facts, name) for name in Facts.model_fields if name not in about}
    notes = {audience: facts.notes.get(audience, "") for audience in NOTES}
    in_others = {f"{language}.{name}": w for language, words in facts.translated.items() for name, w in words.items()}
    return {**plain, **notes, **in_others}


class UpdateKind(StrEnum):
    """The kinds of update."""

    STAGE = "stage"  # the text of its stage
    NO_CHANGE = "no change"
    CORRECTION = "correction"
    CANCELLATION = "cancellation"  # a false alarm


NEXT_UPDATE = "[next update]"
"""Slot: the promise, which Foghorn writes at publication."""


_ALWAYS = ("title", "message", *NOTES)
_FAILING = ("sees", "who", "since", "ok", "workaround", "do")
PLACES: Mapping[Stage | UpdateKind, tuple[str, ...]] = {
    Stage.INVESTIGATING: (*_ALWAYS, *_FAILING),
    Stage.IDENTIFIED: (*_ALWAYS, *_FAILING, "cause"),
    Stage.FIX_IMPLEMENTED: (*_ALWAYS, *_FAILING, "cause", "fixed"),
    Stage.MONITORING: (*_ALWAYS, *_FAILING, "cause", "fixed"),
    Stage.RESOLVED: (*_ALWAYS, "sees", "who", "since", "fixed", "end", "cause", "workaround", "data", "do", "review"),
    UpdateKind.NO_CHANGE: (*_ALWAYS, "sees", "who", "ok", "workaround", "do"),
    UpdateKind.CORRECTION: (*NOTES, "wrong", "right", "avoid"),
    UpdateKind.CANCELLATION: ("message", *NOTES),
}
"""The facts that each update shows. Every other one is refused when it is typed and never dropped silently."""
