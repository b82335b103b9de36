"""Promises that no one should make: when it will be fixed, and news “soon”."""

import re
from collections.abc import Iterator
from itertools import islice

from bot.domain.lifecycle import Stage
from bot.domain.lint.context import READ, CheckedText, Hit, LintContext, either
from bot.domain.lint.findings import Weight
from bot.domain.lint.patterns import Phrases

_LOOKED_AT = 300  # maximum mentions of a time in one text
_REACH = 160
_ROUGHLY = (
    r"(?:(?:about|approximately|approx\.?|roughly|around|the next|the coming|the|another|at most|(?:no|not) (?:more"
    r"|longer) than|up to|less than|under|some|~|≈|c(?:irca|a\.?))\s*){0,2}"
)
_NUMBER = (
    r"(?:\d{1,4}(?:[.,]\d)?(?:\s?(?:-|to|or)\s?\d{1,4})?|an?|one|two|three|four|five|six|seven|eight|nine|ten|twelve"
    r"|fifteen|twenty|thirty|forty(?:-five)?|sixty|ninety|few|couple(?: of)?|several|half an|a few|a couple(?: of)?)"
)
_UNIT = r"(?:min(?:ute)?s?|hrs?|hours?|days?|h|m|seconds?|weeks?|moments?)\b"
_SPAN = rf"{_ROUGHLY}(?:{_NUMBER}(?: more| or so)?\s?{_UNIT}|hours?\b|hour\b|minutes\b|days\b)"
_CLOCK = (
    r"(?:~?\d{1,2}[:.]\d\d(?:\s?[ap]\.?m\.?)?|\d{1,2}\s?[ap]\.?m\b\.?|\d{1,2} o'clock|noon|midnight|midday|eod|cob"
    r"|\d{3,4} ?(?:hrs )?UTC)"
)
_DAY = (
    r"(?:(?:the )?(?:end of (?:the |this )?(?:day|business|week|month|hour|shift|morning|afternoon|evening|today"
    r"|play)|close of business)|tonight|today|tomorrow|this (?:morning|afternoon|evening|week|hour)"
    r"|(?:next )?(?:mon|tues|wednes|thurs|fri|satur|sun)day|lunch(?:time)?|dinner|morning|evening|next week|then)"
)
_SOON = (
    r"(?:(?:very |quite )?(?:soon|shortly|momentarily|imminently|presently)|any (?:minute|moment|second|time)(?:"
    r" now)?|asap|a\.s\.a\.p\.?"
    r"|as soon as possible|in no time|before long|in a (?:bit|moment|minute|while|jiffy|sec(?:ond)?)|right away"
    r"|immediately|quickly|overnight)"
)
_WHEN = re.compile(
    rf"(?<!\w)(?=[a-z0-9~])(?P<when>(?:in|within|inside|after|over|under|for)\s+{_SPAN}"
    rf"|(?:in|within|over|during)\s+(?:the|this)\s+(?:next\s+|coming\s+)?(?:few\s+|couple of\s+)?(?:hours?|minutes?"
    rf"|days?|half hour)\b"
    rf"|in {_ROUGHLY}(?:\d{{1,3}}|ten|fifteen|twenty|thirty)(?=\s*(?:[.;,!]|$))"
    rf"|(?:by|before|around|at|until|till|towards?|for|from|starting|~|circa)\s+{_ROUGHLY}(?:{_CLOCK}|{_DAY})(?!\w)"
    rf"|(?:by|before|until)\s+\d{{1,2}}(?=\s*(?:[.;,!]|$))"
    rf"|{_CLOCK}|{_DAY}\b|{_SOON}\b|{_SPAN})",
    re.IGNORECASE,
)
_REPAIRED = (
    r"(?:fix(?:ed|es|ing)?|re?solv(?:e[sd]?|ing)|resolution|restor(?:e[sd]?|ing|ation)|recover(?:y|s|ed|ing)?"
    r"|repair(?:s|ed|ing)?|mitigat(?:e[sd]?|ing|ion)"
    r"|remediat\w+|back|gone|over|normal(?:ly)?|operational|available|working|work|complet(?:e[sd]?|ing|ion|ely)"
    r"|online|stable|done|clear(?:s|ed|ing)?|drain(?:s|ed|ing)?|caught up|catch up"
    r"|good|up|finish(?:e[sd]|ing)?|solved|sorted|healed?|healthy|running|fine|reachable|as usual|rolled (?:out"
    r"|back)|deployed|live|usable"
    r"|accessible|ready|succeed|return(?:s|ed)?|subside[sd]?|disappear|improv\w+|sign in|log in|pay|able to)"
)
_NEWS = (
    r"(?:updat\w*|news|publish\w*|post|posted|posting|write|report(?:ing)?(?! (?:are|is|will|should))|watch\w*"
    r"|monitor\w*|share|provide|know more|information|review|communicat\w*|check back|follow up|analysis|review"
    r"|retry|try again|refresh|reload|wait)"
)
_GAP = rf"(?:(?!\b{_NEWS}\b)[^.!?\n]){{0,90}}?"
_FUTURE = (
    r"(?:expect(?:ed|s|ing)?|anticipat(?:e[sd]?|ing)|hop(?:e|es|ing)|hopefully|aim(?:s|ing)?|plan(?:s|ned|ning)?"
    r"|should|will|would|shall|going to|target(?:s|ed|ing)?|estimat(?:e[sd]?|ing)|forecast|project(?:ed)"
    r"|schedul(?:ed|ing)"
    r"|on track|intend|ought to|must|'ll|can|confident|promise|due|looking at|shooting for|to be)"
)
_PROMISED = re.compile(
    rf"(?:\b|(?<=\w)(?='ll)){_FUTURE}\b{_GAP}\b{_REPAIRED}\b{_GAP}$"
    rf"|\b{_REPAIRED}\b{_GAP}\b(?:(?:is|are|was|has been|now|currently) )?(?:expected|anticipated|estimated|targeted"
    rf"|planned|scheduled|due|forecast|projected|likely|promised)\b{_GAP}$",
    re.IGNORECASE,
)
_TAKES = re.compile(
    r"\b(?:will|should|may|might|could|would|'ll|going to|expected to|likely to|still|to)\s(?:only |probably |likely"
    r" |just )?(?:take|need|require|last)\s(?:us )?$"
    r"|\b(?:restor\w+|restart\w*|rebuild\w*|recover\w*|repair\w*|re-?index\w*|rolling back|rollback|rollout"
    r"|deploy\w*|migrat\w+|fix\w*|the (?:work|process|restore|import|backfill|sync)|this|that|it|which)(?:"
    r" (?!that\b)\w+){0,3}?\s(?:takes|needs|requires|lasts)\s$"
    r"|\b(?:give us|we need|we need about|we are|we're|still|remaining:?)\s(?:about |another )?$"
    r"|\b(?:eta|estimate|estimated|expected|remaining|time left)\b[ :]{0,2}"
    r"(?:is |of |at |in |was |another |time |about )?$",
    re.IGNORECASE,
)
_COMPLETES = re.compile(
    r"\b(?:rollout|roll-out|deployment|deploy|restore|restoration|recovery|restart|rebuild|migration|fix|patch"
    r"|backlog|failover|repair|hotfix|rollback|backfill|import|work|maintenance|service|services|everything"
    r"|re-?index\w*)"
    r"\s(?:\w+ )?(?:completes?|finish(?:es)?|ends?|is done|lands?|goes (?:out|live)|ships?|resumes?|returns?|clears?"
    r"|arrives?|comes?|drains?)\s(?:back )?(?:up )?$"
    r"|(?<!been )(?<!was )(?<!were )(?<!is )(?<!now )(?<!are )(?<!working on )(?<!towards )\b(?:fixed"
    r"|resolved|restored|repaired|back|fix|gone"
    r"|solved|done|recovered|patched|hotfix|patch|resolution|recovery|restoration)(?: expected| estimated| ready| up"
    r"| online| again| planned| likely)*:?\s$"
    r"|\b(?:normal (?:operations?|service)(?: resumes?)?|(?:is|are|be) back) $"
    r"|\bexpect(?:ing|s)? (?:(?!updat|news|next|another|more|further|post|report)\w+ ){1,4}$"
    r"|\b(?:targeting|aiming for|aim for|shooting for|looking at|target(?: is|:)|goal is|deadline(?: is|:)|expecting"
    r"|expect (?:it|this|that|recovery|a fix|resolution)(?: back)?|more like|hoping for)\s(?:a (?:fix|resolution"
    r"|recovery) )?$",
    re.IGNORECASE,
)
_FLAT = Phrases(
    r"\bETA\b(?! (?:\w+ )?(?:is )?(?:unknown|not))|\bETAs\b",
    r"\b(?:estimated|expected|anticipated|projected|target) (?:time (?:of|to|for)|resolution|recovery|fix|repair"
    r"|restoration|completion)\b(?! of (?:the )?(?:cause|investigation))",
    r"\b(?:time|eta) to (?:fix|repair|resolution|recovery|resolve|restore|recover|mitigate)\b",
    r"\b(?:fix(?:ed)?|resolve[d]?|restored?|back|up|repaired|recover\w*|sorted|online|done|solved) (?:again"
    r" )?(?:asap|a\.s\.a\.p\.?)(?!\w)",
    r"\b(?:almost|nearly) (?:done|there|fixed|resolved)\b|\bnot (?:much|very) long(?:er)?\b|\bwon't (?:take|be)"
    r" long\b|\bwill not (?:take|be) long\b|\bhalf an hour (?:away|more|left)\b|\b(?:minutes|hours) away\b",
)
_BARE = re.compile(
    r"about|approx|roughly|around|another|some|an?\b|one|two|\d|~|few|hours?\b|minutes\b|half|t|f(?!rom)|up to|less"
    r"|under|no",
    re.IGNORECASE,
)
_POINT = re.compile(rf"{_CLOCK}|{_DAY}|{_SOON}", re.IGNORECASE)
_MAINTENANCE = either(
    r"\b(?:scheduled|planned|undergoing) (?:\w+ ){0,2}maintenance\b", r"\bmaintenance (?:window|period)\b"
)
_NOT_NOW = re.compile(r"\b(?:not|never|cannot|no)\b|n't\b", re.IGNORECASE)
_OF_NEWS = re.compile(r"\b(?:updat\w*|news|report\w*|post|write|check|come|circle)\b[^.!?\n;,:]{0,30}$", re.IGNORECASE)
_DENIED = either(
    r"(?:\b(?:no|not|cannot|without|never|nor|unknown|if|when|once|until|unless|whether|please)|n't)\b[^.!?\n;:]{0,40}$"
)
_UNKNOWN_AFTER = either(
    r"^\W{0,3}(?:is|are|remains?|was)? ?(?:still |not |currently |yet )*(?:unknown|unclear|known|available|clear"
    r"|unchanged)\b"
)
_LONG_AGO = either(
    r"\b(?:was|were|has been|have been|had been|took|lasted|last (?:week|month|year|night)|yesterday"
    r"|ago)\b[^.!?\n]{0,60}$"
)
_VAGUE = Phrases(
    r"\b(?:updat(?:e|es|ing)|news|inform\w*|details|post|write|report(?:ing)? back|share|keep you|communicat\w+"
    r"|answers?|more|further|another|next)\b"
    r"(?:(?!\b(?:by|at) \d)[^.!?\n;]){0,50}\b(?:soon|shortly|momentarily|in due course|as (?:soon|and when)|when"
    r" (?:we|there|it|more|they)|once (?:we|there|it|more)|later(?: today| on)?"
    r"|asap|posted|to (?:follow|come)|will follow|becomes? available|as (?:they|it|we) (?:have|come|get|become|know"
    r"|learn|progress)\w*|in a (?:bit|while|moment)|regularly|periodically|as needed|as necessary|throughout the"
    r" day)\b",
    r"\bstay tuned\b|\bwatch this space\b|\b(?:keep|keeping) (?:you|everyone|everybody|all|customers|users|this page"
    r"|people|our users) (?:posted|updated|informed|in the loop|apprised|up to date|abreast)\b",
    r"\bbe back with\b|\bget back to (?:you|everyone)\b|\b(?:news|updates?|details) follows?\b|\bas (?:things|it|the"
    r" situation|work) (?:progress|develop|evolve|unfold)\w*|\b(?:check"
    r"|refresh|watch) (?:back|this page|here)\b(?! if)",
    r"\bmore (?:\w+ )?(?:coming|on the way|soon|shortly|to come|to follow|later|asap)\b|\b(?:updates?|details|news"
    r"|information) (?:to follow|will follow|to come|pending|coming)\b|\bbear with us\b|\bhang (?:on|in|tight)\b",
    r"\b(?:check|come|look) back (?:here )?(?:soon|later|again|shortly|in a|regularly|often|for)\b|\bstand by\b|\bas"
    r" soon as (?:we|there|it) (?:know|have|is|can|learn|hear)\b|\bwill (?:be )?(?:update[d]?|be in touch|follow up"
    r"|circle back|report back|let you know)(?= (?:soon|shortly|when|as|once|later|you|again|in)|[.;,!]|$)(?! (?:you"
    r" )?(?:again )?by)",
    r"\bonce we (?:know|have|learn) more\b|\bin due course\b",
)
_SET_TIME = either(r"\b(?:by|at|before|around|within|in the next|in) (?:[^.!?\n]{0,12} )?\d")


