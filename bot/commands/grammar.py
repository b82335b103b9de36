"""One line of text -> verb and fields. The first word is the verb, then free text and `key:value` in any order."""

import re
from collections.abc import Sequence

from bot.commands import fields
from bot.commands.fields import DASHES, Field, Takes
from bot.errors import UnclosedQuote, UnknownStage

_QUOTES = str.maketrans({"“": '"', "”": '"', "„": '"'})
_INCIDENT = re.compile(r"INC-?([0-9]{1,9})", re.IGNORECASE)
_INCIDENT_WORD = re.compile(r"(?<!\S)(INC-?[0-9]{1,9}),?(?!\S)", re.IGNORECASE)
_KEY_OR_QUOTE = re.compile(r"(?<!\S)(?:([A-Za-z][A-Za-z_-]*):(?!//)|[\"“”„«])")
_CLOCK = re.compile(  # a date before it, half of the day and a zone after it belong to a clock time
    r"(?:\d{4}-\d{2}-\d{2}[ T])?\d{1,2}[:.]\d{2}(?: ?(?i:am|pm)\b)?"
    r"(?: (?:(?i:UTC|GMT)|[ECMP][SD]?T|CES?T|BST|[IJ]ST|AE[SD]T|[A-Z][a-z]+/[A-Za-z_]+)\b)?(?!\S)"
)
_LISTS = (fields.impacts, fields.components, fields.left_out)


def split_verb(typed: str) -> tuple[str, str]:
    """`declare! API down` -> (`declare!`, `API down`); an optional leading `/incident` is dropped."""
    typed = re.sub(r"^\s*/?incident\b(?!-)", "", typed, count=1, flags=re.IGNORECASE)
    verb, rest = _split(typed)
    return verb.casefold(), rest.rstrip()


def read(asked: Sequence[Field], rest: str) -> tuple[dict[str, str], str]:
    """What was typed, by field name, and the words that no field takes.

    Only keys of these fields are keys; any other colon is text. The incident may stand anywhere but within free text.
    Raises UnclosedQuote, UnknownStage for a slip in the first word.
    """
    typed, left = _take_keys(asked, rest)
    prose = any(field.prose and field.takes is Takes.REST for field in asked)
    for field in asked:
        left = left.lstrip()
        if "incident" in (asked[0].name, field.name) and "incident" not in typed:
            left = _take_incident(typed, left, anywhere=not prose)
        if not left:
            break
        if field.takes is Takes.REST:
            typed[field.name], left = f"{_unquoted(left)} {typed.get(field.name, '')}".strip(), ""
        if field.takes is Takes.KEY or field.name in ("incident", *typed):
            continue
        word, after = _first_word(field, left)
        if field.takes is Takes.WORD or _reads(field, word):
            typed[field.name], left = _unquoted(word), after
    return typed, left.strip()


def _take_incident(typed: dict[str, str], left: str, *, anywhere: bool) -> str:
    """Move the incident's number from the words to what was typed, wherever it stands or only from their start."""
    words = left.translate(DASHES)
    if found := _INCIDENT_WORD.search(words) if anywhere else _INCIDENT_WORD.match(words):
        typed["incident"] = left[found.start(1) : found.end(1)]
        left = left[: found.start()] + left[found.end() :].lstrip()
    return left


def _take_keys(asked: Sequence[Field], rest: str) -> tuple[dict[str, str], str]:
    """`key:value` and `key:"two words"` anywhere at the start of a word; within quotation marks all is text."""
    typed: dict[str, str] = {}
    kept: list[str] = []
    at = 0
    while found := _KEY_OR_QUOTE.search(rest, at):
        field = next((f for f in asked if found[1] and f.is_key(found[1])), None)
        blank = rest[found.end() : found.end() + 1].isspace()
        if field is None or (blank and (field.prose or field.takes is Takes.REST)):  # `Cause: a full disk.` is text
            end = found.end() if found[1] else max(found.end(), _closing(rest, found.start()) + 1)
            kept.append(rest[at:end])
            at = end
            continue
        kept.append(rest[at : found.start()])
        typed[field.name], at = _value(rest, found.end() + blank, field)
    kept.append(rest[at:])
    return typed, re.sub(r"[ \t]{2,}", " ", "".join(kept)).strip()


def _value(rest: str, at: int, field: Field) -> tuple[str, int]:
    """The value that starts at `at`, and where it ends."""
    if _opens(rest[at : at + 1]):
        end = _closing(rest, at)
        if end < 0:
            raise UnclosedQuote
        return rest[at + 1 : end], end + 1
    if field.parse in (fields.ahead, fields.behind) and (clock := _CLOCK.match(rest, at)):
        return clock[0], clock.end()
    end = at + len(_split(rest[at:])[0]) if not rest[at : at + 1].isspace() else at
    while field.parse in _LISTS and rest[at:end].endswith(",") and (more := re.compile(r"\s+\S+").match(rest, end)):
        end = more.end()
    return rest[at:end], end


def _opens(words: str) -> bool:
    return words[:1] == "«" or words[:1].translate(_QUOTES) == '"'


def _closing(rest: str, opening: int) -> int:
    """Where the quotation mark at `opening` is closed; -1: never. Any of “”„" closes any of them, » only «."""
    if rest[opening] == "«":
        return rest.find("»", opening + 1)
    return rest.translate(_QUOTES).find('"', opening + 1)


def _split(words: str) -> tuple[str, str]:
    """The first word and the rest, which keeps its lines."""
    word, *rest = words.split(maxsplit=1) or [""]
    return word, rest[0] if rest else ""


def _first_word(field: Field, left: str) -> tuple[str, str]:
    """The first word and what follows; a stage may have two words."""
    if field.parse is fields.stage:
        two = re.match(r"(fix implemented|no change)\b", left, re.IGNORECASE)
        if two:
            return two[0], left[two.end() :]
    if _opens(left):
        end = _closing(left, 0)
        if end < 0:
            raise UnclosedQuote
        return left[: end + 1], left[end + 1 :]
    return _split(left)


def _reads(field: Field, word: str) -> bool:
    """Whether an optional word is one of this field's. Raises UnknownStage where it is nearly one."""
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
    return words[1:-1] if len(words) > 1 and _opens(words) and _closing(words, 0) == len(words) - 1 else words


def incident_number(word: str) -> int | None:
    """`INC-42` -> 42."""
    found = _INCIDENT.fullmatch(word.translate(DASHES).strip().rstrip(","))
    return int(found[1]) if found else None
