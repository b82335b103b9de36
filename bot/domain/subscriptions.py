"""Subscriptions: which destination receives which incidents, and how."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import JSON, Column
from sqlmodel import Field

from bot.domain.audiences import Audience
from bot.domain.columns import Row, tolerant_column
from bot.domain.destinations import Destination, destination_column
from bot.domain.severity import Severity
from bot.ids import new_id


class Mode(StrEnum):
    """How a destination receives updates after the first."""

    EVERY = "every"  # a message for each update
    CURRENT = "current"  # one message kept current
    THREAD = "thread"  # a headline kept current, with updates as replies


@dataclass(frozen=True)
class SubscriptionSettings:
    """What a destination receives."""

    audience: Audience
    components: tuple[str, ...]  # none: all
    minimum: Severity
    mode: Mode
    language: str


class Subscription(Row, table=True):
    """One per destination. Subscribing again replaces its settings.

    One with a value that no version knows gets every update for customers, and does not stop the others.
    """

    id: str = Field(default_factory=lambda: new_id("sub"), primary_key=True)
    destination: Destination = Field(sa_column=destination_column(unique=True))  # a chat channel by its ID
    name: str = ""  # name of a chat channel at the time of subscribing
    components: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))  # none: all
    minimum_severity: Severity = Field(default=Severity.SEV4, sa_column=tolerant_column(Severity, Severity.SEV4))
    audience: Audience = Field(default=Audience.CUSTOMERS, sa_column=tolerant_column(Audience, Audience.CUSTOMERS))
    language: str = "en"
    mode: Mode = Field(default=Mode.EVERY, sa_column=tolerant_column(Mode, Mode.EVERY))
    active: bool = True
    changed_at: datetime
    changed_by: str | None = Field(default=None, foreign_key="person.id")  # None: the configuration

    @property
    def settings(self) -> SubscriptionSettings:
        """The current settings."""
        return SubscriptionSettings(
            self.audience, tuple(self.components), self.minimum_severity, self.mode, self.language
        )

    @settings.setter
    def settings(self, wanted: SubscriptionSettings) -> None:
        self.audience, self.components = wanted.audience, list(wanted.components)
        self.minimum_severity, self.mode, self.language = wanted.minimum, wanted.mode, wanted.language

    def wants(self, components: Collection[str], severity: Severity) -> bool:
        """Whether an incident with these components matches. Without components, everyone is told."""
        if not severity.at_least(self.minimum_severity):
            return False
        return not self.components or not components or bool(set(self.components) & set(components))
