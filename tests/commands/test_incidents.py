"""The commands about an incident itself, through the front door."""

from datetime import timedelta

import pytest

from bot.domain.components import Impact
from bot.domain.deliveries import Delivery
from bot.domain.incident import ClosedAs, ComponentImpact, Incident
from bot.domain.lifecycle import Stage
from bot.domain.promises import Promise, PromiseState
from bot.domain.severity import Severity
from bot.views import DeliveryReport, DraftReview, Form, IncidentCard, Listing, Notice, Timeline
from tests.harness import START, Harness, buttons, say


def opened(harness: Harness, line: str = "declare API errors sev:3 on:api=partial") -> None:
    """One incident whose first text is published."""
    harness.ana(line)
    assert isinstance(harness.ana("publish"), DeliveryReport)


# ---- declare


def test_a_title_is_enough_to_declare(harness: Harness) -> None:
    card = harness.ana("declare API errors")

    assert isinstance(card, IncidentCard)
    assert (card.incident, card.title, card.severity, card.stage) == ("INC-1", "API errors", "SEV2", "declared")


def test_declare_promises_a_first_update_in_five_minutes_for_us_alone(harness: Harness) -> None:
    harness.ana("declare API errors")

    (promise,) = harness.rows(Promise)
    assert (promise.due_at, promise.internal) == (START + timedelta(minutes=5), True)
    assert harness.rows(Delivery) == []


def test_declare_drafts_the_first_text_and_makes_the_declarer_commander(harness: Harness) -> None:
    card = harness.ana("declare API errors")

    assert harness.draft().stage is Stage.INVESTIGATING
    assert isinstance(card, IncidentCard)
    assert next((line.role, line.person) for line in card.people) == ("commander", "Ana Silva")


def test_declare_alone_asks_in_a_form(harness: Harness) -> None:
    form = harness.ana("declare")

    assert isinstance(form, Form)
    assert harness.rows(Incident) == []


def test_a_form_keeps_what_was_typed(harness: Harness) -> None:
    form = harness.ana("declare sev:1 on:chatgpt=major")

    assert isinstance(form, Form)
    assert {field.name: field.typed for field in form.fields if field.typed} == {
        "severity": "SEV1",
        "impacts": "chatgpt=major",
    }


def test_the_declared_title_never_leaves(harness: Harness) -> None:
    opened(harness, "declare Redis is on fire sev:3 on:api=partial")

    assert "Redis" not in harness.text(harness.published()[0]).title
    assert harness.text(harness.published()[0]).title == "API: partial outage"


def test_a_title_with_a_secret_is_not_declared(harness: Harness) -> None:
    assert "looks like a secret" in say(harness.ana("declare leaked AKIAIOSFODNN7EXAMPLE in logs"))
    assert harness.rows(Incident) == []


# ---- the same declared minutes ago


@pytest.mark.parametrize("line", ["declare Requests fail on:api", "declare api ERRORS everywhere"])
def test_the_same_declared_minutes_ago_is_not_declared_again(harness: Harness, line: str) -> None:
    harness.ana("declare API errors on:api=partial")
    harness.later(9)

    answer = harness.ben(line)

    assert "Ana Silva declared what looks like the same incident 9 minutes ago: INC-1" in say(answer)
    assert list(buttons(answer)) == ["Open INC-1", "Declare anyway"]
    assert len(harness.rows(Incident)) == 1


@pytest.mark.parametrize(
    "title", ["API errors", 'Errors: "load failed" on: api', "say sev:1 twice", 'a 24" screen: dark']
)
def test_declare_anyway_declares_what_was_typed(harness: Harness, title: str) -> None:
    quoted = f"«{title}»"
    harness.ana(f"declare {quoted} sev:1 on:api=partial private:no")
    answer = harness.ben(f"declare {quoted} sev:1 on:api=partial")

    harness.press("ben", buttons(answer)["Declare anyway"])

    first, second = harness.rows(Incident)
    assert (second.declared_title, second.severity) == (title, Severity.SEV1) == (first.declared_title, first.severity)


