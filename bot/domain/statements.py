"""What fails, since when, for whom: the clauses about components that every text is built around."""

from collections.abc import Sequence
from datetime import datetime

from bot.domain.components import Impact, worst
from bot.domain.facts import Kind, Moment
from bot.domain.lifecycle import Move, Stage
from bot.domain.organisation import Component, Organisation
from bot.domain.sentences import ASTRAY, FAILING, UNEXPECTED, Failure, Noun, capital, failure, joined, scoped, seen
from bot.domain.severity import Severity

RECOVERING = (Stage.FIX_IMPLEMENTED, Stage.MONITORING, Stage.RESOLVED)
UNNAMED = "some of our services"
_MANY = 5  # so many components are counted, not listed; the page lists them


def affected(moment: Moment, organisation: Organisation) -> tuple[Component, ...]:
    """The components a text names: those that fail, from the fix on all that did; its key stands for one removed."""
    keys = [key for key, impact in moment.impacts.items() if impact is not Impact.OPERATIONAL]
    if moment.stage in RECOVERING or moment.kind is Kind.CANCELLATION or not keys:
        keys = list(moment.impacts)
    known = organisation.named(keys)
    gone = set(keys) - {component.key for component in known}
    return (*known, *(Component(key=key, name=key) for key in keys if key in gone))


def lagging(moment: Moment, components: Sequence[Component]) -> list[Component]:
    """Those that still fail at monitoring while others of them work again; none where all are alike."""
    if moment.stage is not Stage.MONITORING:
        return []
    bad = [c for c in components if moment.impacts.get(c.key, Impact.OPERATIONAL) is not Impact.OPERATIONAL]
    return bad if len(bad) < len(components) else []


def listed(components: Sequence[Component], organisation: Organisation, *, heading: bool = False) -> str:
    """`ChatGPT, Codex and the API`; from five on the group's name, else `6 services, ChatGPT and Codex among them,`."""
    names = [component.name if heading else component.words for component in components]
    if len(names) < _MANY:
        return joined(names)
    group = components[0].group
    if group and set(components) == {component for component in organisation.components if component.group == group}:
        return group if heading else f"all {group} services"
    return f"{len(names)} services" if heading else f"{len(names)} services, {joined(names[:2])} among them,"


def noun(components: Sequence[Component], organisation: Organisation, unnamed: str = UNNAMED) -> Noun:
    """Components as the subject of a sentence."""
    return Noun(listed(components, organisation) or unnamed, many=len(components) != 1)


def came_back(moment: Moment) -> bool:
    """Whether a fix did not hold: the step back leads to before the fix."""
    fixed = moment.facts.fixed_at is not None or moment.stage is Stage.IDENTIFIED
    return moment.move is Move.BACK and moment.stage not in RECOVERING and fixed


def failing(moment: Moment, organisation: Organisation, components: Sequence[Component]) -> str:
    """The sentence that says what fails since when.

    A failure that grew or returned began after what was said before; an older `since` is left over and not repeated.
    Without one, the first text speaks of the time of declaring, which is honestly ours.
    """
    since, after, zone = moment.facts.since, _after(moment), organisation.zone
    returned = moment.move is Move.REOPENED or came_back(moment)
    if since and (after is None or since >= after):
        clause = state(moment, organisation, components, "perfect", "again" if returned else "")
        return f"Since {zone.when(since, moment.now)}, {clause}."
    if returned or moment.grown:
        return capital(state(moment, organisation, components, "present", "again" if returned else "now")) + "."
    clause = state(moment, organisation, components, "present")
    return f"At {zone.when(moment.opened_at, moment.now)} we noticed that {clause}."


def state(
    moment: Moment,
    organisation: Organisation,
    components: Sequence[Component],
    tense: str = "still",
    adverb: str = "",
    *,
    brief: bool = False,
) -> str:
    """Who fails how, worst first, with scope and symptom unless `brief`. A clause without a stop."""
    whole = noun(components, organisation)
    scope = scoped(moment.facts.scope)
    predicate, detail = seen(moment.facts.symptom, whole)
    if predicate and not brief:
        told = [f"{whole.words} {predicate}"]
    else:
        told = []
        for way, some in _by_failure(moment, components, symptom=bool(detail), scope=bool(scope) or brief):
            part = noun(some, organisation)
            told.append(f"{part.words} {part.agree(getattr(way, tense), adverb)}")
    if not brief:
        told[0] = f"{told[0]} {scope}".rstrip()
    return (", and " if len(told) == 2 else "; ").join(told) + (f": {detail}" if detail and not brief else "")


def failed(moment: Moment, components: Sequence[Component]) -> str:
    """What is over, as a verb with its scope. Impacts are operational again by then, so severity stands for them."""
    impact = worst(moment.impacts.values())
    scope = scoped(moment.facts.scope)
    way = failure(impact, symptom=False, scope=bool(scope))
    if not components:
        way = ASTRAY
    elif impact is Impact.OPERATIONAL:
        way = FAILING if moment.severity.at_least(Severity.SEV2) else UNEXPECTED
    return f"{Noun('', many=len(components) != 1).agree(way.past)} {scope}".rstrip()


def _after(moment: Moment) -> datetime | None:
    """What the failure spoken of began after, where it is known to be another than before."""
    if moment.move is Move.REOPENED:
        return moment.closed_at or moment.last_news_at
    if came_back(moment):
        return moment.facts.fixed_at or moment.last_news_at
    return moment.last_news_at if moment.grown else None


def _by_failure(
    moment: Moment, components: Sequence[Component], *, symptom: bool, scope: bool
) -> list[tuple[Failure, list[Component]]]:
    """The components by the way they fail, worst first; one nameless way where none is known."""
    ways: dict[Failure, list[Component]] = {}
    for component in sorted(components, key=lambda component: -moment.impacts[component.key].rank):
        ways.setdefault(failure(moment.impacts[component.key], symptom=symptom, scope=scope), []).append(component)
    ordered = [(way, [component for component in components if component in some]) for way, some in ways.items()]
    return ordered or [(ASTRAY, [])]
