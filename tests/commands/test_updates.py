"""Drafting, editing, approving and publishing, through the front door."""

from datetime import timedelta

import pytest

from bot.domain.deliveries import Delivery, DeliveryKind
from bot.domain.lifecycle import Stage
from bot.domain.updates import Approval, Update, UpdateState, UpdateText
from bot.views import Answer, DeliveryReport, DraftReview, Form, Notice
from tests.harness import MORE_PEOPLE, START, Harness, buttons, organisation, say
from tests.reference import et


def declare(harness: Harness, severity: int = 1) -> None:
    harness.ana(f"declare API errors sev:{severity} on:api=partial")


def first_published(harness: Harness, severity: int = 1) -> None:
    declare(harness, severity)
    assert published(harness.ana("publish"))


def published(answer: Answer) -> bool:
    return isinstance(answer, DeliveryReport)


# ---- one person alone


def test_one_person_alone_publishes_a_first_text_at_sev1_in_two_commands(harness: Harness) -> None:
    harness.ana("declare API errors sev:1 on:api=major")

    assert published(harness.ana("publish"))


def test_one_person_alone_publishes_facts_at_sev1_in_three_commands(harness: Harness) -> None:
    harness.ana("declare API errors sev:1 on:api=major")
    harness.ana('update sees:"requests return errors" since:05:10 who:worldwide')

    assert published(harness.ana("publish"))
    assert (
        "User impact: requests return errors\nScope: worldwide\nStarted: 5:10 AM ET (09:10 UTC)"
        in harness.text(harness.published()[0]).body
    )


def test_one_person_alone_publishes_any_stage_at_sev1_in_three_commands(harness: Harness) -> None:
    harness.ana("declare API errors sev:1 on:api=major")
    harness.ana("update identified")

    assert published(harness.ana('publish alone:"nobody else is awake"'))


# ---- who has to agree


@pytest.mark.parametrize("severity", [1, 2])
def test_at_sev1_and_sev2_a_second_person_agrees(harness: Harness, severity: int) -> None:
    first_published(harness, severity)
    harness.ana("update identified")

    review = harness.ana("publish")

    assert isinstance(review, DraftReview)
    assert "Waiting for Ben Osei, asked at 5:15 AM ET (09:15 UTC)." in say(review)
    assert published(harness.ben("approve"))
    assert harness.incident().stage is Stage.IDENTIFIED


@pytest.mark.parametrize("severity", [3, 4])
def test_at_sev3_and_sev4_nobody_else_has_to_agree(harness: Harness, severity: int) -> None:
    first_published(harness, severity)
    harness.ana("update identified")

    assert published(harness.ana("publish"))


@pytest.mark.parametrize("severity", [1, 4])
def test_a_first_investigating_text_needs_nobody(harness: Harness, severity: int) -> None:
    declare(harness, severity)

    assert published(harness.ana("publish"))


def test_a_first_investigating_text_edited_by_hand_needs_a_second_person(harness: Harness) -> None:
    declare(harness)
    harness.ana('edit customers:"The API returns errors."')

    assert isinstance(harness.ana("publish"), DraftReview)


def test_an_untouched_no_change_needs_nobody(harness: Harness) -> None:
    first_published(harness)

    assert published(harness.ana("publish nochange:yes"))


def test_a_no_change_edited_by_hand_needs_a_second_person(harness: Harness) -> None:
    first_published(harness)
    harness.ana("update no change")
    harness.ana('edit customers:"The API still returns errors."')

    assert isinstance(harness.ana("publish"), DraftReview)


@pytest.mark.parametrize("words", ['sees:"your data is gone"', 'title:"Nothing to see"', "on:api=major"])
def test_a_no_change_that_says_something_new_needs_a_second_person(harness: Harness, words: str) -> None:
    first_published(harness)
    harness.ana(f"update no change {words}")

    assert isinstance(harness.ana("publish"), DraftReview)
    assert len(harness.published()) == 1


def test_a_first_text_is_never_a_no_change(harness: Harness) -> None:
    declare(harness)
    harness.ana("discard")

    harness.ana("publish nochange:yes")

    assert "No change" not in harness.text(harness.published()[0]).body


def test_going_back_needs_a_second_person_at_any_severity(harness: Harness) -> None:
    first_published(harness, 4)
    harness.ana("update monitoring")
    harness.ana("publish")
    harness.ana("update identified")

    review = harness.ana("publish")

    assert isinstance(review, DraftReview)
    assert "This goes back from monitoring to identified" in say(review)
    assert published(harness.ben("approve"))


