"""What was read is what is published, and a promise is one that somebody meant: through the front door."""

from datetime import timedelta

import pytest

from bot.domain.lifecycle import Stage
from bot.domain.updates import Approval
from bot.views import Answer, DeliveryReport, DraftReview, Form, Notice
from tests.harness import START, Harness, buttons, organisation, say

LONGER = (
    "SEV1 needs an update at least every 15 minutes; 6:15 AM ET (10:15 UTC) is 60 minutes away. Choose an "
    "earlier time, or confirm this one."
)


def first_published(harness: Harness, severity: int = 1) -> None:
    harness.ana(f"declare API errors sev:{severity} on:api=partial")
    assert published(harness.ana("publish"))


def asked(harness: Harness, severity: int = 1) -> int:
    """Ana asks for approval of an identified text; its revision."""
    first_published(harness, severity)
    harness.ana("update identified")
    harness.ana("publish")
    return harness.draft().revision


def published(answer: Answer) -> bool:
    return isinstance(answer, DeliveryReport)


def submitted(harness: Harness, handle: str, form: Answer, **typed: str) -> Answer:
    """The form as somebody sends it back."""
    assert isinstance(form, Form)
    filled = {field.name: field.typed for field in form.fields}
    return harness.submit(handle, form.verb, {"incident": form.incident, **dict(form.kept), **filled, **typed})


# ---- what changes after it was read


@pytest.mark.parametrize("line", ["impact chatgpt=major", "severity 3 reason:smaller"])
def test_what_changes_impact_or_severity_makes_a_new_revision(harness: Harness, line: str) -> None:
    read = asked(harness)
    harness.later(1)

    notice = harness.ana(line)

    assert f"The open draft was updated to revision {read + 1}" in say(notice)
    assert say(harness.ben(f"approve rev:{read}")).startswith(f"Ana Silva saved revision {read + 1}")
    assert len(harness.published()) == 1


def test_a_changed_impact_is_in_the_words(harness: Harness) -> None:
    asked(harness)

    harness.ana("impact chatgpt=major")

    assert "ChatGPT" in harness.text(harness.draft()).body


def test_a_changed_severity_is_in_the_words_for_us(harness: Harness) -> None:
    asked(harness)

    harness.ana("severity 3 reason:smaller")

    assert "SEV3, identified. Lowered from SEV1." in harness.text(harness.draft(), "internal").body


def test_words_edited_by_hand_stay_and_say_that_the_facts_changed(harness: Harness) -> None:
    asked(harness)
    harness.ana('edit customers:"We know where the failure is."')

    harness.ana("impact chatgpt=major")

    assert "Facts changed since the text for customers was edited." in say(harness.ana("show draft:yes"))


def test_what_is_set_after_the_closing_draft_stops_it(harness: Harness) -> None:
    first_published(harness, 3)
    harness.ana("resolve end:05:15")

    harness.ana("impact api=major")

    assert "components are not operational (API: major outage)" in say(harness.ana("publish"))


def test_nothing_changed_makes_no_revision(harness: Harness) -> None:
    read = asked(harness)

    harness.ana("impact api=partial")
    harness.ana("severity 1")

    assert harness.draft().revision == read


def test_the_review_shows_the_impact_that_the_page_will_show(harness: Harness) -> None:
    first_published(harness)
    harness.ana("update identified on:api=operational,chatgpt=major")

    review = say(harness.ana("show draft:yes"))

    assert "Major outage: ChatGPT · customers were told: nothing yet" in review
    assert "Operational: API · customers were told: partial outage" in review


# ---- words and page agree


def test_monitoring_sets_every_component_operational_in_the_same_publication(harness: Harness) -> None:
    first_published(harness, 3)
    harness.ana("update monitoring")

    harness.ana("publish")

    assert harness.published()[-1].impacts == {"api": "operational"}
    assert harness.text(harness.published()[-1]).body.startswith("We are monitoring the recovery of the API.")


def test_monitoring_leaves_what_is_said_to_be_otherwise(harness: Harness) -> None:
    first_published(harness, 3)
    harness.ana("update on:codex=partial")
    harness.ana("publish")

    harness.ana("update monitoring on:api=major")
    harness.ana("publish")

    assert harness.published()[-1].impacts == {"api": "major outage", "codex": "operational"}


@pytest.mark.parametrize("words", ["still:api", "on:api=degraded"])
def test_at_monitoring_the_text_says_what_works_and_what_does_not_yet(harness: Harness, words: str) -> None:
    first_published(harness, 3)
    harness.ana("update on:codex=partial")
    harness.ana("publish")

    harness.ana(f"update monitoring {words}")

    assert harness.text(harness.draft()).body.startswith(
        "We are monitoring the recovery of Codex.\n\nStill affected: API ("
    )
    assert published(harness.ana("publish"))


def test_at_monitoring_no_text_says_that_a_failing_component_works(harness: Harness) -> None:
    first_published(harness, 3)
    harness.ana("update monitoring on:api=major The API works normally.")

    assert "“works normally” does not match the status page (API: major outage)" in say(harness.ana("publish"))
    assert len(harness.published()) == 1


