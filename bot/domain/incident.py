"""An incident: something that harms or may harm users."""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import StrEnum

from sqlmodel import Field, Index

from bot.domain.columns import Row, enum_column
from bot.domain.components import Impact
from bot.domain.lifecycle import Stage
from bot.domain.severity import Severity
from bot.ids import new_id


def number_of(key: str) -> int:
    """`INC-42` -> 42. For keys that Foghorn wrote; typed ones are read by the grammar."""
    return int(key.removeprefix("INC-"))


def highest_number(labels: Iterable[str]) -> int:
    """The highest number of an incident with which one of these texts begins; 0 if none does."""
    return max((int(found[1]) for label in labels if (found := re.match(r"INC-(\d{1,9})\b", label))), default=0)


class ClosedAs(StrEnum):
    """How an incident ended. Its stage is then resolved."""

    RESOLVED = "resolved"
    CANCELLED = "cancelled"
    MERGED = "merged"

    @property
    def label(self) -> str:
        """As it is written in a sentence."""
        return "canceled" if self is type(self).CANCELLED else self.value


class Incident(Row, table=True):
    """People see `INC-42`. The stage, and the published title and severity, change only by publishing."""

    __table_args__ = (
        Index("incident_closed", "closed_at", "number"),
        Index("incident_declared", "declared_by", "opened_at"),
    )

    id: str = Field(default_factory=lambda: new_id("inc"), primary_key=True)
    number: int = Field(unique=True)
    declared_title: str  # never published
    title: str = ""  # as last published
    stage: Stage = Field(default=Stage.DECLARED, sa_column=enum_column(Stage))
    severity: Severity = Field(sa_column=enum_column(Severity))
    published_severity: Severity | None = Field(default=None, sa_column=enum_column(Severity, nullable=True))
    private: bool = False
    opened_at: datetime = Field(index=True)
    declared_by: str = Field(foreign_key="person.id")
    first_published_at: datetime | None = Field(default=None, index=True)
    closed_at: datetime | None = None
    closed_as: ClosedAs | None = Field(default=None, sa_column=enum_column(ClosedAs, nullable=True))
    merged_into: str | None = Field(default=None, foreign_key="incident.id")
    nudges_on: bool = True
    entered_later: bool = False  # it was over when it was declared
    quiet: bool = False  # entered later, and its subscribers are not told

    @property
    def key(self) -> str:
        """`INC-42`."""
        return f"INC-{self.number}"

    @property
    def open(self) -> bool:
        """Whether it is open. A reopened incident is open again once that is published."""
        return self.closed_at is None


class ComponentImpact(Row, table=True):
    """The impact on one component: as set by responders, and as last published."""

    __tablename__ = "impact"

    incident_id: str = Field(foreign_key="incident.id", primary_key=True)
    component: str = Field(primary_key=True, index=True)
    value: Impact = Field(sa_column=enum_column(Impact))
    published: Impact | None = Field(default=None, sa_column=enum_column(Impact, nullable=True))
    set_at: datetime | None = None
    """When someone last set this value; None: a publication proposed it, and no one confirmed it."""


class Invited(Row, table=True):
    """People who may see a private incident and respond in any incident, besides those with a role in it."""

    incident_id: str = Field(foreign_key="incident.id", primary_key=True)
    person_id: str = Field(foreign_key="person.id", primary_key=True, index=True)
    came_in: bool = False  # joined the private room without an invitation: sees the incident but cannot respond


class Counter(Row, table=True):
    """The last number given out. Its row is locked by updating it."""

    name: str = Field(primary_key=True)
    value: int


def similar_titles(one: str, other: str, *, may_differ: int = 2) -> bool:
    """Whether two titles differ by at most two words, in any order and case."""
    first, second = (set(re.findall(r"\w+", title.casefold())) for title in (one, other))
    return bool(first & second) and len(first ^ second) <= may_differ


def probably_same(title: str, components: Sequence[str], other: str, other_components: Sequence[str]) -> bool:
    """Whether two declarations are probably one incident: a common component, or nearly the same title."""
    return bool(set(components) & set(other_components)) or similar_titles(title, other)
