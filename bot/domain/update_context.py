"""The context of an update's texts: the typed facts, and what the record knows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from bot.domain.components import Impact
from bot.domain.facts import Facts, UpdateKind
from bot.domain.lifecycle import Stage
from bot.domain.severity import Severity

TEMPLATE_NAMES = (
    "investigating", "identified", "fix_implemented", "monitoring", "resolved", "no_change", "correction",
    "false_alarm", "maintenance",
)  # fmt: skip
"""The customers' templates, by name."""
FAILING = (Stage.DECLARED, Stage.INVESTIGATING, Stage.IDENTIFIED, Stage.FIX_IMPLEMENTED)


@dataclass(frozen=True)
class UpdateContext:
    """Everything that a text can use, besides the organization. `published` and `worst` are from earlier updates."""

    kind: UpdateKind
    stage: Stage
    now: datetime
    facts: Facts
    impacts: Mapping[str, Impact]  # component -> impact in this publication, in the configuration's order
    published: Mapping[str, Impact] = field(default_factory=dict)  # as last published
    worst: Mapping[str, Impact] = field(default_factory=dict)  # the worst impact published before this
    stage_before: Stage | None = None  # as last published
    titles: Mapping[str, str] = field(default_factory=dict)  # language -> last published title; none: a new one
    first_at: datetime | None = None  # first publication
    last_at: datetime | None = None  # last publication that was not "no change"
    last: Facts = field(default_factory=Facts)  # facts of that update, with corrections
    began: datetime | None = None  # start of the failure that the closing text describes
    recovered_at: datetime | None = None  # when a confirmed recovery was published
    confirmed: bool = False  # someone confirmed that what becomes operational works
    closed_at: datetime | None = None  # for a reopening
    corrected_at: datetime | None = None  # for a correction: when the incorrect words were published
    severity: Severity = Severity.SEV1
    severity_before: Severity | None = None
    promise_at: datetime | None = None  # when, approximately, the next update will be promised
    link: str = ""  # the incident's public page

    @cached_property
    def template_name(self) -> str:
        """The name of the customers' template: one of `TEMPLATE_NAMES`."""
        match self.kind:
            case UpdateKind.CORRECTION:
                return "correction"
            case UpdateKind.CANCELLATION:
                return "false_alarm"
        if set(self.ever_failed.values()) == {Impact.MAINTENANCE}:
            return "maintenance"
        if self.kind is UpdateKind.NO_CHANGE:
            return "no_change"
        return "investigating" if self.stage is Stage.DECLARED else self.stage.template

    @cached_property
    def closes(self) -> bool:
        """Whether it promises no further update."""
        resolves = self.stage is Stage.RESOLVED and self.kind is not UpdateKind.CORRECTION
        return resolves or self.kind is UpdateKind.CANCELLATION

    @cached_property
    def ever_failed(self) -> Mapping[str, Impact]:
        """The worst impact of each component so far; maintenance only if there was nothing worse."""
        at_worst = {key: worse(self.worst.get(key, impact), impact) for key, impact in self.impacts.items()}
        failed = failing_in(at_worst)
        return {key: one for key, one in failed.items() if one is not Impact.MAINTENANCE} or failed

    @property
    def has_grown(self) -> bool:
        """Whether a component fails that did not before, or fails worse than ever, so that the title is rewritten."""
        return any(
            impact.rank > self.worst.get(key, Impact.OPERATIONAL).rank
            for key, impact in failing_in(self.impacts).items()
        )


def failing_in(impacts: Mapping[str, Impact]) -> dict[str, Impact]:
    """The components that are not operational."""
    return {key: impact for key, impact in impacts.items() if impact is not Impact.OPERATIONAL}


def worse(one: Impact, other: Impact) -> Impact:
    """The worse of two."""
    return max(one, other, key=lambda impact: impact.rank)