def test_the_form_sends_impact_back_as_it_was_and_means_nothing_by_it(harness: Harness) -> None:
    first_published(harness, 3)

    submitted(harness, "ana", harness.ana("update"), stage="monitoring")
    harness.ana("publish")

    assert harness.published()[-1].impacts == {"api": "operational"}


def test_a_fix_that_did_not_hold_brings_the_impact_back(harness: Harness) -> None:
    first_published(harness, 4)
    harness.ana("update monitoring")
    harness.ana("publish")

    harness.ana("update identified")
    harness.ben("approve")

    assert harness.published()[-1].impacts == {"api": "partial outage"}
    assert "larger" not in harness.text(harness.published()[-1]).body


def test_alone_closes_nothing_that_the_page_shows_as_failing(harness: Harness) -> None:
    first_published(harness)
    harness.ana("resolve end:05:15 still:api")

    answer = say(harness.ana('publish alone:"tired"'))

    assert (
        "This cannot be published, even without approval. The text closes the incident, but components are not "
        "operational (API" in answer
    )
    assert harness.incident().closed_at is None


def test_words_edited_for_an_older_stage_do_not_close_an_incident(harness: Harness) -> None:
    first_published(harness, 3)
    harness.ana("update identified")
    harness.ana('edit customers:"Codex is still failing worldwide."')

    review = harness.ana("resolve end:05:15")

    assert "failing worldwide" not in harness.text(harness.draft()).body
    assert "Texts edited by hand were for another update, so they were replaced" in say(review)
    assert "customers: Codex is still failing worldwide." in harness.record("rewritten")[0]


def test_words_edited_for_the_same_stage_stay(harness: Harness) -> None:
    first_published(harness, 3)
    harness.ana("update identified")
    harness.ana('edit customers:"Codex is still failing worldwide."')

    harness.ana("update identified who:worldwide")

    assert "failing worldwide" in harness.text(harness.draft()).body
    assert harness.record("rewritten") == []


def test_a_secret_in_words_that_are_written_anew_is_not_kept(harness: Harness) -> None:
    first_published(harness, 3)
    harness.ana("update identified")
    harness.ana('edit customers:"The key is AKIAIOSFODNN7EXAMPLE."')

    harness.ana("update monitoring")

    assert harness.record("rewritten") == ["identified; customers: held a secret, not kept"]


# ---- whom to ask


def test_words_about_security_are_asked_of_the_security_approver_too(crowd: Harness) -> None:
    first_published(crowd)
    crowd.ben("update identified Some messages were exposed to an attacker.")

    crowd.ben("publish")

    waits = [str(row.destination) for row in crowd.sent_to("local:@sam") + crowd.sent_to("local:@chi")]
    assert waits == ["local:@sam", "local:@chi"]


def test_who_cannot_give_what_is_missing_reads_who_can(crowd: Harness) -> None:
    first_published(crowd, 3)
    crowd.ana("update identified Some messages were exposed to an attacker.")

    assert say(crowd.ben("approve")) == (
        "The words “messages were exposed” need the security approver. Ask Sam Adler, or remove them."
    )
    assert crowd.rows(Approval) == []


def test_where_the_author_is_the_only_security_approver_publishing_alone_is_the_way(harness: Harness) -> None:
    first_published(harness, 3)

    review = harness.ana("update identified Some messages were exposed to an attacker.")

    assert "The words “messages were exposed” need the security approver, and there is no other one." in say(review)
    assert "Remove them or publish alone." in say(review)
    for person in (harness.ana, harness.ben):
        assert "and there is no other one. Remove them, or publish alone." in say(person("approve"))
    assert published(harness.ana('publish alone:"nobody else may"'))


def test_who_asked_already_reads_who_was_asked_and_when(harness: Harness) -> None:
    asked(harness)
    harness.later(1)

    review = harness.ana("publish")

    assert "Waiting for Ben Osei, asked at 5:15 AM ET (09:15 UTC)." in say(review)
    assert list(buttons(review)) == ["Remind", "Edit", "Publish alone", "Discard"]
    assert [label for label, button in buttons(review).items() if button.primary] == []


# ---- the promise


def test_a_fixed_time_that_has_passed_is_asked_for_and_the_approval_stands(harness: Harness) -> None:
    first_published(harness)
    harness.ana("update identified next:15m")
    harness.ana("publish")
    harness.later(17)

    form = harness.ben("approve")

    assert "The time of the next update, 5:30 AM ET (09:30 UTC), has passed. Choose a later time." in say(form)
    assert len(harness.rows(Approval)) == 1
    assert published(submitted(harness, "ben", form, next_at="15m"))


def test_the_review_says_that_the_time_has_passed_and_shows_no_blocker_for_it(harness: Harness) -> None:
    first_published(harness)
    harness.ana("update identified next:15m")
    harness.later(17)

    review = harness.ben("show draft:yes")

    assert "The promised time, 5:30 AM ET (09:30 UTC), has passed. You will be asked for a later one." in say(review)
    assert "blocker" not in say(review)


