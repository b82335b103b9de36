"""Whether a text says enough, something new, fits, and is plain."""

import pytest

from bot.domain.audiences import Audience
from bot.domain.facts import Facts, UpdateKind
from bot.domain.lint import Weight
from bot.domain.severity import Severity
from tests.domain.lint.subjects import FAILING, PROMISE, RESOLVED, SMALL, found, words
from tests.reference import et

STOCK = "We are currently investigating this issue."
CLOSED = (
    "This incident is resolved. On 20 April 2026, from 11:44 to 12:51 ET (15:44 to 16:51 UTC), 67 minutes, "
    "ChatGPT failed worldwide. No data was lost."
)


@pytest.mark.parametrize(
    "body",
    [
        STOCK,
        f"{STOCK} {PROMISE}",
        "The issue has been identified and a fix is being implemented.",
        "A fix has been implemented and we are monitoring the results.",
        "Thank you for writing to us. We're aware of the problem. It appears here first: https://status.example.com/x",
        PROMISE,
    ],
)
def test_a_stock_sentence_alone_blocks(body):
    assert [f.weight for f in found("L24", body)] == [Weight.BLOCKER]


def test_a_stock_sentence_is_a_warning_from_sev3_on():
    assert [f.weight for f in found("L24", STOCK, **SMALL)] == [Weight.WARNING]


@pytest.mark.parametrize("body", [f"{STOCK} {FAILING}", "Some of our services have not been working as they should."])
def test_a_stock_sentence_beside_news_is_left_alone(body):
    assert found("L24", body) == []


def test_resolved_and_nothing_else_is_found():
    assert [f.weight for f in found("L25", "This incident has been resolved.", **RESOLVED)] == [Weight.WARNING]


def test_a_closing_text_that_says_more_is_left_alone():
    assert found("L25", CLOSED, **RESOLVED) == []


@pytest.mark.parametrize(("first", "count"), [(True, 1), (False, 0)])
def test_only_a_first_text_has_to_name_effect_or_component(first, count):
    assert [f.weight for f in found("L26", STOCK, first=first)] == [Weight.WARNING] * count


@pytest.mark.parametrize(
    "body",
    ["We are investigating Codex.", "Pages do not load.", "Some of our services have not been working as they should."],
)
def test_an_effect_or_a_component_is_enough(body):
    assert found("L26", body, first=True) == []


def test_a_closing_text_without_window_is_found():
    assert len(found("L28", "ChatGPT failed, and works again.", **RESOLVED)) == 1


def test_a_missing_window_is_answered_with_the_known_one():
    facts = Facts(since=et("11:44"), end=et("12:51"))
    (finding,) = found("L28", "ChatGPT failed, and works again.", facts=facts, **RESOLVED)
    assert (
        finding.suggestion
        == "Add it: from 11:44 AM ET (15:44 UTC) on April 20, 2026 to 12:51 PM ET (16:51 UTC) on April 20, 2026."
    )


@pytest.mark.parametrize("body", [CLOSED, "ChatGPT failed for 67 minutes.", "It was slow for an hour."])
def test_a_window_or_a_length_is_enough(body):
    assert found("L28", body, **RESOLVED) == []


def test_a_closing_text_that_is_silent_about_data_is_found():
    assert [f.weight for f in found("L29", "ChatGPT failed for an hour.", **RESOLVED)] == [Weight.WARNING]


@pytest.mark.parametrize(
    ("body", "changes"),
    [
        (CLOSED, {}),
        ("We are still checking whether data was affected.", {}),
        ("No messages were lost.", {}),
        ("ChatGPT failed for an hour.", {"severity": Severity.SEV3}),
    ],
)
def test_data_is_spoken_of_or_need_not_be(body, changes):
    assert found("L29", body, **RESOLVED, **changes) == []


@pytest.mark.parametrize("rule", ["L25", "L28", "L29"])
def test_a_cancelled_incident_needs_no_closing_facts(rule):
    body = "We reported errors at 11:44 ET (15:44 UTC). We have checked: ChatGPT worked normally throughout."
    assert found(rule, body, **RESOLVED, kind=UpdateKind.CANCELLATION) == []


@pytest.mark.parametrize("rule", ["L26", "L28", "L29"])
def test_words_are_not_missed_in_other_languages(rule):
    assert found(rule, "Behoben.", **RESOLVED, language="de") == []


@pytest.mark.parametrize(
    ("length", "audience", "count"),
    [
        (600, Audience.CUSTOMERS, 0),
        (601, Audience.CUSTOMERS, 1),
        (280, Audience.SOCIAL, 0),
        (281, Audience.SOCIAL, 1),
    ],
)
def test_a_text_over_its_limit_is_a_warning(length, audience, count):
    assert [f.weight for f in found("L37", "x" * length, audience=audience)] == [Weight.WARNING] * count


def test_a_closing_text_may_be_long():
    assert found("L37", "x" * 601, **RESOLVED) == []


@pytest.mark.parametrize(("length", "count"), [(80, 0), (81, 1)])
def test_a_long_title_is_a_warning(length, count):
    assert [f.in_title for f in found("L37", "Short.", title="x" * length)] == [True] * count


def test_the_same_text_with_a_new_promise_is_found():
    previous = f"{FAILING} Next update by 11:44 ET (15:44 UTC)."
    assert len(found("L39", f"{FAILING} {PROMISE}", previous_body=previous)) == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"previous_body": "Pages load without end in ChatGPT."},
        {"previous_body": ""},
        {"previous_body": FAILING, "kind": UpdateKind.NO_CHANGE},
    ],
)
def test_news_and_no_change_are_no_duplicates(changes):
    assert found("L39", FAILING, **changes) == []


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("It is **down**.", ["**down**"]),
        ("It is *down* and _slow_.", ["*down*", "_slow_"]),
        ("~~Up~~ ||secret||", ["~~Up~~", "||secret||"]),
        ("See [the page](https://status.example.com).", ["[the page](https://status.example.com)"]),
        ("See <https://status.example.com|the page>.", ["<https://status.example.com|the page>"]),
        ("<b>Down</b>&nbsp;now", ["<b>", "</b>", "&nbsp;"]),
        ("Use `retry` now", ["`retry`"]),
        ("An open ` tick", ["` tick"]),
        ("# Down", ["# "]),
        ("> said", ["> "]),
        (":warning: down", [":warning:"]),
        ("at <t:1776700800:R>", ["<t:1776700800:R>"]),
        ("zero\u200bwidth", ["\u200b"]),
        ("bidi\u202etext", ["\u202e"]),
    ],
)
def test_markup_and_hidden_characters_are_found(body, expected):
    found_words = words("L47", body)
    assert found_words == expected


@pytest.mark.parametrize(
    "body",
    [
        "5 * 3 * 2 and rate_limit_exceeded_now, fewer than < 5 % and > 3 %.",
        "- one\n- two\n1. three",
        "AT&T; git/refs/* and a/*",
        "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645 \U0001f469\u200d\U0001f4bb \u2764\ufe0f",
        "Note: this: fine.",
        "It is 11:44:05 UTC",
    ],
)
def test_plain_text_is_left_alone(body):
    assert words("L47", body) == []


@pytest.mark.parametrize(("length", "names"), [(2000, ()), (2001, ("Discord",)), (3001, ("Discord", "Slack"))])
def test_what_a_platform_refuses_blocks(length, names):
    findings = found("L50", "x" * length)
    assert [f.weight for f in findings] == [Weight.BLOCKER] * bool(names)
    assert all(name in findings[0].reason for name in names)
