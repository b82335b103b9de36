"""One line of text -> verb and fields. The first word is the verb, then free text and `key:value` in any order."""

import re
from collections.abc import Sequence

from bot.commands import fields
from bot.commands.fields import Field, Takes
from bot.errors import UnclosedQuote, UnknownStage

_QUOTES = str.maketrans({"“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "–": "-", "—": "-", "\u00a0": " "})
_INCIDENT = re.compile(r"INC-?(\d{1,9})", re.IGNORECASE)


def split_verb(typed: str) -> tuple[str, str]:
    """`declare! API down` -> (`declare!`, `API down`); an optional leading `/incident` is dropped."""
    typed = re.sub(r"^\s*/?incident\b(?!-)", "", typed, count=1, flags=re.IGNORECASE).strip()
    verb, _, rest = typed.partition(" ")
    return verb.casefold(), rest.strip()


def read(asked: Sequence[Field], rest: str) -> dict[str, str]:
    """What was typed, by field name. Only keys of these fields are keys; any other colon is text.

    Raises UnclosedQuote, UnknownStage for a slip in the first word.
    """
    typed, left = _take_keys(asked, rest)
    for field in asked:
        if field.takes is Takes.KEY or field.name in typed:
            continue
        left = left.lstrip()
        if not left:
            break
        if field.takes is Takes.REST:
            typed[field.name], left = _unquoted(left), ""
            continue
        word, after = _first_word(field, left)
        if field.takes is Takes.WORD or _reads(field, word):
            typed[field.name], left = _unquoted(word), after
    return typed


def _take_keys(asked: Sequence[Field], rest: str) -> tuple[dict[str, str], str]:
    """`key:value` and `key:"two words"` anywhere at the start of a word."""
    typed: dict[str, str] = {}
    kept: list[str] = []
    at = 0
    pattern = re.compile(r"(?<!\S)([A-Za-z][A-Za-z_-]*):(?!//)")
    while found := pattern.search(rest, at):
        field = next((f for f in asked if f.is_key(found[1])), None)
        if field is None:
            kept.append(rest[at : found.end()])
            at = found.end()
            continue
        kept.append(rest[at : found.start()])
        value, at = _value(rest, found.end(), field)
        typed[field.name] = value
    kept.append(rest[at:])
    return typed, re.sub(r"[ \t]{2,}", " ", "".join(kept)).strip()


def _value(rest: str, at: int, field: Field) -> tuple[str, int]:
    """The value that starts at `at`, and where it ends."""
    opening = rest[at : at + 1].translate(_QUOTES)
    if opening == '"':
        plain = rest.translate(_QUOTES)
        end = plain.find('"', at + 1)
        if end < 0:
            raise UnclosedQuote
        return rest[at + 1 : end], end + 1
    end = at
    while end < len(rest) and not rest[end].isspace():
        end += 1
    # `next:13:30 UTC`, `since:9:05 am`: a zone or half of the day belongs to a clock time before it
    zone = re.match(r" (am|pm|UTC|GMT)\b", rest[end:], re.IGNORECASE)
    if zone and field.parse in (fields.ahead, fields.behind):
        end += zone.end()
    return rest[at:end], end


def _first_word(field: Field, left: str) -> tuple[str, str]:
    """The first word and what follows; a stage may have two words."""
    if field.parse is fields.stage:
        two = re.match(r"(fix implemented|no change)\b", left, re.IGNORECASE)
        if two:
            return two[0], left[two.end() :]
    if left.translate(_QUOTES).startswith('"'):
        end = left.translate(_QUOTES).find('"', 1)
        if end < 0:
            raise UnclosedQuote
        return left[: end + 1], left[end + 1 :]
    word, _, after = left.partition(" ")
    return word, after


def _reads(field: Field, word: str) -> bool:
    """Whether an optional word is one of this field's. Raises UnknownStage where it is nearly one."""
    if field.name == "incident":
        return incident_number(word) is not None
    if field.parse is fields.stage:
        if fields.as_stage(word) is not None:
            return True
        if near := fields.nearly_stage(word):
            raise UnknownStage(typed=word, nearest=near)
        return False
    if field.options is not None and field.parse is fields.audience:
        return word.casefold().rstrip("s") in ("customer", "developer", "enterprise", "support", "social", "internal")
    return True


def _unquoted(words: str) -> str:
    """Without quotation marks around all of it."""
    plain = words.translate(_QUOTES)
    if len(words) > 1 and plain[0] == plain[-1] == '"' and '"' not in plain[1:-1]:
        return words[1:-1]
    return words


def incident_number(word: str) -> int | None:
    """`INC-42` -> 42."""
    found = _INCIDENT.fullmatch(word.strip().rstrip(","))
    return int(found[1]) if found else None
