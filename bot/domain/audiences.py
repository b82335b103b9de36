"""Audiences: who reads a text, and how long it may be."""

from enum import StrEnum
from functools import cached_property


class Audience(StrEnum):
    """Each update has one text per audience. `customers` is what the status page shows."""

    CUSTOMERS = "customers"
    DEVELOPERS = "developers"
    ENTERPRISE = "enterprise"
    SUPPORT = "support"
    SOCIAL = "social"
    INTERNAL = "internal"

    @cached_property
    def limit(self) -> int:
        """Maximum characters while the incident is open; social includes its link."""
        if self is Audience.SOCIAL:
            return 280
        return 600 if self in (Audience.CUSTOMERS, Audience.DEVELOPERS) else 900  # the customers' text and more


ALWAYS = (Audience.CUSTOMERS, Audience.SUPPORT, Audience.INTERNAL)
TITLE_LIMIT = 80  # what a phone shows; longer ones are a warning, see the lint