def test_the_author_cannot_approve(harness: Harness) -> None:
    first_published(harness)
    harness.ana("update identified")

    assert say(harness.ana("approve")).startswith("You wrote this draft, so someone else has to approve it at SEV1.")
    assert harness.rows(Approval) == []


def test_who_is_no_approver_cannot_approve(crowd: Harness) -> None:
    first_published(crowd)
    crowd.ana("update identified")

    answer = say(crowd.dia("approve"))

    assert answer.startswith("Only approvers can approve here. Ask Ana Silva, Ben Osei or Chi Nakamura")


def test_somebody_invited_may_draft_but_not_publish(harness: Harness) -> None:
    guest = harness.invite("Gus Guest")

    assert not isinstance(guest("declare API errors"), Notice)
    assert "not listed in foghorn.toml, so it cannot publish" in say(guest("publish"))
    assert harness.published() == []


def test_two_approvers_where_policy_wants_two(migrated_sqlite_url: str) -> None:
    harness = Harness(migrated_sqlite_url, organisation(more=MORE_PEOPLE, approval={"SEV1": 2}))
    first_published(harness)
    harness.ana("update identified")

    review = harness.ben("approve")

    assert isinstance(review, DraftReview)
    assert "Approved so far by Ben Osei." in say(review)
    assert "You already approved revision" in say(harness.ben("approve"))
    assert published(harness.chi("approve"))
    harness.close()


def test_words_about_security_need_the_security_approver_besides(crowd: Harness) -> None:
    first_published(crowd)
    crowd.ben("update identified Some messages were exposed to an attacker.")

    review = crowd.chi("approve")

    assert isinstance(review, DraftReview)
    assert "The words “messages were exposed” need the security approver. Ask Ana Silva or Sam Adler" in say(review)
    assert published(crowd.sam("approve"))


# ---- an approval is for one revision, for a while


def test_an_approver_who_publishes_what_somebody_else_wrote_reads_it_first(harness: Harness) -> None:
    first_published(harness)
    harness.ana("update identified")

    review = harness.ben("publish")

    assert len(harness.published()) == 1
    assert published(harness.press("ben", buttons(review)["Approve"]))


def test_an_approver_who_publishes_a_revision_that_somebody_else_wrote_approves_it(harness: Harness) -> None:
    first_published(harness)
    harness.ana("update identified")

    assert published(harness.ben(f"publish rev:{harness.draft().revision}"))


def test_an_approval_is_for_the_revision_that_was_read(harness: Harness) -> None:
    first_published(harness)
    harness.ana("update identified")
    read = harness.draft().revision
    harness.ana("update Signing in works.")

    answer = harness.ben(f"approve rev:{read}")

    assert say(answer).startswith(f"Ana Silva saved revision {read + 1} at 5:15 AM ET")
    assert len(harness.published()) == 1


def test_an_edit_voids_the_approvals(migrated_sqlite_url: str) -> None:
    harness = Harness(migrated_sqlite_url, organisation(more=MORE_PEOPLE, approval={"SEV1": 2}))
    first_published(harness)
    harness.ana("update identified")
    harness.ben("approve")
    harness.ana("update Signing in works.")

    assert isinstance(harness.chi("approve"), DraftReview)
    assert len(harness.published()) == 1
    harness.close()


def test_an_approval_expires_after_fifteen_minutes(migrated_sqlite_url: str) -> None:
    harness = Harness(migrated_sqlite_url, organisation(more=MORE_PEOPLE, approval={"SEV1": 2}))
    first_published(harness)
    harness.ana("update identified")
    harness.ben("approve")
    harness.later(16)

    assert "The approval is 16 minutes old; approvals expire after 15 minutes" in say(harness.ana("publish"))
    assert isinstance(harness.chi("approve"), DraftReview)
    harness.close()


def test_a_button_of_an_older_draft_publishes_no_newer_one(harness: Harness) -> None:
    declare(harness, 3)
    review = harness.ana("show draft:yes")
    harness.press("ana", buttons(review)["Publish"])
    harness.ana("update identified")

    assert isinstance(harness.press("ben", buttons(review)["Publish"]), Notice)
    assert len(harness.published()) == 1


