"""Corrections: replaced where the wrong words occur, marked elsewhere; promise and stage stay."""

import pytest

from bot.domain.deliveries import DeliveryKind, Operation
from bot.domain.lifecycle import Stage
from bot.domain.updates import UpdateText
from bot.views import DeliveryReport, DraftReview, Form
from tests.harness import Harness, say

LINE = 'correct wrong:"Signing in works." right:"Some sign-ins fail too." not:"Please do not reset your password."'


@pytest.fixture
def told(harness: Harness) -> Harness:
    """Two updates; the second says that signing in works."""
    harness.ana("declare API errors sev:3 on:api=partial")
    harness.ana("publish")
    harness.deliver()
    harness.later(5)
    harness.ana("update identified Signing in works.")
    assert isinstance(harness.ana("publish"), DeliveryReport)
    harness.deliver()
    harness.later(5)
    return harness


def test_the_review_shows_both_the_corrected_texts_and_the_message(told: Harness) -> None:
    review = told.ana(LINE)

    assert isinstance(review, DraftReview)
    assert review.kind == "correction"
    short = next(text.body for text in review.texts if text.audience == "customers")
    assert short.startswith(
        "Correction to our update at 5:20 AM ET (09:20 UTC): We said “Signing in works.” That was incorrect"
    )
    corrected = next(text for text in review.corrected if text.audience == "customers")
    assert "Some sign-ins fail too." in corrected.body
    assert "Signing in works." in corrected.old_words


def test_where_the_words_do_not_occur_the_text_is_marked_for_a_hand(told: Harness) -> None:
    told.ana("update no change")
    told.ana('edit customers:"The API still fails. Searching works."')
    told.ana("publish")

    review = told.ana('correct wrong:"Searching works." right:"Searching fails too."')

    assert isinstance(review, DraftReview)
    assert {text.audience for text in review.corrected if text.by_hand} == {"social"}


def test_a_corrected_text_can_be_edited_by_hand(told: Harness) -> None:
    told.ana(LINE)

    told.ana('edit corrected_customers:"Some sign-ins fail. Next update by 6:20 AM ET (10:20 UTC)."')
    told.ana("publish")

    assert told.current(told.published()[1]) == "Some sign-ins fail. Next update by 6:20 AM ET (10:20 UTC)."


def test_the_form_of_a_corrected_text_saved_as_it_is_changes_nothing(told: Harness) -> None:
    told.ana(LINE)
    form = told.ana("edit")
    assert isinstance(form, Form)
    before = {text.id: text.body for text in told.rows(UpdateText)}
    assert any("You can follow this incident at " in body for body in before.values())

    told.submit("ana", "edit", {field.name: field.typed for field in form.fields})

    assert {text.id: text.body for text in told.rows(UpdateText)} == before
    assert not [text for text in told.rows(UpdateText) if text.edited_by_hand]


def test_wrong_words_in_the_title_are_replaced_there(told: Harness) -> None:
    review = told.ana('correct wrong:"API" right:"Codex"')
    assert isinstance(review, DraftReview)
    assert review.title == "Codex: partial outage"
    assert {text.title for text in review.corrected} == {"Codex: partial outage"}

    told.ana("publish")
    told.ana("publish nochange:yes")

    assert told.incident().title == "Codex: partial outage"
    assert told.text(told.published()[-1]).title == "Codex: partial outage"


def test_while_the_promise_is_late_a_correction_promises_nothing(told: Harness) -> None:
    told.later(70)
    review = told.ana(LINE)
    assert isinstance(review, DraftReview)
    assert review.promise_at is None
    assert "The promised update is overdue, so the correction gives no time" in say(review)

    told.ana("publish")

    assert "ext update" not in told.text(told.published()[-1]).body


def test_promise_and_stage_stay(told: Harness) -> None:
    before = told.promised()
    told.ana(LINE)

    told.ana("publish")

    assert told.promised() == before
    assert told.incident().stage is Stage.IDENTIFIED
    assert told.published()[-1].promised_at == told.published()[-2].promised_at


