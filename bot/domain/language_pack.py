"""A language pack's `words.toml`: every label, pattern, and word of one language, checked as it is read."""

import re
from collections.abc import Iterable, Mapping
from string import Formatter
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator, model_validator
from pydantic_core import PydanticCustomError

from bot.domain.times import parsed
from bot.domain.update_context import TEMPLATE_NAMES

T = TypeVar("T", bound=Iterable[Any])
_LABELED_KEYS = ("sees", "who", "ok", "workaround", "do", "cause", "data", "expect", "saw")


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Labels(_Table):
    """Words before typed text and before lists of components."""

    sees: str
    saw: str
    who: str
    ok: str
    workaround: str
    do: str
    cause: str
    data: str
    expect: str
    started: str
    fixed: str
    affected: str
    still: str
    newly: str
    relapsed: str
    worse: str
    better: str
    recovered: str
    maintained: str
    reported: str
    period: str
    duration: str


class ImpactWords(_Table):
    """One impact: at its first mention, afterwards, in a list, and in a title."""

    new: str
    known: str
    label: str
    title: str


class Impacts(_Table):
    """The impacts, by the words that people type."""

    operational: str
    major: ImpactWords
    partial: ImpactWords
    degraded: ImpactWords
    maintenance: ImpactWords


class Stages(_Table):
    """The stages, as cards, pages, and feeds name them."""

    investigating: str
    identified: str
    fix_implemented: str
    monitoring: str
    resolved: str


_PLACES: Mapping[str, frozenset[str]] = {
    "label": frozenset({"label", "text"}),
    **dict.fromkeys(("problem", "past", "state", "before"), frozenset({"impact", "components"})),
    **dict.fromkeys(
        ("problem_join", "past_join", "state_join", "before_join", "length_join", "no_component", "no_component_past",
         "unnamed"), frozenset()
    ),
    "group": frozenset({"group"}),
    "many": frozenset({"number"}),
    "utc": frozenset({"clock"}),
    "utc_dated": frozenset({"clock", "date"}),
    "clock": frozenset({"local", "zone", "utc"}),
    "dated": frozenset({"clock", "date"}),
    "range": frozenset({"start", "end"}),
    "window": frozenset({"start", "end"}),
    "window_same_day": frozenset({"clock", "date"}),
    "promise": frozenset({"when"}),
}  # fmt: skip
"""The names that each pattern must contain, and no others."""


class Patterns(_Table):
    """How words are joined. Patterns are filled by name only."""

    label: str
    problem: str
    problem_join: str
    past: str
    past_join: str
    state: str
    before: str
    state_join: str
    before_join: str
    no_component: str
    no_component_past: str
    unnamed: str
    group: str
    many: str
    utc: str
    utc_dated: str
    clock: str
    dated: str
    range: str
    window: str
    window_same_day: str
    length_join: str
    promise: str

    @model_validator(mode="after")
    def _filled_by_name(self) -> "Patterns":
        for name, places in _PLACES.items():
            _check_pattern(name, str(getattr(self, name)), places)
        return self


def _check_pattern(name: str, pattern: str, places: frozenset[str], table: str = "patterns") -> None:
    try:
        parts = [(field, form, how) for _, field, form, how in Formatter().parse(pattern) if field is not None]
    except ValueError as problem:
        raise _wrong(f"“{pattern}” is not a pattern ({problem})", table, name) from problem
    given = {field for field, _, _ in parts}
    if any(form or how for _, form, how in parts) or any(not field.isidentifier() for field in given):
        raise _wrong(
            "a pattern is filled by name only, such as {components}, without attributes or formats", table, name
        )
    if given != places:
        needs = ", ".join(f"{{{place}}}" for place in sorted(places)) or "no {names}"
        raise _wrong(f"this pattern needs {needs}", table, name)


def _wrong(problem: str, table: str, name: str) -> PydanticCustomError:
    return PydanticCustomError("reference", "{problem}", {"problem": f"{name}: {problem}", "where": (table, name)})


_AROUND: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(("update", "no_change", "correction", "cancelled", "page"), frozenset()),
    "correction_of": frozenset({"number"}),
    **dict.fromkeys(("back", "reopened", "afterwards"), frozenset({"stage"})),
    "grown": frozenset({"stage", "impact"}),
    **dict.fromkeys(("corrected", "published", "next"), frozenset({"when"})),
    "before": frozenset({"words"}),
    **dict.fromkeys(("feed_incidents", "feed_updates"), frozenset({"name"})),
}


