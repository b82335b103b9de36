"""`foghorn lint`: the lint over texts that belong to no incident, such as posts and a company's own templates."""

import json
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bot.clock import utc_now
from bot.domain.audiences import Audience
from bot.domain.facts import NEXT_UPDATE, Facts, UpdateKind
from bot.domain.lifecycle import Stage
from bot.domain.lint import Finding, Subject, Weight, lint
from bot.domain.organisation import Organisation
from bot.domain.severity import Severity

NEED_INCIDENT = frozenset(("L12", "L13", "L21", "L24", "L26", "L29", "L39", "L41"))
"""These compare a text with its incident, severity, or record, so they are not applied here."""
_HEAD = re.compile(rf"^\[({'|'.join(Audience)})\]$\n?", re.MULTILINE)
NEED_STAGE = frozenset(("L25", "L28", "L40"))
"""These need to know the stage."""


@dataclass(frozen=True)
class FileFinding:
    """A finding and where it stands; lines and columns count from 1."""

    file: str  # `-` is standard input
    line: int
    column: int
    finding: Finding


@dataclass(frozen=True)
class LintOptions:
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


def run(files: Sequence[Path], options: LintOptions, *, as_json: bool) -> int:
    """Print the findings for the files, or for standard input.

    The exit code is 1 with a blocker and 2 on wrong usage.
    """
    if options.stage and stage_of(options.stage) is None:
        stages = ", ".join(each.value for each in Stage if each is not Stage.DECLARED)
        print(f"“{options.stage}” is not a stage. Use one of: {stages}.", file=sys.stderr)
        return 2
    try:
        texts = {str(file): file.read_text(encoding="utf-8") for file in files} or {"-": sys.stdin.read()}
    except (OSError, UnicodeDecodeError) as problem:
        print(f"A file could not be read as UTF-8 text: {problem}.", file=sys.stderr)
        return 2
    findings = [found for file, text in texts.items() for found in check_text(file, text, options)]
    if as_json or findings:
        print(_as_json(findings) if as_json else _as_lines(findings))
    return int(any(found.finding.weight is Weight.BLOCKER for found in findings))


def check_text(file: str, text: str, options: LintOptions) -> list[FileFinding]:
    """The findings; without a stage, as in a text of an open incident.

    A line such as `[developers]`, as `templates render` prints it, starts a text for that audience.
    """
    heads = list(_HEAD.finditer(text))
    starts = [(0, 0, options.audience), *((head.start(), head.end(), Audience(head[1])) for head in heads)]
    ends = [*(head.start() for head in heads), len(text)]
    found: list[FileFinding] = []
    for (_, start, audience), end in zip(starts, ends, strict=True):
        if text[start:end].strip():
            found += (_in_file(file, text, start, one) for one in _findings(text[start:end], audience, options))
    return found


def _findings(body: str, audience: Audience, options: LintOptions) -> list[Finding]:
    stage = stage_of(options.stage)
    subject = Subject(
        audience=audience, language=options.language, title="", body=body, stage=stage or Stage.INVESTIGATING,
        kind=UpdateKind.STAGE, severity=Severity.SEV3, first=False, impacts={}, facts=Facts(), now=utc_now(),
        promise_at=None, link=options.url,
    )  # fmt: skip
    silent = NEED_INCIDENT if stage else NEED_INCIDENT | NEED_STAGE
    found = (one for one in lint(subject, options.organisation) if one.rule not in silent)
    return [one for one in found if one.words != NEXT_UPDATE]


def _as_lines(findings: Sequence[FileFinding]) -> str:
    """One line for each finding: `post.md:3:14: blocker L02: “edge-prod-12” is an internal name.

    Name the component.`.
    """
    rows = (
        f"{one.file}:{one.line}:{one.column}: {one.finding.weight.value} {one.finding.rule}: "
        f"{one.finding.reason} {one.finding.suggestion}"
        for one in findings
    )
    return "\n".join(rows)


def _as_json(findings: Sequence[FileFinding]) -> str:
    """A list of objects; `start` and `end` count characters of the file."""
    rows = [
        {
            "file": one.file, "line": one.line, "column": one.column,
            "start": one.finding.start, "end": one.finding.end,
            "rule": one.finding.rule, "weight": one.finding.weight.value, "words": one.finding.words,
            "reason": one.finding.reason, "suggestion": one.finding.suggestion,
        }
        for one in findings
    ]  # fmt: skip
    return json.dumps(rows, ensure_ascii=False)


def _in_file(file: str, text: str, start: int, finding: Finding) -> FileFinding:
    """The position in a file; `start` is where the text begins in it."""
    begin, end = start + finding.start, start + finding.end
    line = text.count("\n", 0, begin) + 1
    column = begin - (text.rfind("\n", 0, begin) + 1) + 1
    return FileFinding(file, line, column, replace(finding, start=begin, end=end))
