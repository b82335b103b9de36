"""The fields of commands, and how typed text becomes values. People's input is parsed only here."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from difflib import get_close_matches
from enum import StrEnum
from functools import cached_property
from typing import TypeVar

from bot.commands import choices, times
from bot.commands.parameters import Parameter
from bot.domain.audiences import Audience
from bot.domain.components import Impact
from bot.domain.facts import UpdateKind
from bot.domain.lifecycle import Stage
from bot.domain.organisation import Organisation
from bot.domain.people import Role
from bot.domain.severity import Severity
from bot.domain.subscriptions import Mode
from bot.errors import InvalidField, UnknownComponent, UnknownStage
from bot.views import Asks, FormField, Option, say

T = TypeVar("T")
DASHES = str.maketrans("\u2010\u2011\u2012\u2013\u2014\u2212", "------")
"""The dashes that phones insert for a typed hyphen."""
_UNKEPT = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]"
)  # PostgreSQL refuses NUL; UTF-8 refuses half a surrogate pair


def kept(typed: str) -> str:
    """What was typed, without characters that no database stores and no screen shows."""
    return _UNKEPT.sub("", typed)


@dataclass(frozen=True)
class ParseContext:
    """What typed text is read against. No database is involved."""

    organisation: Organisation
    now: datetime


class Placement(StrEnum):
    """How a typed line fills a field; every field can also be given as `key:value`."""

    KEY = "key"  # only as `key:value`
    WORD = "word"  # the next word
    MAYBE = "maybe"  # the next word, if it is valid for the field
    REST = "rest"  # the rest of the line


@dataclass(frozen=True)
class Field:
    """One field of a command. `parse` raises BotError; `keys` are what people may type before the colon."""

    name: str
    label: str
    parse: Callable[[str, ParseContext], object]
    takes: Placement = Placement.KEY
    required: bool = False
    hint: str = ""
    long: bool = False
    keys: tuple[str, ...] = ()
    options: Callable[[Organisation], tuple[Option, ...]] | None = None
    many: bool = False
    limit: int = 3000
    asked: bool = True  # False: not on the form, only typed or carried along
    fact: bool = False  # published to customers: beside it, an unknown key is refused instead of taken as text
    parameter: Parameter | None = None  # of a native command
    default: str = ""  # selected on a form where nothing else is

    @cached_property
    def prose(self) -> bool:
        """Whether it accepts any text."""
        return self.parse in (text, line, channel)

    @cached_property
    def asks(self) -> Asks:
        """What it asks for, which its parser tells."""
        return _ASKS.get(self.parse, Asks.WORDS)

    @cached_property
    def is_time(self) -> bool:
        """Whether its value depends on when it is read."""
        return self.asks in (Asks.TIME, Asks.DAY)

    @property
    def key(self) -> str:
        """The key that help shows."""
        return next(iter(self.keys), self.name)

    def is_key(self, word: str) -> bool:
        """Whether `word:` is a key of this field."""
        return word.casefold().replace("-", "_") in (self.name, *self.keys)

    def shown(self, organisation: Organisation, typed: str, problem: InvalidField | None = None) -> FormField:
        """The field on a form, with what was typed and what is wrong with it."""
        options = choices.component_options if self.asks is Asks.IMPACTS else self.options
        return FormField(
            self.name,
            self.label,
            typed,
            say(problem.words, **problem.facts) if problem else None,
            self.hint,
            self.long,
            self.required,
            options(organisation) if options else (),
            self.many,
            self.limit,
            asks=self.asks,
            values=choices.impact_options() if self.asks is Asks.IMPACTS else (),
        )


def parse(
    fields: Sequence[Field], typed: Mapping[str, str], context: ParseContext
) -> tuple[dict[str, object], dict[str, InvalidField]]:
    """Values and problems, both by field name, so that all problems are shown at once."""
    values: dict[str, object] = {}
    problems: dict[str, InvalidField] = {}
    for field in fields:
        text = typed.get(field.name, "").strip()
        try:
            if not text:
                if field.required:
                    raise FieldMissing(field=field.label)
                values[field.name] = None
                continue
            if len(text) > field.limit:
                over = len(text) - field.limit
                message = (
                    "{what} is {number} characters long; the limit is {limit}. Remove {over}. Your text is still here."
                )
                raise InvalidField(message, what=field.label, number=len(text), limit=field.limit, over=over)
            values[field.name] = field.parse(text if field.prose else text.translate(DASHES), context)
        except InvalidField as problem:
            problems[field.name] = problem
    return values, problems


class FieldMissing(InvalidField):
    """{field} is required. Everything you typed is still here."""


# ---- parsers


def text(typed: str, _context: ParseContext) -> str:
    """As typed, except for line endings."""
    return typed.replace("\r\n", "\n")


def line(typed: str, _context: ParseContext) -> str:
    """On one line, without extra spaces."""
    return " ".join(typed.split())


def stage(typed: str, _context: ParseContext) -> Stage | UpdateKind:
    """`identified`, `fix`, `fix-implemented`, and `no change`."""
    found = as_stage(typed)
    if found is None:
        near = get_close_matches(typed.casefold(), _STAGES, n=1, cutoff=0.0)
        raise UnknownStage(typed=typed, nearest=near[0] if near else "investigating")
    return found


def as_stage(word: str) -> Stage | UpdateKind | None:
    """The stage that a word names, if any."""
    return _STAGES.get(re.sub(r"[\s_-]+", "-", word.translate(DASHES).strip().casefold()))


def nearly_stage(word: str) -> str:
    """The stage that a first word is probably a typo of; empty if there is none."""
    near = get_close_matches(word.casefold(), _STAGES, n=1, cutoff=0.8) if len(word) > 4 else []
    return near[0] if near else ""


_STAGES: dict[str, Stage | UpdateKind] = {
    "investigating": Stage.INVESTIGATING,
    "investigate": Stage.INVESTIGATING,
    "identified": Stage.IDENTIFIED,
    "fix": Stage.FIX_IMPLEMENTED,
    "fixed": Stage.FIX_IMPLEMENTED,
    "fix-implemented": Stage.FIX_IMPLEMENTED,
    "monitoring": Stage.MONITORING,
    "monitor": Stage.MONITORING,
    "resolved": Stage.RESOLVED,
    "no-change": UpdateKind.NO_CHANGE,
    "nochange": UpdateKind.NO_CHANGE,
}


def choice(names: Mapping[str, T], wanted: str, message: str = "") -> Callable[[str, ParseContext], T]:
    """A parser of a few words, by what they mean. `wanted` and `message` say what can be typed."""

    def parse_choice(typed: str, _context: ParseContext) -> T:
        found = names.get(typed.strip().casefold())
        if found is None:
            raise InvalidField(message, typed=typed, wanted=wanted)
        return found

    return parse_choice


yes_no = choice(
    {**dict.fromkeys(("yes", "y", "true", "on", "1"), True), **dict.fromkeys(("no", "n", "false", "off", "0"), False)},
    "yes or no",
)
mode = choice({each.value: each for each in Mode}, "a mode; use every, current or thread")
role = choice(
    {
        **{each.value: each for each in Role},
        "ic": Role.COMMANDER,
        "comms": Role.COMMUNICATIONS_LEAD,
        "lead": Role.COMMUNICATIONS_LEAD,
    },
    "a role; use commander, comms or scribe",
)
audience = choice(
    {word: each for each in Audience for word in (each.value, each.value.rstrip("s"))},
    "an audience",
    "“{typed}” is not an audience. Use customers, developers, enterprise, support, social, or internal.",
)


def one_of(*words: str) -> Callable[[str, ParseContext], str]:
    """A parser for one of a few words."""
    return choice({word: word for word in words}, f"one of {', '.join(words)}")


def severity(typed: str, _context: ParseContext) -> Severity:
    """`1`, `sev1`, `SEV1`."""
    found = re.fullmatch(r"(?:sev ?)?([1-4])", typed.strip(), re.IGNORECASE)
    if not found:
        raise InvalidField("“{typed}” is not a severity. Use 1 (worst) to 4, for example `severity 2`.", typed=typed)
    return Severity(f"SEV{found[1]}")


def impact(typed: str) -> Impact:
    """`major`, `major outage`."""
    wanted = typed.strip().casefold().replace("_", " ")
    for each in Impact:
        if wanted in (each.word, each.value):
            return each
    raise InvalidField(
        "“{typed}” is not an impact. Use operational, degraded, partial, major, or maintenance, for example "
        "`api=partial`.",
        typed=typed,
    )


def component(typed: str, context: ParseContext) -> str:
    """A key or a name -> the key."""
    wanted = typed.strip().casefold()
    for each in context.organisation.components:
        if wanted in (each.key, *(name.casefold() for name in each.spoken)):
            return each.key
    keys = [each.key for each in context.organisation.components]
    near = get_close_matches(wanted, keys, n=1, cutoff=0.0)
    raise UnknownComponent(typed=typed, known=", ".join(keys), nearest=near[0])


def components(typed: str, context: ParseContext) -> tuple[str, ...]:
    """`api,codex` -> keys."""
    return tuple(component(part, context) for part in typed.split(",") if part.strip())


def impacts(typed: str, context: ParseContext) -> dict[str, Impact]:
    """`chatgpt=major,api=partial`: keys or names, in any order, with commas or spaces; without an impact, degraded."""
    names = _any_of(name for c in context.organisation.components for name in (c.key, *c.spoken))
    values = _any_of(value for each in Impact for value in (each.word, each.value))
    parts = re.compile(rf"({names}|[^\s,=]+)(?:\s*=\s*({values}|[^\s,]*))?(?![^\s,])", re.IGNORECASE)
    return {
        component(name, context): Impact.DEGRADED if value is None else impact(value)
        for name, value in (part.groups() for part in parts.finditer(typed))
    }


def _any_of(words: Iterable[str]) -> str:
    """A pattern that matches these words, longest first."""
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


def audiences(typed: str, context: ParseContext) -> tuple[Audience, ...]:
    """`social,enterprise`."""
    return tuple(audience(part, context) for part in typed.split(",") if part.strip())


def left_out(typed: str, context: ParseContext) -> tuple[Audience, ...]:
    """Audiences without a text in this draft; `none` restores all.

    Customers always have one, because the page shows it.
    """
    if typed.strip().casefold() == "none":
        return ()
    found = audiences(typed, context)
    if Audience.CUSTOMERS in found:
        raise InvalidField(
            typed="customers", wanted="an audience that can be left out, because the status page shows its text"
        )
    return found


def word(typed: str, _context: ParseContext) -> str:
    """As typed, without spaces around it."""
    return typed.strip()


def person(typed: str, _context: ParseContext) -> str:
    """`@ana`, a name, or a platform's mention. The database decides who is meant."""
    return typed.strip()


