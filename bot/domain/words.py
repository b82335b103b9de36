"""The words of one language, from its `words.toml`, and how it writes times, dates, lists, and durations."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from string import Formatter
from typing import Any, TypeVar

from babel.units import format_unit
from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator, model_validator
from pydantic_core import PydanticCustomError

from bot.domain.components import Impact
from bot.domain.lifecycle import Stage
from bot.domain.times import Zone, measured, parsed
from bot.domain.update_context import TEMPLATE_NAMES

T = TypeVar("T", bound=Iterable[Any])
LABELED = "\ue000"
"""Marks the start of a line with a label until the text is laid out."""
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
    more: str = "Components in the table only: {number}"
    on_time: str = "Promised times kept: {kept} of {number}"
    none: str = "No disruption"
    moved: str = "Update with a new stage or a worse impact"
    kept: str = "Promised time kept"
    missed: str = "Missed"
    folded: str = "A quiet period, drawn shorter"
    table: str = "The same as a table"
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


class Words:
    """One language with an organization's time zone. It contains no sentences, only how their parts are joined."""

    def __init__(self, pack: Pack, zone: Zone) -> None:
        self.pack, self.zone = pack, zone
        capitalized = {_upper(wrong): _upper(right) for wrong, right in pack.apostrophes.items()}
        self._apostrophes = {**pack.apostrophes, **capitalized}

    def say(self, pattern: str, **values: object) -> str:
        """A pattern of `words.toml`, filled."""
        return str(getattr(self.pack.patterns, pattern)).format(**values)

    def labeled(self, label: str, text: str) -> str:
        """A line with its label, marked as such; empty without content."""
        return LABELED + self.say("label", label=getattr(self.pack.labels, label), text=text) if text else ""

    def mark(self, name: str, /, **values: object) -> str:
        """Words around a published text, with values."""
        return str(getattr(self.pack.marks, name)).format(**values)

    def stage(self, stage: Stage) -> str:
        """`Fix implemented`."""
        return str(getattr(self.pack.stages, stage.template))

    def impact(self, impact: Impact) -> str:
        """`Major outage`, for a badge."""
        said = getattr(self.pack.impact, impact.word)
        return _upper(said if isinstance(said, str) else said.label)

    def joined(self, names: Sequence[str]) -> str:
        """`A, B, and C`."""
        joined, rule = self.zone.joined(names), self.pack.conjunction
        return rule.between(joined, names[-1]) if rule and names else joined

    def normalized(self, text: str) -> str:
        """Normalize spaces, add apostrophes that people leave out when tired, and remove our own layout marks."""
        return " ".join(
            self._with_apostrophe(token) for token in spaced(re.sub("[\ue000-\ue003]", "", text)).split(" ")
        )

    def _with_apostrophe(self, token: str) -> str:
        bare = token.strip(".,;:!?()\"'“”\u2018\u2019")
        return token.replace(bare, self._apostrophes[bare]) if bare in self._apostrophes else token

    # ---- times

    def clock(self, *at: datetime) -> str:
        """`8:52 AM PT (15:52 UTC)`; two times become a range with the zone at its end."""
        utc = self._utc(*at)
        zone = self.zone.name(at[-1])
        if zone == "UTC":
            return utc
        local = [self.zone.local(one) for one in at]
        return self.say("clock", local=self._range(local), zone=zone, utc=utc)

    def _utc(self, *at: datetime) -> str:
        """With its date if that differs from the date in the organization's zone."""
        clocks = [f"{one.astimezone(UTC):%H:%M}" for one in at]
        there = [one.astimezone(UTC).date() for one in at]
        if all(day == self.zone.day(one) for day, one in zip(there, at, strict=True)):
            return self.say("utc", clock=self._range(clocks))
        dates = [self._day(self.zone.month_day(one)) for one in at]
        if len(set(there)) == 1:
            return self.say("utc_dated", clock=self._range(clocks), date=dates[0])
        return self._range([self.say("utc_dated", clock=c, date=d) for c, d in zip(clocks, dates, strict=True)])

    def _range(self, some: Sequence[str]) -> str:
        return self.say("range", start=some[0], end=some[-1]) if len(some) > 1 else some[0]

    def date(self, at: datetime | date) -> str:
        """`March 7, 2026`."""
        return self._day(self.zone.date(at))

    def _day(self, date: str) -> str:
        return re.sub(r"^1\b", self.pack.first_day, date) if self.pack.first_day else date

    def dated(self, at: datetime) -> str:
        """The clock time with its date."""
        return self.say("dated", clock=self.clock(at), date=self.date(at))

    def when(self, at: datetime | None, now: datetime) -> str:
        """The clock time, with the date if it differs from that of `now`."""
        if at is None:
            return ""
        return self.clock(at) if self.zone.day(at) == self.zone.day(now) else self.dated(at)

    def window(self, start: datetime, end: datetime) -> str:
        """With both dates across midnight, and both zones if the clocks change in between."""
        changed = start.astimezone(self.zone.tz).utcoffset() != end.astimezone(self.zone.tz).utcoffset()
        if changed:
            exact = Words(self.pack, Zone(self.zone.tz, "", self.zone.locale))
            return self.say("window", start=exact.dated(start), end=exact.dated(end))
        if self.zone.day(start) == self.zone.day(end):
            return self.say("window_same_day", clock=self.clock(start, end), date=self.date(end))
        return self.say("window", start=self.dated(start), end=self.dated(end))

    def length(self, start: datetime, end: datetime) -> str:
        """`67 minutes`, from 90 minutes `1 hour and 34 minutes`, from a day `1 day and 3 hours`; at least a minute."""
        units = measured(end - start) or [(1, "minute")]
        said = [format_unit(number, f"duration-{unit}", locale=self.zone.babel) for number, unit in units]
        return self.say("length_join").join(unit.replace(" ", self.pack.join) for unit in said)


def spaced(text: str) -> str:
    """With single spaces. Non-breaking ones stay, such as those before French punctuation."""
    return re.sub(r"[ \t\r\n\f\v]+", " ", text).strip(" ")


def _upper(words: str) -> str:
    return words[:1].upper() + words[1:]
