"""Regular expressions of foghorn.toml, which must not be able to keep the lint busy forever."""

import re
from collections.abc import Iterator
from itertools import pairwise
from re import _constants as ops  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

_MANY = 10
"""From how many repetitions on, a repeated group counts as repeated without an end."""
_REPEATS = (ops.MAX_REPEAT, ops.MIN_REPEAT)


def expression(pattern: str) -> str:
    """A regular expression that is tried on every text. Raises ValueError for one that may take forever."""
    try:
        found = re.compile(pattern, re.IGNORECASE)
    except (re.error, OverflowError, RecursionError) as problem:
        raise ValueError(f"“{pattern}” is not a regular expression; check its brackets and backslashes") from problem
    if found.search(""):
        raise ValueError(f"“{pattern}” matches every text; write at least one character that has to be there")
    if _may_explode(parser.parse(pattern, re.IGNORECASE)):
        reason = "repeats a group that can match the same characters in several ways, which can take forever"
        raise ValueError(f"“{pattern}” {reason}; repeat only once, as in [a-z0-9-]+")
    if _crawls(parser.parse(pattern, re.IGNORECASE)):
        reason = "repeats the same characters several times in a row, which takes very long on a long text"
        raise ValueError(f"“{pattern}” {reason}; combine them, as in [a-z][a-z0-9]* for [a-z]+[a-z0-9]*")
    return pattern


def _crawls(items: Any) -> bool:
    """Whether repetitions follow one another, or three of them are in one sequence, that nothing separates."""
    items = list(_flat(items))
    endless = [n for n, (op, value) in enumerate(items) if op in _REPEATS and value[1] > _MANY * 10]
    here = [_characters([item]) for item in items]
    joined = 0
    for one, other in pairwise(endless):
        between = [here[n] for n in range(one + 1, other) if items[n][0] is not ops.AT]
        fixed = [n for n in range(one + 1, other) if items[n][0] in (ops.LITERAL, ops.IN)]
        apart = here[one].isdisjoint(_start(items[other])) or any(here[n].isdisjoint(here[one]) for n in fixed)
        joined += not apart
        if not apart and not between:
            return True
    return joined > 1 or any(_crawls(inner) for op, value in items for inner in _inside(op, value))


def _flat(items: Any) -> Iterator[Any]:
    """The items of a sequence, with those of its groups."""
    for op, value in items:
        if op is ops.SUBPATTERN:
            yield from _flat(value[3])
        else:
            yield op, value


def _start(item: Any) -> frozenset[int]:
    """The characters that an item can start with; all of its characters if that varies."""
    op, value = item
    body = list(value[2]) if op in _REPEATS else list(value[3]) if op is ops.SUBPATTERN else []
    return _start(body[0]) if body else _characters([item])


def _may_explode(items: Any) -> bool:
    """Whether a repeated group contains another repetition, or alternatives, that nothing separates."""
    for op, value in items:
        if op in _REPEATS and value[1] > _MANY and _is_ambiguous(list(value[2])):
            return True
        if any(_may_explode(inner) for inner in _inside(op, value)):
            return True
    return False


def _inside(op: Any, value: Any) -> Iterator[Any]:
    """The sequences within an item."""
    if op in _REPEATS:
        yield value[2]
    elif op is ops.SUBPATTERN:
        yield value[3]
    elif op is ops.BRANCH:
        yield from value[1]
    elif op in (ops.ASSERT, ops.ASSERT_NOT):
        yield value[1]


def _is_ambiguous(items: list[Any]) -> bool:
    """Whether a sequence that is repeated can match the same text in several ways.

    It cannot if its first or last character stands nowhere else in it, and such a character is also between any two
    parts of varying length that can match the same characters. Alternatives have to start differently.
    """
    while len(items) == 1 and items[0][0] is ops.SUBPATTERN:
        items = list(items[0][1][3])
    if len(items) == 1 and items[0][0] is ops.BRANCH:
        ways = items[0][1][1]
        return _overlap(ways) or any(_is_ambiguous(list(each)) for each in ways)
    if any(op is ops.BRANCH and _overlap(value[1]) for op, value in items):
        return True
    varies = [bool(list(_inside(*item))) for item in items]
    if not any(varies):
        return not items
    here = [_characters([item]) for item in items]

    def separates(number: int, first: int, last: int) -> bool:
        others = [here[other] for other in range(first, last + 1) if other != number]
        return not varies[number] and bool(here[number]) and all(map(here[number].isdisjoint, others))

    end = len(items) - 1
    if not separates(0, 0, end) and not separates(end, 0, end):
        return True
    varying = [number for number in range(len(items)) if varies[number]]
    return any(
        not here[one].isdisjoint(here[other]) and not any(separates(n, one, other) for n in range(one, other))
        for one in varying
        for other in varying
        if one < other
    )


def _overlap(ways: list[Any]) -> bool:
    """Whether two alternatives can start with the same character, or are both empty."""
    starts = [_characters(list(each)[:1]) for each in ways]
    return sum(not list(each) for each in ways) > 1 or any(
        not one.isdisjoint(other) for number, one in enumerate(starts) for other in starts[:number]
    )


def _characters(items: list[Any]) -> frozenset[int]:
    """The ASCII characters that can stand in a sequence."""
    found: set[int] = set()
    for op, value in items:
        if op in (ops.LITERAL, ops.IN, ops.NOT_LITERAL, ops.ANY):
            found.update(number for number in range(128) if _matches(op, value, number))
        else:
            found.update(*(_characters(list(inner)) for inner in _inside(op, value)))
    return frozenset(found)


def _matches(op: Any, value: Any, number: int) -> bool:
    """Whether an item that stands for one character accepts it, in either case."""
    both = {number, ord(chr(number).swapcase())}
    if op is ops.LITERAL:
        return value in both
    if op is ops.NOT_LITERAL:
        return value not in both
    if op is ops.ANY:
        return True
    negated = value[0][0] is ops.NEGATE
    return negated != any(_in_class(each, one) for each in value for one in both)


def _in_class(item: Any, number: int) -> bool:
    op, value = item
    if op is ops.LITERAL:
        return bool(value == number)
    if op is ops.RANGE:
        return bool(value[0] <= number <= value[1])
    if op is ops.CATEGORY:
        class_of = {
            ops.CATEGORY_DIGIT: r"\d", ops.CATEGORY_NOT_DIGIT: r"\D", ops.CATEGORY_SPACE: r"\s",
            ops.CATEGORY_NOT_SPACE: r"\S", ops.CATEGORY_WORD: r"\w", ops.CATEGORY_NOT_WORD: r"\W",
        }  # fmt: skip
        return re.fullmatch(class_of[value], chr(number)) is not None
    return False
