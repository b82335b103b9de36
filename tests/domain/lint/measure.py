"""What the lint says of the cases and of texts that a company published; the folder beside the repository may miss."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from bot.domain.lifecycle import Stage
from bot.domain.lint import Finding, Subject, Weight, lint
from bot.domain.severity import Severity
from tests.domain.lint.cases import BLOCK, WARN, Case
from tests.domain.lint.subjects import organisation, subject
from tests.reference import ALL_FOUR, WELL, et

SHARED = Path(__file__).resolve().parents[4] / "shared"
CASES = SHARED / "lint-cases" / "cases.jsonl"
CORPUS = SHARED / "corpus" / "github-2022-2025.jsonl"
ELSEWHERE = frozenset(("L12", "L13", "L24", "L26", "L28", "L29", "L32", "L37"))
"""A case is a sentence, not a text: these miss what a text has besides."""
LISTS = organisation(customers=("Globex", "Initech"), allowed_hosts=("help.openai.example",))
STAGES = {
    "Investigating": Stage.INVESTIGATING,
    "Identified": Stage.IDENTIFIED,
    "Monitoring": Stage.MONITORING,
    "Resolved": Stage.RESOLVED,
}
UNKNOWN = "Update"  # the corpus does not tell which stage it was, so nothing can be said to contradict it


def text_of(body: str, stage: Stage) -> Subject:
    """For customers, SEV2, not the first; the page shows the failure until monitoring."""
    over = stage in (Stage.MONITORING, Stage.RESOLVED)
    promise_at = None if stage is Stage.RESOLVED else et("11:59")
    text = subject(body, stage=stage, title="Problems", impacts=WELL if over else ALL_FOUR, promise_at=promise_at)
    return replace(text, severity=Severity.SEV2)


def findings(body: str, stage: Stage) -> list[Finding]:
    """Those that count."""
    return [one for one in lint(text_of(body, stage), LISTS) if one.rule not in ELSEWHERE]


def is_as_expected(case: Case) -> bool:
    """Whether it is stopped, at least found, or not stopped."""
    found = findings(case.text, case.stage)
    blocked = any(one.weight is Weight.BLOCKER for one in found)
    return blocked if case.expected == BLOCK else bool(found) if case.expected == WARN else not blocked


def shared_cases() -> list[Case]:
    """The cases beside the repository."""
    rows = map(json.loads, CASES.read_text(encoding="utf-8").splitlines())
    return [Case(row["kind"], row["text"], Stage(row["stage"]), row["expected"]) for row in rows]


def published() -> Iterator[tuple[str, Stage | None]]:
    """Every text of the corpus with its stage; None where the corpus does not tell."""
    for line in CORPUS.read_text(encoding="utf-8").splitlines():
        for update in json.loads(line)["updates"]:
            yield update["message"], STAGES.get(update["status"])


def blocked_by(body: str, stage: Stage | None) -> set[str]:
    """The rules that stop a published text."""
    found = findings(body, stage or Stage.INVESTIGATING)
    rules = {one.rule for one in found if one.weight is Weight.BLOCKER}
    return rules - {"L40", "L41"} if stage is None else rules


def digest(rule: str, body: str) -> str:
    """A text's mark, by which a judgement is kept without the text."""
    return hashlib.sha256(f"{rule} {body}".encode()).hexdigest()[:10]


def rightly(rule: str, body: str) -> bool:
    """Whether somebody read this published text and found that the rule stops it with reason: see `rightly.txt`."""
    return digest(rule, body) in _RIGHTLY


_RIGHTLY = frozenset((Path(__file__).parent / "rightly.txt").read_text(encoding="utf-8").split())
