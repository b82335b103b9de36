"""Compares the texts of one update in two languages: the same numbers, times, addresses, and components."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from babel import Locale

from bot.domain.lint.context import CheckedText, Hit, LintContext, missing
from bot.domain.organisation import Component, Organisation

_CLOCK = re.compile(
    r"(?<!\d)(?<!\d[.,:])(?:(?P<before>午前|午後) ?)?(?P<hour>[01]?\d|2[0-4])"
    r"(?:(?::| ?h ?|時)(?P<minute>[0-5]\d)分?|\.(?P<dotted>[0-5]\d)(?= Uhr)|(?= Uhr| ?[ap]\.? ?m\b)|時(?!間))"
    r"(?: ?(?P<after>[ap])\.? ?m\b\.?)?(?!\d)",
    re.IGNORECASE,
)
_DATES = (
    re.compile(r"(?P<year>\d{4})[年-](?:0?\d|1[0-2])[月-](?P<day>\d{1,2})日?"),
    re.compile(r"(?<!\d)(?:0?\d|1[0-2])月(?P<day>\d{1,2})日"),
)
_FRACTION = re.compile(r"\d+分の\d+|(?<!\d)\d/\d(?!\d)")  # other languages write “a third”
_NUMBER = re.compile(r"\d{1,3}(?:(?P<group>[.,' ])\d{3})(?:(?P=group)\d{3})*(?!\d)(?:[.,]\d+)?|\d+(?:[.,]\d+)?")
_SPACED = re.compile(r"[^\W\d_\u3040-\u30ff\u3400-\u9fff]")  # a letter of a script with spaces between words
_JAPANESE = "[\u30a1-\u30ff\u3400-\u9fff]"  # continues a word, unlike hiragana
_SPELLED = 12  # numbers up to this may be words in the other language
_ALIKE = "Make both languages say the same."
_KINDS = {"address": "an address", "time": "a time", "component": "a component", "number": "a number"}


@dataclass(frozen=True)
class Item:
    """Something that every language has to say: its kind, its value, and how the text writes it."""

    kind: str
    value: str
    words: str = field(compare=False)
    sure: bool = field(
        default=True, compare=False
    )  # except a component's name in lower case, which may be an ordinary word

    @property
    def small(self) -> bool:
        """Whether it may be spelled out."""
        return self.kind == "number" and self.value.isdigit() and int(self.value) <= _SPELLED


def language_drift(context: LintContext) -> Iterator[Hit]:
    """L53: each typed fact against its words in the first language, and a text edited by hand against the first one's.

    What nobody has translated is not missed.
    """
    subject, organisation = context.subject, context.organisation
    first, own = organisation.languages[0], subject.language
    if own == first:
        return
    theirs, ours = subject.facts.words(first, first), subject.facts.words(own, first)
    found = [differences(theirs[name], ours[name], organisation, own) for name in theirs if theirs[name] and ours[name]]
    if subject.original:
        left_out = "\n".join(theirs[name] for name in theirs if not ours[name])
        found.append(differences(subject.original, subject.body, organisation, own, left_out))
    called = str(Locale.parse(first, sep="-").get_display_name("en"))
    for item in dict.fromkeys(item for _, extra in found for item in extra):
        reason = f"“{{words}}” is {_KINDS[item.kind]} that the {called} text does not have."
        at = context.body.raw.find(item.words)
        yield replace(
            missing(reason.replace("{words}", item.words), _ALIKE), words=item.words,
            start=max(at, 0), end=at + len(item.words) if at >= 0 else 0,
        )  # fmt: skip
    for item in dict.fromkeys(item for lacking, _ in found for item in lacking):
        yield missing(
            f"The {called} text has {_KINDS[item.kind]}, “{item.words}”, that this one does not have.", _ALIKE
        )


def differences(
    original: str, other: str, organisation: Organisation, language: str, left_out: str = ""
) -> tuple[list[Item], list[Item]]:
    """What only the original in the first language has, and what only the other has.

    A small number counts only where the other side has another one too: "two" is a number as well. `left_out` are
    words of the original that the other need not have.
    """
    first = organisation.languages[0]
    there, here = _items(original, organisation, first), _items(other, organisation, language)
    spared = {*here, *_items(left_out, organisation, first)}
    lacking = [item for item in there if item.sure and item not in spared]
    extra = [item for item in here if item.sure and item not in there]
    if all(any(item.small for item in side) for side in (lacking, extra)):
        return lacking, extra
    return [item for item in lacking if not item.small], [item for item in extra if not item.small]


def _items(words: str, organisation: Organisation, language: str) -> list[Item]:
    """All items. Text read as one kind is not read as another."""
    text = CheckedText(words)
    names = {name for _, name in _names(organisation, language)}
    found: dict[Item, None] = {}
    read = bytearray(len(text.plain))
    for kind, value, start, end in _read(text, organisation, language):
        if 1 not in read[start:end]:
            read[start:end] = b"\1" * (end - start)
            raw_start, raw_end = text.raw_span((start, end))
            words = text.raw[raw_start:raw_end]
            found.setdefault(Item(kind, value, words, kind != "component" or words in names))
    return [item for item in found if item.kind]


def _read(text: CheckedText, organisation: Organisation, language: str) -> Iterator[tuple[str, str, int, int]]:
    """Kind, value, and position of everything that may be an item, by precedence; without a kind it is none."""
    for link in text.links:
        yield "address", link.address, link.start, link.end
    for component, name in _names(organisation, language):
        edge = r"\w" if _SPACED.search(name) else _JAPANESE
        for match in re.finditer(rf"(?<!{edge}){re.escape(name)}(?!{edge})", text.plain, re.IGNORECASE):
            yield "component", component.name, *match.span()
    dates = [match for pattern in _DATES for match in pattern.finditer(text.plain)]
    for match in dates:
        for part, value in match.groupdict().items():
            yield "number", value.lstrip("0"), *match.span(part)
        yield "", "", match.end("year") if "year" in match.groupdict() else match.start(), match.start("day")
    for match in _CLOCK.finditer(text.plain):
        yield "time", _minutes(match), *match.span()
    for match in _FRACTION.finditer(text.plain):
        yield "", "", *match.span()
    for match in _NUMBER.finditer(text.plain):
        yield "number", _value(match), *match.span()


def _names(organisation: Organisation, language: str) -> list[tuple[Component, str]]:
    """All names of components in a language, longest first."""
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
