"""Whether text and record agree on the stage and the components."""

import re
from collections.abc import Iterator, Sequence

from bot.domain.components import Impact
from bot.domain.facts import UpdateKind
from bot.domain.lifecycle import Stage
from bot.domain.lint.context import CheckedText, Hit, LintContext, either, missing
from bot.domain.lint.findings import Weight
from bot.domain.lint.patterns import Phrases

_IT = (
    r"(?:it|this|that|everything|all|(?:the|this|our|all|these|those) (?!partner|provider|supplier|vendor|upstream"
    r"|origin|underlying|first|second)(?:\w+ ){0,2}?(?:incidents?|issues?|problems?|outages?|disruptions?|failures?"
    r"|errors?|impact|matter|situation))"
)
_RESOLVED = Phrases(
    rf"\b{_IT} (?:is|are|was|were|has been|have been|has|have)(?: now| been| already| all| fully| completely|"
    rf" successfully)* resolved\b",
    rf"\b(?<!provider )(?<!provided )(?<!supplier )(?<!vendor )(?:we(?: have|'ve)?|has|have|which|that)(?: now|"
    rf" fully| successfully| already)* resolved (?:{_IT})\b(?! (?:for|in|affecting|with|that|on)\b)",
    r"(?:^|(?<=[.!?:\n] )|(?<=\n))resolved\b(?=\W|$)",
    r"\b(?:declar|mark|consider)\w* (?:it|this|the|this incident|the incident|the issue|this issue)(?: \w+)? (?:as"
    r" )?resolved\b",
)
_FIX_IS_OUT = Phrases(
    r"\b(?:fix|patch|solution|hotfix) (?:has|had|was|is)(?: now)?(?: been)? (?:now )?"
    r"(?:deployed|implemented|applied|released|rolled out|in place|live|out)\b(?! (?:of|in \d|out to|to (?:one|some"
    r"|most|a)))",
    r"\b(?:deployed|implemented|applied|released|rolled out) (?:a|the|our) (?:fix|patch|hotfix)\b(?! to (?:one|some"
    r"|most|a |part|the first))",
)
_STILL_INVESTIGATING = Phrases(
    r"(?:^|\bwe(?: are|'re)|\bteams? (?:is|are)|\bengineers are|\bare|\bis|\bstill|\bcontinu\w+|\bcurrently"
    r"|(?<=[.!?\n] ))\s?(?:still |currently |now |actively |continuing to |to )*"
    r"(?:investigating|looking into|investigate)\b(?! (?:what|why|how|ways|methods|further|opportunities|options"
    r"|improvements|(?:the|its|this) (?:root |underlying |exact )?(?:cause|reason|source)))",
)
_ALSO_PAST = either(
    r"\b(?:began|begun|started|while|when|after|before|upon|by|were|was|in|for|during|time|spent|stopped|continued"
    r"|paused)\b[^.!?\n]{0,30}$"
)
_FAILING = Phrases(
    r"\b(?:is|are|still) (?:\w+ )?(?:down|failing|unavailable|broken|not available)\b(?! to)",
    r"\b(?:is|are|still) (?:\w+ )?not (?:work|load|respond|answer)ing\b",
    r"\b(?:has|have) (?:been failing|not (?:worked|loaded|answered))\b",
    r"\b(?:major|partial|ongoing) outage\b",
)
_WORKS = Phrases(
    r"\b(?:work|run|operat|function|perform|load|answer|respond)(?:s|e|es|ed|ing)? (?:normally|again|as (?:usual"
    r"|expected|before|normal))\b",
    r"\b(?:back to normal|(?:return(?:s|ed|ing)?|back|restored) to (?:normal|service)|returned to (?:normal|service)"
    r"|(?:fully |completely )?(?:recovered|restored|operational)(?: again)?"
    r"|up and running|all (?:clear|green|systems go)|back (?:online|up|in service)|no longer (?:affected|impacted"
    r"|failing|down)|all services are (?:up|available|operational))\b",
)
_EVERYTHING = either(
    r"\b(?:everything|all (?:of )?(?:our )?(?<!other )(?:services?|systems?|components?|features|users|customers)"
    r"|all systems|the (?:service|site|platform|system)|our services?|(?:^|[.!?:;,] )services?|(?<!other )(?<!these"
    r" )it|they)(?: now)?(?: (?:is|are|has|have|been|was|were|fully|now|all|back|again))*\s?$"
)
_PARTLY = either(
    r"\b(?:partly|partially|some|most|many|few|half|gradual\w*|slowly|recovering|starting|begin\w*|part of|parts of"
    r"|a subset|more and more|in (?:europe|america|asia|brazil|japan)|\d+ ?%|except|other|majority)\b"
)
_CONDITION = either(
    r"\b(?:if|when|whenever|should|anything|whatever|whether|no longer|not|no|until|till|once|as soon as|after"
    r"|before|unless|to be|being|"
    r"would|will|can be|expect\w*|ensure|sure|confirm (?:that|whether)|working|towards?|hope\w*|yet|nor|wait\w*"
    r"|believe|almost|nearly|consider(?:ed)? when|that it|fully)\b|n't\b"
)
_NOT_YET = either(
    r"\b(?:until|once|when|whenever|if|after|before|unless|as soon as|not|never|should|will|would|can|may|might|must"
    r"|to|be|ensure|sure|whether|expect\w*|wait\w*|hope\w*|believe|confirm\w*|considered|yet|partially|partly|needs?"
    r"|nor|no)\b|n't\b|\bthought\b"
)
_MEASURE = re.compile(
    r"\b(?:rates?|latenc\w+|times?|levels?|traffic|queues?|volumes?|backlogs?)\b[^.!?\n,;]{0,30}$", re.IGNORECASE
)
_GOES_ON = re.compile(r" [A-Z][a-z]+")  # “API Requests” is not the component “API”
_MAINTAINED = Phrases(
    r"\b(?:maintenance|upgrade|migration)\b[^.!?\n]{0,40}\b(?:complete[d]?|finished|done|over|ended)\b"
)