@pytest.mark.parametrize(("minutes", "ago"), [(0, "just now: INC-1"), (1, "1 minute ago: INC-1")])
def test_how_long_ago_reads_as_people_say_it(harness: Harness, minutes: int, ago: str) -> None:
    harness.ana("declare API errors")
    harness.later(minutes)

    assert ago in say(harness.ben("declare API errors"))


def test_open_shows_the_card_of_the_same(harness: Harness) -> None:
    harness.ana("declare API errors")

    card = harness.press("ben", buttons(harness.ben("declare API errors"))["Open INC-1"])

    assert isinstance(card, IncidentCard)


def test_the_same_after_ten_minutes_is_another(harness: Harness) -> None:
    harness.ana("declare API errors")
    harness.later(11)

    assert isinstance(harness.ben("declare API errors"), IncidentCard)


def test_the_same_as_a_closed_one_is_another(harness: Harness) -> None:
    harness.ana("declare API errors")
    harness.ana("cancel")

    assert isinstance(harness.ben("declare API errors"), IncidentCard)


def test_a_private_twin_is_not_given_away(harness: Harness) -> None:
    harness.ana("declare API errors private:yes")

    assert isinstance(harness.ben("declare API errors"), IncidentCard)


# ---- which incident


def test_the_only_open_incident_need_not_be_named(harness: Harness) -> None:
    harness.ana("declare API errors")

    assert "Noted in INC-1" in say(harness.ana("note It is slow too"))


def test_of_several_open_incidents_one_must_be_named(harness: Harness) -> None:
    harness.ana("declare API errors")
    harness.ana("declare Codex stands still")

    assert "2 incidents are open. Say which one you mean" in say(harness.ana("severity 1"))


def test_in_its_room_an_incident_need_not_be_named(harness: Harness) -> None:
    harness.ana("declare API errors")
    harness.ana("declare Codex stands still")

    harness.ana("severity 1", room="inc-2")

    assert [i.severity for i in harness.rows(Incident)] == [Severity.SEV2, Severity.SEV1]


def test_with_nothing_open_there_is_nothing_to_do(harness: Harness) -> None:
    assert "so there is nothing to change the severity of. To open one, use `/incident declare`." in say(
        harness.ana("severity 1")
    )


def test_an_unknown_incident_names_the_open_ones(harness: Harness) -> None:
    harness.ana("declare API errors")

    assert say(harness.ana("show inc-9")).startswith("INC-9 does not exist. Open incidents: INC-1.")


def test_list_shows_open_incidents_and_what_is_next(harness: Harness) -> None:
    harness.ana("declare API errors")

    listing = harness.ana("list")

    assert isinstance(listing, Listing)
    assert "INC-1 API errors (SEV2, declared) · next update by 5:20 AM ET (09:20 UTC)" in say(listing)


def test_an_empty_list_says_how_to_start(harness: Harness) -> None:
    assert "No incident is open" in say(harness.ana("list"))


# ---- severity and impact: set at once, published later


def test_severity_is_set_for_responders_and_customers_are_told_later(harness: Harness) -> None:
    opened(harness)

    answer = harness.ana("severity 1")

    assert "INC-1 is now SEV1. Customers have not been told yet." in say(answer)
    assert (harness.incident().severity, harness.incident().published_severity) == (Severity.SEV1, Severity.SEV3)


def test_the_same_severity_changes_nothing(harness: Harness) -> None:
    opened(harness)
    before = harness.record()

    assert "is already SEV3. Nothing was changed." in say(harness.ana("severity 3"))
    assert harness.record() == before


def test_impact_is_published_with_the_next_update(harness: Harness) -> None:
    opened(harness)
    harness.ana("impact api=major codex=degraded")

    def values() -> dict[str, tuple[Impact, Impact | None]]:
        return {row.component: (row.value, row.published) for row in harness.rows(ComponentImpact)}

    assert values() == {"api": (Impact.MAJOR, Impact.PARTIAL), "codex": (Impact.DEGRADED, None)}

    harness.ana("update")
    harness.ana("update More is affected.")
    harness.ana("publish")

    assert values() == {"api": (Impact.MAJOR, Impact.MAJOR), "codex": (Impact.DEGRADED, Impact.DEGRADED)}


