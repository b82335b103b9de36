"""Reads TOML files into models and reports errors with their line."""

import re
import tomllib
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from bot.errors import ConfigurationError

M = TypeVar("M", bound=BaseModel)


def read_toml(path: Path, model: type[M]) -> M:
    """A TOML file as this model. Raises ConfigurationError with the line and the problem."""
    try:
        source = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        raise ConfigurationError(file=path, line=1, problem=f"it cannot be read ({problem})") from problem
    try:
        return model.model_validate(tomllib.loads(source))
    except tomllib.TOMLDecodeError as problem:
        found = re.search(r"\(at line (\d+)", str(problem))
        words = re.sub(r" \(at .*\)$", "", str(problem))
        line = int(found[1]) if found else source.count("\n") + 1
        raise ConfigurationError(file=path, line=line, problem=words[:1].lower() + words[1:]) from problem
    except ValidationError as problem:
        first = problem.errors(include_input=False, include_url=False)[0]
        words = first["msg"].removeprefix("Value error, ")
        named = ".".join(str(part) for part in first["loc"])
        said = f"{named}: {words}" if named else words
        context = first.get("ctx", {})
        where = first["loc"] or context.get("where", ())
        if other := context.get("first"):
            said += f"; it is first listed on line {line_of(source, other)}"
        raise ConfigurationError(file=path, line=line_of(source, where), problem=said) from problem


def line_of(source: str, where: tuple[int | str, ...]) -> int:
    """The line of the key that a path such as ("people", 1, "handle") names, or the nearest one."""
    lines = source.splitlines()
    at = 0
    for position, part in enumerate(where):
        if isinstance(part, int):
            continue
        nth = where[position + 1] if position + 1 < len(where) and isinstance(where[position + 1], int) else 0
        header = re.compile(
            rf"\s*\[\[?\s*{re.escape(part)}\s*\]\]?|\s*{re.escape(part)}\s*=|.*[{{,]\s*{re.escape(part)}\s*="
        )
        hits = [number for number in range(at, len(lines)) if header.match(lines[number])]
        if hits:
            at = hits[min(int(nth), len(hits) - 1)]
    return at + 1
