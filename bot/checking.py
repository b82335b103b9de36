"""`foghorn lint`: the lint over texts that belong to no incident, such as posts and a company's own templates."""

import json
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bot.clock import utc_now
from bot.domain.audiences import Audience
from bot.domain.facts import NEXT_UPDATE, Facts, Kind
from bot.domain.lifecycle import Stage
from bot.domain.lint import Finding, Subject, Weight, lint
from bot.domain.organisation import Organisation
from bot.domain.severity import Severity

UNTOLD = frozenset(("L12", "L13", "L21", "L24", "L26", "L29", "L39", "L41"))
"""These compare a text with its incident, severity, or record, so they are not applied here."""
_HEAD = re.compile(rf"^\[({'|'.join(Audience)})\]$\n?", re.MULTILINE)
OF_A_STAGE = frozenset(("L25", "L28", "L40"))
"""These need to know the stage."""


@dataclass(frozen=True)
class Place:
    """A finding and where it stands; lines and columns count from 1."""

    file: str  # `-` is standard input
    line: int
    column: int
    finding: Finding


@dataclass(frozen=True)
class How:
    """What the texts are for; `stage` as typed, empty for none."""

    organisation: Organisation
    stage: str
    audience: Audience
    language: str
    url: str = ""  # this Foghorn's public address, which texts may link to


def stage_of(typed: str) -> Stage | None:
    """The stage, such as `fix-implemented` or `Fix implemented`; None if texts have no such stage."""
    words = typed.casefold().replace("-", " ").replace("_", " ")
    return next((stage for stage in Stage if stage.value == words and stage is not Stage.DECLARED), None)


def run(files: Sequence[Path], how: How, *, as_json: bool) -> int:
    """Print the findings for the files, or for standard input.

    The exit code is 1 with a blocker and 2 on wrong usage.
    """
    if how.stage and stage_of(how.stage) is None:
        stages = ", ".join(each.value for each in Stage if each is not Stage.DECLARED)
        print(f"“{how.stage}” is not a stage. Use one of: {stages}.", file=sys.stderr)
        return 2
    try:
        texts = {str(file): file.read_text(encoding="utf-8") for file in files} or {"-": sys.stdin.read()}
    except (OSError, UnicodeDecodeError) as problem:
        print(f"A file could not be read as UTF-8 text: {problem}.", file=sys.stderr)
        return 2
    places = [place for file, text in texts.items() for place in check_text(file, text, how)]
    if as_json or places:
        print(_as_json(places) if as_json else _as_lines(places))
    return int(any(place.finding.weight is Weight.BLOCKER for place in places))


def check_text(file: str, text: str, how: How) -> list[Place]:
    """The findings; without a stage, as in a text of an open incident.

    A line such as `[developers]`, as `templates render` prints it, starts a text for that audience.
    """
    heads = list(_HEAD.finditer(text))
    starts = [(0, 0, how.audience), *((head.start(), head.end(), Audience(head[1])) for head in heads)]
    ends = [*(head.start() for head in heads), len(text)]
    found: list[Place] = []
    for (_, start, audience), end in zip(starts, ends, strict=True):
        if text[start:end].strip():
            found += (_place(file, text, start, one) for one in _findings(text[start:end], audience, how))
    return found


def _findings(body: str, audience: Audience, how: How) -> list[Finding]:
    stage = stage_of(how.stage)
    subject = Subject(
        audience=audience, language=how.language, title="", body=body, stage=stage or Stage.INVESTIGATING,
        kind=Kind.STAGE, severity=Severity.SEV3, first=False, impacts={}, facts=Facts(), now=utc_now(), promise_at=None,
        link=how.url,
    )  # fmt: skip
    silent = UNTOLD if stage else UNTOLD | OF_A_STAGE
    found = (one for one in lint(subject, how.organisation) if one.rule not in silent)
    return [one for one in found if one.words != NEXT_UPDATE]


def _as_lines(places: Sequence[Place]) -> str:
    """One line for each finding: `post.md:3:14: blocker L02: “edge-prod-12” is an internal name.

    Name the component.`.
    """
    rows = (
        f"{one.file}:{one.line}:{one.column}: {one.finding.weight.value} {one.finding.rule}: "
        f"{one.finding.reason} {one.finding.suggestion}"
        for one in places
    )
    return "\n".join(rows)


def _as_json(places: Sequence[Place]) -> str:
    """A list of objects; `start` and `end` count characters of the file."""
    rows = [
        {
            "file": one.file, "line": one.line, "column": one.column,
            "start": one.finding.start, "end": one.finding.end,
            "rule": one.finding.rule, "weight": one.finding.weight.value, "words": one.finding.words,
            "reason": one.finding.reason, "suggestion": one.finding.suggestion,
        }
        for one in places
    ]  # fmt: skip
    return json.dumps(rows, ensure_ascii=False)


def _place(file: str, text: str, start: int, finding: Finding) -> Place:
    """The position in a file; `start` is where the text begins in it."""
    begin, end = start + finding.start, start + finding.end
    line = text.count("\n", 0, begin) + 1
    column = begin - (text.rfind("\n", 0, begin) + 1) + 1
    return Place(file, line, column, replace(finding, start=begin, end=end))
