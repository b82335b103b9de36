"""Asking for approval: each approver gets a message with text and buttons, and the author one button that works."""

from datetime import timedelta

import pytest

from bot.actions import approvals
from bot.domain.deliveries import Delivery, DeliveryKind
from bot.reading.posts import post_of
from bot.reading.reviews import draft_review
from bot.store import deliveries
from bot.views import Answer, ApprovalRequest, Button, DeliveryReport, DraftReview, Form, Notice, NudgeCard, Post
from bot.views.plain import plain
from tests.harness import MORE_PEOPLE, Harness, buttons, organisation, say

SYMPTOM = 'update identified sees:"requests return errors" since:05:10'


def drafted(harness: Harness, severity: int = 1) -> Harness:
    """Ana commands INC-1, and customers have read about it; she has drafted the next update."""
    harness.ana(f"declare API errors sev:{severity} on:api=partial")
    assert isinstance(harness.ana("publish"), DeliveryReport)
    harness.later(1)
    harness.ana(SYMPTOM)
    return harness


def asked(harness: Harness) -> Harness:
    drafted(harness).ana("ask")
    harness.deliver()
    return harness


def requests(harness: Harness, handle: str = "ben") -> list[ApprovalRequest]:
    """What stands in each message that asked somebody for approval."""
    found = [row for row in harness.sent_to(f"local:@{handle}") if row.kind is DeliveryKind.APPROVAL]
    posts = [shown(harness, row) for row in found if row.target is None]
    return [post for post in posts if isinstance(post, ApprovalRequest)]


def shown(harness: Harness, row: Delivery) -> Post | None:
    with harness.store.read() as tx:
        return post_of(tx, harness.actions, deliveries.get_delivery(tx, row.id))


def primary(answer: Answer | ApprovalRequest | NudgeCard) -> list[str]:
    return [button.label for button in answer.buttons if button.primary] if hasattr(answer, "buttons") else []


# ---- the approver's message


def test_an_approver_gets_the_text_with_what_it_means_and_buttons(harness: Harness) -> None:
    (request,) = requests(asked(harness))

    words = plain(request, harness.organisation.zone)
    assert [each for each in ("INC-1 · SEV1 · API errors", "Ana Silva asks you to approve this update",
                              "Investigating becomes Identified", "Partial outage: API", "requests return errors",
                              "more texts") if each not in words] == []  # fmt: skip
    assert request.link == "https://status.example.com/console/incidents/INC-1#draft"
    assert [button.label for button in request.buttons] == ["Approve", "Read all", "Edit"]
    assert primary(request) == ["Approve"]


def test_approving_from_the_message_publishes_and_the_message_says_so(harness: Harness) -> None:
    (request,) = requests(asked(harness))
    harness.at("05:20")

    assert isinstance(harness.press("ben", request.buttons[0]), DeliveryReport)

    (request,) = requests(harness)
    assert plain(request, harness.organisation.zone).endswith(
        "API errors: Approved by Ben Osei at 5:20 AM ET (09:20 UTC) and published."
    )
    assert request.buttons == ()


def test_after_an_edit_the_message_says_that_another_revision_waits(harness: Harness) -> None:
    asked(harness)
    harness.ana("update since:05:11")

    (request,) = requests(harness)
    assert "Ana Silva changed the draft; approval of revision 3 has not been requested yet." in said(request)

    harness.ana("ask")
    harness.deliver()

    first, second = requests(harness)
    assert "Ana Silva changed the draft; revision 3 is waiting for approval." in said(first)
    assert (first.buttons, first.obsolete, primary(second)) == ((), False, ["Approve"])


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("discard", "The draft was discarded. Nothing was sent."),
        (
            'publish alone:"nobody is awake"',
            "Ana Silva published this alone at 5:16 AM ET (09:16 UTC): nobody is awake",
        ),
    ],
)
def test_however_a_draft_ends_the_message_says_how(harness: Harness, line: str, words: str) -> None:
    asked(harness).ana(line)

    (request,) = requests(harness)
    assert words in said(request)
    assert request.buttons == ()


def test_each_message_is_edited_once_when_the_draft_is_decided(harness: Harness) -> None:
    asked(harness).ben("approve rev:2")
    edits = [row for row in harness.sent_to("local:@ben") if row.kind is DeliveryKind.APPROVAL and row.target]
    assert len(edits) == 1
    harness.deliver()

    harness.ana("note It is calmer now")
    harness.ana("update monitoring")

    edits = [row for row in harness.sent_to("local:@ben") if row.kind is DeliveryKind.APPROVAL and row.target]
    assert len(edits) == 1