def test_the_published_text_stays_as_it_was_and_reads_corrected(told: Harness) -> None:
    told.ana(LINE)
    told.ana("publish")

    wrong = told.published()[1]
    assert "Signing in works." in told.text(wrong).body
    assert "Signing in works." not in told.current(wrong)
    assert "Some sign-ins fail too." in told.current(wrong)


def test_the_wrong_words_leave_the_lasting_facts(told: Harness) -> None:
    told.ana(LINE)
    told.ana("publish")

    told.ana("publish nochange:yes")

    texts = [text.body for text in told.rows(UpdateText) if text.update_id == told.published()[-1].id]
    assert texts
    assert not [body for body in texts if "Signing in works" in body]


def test_a_message_is_edited_and_answered(told: Harness) -> None:
    wrong = next(row for row in told.sent_to("local:#status") if row.update_id == told.published()[1].id)
    told.ana(LINE)
    told.ana("publish")

    acts = [(row.kind, row.operation, row.target) for row in told.sent_to("local:#status")[2:]]
    assert acts == [
        (DeliveryKind.UPDATE, Operation.EDIT, wrong.id),
        (DeliveryKind.CORRECTION, Operation.REPLY, wrong.id),
    ]


def test_an_older_update_can_be_corrected(told: Harness) -> None:
    told.ana("publish nochange:yes")

    told.ana(LINE.replace("correct", "correct update:2"))
    told.ana("publish")

    assert "Some sign-ins fail too." in told.current(told.published()[1])


def test_after_the_end_a_text_can_be_corrected(told: Harness) -> None:
    told.ana('resolve end:05:22 data:"No data was lost."')
    told.ana("publish")

    told.ana('correct INC-1 wrong:"No data was lost." right:"Some drafts were lost."')

    assert isinstance(told.ben("approve INC-1"), DeliveryReport | DraftReview)
    assert told.incident().stage is Stage.RESOLVED


def test_words_that_stand_nowhere_are_refused(told: Harness) -> None:
    answer = told.ana('correct wrong:"Everything works." right:"Nothing does."')

    assert "“Everything works.” is not in the published text" in say(answer)


def test_a_correction_is_not_corrected(told: Harness) -> None:
    told.ana(LINE)
    told.ana("publish")

    assert "INC-1 has no published update 3" in say(told.ana('correct update:3 wrong:"a" right:"b"'))


def test_an_unknown_update_is_refused(told: Harness) -> None:
    assert "INC-1 has no published update 9" in say(told.ana('correct update:9 wrong:"a" right:"b"'))


def test_with_nothing_published_there_is_nothing_to_correct(harness: Harness) -> None:
    harness.ana("declare API errors")

    for line in ("correct", "deliveries"):
        assert "Nothing has been published about INC-1 yet. Nothing was changed." in say(harness.ana(line))


def test_correct_alone_asks_for_the_words_and_knows_the_update(told: Harness) -> None:
    form = told.ana("correct")

    assert isinstance(form, Form)
    assert [(field.name, field.typed) for field in form.fields] == [
        ("number", "2"),
        ("wrong", ""),
        ("right", ""),
        ("avoid", ""),
    ]


def test_an_open_draft_is_finished_before_a_correction(told: Harness) -> None:
    told.ben("update monitoring")

    assert "Ben Osei has an open draft for INC-1" in say(told.ana(LINE))


def test_an_open_correction_is_finished_before_an_update(told: Harness) -> None:
    told.ana(LINE)

    for line in ("update monitoring", "resolve end:05:22", "cancel"):
        assert "Ana Silva has an open draft for INC-1" in say(told.ben(line))


def test_a_correction_needs_whom_its_severity_needs(told: Harness) -> None:
    told.ana("severity 1")
    told.ana(LINE)

    assert isinstance(told.ana("publish"), DraftReview)
    assert isinstance(told.ben("approve"), DeliveryReport)


def test_a_second_correction_finds_the_words_of_the_first(told: Harness) -> None:
    told.ana(LINE)
    told.ana("publish")

    told.ana('correct update:2 wrong:"Some sign-ins fail too." right:"All sign-ins fail."')
    told.ana("publish")

    assert "All sign-ins fail." in told.current(told.published()[1])
