"""What is delivered. Customers' words are literal; around them only our own markup."""

from dataclasses import dataclass
from datetime import datetime

from bot.domain.audiences import Audience
from bot.domain.components import Impact
from bot.domain.lifecycle import Stage
from bot.views.phrases import Sentence


@dataclass(frozen=True)
class ImpactShown:
    """One component as published."""

    component: str
    impact: Impact


@dataclass(frozen=True)
class CorrectedMark:
    """When a text was corrected, and the words it had before."""

    at: datetime
    old_words: str


@dataclass(frozen=True)
class PublishedUpdate:
    """One published text; as a headline it is the message kept current."""

    title: str
    stage: Stage
    body: str
    audience: Audience
    language: str
    impacts: tuple[ImpactShown, ...]
    published_at: datetime
    promised_at: datetime | None
    link: str
    headline: bool = False
    announced: bool = False  # the first, a change of severity, or the end: worth crossposting
    moved: bool = False  # it moved the stage: worth a ring where updates come as replies
    corrected: CorrectedMark | None = None


@dataclass(frozen=True)
class Correction:
    """The short message about a corrected update."""

    title: str
    body: str
    audience: Audience
    language: str
    published_at: datetime
    link: str


@dataclass(frozen=True)
class RoomLine:
    """One line for responders."""

    incident: str
    sentence: Sentence
