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
from tests.house import START, House, buttons, say


def opened(house: House, line: str = "declare API errors sev:3 on:api=partial") -> None:
    """One incident whose first text is published."""
    house.ana(line)
    assert isinstance(house.ana("publish"), DeliveryReport)


# ---- declare


def test_a_title_is_enough_to_declare(house: House) -> None:
    card = house.ana("declare API errors")

    assert isinstance(card, IncidentCard)
    assert (card.incident, card.title, card.severity, card.stage) == ("INC-1", "API errors", "SEV2", "declared")


def test_declare_promises_a_first_update_in_five_minutes_for_us_alone(house: House) -> None:
    house.ana("declare API errors")

    (promise,) = house.rows(Promise)
    assert (promise.due_at, promise.internal) == (START + timedelta(minutes=5), True)
    assert house.rows(Delivery) == []


def test_declare_drafts_the_first_text_and_makes_the_declarer_commander(house: House) -> None:
    card = house.ana("declare API errors")

    assert house.draft().stage is Stage.INVESTIGATING
    assert isinstance(card, IncidentCard)
    assert next((line.role, line.person) for line in card.people) == ("commander", "Ana Silva")


def test_declare_alone_asks_in_a_form(house: House) -> None:
    form = house.ana("declare")

    assert isinstance(form, Form)
    assert house.rows(Incident) == []


def test_a_form_keeps_what_was_typed(house: House) -> None:
    form = house.ana("declare sev:1 on:chatgpt=major")

    assert isinstance(form, Form)
    assert {field.name: field.typed for field in form.fields if field.typed} == {
        "severity": "1",
        "impacts": "chatgpt=major",
    }


def test_the_declared_title_never_leaves(house: House) -> None:
    opened(house, "declare Redis is on fire sev:3 on:api=partial")

    assert "Redis" not in house.text(house.published()[0]).title
    assert house.text(house.published()[0]).title == "API: partial outage"


def test_a_title_with_a_secret_is_not_declared(house: House) -> None:
    assert "looks like a secret" in say(house.ana("declare leaked AKIAIOSFODNN7EXAMPLE in logs"))
    assert house.rows(Incident) == []


# ---- the same declared minutes ago


@pytest.mark.parametrize("line", ["declare Requests fail on:api", "declare api ERRORS everywhere"])
def test_the_same_declared_minutes_ago_is_not_declared_again(house: House, line: str) -> None:
    house.ana("declare API errors on:api=partial")
    house.later(9)

    answer = house.ben(line)

    assert "Ana Silva declared what looks like the same incident 9 minutes ago: INC-1" in say(answer)
    assert list(buttons(answer)) == ["Open INC-1", "Declare anyway"]
    assert len(house.rows(Incident)) == 1


@pytest.mark.parametrize(
    "title", ["API errors", 'Errors: "load failed" on: api', "say sev:1 twice", 'a 24" screen: dark']
)
def test_declare_anyway_declares_what_was_typed(house: House, title: str) -> None:
    quoted = f"«{title}»"
    house.ana(f"declare {quoted} sev:1 on:api=partial private:no")
    answer = house.ben(f"declare {quoted} sev:1 on:api=partial")

    house.press("ben", buttons(answer)["Declare anyway"])

    first, second = house.rows(Incident)
    assert (second.declared_title, second.severity) == (title, Severity.SEV1) == (first.declared_title, first.severity)


@pytest.mark.parametrize(("minutes", "ago"), [(0, "just now: INC-1"), (1, "1 minute ago: INC-1")])
def test_how_long_ago_reads_as_people_say_it(house: House, minutes: int, ago: str) -> None:
    house.ana("declare API errors")
    house.later(minutes)

    assert ago in say(house.ben("declare API errors"))


def test_open_shows_the_card_of_the_same(house: House) -> None:
    house.ana("declare API errors")

    card = house.press("ben", buttons(house.ben("declare API errors"))["Open INC-1"])

    assert isinstance(card, IncidentCard)


def test_the_same_after_ten_minutes_is_another(house: House) -> None:
    house.ana("declare API errors")
    house.later(11)

    assert isinstance(house.ben("declare API errors"), IncidentCard)


def test_the_same_as_a_closed_one_is_another(house: House) -> None:
    house.ana("declare API errors")
    house.ana("cancel")

    assert isinstance(house.ben("declare API errors"), IncidentCard)


def test_a_private_twin_is_not_given_away(house: House) -> None:
    house.ana("declare API errors private:yes")

    assert isinstance(house.ben("declare API errors"), IncidentCard)


