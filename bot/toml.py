"""Reads TOML files into models, and reports every mistake in plain words with its line."""

import re
import tomllib
from collections.abc import Iterator, Sequence
from copy import deepcopy
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from bot.errors import ConfigurationError

M = TypeVar("M", bound=BaseModel)
Where = tuple[int | str, ...]

_GONE = object()
"""Stands where something wrong was, so that the rest can be checked and keeps its place."""

_WORDS = {
    "missing": "is missing; add it",
    "string_type": "must be text in quotation marks",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "list_type": "must be a list in square brackets",
    "tuple_type": "must be a list in square brackets",
    "dict_type": "must be a table with keys and values",
    "model_type": "must be a table with keys and values",
    "model_attributes_type": "must be a table with keys and values",
    "greater_than_equal": "must be at least {ge}",
    "less_than_equal": "must be at most {le}",
    "string_too_short": "must not be empty",
    "string_too_long": "must have at most {max_length} characters",
    "too_short": "must have at least {min_length} {unit}",
    "too_long": "must have at most {max_length} {unit}",
    "path_not_directory": "must be a folder that exists",
    "literal_error": "must be {expected}",
    "enum": "must be {expected}",
    "finite_number": "must be a number",
    "timezone_aware": "needs a time zone, such as 2026-04-20T05:15:00-04:00",
}
"""What is wrong, by pydantic's name for it."""

_SYNTAX = {
    "invalid value": "a value cannot be read; put text in quotation marks",
    "expected '=' after a key in a key/value pair": "“=” is missing after a key",
    "cannot overwrite a value": "a key is set twice",
    "cannot declare ('": "a section is written twice",
    "cannot mutate immutable namespace": "a section adds to a key that already has its value",
    "invalid initial character for a key part": "a key is missing, or needs quotation marks",
    "invalid statement": "this is neither a key with its value nor a section in brackets",
    "unclosed array": "a list is not closed with ]",
    "unclosed inline table": "a table is not closed with }",
    "unterminated string": "the closing quotation mark is missing",
    "illegal character": "a character is not allowed here; text must be closed on its line",
    "expected newline or end of document after a statement": "something follows a value on the same line",
    "expected ']' at the end of a table declaration": "a section is not closed with ]",
    "expected ']]' at the end of an array declaration": "a section is not closed with ]]",
}
"""What is wrong with the syntax, by the start of what the standard library says."""


def read_toml(path: Path, model: type[M], known: object = None) -> M:
    """A TOML file as this model; `known` is passed to its validators.

    Raises ConfigurationError with every mistake and its line.
    """
    source = _text(path)
    raw = _parsed(path, source)
    mistakes: dict[Where, tuple[int, str]] = {}
    gone: set[str] = set()  # texts in what was dropped, which may still be referred to
    while True:
        try:
            found = model.model_validate(_kept(raw), context={"known": known})
        except ValidationError as problem:
            errors = [(_where(error, raw), error) for error in problem.errors(include_url=False)]
        else:
            if not mistakes:
                return found
            break
        for where, error in errors:
            follows = str(error.get("ctx", {}).get("of")).casefold() in gone
            if not follows and not any(_within(where, other) for other in mistakes):
                mistakes[where] = (line_of(source, where), _said(error, where, model, raw, source))
        dropped = [_drop(raw, where, gone) for where, _ in errors]
        if not any(dropped):
            break
    raise ConfigurationError(path, sorted(mistakes.values()))


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as problem:
        line = path.read_bytes().count(b"\n", 0, problem.start) + 1
        raise ConfigurationError(path, [(line, "a character is not UTF-8; save the file as UTF-8")]) from problem
    except OSError as problem:
        raise ConfigurationError(path, [(1, f"it cannot be read ({problem.strerror})")]) from problem


def _parsed(path: Path, source: str) -> dict[str, Any]:
    try:
        return tomllib.loads(source)
    except tomllib.TOMLDecodeError as problem:
        found = re.search(r"\(at line (\d+)", str(problem))
        words = re.sub(r" \(at .*\)$", "", str(problem))
        words = words[:1].lower() + words[1:]
        plain = next((plain for start, plain in _SYNTAX.items() if words.startswith(start)), words)
        line = int(found[1]) if found else source.count("\n") + 1
        raise ConfigurationError(path, [(line, plain)]) from problem


