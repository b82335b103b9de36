"""Whether a text says enough, says something new, fits, and is readable on every platform."""

import re
from collections.abc import Iterator
from difflib import SequenceMatcher

from bot.domain.audiences import TITLE_LIMIT, Audience
from bot.domain.facts import UpdateKind
from bot.domain.lint.context import READ, CheckedText, Hit, LintContext, either, missing, shortened
from bot.domain.lint.findings import Weight
from bot.domain.lint.patterns import Phrases
from bot.domain.lint.word_lists import STOCK
from bot.domain.severity import Severity

PLATFORM_LIMITS = (("Discord", 2000), ("Slack", 3000))  # content of a message; text of a section block
SIMILAR = 0.95
_COMPARED = 1000  # words; longer texts are refused elsewhere

_FRAME = either(r"next update\b", r"thank you for\b", r"it appears here first\b", r"https?://")
_WORD = re.compile(r"[^\W_]+")
_EFFECT = Phrases(
    r"\b(?:fail\w*|errors?|slow\w*|tim(?:e|es|ed|ing)?[- ]?outs?|unavailable|unreachable|inaccessible|down|delay\w*)\b",
    r"\b(?:missing|lost|interrupt\w*|degrad\w*|disrupt\w*|stuck|late|wrong|incorrect\w*|duplicate\w*|empty|blank)\b",
    r"\b(?:cannot|unable|crash\w*|broken|load\w*|works?|worked|answer\w*|maintenance|data)\b|n't\b",
    r"\b(?:available|availability|recovered|restored|operational|normally|outage|[45]\d\d|(?:sign|log)\w*[- ]?ins?)\b",
    r"\b(?:not|no longer) (?:\w+ ){0,2}(?:work|load|answer|respond|open|start|arriv|complet|connect|receiv|send)\w*",
)
_CLOCK_RANGE = re.compile(r"\d{1,2}:\d\d\D[^.!?]{0,80}?\d{1,2}:\d\d")
_LENGTH = Phrases(
    r"\b(?:\d+|an?|one|two|three|four|five|six|seven|eight|nine|ten|half an) (?:minute|hour|day)s?\b",
)
_DATA = Phrases(r"\bdata\b", r"\b(?:nothing|no [\w ]{1,40}) (?:was|were|has been|have been) lost\b")
_MARKUP = (
    re.compile(r"</?[a-zA-Z][a-zA-Z0-9-]{0,20}(?:\s[^<>]{0,300})?/?>|<!--|<https?:[^<>\s]{1,500}(?:[^<>\n]{0,200})?>"),
    re.compile(r"<[!]?(?:t:-?\d|date\^|a?:\w{2,32}:\d)[^<>\n]{0,100}>|&(?:[a-zA-Z]{2,8}|#\d{1,6});"),
    re.compile(r"`{1,3}[^`\n]{0,200}`{0,3}"),
    re.compile(r"\[[^\[\]\n]{1,200}\]\([^()\s]{1,500}\)"),
    re.compile(r"(?<![\w*/])\*{1,3}(?![\s*])[^*\n]{1,300}(?<!\s)\*{1,3}(?![\w*])"),
    re.compile(r"(?<![\w_/])_{1,3}(?![\s_])[^_\n]{1,300}(?<!\s)_{1,3}(?![\w_])"),
    re.compile(r"(?<![\w~])~{1,2}(?![\s~])[^~\n]{1,300}(?<!\s)~{1,2}(?![\w~])|\|\|[^|\n]{1,300}\|\|"),
    re.compile(r"^(?:#{1,6}|-#|>{1,3}) (?=\S)", re.MULTILINE),
    re.compile(r"(?<![\w:]):[a-z][a-z0-9_+-]{1,40}:(?![\w:])"),
)
_HIDDEN = re.compile(
    r"[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]+"
    r"|(?<![^\x00-\x7f])[\u200c\u200d]+|[\u200c\u200d]+(?![^\x00-\x7f])"  # between others, they join emoji
)


def bare_boilerplate(context: LintContext) -> Iterator[Hit]:
    """L24: the text consists of stock words only."""
    if context.is_open and _is_stock(context):
        yield missing(
            "The text is a stock sentence that tells readers nothing.",
            "Say what users see, in which service, and since when.",
            context.grave_weight,
        )


def bare_resolved(context: LintContext) -> Iterator[Hit]:
    """L25: the text says “This incident has been resolved.” and nothing else."""
    if context.closes and _is_stock(context):
        yield missing(
            "The text says only that it is over.",
            "Add when it started and ended, who was affected, and whether data was lost.",
        )


