"""The moment a text speaks of: the facts that were typed, and what the record knows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot.domain.components import Impact
from bot.domain.facts import Facts, Kind
from bot.domain.lifecycle import Stage
from bot.domain.severity import Severity

KINDS = (
    "investigating", "identified", "fix_implemented", "monitoring", "resolved", "no_change", "correction",
    "false_alarm", "maintenance",
)  # fmt: skip
"""The customers' templates, by name."""
FAILING = (Stage.DECLARED, Stage.INVESTIGATING, Stage.IDENTIFIED, Stage.FIX_IMPLEMENTED)


@dataclass(frozen=True)
class Moment:
    """All that a text may speak of, besides the organization. `told` and `worst` are what was published before."""

    kind: Kind
    stage: Stage
    now: datetime
    facts: Facts
    impacts: Mapping[str, Impact]  # component -> impact in this publication, in the configuration's order
    told: Mapping[str, Impact] = field(default_factory=dict)  # as last published
    worst: Mapping[str, Impact] = field(default_factory=dict)  # the worst published before this
    stage_before: Stage | None = None  # as last published
    titles: Mapping[str, str] = field(default_factory=dict)  # language -> as last published; none: a new one
    first_at: datetime | None = None  # first publication
    last_at: datetime | None = None  # last publication that was not "no change"
    last: Facts = field(default_factory=Facts)  # what that one said, corrections applied
    began: datetime | None = None  # start of the failure that the closing text speaks of
    recovered_at: datetime | None = None  # when a recovery that somebody confirmed was published
    confirmed: bool = False  # somebody confirmed that what becomes operational works
    closed_at: datetime | None = None  # of a reopening
    corrected_at: datetime | None = None  # of a correction: when the wrong words were published
    severity: Severity = Severity.SEV1
    severity_before: Severity | None = None
    promise_at: datetime | None = None  # about when the next update will be promised
    link: str = ""  # the incident's public page


def kind_of(moment: Moment) -> str:
    """The name of the customers' template: one of KINDS."""
    match moment.kind:
        case Kind.CORRECTION:
            return "correction"
        case Kind.CANCELLATION:
            return "false_alarm"
    if set(ever_failed(moment).values()) == {Impact.MAINTENANCE}:
        return "maintenance"
    if moment.kind is Kind.NO_CHANGE:
        return "no_change"
    return "investigating" if moment.stage is Stage.DECLARED else moment.stage.template


def closes(moment: Moment) -> bool:
    """Whether nothing is promised after it."""
    resolves = moment.stage is Stage.RESOLVED and moment.kind is not Kind.CORRECTION
    return resolves or moment.kind is Kind.CANCELLATION


def failing_in(impacts: Mapping[str, Impact]) -> dict[str, Impact]:
    """The components that are not operational."""
    return {key: impact for key, impact in impacts.items() if impact is not Impact.OPERATIONAL}


def ever_failed(moment: Moment) -> dict[str, Impact]:
    """The worst of each component so far; maintenance only where there is nothing else."""
    at_worst: dict[str, Impact] = {
        key: worse(moment.worst.get(key, impact), impact) for key, impact in moment.impacts.items()
    }
    real: dict[str, Impact] = {key: one for key, one in failing_in(at_worst).items() if one is not Impact.MAINTENANCE}
    return real or failing_in(at_worst)


def worse(one: Impact, other: Impact) -> Impact:
    """The worse of two."""
    return max(one, other, key=lambda impact: impact.rank)


def has_grown(moment: Moment) -> bool:
    """Whether a component fails that did not before, or fails worse than it ever did: the title is made anew."""
    return any(
        impact.rank > moment.worst.get(key, Impact.OPERATIONAL).rank
        for key, impact in failing_in(moment.impacts).items()
    )
