"""Patterns that are tried only on texts that contain a fixed piece of them.

A rule has dozens of phrases, and a text contains few of them. Looking for a fixed piece of each first (like RE2's
prefilter) costs next to nothing and avoids compiling and running most of the regular expressions.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import cached_property, lru_cache
from re import _constants as ops  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

_CASELESS = re.compile(r"\(\?i:(.*)\)", re.DOTALL)  # an alternative that is case-insensitive as a whole
_TOKEN = re.compile(r"\\.|\[\^?(?:\\.|[^\\])(?:\\.|[^]\\])*\]|[()|]|[^\\()|[]+", re.DOTALL)  # escapes, classes, bars, …
_MOST = 60  # pieces of one pattern; more are not worth the search
_SHORT = 5_000  # characters; a longer text is searched once for all patterns
_known: set[tuple[str, bool]] = set()  # every piece, and whether it is lower case


class Phrases:
    """Regular expressions of which any may match, tried one after the other, each in reading order.

    Nothing is parsed before a text is searched, so that commands and processes that check no texts start faster.
    """

    def __init__(self, *sources: str, flags: re.RegexFlag = re.IGNORECASE) -> None:
        self._sources = sources
        self._flags = flags
        self._compiled: dict[int, re.Pattern[str]] = {}

    @property
    def sources(self) -> tuple[str, ...]:
        """Each expression; it is the `pattern` of `re` of a match."""
        return tuple(source for source, _ in self._parts)

    def finditer(self, plain: str, start: int = 0, end: int | None = None) -> Iterator[re.Match[str]]:
        """All matches within the span."""
        end = len(plain) if end is None else end
        held = self._held_by(plain if end >= len(plain) else plain[:end])
        for number in sorted({number for piece in held for number in self._by_piece[piece]}):
            yield from self._part(number).finditer(plain, start, end)

    def search(self, plain: str, start: int = 0, end: int | None = None) -> re.Match[str] | None:
        """Any match in a short span, which need not be the first."""
        end = len(plain) if end is None else end
        each = map(self._part, range(len(self._parts)))
        return next((found for part in each if (found := part.search(plain, start, end))), None)

    @cached_property
    def _parts(self) -> Sequence[tuple[str, re.RegexFlag]]:
        parts: list[tuple[str, re.RegexFlag]] = []
        for part in (part for source in self._sources for part in _alternatives(source)):
            if inner := _CASELESS.fullmatch(part):
                parts += [(one, self._flags | re.IGNORECASE) for one in _alternatives(inner[1])]
            else:
                parts.append((part, self._flags))
        return parts

    @cached_property
    def _by_piece(self) -> Mapping[tuple[str, bool], Sequence[int]]:
        """The numbers of the parts to try on a text that contains a piece; the empty piece is in every text."""
        found: dict[tuple[str, bool], list[int]] = {}
        for number, (part, flags) in enumerate(self._parts):
            for piece in pieces(part, flags) or ("",):
                found.setdefault((piece, bool(flags & re.IGNORECASE)), []).append(number)
        _known.update(found)
        return found

    def _held_by(self, text: str) -> AbstractSet[tuple[str, bool]]:
        mine = self._by_piece.keys()
        if len(text) <= _SHORT:
            return mine & _standing(text, len(_known))
        lower = text.lower()
        return {each for each in mine if each[0] in (lower if each[1] else text)}

    def _part(self, number: int) -> re.Pattern[str]:
        """Compiled when it is first tried, because most are never tried."""
        if number not in self._compiled:
            self._compiled[number] = re.compile(*self._parts[number])
        return self._compiled[number]


def _alternatives(source: str) -> list[str]:
    """Split a pattern at the bars outside groups and classes."""
    parts, depth = [""], 0
    for token in _TOKEN.findall(source):
        depth += (token == "(") - (token == ")")
        if token == "|" and not depth:
            parts.append("")
        else:
            parts[-1] += token
    return parts


def pieces(source: str, flags: re.RegexFlag = re.IGNORECASE) -> frozenset[str]:
    """Pieces of which every match contains one, in lower case under IGNORECASE; empty if unknown."""
    found = _of_sequence(parser.parse(source, flags))
    folded = {piece.lower() if flags & re.IGNORECASE else piece for piece in found or ()}
    return frozenset(folded) if len(folded) <= _MOST else frozenset()


@lru_cache(maxsize=32)
def _standing(plain: str, _number: int) -> frozenset[tuple[str, bool]]:
    """The pieces of all patterns that occur in the text."""
    lower = plain.lower()
    return frozenset(each for each in tuple(_known) if each[0] in (lower if each[1] else plain))


def _of_sequence(items: Any) -> frozenset[str] | None:
    """The most specific requirement of the items: the one whose shortest piece is longest."""
    best: frozenset[str] | None = None
    run = ""
    for op, value in [*items, (None, None)]:
        if op is ops.LITERAL:
            run += chr(value)
            continue
        best = _rarer(best, frozenset((run,)) if len(run) > 1 else None)
        run = ""
        if op is not None:
            best = _rarer(best, _of_item(op, value))
    return best


def _of_item(op: Any, value: Any) -> frozenset[str] | None:
    if op is ops.SUBPATTERN and not value[1]:
        return _of_sequence(value[3])
    if op is ops.SUBPATTERN:  # inline flags
        return None
    if op in (ops.MAX_REPEAT, ops.MIN_REPEAT) and value[0] > 0:
        return _of_sequence(value[2])
    if op is ops.BRANCH:
        each = [_of_sequence(branch) for branch in value[1]]
        return frozenset().union(*(one for one in each if one)) if all(each) else None
    return None


def _rarer(one: frozenset[str] | None, other: frozenset[str] | None) -> frozenset[str] | None:
    if not one or not other:
        return one or other
    return max(one, other, key=lambda pieces: (min(map(len, pieces)), -len(pieces)))