def test_the_card_says_what_customers_have_not_been_told(harness: Harness) -> None:
    opened(harness)
    harness.ana("severity 2")
    harness.ana("impact api=major")

    words = say(harness.ana("show"))

    assert "Customers have not been told about the latest changes." in words
    assert "Severity changed from SEV3 to SEV2." in words
    assert "Major outage: API · customers were told: partial outage" in words


# ---- roles


def test_a_role_is_given_and_the_card_shows_it(crowd: Harness) -> None:
    crowd.ana("declare API errors")

    assert say(crowd.ana("assign comms @ben")) == "Ben Osei is now communications lead of INC-1."

    card = crowd.ana("show")

    assert isinstance(card, IncidentCard)
    assert [(line.role, line.person) for line in card.people] == [
        ("commander", "Ana Silva"),
        ("communications lead", "Ben Osei"),
        ("scribe", ""),
    ]


def test_hand_over_gives_all_roles_and_tells_directly(crowd: Harness) -> None:
    crowd.ana("declare API errors")
    crowd.ana("assign comms me")

    answer = crowd.ana("handover @dia")

    assert "Dia Roy now has your roles in INC-1: commander, communications lead. They were told directly." in say(
        answer
    )
    (message,) = crowd.sent_to("local:@dia")
    assert message.body == "Ana Silva handed this incident to you. You are now commander and communications lead."


def test_nobody_hands_over_what_they_do_not_hold(crowd: Harness) -> None:
    crowd.ana("declare API errors")

    assert "You have no role in INC-1 to hand over" in say(crowd.ben("handover @dia"))


def test_an_unknown_person_is_refused_with_the_known_ones(crowd: Harness) -> None:
    crowd.ana("declare API errors")

    assert "Foghorn does not know anyone called “@zoe”" in say(crowd.ana("assign scribe @zoe"))


def test_a_mere_member_changes_nothing(crowd: Harness) -> None:
    crowd.ana("declare API errors")

    assert say(crowd.eve("severity 1")).startswith("Only responders can change the severity here.")
    assert crowd.incident().severity is Severity.SEV2


def test_a_stranger_is_told_how_to_come_in(harness: Harness) -> None:
    assert "not connected to a person with" in say(harness.as_person("mallory")("list"))


# ---- notes and the record


def test_a_note_stands_in_the_timeline(harness: Harness) -> None:
    harness.ana("declare API errors")
    harness.ben("note Sign-in fails for 1 in 5 attempts")

    timeline = harness.ana("timeline")

    assert isinstance(timeline, Timeline)
    newest = timeline.entries[0]
    assert (newest.who, newest.kind, newest.text) == ("Ben Osei", "note", "Sign-in fails for 1 in 5 attempts")


def test_a_note_with_a_secret_is_not_saved(harness: Harness) -> None:
    harness.ana("declare API errors")
    before = harness.record()

    answer = harness.ana("note the key is AKIAIOSFODNN7EXAMPLE")

    assert "looks like a secret" in say(answer)
    assert "AKIAIOSFODNN7EXAMPLE" not in say(answer)
    assert harness.record() == before


def test_redact_blanks_the_words_and_keeps_who_and_why(harness: Harness) -> None:
    harness.ana("declare API errors")
    harness.ben("note call 555 0100 for the password")
    number = len(harness.record())

    harness.ana(f"redact {number} pasted a phone number")

    timeline = harness.ana("timeline")
    assert isinstance(timeline, Timeline)
    why, blanked = timeline.entries[:2]
    assert (blanked.who, blanked.kind, blanked.text, blanked.redacted) == ("Ben Osei", "note", "", True)
    assert (why.who, why.text) == ("Ana Silva", f"entry {number}: pasted a phone number")


