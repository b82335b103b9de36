"""Components and what their users feel."""

from collections.abc import Iterable
from enum import StrEnum


class Impact(StrEnum):
    """What users of a component feel, in rising order but for maintenance."""

    OPERATIONAL = "operational"
    MAINTENANCE = "under maintenance"
    DEGRADED = "degraded performance"
    PARTIAL = "partial outage"
    MAJOR = "major outage"

    @property
    def label(self) -> str:
        """As people read it."""
        return self.value.capitalize()

    @property
    def rank(self) -> int:
        """0 (operational) to 4 (major outage)."""
        return tuple(Impact).index(self)

    @property
    def word(self) -> str:
        """As people type it: `api=partial`."""
        return _WORDS[self]


_WORDS = {
    Impact.OPERATIONAL: "operational",
    Impact.MAINTENANCE: "maintenance",
    Impact.DEGRADED: "degraded",
    Impact.PARTIAL: "partial",
    Impact.MAJOR: "major",
}


def worst(impacts: Iterable[Impact]) -> Impact:
    """The worst of them; operational where there is none."""
    return max(impacts, key=lambda impact: impact.rank, default=Impact.OPERATIONAL)
