"""Components and their impact."""

from collections.abc import Iterable
from enum import StrEnum
from functools import cached_property


class Impact(StrEnum):
    """The impact on a component, in rising order except maintenance."""

    OPERATIONAL = "operational"
    MAINTENANCE = "under maintenance"
    DEGRADED = "degraded performance"
    PARTIAL = "partial outage"
    MAJOR = "major outage"

    @cached_property
    def label(self) -> str:
        """How people read it."""
        return self.value.capitalize()

    @cached_property
    def rank(self) -> int:
        """0 (operational) to 4 (major outage)."""
        return tuple(Impact).index(self)

    @cached_property
    def word(self) -> str:
        """How people type it: `api=partial`."""
        return _WORDS[self]


_WORDS = {
    Impact.OPERATIONAL: "operational",
    Impact.MAINTENANCE: "maintenance",
    Impact.DEGRADED: "degraded",
    Impact.PARTIAL: "partial",
    Impact.MAJOR: "major",
}


def worst(impacts: Iterable[Impact]) -> Impact:
    """The worst of them; operational if there are none."""
    return max(impacts, key=lambda impact: impact.rank, default=Impact.OPERATIONAL)
