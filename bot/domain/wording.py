"""What a moment is called and says: the plain values a template is given, the title, and the slots.

Templates say the sentences; the grammar stands in `statements` and `sentences`. What a person typed is always a value.
"""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.domain.audiences import TITLE_LIMIT, Audience
from bot.domain.components import Impact, worst
from bot.domain.facts import NEXT_UPDATE, TIME, Kind, Moment
from bot.domain.lifecycle import Move, Stage
from bot.domain.organisation import Component, Organisation
from bot.domain.sentences import Noun, capital, clause, cut, lowered, one_line, scoped, seen, sentence
from bot.domain.severity import Severity
from bot.domain.statements import UNNAMED, affected, came_back, failed, failing, lagging, listed, noun, state
from bot.domain.times import Zone, length

TEMPLATES = ("investigating", "identified", "fix_implemented", "monitoring", "resolved", "no_change", "correction")
_APPEARS = {False: "It appears here first:", True: "Everything we publish about it is here:"}  # by closing
_TAIL = re.compile(rf"(?:\s*(?:{'|'.join(_APPEARS.values())}) \S+|(?<={re.escape(NEXT_UPDATE)}) https?://\S+)$")


def template_name(moment: Moment) -> str:
    """Which of TEMPLATES words this moment."""
    match moment.kind:
        case Kind.CORRECTION:
            return "correction"
        case Kind.NO_CHANGE:
            return "no_change"
        case Kind.CANCELLATION:
            return "resolved"
        case Kind.STAGE:
            return "investigating" if moment.stage is Stage.DECLARED else moment.stage.template


def title(moment: Moment, organisation: Organisation) -> str:
    """`<components>: <symptom or impact>`; the last published one stays until the incident grows."""
    if clause(moment.title) and not moment.grown:
        return cut(moment.title, TITLE_LIMIT)
    names = listed(affected(moment, organisation), organisation, heading=True) or capital(UNNAMED)
    impact = worst(moment.impacts.values())
    plain = impact.value if impact is not Impact.OPERATIONAL else "not working as expected"
    _, symptom = seen(moment.facts.symptom, Noun("", many=True))
    heading = symptom if not symptom.startswith("they ") else ""  # "does not load" is none
    titles = [f"{names}: {what}" for what in (heading, heading.split(" and ")[0], plain) if what]
    return next((whole for whole in titles if len(whole) <= TITLE_LIMIT), cut(titles[-1], TITLE_LIMIT))


def context(moment: Moment, organisation: Organisation, audience: Audience) -> dict[str, object]:
    """Every value a template may use: texts, numbers, lists of texts. What is not known is an empty text."""
    return {
        **_standing(moment, organisation),
        **_components(moment, organisation, audience),
        **_history(moment, organisation),
        **_facts(moment, organisation),
        **_ending(moment, organisation.zone),
        **_frame(moment, organisation, audience),
    }


def promise_sentence(promise_at: datetime, now: datetime, zone: Zone) -> str:
    """`Next update by 13:06 ET (17:06 UTC).`, with the date where it is another day."""
    return f"Next update by {zone.when(promise_at, now)}."


def fill(body: str, *, now: datetime, promise_at: datetime | None, zone: Zone) -> str:
    """The body as published at `now`; without a promise its slot vanishes."""
    promise = promise_sentence(promise_at, now, zone) if promise_at else ""
    body = re.sub(re.escape(NEXT_UPDATE) + r"\.?", lambda _: promise, body)
    return re.sub(r"[ \t]{2,}", " ", body.replace(TIME, zone.clock(now))).strip()


def words_without_promise(body: str) -> str:
    """What a person edits: the body without the slot and the link at its end. A slot elsewhere stays where it is."""
    return _TAIL.sub("", body.strip()).removesuffix(NEXT_UPDATE).rstrip()


