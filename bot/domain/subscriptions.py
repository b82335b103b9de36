"""Subscriptions: which destination hears of which incidents, and how."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import JSON, Column
from sqlmodel import Field, SQLModel

from bot.domain.audiences import Audience
from bot.domain.columns import enum_column
from bot.domain.severity import Severity
from bot.ids import new_id


class Mode(StrEnum):
    """How a destination is told of an update after the first."""

    EVERY = "every"  # a message each
    CURRENT = "current"  # one message kept current
    THREAD = "thread"  # a headline kept current, updates as replies


@dataclass(frozen=True)
class Settings:
    """What a destination gets."""

    audience: Audience
    components: tuple[str, ...]  # none: all
    minimum: Severity
    mode: Mode
    language: str


class Subscription(SQLModel, table=True):
    """One per destination; subscribing again replaces its settings."""

    id: str = Field(default_factory=lambda: new_id("sub"), primary_key=True)
    destination: str = Field(unique=True)  # "local:#status", "webhook:crm"; a chat channel by its id: "slack:C0123"
    name: str = ""  # of a chat channel, as it was when subscribed
    components: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))  # none: all
    minimum_severity: Severity = Field(default=Severity.SEV4, sa_column=enum_column(Severity))
    audience: Audience = Field(default=Audience.CUSTOMERS, sa_column=enum_column(Audience))
    language: str = "en"
    mode: Mode = Field(default=Mode.EVERY, sa_column=enum_column(Mode))
    active: bool = True
    changed_at: datetime
    changed_by: str | None = Field(default=None, foreign_key="person.id")  # none: the configuration

    @property
    def settings(self) -> Settings:
        """As they stand."""
        return Settings(self.audience, tuple(self.components), self.minimum_severity, self.mode, self.language)

    @settings.setter
    def settings(self, wanted: Settings) -> None:
        self.audience, self.components = wanted.audience, list(wanted.components)
        self.minimum_severity, self.mode, self.language = wanted.minimum, wanted.mode, wanted.language

    def wants(self, components: Collection[str], severity: Severity) -> bool:
        """Whether an incident with these components (none: nobody named any, so everybody is told) matches."""
        if not severity.at_least(self.minimum_severity):
            return False
        return not self.components or not components or bool(set(self.components) & set(components))
