"""Splits one line into a verb and fields: first the verb, then free text and `key:value` in any order."""

import re
from collections.abc import Sequence
from difflib import get_close_matches

from bot.commands import fields, times
from bot.commands.fields import DASHES, Field, Placement
from bot.errors import InvalidField, UnclosedQuote, UnknownFact, UnknownStage

_QUOTES = str.maketrans({"“": '"', "”": '"', "„": '"'})
_INCIDENT = re.compile(r"INC-?([0-9]{1,9})", re.IGNORECASE)
_INCIDENT_WORD = re.compile(r"(?<!\S)(INC-?[0-9]{1,9}),?(?!\S)", re.IGNORECASE)
_KEY_OR_QUOTE = re.compile(r"(?<!\S)(?:([A-Za-z][A-Za-z_-]*):(?!//)|[\"“”„«])")
_STARTS = re.compile(  # the start of a sentence after an unquoted value
    r"\s+(?=(?:We|Our|You|Your|It|They|This|These|There|The|Some|Most|All|Users|Customers|No|If|Please)\s)"
)
_GONE = {
    "harm": "A closing update apologizes for an outage by itself",
    "watch": "Say it in a sentence: “We are watching error rates for an hour”",
    "watch_for": "Say it in a sentence: “We are watching error rates for an hour”",
    "for": "Say it in a sentence: “We are watching error rates for an hour”",
}
_LISTS = (fields.impacts, fields.components, fields.left_out)


def split_verb(typed: str) -> tuple[str, str]:
    """`declare! API down` -> (`declare!`, `API down`); an optional leading `/incident` is dropped."""
    typed = re.sub(r"^\s*/?incident\b(?!-)", "", typed, count=1, flags=re.IGNORECASE)
    verb, rest = _split(typed)
    return verb.casefold(), rest.rstrip()


def read(asked: Sequence[Field], rest: str) -> tuple[dict[str, str], str]:
    """Fields by name, and the words that no field takes.

    Only keys of these fields count as keys. If the fields include facts, an unknown key is refused; otherwise it is
    text. The incident may stand anywhere except inside free text.

    Raises UnclosedQuote, and UnknownStage for a typo in the first word.
    """
    typed, left = _take_keys(asked, rest)
    prose = any(field.prose and field.takes is Placement.REST for field in asked)
    for field in asked:
        left = left.lstrip()
        if "incident" in (asked[0].name, field.name) and "incident" not in typed:
            left = _take_incident(typed, left, anywhere=not prose)
        if not left:
            break
        if field.takes is Placement.REST:
            typed[field.name], left = f"{_unquoted(left)} {typed.get(field.name, '')}".strip(), ""
        if field.takes is Placement.KEY or field.name in ("incident", *typed):
            continue
        word, after = _first_word(field, left)
        if field.takes is Placement.WORD or _reads(field, word):
            typed[field.name], left = _unquoted(word), after
    return typed, left.strip()


def _take_incident(typed: dict[str, str], left: str, *, anywhere: bool) -> str:
    """Move the incident's number from the text to the fields, from anywhere or only from the start."""
    words = left.translate(DASHES)
    if found := _INCIDENT_WORD.search(words) if anywhere else _INCIDENT_WORD.match(words):
        typed["incident"] = left[found.start(1) : found.end(1)]
        left = left[: found.start()] + left[found.end() :].lstrip()
    return left


def _take_keys(asked: Sequence[Field], rest: str) -> tuple[dict[str, str], str]:
    """`key:value` and `key:"two words"` at the start of any word. Inside quotation marks, everything is text.

    Raises UnknownFact or InvalidField for a key that these fields do not have, if they are published to customers.
    """
    typed: dict[str, str] = {}
    kept: list[str] = []
    at = 0
    while found := _KEY_OR_QUOTE.search(rest, at):
        field = _field_at(asked, rest, found)
        if field is None:
            end = found.end() if found[1] else max(found.end(), _closing(rest, found.start()) + 1)
            kept.append(rest[at:end])
            at = end
            continue
        kept.append(rest[at : found.start()])
        blank = rest[found.end() : found.end() + 1].isspace()
        typed[field.name], at = _value(asked, rest, found.end() + blank, field)
    kept.append(rest[at:])
    return typed, re.sub(r"[ \t]{2,}", " ", "".join(kept)).strip()


