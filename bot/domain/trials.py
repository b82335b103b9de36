"""Moments made of odd data, on which templates are tried before an incident does so."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from bot.domain.components import Impact
from bot.domain.facts import NEXT_UPDATE, TIME, Facts, Kind, Moment
from bot.domain.lifecycle import Move, Stage
from bot.domain.organisation import Organisation
from bot.domain.severity import Severity

# the facts that are a person's words
_TYPED = ("news", "symptom", "scope", "works", "workaround", "action", "cause", "watch", "watch_for", "data", "harm")
_CORRECTED = ("wrong", "right", "avoid")
_WORDS = {
    "right to left": "الصفحات لا تعمل ‏(API)‏",
    "emoji": "🔥 pages fail 🙈",
    "markup": "<b>pages</b> *fail* `now` & <!channel> [here](https://example.com) @everyone",
    "template syntax": "{{ severity }} {% if x %} {# pages #} ${title} %s {0}",
    "slots": f"{NEXT_UPDATE} and {TIME}",
    "one letter": "x",
    "only a stop": ".",
    "lines": "pages\n\n\tdo  not\r\nload",
    "whole sentences": "Pages do not load. Requests fail!",
    "a verb": "does not load",
    "500 characters": "pages do not load and requests return errors " * 11,
}


def trials(organisation: Organisation, now: datetime) -> Iterator[tuple[str, Moment]]:
    """Every template, and every branch of one, with nothing known, with everything, and with odd words. Named."""
    for kind, moment in _kinds(organisation, now).items():
        for data, odd in _odd(moment, organisation, now).items():
            yield f"{kind}, {data}", odd


def _kinds(organisation: Organisation, now: datetime) -> dict[str, Moment]:
    """One moment for each template and branch, with the first component alone and no facts."""
    base = Moment(
        incident="INC-1",
        kind=Kind.STAGE,
        stage=Stage.INVESTIGATING,
        move=Move.FORWARD,
        grown=False,
        severity=Severity.SEV1,
        previous_severity=Severity.SEV1,
        impacts={organisation.components[0].key: Impact.MAJOR},
        facts=Facts(),
        opened_at=now - timedelta(hours=2),
        now=now,
        link="https://status.example.com/incidents/INC-1",
        title="A service: errors",
        first_published_at=now - timedelta(hours=2),
        last_news_at=now - timedelta(minutes=30),
        told=True,
    )
    first = replace(base, move=Move.FIRST, title="", first_published_at=None, last_news_at=None, told=False)
    published = [stage for stage in Stage if stage is not Stage.DECLARED]
    still_open = [stage for stage in published if stage is not Stage.RESOLVED]
    return {
        "first text": replace(first, previous_severity=None, severity=Severity.SEV3),
        **{stage.value: replace(base, stage=stage) for stage in published},
        **{f"no change at {stage.value}": replace(base, stage=stage, kind=Kind.NO_CHANGE) for stage in still_open},
        **{f"correction at {stage.value}": replace(base, stage=stage, kind=Kind.CORRECTION) for stage in published},
        "grown": replace(base, grown=True, previous_severity=Severity.SEV3),
        "grown at identified": replace(base, grown=True, stage=Stage.IDENTIFIED),
        **{f"back to {stage.value}": replace(base, stage=stage, move=Move.BACK) for stage in still_open[:3]},
        **{f"reopened at {stage.value}": replace(base, stage=stage, move=Move.REOPENED) for stage in still_open},
        "cancelled": replace(base, stage=Stage.RESOLVED, kind=Kind.CANCELLATION, severity=Severity.SEV4),
    }


def _odd(moment: Moment, organisation: Organisation, now: datetime) -> dict[str, Moment]:
    """The same moment with other data."""
    keys = [component.key for component in organisation.components]
    twelve = [*keys, *(f"service-{number}" for number in range(len(keys) + 1, 13))][:12]
    impacts = (Impact.MAJOR, Impact.PARTIAL, Impact.DEGRADED, Impact.MAINTENANCE)
    known = replace(moment, facts=_everything(organisation, now), closed_at=now - timedelta(minutes=20))
    everything = replace(known, impacts={key: impacts[n % 4] for n, key in enumerate(keys)})
    return {
        "nothing known": replace(moment, impacts={}),
        "one component": moment,
        "everything known": everything,
        "well again": replace(known, impacts=dict.fromkeys(keys, Impact.OPERATIONAL)),
        "twelve components": replace(known, impacts={key: impacts[n % 4] for n, key in enumerate(twelve)}),
        "a title of 200 characters": replace(everything, title=("wide " * 40).strip()),
        "over midnight": replace(everything, facts=Facts(since=now - timedelta(days=2), ended_at=now)),
        "times the wrong way round": replace(everything, facts=Facts(since=now, fixed_at=now - timedelta(hours=1))),
        **{name: replace(everything, title=words[:80], facts=_typed(words)) for name, words in _WORDS.items()},
    }


def _everything(organisation: Organisation, now: datetime) -> Facts:
    return Facts(
        news="error rates are falling",
        symptom="pages load without end and requests return errors",
        scope="worldwide",
        since=now - timedelta(minutes=67),
        unaffected=tuple(component.key for component in organisation.components[-1:]),
        works="signing in works",
        workaround="Use the mobile app.",
        action="Reload the page, then sign in again.",
        cause="a change we made stopped sign-ins",
        fixed_at=now - timedelta(minutes=10),
        watch="errors and loading times",
        watch_for="an hour",
        ended_at=now - timedelta(minutes=10),
        data="No data was lost.",
        harm="work with our services",
        review_by=(now + timedelta(days=7)).date(),
        wrong="Signing in works.",
        right="Some sign-ins fail too.",
        avoid="Please do not reset your password.",
    )


def _typed(words: str) -> Facts:
    return Facts.model_validate(dict.fromkeys((*_TYPED, *_CORRECTED), words))