@pytest.mark.parametrize("line", ["publish", 'publish alone:"nobody is awake"'])
def test_before_anything_else_a_time_that_has_passed_is_asked_for(harness: Harness, line: str) -> None:
    first_published(harness)
    harness.ana("update identified next:15m")
    harness.later(17)

    form = harness.ana(line)

    assert isinstance(form, Form)
    assert dict(form.kept) == ({"alone": "nobody is awake"} if "alone" in line else {})


def test_a_closing_text_needs_no_later_time(harness: Harness) -> None:
    first_published(harness, 3)
    harness.ana("update identified next:15m")
    harness.later(12)
    harness.ana("resolve end:05:20")

    assert published(harness.ana("publish"))


def test_a_time_that_is_refused_is_not_kept(harness: Harness) -> None:
    first_published(harness)
    harness.ana("update identified")

    form = harness.ana("publish next:3m")

    assert "3 minutes from now" in say(form)
    assert harness.draft().next_at is None


def test_a_longer_time_is_confirmed_once(harness: Harness) -> None:
    first_published(harness)
    harness.ana("update identified next:60m")

    form = harness.ana("publish")

    assert LONGER in say(form)
    assert isinstance(submitted(harness, "ana", form), DraftReview)
    assert published(harness.ben("approve"))
    assert harness.published()[-1].promised_at == START + timedelta(minutes=60)


@pytest.mark.parametrize("line", ["publish next:60m", "publish nochange:yes next:60m"])
def test_a_longer_time_is_not_kept_before_it_is_confirmed(harness: Harness, line: str) -> None:
    first_published(harness, 1)
    if "nochange" not in line:
        harness.ana("update no change")

    form = harness.ana(line)

    assert LONGER in say(form)
    assert len(harness.published()) == 1
    assert published(submitted(harness, "ana", form))
    assert harness.promised()[-1] == ("06:15", "open")


def test_an_earlier_time_can_be_chosen_instead(harness: Harness) -> None:
    first_published(harness, 1)

    submitted(harness, "ana", harness.ana("publish nochange:yes next:60m"), next_at="20m")

    assert harness.promised()[-1] == ("05:35", "open")


def test_an_approver_confirms_a_longer_time_too(harness: Harness) -> None:
    asked(harness)

    form = harness.ben("approve next:60m")

    assert LONGER in say(form)
    assert published(submitted(harness, "ben", form))


def test_no_change_pressed_again_and_again_does_not_carry_the_promise_away(harness: Harness) -> None:
    first_published(harness)
    for _ in range(3):
        harness.later(1)
        harness.ana("publish nochange:yes")

    due_at = harness.published()[-1].promised_at
    assert due_at is not None
    assert due_at - harness.clock.now <= timedelta(minutes=30)


def test_the_card_says_the_day_of_a_promise_that_is_not_for_today(harness: Harness) -> None:
    harness.clock.now = START.replace(hour=3, minute=50)  # 23:50 of the day before
    first_published(harness)

    card = say(harness.ana("show"))

    assert "Investigating, next update by 12:05 AM ET (04:05 UTC) on April 20, 2026." in card
    assert "next update by 12:05 AM ET (04:05 UTC) on April 20, 2026" in card


# ---- who comes second


def test_who_published_and_publishes_again_reads_how_to_write_the_next(harness: Harness) -> None:
    first_published(harness)

    assert "INC-1 has no open draft. To write one, use `/incident update`." in say(harness.ana("publish"))


def test_asking_about_the_end_keeps_all_that_was_typed(harness: Harness) -> None:
    first_published(harness, 3)
    harness.ana("update on:codex=partial")
    harness.ana("publish")

    form = harness.ana("resolve still:api since:05:10 end:05:01 review:7d data:'No data was lost.'")

    assert isinstance(form, Form)
    kept = dict(form.kept)
    assert (kept["still"], kept["data"], kept["review"]) == ("api", "'No data was lost.'", "7d")
    review = submitted(harness, "ana", form, end="05:14")
    assert isinstance(review, DraftReview)
    assert harness.draft().impacts == {"codex": "operational"}


def test_a_single_component_can_be_said_to_fail_still_after_all(harness: Harness) -> None:
    first_published(harness, 3)
    harness.ana("resolve end:05:15")

    harness.ana("resolve end:05:15 still:api")

    assert harness.draft().impacts == {}
    assert harness.draft().stage is Stage.RESOLVED


def test_policy_without_publishing_alone_does_not_offer_it(migrated_sqlite_url: str) -> None:
    harness = Harness(migrated_sqlite_url, organisation(approval={"alone": False}))
    first_published(harness, 3)

    review = say(harness.ana("update identified Some messages were exposed to an attacker."))

    assert "and there is no other one. Remove them." in review
    harness.close()


def test_a_refusal_is_a_notice(harness: Harness) -> None:
    asked(harness)
    harness.later(1)
    harness.ana("severity 2 reason:smaller")

    assert isinstance(harness.ben("approve rev:2"), Notice)
