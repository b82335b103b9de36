"""Severity: how urgent an incident is for responders. Customers never see it."""

from enum import StrEnum
from functools import cached_property


class Severity(StrEnum):
    """SEV1 is the worst."""

    SEV1 = "SEV1"
    SEV2 = "SEV2"
    SEV3 = "SEV3"
    SEV4 = "SEV4"

    @cached_property
    def number(self) -> int:
        """1 (worst) to 4."""
        return int(self.value[-1])

    @property
    def meaning(self) -> str:
        """What it means, in a few words."""
        return _MEANINGS[self]

    def at_least(self, other: "Severity") -> bool:
        """Whether this is as bad as `other`, or worse."""
        return self.number <= other.number


_MEANINGS = {
    Severity.SEV1: "most users cannot work",
    Severity.SEV2: "an important part fails",
    Severity.SEV3: "some users notice",
    Severity.SEV4: "little or no effect",
}
