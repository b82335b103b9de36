"""What was published about an incident so far, and what the next draft starts from."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from bot.domain.components import Impact
from bot.domain.facts import WORDS, Facts, UpdateKind
from bot.domain.lifecycle import Stage, Transition
from bot.domain.update_context import failing_in, worse
from bot.domain.updates import Update

BEFORE_FIX = (Stage.DECLARED, Stage.INVESTIGATING, Stage.IDENTIFIED)
OF_FAILURE = ("sees", "who", "cause", "workaround", "do")
"""Kept until a component recovers."""
OF_INCIDENT = ("since", "ok", "unaffected")
"""Kept until everything recovers."""
ASKED_AGAIN = ("sees", "who", "cause")
"""Not kept in a fix or in monitoring, unless someone says that they still hold."""


@dataclass(frozen=True)
class PublishedFacts:
    """The published updates of an incident, read from the first to the last."""

    worst: Mapping[str, Impact] = field(default_factory=dict)  # of each component
    stage: Stage | None = None  # as last published
    first_at: datetime | None = None
    last_at: datetime | None = None  # facts of the last update that was not “no change”
    last: Facts = field(default_factory=Facts)  # facts of that one, with corrections
    carried: Facts = field(default_factory=Facts)  # facts of the last update, with corrections
    failure: Facts = field(default_factory=Facts)  # what was said about the failure, for the closing text
    began: datetime | None = None  # the last start that was typed before the first recovery
    recovered: bool = False  # everything was operational at some time since the incident was opened or reopened
    recovered_at: datetime | None = None  # since when a confirmed recovery is published, if it still holds


def published_facts(published: Sequence[Update]) -> PublishedFacts:
    """What these updates, given oldest first, add up to."""
    earlier = PublishedFacts()
    for update in published:
        earlier = _corrected(earlier, update) if update.kind is UpdateKind.CORRECTION else _told(earlier, update)
    return earlier


def starting_facts(earlier: PublishedFacts, kind: UpdateKind, stage: Stage, told: Mapping[str, Impact],
                   impacts: Mapping[str, Impact]) -> Facts:  # fmt: skip
    """What a draft starts from: what was said and still holds.

    What was said about a failure holds until a component recovers; a closing text repeats it.
    """
    if kind in (UpdateKind.CORRECTION, UpdateKind.CANCELLATION):
        return Facts()
    if stage is Stage.RESOLVED:
        return _with(_only(earlier.failure, ("sees", "who", "cause")), earlier.carried, ("since", "fixed"))
    if kind is UpdateKind.NO_CHANGE:
        return _only(earlier.carried, (*OF_FAILURE, *OF_INCIDENT, "fixed"))
    recovers = any(impacts.get(key) is Impact.OPERATIONAL for key in failing_in(told))
    returned = bool(earlier.first_at and failing_in(impacts) and told and not failing_in(told))
    names: list[str] = [] if recovers or returned else list(OF_FAILURE)
    if failing_in(impacts) and not returned:
        names += OF_INCIDENT
    if earlier.stage not in BEFORE_FIX:  # a fix that failed is no longer mentioned once that was published
        names.append("fixed")
    left = ASKED_AGAIN if stage not in BEFORE_FIX else ("cause",) if stage is not Stage.IDENTIFIED else ()
    return _only(earlier.carried, [name for name in names if name not in left])


def facts_to_ask_again(earlier: PublishedFacts, facts: Facts, stage: Stage) -> dict[str, str]:
    """What was said about the failure, is left out now, and may still hold, by name."""
    names = ASKED_AGAIN if stage is not Stage.INVESTIGATING else ("sees", "who")
    return {name: getattr(earlier.failure, name) for name in names
            if getattr(earlier.failure, name) and not getattr(facts, name) and name not in facts.fresh}  # fmt: skip


def _told(earlier: PublishedFacts, update: Update) -> PublishedFacts:
    impacts = {key: Impact(value) for key, value in update.impacts.items()}
    facts, failing = update.facts, failing_in(impacts)
    if update.move is Transition.REOPENED:
        earlier = PublishedFacts(last=earlier.last, last_at=earlier.last_at)
    worst = {**earlier.worst, **{key: worse(earlier.worst.get(key, one), one) for key, one in impacts.items()}}
    began = earlier.began if earlier.recovered else facts.since or earlier.began
    recovered_at = None
    if not failing:
        recovered_at = earlier.recovered_at or (update.published_at if facts.confirmed else None)
    news = update.kind is not UpdateKind.NO_CHANGE
    return replace(
        earlier,
        worst=worst,
        stage=update.stage,
        first_at=earlier.first_at or update.published_at,
        last_at=update.published_at if news else earlier.last_at,
        last=facts if news else earlier.last,
        carried=facts,
        failure=_failure(earlier.failure, facts, update.stage),
        began=began,
        recovered=earlier.recovered or (not failing and bool(failing_in(worst))),
        recovered_at=recovered_at,
    )


def _failure(known: Facts, said: Facts, stage: Stage) -> Facts:
    """What a closing text repeats: what was said before the fix, or else later; a withdrawn cause is left out."""
    names = [name for name in ("sees", "who") if getattr(said, name)]
    if stage not in BEFORE_FIX:
        names = [name for name in names if not getattr(known, name)]
    if stage is Stage.INVESTIGATING:
        return _with(_only(known, ("sees", "who")), said, names)
    return _with(known, said, [*names, *(["cause"] if said.cause else [])])


def _corrected(earlier: PublishedFacts, update: Update) -> PublishedFacts:
    """Later drafts start from these facts, so the incorrect words must not remain in any of them."""
    return replace(
        earlier,
        last_at=update.published_at,
        last=corrected_facts(earlier.last, update.facts),
        carried=corrected_facts(earlier.carried, update.facts),
        failure=corrected_facts(earlier.failure, update.facts),
    )


def corrected_facts(facts: Facts, correction: Facts) -> Facts:
    """Facts with the incorrect words replaced, in every language in which both were typed."""
    changes = _corrected_words({name: getattr(facts, name) for name in WORDS}, correction.wrong, correction.right)
    translated = {}
    for language, words in facts.translated.items():
        there = correction.translated.get(language, {})
        translated[language] = {**words, **_corrected_words(words, there.get("wrong", ""), there.get("right", ""))}
        for name in changes.keys() - _corrected_words(words, there.get("wrong", ""), there.get("right", "")).keys():
            translated[language].pop(
                name, None
            )  # it may repeat what was withdrawn, and no one typed a correction for it
    return facts.model_copy(update={**changes, "translated": translated})


def _corrected_words(words: Mapping[str, str], wrong: str, right: str) -> dict[str, str]:
    """The facts that change: corrected, or removed if they were part of what was wrong."""
    bare = wrong.strip().rstrip(".").casefold()
    if not bare:
        return {}
    changed = {}
    for name, said in words.items():
        if not said or name in ("wrong", "right", "avoid"):
            continue
        if bare in said.casefold():
            exact = re.compile(
                re.escape(wrong.strip()) if wrong.casefold() in said.casefold() else re.escape(bare), re.I
            )
            changed[name] = exact.sub(lambda _: right.strip(), said)
        elif bare.endswith(said.strip().rstrip(".").casefold()):  # "User impact: error 503"
            changed[name] = ""
    return changed


def _only(facts: Facts, names: Iterable[str]) -> Facts:
    """Only these facts, as carried over."""
    return _with(Facts(), facts, names)


def _with(base: Facts, facts: Facts, names: Iterable[str]) -> Facts:
    """The base with these facts of the other, including translations and the times they were typed."""
    names = tuple(names)
    translated = {
        language: {**base.translated.get(language, {}),
                   **{n: w for n, w in facts.translated.get(language, {}).items() if n in names}}
        for language in {**base.translated, **facts.translated}
    }  # fmt: skip
    times = {**base.typed_at, **{name: at for name, at in facts.typed_at.items() if name in names}}
    changes: dict[str, object] = {name: getattr(facts, name) for name in names}
    kept = {language: words for language, words in sorted(translated.items()) if words}
    return base.model_copy(update={**changes, "translated": kept, "typed_at": times, "fresh": ()})