def _said(error: ErrorDetails, where: Where, model: type[BaseModel], raw: Any, source: str) -> str:
    """The mistake in plain words, with the key that it is about."""
    context = error.get("ctx", {})
    words = error["msg"].removeprefix("Value error, ")
    if first := context.get("first"):
        return f"{words}; it is first listed on line {line_of(source, _original(first, raw))}"
    named = ".".join(part for part in where if isinstance(part, str))
    if "where" in context or not named:
        return words
    if error["type"] == "extra_forbidden":
        near = get_close_matches(str(where[-1]), _keys(model, where[:-1]), n=1, cutoff=0.7)
        return f"{named} is not a key here; " + (f"did you mean “{near[0]}”" if near else "remove it")
    section = bool(_keys(model, where)) and not any(isinstance(part, int) for part in where)
    if section and error["type"] in ("list_type", "tuple_type") and isinstance(error["input"], dict):
        return f"{named} must be written [[{named}]], with two brackets, once for each"
    if section and error["type"] == "model_type" and isinstance(error["input"], list):
        return f"{named} must be written [{named}], with one bracket, and only once"
    plain = in_words(error)
    return f"{named} {plain}" if plain else f"{named}: {words}"


def in_words(error: ErrorDetails) -> str:
    """What is wrong with a value, to follow its name; empty if the message says it itself."""
    facts = error.get("ctx", {})
    unit = "characters" if facts.get("field_type") not in ("Tuple", "List") else "entry"
    words = _WORDS.get(error["type"], "").format(**{"unit": unit, **facts}).replace("'", "")
    return re.sub(r"(,.*) or ", r"\1, or ", words)  # the library lists choices without the serial comma


def _keys(model: type[BaseModel], path: Where) -> list[str]:
    """The keys that a model allows at a path."""
    for part in path:
        if isinstance(part, str):
            field = model.model_fields.get(part)
            inner = next(_models(field.annotation), None) if field else None
            if inner is None:
                return []
            model = inner
    return list(model.model_fields)


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from _models(inner)


# ---- the data without what is wrong


def _kept(value: Any) -> Any:
    """A copy without what was dropped."""
    if isinstance(value, dict):
        return {key: _kept(each) for key, each in value.items() if each is not _GONE}
    if isinstance(value, list):
        return [_kept(each) for each in value if each is not _GONE]
    return deepcopy(value)


def _original(where: Sequence[int | str], raw: Any) -> Where:
    """A path in what `_kept` gave as a path in the file, as far as the file has it."""
    path: list[int | str] = []
    for part in where:
        if isinstance(raw, list) and isinstance(part, int):
            part = [index for index, each in enumerate(raw) if each is not _GONE][part]
        elif not isinstance(raw, dict) or part not in raw:
            break
        path.append(part)
        raw = raw[part]
    return tuple(path)


def _where(error: ErrorDetails, raw: Any) -> Where:
    loc = (*error["loc"], *error.get("ctx", {}).get("where", ()))
    return (*_original(loc[:-1], raw), loc[-1]) if error["type"] == "missing" else _original(loc, raw)


def _within(where: Where, other: Where) -> bool:
    """Whether one path is the other, or leads to it or from it."""
    shorter = min(len(where), len(other))
    return where[:shorter] == other[:shorter]


def _drop(raw: Any, where: Where, gone: set[str]) -> bool:
    """Drop what is at a path, or else the table that lacks it; False if that would be the whole file."""
    parents: list[Any] = [raw]
    for part in where[:-1]:
        parents.append(parents[-1][part])
        if parents[-1] is _GONE:
            return True
    keys: Sequence[Any] = where
    for at, part in zip(reversed(parents), reversed(keys), strict=True):
        if (isinstance(at, list) or part in at) and at[part] is not _GONE:
            gone.update(text.casefold() for text in _texts(at[part]))
            at[part] = _GONE
            return True
    return False


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _texts(each)


# ---- lines


def line_of(source: str, where: Sequence[int | str]) -> int:
    """The line where the statement starts that a path such as ("people", 1, "handle") names, or what it stands in.

    The path first exists at the end of some statement. The statement starts after the last line before that at which
    the file could end.
    """
    lines = source.split("\n")
    while where:
        first, last = 0, len(lines)
        if not _exists(tomllib.loads(source), where):
            where = where[:-1]
            continue
        while last - first > 1:
            middle = (first + last) // 2
            end, found = _up_to(lines, middle)
            if _exists(found, where):
                last = end
            else:
                first = middle
        return _up_to(lines, last - 1)[0] + 1
    return 1


def _up_to(lines: Sequence[str], end: int) -> tuple[int, Any]:
    """The longest part of the file that ends by this line and can be read, and where it ends."""
    for last in range(end, 0, -1):
        try:
            return last, tomllib.loads("\n".join(lines[:last]))
        except tomllib.TOMLDecodeError:
            continue
    return 0, {}


def _exists(found: Any, where: Sequence[int | str]) -> bool:
    for part in where:
        if isinstance(found, dict):
            if part not in found:
                return False
        elif not isinstance(found, list) or not isinstance(part, int) or part >= len(found):
            return False
        found = found[part]
    return True
