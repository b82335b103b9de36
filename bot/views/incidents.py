"""The incident card, whose headline says what has to happen next, and when; and reminders of that."""

from dataclasses import dataclass
from datetime import datetime

from bot.domain.components import Impact
from bot.domain.lifecycle import Stage
from bot.domain.severity import Severity
from bot.views.answers import Button
from bot.views.phrases import Sentence


@dataclass(frozen=True)
class ImpactLine:
    """One component: the impact that responders set, and the published one (None: not published yet)."""

    component: str
    value: Impact
    published: Impact | None

    @property
    def unchanged(self) -> bool:
        """Whether this is what customers were told."""
        return self.value is self.published


@dataclass(frozen=True)
class RoleLine:
    """A role and who has it; `person` is empty if no one does."""

    role: str
    person: str


@dataclass(frozen=True)
class PromiseLine:
    """The open promise."""

    due_at: datetime
    internal: bool
    minutes_late: int  # 0: not overdue


@dataclass(frozen=True)
class IncidentCard:
    """One incident as responders see it."""

    incident: str
    title: str  # as published, or as declared
    severity: Severity
    stage: Stage
    headline: Sentence
    private: bool
    opened_at: datetime
    closed_at: datetime | None
    impacts: tuple[ImpactLine, ...]
    people: tuple[RoleLine, ...]
    promise: PromiseLine | None
    not_told: tuple[Sentence, ...]  # what changed since customers were last told
    buttons: tuple[Button, ...]
    draft: bool = False  # a draft is open
    entered_later: bool = False  # it was over when it was declared
    latest: tuple[Sentence, ...] = ()  # what happened last, newest first
    link: str = ""  # its page on the status page, once there is one


@dataclass(frozen=True)
class NudgeCard:
    """One reminder: active, snoozed, waiting for approval, or done."""

    incident: str
    title: str
    sentence: Sentence
    due_at: datetime
    ready: str  # the "no change" text that Publish sends; empty: nothing is ready
    buttons: tuple[Button, ...]
    nobody: bool = False  # no one has a role in the incident, so a group can be mentioned instead
    obsolete: bool = False  # its message is deleted, where the platform allows that
    blocks: Sentence | None = None  # why the open draft cannot be published yet
    rings: tuple[str, ...] = ()  # accounts to mention, on the platform it is sent to