def test_asking_again_asks_nobody_twice(harness: Harness) -> None:
    first_published(harness)
    harness.ana("update identified")
    harness.ana("publish")
    harness.ana("publish")

    assert [row.kind for row in harness.sent_to("local:@ben")] == [DeliveryKind.APPROVAL]


def test_who_comes_second_reads_who_was_first(harness: Harness) -> None:
    first_published(harness)
    harness.ana("update identified")
    revision = harness.draft().revision
    harness.ben(f"approve rev:{revision}")
    harness.later(1)

    for line in (f"publish rev:{revision}", f"approve rev:{revision}", "publish", "approve"):
        assert say(harness.ana(line)).startswith(
            "Ben Osei already published update 2, identified, at 5:15 AM ET (09:15 UTC). Nothing was sent twice"
        )
    assert len(harness.published()) == 2


def test_publish_without_a_draft_says_how_to_write_one(harness: Harness) -> None:
    first_published(harness)
    harness.later(10)

    assert "INC-1 has no open draft. To write one, use `/incident update`." in say(harness.ana("publish"))


# ---- alone at night


def test_alone_is_for_the_commander(harness: Harness) -> None:
    first_published(harness)
    harness.ana("update identified")

    assert "Only the commander, Ana Silva, can publish without approval." in say(
        harness.ben('publish alone:"I am awake"')
    )


def test_alone_is_recorded_and_told_to_every_approver(crowd: Harness) -> None:
    first_published(crowd)
    crowd.ana("update identified")

    crowd.ana('publish alone:"nobody is awake"')

    assert "update 2: identified, alone: nobody is awake" in crowd.record("published")
    assert [str(row.destination) for row in crowd.rows(Delivery) if row.body.endswith("alone: nobody is awake")] == [
        "local:@ben",
        "local:@chi",
    ]


def test_alone_asks_for_the_reason(harness: Harness) -> None:
    first_published(harness)
    review = harness.ana("update identified")

    form = harness.press("ana", buttons(review)["Publish alone"])

    assert isinstance(form, Form)
    assert [field.name for field in form.fields] == ["alone"]
    assert published(harness.run("ana", form.verb, incident=form.incident, alone="nobody is awake", **dict(form.kept)))


def test_alone_covers_a_blocker(harness: Harness) -> None:
    first_published(harness)
    harness.ana("update identified This is probably a supplier.")

    assert "blocker" in say(harness.ana("publish"))
    assert published(harness.ana('publish alone:"they need to plan"'))


@pytest.mark.parametrize(
    "words",
    ["Ask <!channel> now.", "The key is AKIAIOSFODNN7EXAMPLE.", "It was 10.0.12.7 again.", "It is a SEV1 for us."],
    ids=["L05", "L01", "L03", "L49"],
)
def test_alone_never_covers_what_must_not_leave(harness: Harness, words: str) -> None:
    first_published(harness)
    harness.run("ana", "update", stage="identified", message=words)

    assert "can never be published, even without approval" in say(harness.ana('publish alone:"hurry"'))
    assert len(harness.published()) == 1


def test_a_reason_with_a_secret_is_not_kept(harness: Harness) -> None:
    first_published(harness)
    harness.ana("update identified")

    assert "looks like a secret" in say(harness.ana('publish alone:"AKIAIOSFODNN7EXAMPLE"'))
    assert len(harness.published()) == 1


def test_alone_may_be_switched_off(migrated_sqlite_url: str) -> None:
    harness = Harness(migrated_sqlite_url, organisation(approval={"alone": False}))
    first_published(harness)
    harness.ana("update identified")

    assert "does not allow publishing without approval. Ask Ben Osei" in say(harness.ana('publish alone:"hurry"'))
    harness.close()


# ---- the promise


def test_an_approval_fourteen_minutes_after_the_draft_keeps_the_full_cadence(harness: Harness) -> None:
    first_published(harness)
    harness.ana("update identified")
    harness.later(14)

    harness.ben("approve")

    assert harness.published()[-1].promised_at == START + timedelta(minutes=29)
    assert harness.text(harness.published()[-1]).body.endswith("Next update by 5:44 AM ET (09:44 UTC).")


def test_a_no_change_in_time_promises_the_old_time_and_the_cadence(harness: Harness) -> None:
    first_published(harness)
    harness.later(12)

    harness.ana("publish nochange:yes")

    assert harness.promised() == [("05:30", "kept"), ("05:45", "open")]


