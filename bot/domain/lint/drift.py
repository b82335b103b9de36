"""Texts of one update in two languages: the same numbers, times, addresses and components in both."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from babel import Locale

from bot.domain.lint.findings import Weight
from bot.domain.lint.reading import Hit, Reading, Span, Text, missing
from bot.domain.organisation import Component, Organisation

_CLOCK = re.compile(
    r"(?<!\d)(?<!\d[.,:])(?:(?P<before>午前|午後) ?)?(?P<hour>[01]?\d|2[0-4])"
    r"(?:(?::| ?h ?|時)(?P<minute>[0-5]\d)分?|\.(?P<dotted>[0-5]\d)(?= Uhr)|(?= Uhr| ?[ap]\.? ?m\b)|時)"
    r"(?: ?(?P<after>[ap])\.? ?m\b\.?)?(?!\d)",
    re.IGNORECASE,
)
_DATES = (
    re.compile(r"(?P<year>\d{4})[年-](?:0?\d|1[0-2])[月-](?P<day>\d{1,2})日?"),
    re.compile(r"(?<!\d)(?:0?\d|1[0-2])月(?P<day>\d{1,2})日"),
)
_FRACTION = re.compile(r"\d+分の\d+|(?<!\d)\d/\d(?!\d)")  # other languages write "a third"
_NUMBER = re.compile(r"\d{1,3}(?:(?P<group>[.,' ])\d{3})(?:(?P=group)\d{3})*(?!\d)(?:[.,]\d+)?|\d+(?:[.,]\d+)?")
_GONE = "\0"  # in place of what was read
_SPELLED = 12  # up to here a number may be a word in the other language
_ALIKE = "Make both languages say the same."
_KINDS = {"address": "an address", "time": "a time", "component": "a component", "number": "a number"}


@dataclass(frozen=True)
class _Item:
    """Something that every language must say: what it is, its value, and how the text writes it."""

    kind: str
    value: str
    words: str = field(compare=False)

    @property
    def small(self) -> bool:
        """Whether it may be spelled out."""
        return self.kind == "number" and self.value.isdigit() and int(self.value) <= _SPELLED


def language_drift(reading: Reading) -> Iterator[Hit]:
    """L53: against the text of the first language; what nobody has translated is not missed.

    A small number is a find only where the other text has another one too: "two" is a number as well.
    """
    original, own = reading.subject.original, reading.subject.language
    if not original:
        return
    first = reading.organisation.languages[0]
    here = _items(reading.body, reading.organisation, own)
    there = _items(Text(original), reading.organisation, first)
    for words in reading.subject.untranslated:
        for item in _items(Text(words), reading.organisation, first):
            there.pop(item, None)
    extra = [item for item in here if item not in there]
    lacking = [item for item in there if item not in here]
    both = any(item.small for item in extra) and any(item.small for item in lacking)
    for item in extra:
        if both or not item.small:
            reason = f"“{{words}}” is {_KINDS[item.kind]} that the {_named(first)} text does not have."
            yield reading.body.hit(here[item], reason, _ALIKE, Weight.WARNING)
    for item in lacking:
        if both or not item.small:
            reason = f"The {_named(first)} text has {_KINDS[item.kind]}, “{item.words}”, that this text does not have."
            yield missing(reason, _ALIKE)


def _items(text: Text, organisation: Organisation, language: str) -> Mapping[_Item, Span]:
    """All of them, each where it stands first. What was read as one kind is not read as another."""
    found: dict[_Item, Span] = {}
    left = text.plain
    for kind, value, start, end in _read(text, organisation, language):
        if _GONE not in left[start:end]:
            found.setdefault(_Item(kind, value, left[start:end].strip()), (start, end))
            left = left[:start] + _GONE * (end - start) + left[end:]
    return found


def _read(text: Text, organisation: Organisation, language: str) -> Iterator[tuple[str, str, int, int]]:
    """Kind, value and place of everything that may be an item, what goes first first."""
    for link in text.links:
        yield "address", link.address, link.start, link.end
    for component, name in _names(organisation, language):
        edges = r"(?<!\w){}(?!\w)" if name.isascii() else "{}"
        for match in re.finditer(edges.format(re.escape(name)), text.plain, re.IGNORECASE):
            yield "component", component.name, *match.span()
    dates = [match for pattern in _DATES for match in pattern.finditer(text.plain)]
    for match in dates:
        for part, value in match.groupdict().items():
            yield "number", value.lstrip("0"), *match.span(part)
    for match in _CLOCK.finditer(text.plain):
        yield "time", _minutes(match), *match.span()
    passed = [match.span() for match in (*dates, *_FRACTION.finditer(text.plain))]
    for match in _NUMBER.finditer(text.plain):
        if not any(start <= match.start() < end for start, end in passed):
            yield "number", _value(match), *match.span()


def _names(organisation: Organisation, language: str) -> list[tuple[Component, str]]:
    """Everything that components are called in a language, the longest name first."""
    first = organisation.languages[0]
    called = [
        (component, name)
        for component in organisation.components
        for name in {component.called(language), component.within(language, first)}
    ]
    return sorted(called, key=lambda pair: -len(pair[1]))


def _minutes(match: re.Match[str]) -> str:
    """Minutes after midnight."""
    half = {"午前": "a", "午後": "p"}.get(match["before"] or "", (match["after"] or "").lower())
    hour = int(match["hour"])
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    return str(hour % 24 * 60 + int(match["minute"] or match["dotted"] or 0))


def _value(match: re.Match[str]) -> str:
    """`1,200`, `1.200` and `1 200` are 1200; `1,5` and `1.5` are 1.5."""
    number, group = match[0], match["group"]
    return (number.replace(group, "") if group else number).replace(",", ".")


def _named(language: str) -> str:
    """`Portuguese (Brazil)`."""
    return str(Locale.parse(language, sep="-").get_display_name("en"))