def test_redact_of_the_first_entry_blanks_the_declared_title(harness: Harness) -> None:
    harness.ana("declare Errors at Example Bank")

    answer = harness.ana("redact 1 a customer's name")

    assert "The declared title was removed too. A room named after it keeps its name." in say(answer)
    for line in ("show", "list", "export md", "retro", "timeline"):
        assert "Example Bank" not in say(harness.ana(line))


def test_redact_of_no_entry_is_refused(harness: Harness) -> None:
    harness.ana("declare API errors")

    assert "INC-1 has no entry 99" in say(harness.ana("redact 99 oops"))


def test_redact_without_a_reason_asks_for_it(harness: Harness) -> None:
    harness.ana("declare API errors")

    form = harness.ana("redact 1")

    assert isinstance(form, Form)
    assert {field.name: field.typed for field in form.fields} == {"number": "1", "reason": ""}


# ---- the end of it


def test_cancel_of_what_nobody_read_closes_silently(harness: Harness) -> None:
    harness.ana("declare API errors")

    assert "othing was published" in say(harness.ana("cancel"))
    assert (harness.incident().closed_as, harness.incident().stage) == (ClosedAs.CANCELLED, Stage.DECLARED)
    assert [promise.state for promise in harness.rows(Promise)] == [PromiseState.CANCELLED]
    assert harness.rows(Delivery) == []


def test_cancel_of_what_was_published_drafts_a_closing_update(harness: Harness) -> None:
    opened(harness)

    review = harness.ana("cancel")

    assert isinstance(review, DraftReview)
    assert harness.incident().closed_at is None
    harness.ana("publish")
    assert (harness.incident().closed_as, harness.incident().stage) == (ClosedAs.CANCELLED, Stage.RESOLVED)
    assert "was a false alarm" in harness.text(harness.published()[-1]).body
    assert [row.published for row in harness.rows(ComponentImpact)] == [Impact.OPERATIONAL]


def test_rewording_a_cancellation_leaves_it_one(harness: Harness) -> None:
    opened(harness)
    harness.ana("cancel")
    harness.ana("update Our monitoring was wrong.")

    harness.ana("publish")

    assert harness.incident().closed_as is ClosedAs.CANCELLED


def test_what_was_never_published_is_not_resolved(harness: Harness) -> None:
    harness.ana("declare API errors")

    for line in ("resolve", "resolve end:05:15", "update resolved All is well."):
        answer = harness.ana(line)
        assert isinstance(answer, Notice), line
        assert "there is nothing to resolve. To close it without telling customers, use `/incident cancel`." in say(
            answer
        )


def test_resolve_offers_every_component_operational(harness: Harness) -> None:
    opened(harness)

    review = harness.ana("resolve end:05:15 data:“No data was lost.”")

    assert isinstance(review, DraftReview)
    assert review.promise_at is None
    harness.ana("publish")
    assert [row.published for row in harness.rows(ComponentImpact)] == [Impact.OPERATIONAL]
    assert harness.incident().closed_as is ClosedAs.RESOLVED


def test_resolve_with_a_component_that_still_fails_is_blocked_and_names_it(harness: Harness) -> None:
    opened(harness, "declare API errors sev:3 on:api=partial,codex=major")
    harness.ana("resolve end:05:15 still:codex")

    assert "components are not operational (Codex: major outage)" in say(harness.ana("publish"))
    assert harness.incident().closed_at is None


def test_where_nobody_knows_the_end_the_closing_text_names_none(harness: Harness) -> None:
    opened(harness)

    harness.ana("resolve data:“No data was lost.”")

    body = harness.text(harness.draft()).body
    assert "We first reported it at 5:15 AM ET (09:15 UTC)." in body
    assert "ended" not in body
    assert "recovery" not in body


def test_the_form_of_resolve_knows_the_end_from_the_fix(harness: Harness) -> None:
    opened(harness)
    harness.later(10)
    harness.ana("update fix fixed:05:22")
    harness.ana("publish")
    harness.later(10)

    form = harness.ana("resolve")

    assert isinstance(form, Form)
    assert {field.name: field.typed for field in form.fields}["end"] == "2026-04-20 05:22"


