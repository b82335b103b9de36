"""The promise, times without a zone, and repair times."""

import unicodedata

import pytest

from bot.domain.audiences import Audience
from bot.domain.facts import UpdateKind
from bot.domain.lifecycle import Stage
from bot.domain.lint import Weight
from bot.domain.severity import Severity
from tests.domain.lint.subjects import FAILING, PROMISE, RESOLVED, SMALL, found, words
from tests.reference import ORGANISATION, et


@pytest.mark.parametrize(
    "body",
    [FAILING, f"{FAILING} More soon.", f"{FAILING} Next update by soon."],
)
def test_an_open_text_without_a_next_update_is_found(body):
    assert [f.weight for f in found("L12", body)] == [Weight.BLOCKER]


def test_a_missing_next_update_is_a_warning_from_sev3_on():
    assert [f.weight for f in found("L12", FAILING, **SMALL)] == [Weight.WARNING]


@pytest.mark.parametrize(
    ("body", "changes"),
    [
        (f"{FAILING} {PROMISE}", {}),
        (f"{FAILING} We will write again by 11:59 ET.", {}),
        ("Nächste Nachricht bis 11:59 ET (15:59 UTC).", {"language": "de"}),
        (FAILING, {"promise_at": None}),
        (FAILING, {"audience": Audience.SOCIAL}),
        (FAILING, {"stage": Stage.RESOLVED}),
    ],
)
def test_no_next_update_is_missed_where_one_stands_or_none_is_due(body, changes):
    assert found("L12", body, **changes) == []


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("Next update by 12:30 ET (15:59 UTC).", ["12:30 ET"]),
        ("Next update by 11:59 ET (16:59 UTC).", ["16:59 UTC"]),
        ("Next update by 10:59 AM EDT.", ["10:59 AM EDT"]),
        ("Next update by 13:00.", ["13:00"]),
        ("Next update by 21 April 2026, 11:59 ET (15:59 UTC).", ["21 April 2026"]),
        ("Next update by 11:59 AM ET (15:59 UTC) on April 21, 2026.", ["April 21, 2026"]),
        (f"{PROMISE} We will post again by 12:30 ET.", ["12:30 ET"]),
        ("By 12:30 ET we will write again.", ["12:30 ET"]),
        ("Next update by 12:30 UTC+02:00.", ["12:30 UTC+02:00"]),
    ],
)
def test_a_promised_time_other_than_the_records_is_found(sentence, expected):
    assert words("L13", f"{FAILING} {sentence}") == expected


@pytest.mark.parametrize(
    "sentence",
    [
        PROMISE,
        "Next update by 11:58 ET (15:58 UTC).",
        "Next update by 11:59 AM EDT.",
        "Next update by 20 April 2026, 11:59 ET (15:59 UTC).",
        "Next update by 11:59 AM ET (15:59 UTC) on April 20, 2026.",
        "Next update by 17:59 CEST.",
        "Next update by 11:59 XYZ.",
        "At 11:20 ET (15:20 UTC) we said that signing in works.",
        "Since 09:00 ET, more or less; we will update you by 11:59 ET.",
    ],
)
def test_the_records_time_and_history_are_left_alone(sentence):
    assert words("L13", f"{FAILING} {sentence}") == []


def test_a_promise_that_has_passed_blocks():
    assert [f.weight for f in found("L13", PROMISE, now=et("12:00"))] == [Weight.BLOCKER] * 2


def test_a_promise_holds_until_its_minute_has_ended():
    assert found("L13", PROMISE, now=et("11:59")) == []


def test_a_correction_is_not_held_up_by_a_promise_that_has_passed():
    assert {f.weight for f in found("L13", PROMISE, now=et("12:00"), kind=UpdateKind.CORRECTION)} == {Weight.WARNING}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("It began at 14:30.", ["14:30"]),
        ("From 11:44 to 12:51 it failed.", ["11:44", "12:51"]),
        ("It began at 11:44. At 12:51 UTC it ended.", ["11:44"]),
        ("At 11:44 (15:44 UTC) it began.", ["11:44"]),
        ("It began at 2 PM.", ["2 PM"]),
        ("At 14:30 API requests failed.", ["14:30"]),
        ("At 14:30 et cetera.", ["14:30"]),
    ],
)
def test_a_time_without_zone_is_found(body, expected):
    assert words("L15", body) == expected


@pytest.mark.parametrize(
    "body",
    [
        "11:44 to 12:51 ET (15:44 to 16:51 UTC)",
        "at 13:30 UTC, at 13:30 (UTC), at 13:30Z",
        "at 1:30 PM EDT (17:30 UTC), at 9 AM PST, at 9:00 Pacific",
        "11:44-12:51 UTC and 11:44\u201312:51 UTC",
        "at 10:00, 11:00 and 12:00 UTC",
        "from 20 April 2026, 23:44 to 21 April 2026, 00:51 ET",
        "2026-04-20T11:44:00Z and 13:30 UTC+05:30 and 13:30 GMT-4",
        "version 2.14:30, a ratio of 3:1, 16:9, 1:30 hours, 90 minutes, 12.51, 99:99",
        "All times are in UTC. It failed at 11:44 and 12:51.",
        "http://127.0.0.1:8080/10:20 and https://status.example.com/a?t=10:20",
    ],
)
def test_a_time_with_its_zone_is_left_alone(body):
    assert words("L15", body) == []