def test_a_no_change_that_is_late_promises_the_cadence_from_now(harness: Harness) -> None:
    first_published(harness)
    harness.later(18)

    harness.ana("publish nochange:yes")

    assert harness.promised() == [("05:30", "late"), ("05:48", "open")]


def test_a_promise_is_kept_until_its_minute_has_ended(harness: Harness) -> None:
    first_published(harness)
    harness.later(15.9)

    harness.ana("publish nochange:yes")

    assert harness.promised()[0] == ("05:30", "kept")


def test_a_promise_names_whole_minutes_and_never_an_earlier_one(harness: Harness) -> None:
    declare(harness)
    harness.later(0.5)
    harness.ana("publish")

    assert harness.promised() == [("05:31", "open")]


def test_a_time_that_was_fixed_is_promised(harness: Harness) -> None:
    first_published(harness, 3)
    harness.later(20)
    harness.ana("update identified next:06:20")
    harness.ana("publish")

    assert harness.promised()[-1] == ("06:20", "open")


def test_a_fixed_time_that_came_near_is_asked_for_once_and_the_approval_stands(harness: Harness) -> None:
    first_published(harness)
    harness.ana("update identified next:05:30")
    harness.later(12)

    form = harness.ben("approve")

    assert isinstance(form, Form)
    assert (
        "The next update is due at 5:30 AM ET (09:30 UTC), 3 minutes from now. Choose a later time. "
        "The approval is still valid." in say(form)
    )
    assert len(harness.rows(Approval)) == 1

    assert published(harness.run("ben", form.verb, incident=form.incident, next_at="14m", **dict(form.kept)))
    assert len(harness.rows(Approval)) == 1
    assert harness.promised()[-1] == ("05:41", "open")


def test_after_the_approval_the_author_may_give_the_later_time(harness: Harness) -> None:
    first_published(harness)
    harness.ana("update identified next:05:30")
    harness.later(12)
    harness.ben("approve")

    assert published(harness.ana("publish next:14m"))


def test_a_time_in_the_past_is_refused(harness: Harness) -> None:
    first_published(harness)

    form = harness.ana("update identified next:05:00")

    assert isinstance(form, Form)
    assert "5:00 AM ET (09:00 UTC) has passed. Enter a time after 5:15 AM ET (09:15 UTC)" in say(form)


def test_a_time_beyond_the_cadence_is_said_in_the_review(harness: Harness) -> None:
    first_published(harness)

    review = say(harness.ana("update identified next:60m"))

    assert "SEV1 needs an update at least every 15 minutes; 6:15 AM ET (10:15 UTC) is 60 minutes away." in review
    assert "at least every" not in say(harness.ana("update next:15m"))


# ---- drafts


def test_a_revision_keeps_stage_facts_and_title(harness: Harness) -> None:
    first_published(harness, 3)
    harness.ana(
        'update identified title:"API: half of requests fail" sees:"returns errors" workaround:"Send it again."'
    )

    review = harness.ana("update who:worldwide")

    assert isinstance(review, DraftReview)
    assert (review.stage_to, review.title) == (Stage.IDENTIFIED, "API: half of requests fail")
    assert "Send it again." in harness.text(harness.draft()).body


def test_an_edited_text_stays_and_says_that_the_facts_changed(harness: Harness) -> None:
    first_published(harness, 3)
    harness.ana("update identified")
    harness.ana('edit customers:"We know where the failure is."')

    review = harness.ana("update who:worldwide")

    assert "Facts changed since the text for customers was edited." in say(review)
    assert harness.text(harness.draft()).body == "We know where the failure is.\n\n[next update]"
    assert "We know where the failure is.\n\nIf customers ask" in harness.text(harness.draft(), "internal").body


def test_a_title_alone_leaves_the_texts_to_foghorn(harness: Harness) -> None:
    first_published(harness, 3)
    harness.ana("update identified")
    harness.ana('edit title:"API: half of requests fail"')

    harness.ana("update who:worldwide")

    text = harness.text(harness.draft())
    assert (text.title, text.edited_by_hand) == ("API: half of requests fail", False)
    assert "worldwide" in text.body


def test_an_audience_can_be_left_out(harness: Harness) -> None:
    first_published(harness, 3)

    review = harness.ana("update identified without:social")

    assert isinstance(review, DraftReview)
    assert "social" not in [text.audience for text in review.texts]
    assert "Left out: social." in say(review)


