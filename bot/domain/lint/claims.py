"""Claims not to make: guesses, early causes, blame, security words without their approver, our jargon."""

from collections.abc import Iterator

from bot.domain.lifecycle import Stage
from bot.domain.lint.findings import Weight
from bot.domain.lint.reading import Hit, Reading, Span, Text, either, whole_words
from bot.domain.lint.words import JARGON

_GUESS = either(
    r"\bwe (?:think|believe|suspect|assume|guess)\b",
    r"\b(?:probably|presumably|possibly|perhaps|maybe|supposedly|apparently)\b",
    r"\b(?:may|might|could)(?: have)? be(?:en)? (?:caused by|due to|related to|linked to|the (?:result|cause) of)\b",
    r"\b(?:appear|seem|look)s?(?: to be)? (?:due to|caused by|related to|linked to|like|the (?:result|cause) of)\b",
    r"\blikely (?:due to|caused by|related to|the (?:result|cause))\b",
)
_CAUSE = either(r"\b(?:due to|caused by|because of|as a result of|resulting from|triggered by|root cause)\b")
_CAUSE_SOUGHT = either(
    r"\b(?:investigat\w+|look(?:ing)? (?:for|into)|search\w*|determin\w+|unknown|understand\w*|find|analys\w+|not)\b",
    r"\b(?:publish|share)\b",
)
_PERSON = r"(?:engineer|employee|contractor|intern|technician|colleague|team member|staff member|teammate)"
_BLAME = either(
    r"\b(?:human|operator|user) error\b",
    r"\bfat[- ]finger\w*",
    r"\b(?:fault|mistake|error|oversight) (?:of|by|made by|on the part of) (?:an?|our|the|one of|some(?:body|one))\b",
    rf"\b(?:by )?(?:an?|our|the) (?:[a-z-]{{3,12}} )?{_PERSON}\b",
    rf"\b(?:by )?one of (?:our|the) {_PERSON}s\b",
    r"\bby (?:an?|our|one of our) (?:developer|administrator|admin|operator)s?\b",
    r"\bcontractors?\b",
)
_SECURITY = either(
    r"\b(?:breach(?:es|ed)?|hack(?:s|ed|ers?|ing)?|exploit(?:s|ed|ing)?|attack(?:s|ed|ers?)?|stolen|unauthori[sz]ed)\b",
    r"\b(?:vulnerabilit(?:y|ies)|vulnerable|ddos|denial[- ]of[- ]service|malware|ransomware)\b",
    r"\b(?:data loss|los(?:t|ing) (?:\w+ )?data|corrupt(?:s|ed|ion|ing)?|compromis(?:e|ed|es|ing))\b",
    r"\bsecurity (?:incident|issue|flaw|hole|problem)\b",
    r"(?<!memory )\bleak(?:s|ed|age|ing)?\b",
    r"\bdata (?:was|were|is|are|(?:has|have|had|may|might)(?: have)? been|may be) (?:\w+ ){0,2}"
    r"(?:lost|stolen|exposed|deleted|accessed|disclosed)\b",
)
_CLAUSE_START = either(r"[;:]", r"\b(?:but|however|although|though)\b")
_DENIED = either(r"\b(?:no|not|never|without|nor|neither|none|nothing)\b", r"n't\b")
_DENIED_AFTER = either(r"\W{0,3}(?:has|have|had|was|were|is|are|did|does)(?: not\b|n't\b)")
_UNSURE = either(r"\b(?:know|known|whether|rule|rul(?:ed|ing)|sure|certain|yet|only|if)\b")


def speculation(reading: Reading) -> Iterator[Hit]:
    """L20: a guess is read as a fact."""
    for text, found in reading.find(_GUESS):
        yield text.hit(
            found.span(), "“{words}” is a guess, and is read as a fact.", "Write “We are investigating the cause.”"
        )


def cause_too_early(reading: Reading) -> Iterator[Hit]:
    """L21: a cause at investigating, or one the record does not confirm."""
    if reading.subject.facts.cause and reading.subject.stage is not Stage.INVESTIGATING:
        return
    for text, found in reading.find(_CAUSE):
        start, end = text.sentence(found.start())
        if not _CAUSE_SOUGHT.search(text.plain, start, end):
            reason = "“{words}” names a cause that is not confirmed in the record."
            yield text.hit(
                found.span(), reason, "Say what users see; name the cause once it is confirmed.", Weight.WARNING
            )


def blame_person(reading: Reading) -> Iterator[Hit]:
    """L22: whoever it was, it was us."""
    for text, found in reading.find(_BLAME):
        reason = "“{words}” blames a person; to customers it was the company."
        yield text.hit(found.span(), reason, "Write “a change we made”, once that is confirmed.")


def security_word(reading: Reading) -> Iterator[Hit]:
    """L30: needs the security approver, unless the sentence denies it."""
    for text, found in reading.find(_SECURITY):
        if not _is_denied(text, found.span()):
            yield text.hit(
                found.span(),
                "“{words}” needs the security approver.",
                "Ask them to approve, or take the words out.",
                Weight.WARNING,
                approver="security",
            )


def jargon(reading: Reading) -> Iterator[Hit]:
    """L32: words of ours that readers do not use."""
    plain_words = {**JARGON, **{word.casefold(): plain for word, plain in reading.organisation.lint.jargon.items()}}
    for text, found in reading.find(whole_words(tuple(plain_words))):
        instead = plain_words.get(" ".join(found[0].casefold().split()), "")
        suggestion = f"Leave it out, or write “{instead}”." if instead else "Say what users see instead."
        yield text.hit(found.span(), "“{words}” is our word, not theirs.", suggestion, Weight.WARNING)


def _is_denied(text: Text, span: Span) -> bool:
    """“No data was lost, exposed or corrupted”, “data was not lost”; not “we cannot rule out a breach”."""
    start, end = text.sentence(span[0])
    start = max([start, *(cut.end() for cut in _CLAUSE_START.finditer(text.plain, start, span[0]))])
    if _UNSURE.search(text.plain, start, span[1]):
        return False
    return bool(_DENIED.search(text.plain, start, span[1]) or _DENIED_AFTER.match(text.plain, span[1], end))
