"""Facts: what may be typed where, what is carried and asked about, and that a recovery is claimed once confirmed."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.domain.facts import Facts
from bot.domain.incident import ComponentImpact
from bot.domain.lint.findings import Weight
from bot.templating import BUILT_IN, Templates
from bot.views import DraftReview, Form, Notice
from tests.harness import Harness, buttons, organisation, say
from tests.reference import et

LANGUAGES = ("en", "de")


def opened(harness: Harness, facts: str = "", impacts: str = "api=partial,codex=partial") -> None:
    """A SEV3 that customers have read about."""
    harness.ana(f"declare Errors sev:3 on:{impacts}")
    harness.ana(f"update investigating {facts}")
    harness.ana("publish")
    harness.later(10)


def publish(harness: Harness, line: str) -> str:
    """What customers read after it."""
    harness.ana(line)
    harness.ana("publish")
    if harness.draft_open():
        harness.ben("approve")
    harness.later(10)
    return harness.text(harness.published()[-1]).body


def body(harness: Harness, audience: str = "customers") -> str:
    return harness.text(harness.draft(), audience).body


def refused(answer: Any) -> str:
    assert isinstance(answer, Notice | Form), answer
    return say(answer)


# ---- keys


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        (
            "update caus:DNS",
            "There is no fact “caus:”. Did you mean `cause:`? To keep it as text, put a space after the colon.",
        ),
        ("update Cauze:DNS", "There is no fact “Cauze:”. Did you mean `cause:`?"),
        ("resolve dataa:none", "There is no fact “dataa:”. Did you mean `data:`?"),
        ("update identified data:lost", "`data:` belongs to `resolve`."),
        ("update identified end:9:26", "`end:` belongs to `resolve`."),
        ("update harm:x", "`harm:` is no longer used. A closing update apologizes for an outage by itself."),
        ("update watch:errors", "`watch:` is no longer used. Say it in a sentence"),
        ("resolve for:a", "`for:` is no longer used."),
        ("update investigating cause:x", "`cause:` has no place in this update. A cause is published from"),
        ("update identified fixed:05:10", "`fixed:` has no place in this update."),
        ("update no change since:05:10", "`since:` has no place in this update."),
        ("resolve ok:api", "`ok:` belongs to `update`."),
    ],
)
def test_a_key_without_a_place_is_refused_in_words(harness: Harness, typed: str, words: str) -> None:
    opened(harness)
    before = len(harness.rows(ComponentImpact))

    assert words in refused(harness.ana(typed))
    assert len(harness.rows(ComponentImpact)) == before
    assert not harness.draft_open()


@pytest.mark.parametrize(
    "text", ["Cause: DNS.", "It began at 9:51 UTC.", "See https://status.example.com/a:b for more.", "Ratio 3:1 now."]
)
def test_other_colons_are_text(harness: Harness, text: str) -> None:
    opened(harness)

    harness.ana(f"update identified {text}")

    assert text in body(harness)


@pytest.mark.parametrize(
    ("typed", "line"),
    [
        ("symptom:slow pages", "User impact: slow pages"),
        ("SEES:slow pages", "User impact: slow pages"),
        ("scope:everyone in Europe", "Scope: everyone in Europe"),
        ("works:payment by invoice", "Not affected: payment by invoice"),
        ("unaffected:chatgpt", "Not affected: ChatGPT"),
        ("ok:chatgpt,business", "Not affected: ChatGPT and ChatGPT Business"),
        ("who:for all users", "Scope: all users"),
    ],
)
def test_keys_and_their_older_names_reach_the_text(harness: Harness, typed: str, line: str) -> None:
    opened(harness)

    harness.ana(f"update investigating {typed}")

    assert line in body(harness).split("\n")


def test_an_unquoted_value_ends_at_the_next_key_or_where_a_sentence_begins(harness: Harness) -> None:
    opened(harness)

    harness.ana(
        "update identified sees:500 errors when creating jobs who:worldwide We are adding capacity. cause:a full disk"
    )

    facts = harness.draft().facts
    assert (facts.sees, facts.who, facts.message, facts.cause) == (
        "500 errors when creating jobs", "worldwide", "We are adding capacity.", "a full disk",
    )  # fmt: skip


def test_a_note_for_one_audience_is_read_by_it_alone(harness: Harness) -> None:
    opened(harness)

    harness.ana('update identified enterprise:"Nothing needs to be set up again."')

    assert "Nothing needs to be set up again." in body(harness, "enterprise")
    assert "set up" not in body(harness) + body(harness, "developers")


def test_what_fails_is_not_said_to_be_unaffected_and_the_review_says_so(harness: Harness) -> None:
    opened(harness)

    review = say(harness.ana("update identified ok:api,chatgpt"))

    assert "Not affected: ChatGPT\n" in body(harness)
    assert "Not shown as unaffected because the status page shows a failure: API." in review


# ---- times


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("1251", "12:51 PM ET (16:51 UTC)"),
        ("12:51", "12:51 PM ET (16:51 UTC)"),
        ("noon", "12:00 PM ET (16:00 UTC)"),
        ("9am", "9:00 AM ET (13:00 UTC)"),
        ("9:51 PT", "12:51 PM ET (16:51 UTC)"),
        ("18:51 +02:00", "12:51 PM ET (16:51 UTC)"),
        ("1.5h", "12:30 PM ET (16:30 UTC)"),
        ("yesterday 21:40", "9:40 PM ET (01:40 UTC, April 20) on April 19, 2026"),
        ("Apr 19 14:30", "2:30 PM ET (18:30 UTC) on April 19, 2026"),
        ("2026-04-19 14:30", "2:30 PM ET (18:30 UTC) on April 19, 2026"),
    ],
)
def test_a_start_is_typed_in_many_ways(harness: Harness, typed: str, read: str) -> None:
    harness.at("14:00")
    harness.ana("declare Errors sev:3 on:api=partial")

    harness.ana(f"update investigating since:{typed} We are looking at it.")

    assert f"Started: {read}" in body(harness)
    assert "We are looking at it." in body(harness)


def test_a_number_that_may_be_a_clock_time_or_minutes_is_asked_about(harness: Harness) -> None:
    harness.ana("declare Errors sev:3 on:api=partial")

    assert "“930” can be read as 9:30 or as 930m." in refused(harness.ana("update investigating since:930"))


@pytest.mark.parametrize("typed", ["since:2d", "since:2026-04-18 14:00"])
def test_a_time_more_than_a_day_away_is_asked_about_before_it_is_used(harness: Harness, typed: str) -> None:
    harness.ana("declare Errors sev:3 on:api=partial")

    form = harness.ana(f'update investigating {typed} sees:"slow pages"')

    assert isinstance(form, Form)
    assert "is more than 24 hours away" in say(form)
    assert harness.draft().facts.since is None
    harness.submit("ana", form.verb, {**dict(form.kept), **{field.name: field.typed for field in form.fields}})
    assert harness.draft().facts.since is not None
    assert harness.draft().facts.sees == "slow pages"


def test_an_end_before_its_start_is_asked_about_with_both(harness: Harness) -> None:
    opened(harness, "since:05:10")

    form = harness.ana('resolve end:05:01 data:"No data was lost."')

    assert isinstance(form, Form)
    assert "The end, 5:01 AM ET (09:01 UTC), is before the start, 5:10 AM ET (09:10 UTC)." in say(form)
    assert {field.name: field.typed for field in form.fields} == {
        "since": "2026-04-20 05:10",
        "end": "2026-04-20 05:01",
    }
    assert dict(form.kept)["data"] == "No data was lost."


# ---- what is carried


def test_what_was_said_of_a_failure_is_carried_until_a_component_recovers(harness: Harness) -> None:
    opened(harness, "sees:errors who:everyone since:05:10")

    assert "User impact: errors" in publish(harness, "update identified")
    after = publish(harness, "update identified on:api=operational")

    assert "User impact" not in after
    assert "Started: 5:10 AM ET (09:10 UTC)" in after


def test_the_review_marks_what_is_carried_with_the_time_it_was_typed(harness: Harness) -> None:
    opened(harness, "sees:errors since:05:10")

    review = say(harness.ana("update identified who:everyone"))

    assert (
        "Carried over. Check that it is still true: User impact: “errors” (typed at 5:15 AM ET (09:15 UTC));" in review
    )
    assert "Scope: “everyone” (typed" not in review


@pytest.mark.parametrize("stage", ["fix", "monitoring"])
def test_what_may_have_changed_is_left_out_and_asked_for(harness: Harness, stage: str) -> None:
    opened(harness, "sees:errors who:everyone")

    review = harness.ana(f"update {stage}")

    assert "User impact" not in body(harness)
    assert "Left out because it may have changed: User impact: “errors”; Scope: “everyone”." in say(review)
    harness.press("ana", buttons(review)["Keep what was said"])
    assert "User impact: errors\nScope: everyone" in body(harness)


def test_the_form_shows_what_may_still_hold(harness: Harness) -> None:
    opened(harness, "sees:errors")
    publish(harness, "update fix")

    form = harness.ana("update")

    assert isinstance(form, Form)
    assert {field.name: field.typed for field in form.fields}["sees"] == "errors"


def test_a_confirmed_cause_and_the_symptom_are_said_again_at_closing(harness: Harness) -> None:
    opened(harness, "sees:errors who:everyone since:05:10")
    publish(harness, 'update identified cause:"a full disk"')
    publish(harness, "update monitoring recovered:yes")

    after = publish(harness, "resolve end:05:40")

    assert "What users saw: errors\nScope: everyone\nCause: a full disk" in after
    assert "From 5:10 AM to 5:40 AM ET (09:10 to 09:40 UTC) on April 20, 2026, a partial outage affected" in after


def test_no_change_says_the_last_message_again(harness: Harness) -> None:
    opened(harness, "We are adding capacity.")

    assert "We are adding capacity." in publish(harness, "update no change")
    assert "We are adding capacity." in publish(harness, "update no change")
    assert "We are adding capacity." not in publish(harness, "update investigating")


def test_a_change_of_severity_alone_changes_nothing_that_customers_read(harness: Harness) -> None:
    opened(harness, "sees:errors")
    harness.ana("update identified")
    before = body(harness)

    harness.ana("severity 1")

    assert body(harness) == before
    assert "Raised from SEV3." in body(harness, "internal")


def test_facts_stored_by_earlier_versions_are_read_by_their_new_names() -> None:
    old = {"symptom": "errors", "scope": "worldwide", "news": "It is slow.", "works": "Signing in works.",
           "action": "Wait.",
           "fixed_at": "2026-04-20T16:51:00Z", "ended_at": "2026-04-20T16:51:00Z", "review_by": "2026-04-27",
           "harm": "work", "watch": "errors", "watch_for": "an hour"}  # fmt: skip

    facts = Facts.model_validate(old)

    assert (facts.sees, facts.who, facts.message, facts.ok, facts.do) == (
        "errors", "worldwide", "It is slow.", "Signing in works.", "Wait.",
    )  # fmt: skip
    assert facts.fixed == facts.end == et("12:51")


# ---- words against impact


def test_an_impact_set_since_the_last_publication_stays_at_monitoring(harness: Harness) -> None:
    opened(harness)
    harness.ana("impact api=major")

    review = harness.ana("update monitoring")

    assert isinstance(review, DraftReview)
    assert "Still affected: API (major outage)" in body(harness)
    assert "Publishing sets Codex to operational. No one has confirmed the recovery yet" in say(review)
    harness.ana("publish")
    assert {row.component: row.published.value for row in harness.rows(ComponentImpact) if row.published} == {
        "api": "major outage",
        "codex": "operational",
    }


def test_an_impact_said_again_since_the_last_publication_stays(harness: Harness) -> None:
    opened(harness)
    harness.ana("impact api=partial")

    harness.ana("update monitoring")

    assert "Still affected: API (partial outage)" in body(harness)


def test_an_impact_set_since_then_stops_the_closing_text(harness: Harness) -> None:
    opened(harness)
    harness.ana("impact api=major")

    harness.ana("resolve end:05:20")

    assert "components are not operational (API: major outage)" in say(harness.ana("publish"))
    harness.ana("impact api=operational")
    harness.ana("resolve end:05:20")
    assert not isinstance(harness.ana("publish"), Notice)


def test_a_recovery_is_claimed_only_once_it_is_confirmed(harness: Harness) -> None:
    opened(harness)
    review = harness.ana("update monitoring")
    assert body(harness).startswith("We are monitoring the recovery of Codex and the API.")

    review = harness.press("ana", buttons(review)["Confirm recovery"])

    assert body(harness).startswith(
        "Service has returned to normal for Codex and the API, and we are continuing to monitor."
    )
    assert "The recovery is confirmed." in say(review)


def test_impacts_said_one_by_one_confirm_as_well(harness: Harness) -> None:
    opened(harness)

    harness.ana("update monitoring on:api=operational,codex=operational")

    assert body(harness).startswith("Service has returned to normal for")


def test_a_partial_recovery_is_no_confirmed_one(harness: Harness) -> None:
    opened(harness)
    publish(harness, "update monitoring recovered:yes still:api")
    publish(harness, "update monitoring")

    after = publish(harness, 'resolve data:"No data was lost."')

    assert after.startswith("This incident is resolved.")
    assert "confirmed" not in after


def test_a_fix_says_nothing_of_recovery_beside_an_outage(harness: Harness) -> None:
    opened(harness, impacts="api=major")

    assert publish(harness, "update fix") == (
        "We have implemented a fix for the major outage affecting the API, and we are verifying that it is working.\n\n"
        "Next update by 6:25 AM ET (10:25 UTC)."
    )


def test_reopening_takes_the_impact_from_before_and_has_no_blocker(harness: Harness) -> None:
    opened(harness, "sees:errors")
    publish(harness, "update monitoring")
    publish(harness, 'resolve data:"No data was lost."')

    review = harness.ana("reopen INC-1")

    assert isinstance(review, DraftReview)
    assert "We are investigating a partial outage affecting Codex and the API." in body(harness)
    assert "Left out because it may have changed: User impact: “errors”." in say(review)
    assert not [f for text in review.texts for f in text.findings if f.weight is Weight.BLOCKER]


# ---- one customers' text


def test_an_edit_of_the_customers_text_reaches_all_who_read_it(harness: Harness) -> None:
    opened(harness)
    harness.ana("update identified")
    harness.ana('edit support:"Please wait."')

    review = harness.ana('edit customers:"One disk is full.\n\nWe are freeing space."')

    assert body(harness) == "One disk is full.\n\nWe are freeing space.\n\n[next update]"
    for audience in ("developers", "enterprise", "internal"):
        assert "One disk is full.\n\nWe are freeing space." in body(harness, audience)
    assert "disk" not in body(harness, "support") + body(harness, "social")
    assert "The text for social media does not follow the edited customers' text. Check it." in say(review)


def test_one_word_is_asked_about(harness: Harness) -> None:
    opened(harness)

    review = say(harness.ana("update investigating sees:delayed"))

    assert "sees: “delayed” is one word, so readers cannot tell what it means. What is delayed?" in review


# ---- languages


@pytest.fixture
def two(migrated_sqlite_url: str, tmp_path: Path) -> Iterator[Harness]:
    """Foghorn that speaks English and German; its German is English with one German label."""
    shutil.copytree(BUILT_IN / "updates" / "en", tmp_path / "updates" / "de")
    words = tmp_path / "updates" / "de" / "words.toml"
    words.write_text(words.read_text().replace('sees = "User impact"', 'sees = "Auswirkungen"'))
    harness = Harness(migrated_sqlite_url, organisation(languages=LANGUAGES), templates=Templates(tmp_path))
    yield harness
    harness.close()


def german(harness: Harness) -> str:
    texts = [t for t in harness.texts(harness.draft()) if t.language == "de" and t.audience == "customers"]
    return texts[0].body


def test_what_nobody_translated_is_left_out_and_named(two: Harness) -> None:
    opened(two)

    review = two.ana("update identified sees:errors who:worldwide We are adding capacity.")

    assert "errors" not in german(two)
    assert "Not translated into German, and left out there: message:, sees:, who:." in say(review)


def test_a_translation_reaches_its_language_alone(two: Harness) -> None:
    opened(two)
    review = two.ana("update identified sees:errors")
    form = two.press("ana", buttons(review)["Translate (de)"])
    assert isinstance(form, Form)
    assert [(field.name, field.hint) for field in form.fields] == [("sees", "errors")]

    two.submit("ana", "translate", {"language": "de", "sees": "Fehlermeldungen"})

    assert "Auswirkungen: Fehlermeldungen" in german(two)
    assert "Fehlermeldungen" not in body(two)


def test_new_words_take_back_a_translation_that_no_longer_fits(two: Harness) -> None:
    opened(two)
    two.ana("update identified sees:errors")
    two.ana('translate de sees:"Fehlermeldungen"')

    two.ana('update sees:"slow pages"')

    assert "Fehlermeldungen" not in german(two)


def test_a_translation_is_carried_with_its_fact(two: Harness) -> None:
    opened(two)
    two.ana("update identified sees:errors")
    two.ana('translate de sees:"Fehlermeldungen"')
    publish_now(two)

    two.ana("update identified We are adding capacity.")

    assert "Auswirkungen: Fehlermeldungen" in german(two)


def publish_now(harness: Harness) -> None:
    harness.ana("publish")
    harness.later(10)