def _field_at(asked: Sequence[Field], rest: str, found: re.Match[str]) -> Field | None:
    """The field whose key starts here; None if it is text, such as `Cause: a full disk.` is."""
    if not found[1]:
        return None
    field = next((f for f in asked if f.is_key(found[1])), None)
    behind = rest[found.end() : found.end() + 1]
    if field is not None:
        return None if behind.isspace() and (field.prose or field.takes is Placement.REST) else field
    if behind.strip() and behind != ":" and any(f.fact for f in asked):
        word = found[1].casefold()
        if word in _GONE:
            raise InvalidField("`{typed}:` is no longer used. {instead}.", typed=found[1], instead=_GONE[word])
        keys = [key for f in asked if f.fact for key in (f.name, *f.keys)]
        near = get_close_matches(word, keys, n=1, cutoff=0.0)
        raise UnknownFact(typed=found[1], nearest=near[0])
    return None


def _value(asked: Sequence[Field], rest: str, at: int, field: Field) -> tuple[str, int]:
    """The value that starts at `at`, and where it ends."""
    if _opens(rest[at : at + 1]):
        end = _closing(rest, at)
        if end < 0:
            raise UnclosedQuote
        return rest[at + 1 : end], end + 1
    if field.prose or field.parse is fields.working:
        end = _end_of_words(asked, rest, at)
        return rest[at:end].strip(), end
    end = at + len(_split(rest[at:])[0]) if not rest[at : at + 1].isspace() else at
    if field.is_time:
        end = _end_of_time(rest, at, end)
    while field.parse in _LISTS and rest[at:end].endswith(",") and (more := re.compile(r"\s+\S+").match(rest, end)):
        end = more.end()
    return rest[at:end], end


def _end_of_words(asked: Sequence[Field], rest: str, at: int) -> int:
    """Where unquoted text ends: at the next key, or where a new sentence begins."""
    end, look = len(rest), at
    while found := _KEY_OR_QUOTE.search(rest, look):
        if found[1] and _field_at(asked, rest, found) is not None:
            end = found.start()
            break
        look = found.end() if found[1] else max(found.end(), _closing(rest, found.start()) + 1)
    for start in _STARTS.finditer(rest, at, end):
        before, after = rest[at : start.start()].rstrip(), rest[start.end() : end].strip()
        own = not before.endswith((".", "!", "?", ",", ";", ":")) or after.startswith("We ")
        if before and own and after.endswith((".", "!", "?")):
            return start.end()
    return end


def _end_of_time(rest: str, at: int, end: int) -> int:
    """Where a time of several words ends, such as `yesterday 9:51 PT`."""
    words = [found.end() for found in re.compile(r"\S+").finditer(rest, at)][:6]
    return next((stop for stop in reversed(words) if times.reads(rest[at:stop].translate(DASHES))), end)


def _opens(words: str) -> bool:
    return words[:1] == "«" or words[:1].translate(_QUOTES) == '"'


def _closing(rest: str, opening: int) -> int:
    """The position of the closing quotation mark, or -1. Any of “”„" closes any of them; » closes only «."""
    if rest[opening] == "«":
        return rest.find("»", opening + 1)
    return rest.translate(_QUOTES).find('"', opening + 1)


def _split(words: str) -> tuple[str, str]:
    """The first word and the rest, with its line breaks."""
    word, *rest = words.split(maxsplit=1) or [""]
    return word, rest[0] if rest else ""


def _first_word(field: Field, left: str) -> tuple[str, str]:
    """The first word and the rest. A stage may have two words."""
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
    """Whether an optional word belongs to this field. Raises UnknownStage if it is probably a typo."""
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
    """Without quotation marks around the whole text."""
    return words[1:-1] if len(words) > 1 and _opens(words) and _closing(words, 0) == len(words) - 1 else words


def incident_number(word: str) -> int | None:
    """`INC-42` -> 42."""
    found = _INCIDENT.fullmatch(word.translate(DASHES).strip().rstrip(","))
    return int(found[1]) if found else None