def with_promise(words: str, audience: Audience, link: str, *, closing: bool) -> str:
    """Words with what Foghorn adds: the promise's slot unless it stands in them, and the link where it belongs."""
    parts = [words.strip()]
    if not closing and NEXT_UPDATE not in words:
        parts.append(NEXT_UPDATE)
    if link and link not in words:
        if audience is Audience.SUPPORT:
            parts.append(f"{_APPEARS[closing]} {link}")
        elif audience is Audience.SOCIAL:
            parts.append(link)
    return " ".join(part for part in parts if part)


def is_closing(moment: Moment) -> bool:
    """Whether nothing is promised after it."""
    return moment.stage is Stage.RESOLVED or moment.kind is Kind.CANCELLATION


def _standing(moment: Moment, organisation: Organisation) -> dict[str, object]:
    """Stage, severity, and how this moment follows the one before."""
    before = moment.previous_severity
    changed = before is not None and before is not moment.severity
    return {
        "organisation": organisation.name,
        "stage": moment.stage.value,
        "cancelled": moment.kind is Kind.CANCELLATION,
        "grown": moment.grown,
        "back": came_back(moment),
        "again": moment.move is Move.BACK,  # a step back of any kind
        "reopened": moment.move is Move.REOPENED,
        "told": moment.told,
        "severity": moment.severity.value,
        "severity_before": before.value if before and changed else "",
        "raised": before is not None and changed and moment.severity.at_least(before),
        "urgent": moment.severity.at_least(Severity.SEV2),
        "rhythm": _minutes(organisation.interval(moment.severity), one="hour"),
    }


def _components(moment: Moment, organisation: Organisation, audience: Audience) -> dict[str, object]:
    """Components, how they fail or work, and the verbs that agree with them.

    Developers read first of their own: those that the configuration's subscribers among them chose.
    """
    own = _developers(organisation) if audience is Audience.DEVELOPERS else frozenset()
    components = sorted(affected(moment, organisation), key=lambda component: component.key not in own)
    behind = lagging(moment, components)
    components = [component for component in components if component not in behind] if behind else components
    confirmed = [c for c in organisation.named(moment.facts.unaffected) if c not in components]
    safe = [c for c in confirmed if c.key in own] if own <= {c.key for c in confirmed} else []
    whole = noun(components, organisation, unnamed="our services")
    return {
        "named": bool(components),
        "names": [component.name for component in components],
        "components": whole.words,  # as they work again; failing ones stand in the sentences below
        "they": "they" if whole.many else "it",
        "have": whole.agree("{has}"),
        "work": whole.verb("work"),
        "answer": whole.verb("answer"),
        "failing": failing(moment, organisation, components),
        "still_failing": state(moment, organisation, components),
        "still_failing_briefly": state(moment, organisation, components, brief=True),
        "lagging": sentence(state(moment, organisation, behind, brief=True)) if behind else "",
        "failed": failed(moment, components),
        "failed_components": whole.words if components else UNNAMED,
        "own_affected": bool(components) and (not own or components[0].key in own),
        "own_unaffected": _working(safe, organisation),
        "unaffected": _working([c for c in confirmed if c not in safe], organisation),
    }


def _working(components: Sequence[Component], organisation: Organisation) -> str:
    fine = noun(components, organisation)
    return sentence(f"{fine.words} {fine.verb('work')} normally") if components else ""


def _developers(organisation: Organisation) -> frozenset[str]:
    follows = [
        *(channel.follows for channel in organisation.channels),
        *(hook.follows for hook in organisation.webhooks),
    ]
    chosen = [one.components for one in follows if one and one.audience is Audience.DEVELOPERS]
    return frozenset(key for components in chosen for key in components)


def _history(moment: Moment, organisation: Organisation) -> dict[str, object]:
    """What was published before, and when."""
    return {
        "title": clause(title(moment, organisation)),
        "first_published": _when(moment.first_published_at, moment, organisation.zone),
        "last_news": _when(moment.last_news_at, moment, organisation.zone),
        "corrected": _when(moment.corrected_at, moment, organisation.zone),
        "closed": _when(moment.closed_at, moment, organisation.zone),
    }


