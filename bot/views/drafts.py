"""The draft review, and requests for its approval. The text they show is exactly the text that is published."""

from dataclasses import dataclass
from datetime import datetime

from bot.domain.audiences import Audience
from bot.domain.lifecycle import Stage
from bot.domain.lint.findings import Finding
from bot.domain.severity import Severity
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
    words: str = ""  # what a person edits, without what Foghorn adds; empty if it cannot be edited by hand


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


@dataclass(frozen=True)
class ApprovalRequest:
    """Asks one person to approve a draft. Once it is decided, only the sentence is left, and there are no buttons."""

    incident: str
    severity: Severity
    title: str
    sentence: Sentence  # who asks for what, or how it ended
    stage_from: Stage | None = None
    stage_to: Stage | None = None
    impacts: tuple[ImpactLine, ...] = ()
    headline: str = ""  # the customers' text: its title and body
    body: str = ""
    findings: int = 0
    other_texts: int = 0
    buttons: tuple[Button, ...] = ()
    link: str = ""  # the draft in the console
    obsolete: bool = False  # a reminder replaced it, so its message is deleted where the platform allows that