# ---- which incident


def test_the_only_open_incident_need_not_be_named(house: House) -> None:
    house.ana("declare API errors")

    assert "Noted in INC-1" in say(house.ana("note It is slow too"))


def test_of_several_open_incidents_one_must_be_named(house: House) -> None:
    house.ana("declare API errors")
    house.ana("declare Codex stands still")

    assert "2 incidents are open. Say which one you mean" in say(house.ana("severity 1"))


def test_in_its_room_an_incident_need_not_be_named(house: House) -> None:
    house.ana("declare API errors")
    house.ana("declare Codex stands still")

    house.ana("severity 1", room="inc-2")

    assert [i.severity for i in house.rows(Incident)] == [Severity.SEV2, Severity.SEV1]


def test_with_nothing_open_there_is_nothing_to_do(house: House) -> None:
    assert "so there is nothing to change the severity of. To open one, use `/incident declare`." in say(
        house.ana("severity 1")
    )


def test_an_unknown_incident_names_the_open_ones(house: House) -> None:
    house.ana("declare API errors")

    assert say(house.ana("show inc-9")).startswith("INC-9 does not exist. Open incidents: INC-1.")


def test_list_shows_open_incidents_and_what_is_next(house: House) -> None:
    house.ana("declare API errors")

    listing = house.ana("list")

    assert isinstance(listing, Listing)
    assert "INC-1 API errors (SEV2, declared) · next update by 5:20 AM ET (09:20 UTC)" in say(listing)


def test_an_empty_list_says_how_to_start(house: House) -> None:
    assert "No incident is open" in say(house.ana("list"))


# ---- severity and impact: set at once, published later


def test_severity_is_set_for_responders_and_customers_are_told_later(house: House) -> None:
    opened(house)

    answer = house.ana("severity 1")

    assert "INC-1 is now SEV1. Customers have not been told yet." in say(answer)
    assert (house.incident().severity, house.incident().published_severity) == (Severity.SEV1, Severity.SEV3)


def test_the_same_severity_changes_nothing(house: House) -> None:
    opened(house)
    before = house.record()

    assert "is already SEV3. Nothing was changed." in say(house.ana("severity 3"))
    assert house.record() == before


def test_impact_is_published_with_the_next_update(house: House) -> None:
    opened(house)
    house.ana("impact api=major codex=degraded")

    def values() -> dict[str, tuple[Impact, Impact | None]]:
        return {row.component: (row.value, row.published) for row in house.rows(ComponentImpact)}

    assert values() == {"api": (Impact.MAJOR, Impact.PARTIAL), "codex": (Impact.DEGRADED, None)}

    house.ana("update")
    house.ana("update More is affected.")
    house.ana("publish")

    assert values() == {"api": (Impact.MAJOR, Impact.MAJOR), "codex": (Impact.DEGRADED, Impact.DEGRADED)}


def test_the_card_says_what_customers_have_not_been_told(house: House) -> None:
    opened(house)
    house.ana("severity 2")
    house.ana("impact api=major")

    words = say(house.ana("show"))

    assert "Customers have not been told about the latest changes." in words
    assert "Severity changed from SEV3 to SEV2." in words
    assert "Major outage: API · customers were told: partial outage" in words


# ---- roles


def test_a_role_is_given_and_the_card_shows_it(crowd: House) -> None:
    crowd.ana("declare API errors")

    card = crowd.ana("assign comms @ben")

    assert isinstance(card, IncidentCard)
    assert [(line.role, line.person) for line in card.people] == [
        ("commander", "Ana Silva"),
        ("communications lead", "Ben Osei"),
        ("scribe", ""),
    ]


def test_hand_over_gives_all_roles_and_tells_directly(crowd: House) -> None:
    crowd.ana("declare API errors")
    crowd.ana("assign comms me")

    answer = crowd.ana("handover @dia")

    assert "Dia Roy now has your roles in INC-1: commander, communications lead. They were told directly." in say(
        answer
    )
    (notice,) = crowd.sent_to("local:@dia")
    assert notice.body.startswith(
        "Ana Silva handed INC-1 to you: commander, communications lead. Next update by 5:20 AM ET"
    )


def test_nobody_hands_over_what_they_do_not_hold(crowd: House) -> None:
    crowd.ana("declare API errors")

    assert "You have no role in INC-1 to hand over" in say(crowd.ben("handover @dia"))