def test_a_request_that_was_decided_before_it_was_sent_is_not_sent(harness: Harness) -> None:
    drafted(harness).ana("ask")
    harness.ana("discard")

    assert requests(harness) == []


def test_who_approved_first_of_two_reads_what_is_still_missing(migrated_sqlite_url: str) -> None:
    harness = Harness(migrated_sqlite_url, organisation(more=MORE_PEOPLE, approval={"SEV1": 2}))
    asked(harness).ben("approve rev:2")

    assert "You approved revision 2 at 5:16 AM ET (09:16 UTC). It still needs one more approver." in said(
        requests(harness)[0]
    )
    assert primary(requests(harness, "chi")[0]) == ["Approve"]
    harness.close()


def test_where_another_text_was_edited_by_hand_everything_is_read_first(harness: Harness) -> None:
    drafted(harness)
    harness.run("ana", "edit", incident="INC-1", developers="The API fails for some of you.")
    harness.ana("ask")
    harness.deliver()

    (request,) = requests(harness)
    assert [(button.label, button.primary) for button in request.buttons] == [("Read all", True), ("Edit", False)]
    review = harness.press("ben", request.buttons[0])
    assert isinstance(review, DraftReview)
    assert primary(review) == ["Approve"]


def said(request: ApprovalRequest) -> str:
    return plain(request, organisation().zone)


# ---- asking


def test_the_author_asks_whoever_can_approve_by_name(harness: Harness) -> None:
    review = drafted(harness).ana("show draft:yes")
    assert primary(review) == ["Ask Ben Osei for approval"]

    after = harness.press("ana", buttons(review)["Ask Ben Osei for approval"])

    assert "Waiting for Ben Osei, asked at 5:16 AM ET (09:16 UTC)." in say(after)
    assert list(buttons(after)) == ["Remind", "Edit", "Publish alone", "Discard"]


def test_where_several_can_approve_a_form_asks_whom(crowd: Harness) -> None:
    form = crowd.press("ana", buttons(drafted(crowd).ana("show draft:yes"))["Ask an approver"])
    assert isinstance(form, Form)
    (field,) = form.fields
    assert [option.label for option in field.options] == [
        "Everyone who can approve: Ben Osei, Chi Nakamura", "Ben Osei", "Chi Nakamura"
    ]  # fmt: skip

    review = crowd.submit("ana", "ask", {"incident": form.incident, **dict(form.kept), "person": "@chi"})

    assert "Waiting for Chi Nakamura, asked at 5:16 AM ET (09:16 UTC)." in say(review)
    assert (len(requests(crowd, "chi")), requests(crowd, "ben")) == (1, [])


def test_everyone_is_asked_where_nobody_is_chosen(crowd: Harness) -> None:
    review = drafted(crowd).run("ana", "ask", incident="INC-1", person="everyone")

    assert "Waiting for one more approver: Ben Osei or Chi Nakamura, asked at" in say(review)
    assert [len(requests(crowd, handle)) for handle in ("ben", "chi")] == [1, 1]


def test_a_person_who_cannot_approve_is_not_asked(crowd: Harness) -> None:
    refusal = drafted(crowd).ana("ask @dia")

    assert say(refusal) == "Dia Roy cannot approve revision 2. Nothing was changed. Ask Ben Osei or Chi Nakamura."


def test_an_approver_who_would_ask_reads_the_draft_instead(harness: Harness) -> None:
    notice = drafted(harness).ben("ask")

    assert isinstance(notice, Notice)
    assert not notice.refused
    assert say(notice).startswith("You can approve this draft yourself, so nobody was asked.")
    assert primary(harness.press("ben", notice.buttons[0])) == ["Approve"]


def test_a_reminder_replaces_the_message_and_comes_at_most_once_in_a_few_minutes(harness: Harness) -> None:
    asked(harness)
    remind = buttons(harness.ana("show draft:yes"))["Remind"]

    assert say(harness.press("ana", remind)) == (
        "Ben Osei was asked at 5:16 AM ET (09:16 UTC), so nothing was sent. You can send a reminder after "
        "5:19 AM ET (09:19 UTC)."
    )
    assert len(requests(harness)) == 1

    harness.clock.now += approvals.APART
    harness.press("ana", remind)
    harness.deliver()

    first, second = requests(harness)
    assert (first.obsolete, second.obsolete, primary(second)) == (True, False, ["Approve"])
    assert harness.record("approval asked") == ["revision 2: Ben Osei", "revision 2: Ben Osei, again"]


