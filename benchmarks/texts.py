"""Rendering and linting a whole draft: six texts, every rule."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from benchmarks.measure import Figure, median, ms, percentile, timed
from bot.domain.audiences import Audience
from bot.domain.lint import lint
from bot.domain.lint.findings import Subject
from bot.domain.organisation import Organisation
from bot.domain.template_samples import everything, sample_contexts
from bot.domain.update_context import UpdateContext
from bot.domain.wording import fill
from bot.settings import EXAMPLE, read_organisation
from bot.templating import BUILT_IN, Templates

ROUNDS = 200
NOW = datetime(2026, 4, 20, 16, 12, tzinfo=UTC)
PROMISE_AT = NOW + timedelta(minutes=15)


def figures() -> Iterator[Figure]:
    """A draft of six texts, against Jinja alone rendering the same files."""
    organisation = read_organisation(EXAMPLE)
    moment = replace(
        sample_contexts(organisation, NOW)["identified"], facts=everything(organisation, NOW), promise_at=PROMISE_AT
    )
    templates = Templates()
    plain = Environment(loader=FileSystemLoader(BUILT_IN), undefined=StrictUndefined, autoescape=False)
    plain.filters["capital"] = str.capitalize
    values = {each: templates.wording(organisation, "en").values(moment, each) for each in Audience}
    names = {each: _file(each, moment) for each in Audience}

    def jinja_alone() -> list[str]:
        return [plain.get_template(names[each]).render(values[each]) for each in Audience]

    bodies = _render(templates, moment, organisation)
    work = {
        "render the six texts of a draft": lambda: _render(templates, moment, organisation),
        "lint the six texts of a draft": lambda: _lint(templates, moment, organisation, bodies),
        "render and lint a whole draft": lambda: _lint(
            templates, moment, organisation, _render(templates, moment, organisation)
        ),
    }
    bare = median([timed(jinja_alone) for _ in range(ROUNDS)])
    yield Figure("Jinja alone, the same files", ms(bare))
    for what, do in work.items():
        seconds = [timed(do) for _ in range(ROUNDS)]
        value = f"p50 {ms(median(seconds))}, p99 {ms(percentile(seconds, 0.99))}"
        yield Figure(what, value, f"{median(seconds) / bare:.1f}", "Jinja alone")


def _file(audience: Audience, moment: UpdateContext) -> str:
    name = f"customers/{moment.template_name}" if audience is Audience.CUSTOMERS else audience.value
    return f"updates/en/{name}.md.j2"


def _render(templates: Templates, moment: UpdateContext, organisation: Organisation) -> dict[Audience, str]:
    return {each: templates.render(organisation, "en", each, moment).body for each in Audience}


def _lint(
    templates: Templates, moment: UpdateContext, organisation: Organisation, bodies: Mapping[Audience, str]
) -> list[object]:
    words = templates.wording(organisation, "en")
    title, promise = words.title(moment), words.promise(PROMISE_AT, NOW)
    return [
        lint(_subject(moment, each, title, fill(body, promise), promise), organisation) for each, body in bodies.items()
    ]


def _subject(moment: UpdateContext, audience: Audience, title: str, body: str, promise: str) -> Subject:
    return Subject(
        audience=audience,
        language="en",
        title=title,
        body=body,
        stage=moment.stage,
        kind=moment.kind,
        severity=moment.severity,
        first=False,
        impacts=moment.impacts,
        facts=moment.facts,
        now=moment.now,
        promise_at=PROMISE_AT,
        link=moment.link,
        promise=promise,
    )
