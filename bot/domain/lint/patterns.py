"""Patterns that are tried only on texts that contain a fixed piece of them.

A rule has dozens of phrases, and a text contains few of them. Looking for a fixed piece of each first (like RE2's
prefilter) costs next to nothing and avoids running most of the regular expressions.
"""

import re
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from functools import lru_cache
from re import _constants as ops  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

_CASELESS = re.compile(r"\(\?i:(.*)\)", re.DOTALL)  # an alternative that is case-insensitive as a whole
_MOST = 60  # pieces of one pattern; more are not worth the search
_SHORT = 5_000  # characters; a longer text is searched once for all patterns
_known: set[tuple[str, bool]] = set()  # every piece, and whether it is lower case


class Phrases:
    """Regular expressions of which any may match, tried one after the other, each in reading order."""

    def __init__(self, *sources: str, flags: re.RegexFlag = re.IGNORECASE) -> None:
        parts: list[tuple[re.Pattern[str], frozenset[str], bool]] = []
        for part in (part for source in sources for part in _alternatives(source)):
            inner = _CASELESS.fullmatch(part)
            each = _alternatives(inner[1]) if inner else [part]
            how = flags | re.IGNORECASE if inner else flags
            parts += [(_compiled(one, how), pieces(one, how), bool(how & re.IGNORECASE)) for one in each]
        self.parts = tuple(pattern for pattern, _, _ in parts)
        self._always = {number for number, (_, needed, _) in enumerate(parts) if not needed}
        self._by_piece: dict[tuple[str, bool], list[int]] = {}
        for number, (_, needed, folded) in enumerate(parts):
            for piece in needed:
                self._by_piece.setdefault((piece, folded), []).append(number)
        self._held = self._by_piece.keys()
        _known.update(self._held)

    def finditer(self, plain: str, start: int = 0, end: int | None = None) -> Iterator[re.Match[str]]:
        """All matches within the span."""
        end = len(plain) if end is None else end
        held = self._held_by(plain if end >= len(plain) else plain[:end])
        if not held and not self._always:
            return
        worth = {number for piece in held for number in self._by_piece[piece]}
        for number in sorted(worth | self._always):
            yield from self.parts[number].finditer(plain, start, end)

    def search(self, plain: str, start: int = 0, end: int | None = None) -> re.Match[str] | None:
        """Any match in a short span, which need not be the first."""
        end = len(plain) if end is None else end
        return next((found for part in self.parts if (found := part.search(plain, start, end))), None)

    def _held_by(self, text: str) -> AbstractSet[tuple[str, bool]]:
        if len(text) <= _SHORT:
            return self._held & _standing(text, len(_known))
        lower = text.lower()
        return {each for each in self._held if each[0] in (lower if each[1] else text)}


def _alternatives(source: str) -> list[str]:
    """Split a pattern at the bars outside groups and classes."""
    parts, depth, in_class, at = [""], 0, False, 0
    while at < len(source):
        character = source[at : at + 2] if source[at] == "\\" else source[at]
        if in_class:
            in_class = character != "]" or parts[-1].endswith(("[", "[^"))
        elif character == "[":
            in_class = True
        else:
            depth += (character == "(") - (character == ")")
        if character == "|" and not depth and not in_class:
            parts.append("")
        else:
            parts[-1] += character
        at += len(character)
    return parts


@lru_cache(maxsize=1024)
def _compiled(source: str, flags: re.RegexFlag) -> re.Pattern[str]:
    return re.compile(source, flags)


@lru_cache(maxsize=1024)
def pieces(source: str, flags: re.RegexFlag = re.IGNORECASE) -> frozenset[str]:
    """Pieces of which every match contains one, in lower case under IGNORECASE; empty if unknown."""
    found = _of_sequence(parser.parse(source, flags))
    folded = {piece.lower() if flags & re.IGNORECASE else piece for piece in found or ()}
    return frozenset(folded) if len(folded) <= _MOST else frozenset()


@lru_cache(maxsize=32)
def _standing(plain: str, _number: int) -> frozenset[tuple[str, bool]]:
    """The pieces of all patterns that occur in the text."""
    lower = plain.lower()
    return frozenset(each for each in _known if each[0] in (lower if each[1] else plain))


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
