"""Typed facts that are too short to understand, or that contradict what the page will show."""

from collections.abc import Iterator

from bot.domain.audiences import Audience
from bot.domain.components import Impact
from bot.domain.facts import UpdateKind
from bot.domain.lifecycle import Stage
from bot.domain.lint.context import Hit, LintContext, either, missing
from bot.domain.lint.findings import Weight

_QUESTIONS = {
    "sees": "What is {word}? Say what users see, such as “{word} notifications, up to 40 minutes late”.",
    "workaround": "Say what readers should do, in a sentence.",
    "do": "Say what readers should do, in a sentence.",
    "cause": "Say what happened, such as “a configuration change”.",
}
_DOUBT = either(r"\b(?:still|some|gradually|elevated|partially|partly|mostly)\b")


def one_word(context: LintContext) -> Iterator[Hit]:
    """L60: a one-word value, which is read without its question. Reported once, for the customers' text."""
    subject = context.subject
    if subject.audience is not Audience.CUSTOMERS or subject.language != context.organisation.languages[0]:
        return
    for name, question in _QUESTIONS.items():
        word = str(getattr(subject.facts, name)).strip().rstrip(".")
        if word and len(word.split()) == 1 and word in context.body.plain:
            reason = f"{name}: “{word}” is one word, so readers cannot tell what it means."
            yield missing(reason, question.format(word=word), Weight.NOTE)


def doubtful_recovery(context: LintContext) -> Iterator[Hit]:
    """L61: a message with doubts although every component becomes operational."""
    subject = context.subject
    all_well = all(impact is Impact.OPERATIONAL for impact in subject.impacts.values())
    if not (subject.stage is Stage.MONITORING and subject.kind is UpdateKind.STAGE and subject.impacts and all_well):
        return
    if subject.audience is Audience.CUSTOMERS and (found := _DOUBT.search(subject.facts.message)):
        reason = f"The message says “{found[0]}”, but the status page will show everything as operational."
        yield missing(reason, "Name what is not operational with `still:`.", Weight.NOTE)