def test_the_label_of_the_organisation_is_a_zone():
    kathmandu = ORGANISATION.model_copy(update={"time_zone": "Asia/Kathmandu", "zone_label": "NPT"})
    assert words("L15", "at 14:30 NPT", kathmandu) == []


def test_a_time_without_zone_is_answered_with_both_zones():
    assert (
        found("L15", "It began at 11:40.")[0].suggestion == "Write “11:40 AM ET (15:40 UTC)” if that is what you mean."
    )


@pytest.mark.parametrize(
    "body",
    [
        "It will be fixed in 10 minutes.",
        "It should be fixed within the hour.",
        "Errors should be gone by 13:00.",
        "We expect full recovery by 1:30 PM EDT (17:30 UTC).",
        "We expect a fix within 30 minutes.",
        "ChatGPT will be back by 13:00 UTC.",
        "This should be resolved shortly.",
        "Fixed in 10 minutes.",
        "The ETA is 13:00 UTC.",
        "Estimated time to repair: one hour.",
    ],
)
def test_a_repair_time_is_found(body):
    assert [f.weight for f in found("L18", body)] == [Weight.BLOCKER]


@pytest.mark.parametrize(
    "body",
    [
        PROMISE,
        "We will watch errors and loading times for an hour before we close this incident.",
        "A fix has been in place since 12:51 ET (16:51 UTC).",
        "We will post another update by 13:00 UTC.",
        "We do not have an ETA yet.",
        "The problem of last week was fixed in 10 minutes.",
        "ChatGPT, Codex and the API have worked normally since 12:51 ET (16:51 UTC).",
    ],
)
def test_a_promise_of_words_is_no_repair_time(body):
    assert found("L18", body) == []


def test_a_repair_time_is_a_warning_at_identified_where_somebody_must_approve():
    body = "It should be fixed within the hour."
    assert [f.weight for f in found("L18", body, stage=Stage.IDENTIFIED)] == [Weight.WARNING]
    assert [f.weight for f in found("L18", body, stage=Stage.IDENTIFIED, severity=Severity.SEV3)] == [Weight.BLOCKER]


def test_a_closing_text_may_say_how_long_the_repair_took():
    assert found("L18", "It should be back, fixed in 67 minutes.", **RESOLVED) == []


GERMAN = "Nächstes Update bis 11:59 Uhr ET (15:59 UTC)."
JAPANESE = "次回の更新は11:59 ET\uff0815:59 UTC\uff09までに行います。"


@pytest.mark.parametrize(
    ("language", "promise"),
    [("en", "Next update by 11:59 AM ET (15:59 UTC)."), ("de", GERMAN), ("ja", JAPANESE)],
)
class TestPromiseInEachLanguage:
    """The promise as the language's words render it, and the same with another time."""

    def test_the_rendered_sentence_is_the_promise(self, language, promise):
        for rule in ("L12", "L13", "L15"):
            assert found(rule, f"{FAILING} {promise}", language=language, promise=promise) == []

    def test_without_it_the_suggestion_is_the_sentence(self, language, promise):
        (finding,) = found("L12", "ChatGPT.", language=language, promise=promise)
        assert unicodedata.normalize("NFKC", promise) in finding.suggestion

    def test_another_time_in_its_place_is_found(self, language, promise):
        body = f"{FAILING}\n\n{promise.replace('11:59', '12:59')}"
        assert len(found("L13", body, language=language, promise=promise)) == 1


@pytest.mark.parametrize(
    "body",
    [
        "Since 9:30 am Pacific time, pages fail.",
        "From Friday, 21:40 to Saturday, 01:15 UTC, pages failed.",
        "From 2026-03-02 21:40 to 2026-03-03 01:15 UTC, pages failed.",
        "From 17:10 to 17:40 and again from 19:00 to 20:30 EDT, pages failed.",
        "On UTC Oct 24 2:55 - 3:15 AM, pages failed.",
        "Since 10:05 (Berlin time), pages fail.",
        "At 9:05 pst it began.",
    ],
)
def test_days_dates_and_spelled_zones_are_understood(body):
    assert words("L15", body) == []


def test_a_time_after_one_with_a_zone_is_a_warning():
    assert [f.weight for f in found("L15", "It began at 11:44 UTC. By 12:51 it was over.")] == [Weight.WARNING]


@pytest.mark.parametrize("sentence", ["More soon.", "Stay tuned.", "We will keep you posted."])
def test_a_vague_next_update_is_a_warning(sentence):
    assert [f.weight for f in found("L14", f"{FAILING} {sentence}")] == [Weight.WARNING]


@pytest.mark.parametrize(
    "sentence", [PROMISE, "We will post an update by 12:30 UTC.", "Updates of the app are delayed."]
)
def test_a_next_update_with_a_time_is_not_vague(sentence):
    assert found("L14", f"{FAILING} {sentence}") == []


def test_the_planned_end_of_maintenance_may_be_said():
    assert found("L18", "Scheduled maintenance will be completed by 04:00 UTC.") == []
