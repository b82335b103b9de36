"""The draft review. The text it shows is exactly the text that is published."""

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
    """The text for one audience in one language, with times as they would be if published now."""

    audience: Audience
    language: str
    title: str
    body: str
    edited_by_hand: bool
    facts_changed_since: bool
    findings: tuple[Finding, ...]
    old_words: str = ""  # in a correction: the text as published, for comparison
    by_hand: bool = False  # in a correction: the incorrect words are not in this text, so someone has to edit it


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
    corrected: tuple[DraftText, ...]  # in a correction: the published texts as they will read
    author: str
    revised_by: str
    revised_at: datetime
    promise_at: datetime | None
    destinations: int
    verdict: Sentence
    notes: tuple[Sentence, ...]
    buttons: tuple[Button, ...]
    private: bool = False
    impacts: tuple[ImpactLine, ...] = ()  # `value` is what will be published, `published` what customers see now