def test_an_unknown_person_is_refused_with_the_known_ones(crowd: House) -> None:
    crowd.ana("declare API errors")

    assert "Foghorn does not know anyone called “@zoe”" in say(crowd.ana("assign scribe @zoe"))


def test_a_mere_member_changes_nothing(crowd: House) -> None:
    crowd.ana("declare API errors")

    assert say(crowd.eve("severity 1")).startswith("Only responders can change the severity here.")
    assert crowd.incident().severity is Severity.SEV2


def test_a_stranger_is_told_how_to_come_in(house: House) -> None:
    assert "not connected to a person yet" in say(house.as_person("mallory")("list"))


# ---- notes and the record


def test_a_note_stands_in_the_timeline(house: House) -> None:
    house.ana("declare API errors")
    house.ben("note Sign-in fails for 1 in 5 attempts")

    timeline = house.ana("timeline")

    assert isinstance(timeline, Timeline)
    newest = timeline.entries[0]
    assert (newest.who, newest.kind, newest.text) == ("Ben Osei", "note", "Sign-in fails for 1 in 5 attempts")


def test_a_note_with_a_secret_is_not_saved(house: House) -> None:
    house.ana("declare API errors")
    before = house.record()

    answer = house.ana("note the key is AKIAIOSFODNN7EXAMPLE")

    assert "looks like a secret" in say(answer)
    assert "AKIAIOSFODNN7EXAMPLE" not in say(answer)
    assert house.record() == before


def test_redact_blanks_the_words_and_keeps_who_and_why(house: House) -> None:
    house.ana("declare API errors")
    house.ben("note call 555 0100 for the password")
    number = len(house.record())

    house.ana(f"redact {number} pasted a phone number")

    timeline = house.ana("timeline")
    assert isinstance(timeline, Timeline)
    why, blanked = timeline.entries[:2]
    assert (blanked.who, blanked.kind, blanked.text, blanked.redacted) == ("Ben Osei", "note", "", True)
    assert (why.who, why.text) == ("Ana Silva", f"entry {number}: pasted a phone number")


def test_redact_of_the_first_entry_blanks_the_declared_title(house: House) -> None:
    house.ana("declare Errors at Example Bank")

    answer = house.ana("redact 1 a customer's name")

    assert "The declared title was removed too. A room named after it keeps its name." in say(answer)
    for line in ("show", "list", "export md", "retro", "timeline"):
        assert "Example Bank" not in say(house.ana(line))


def test_redact_of_no_entry_is_refused(house: House) -> None:
    house.ana("declare API errors")

    assert "INC-1 has no entry 99" in say(house.ana("redact 99 oops"))


def test_redact_without_a_reason_asks_for_it(house: House) -> None:
    house.ana("declare API errors")

    form = house.ana("redact 1")

    assert isinstance(form, Form)
    assert {field.name: field.typed for field in form.fields} == {"number": "1", "reason": ""}


# ---- the end of it


def test_cancel_of_what_nobody_read_closes_silently(house: House) -> None:
    house.ana("declare API errors")

    assert "othing was published" in say(house.ana("cancel"))
    assert (house.incident().closed_as, house.incident().stage) == (ClosedAs.CANCELLED, Stage.DECLARED)
    assert [promise.state for promise in house.rows(Promise)] == [PromiseState.CANCELLED]
    assert house.rows(Delivery) == []


def test_cancel_of_what_was_published_drafts_a_closing_update(house: House) -> None:
    opened(house)

    review = house.ana("cancel")

    assert isinstance(review, DraftReview)
    assert house.incident().closed_at is None
    house.ana("publish")
    assert (house.incident().closed_as, house.incident().stage) == (ClosedAs.CANCELLED, Stage.RESOLVED)
    assert "was a false alarm" in house.text(house.published()[-1]).body
    assert [row.published for row in house.rows(ComponentImpact)] == [Impact.OPERATIONAL]


def test_rewording_a_cancellation_leaves_it_one(house: House) -> None:
    opened(house)
    house.ana("cancel")
    house.ana("update Our monitoring was wrong.")

    house.ana("publish")

    assert house.incident().closed_as is ClosedAs.CANCELLED


def test_what_was_never_published_is_not_resolved(house: House) -> None:
    house.ana("declare API errors")

    for line in ("resolve", "resolve end:05:15", "update resolved All is well."):
        answer = house.ana(line)
        assert isinstance(answer, Notice), line
        assert "there is nothing to resolve. To close it without telling customers, use `/incident cancel`." in say(
            answer
        )