def test_a_reminder_need_not_wait_for_a_clock_that_was_set_back(harness: Harness) -> None:
    asked(harness)
    harness.clock.now -= timedelta(hours=1)

    harness.press("ana", buttons(harness.ana("show draft:yes"))["Remind"])

    assert harness.record("approval asked") == ["revision 2: Ben Osei", "revision 2: Ben Osei, again"]


def test_whoever_was_asked_is_asked_about_the_new_revision_with_one_click(crowd: Harness) -> None:
    drafted(crowd).ana("ask @chi")
    crowd.deliver()

    review = crowd.run("ana", "edit", incident="INC-1", customers="Requests to the API return errors.")

    assert primary(review) == ["Ask Chi Nakamura again"]
    assert "Chi Nakamura was asked to approve revision 2, so ask again." in say(review)
    (first,) = requests(crowd, "chi")
    assert said(first).endswith("Ana Silva changed the draft; approval of revision 3 has not been requested yet.")

    after = crowd.press("ana", buttons(review)["Ask Chi Nakamura again"])
    crowd.deliver()

    assert "Waiting for one more approver: Chi Nakamura, asked at" in say(after) or "Waiting for Chi" in say(after)
    first, second = requests(crowd, "chi")
    assert said(first).endswith("Ana Silva changed the draft; revision 3 is waiting for approval.")
    assert "Requests to the API return errors." in said(second)
    assert requests(crowd, "ben") == []


def test_publishing_a_changed_draft_asks_whoever_was_asked(crowd: Harness) -> None:
    drafted(crowd).ana("ask @chi")
    crowd.deliver()
    crowd.run("ana", "edit", incident="INC-1", customers="Requests to the API return errors.")

    crowd.ana("publish")

    assert [len(requests(crowd, handle)) for handle in ("ben", "chi")] == [0, 2]


def test_who_was_not_asked_before_can_be_asked_at_once(crowd: Harness) -> None:
    drafted(crowd).ana("ask @chi")

    crowd.ana("ask @ben")

    assert [len(requests(crowd, handle)) for handle in ("ben", "chi")] == [1, 1]


def test_a_member_who_drafted_may_ask(crowd: Harness) -> None:
    drafted(crowd)
    review = crowd.eve("update identified Some requests fail.")
    assert primary(review) == ["Ask an approver"]

    assert "Waiting for one more approver" in say(crowd.eve("ask"))


def test_publish_asks_everyone_once(crowd: Harness) -> None:
    drafted(crowd).ana("publish")
    crowd.ana("publish")

    assert [len(requests(crowd, handle)) for handle in ("ben", "chi")] == [1, 1]


def test_asking_reminding_and_approving_work_on_either_database(either: Harness) -> None:
    drafted(either).ana("ask @ben")
    either.deliver()
    either.clock.now += approvals.APART
    either.ana("ask")
    either.deliver()

    assert [(each.obsolete, bool(each.buttons)) for each in requests(either)] == [(True, False), (False, True)]
    assert isinstance(either.ben("approve rev:2"), DeliveryReport)
    assert "Approved by Ben Osei at" in said(requests(either)[-1])
    assert requests(either, "chi") == []


def test_a_redacted_title_leaves_the_request_too(harness: Harness) -> None:
    asked(harness).ana("redact 1 names a customer")

    assert [row.operation for row in harness.sent_to("local:@ben") if row.target] == ["edit"]
    assert "API errors" not in plain(requests(harness)[0], harness.organisation.zone).partition("\n")[0]


# ---- no primary button is refused


STATES = {
    "ready": ("sev:3", [SYMPTOM]),
    "needs approval": ("sev:1", [SYMPTOM]),
    "asked": ("sev:1", [SYMPTOM, "ask"]),
    "one of two": ("sev:1", [SYMPTOM, "ask @chi"]),
    "blocked": ("sev:1", ["update identified Our database vendor may be down, we think."]),
    "address": ("sev:1", ["update identified Requests to 10.0.0.7 fail."]),
    "security": ("sev:1", ["update identified Some messages were exposed to an attacker."]),
    "security asked": ("sev:1", ["update identified Some messages were exposed to an attacker.", "ask"]),
}
READERS = {"commander and author": "ana", "second approver": "ben", "third approver": "chi", "responder": "dia",
           "member": "eve", "security approver": "sam"}  # fmt: skip


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("reader", [*READERS, "anyone in the room"])
def test_no_primary_button_is_refused(crowd: Harness, state: str, reader: str) -> None:
    severity, lines = STATES[state]
    crowd.ana(f"declare API errors {severity} on:api=partial")
    assert isinstance(crowd.ana("publish"), DeliveryReport)
    for line in lines:
        assert not refused(crowd.ana(line))
    everyone = reader == "anyone in the room"
    who = ["ana", "ben", "dia"] if everyone else [READERS[reader]]

    found = _buttons_in_room(crowd) if everyone else crowd.as_person(who[0])("show draft:yes").buttons

    first = [button for button in found if button.primary]
    assert len(first) <= 1
    for button in first:
        for handle in who:
            answer = crowd.press(handle, button)
            assert not refused(answer), (handle, button.label, say(answer))
            if isinstance(answer, DeliveryReport):  # it is done, so the others read that
                break


