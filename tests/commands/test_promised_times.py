"""A time that customers were promised never moves back, whatever is published next."""

import pytest

from bot.views import DeliveryReport, DraftReview, Form, NudgeCard
from tests.harness import Harness, say

PROMISED = "06:15"  # fixed by hand at 05:15, three cadences of a SEV1 away


@pytest.fixture
def fixed(either: Harness) -> Harness:
    """INC-1, SEV1, published at 05:15, and customers were promised an update by 06:15."""
    either.ana("declare API errors sev:1 on:api=major")
    assert isinstance(either.run("ana", "publish", next_at="60m", sure="yes"), DeliveryReport)
    assert either.promised() == [(PROMISED, "open")]
    either.later(5)
    return either


def test_publishing_no_change_repeats_a_later_promise(fixed: Harness) -> None:
    fixed.ana("publish nochange:yes")

    assert fixed.promised() == [(PROMISED, "kept"), (PROMISED, "open")]
    assert "6:15 AM ET (10:15 UTC)" in fixed.text(fixed.published()[-1]).body


def test_the_reminder_shows_the_time_that_its_publication_promises(fixed: Harness) -> None:
    fixed.at("06:05")
    fixed.tick()
    card = fixed.ana("snooze 5m")
    assert isinstance(card, NudgeCard)
    assert "6:30 AM ET (10:30 UTC)" in card.ready

    fixed.ana("publish nochange:yes")

    assert fixed.promised() == [(PROMISED, "kept"), ("06:30", "open")]


@pytest.mark.parametrize("line", ["update no change", "update identified", "update fix", "update monitoring"])
def test_no_update_moves_a_later_promise_back(fixed: Harness, line: str) -> None:
    review = fixed.ana(line)
    assert isinstance(review, DraftReview)
    assert review.promise_at == fixed.published()[0].promised_at or line == "update monitoring"

    fixed.ana("publish")
    fixed.ben("approve")

    made = fixed.promised()[-1]
    assert made == (("06:20" if line == "update monitoring" else PROMISED), "open")


def test_publishing_alone_moves_no_promise_back(fixed: Harness) -> None:
    fixed.ana("update identified")

    fixed.ana('publish alone:"nobody is awake"')

    assert fixed.promised() == [(PROMISED, "kept"), (PROMISED, "open")]


def test_a_lower_severity_moves_no_promise_back(fixed: Harness) -> None:
    fixed.ana("severity 2")
    fixed.ana("update identified")
    fixed.ben(f"approve rev:{fixed.draft().revision}")

    assert fixed.promised() == [(PROMISED, "kept"), (PROMISED, "open")]


def test_a_correction_leaves_the_promise_alone(fixed: Harness) -> None:
    fixed.ana('correct wrong:"API" right:"public API"')
    fixed.ana("publish")
    fixed.ben("approve")

    assert len(fixed.published()) == 2
    assert fixed.promised() == [(PROMISED, "open")]


def test_a_failure_that_returns_may_be_promised_sooner(either: Harness) -> None:
    either.ana("declare API errors sev:2 on:api=major")
    either.ana("publish")
    either.ana("update monitoring")
    either.ben("approve rev:2")
    assert either.promised()[-1] == ("06:15", "open")
    either.later(5)

    either.ana("update identified")
    either.ben("approve rev:3")

    assert either.promised()[-2:] == [("06:15", "superseded"), ("05:50", "open")]


@pytest.mark.parametrize("line", ["severity 1", "update on:chatgpt=major"])
def test_a_larger_incident_may_be_promised_sooner(either: Harness, line: str) -> None:
    either.ana("declare API errors sev:2 on:api=major")
    either.ana("publish")
    either.later(5)
    either.run("ana", "publish", no_change="yes", next_at="60m", sure="yes")
    assert either.promised()[-1] == ("06:20", "open")

    either.ana(line)
    either.ana("update identified")
    either.ben(f"approve rev:{either.draft().revision}")

    assert either.promised()[-2:] == [("06:20", "superseded"), ("05:35" if "1" in line else "05:50", "open")]


def test_no_change_after_a_raised_severity_moves_no_promise_back(either: Harness) -> None:
    either.ana("declare API errors sev:3 on:api=major")
    either.ana("publish")
    either.later(5)
    either.ana("severity 2")

    either.ana("publish nochange:yes")

    assert either.promised() == [("06:15", "kept"), ("06:15", "open")]


def test_after_a_late_update_the_cadence_counts_from_then(fixed: Harness) -> None:
    fixed.at("06:20")

    fixed.ana("publish nochange:yes")

    assert fixed.promised() == [(PROMISED, "late"), ("06:35", "open")]


# ---- a time that a person fixes


@pytest.mark.parametrize("line", ["publish nochange:yes next:20m", "publish next:20m"])
def test_an_earlier_time_is_refused_and_the_promised_one_is_proposed(fixed: Harness, line: str) -> None:
    if "nochange" not in line:
        fixed.ana("update no change")

    form = fixed.ana(line)

    assert isinstance(form, Form)
    assert "Customers were promised an update by 6:15 AM ET (10:15 UTC), and 5:40 AM ET (09:40 UTC) is earlier." in say(
        form
    )
    assert [field.typed for field in form.fields] == ["2026-04-20 06:15"]
    assert fixed.promised() == [(PROMISED, "open")]


def test_the_promised_time_can_be_promised_again_without_confirming_it(fixed: Harness) -> None:
    form = fixed.ana("publish nochange:yes next:20m")
    assert isinstance(form, Form)

    fixed.submit("ana", "publish", {**dict(form.kept), **{field.name: field.typed for field in form.fields}})

    assert fixed.promised() == [(PROMISED, "kept"), (PROMISED, "open")]


def test_the_review_says_that_a_fixed_time_is_too_early(fixed: Harness) -> None:
    review = say(fixed.ana("update identified next:20m"))

    assert (
        "The promised time, 5:40 AM ET (09:40 UTC), is earlier than 6:15 AM ET (10:15 UTC), which "
        "customers were promised. You will be asked for a later one."
    ) in review


def test_an_approver_cannot_move_a_promise_back_and_the_approval_stands(fixed: Harness) -> None:
    fixed.ana("update identified next:20m")

    form = fixed.ben(f"approve rev:{fixed.draft().revision}")

    assert isinstance(form, Form)
    assert fixed.promised() == [(PROMISED, "open")]
    assert len(fixed.record("approved")) == 1
    fixed.submit("ben", "approve", {**dict(form.kept), **{field.name: field.typed for field in form.fields}})
    assert fixed.promised() == [(PROMISED, "kept"), (PROMISED, "open")]


def test_an_earlier_time_may_be_fixed_for_a_larger_incident(fixed: Harness) -> None:
    fixed.ana("update identified on:chatgpt=major next:10m")
    fixed.ben(f"approve rev:{fixed.draft().revision}")

    assert fixed.promised() == [(PROMISED, "superseded"), ("05:30", "open")]
