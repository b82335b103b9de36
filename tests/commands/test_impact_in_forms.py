"""The impact in a form: only what someone changes is set, and monitoring and closing ask what stays."""

import pytest

from bot.domain.components import Impact
from bot.store import incidents
from bot.views import Answer, DraftReview, Form
from tests.harness import Harness


@pytest.fixture
def published(either: Harness) -> Harness:
    """A published first update: ChatGPT has a major outage, the API a partial one."""
    either.ana("declare Errors sev:3 on:chatgpt=major,api=partial")
    either.ana("publish")
    return either


def opened(answer: Answer) -> Form:
    assert isinstance(answer, Form)
    return answer


def saved(harness: Harness, form: Form, **typed: str) -> Answer:
    """Submit a form: all of its fields, some of them changed."""
    fields = {field.name: field.typed for field in form.fields}
    return harness.submit("ana", form.verb, {"incident": form.incident, **fields, **dict(form.kept), **typed})


def impacts(harness: Harness) -> dict[str, Impact]:
    with harness.store.read() as tx:
        return dict(incidents.set_values(tx, harness.incident()))


@pytest.mark.parametrize("stage", ["monitoring", "resolved"])
def test_a_stage_chosen_in_a_form_does_what_the_typed_line_does(published: Harness, stage: str) -> None:
    form = opened(published.ana("update"))

    assert isinstance(saved(published, form, stage=stage), DraftReview)

    assert published.draft().impacts == {"chatgpt": "operational", "api": "operational"}
    assert impacts(published) == {"chatgpt": Impact.MAJOR, "api": Impact.PARTIAL}


@pytest.mark.parametrize("verb", ["update", "resolve"])
def test_what_was_set_on_purpose_is_asked_and_stays(published: Harness, verb: str) -> None:
    published.later(5)
    published.ana("impact api=degraded")
    form = opened(published.ana(verb))
    assert next(field.typed for field in form.fields if field.name == "still") == "api"

    saved(published, form, **({"stage": "monitoring"} if verb == "update" else {}))

    assert published.draft().impacts == {"chatgpt": "operational"}


def test_what_the_form_says_recovered_recovers(published: Harness) -> None:
    published.later(5)
    published.ana("impact api=degraded")

    saved(published, opened(published.ana("update")), stage="monitoring", still="")

    assert published.draft().impacts == {"chatgpt": "operational", "api": "operational"}


def test_an_impact_that_someone_else_set_meanwhile_stays(published: Harness) -> None:
    form = opened(published.ana("update"))
    published.ben("impact api=operational")

    saved(published, form, stage="identified", impacts="chatgpt=degraded,api=partial")

    assert impacts(published) == {"chatgpt": Impact.DEGRADED, "api": Impact.OPERATIONAL}


def test_one_component_changed_by_two_people_comes_back(published: Harness) -> None:
    form = opened(published.ana("update"))
    published.ben("impact api=operational")

    back = opened(saved(published, form, stage="identified", impacts="chatgpt=major,api=degraded"))

    assert next(field.theirs for field in back.fields if field.name == "impacts") == "chatgpt=major,api=operational"
    assert impacts(published)["api"] is Impact.OPERATIONAL


def test_the_stage_is_offered_as_far_as_it_is_possible(harness: Harness) -> None:
    harness.ana("declare Errors sev:3 on:api=partial")
    before = opened(harness.ana("update"))
    harness.ana("publish")
    after = opened(harness.ana("update"))

    assert "resolved" not in [option.value for option in before.fields[0].options]
    assert {"resolved", "no change"} <= {option.value for option in after.fields[0].options}
    assert "still" not in [field.name for field in before.fields]