def stage_text_conflict(context: LintContext) -> Iterator[Hit]:
    """L40: words of another stage. A correction may quote its incorrect ones."""
    stage = context.subject.stage
    if context.is_open:
        yield from _conflicts(context, _RESOLVED, "Write that it works again, and since when; close it with “resolve”.")
    elif context.subject.kind is UpdateKind.STAGE:
        yield from _conflicts(context, _STILL_INVESTIGATING, "Write what was found, or when you will say more.")
    if stage in (Stage.INVESTIGATING, Stage.IDENTIFIED):
        yield from _conflicts(
            context, _FIX_IS_OUT, "Move the stage to “fix implemented”, or say what is still being done."
        )


def status_conflict(context: LintContext) -> Iterator[Hit]:
    """L41: the page would contradict the text. A title names the incident until its end."""
    impacts = context.subject.impacts
    bad = [key for key, impact in impacts.items() if impact is not Impact.OPERATIONAL]
    if not context.is_open and bad:
        states = ", ".join(f"{part.name}: {impacts[part.key].value}" for part in context.organisation.named(bad))
        reason = f"The text closes the incident, but components are not operational ({states or ', '.join(bad)})."
        yield missing(reason, "Set them to operational in this update, or close the incident later.", Weight.BLOCKER)
    if context.is_open and impacts and not bad:
        for text, found in context.find(_FAILING):
            if text.in_title or _is_quoted(text, found.start(), context.subject.facts.wrong):
                continue
            if not _CONDITION.search(text.plain, text.sentence(found.start())[0], found.start()):
                reason = "“{words}” reports an outage, but the status page will show every component as operational."
                yield text.hit(found.span(), reason, "Set the component's impact, or change the text.")
    if context.is_open and bad:
        yield from _said_to_work(context, bad)


def _said_to_work(context: LintContext, bad: Sequence[str]) -> Iterator[Hit]:
    """Sentences that say that a failing component works, by name or in general."""
    parts = context.organisation.named(bad)
    failing = {name.casefold() for part in parts for name in part.spoken}
    shown = ", ".join(f"{part.name}: {context.subject.impacts[part.key].value}" for part in parts)
    reason = f"“{{words}}” does not match the status page ({shown or ', '.join(bad)})."
    instead = "Set it to operational, or name what works. Use “still:” for what still fails."
    for text, found in context.find(_WORKS):
        start, end = text.sentence(found.start())
        if text.in_title or _is_quoted(text, found.start(), context.subject.facts.wrong):
            continue
        if _CONDITION.search(text.plain, start, found.start()) or _PARTLY.search(text.plain, start, end):
            continue
        if _MEASURE.search(text.plain, start, found.start()):
            continue
        every = context.component_names.finditer(text.plain, start, end)
        names = [name[0].casefold() for name in every if not _GOES_ON.match(text.plain, name.end())]
        if _claims(context, text, start, found, set(names) & failing, bool(names)):
            weight = Weight.WARNING if _MAINTAINED.search(text.plain, 0, found.start()) else Weight.BLOCKER
            yield text.hit(found.span(), reason, instead, weight)


def _claims(
    context: LintContext, text: CheckedText, start: int, found: re.Match[str], failing: set[str], named: bool
) -> bool:
    """A failing component by name, or all of them if none is named. After a fix, working ones may still be slow."""
    if context.subject.stage is Stage.FIX_IMPLEMENTED and found[0].casefold().endswith("again"):
        return False
    whole = bool(_EVERYTHING.search(text.plain, start, found.start())) or found.start() == start
    return bool(failing) if named else whole or context.subject.stage is Stage.MONITORING


def _conflicts(context: LintContext, pattern: Phrases, suggestion: str) -> Iterator[Hit]:
    for text, found in context.find(pattern):
        start = text.sentence(found.start())[0]
        if _is_quoted(text, found.start(), context.subject.facts.wrong):
            continue
        if pattern is _STILL_INVESTIGATING:
            unreal = _ALSO_PAST.search(text.plain, start, found.start())
        else:
            unreal = _NOT_YET.search(text.plain, max(start, found.start() - 80), found.start()) or _NOT_YET.search(
                found[0]
            )
        if not unreal:
            reason = f"“{{words}}” does not fit stage “{context.subject.stage.value}”."
            yield text.hit(found.span(), reason, suggestion)


def _is_quoted(text: CheckedText, at: int, wrong: str) -> bool:
    """Whether it is in the incorrect words of a correction or in quotation marks: a button or a message."""
    quoted = text.plain.casefold().find(CheckedText(wrong).plain.casefold().rstrip(".")) if wrong.strip(". ") else -1
    if quoted >= 0 and quoted <= at < quoted + len(wrong):
        return True
    line = text.plain.rfind("\n", 0, at) + 1
    return text.plain.rfind("“", line, at) > text.plain.rfind("”", line, at)