def eta_promise(context: LintContext) -> Iterator[Hit]:
    """L18: a time for the repair, which no one knows while the incident is open."""
    if not context.is_open:
        return
    if any(_MAINTENANCE.search(text.plain, 0, READ) for text in context.texts):
        return  # maintenance has a planned end, which may be given
    needed = getattr(context.organisation.approval, context.subject.severity.value)
    approved = context.subject.stage is Stage.IDENTIFIED and needed > 0
    weight = Weight.WARNING if approved else Weight.BLOCKER
    reason = "“{words}” promises a repair time. If you miss it, readers stop trusting your updates."
    for text, start, end in (*_dated(context), *_flatly(context)):
        yield text.hit((start, end), reason, "Promise only the next update.", weight)


def vague_update(context: LintContext) -> Iterator[Hit]:
    """L14: the next update has a time."""
    if not context.is_open:
        return
    for text, found in context.find(_VAGUE):
        start, end = text.sentence(found.start())
        if not text.in_title and not _SET_TIME.search(text.plain, start, end):
            reason = "“{words}” does not say when."
            yield text.hit(
                found.span(), reason, "Say when the next update is due, or leave the sentence out.", Weight.WARNING
            )


def _dated(context: LintContext) -> Iterator[tuple[CheckedText, int, int]]:
    """Every time before which a repair is promised, with the words of the promise."""
    done = {text.in_title: 0 for text in context.texts}
    for text, when in islice(context.find(_WHEN), _LOOKED_AT):
        at = when.start("when")
        start = max(text.sentence(at)[0], at - _REACH, done[text.in_title])
        found = _promise(text.plain[start:at], when["when"])
        if found and not _NOT_NOW.search(found[0]):
            begin = start + found.start()
            if not _is_taken_back(text, start, begin, when.end()):
                done[text.in_title] = when.end()
                yield text, begin, when.end()


def _promise(before: str, when: str) -> re.Match[str] | None:
    """The words before a time that make it a promise. A duration alone needs “will take” or similar."""
    found = _TAKES.search(before)
    if found or (_BARE.match(when) and not _POINT.match(when)):
        return found
    return _PROMISED.search(before) or _COMPLETES.search(before)


def _flatly(context: LintContext) -> Iterator[tuple[CheckedText, int, int]]:
    for text, found in context.find(_FLAT):
        if not _is_taken_back(text, text.sentence(found.start())[0], found.start(), found.end()):
            yield text, *found.span()


def _is_taken_back(text: CheckedText, start: int, at: int, end: int) -> bool:
    """Exclude “We do not have an ETA yet”, “it was fixed in 10 minutes”, and “next update in 30 minutes”."""
    behind = text.plain[end : end + 40]
    told_before = (_DENIED, _OF_NEWS, _LONG_AGO)
    return any(each.search(text.plain, start, at) for each in told_before) or bool(_UNKNOWN_AFTER.search(behind))