def test_what_was_left_out_can_be_taken_back(harness: Harness) -> None:
    first_published(harness, 3)
    harness.ana("update identified without:social,internal")

    review = harness.ana("update without:none")

    assert isinstance(review, DraftReview)
    assert {"social", "internal"} <= {text.audience for text in review.texts}


def test_customers_are_never_left_out(harness: Harness) -> None:
    first_published(harness, 3)

    form = harness.ana("update identified without:customers")

    assert isinstance(form, Form)
    assert "“customers” is not an audience that can be left out, because the status page shows its text" in say(form)


def test_edit_opens_the_words_without_the_promise(harness: Harness) -> None:
    declare(harness)

    form = harness.ana("edit")

    assert isinstance(form, Form)
    assert dict(form.kept) == {"revision": "1"}
    assert all("[next update]" not in field.typed for field in form.fields)


def test_an_edit_of_an_older_revision_is_not_saved_over_a_newer_one(harness: Harness) -> None:
    declare(harness)
    harness.ben('edit rev:1 customers:"The API returns errors."')

    answer = harness.ana('edit rev:1 customers:"The API is slow."')

    assert "Ben Osei saved revision 2 at" in say(answer)
    assert "while you were writing, so your text was not saved" in say(answer)


def test_an_edit_for_an_audience_without_a_text_is_refused(harness: Harness) -> None:
    declare(harness, 3)
    harness.ana("update without:social")

    assert "“social” is not an audience of this draft" in say(harness.ana('edit social:"The API is slow."'))


def test_discard_sends_nothing_and_keeps_the_words_in_the_record(harness: Harness) -> None:
    declare(harness)

    assert "was discarded. Nothing was sent" in say(harness.ana("discard"))
    assert [update.state for update in harness.rows(Update)] == [UpdateState.DISCARDED]
    assert harness.record("discarded")[0].startswith("investigating: We are investigating a partial outage")


def test_a_discarded_secret_stands_nowhere_any_more(harness: Harness) -> None:
    declare(harness)
    harness.ana("update The key is AKIAIOSFODNN7EXAMPLE.")

    harness.ana("discard")

    assert harness.record("discarded") == ["investigating: its words held a secret and were not kept"]
    assert harness.rows(UpdateText) == []
    assert "AKIA" not in str(harness.rows(Update)[0].facts)


def test_update_alone_opens_the_form_with_what_is_known(harness: Harness) -> None:
    first_published(harness, 3)
    harness.ana('update identified sees:"returns errors" since:05:10')

    form = harness.ana("update")

    assert isinstance(form, Form)
    typed = {field.name: field.typed for field in form.fields if field.typed}
    assert typed == {
        "stage": "identified",
        "sees": "returns errors",
        "since": "2026-04-20 05:10",
        "impacts": "api=partial",
    }


def test_blockers_are_shown_and_stop_everybody(harness: Harness) -> None:
    first_published(harness, 3)
    harness.ana("update identified This is probably a supplier.")

    answer = say(harness.ana("publish"))

    assert "was not published because it has" in answer
    assert len(harness.published()) == 1


def test_facts_last_until_the_next_draft(harness: Harness) -> None:
    declare(harness, 3)
    harness.ana('update sees:"returns errors" since:05:10 who:worldwide')
    harness.ana("publish")
    harness.at("05:40")

    harness.ana("publish nochange:yes")

    assert harness.text(harness.published()[-1]).body.startswith(
        "There is no change since our update at 5:15 AM ET (09:15 UTC)."
    )
    assert harness.published()[-1].facts.since == et("05:10")


def test_the_review_counts_what_blocks_in_several_texts_once(harness: Harness) -> None:
    harness.ana("declare API errors sev:3 on:api=partial")

    review = harness.ana("update identified The host edge-prod-12 fails.")

    assert isinstance(review, DraftReview)
    assert review.verdict.facts["number"] == "1 blocker"
    assert "1 blocker in the text for customers: " in say(review)


# ---- findings


def test_words_typed_once_are_found_once_at_their_fact(harness: Harness) -> None:
    harness.ana("declare API errors sev:3 on:api=major")
    review = harness.ana('update sees:"requests to edge-prod-12 fail" since:05:10')
    assert isinstance(review, DraftReview)
    hosts = [one for text in review.texts for one in text.findings if one.rule == "L02"]
    assert [(one.audience.value, one.fact) for one in hosts] == [("customers", "sees")]
    assert {"developers", "enterprise", "support"} <= {each.value for each in hosts[0].also}
    assert review.verdict.facts["others"] == ""