def _facts(moment: Moment, organisation: Organisation) -> dict[str, object]:
    """What was typed, as sentences, but for scope, watch and watch_for, which stand within one."""
    facts = moment.facts
    names = [organisation.name, *(component.name for component in organisation.components)]
    scope = scoped(facts.scope)
    none_yet = "There is no workaround yet." if moment.severity.at_least(Severity.SEV2) else ""
    harm = clause(facts.harm)
    sorry = harm.lower().startswith("we are sorry")
    watching = organisation.interval(moment.severity, monitoring=True)
    return {
        "news": sentence(facts.news),
        "scope": scope,
        "scope_unknown": not scope or "some" in scope.lower().split(),
        "works": sentence(facts.works),
        "workaround": sentence(facts.workaround) or none_yet,
        "action": sentence(facts.action),
        "cause": sentence(facts.cause),
        "watch": clause(facts.watch) or ("it" if len(affected(moment, organisation)) == 1 else "them"),
        "watch_for": clause(facts.watch_for).removeprefix("for ") or _minutes(watching, one="an hour"),
        "data": sentence(facts.data),
        "apology": sentence(harm if sorry or not harm else f"We are sorry that you could not {harm}"),
        "review_by": organisation.zone.date(facts.review_by) if facts.review_by else "",
        "wrong": _wrong(facts.wrong, names),
        "right": sentence(facts.right),
        "right_within": lowered(sentence(facts.right), names),
        "avoid": sentence(facts.avoid),
    }


def _ending(moment: Moment, zone: Zone) -> dict[str, object]:
    """The fix and the window of the failure."""
    facts = moment.facts
    end = facts.ended_at or facts.fixed_at
    start = facts.since if facts.since and end and facts.since < end else None
    fixed_at = facts.fixed_at if facts.since and facts.fixed_at and facts.since < facts.fixed_at else None
    return {
        "fixed": _when(facts.fixed_at, moment, zone),
        "fixed_after": length(facts.since, fixed_at) if facts.since and fixed_at else "",
        "since": _when(facts.since, moment, zone),
        "works_since": _when(end, moment, zone),
        "window": _window(start, end, zone),
        "lasted": length(start, end) if start and end else "",
    }


def _window(start: datetime | None, end: datetime | None, zone: Zone) -> str:
    """`on 20 April 2026, from 11:44 to 12:51 ET (15:44 to 16:51 UTC)`; empty where no end is known."""
    if end is None:
        return ""
    if start is None:
        return f"on {zone.date(end)}, until {zone.clock(end)}"
    if zone.date(start) != zone.date(end):
        return f"from {zone.dated(start)} to {zone.dated(end)}"
    return f"on {zone.date(start)}, from {zone.span(start, end)}"


def _frame(moment: Moment, organisation: Organisation, audience: Audience) -> dict[str, object]:
    """What stands around the words: link, slots, and the room there is once they are filled."""
    zone, monitoring = organisation.zone, moment.stage is Stage.MONITORING
    promise_at = moment.now + organisation.interval(moment.severity, monitoring=monitoring)
    return {
        "closing": is_closing(moment),
        "link": moment.link,
        "next_update": NEXT_UPDATE,
        "time": TIME,
        "filled": {NEXT_UPDATE: promise_sentence(promise_at, moment.now, zone), TIME: zone.clock(moment.now)},
        "limit": audience.limit if audience is Audience.SOCIAL else None,
    }


def _when(at: datetime | None, moment: Moment, zone: Zone) -> str:
    return zone.when(at, moment.now) if at else ""


def _wrong(words: str, names: list[str]) -> str:
    """`that signing in works` of a whole sentence; a fragment is quoted, so that it may be any words."""
    line = one_line(words) if clause(words) else ""
    if line.endswith(".") and ". " not in line:
        return f"that {lowered(line[:-1], names)}"
    return f"“{line}”" if line else ""


def _minutes(span: timedelta, *, one: str) -> str:
    """`15 minutes`, `2 hours`; an hour as `one` says."""
    minutes = round(span / timedelta(minutes=1))
    if minutes % 60:
        return f"{minutes} minutes"
    return one if minutes == 60 else f"{minutes // 60} hours"
