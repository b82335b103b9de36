"""Whether words and record agree."""

import pytest

from bot.domain.components import Impact
from bot.domain.facts import Facts, UpdateKind
from bot.domain.lifecycle import Stage
from bot.domain.lint import Weight
from tests.domain.lint.subjects import FAILING, RESOLVED, found, words
from tests.reference import WELL


@pytest.mark.parametrize(
    ("stage", "body", "expected"),
    [
        (Stage.MONITORING, "It is resolved.", ["It is resolved"]),
        (Stage.INVESTIGATING, "A fix has been deployed.", ["fix has been deployed"]),
        (Stage.IDENTIFIED, "We have implemented a fix.", ["implemented a fix"]),
        (Stage.RESOLVED, "We are still investigating.", ["We are still investigating"]),
    ],
)
def test_words_of_another_stage_block(stage, body, expected):
    findings = found("L40", body, stage=stage)
    assert [f.words for f in findings] == expected
    assert {f.weight for f in findings} == {Weight.BLOCKER}


@pytest.mark.parametrize(
    ("stage", "body"),
    [
        (Stage.RESOLVED, "This incident is resolved. We are investigating why it happened."),
        (Stage.MONITORING, "It has worked since 12:51 ET (16:51 UTC). A fix has been in place since then."),
        (Stage.FIX_IMPLEMENTED, "A fix has been in place since 12:51 ET (16:51 UTC)."),
        (Stage.IDENTIFIED, "We are working on a fix. The fix of 10:12 ET (14:12 UTC) did not hold."),
        (Stage.INVESTIGATING, "The picture has a low resolution; we are unresolvedly looking."),
    ],
)
def test_words_of_the_stage_are_left_alone(stage, body):
    assert words("L40", body, stage=stage) == []


def test_a_correction_may_quote_its_wrong_words():
    body = "Correction: we said that it is resolved. That was wrong: ChatGPT still fails."
    facts = Facts(wrong="It is resolved.", right="ChatGPT still fails.")
    assert found("L40", body, kind=UpdateKind.CORRECTION, facts=facts) == []


def test_closing_needs_every_component_operational():
    impacts = {**WELL, "api": Impact.PARTIAL}
    (finding,) = found("L41", "This incident is resolved.", **{**RESOLVED, "impacts": impacts})
    assert finding.weight is Weight.BLOCKER
    assert "API: partial outage" in finding.reason


def test_closing_with_every_component_operational_is_fine():
    assert found("L41", "This incident is resolved.", **RESOLVED) == []


def test_a_title_names_the_failure_to_its_end():
    assert found("L41", "Requests succeed again.", title="API: major outage", impacts=WELL) == []


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("ChatGPT and the API have worked normally since 12:51 ET (16:51 UTC).", ["worked normally"]),
        ("Everything is back to normal.", ["back to normal"]),
        ("ChatGPT works normally again. The API is still failing.", []),
        ("ChatGPT works normally again. The API does not work normally yet.", []),
        ("If the API works again for you, tell us.", []),
    ],
)
def test_at_monitoring_nothing_is_said_to_work_that_does_not(body, expected):
    impacts = {**WELL, "api": Impact.PARTIAL}
    assert words("L41", body, stage=Stage.MONITORING, impacts=impacts) == expected


def test_once_a_fix_is_in_place_what_answers_again_may_be_degraded():
    impacts = {**WELL, "api": Impact.DEGRADED}
    assert found("L41", "ChatGPT and the API answer again.", stage=Stage.FIX_IMPLEMENTED, impacts=impacts) == []


def test_a_text_of_failure_needs_a_component_that_is_not_operational():
    assert words("L41", FAILING, impacts=WELL) == ["has been failing"]


@pytest.mark.parametrize(
    ("body", "impacts"),
    [
        (FAILING, {}),
        ("If something is still failing for you, reload the page.", WELL),
        ("ChatGPT has worked normally since 12:51 ET (16:51 UTC).", WELL),
    ],
)
def test_a_text_of_failure_is_left_alone_where_none_is_claimed(body, impacts):
    assert found("L41", body, impacts=impacts) == []


@pytest.mark.parametrize("stage", [Stage.INVESTIGATING, Stage.IDENTIFIED, Stage.FIX_IMPLEMENTED, Stage.MONITORING])
@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("Service has returned to normal for ChatGPT and the API.", ["returned to normal"]),
        ("The API is fully operational.", ["fully operational"]),
        ("Everything works as before.", ["works as before"]),
        ("We will tell you when service has returned to normal.", []),
        ("Service has not returned to normal yet.", []),
        ("Some requests to the API work again.", []),
        ("ChatGPT works normally.", []),
    ],
)
def test_at_no_stage_may_a_text_claim_a_recovery_that_the_page_does_not_show(stage, body, expected):
    assert words("L41", body, stage=stage, impacts={**WELL, "api": Impact.PARTIAL}) == expected


def test_a_correction_may_quote_a_recovery_that_was_claimed_wrongly():
    body = "We said “The API works normally again.” That was incorrect. The API still fails."
    facts = Facts(wrong="The API works normally again.", right="The API still fails.")
    assert found("L41", body, kind=UpdateKind.CORRECTION, facts=facts) == []


@pytest.mark.parametrize(
    ("stage", "body"),
    [
        (Stage.IDENTIFIED, "Uploads may fail until the problem is resolved."),
        (Stage.IDENTIFIED, "The problem is not yet fully resolved."),
        (Stage.IDENTIFIED, "We rolled the change back in two regions; others follow."),
        (Stage.IDENTIFIED, "The button “Resolved” does nothing."),
        (Stage.IDENTIFIED, "A fix has not been deployed yet."),
        (Stage.RESOLVED, "Our team began investigating at 10:05 UTC."),
        (Stage.RESOLVED, "While we were investigating, exports stopped."),
    ],
)
def test_what_is_hoped_denied_quoted_or_past_is_no_claim(stage, body):
    assert words("L40", body, stage=stage) == []