def test_resolve_offers_every_component_operational(house: House) -> None:
    opened(house)

    review = house.ana("resolve end:05:15 data:“No data was lost.”")

    assert isinstance(review, DraftReview)
    assert review.promise_at is None
    house.ana("publish")
    assert [row.published for row in house.rows(ComponentImpact)] == [Impact.OPERATIONAL]
    assert house.incident().closed_as is ClosedAs.RESOLVED


def test_resolve_with_a_component_that_still_fails_is_blocked_and_names_it(house: House) -> None:
    opened(house, "declare API errors sev:3 on:api=partial,codex=major")
    house.ana("resolve end:05:15 still:codex")

    assert "components are not operational (Codex: major outage)" in say(house.ana("publish"))
    assert house.incident().closed_at is None


def test_where_nobody_knows_the_end_the_closing_text_names_none(house: House) -> None:
    opened(house)

    house.ana("resolve data:“No data was lost.”")

    body = house.text(house.draft()).body
    assert "We first reported it at 5:15 AM ET (09:15 UTC)." in body
    assert "ended" not in body
    assert "recovery" not in body


def test_the_form_of_resolve_knows_the_end_from_the_fix(house: House) -> None:
    opened(house)
    house.later(10)
    house.ana("update fix fixed:05:22")
    house.ana("publish")
    house.later(10)

    form = house.ana("resolve")

    assert isinstance(form, Form)
    assert {field.name: field.typed for field in form.fields}["end"] == "2026-04-20 05:22"


def test_an_end_before_the_beginning_is_refused_in_words(house: House) -> None:
    opened(house, "declare API errors sev:3 on:api=partial")
    house.ana("update since:05:10 sees:“returns errors”")
    house.ana("publish")

    answer = house.ana("resolve end:05:01")

    assert "The end, 5:01 AM ET (09:01 UTC), is before the start, 5:10 AM ET (09:10 UTC)." in say(answer)
    assert len(house.published()) == 2


def test_rewording_a_closing_draft_keeps_its_components_operational(house: House) -> None:
    opened(house)
    house.ana("resolve end:05:15")
    house.ana("update You do not need to do anything.")

    house.ana("publish")

    assert [row.published for row in house.rows(ComponentImpact)] == [Impact.OPERATIONAL]


def resolved(house: House) -> None:
    opened(house)
    house.ana("resolve end:05:15")
    house.ana("publish")
    house.later(30)


def test_a_resolved_incident_takes_no_update(house: House) -> None:
    resolved(house)

    for line in ("update It is slow.", "update", "resolve", "severity 1 INC-1", "cancel INC-1", "update INC-1"):
        assert isinstance(house.ana(line), Notice), line
    assert len(house.published()) == 2


def test_reopen_says_what_fails_and_needs_an_approver(house: House) -> None:
    resolved(house)
    house.ana("reopen")
    house.ana("update on:api=major since:05:40 sees:“returns errors”")

    house.ana("publish")

    assert house.incident().stage is Stage.RESOLVED
    assert isinstance(house.ben("approve"), DeliveryReport)
    assert (house.incident().stage, house.incident().closed_at) == (Stage.INVESTIGATING, None)
    assert "Started: 5:40 AM ET (09:40 UTC)" in house.text(house.published()[-1]).body


def test_reopen_starts_a_promise_anew(house: House) -> None:
    resolved(house)
    house.ana("reopen")
    house.ana("update on:api=major since:05:40")
    house.ben("approve")

    assert [state for _, state in house.promised()][-1] == "open"


def test_while_a_draft_reopens_it_the_card_leads_to_the_draft_and_severity_can_change(house: House) -> None:
    opened(house)
    house.ana("resolve end:05:14")
    house.ben("approve")
    house.ana("reopen")

    card = house.ana("show")
    assert [b.label for b in buttons(card).values() if b.primary] == ["Open draft"]
    assert "INC-1 is now SEV1." in say(house.ana("severity 1"))


def test_reopen_of_what_is_open_is_refused(house: House) -> None:
    opened(house)

    assert "INC-1 is already open." in say(house.ana("reopen"))


def test_cancel_of_what_was_published_says_why_it_needs_an_update(house: House) -> None:
    opened(house)

    answer = house.ana("cancel")

    assert "Customers have read about INC-1, so it closes with an update that says it was reported" in say(answer)


def test_reopen_of_what_was_cancelled_unread_says_so(house: House) -> None:
    house.ana("declare API errors")
    house.ana("cancel")

    assert "INC-1 was closed as canceled at 5:15 AM ET" in say(house.ana("reopen"))