def no_impact(context: LintContext) -> Iterator[Hit]:
    """L26: the first text says neither what users see nor where. Later ones may build on it."""
    body = context.body.plain[:READ]
    if (
        context.is_english
        and context.subject.first
        and not _EFFECT.search(body)
        and not context.component_names.search(body)
    ):
        yield missing(
            "The text does not say what users see or which service is affected.",
            f"Start with, for example, “Pages do not load in {context.affected.split(', ')[0] or 'the app'}.”",
            Weight.WARNING,
        )


def resolved_no_window(context: LintContext) -> Iterator[Hit]:
    """L28: the text does not say when it started and ended, or how long it lasted."""
    body, facts = context.body.plain, context.subject.facts
    if context.closes and not _CLOCK_RANGE.search(body) and not _LENGTH.search(body):
        zone = context.organisation.zone
        known = f"from {zone.dated(facts.since)} to {zone.dated(facts.end)}" if facts.since and facts.end else ""
        instead = f"Add it: {known}." if known else "Add the start and end times with their zone."
        yield missing("The text does not say how long it lasted.", instead)


def data_loss_unstated(context: LintContext) -> Iterator[Hit]:
    """L29: the text does not say whether data was lost."""
    grave = context.subject.severity.at_least(Severity.SEV2)
    if context.closes and grave and not _DATA.search(context.body.plain):
        yield missing(
            "The text does not say whether data was lost.",
            "Add “No data was lost.” if that is confirmed. Otherwise, say what was lost, and for whom.",
        )


def too_long(context: LintContext) -> Iterator[Hit]:
    """L37: the text is longer than readers in trouble will read."""
    subject = context.subject
    length, limit = len(subject.body), subject.audience.limit
    if context.is_open and length > limit:
        link = ", its link counted" if subject.audience is Audience.SOCIAL else ""
        reason = f"The text has {length} characters{link}; the limit is {limit}."
        yield missing(reason, f"Shorten it by {length - limit}.")
    if (over := len(subject.title) - TITLE_LIMIT) > 0:
        span = (0, len(context.title.plain))
        reason = f"The title has {len(subject.title)} characters; customers see only {TITLE_LIMIT}."
        yield context.title.hit(span, reason, f"Shorten it by {over}.", Weight.WARNING)


def duplicate(context: LintContext) -> Iterator[Hit]:
    """L39: the text repeats the last one, apart from the promise. “No change” says so itself."""
    subject = context.subject
    if subject.kind is UpdateKind.NO_CHANGE or not subject.previous_body.strip():
        return
    if _is_similar(_news(context.body), _news(CheckedText(subject.previous_body))):
        yield missing("The text says the same as the previous update.", "Say what is new, or publish “no change”.")


def markup(context: LintContext) -> Iterator[Hit]:
    """L47: the same characters go to every platform, so they have to be plain."""
    for text in context.texts:
        for found in (match for pattern in _MARKUP for match in pattern.finditer(text.plain, 0, READ)):
            if not context.component_names.fullmatch(found[0]):
                reason = "“{words}” is markup, which some platforms show as it is."
                weight = Weight.WARNING if found[0].startswith("`") else Weight.BLOCKER  # readable everywhere
                yield text.hit(found.span(), reason, "Write plain text.", weight)
        for found in _HIDDEN.finditer(text.raw, 0, READ):
            code = f"U+{ord(found[0][0]):04X}"
            reason = f"There is an invisible character here ({code})."
            yield Hit(*found.span(), shortened(found[0]), reason, "Delete it.", Weight.BLOCKER, text.in_title)


def length_per_channel(context: LintContext) -> Iterator[Hit]:
    """L50: what the platforms refuse."""
    length = len(context.subject.body)
    over = [(platform, limit) for platform, limit in PLATFORM_LIMITS if length > limit]
    if over:
        takes = " and ".join(f"{platform} takes {limit}" for platform, limit in over)
        reason = f"The text has {length} characters; {takes}."
        if length > READ:
            reason = f"{reason} Only the first {READ:,} were checked for everything."
        yield missing(reason, f"Shorten it by {length - over[0][1]}.", Weight.BLOCKER)


def _said(text: CheckedText) -> Iterator[str]:
    """The sentences without the promise, the greeting, and the link."""
    sentences = (text.plain[start:end] for start, end in text.sentences)
    return (sentence for sentence in sentences if not _FRAME.match(sentence))


def _news(text: CheckedText) -> list[str]:
    return [word for sentence in _said(text) for word in sentence.split()][:_COMPARED]


def _is_stock(context: LintContext) -> bool:
    words = (word.casefold() for sentence in _said(context.body) for word in _WORD.findall(sentence))
    return all(word in STOCK for word in words)


def _is_similar(one: list[str], other: list[str]) -> bool:
    if one == other:
        return True
    matcher = SequenceMatcher(None, one, other)
    return matcher.real_quick_ratio() > SIMILAR and matcher.quick_ratio() > SIMILAR and matcher.ratio() > SIMILAR
