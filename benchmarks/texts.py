"""Rendering and reading over a whole draft: six texts, every rule."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from bot.domain.sentences import capital
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from benchmarks.measure import Figure, median, ms, percentile, timed
from bot.domain import wording
from bot.domain.audiences import Audience
from bot.domain.components import Impact
from bot.domain.facts import Facts, Kind, Moment
from bot.domain.lifecycle import Move, Stage
from bot.domain.lint import lint
from bot.domain.lint.findings import Subject
from bot.domain.organisation import Organisation
from bot.domain.severity import Severity
from bot.settings import EXAMPLE, read_organisation
from bot.templating import BUILT_IN, Templates

ROUNDS = 200
NOW = datetime(2026, 4, 20, 16, 12, tzinfo=UTC)
PROMISE_AT = NOW + timedelta(minutes=15)


def figures() -> Iterator[Figure]:
    """A draft of six texts, against Jinja alone rendering the same six files."""
    organisation = read_organisation(EXAMPLE)
    moment = _moment(organisation)
    templates = Templates()
    plain = Environment(loader=FileSystemLoader(BUILT_IN), undefined=StrictUndefined, autoescape=False)
    plain.filters["capital"] = capital
    contexts = {each: {**wording.context(moment, organisation, each), "shed": 0} for each in Audience}
    names = {each: f"updates/en/{each.value}/{wording.template_name(moment)}.md.j2" for each in Audience}

    def jinja_alone() -> list[str]:
        return [plain.get_template(names[each]).render(contexts[each]) for each in Audience]

    bodies = _render(templates, moment, organisation)
    work = {
        "render the six texts of a draft": lambda: _render(templates, moment, organisation),
        "lint the six texts of a draft": lambda: _lint(moment, organisation, bodies),
        "render and lint a whole draft": lambda: _lint(moment, organisation, _render(templates, moment, organisation)),
    }
    bare = median([timed(jinja_alone) for _ in range(ROUNDS)])
    yield Figure("Jinja alone, the same six files", ms(bare))
    for what, do in work.items():
        seconds = [timed(do) for _ in range(ROUNDS)]
        value = f"p50 {ms(median(seconds))}, p99 {ms(percentile(seconds, 0.99))}"
        yield Figure(what, value, f"{median(seconds) / bare:.1f}", "Jinja alone")


def _moment(organisation: Organisation) -> Moment:
    return Moment(
        incident="INC-42",
        kind=Kind.STAGE,
        stage=Stage.IDENTIFIED,
        move=Move.FORWARD,
        grown=False,
        severity=Severity.SEV1,
        previous_severity=Severity.SEV1,
        impacts={component.key: Impact.MAJOR for component in organisation.components},
        facts=Facts(
            sees="pages load without end and requests return errors",
            scope="for about half of requests worldwide",
            since=NOW - timedelta(minutes=28),
            works="Signing in works.",
        ),
        opened_at=NOW - timedelta(hours=7),
        now=NOW,
        link="https://status.example.com/incidents/INC-42",
        first_published_at=NOW - timedelta(hours=6),
        last_news_at=NOW - timedelta(minutes=28),
        told=True,
    )


def _render(templates: Templates, moment: Moment, organisation: Organisation) -> dict[Audience, str]:
    return {
        each: templates.render_update(
            "en", each, wording.template_name(moment), wording.context(moment, organisation, each)
        ).body
        for each in Audience
    }


def _lint(moment: Moment, organisation: Organisation, bodies: dict[Audience, str]) -> list[object]:
    title = wording.title(moment, organisation)
    return [
        finding
        for audience, body in bodies.items()
        for finding in lint(_subject(moment, organisation, audience, title, body), organisation)
    ]


def _subject(moment: Moment, organisation: Organisation, audience: Audience, title: str, body: str) -> Subject:
    return Subject(
        audience=audience,
        language="en",
        title=title,
        body=wording.fill(body, now=NOW, promise_at=PROMISE_AT, zone=organisation.zone),
        stage=moment.stage,
        kind=moment.kind,
        severity=moment.severity,
        first=False,
        impacts=moment.impacts,
        facts=moment.facts,
        now=NOW,
        promise_at=PROMISE_AT,
        link=moment.link,
    )