def test_an_end_before_the_beginning_is_refused_in_words(harness: Harness) -> None:
    opened(harness, "declare API errors sev:3 on:api=partial")
    harness.ana("update since:05:10 sees:“returns errors”")
    harness.ana("publish")

    answer = harness.ana("resolve end:05:01")

    assert "The end, 5:01 AM ET (09:01 UTC), is before the start, 5:10 AM ET (09:10 UTC)." in say(answer)
    assert len(harness.published()) == 2


def test_rewording_a_closing_draft_keeps_its_components_operational(harness: Harness) -> None:
    opened(harness)
    harness.ana("resolve end:05:15")
    harness.ana("update You do not need to do anything.")

    harness.ana("publish")

    assert [row.published for row in harness.rows(ComponentImpact)] == [Impact.OPERATIONAL]


def resolved(harness: Harness) -> None:
    opened(harness)
    harness.ana("resolve end:05:15")
    harness.ana("publish")
    harness.later(30)


def test_a_resolved_incident_takes_no_update(harness: Harness) -> None:
    resolved(harness)

    for line in ("update It is slow.", "update", "resolve", "severity 1 INC-1", "cancel INC-1", "update INC-1"):
        assert isinstance(harness.ana(line), Notice), line
    assert len(harness.published()) == 2


def test_reopen_says_what_fails_and_needs_an_approver(harness: Harness) -> None:
    resolved(harness)
    harness.ana("reopen")
    harness.ana("update on:api=major since:05:40 sees:“returns errors”")

    harness.ana("publish")

    assert harness.incident().stage is Stage.RESOLVED
    assert isinstance(harness.ben("approve"), DeliveryReport)
    assert (harness.incident().stage, harness.incident().closed_at) == (Stage.INVESTIGATING, None)
    assert "Started: 5:40 AM ET (09:40 UTC)" in harness.text(harness.published()[-1]).body


def test_reopen_starts_a_promise_anew(harness: Harness) -> None:
    resolved(harness)
    harness.ana("reopen")
    harness.ana("update on:api=major since:05:40")
    harness.ben("approve")

    assert [state for _, state in harness.promised()][-1] == "open"


def test_while_a_draft_reopens_it_the_card_leads_to_the_draft_and_severity_can_change(harness: Harness) -> None:
    opened(harness)
    harness.ana("resolve end:05:14")
    harness.ben("approve")
    harness.ana("reopen")

    card = harness.ana("show")
    assert [b.label for b in buttons(card).values() if b.primary] == ["Open draft"]
    assert "INC-1 is now SEV1." in say(harness.ana("severity 1"))


def test_reopen_of_what_is_open_is_refused(harness: Harness) -> None:
    opened(harness)

    assert "INC-1 is already open." in say(harness.ana("reopen"))


def test_cancel_of_what_was_published_says_why_it_needs_an_update(harness: Harness) -> None:
    opened(harness)

    answer = harness.ana("cancel")

    assert "Customers have read about INC-1, so it closes with an update that says it was reported" in say(answer)


def test_reopen_of_what_was_cancelled_unread_says_so(harness: Harness) -> None:
    harness.ana("declare API errors")
    harness.ana("cancel")

    assert "INC-1 was closed as canceled at 5:15 AM ET" in say(harness.ana("reopen"))


def test_the_card_says_in_words_how_long_an_update_is_overdue(harness: Harness) -> None:
    opened(harness)
    due_at = harness.rows(Promise)[-1].due_at

    harness.clock.now = due_at + timedelta(minutes=7)
    assert "The update is 7 minutes overdue, promised by" in say(harness.ana("show"))

    harness.clock.now = due_at + timedelta(days=1, hours=3)
    assert "The update is 1 day and 3 hours overdue" in say(harness.ana("show"))
    assert "on April 20, 2026." in say(harness.ana("show"))
