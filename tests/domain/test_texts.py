"""The built-in texts, on every kind of moment and on whatever may be typed."""

import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.audiences import Audience
from bot.domain.components import Impact
from bot.domain.facts import NEXT_UPDATE, Facts, UpdateKind
from bot.domain.lifecycle import Stage
from bot.domain.lint import Subject, Weight, lint
from bot.domain.template_samples import everything, sample_contexts, template_samples
from bot.domain.update_context import TEMPLATE_NAMES
from bot.domain.wording import fill
from bot.templating import Templates
from tests.reference import ORGANISATION, et

NOW = et("14:00")
TEXTS = Templates()
ENGLISH = TEXTS.wording(ORGANISATION, "en")
TRIALS = dict(template_samples(ORGANISATION, NOW))
KNOWN = {
    name: replace(one, facts=everything(ORGANISATION, NOW)) for name, one in sample_contexts(ORGANISATION, NOW).items()
}
HOLE = re.compile(
    r" {2}|\s[.,;:!?](?!\w)|[.,;:] [.,;:]|[,;:]\.|\(\)|“”|\bthat \.|None|Undefined|[\ue000-\ue003]|(?<!told): *$", re.M
)
ODD = ("markup", "template syntax", "right to left", "only a stop", "our own marks")
WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Co", "Cn"]), min_size=1, max_size=80).map(
    lambda text: " ".join(text.split())
)


def published(moment, audience=Audience.CUSTOMERS):
    body = TEXTS.render(ORGANISATION, "en", audience, moment).body
    promise = ENGLISH.promise(moment.promise_at or et("14:15"), moment.now)
    return fill(body, "" if moment.closes else promise)


def blockers(moment, audience):
    promise = None if moment.closes else et("14:15")
    subject = Subject(
        audience=audience, language="en", title=ENGLISH.title(moment), body=published(moment, audience),
        stage=moment.stage, kind=moment.kind, severity=moment.severity, first=not moment.first_at,
        impacts=moment.impacts, facts=moment.facts, now=moment.now, promise_at=promise, link=moment.link, 
        promise=ENGLISH.promise(promise, NOW) if promise else "",
    )  # fmt: skip
    return [finding for finding in lint(subject, ORGANISATION) if finding.weight is Weight.BLOCKER]


def test_the_trials_reach_every_kind_of_text():
    assert {moment.template_name for moment in TRIALS.values()} == set(TEMPLATE_NAMES)
    assert {moment.kind for moment in TRIALS.values()} == set(UpdateKind)


@pytest.mark.parametrize("audience", list(Audience))
class TestWhateverIsKnown:
    """On every trial."""

    def test_every_text_renders(self, audience):
        problems = {TEXTS.render(ORGANISATION, "en", audience, moment).problem for moment in TRIALS.values()}
        assert problems == {""}

    def test_no_text_has_a_hole(self, audience):
        texts = {name: published(moment, audience) for name, moment in TRIALS.items() if not name.endswith(ODD)}
        assert not {name: text for name, text in texts.items() if HOLE.search(text)}

    def test_what_a_person_typed_stays_literal(self, audience):
        typed = TRIALS["investigating, template syntax"]
        assert "{{ severity }} {% if x %} {# pages #} ${title} %s {0}" in published(typed, audience)

    def test_the_built_in_texts_raise_no_blocker(self, audience):
        plain = {n: m for n, m in TRIALS.items() if n.endswith(("nothing known", "one component", "over midnight"))}
        found = {name: blockers(moment, audience) for name, moment in {**plain, **KNOWN}.items()}
        assert not {name: findings for name, findings in found.items() if findings}

    def test_an_open_text_fits(self, audience):
        still_open = {name: moment for name, moment in KNOWN.items() if not moment.closes}
        lengths = {name: len(published(moment, audience)) for name, moment in still_open.items()}
        assert not {name: length for name, length in lengths.items() if length > audience.limit}


def test_social_fits_with_any_data():
    lengths = {name: len(published(moment, Audience.SOCIAL)) for name, moment in TRIALS.items()}
    assert not {name: length for name, length in lengths.items() if length > 280}


def test_social_names_what_it_leaves_out():
    moment = TRIALS["investigating, 500 characters"]
    rendered = TEXTS.render(ORGANISATION, "en", Audience.SOCIAL, moment)
    assert any("return errors" in piece for piece in rendered.left_out)
    assert rendered.body.endswith(f"{NEXT_UPDATE} {moment.link}")


@pytest.mark.parametrize("key", ["sees", "who", "workaround", "do", "cause", "data"])
@given(typed=WORDS)
@settings(max_examples=60)
def test_a_typed_value_stands_unaltered(key, typed):
    text = ENGLISH.typed(key, typed).lstrip("\ue000")
    kept = ENGLISH._without_preposition(key, ENGLISH.normalized(typed))
    assert not typed or kept[1:].rstrip(".") in text


@given(typed=WORDS)
@settings(max_examples=80)
def test_a_typed_message_stands_unaltered_but_for_capital_stop_and_apostrophes(typed):
    moment = replace(KNOWN["investigating"], facts=Facts(message=typed))
    said = ENGLISH.normalized(typed)
    assert said[1:] in published(moment)


@given(
    impacts=st.fixed_dictionaries({c.key: st.sampled_from(list(Impact)) for c in ORGANISATION.components}),
    name=st.sampled_from(sorted(sample_contexts(ORGANISATION, NOW))),
)
@settings(max_examples=150)
def test_no_text_contradicts_the_impacts_it_is_published_with(impacts, name):
    moment = replace(sample_contexts(ORGANISATION, NOW)[name], impacts=impacts)
    found = [one for audience in Audience for one in blockers(moment, audience) if one.rule == "L41"]
    closing_while_failing = moment.stage is Stage.RESOLVED and any(
        impact is not Impact.OPERATIONAL for impact in impacts.values()
    )
    assert closing_while_failing or not found


@pytest.mark.parametrize("stage", [Stage.MONITORING, Stage.RESOLVED])
def test_nobody_is_told_of_a_recovery_that_nobody_confirmed(stage):
    text = published(sample_contexts(ORGANISATION, NOW)[stage.value])
    assert "returned to normal" not in text
    assert "confirmed" not in text


def test_the_severity_is_for_us_alone():
    raised = TRIALS["worse, everything known"]
    assert {a for a in Audience if "SEV" in published(raised, a)} == {Audience.INTERNAL}
    same = replace(raised, severity_before=raised.severity)
    assert published(raised) == published(same)
