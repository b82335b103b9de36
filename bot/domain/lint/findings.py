"""A finding: what the lint says about one text."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from bot.domain.audiences import Audience
from bot.domain.components import Impact
from bot.domain.facts import Facts, UpdateKind
from bot.domain.lifecycle import Stage
from bot.domain.severity import Severity


class Weight(StrEnum):
    """Blockers stop publication. Only publishing alone overrides them, and not all of them."""

    BLOCKER = "blocker"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True)
class Finding:
    """What was found, where in the body or title, why it matters, and what to write instead."""

    rule: str  # "L18"
    weight: Weight
    audience: Audience
    words: str  # the words found; empty if something is missing
    reason: str  # one sentence
    suggestion: str  # one sentence
    start: int = 0  # characters of the body; start == end: nothing to mark
    end: int = 0
    in_title: bool = False
    approver: str = ""  # "security": this finding needs that approver and does not block
    fact: str = ""  # the key of the fact that contains the words: `sees`; empty: they were written in the text
    also: tuple[Audience, ...] = ()  # the other texts with the same words, once findings are `merged`

    @property
    def place(self) -> str:
        """Source and other texts of the words, in parentheses: ` (sees:, also in developers and support)`."""
        others = ", ".join(audience.value for audience in self.also)
        parts = [f"{self.fact}:" if self.fact else "", f"also in {others}" if others else ""]
        said = ", ".join(part for part in parts if part)
        return f" ({said})" if said else ""

    @property
    def same(self) -> tuple[object, ...]:
        """The key that two findings about the same words share: of a fact, anywhere; otherwise in the same place."""
        place = self.fact or self.in_title
        return self.rule, self.weight, self.words.casefold(), place, self.approver, self.reason.casefold()


@dataclass(frozen=True)
class Subject:
    """One text as it would be published, and what the rules need to know about it."""

    audience: Audience
    language: str
    title: str
    body: str  # slots filled
    stage: Stage
    kind: UpdateKind
    severity: Severity
    first: bool  # nothing has been published about this incident
    impacts: Mapping[str, Impact]  # component key -> impact as it will be published
    facts: Facts
    now: datetime
    promise_at: datetime | None  # None: this text closes the incident
    previous_body: str = ""  # the last published text of this audience and language
    original: str = ""  # if either was edited by hand: the text in the first language
    link: str = ""  # the incident's public page
    private: bool = False
    promise: str = ""  # the promise sentence of the language as it will be published; empty: only the time is compared


NEVER = frozenset({"L01", "L03", "L05", "L49"})
"""Not even publishing alone overrides these: secrets, addresses, mentions, and internal texts."""


LEAKS = NEVER | {"L02", "L08", "L11"}
"""No organization turns these off: in addition, internal hosts, traces, and names of customers."""


def merged(texts: Mapping[str, Sequence[Finding]]) -> dict[str, tuple[Finding, ...]]:
    """By text, in its order: what stands in several texts is left in the first, which names the others.

    Words of a fact that stand in the title and in the body are left in the body.
    """
    first: dict[tuple[object, ...], str] = {}
    others: dict[tuple[object, ...], list[Audience]] = {}
    for text, findings in texts.items():
        for finding in findings:
            if first.setdefault(finding.same, text) != text:
                others.setdefault(finding.same, []).append(finding.audience)
    left: dict[str, tuple[Finding, ...]] = {}
    for text, findings in texts.items():
        in_body = {finding.same for finding in findings if finding.fact and not finding.in_title}
        left[text] = tuple(
            replace(finding, also=tuple(dict.fromkeys(others.get(finding.same, ()))))
            for finding in findings
            if first[finding.same] == text and not (finding.in_title and finding.same in in_body)
        )
    return left


def alone_covers(finding: Finding, stage: Stage) -> bool:
    """Whether publishing alone overrides a blocker; never in a closing text if the page will still show a failure."""
    return finding.rule not in NEVER and not (finding.rule == "L41" and stage is Stage.RESOLVED)