class SurroundingWords(_Table):
    """The words around a published text, wherever it is shown. Patterns are filled by name only."""

    update: str
    no_change: str
    correction: str
    correction_of: str
    cancelled: str
    back: str
    reopened: str
    afterwards: str = "{stage} (reported afterwards)"  # missing in packs of earlier versions
    grown: str
    corrected: str
    before: str
    published: str
    next: str
    page: str
    feed_incidents: str
    feed_updates: str

    @model_validator(mode="after")
    def _filled_by_name(self) -> "SurroundingWords":
        for name, places in _AROUND.items():
            _check_pattern(name, str(getattr(self, name)), places, "marks")
        return self


_PICTURE: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(
        ("heading", "stage", "updates", "promised", "severity", "declared", "now", "next", "none", "moved", "kept",
         "missed", "folded", "table", "component", "impact", "time", "update"), frozenset()
    ),
    "about": frozenset({"incident", "date"}),
    "outage": frozenset({"length"}),
    "late": frozenset({"length"}),
    "since": frozenset({"when"}),
    "by": frozenset({"when"}),
    "by_kept": frozenset({"when"}),
    "by_late": frozenset({"when", "length"}),
    "more": frozenset({"number"}),
    "on_time": frozenset({"kept", "number"}),
}  # fmt: skip


class PictureWords(_Table):
    """The words in the picture of an incident; a pack without them shows the English ones."""

    heading: str = "The incident in one picture"
    about: str = "{incident}, {date}: impact on each component, updates, and promised times"
    stage: str = "Stage"
    updates: str = "Updates"
    promised: str = "Promised times"
    severity: str = "Severity"
    declared: str = "Declared"
    now: str = "now"
    next: str = "next update by"
    outage: str = "{length} from major outage to fix"
    late: str = "{length} late"
    since: str = "since {when}"
    more: str = "Components shown only in the table: {number}"
    on_time: str = "Promised times kept: {kept} of {number}"
    none: str = "No disruption"
    moved: str = "Update with a new stage or a worse impact"
    kept: str = "Promised time kept"
    missed: str = "Missed"
    folded: str = "Quiet period, shortened"
    table: str = "The same information as a table"
    component: str = "Component"
    impact: str = "Impact"
    time: str = "Time"
    update: str = "Update"
    by: str = "next by {when}"
    by_kept: str = "next by {when}: kept"
    by_late: str = "next by {when}: {length} late"

    @model_validator(mode="after")
    def _filled_by_name(self) -> "PictureWords":
        for name, places in _PICTURE.items():
            _check_pattern(name, str(getattr(self, name)), places, "picture")
        return self


class Conjunction(_Table):
    """A conjunction that changes before some sounds: Spanish `y`, but `e` before “Informes”.

    Babel does not handle this. Source: Diccionario panhispánico de dudas, “y”.
    """

    usual: str
    other: str
    before: tuple[str, ...]  # initial letters, in lower case
    unless: tuple[str, ...] = ()

    def between(self, joined: str, last: str) -> str:
        """The list with the right conjunction before its last part."""
        sound = last.casefold()
        changes = sound.startswith(self.before) and not sound.startswith(self.unless)
        return re.sub(rf"{re.escape(self.usual)}(?={re.escape(last)}$)", self.other, joined) if changes else joined


class Pack(_Table):
    """A complete `words.toml` of a language: missing and unknown keys are refused."""

    locale: str
    stop: str
    join: str
    always_labeled: tuple[str, ...]
    sentences: tuple[str, ...]
    labels: Labels
    impact: Impacts
    patterns: Patterns
    stages: Stages
    marks: SurroundingWords
    picture: PictureWords = PictureWords()
    apostrophes: dict[str, str] = Field(default_factory=dict)
    first_day: str = ""  # of a month, if not just 1: `1er`
    conjunction: Conjunction | None = None
    leading: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    openings: dict[str, tuple[str, ...]] = Field(default_factory=dict)

    @field_validator("locale")
    @classmethod
    def _known(cls, locale: str) -> str:
        parsed(locale)
        return locale

    @field_validator("always_labeled", "sentences", "leading", "openings")
    @classmethod
    def _keys(cls, names: T, info: ValidationInfo) -> T:
        known = TEMPLATE_NAMES if info.field_name == "openings" else _LABELED_KEYS
        for name in names:
            if name not in known:
                raise ValueError(f"“{name}” is none of {', '.join(known)}")
        return names
