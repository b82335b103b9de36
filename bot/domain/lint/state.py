"""Whether words and record agree: stage and components."""

import re
from collections.abc import Iterator, Sequence

from bot.domain.components import Impact
from bot.domain.facts import Kind
from bot.domain.lifecycle import Stage
from bot.domain.lint.findings import Weight
from bot.domain.lint.reading import Hit, Reading, Text, either, missing

_RESOLVED = either(r"\bresolved\b")
_FIX_IS_OUT = either(
    r"\b(?:fix|patch|solution) (?:has|had|was|is)(?: now)?(?: been)? (?:now )?"
    r"(?:deployed|implemented|applied|released|rolled out|in place)",
    r"\b(?:deployed|implemented|applied|released|rolled out) (?:a|the|our) (?:fix|patch)\b",
)
_STILL_INVESTIGATING = either(
    r"\b(?:investigating|looking into)\b(?! (?:what|why|how|ways|methods|the (?:root |underlying )?cause))",
)
_FAILING = either(
    r"\b(?:is|are|still) (?:\w+ )?(?:down|failing|unavailable|broken|not available)\b",
    r"\b(?:is|are|still) (?:\w+ )?not (?:work|load|respond|answer)ing\b",
    r"\b(?:has|have) (?:been failing|not (?:worked|loaded|answered))\b",
    r"\b(?:major|partial|ongoing) outage\b",
)
_WORKS = either(
    r"\b(?:work|run)(?:s|ed|ing)? (?:normally|again|as (?:usual|expected|before))\b",
    r"\b(?:back to normal|(?:fully )?(?:recovered|restored|operational)(?: again)?)\b",
)
_CONDITION = either(r"\b(?:if|when|should|anything|whatever|whether|no longer|not|no)\b")


def stage_text_conflict(reading: Reading) -> Iterator[Hit]:
    """L40: words of another stage; a correction may quote its wrong ones."""
    stage = reading.subject.stage
    if reading.is_open:
        yield from _conflicts(reading, _RESOLVED, "Write that it works again, and since when; close it with “resolve”.")
    elif reading.subject.kind is Kind.STAGE:
        yield from _conflicts(reading, _STILL_INVESTIGATING, "Write what was found, or when you will say more.")
    if stage in (Stage.INVESTIGATING, Stage.IDENTIFIED):
        yield from _conflicts(
            reading, _FIX_IS_OUT, "Move the stage to “fix implemented”, or say what is still being done."
        )


def status_conflict(reading: Reading) -> Iterator[Hit]:
    """L41: the page would say one thing and the text another; a title names the incident to its end."""
    impacts = reading.subject.impacts
    bad = [key for key, impact in impacts.items() if impact is not Impact.OPERATIONAL]
    if not reading.is_open and bad:
        states = ", ".join(f"{part.name}: {impacts[part.key].value}" for part in reading.organisation.named(bad))
        reason = f"The text closes the incident, and components are not operational ({states or ', '.join(bad)})."
        yield missing(reason, "Set them operational in this update, or wait with closing.", Weight.BLOCKER)
    if reading.is_open and impacts and not bad:
        for text, found in reading.find(_FAILING):
            if not text.in_title and not _CONDITION.search(text.plain, text.sentence(found.start())[0], found.start()):
                reason = "“{words}” tells of an outage, and the page shows every component operational."
                yield text.hit(found.span(), reason, "Set the impact of the component, or change the words.")
    if reading.subject.stage is Stage.MONITORING and reading.subject.kind is not Kind.CORRECTION and bad:
        yield from _said_to_work(reading, bad)


def _said_to_work(reading: Reading, bad: Sequence[str]) -> Iterator[Hit]:
    """Sentences that say that a failing component works, by name or by naming none."""
    parts = reading.organisation.named(bad)
    failing = {part.name.casefold() for part in parts}
    shown = ", ".join(f"{part.name}: {reading.subject.impacts[part.key].value}" for part in parts)
    for text, found in reading.find(_WORKS):
        start, end = text.sentence(found.start())
        named = {name[0].casefold() for name in reading.component_names.finditer(text.plain, start, end)}
        if (not named or named & failing) and not _CONDITION.search(text.plain, start, found.start()):
            reason = f"“{{words}}” is not what the page will show ({shown or ', '.join(bad)})."
            yield text.hit(found.span(), reason, "Set it operational, name what works, or say it with “still:”.")


def _conflicts(reading: Reading, pattern: re.Pattern[str], suggestion: str) -> Iterator[Hit]:
    for text, found in reading.find(pattern):
        if not _is_quoted(text, found.start(), reading.subject.facts.wrong):
            yield text.hit(
                found.span(), f"“{{words}}” does not fit the stage “{reading.subject.stage.value}”.", suggestion
            )


def _is_quoted(text: Text, at: int, wrong: str) -> bool:
    quoted = text.plain.casefold().find(wrong.casefold().rstrip(".")) if wrong.strip(". ") else -1
    return quoted >= 0 and quoted <= at < quoted + len(wrong)
