"""The draft review: the text above the button is what is published."""

from dataclasses import dataclass
from datetime import datetime

from bot.domain.audiences import Audience
from bot.domain.lifecycle import Stage
from bot.domain.lint.findings import Finding
from bot.views.answers import Button
from bot.views.incidents import ImpactLine
from bot.views.phrases import Sentence


@dataclass(frozen=True)
class DraftText:
    """What one audience would read, slots as they would be now."""

    audience: Audience
    language: str
    title: str
    body: str
    edited_by_hand: bool
    facts_changed_since: bool
    findings: tuple[Finding, ...]
    old_words: str = ""  # of a corrected text: the words as published, to compare
    by_hand: bool = False  # of a corrected text: edit it by hand


@dataclass(frozen=True)
class DraftReview:
    """One open draft."""

    incident: str
    revision: int
    kind: str
    stage_from: Stage
    stage_to: Stage
    title: str
    texts: tuple[DraftText, ...]
    corrected: tuple[DraftText, ...]  # of a correction: the published texts as they will read
    author: str
    revised_by: str
    revised_at: datetime
    promise_at: datetime | None
    destinations: int
    verdict: Sentence
    notes: tuple[Sentence, ...]
    buttons: tuple[Button, ...]
    private: bool = False
    impacts: tuple[ImpactLine, ...] = ()  # `value` as it will be published, `published` as customers read it now
