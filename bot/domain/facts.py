"""What an update says, asked once for all audiences, and the moment it speaks of."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from bot.domain.components import Impact
from bot.domain.lifecycle import Move, Stage
from bot.domain.severity import Severity


class Facts(BaseModel):
    """Customers' words and times, as a person typed them. Empty means unknown; texts then take another wording."""

    model_config = ConfigDict(frozen=True)

    title: str = ""  # customers' title; empty: the last published one, or one made of components and impact
    news: str = ""  # what is new, whole sentences
    symptom: str = ""  # what users see: "pages load without end and requests return errors"
    scope: str = ""  # "worldwide", "for some enterprise workspaces", "for about half of API requests"
    since: datetime | None = None
    unaffected: tuple[str, ...] = ()  # component keys that somebody has confirmed to work
    works: str = ""  # a sentence: "Signing in works."
    workaround: str = ""  # one imperative sentence
    action: str = ""  # what customers must do, one imperative sentence
    cause: str = ""  # one plain clause, only if confirmed
    fixed_at: datetime | None = None  # the fix is in place since; unknown: the time of publication
    watch: str = ""  # "errors and loading times"
    watch_for: str = ""  # "an hour"
    ended_at: datetime | None = None  # the failure ended
    data: str = ""  # "No data was lost."
    harm: str = ""  # "We are sorry that you could not ...": "work with our services"
    review_by: date | None = None
    wrong: str = ""  # of a correction: the wrong words, as they stand in the text
    right: str = ""  # the right ones, as they shall stand there: "Some sign-ins fail too."
    avoid: str = ""  # what not to do because of it, a sentence


STICKY = ("symptom", "scope", "since", "unaffected", "works", "workaround", "cause", "fixed_at", "watch", "watch_for")
"""The facts that the next draft of an incident starts from."""


class Kind(StrEnum):
    """What an update is."""

    STAGE = "stage"  # the text of its stage
    NO_CHANGE = "no change"
    CORRECTION = "correction"
    CANCELLATION = "cancellation"  # reported in error


@dataclass(frozen=True)
class Moment:
    """All that a text may speak of, besides the organisation: what is known when it is rendered."""

    incident: str  # INC-42
    kind: Kind
    stage: Stage
    move: Move
    grown: bool  # components added or severity raised since the last publication
    severity: Severity
    previous_severity: Severity | None  # as last published
    impacts: Mapping[str, Impact]  # component key -> impact now set by responders, in the configuration's order
    facts: Facts
    opened_at: datetime
    now: datetime
    link: str  # the incident's public page
    title: str = ""  # the last published title
    first_published_at: datetime | None = None
    last_news_at: datetime | None = None  # last published update that was not "no change"
    corrected_at: datetime | None = None  # of a correction: when the wrong words were published
    closed_at: datetime | None = None  # of a reopening: when it was closed
    told: bool = False  # subscribers have been told anything at all


NEXT_UPDATE = "[next update]"
"""Slot: the promise sentence, written by Foghorn when the text is published."""
TIME = "[time]"
"""Slot: the clock time of publication."""