def refused(answer: Answer) -> bool:
    return isinstance(answer, Notice | Form) and answer.refused


def _buttons_in_room(harness: Harness) -> tuple[Button, ...]:
    with harness.store.read() as tx:
        return draft_review(tx, harness.actions, harness.incident(), harness.draft()).buttons


@pytest.mark.parametrize(
    ("state", "reader", "expected"),
    [
        ("ready", "ana", "Publish"),
        ("ready", "ben", "Publish"),
        ("ready", "dia", "Publish"),
        ("ready", "eve", "Edit"),
        ("needs approval", "ana", "Ask an approver"),
        ("needs approval", "ben", "Approve"),
        ("needs approval", "dia", "Ask an approver"),
        ("needs approval", "eve", "Ask an approver"),
        ("asked", "ben", "Approve"),
        ("asked", "ana", None),
        ("asked", "dia", None),
        ("blocked", "ana", "Edit"),
        ("blocked", "ben", "Edit"),
    ],
)
def test_the_next_act_of_each_reader_is_the_primary_button(
    crowd: Harness, state: str, reader: str, expected: str | None
) -> None:
    severity, lines = STATES[state]
    crowd.ana(f"declare API errors {severity} on:api=partial")
    crowd.ana("publish")
    for line in lines:
        crowd.ana(line)

    assert primary(crowd.as_person(reader)("show draft:yes")) == ([expected] if expected else [])


def test_publishing_alone_is_the_next_act_where_no_one_else_can_approve(migrated_sqlite_url: str) -> None:
    harness = Harness(migrated_sqlite_url, organisation(without=("ben",)))
    review = drafted(harness).ana("show draft:yes")

    assert primary(review) == ["Publish alone"]
    assert isinstance(harness.press("ana", buttons(review)["Publish alone"]), Form)
    harness.close()


def test_publishing_alone_is_not_offered_where_it_is_not_allowed(migrated_sqlite_url: str) -> None:
    harness = Harness(migrated_sqlite_url, organisation(approval={"alone": False}))

    assert "Publish alone" not in buttons(drafted(harness).ana("show draft:yes"))
    harness.close()


# ---- reminders


def reminder(harness: Harness, destination: str = "local:inc-1") -> NudgeCard:
    """The last reminder that was sent to a place, as it stands now."""
    row = [row for row in harness.sent_to(destination) if row.kind is DeliveryKind.NUDGE][-1]
    card = shown(harness, row)
    assert isinstance(card, NudgeCard)
    return card


def test_a_late_first_reminder_publishes_the_draft_with_one_click(harness: Harness) -> None:
    harness.ana("declare API errors sev:1 on:api=partial")
    harness.later(7)
    harness.tick()

    card = reminder(harness)
    assert "API: partial outage\nWe are investigating" in card.ready
    assert [button.label for button in card.buttons][:2] == ["Publish", "Open draft"]
    assert card.blocks is None

    assert isinstance(harness.press("ana", card.buttons[0]), DeliveryReport)


def test_a_reminder_says_what_blocks_the_draft_instead_of_offering_to_publish_it(harness: Harness) -> None:
    harness.ana("declare API errors sev:1 on:api=partial")
    harness.ana("update investigating Requests to 10.0.0.7 fail.")
    harness.later(7)
    harness.tick()

    card = reminder(harness)
    words = plain(card, harness.organisation.zone)
    assert ("Not published yet: 1 blocker in the text for customers" in words, "Publish this one" in words) == (
        True,
        False,
    )
    assert primary(card) == ["Open draft"]


def test_a_reminder_of_a_draft_that_needs_approval_asks_for_it(harness: Harness) -> None:
    drafted(harness)
    harness.later(10)
    harness.tick()

    card = reminder(harness)
    assert primary(card) == ["Ask Ben Osei for approval"]
    assert "Not published yet: Needs one more approver. Ask Ben Osei." in plain(card, harness.organisation.zone)

    harness.press("ana", card.buttons[0])

    assert primary(reminder(harness)) == ["Open draft"]
    assert "Waiting for approval" in plain(reminder(harness), harness.organisation.zone)
