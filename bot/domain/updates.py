"""An update: one message about an incident, with a text per audience and language."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from itertools import chain

from sqlalchemy import JSON, Column
from sqlmodel import Field, Index, UniqueConstraint

from bot.domain.audiences import Audience
from bot.domain.columns import Model, Row, enum_column
from bot.domain.facts import Facts, UpdateKind
from bot.domain.lifecycle import Stage, Transition
from bot.domain.severity import Severity
from bot.ids import new_id


class UpdateState(StrEnum):
    """A published update is immutable."""

    DRAFT = "draft"
    PUBLISHED = "published"
    DISCARDED = "discarded"


class Update(Row, table=True):
    """`revision` counts all revisions of an incident's drafts. An approval is for one revision only."""

    __table_args__ = (Index("update_state", "state"),)

    id: str = Field(default_factory=lambda: new_id("upd"), primary_key=True)
    incident_id: str = Field(foreign_key="incident.id", index=True)
    number: int | None = None  # of the incident's published updates: `update:3`
    kind: UpdateKind = Field(sa_column=enum_column(UpdateKind))
    stage: Stage = Field(sa_column=enum_column(Stage))
    move: Transition = Field(sa_column=enum_column(Transition))
    state: UpdateState = Field(default=UpdateState.DRAFT, sa_column=enum_column(UpdateState))
    revision: int = 1
    facts: Facts = Field(default_factory=Facts, sa_column=Column(Model(Facts), nullable=False))
    impacts: dict[str, str] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    """Component key -> impact: in a draft, what it sets besides publishing; in a published update, what it said."""
    next_at: datetime | None = None  # a time that a person chose; otherwise the cadence decides at publication
    left_out: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))  # audiences
    corrects: str | None = Field(default=None, foreign_key="update.id")
    author_id: str = Field(foreign_key="person.id")
    drafted_at: datetime
    revised_by: str = Field(foreign_key="person.id")  # who made the current revision, in any way
    revised_at: datetime
    written_by: dict[str, list[str]] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    """Part of the current revision (its stage, a fact, a text edited by hand) -> IDs of everyone who wrote it."""
    published_at: datetime | None = None
    published_by: str | None = Field(default=None, foreign_key="person.id")
    severity: Severity | None = Field(default=None, sa_column=enum_column(Severity, nullable=True))  # when published
    promised_at: datetime | None = None  # "next update by", as published
    alone_because: str = ""  # the reason given for publishing alone

    @property
    def description(self) -> str:
        """`identified`, `back to identified`, `no change, still identified`, `correction`."""
        if self.kind is UpdateKind.STAGE:
            return f"back to {self.stage.value}" if self.move is Transition.BACK else self.stage.value
        return self.kind.value if self.kind is not UpdateKind.NO_CHANGE else f"no change, still {self.stage.value}"

    @property
    def authors(self) -> frozenset[str]:
        """The IDs of everyone whose words are in the current revision, from any account."""
        return frozenset(chain.from_iterable(self.written_by.values()))


class UpdateText(Row, table=True):
    """What one audience reads in one language. `body` contains slots until it is published."""

    __tablename__ = "update_text"
    __table_args__ = (UniqueConstraint("update_id", "audience", "language", "corrected"),)

    id: str = Field(default_factory=lambda: new_id("txt"), primary_key=True)
    update_id: str = Field(foreign_key="update.id", index=True)
    audience: Audience = Field(sa_column=enum_column(Audience))
    language: str
    title: str
    body: str
    corrected: bool = False  # in a correction: the corrected text, as opposed to the message about it
    edited_by_hand: bool = False
    facts_changed_since: bool = False  # edited by hand, and the facts have changed since
    by_hand: bool = False  # in a corrected text: the incorrect words do not occur, so someone has to edit it


class Approval(Row, table=True):
    """One person's approval of one revision."""

    id: str = Field(default_factory=lambda: new_id("apv"), primary_key=True)
    update_id: str = Field(foreign_key="update.id", index=True)
    revision: int
    person_id: str = Field(foreign_key="person.id")
    at: datetime
    expires_at: datetime
    findings_seen: int = 0


def text_of(texts: Sequence[UpdateText], audience: Audience, language: str) -> UpdateText | None:
    """The text in this language, or else in the first available one."""
    found: Mapping[str, UpdateText] = {text.language: text for text in texts if text.audience is audience}
    return found.get(language) or next(iter(found.values()), None)