def channel(typed: str, context: ParseContext) -> str:
    """`#status`, `discord:#status`, an id, or a platform's reference. The platform decides which is meant."""
    return line(typed, context)


def ahead(typed: str, context: ParseContext) -> datetime:
    """A future time."""
    return times.ahead(typed, context.now, context.organisation.zone)


def moment(typed: str, _context: ParseContext) -> datetime:
    """When a chat message was written: `2026-04-20T09:12:00+00:00`. Filled in by platforms, not by people."""
    try:
        return datetime.fromisoformat(typed).astimezone(UTC)
    except ValueError as problem:
        raise InvalidField(typed=typed, wanted="a date and time with a zone") from problem


def behind(typed: str, context: ParseContext) -> datetime:
    """A past time."""
    return times.behind(typed, context.now, context.organisation.zone)


def working(typed: str, context: ParseContext) -> tuple[str, ...] | str:
    """What is not affected: component keys or names become keys; other text stays as typed."""
    try:
        return components(typed, context)
    except UnknownComponent:
        return line(typed, context)


def duration(typed: str, _context: ParseContext) -> timedelta:
    """`10m`, from one minute to a week."""
    found = times.span(typed)
    if found is None or not timedelta(minutes=1) <= found <= timedelta(days=7):
        raise InvalidField(typed=typed, wanted="a time from 1 minute to 7 days, such as 10m, 4h, or 2d")
    return found


def day(typed: str, context: ParseContext) -> date:
    """`2026-04-27`, `Apr 27`, `tomorrow`, `7d`."""
    today = context.now.astimezone(context.organisation.zone.tz).date()
    days = re.fullmatch(r"(\d{1,2}) ?(?:d|days?)", typed.strip())
    found = today + timedelta(days=int(days[1])) if days else times.day_of(typed, today)
    if found is None:
        raise InvalidField(typed=typed, wanted="a date, such as 2026-04-27, Apr 27 or 7d")
    return found


def number(typed: str, _context: ParseContext) -> int:
    """A positive whole number."""
    words = typed.strip().lstrip("#")
    if not re.fullmatch(r"[0-9]{1,9}", words):
        raise InvalidField(typed=typed, wanted="a number")
    return int(words)


_ASKS: dict[Callable[[str, ParseContext], object], Asks] = {
    person: Asks.PERSON,
    channel: Asks.CHANNEL,
    ahead: Asks.TIME,
    behind: Asks.TIME,
    day: Asks.DAY,
    impacts: Asks.IMPACTS,
}
