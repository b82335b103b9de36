"""Whom a typed name means, and who may serve in an incident."""

import pytest

from bot.commands.invocation import Account, Place
from bot.domain.deliveries import Delivery, DeliveryKind
from bot.domain.incident import ComponentImpact, Invited
from bot.domain.rooms import Room
from bot.reading.posts import post_of
from bot.reading.reviews import draft_review
from bot.views import DraftReview, Macro, NudgeCard
from tests.harness import MORE_PEOPLE, Harness, Speaker, buttons, organisation, run_line, say


def guests(harness: Harness) -> list[str]:
    """Who was invited, by handle."""
    name = {person.id: person.handle for person in harness.rows(type(harness.person("ana")))}
    return [name[row.person_id] for row in harness.rows(Invited)]


def test_a_handle_goes_before_what_somebody_calls_themselves(harness: Harness) -> None:
    harness.stranger("U9", "BEN")("declare Codex is slow")
    harness.ana("declare Somebody is inside private:yes")

    for line in ("invite INC-2 @ben", "invite INC-2 BEN", "assign INC-2 comms @Ben"):
        harness.ana(line)

    assert guests(harness) == ["ben"]
    assert "communications lead: Ben Osei" in harness.record()


def test_a_name_of_the_configuration_goes_before_the_same_name_from_elsewhere(harness: Harness) -> None:
    harness.stranger("U9", "Ben Osei")("declare Codex is slow")
    harness.ana("declare Somebody is inside private:yes")

    harness.submit("ana", "invite", {"incident": "INC-2", "person": "ben osei"})

    assert guests(harness) == ["ben"]


def test_a_name_that_only_one_has_is_enough(harness: Harness) -> None:
    harness.stranger("U9", "Zoe")("declare Codex is slow")

    assert "Zoe can now see INC-1" in say(harness.ana("invite zoe"))


def test_a_name_that_two_have_is_refused_with_their_handles(harness: Harness) -> None:
    for account in ("U8", "U9"):
        harness.stranger(account, "Zoe")("declare Codex is slow")

    refusal = say(harness.ana("invite INC-1 zoe"))

    assert refusal.strip() == (
        "2 people are called “zoe”. Nothing was changed. Use one of these handles: @slack-u8, @slack-u9."
    )


def test_nobody_is_taken_for_somebody_who_left(harness: Harness) -> None:
    harness.stranger("U9", "BEN")("declare Codex is slow")
    with harness.store.write() as tx:
        tx.session.merge(harness.person("ben")).active = False

    assert "Foghorn does not know anyone called “@ben”" in say(harness.ana("invite @ben"))
    assert guests(harness) == []


# ---- impact is set by responders


@pytest.fixture
def opened(crowd: Harness) -> Harness:
    """INC-1: Ana's, and partial outage of the API."""
    crowd.ana("declare API errors on:api=partial sev:3")
    return crowd


def impacts(harness: Harness) -> dict[str, str]:
    """As responders set them."""
    return {row.component: row.value.word for row in harness.rows(ComponentImpact)}


@pytest.mark.parametrize("verb", ["update", "update investigating"])
def test_a_mere_member_sets_no_impact_with_an_update_either(opened: Harness, verb: str) -> None:
    refusal = say(opened.eve(f"{verb} It is slow on:api=major"))

    assert refusal.startswith("Only responders can set impact here. Ask Ana Silva, ")
    assert impacts(opened) == {"api": "partial"}
    assert "slow" not in opened.text(opened.draft()).body


def test_a_form_of_a_mere_member_sets_none_either(opened: Harness) -> None:
    refusal = opened.submit("eve", "update", {"message": "It is slow.", "impacts": "api=partial,codex=major"})

    assert "Only responders can set impact here" in say(refusal)
    assert impacts(opened) == {"api": "partial"}


def test_a_form_may_send_back_the_impact_as_it_was(opened: Harness) -> None:
    answer = opened.submit("eve", "update", {"message": "It is slow.", "impacts": "api=partial"})

    assert isinstance(answer, DraftReview)


def test_who_types_in_the_incidents_room_sets_impact_with_an_update(opened: Harness) -> None:
    with opened.store.write() as tx:
        tx.session.add(Room(platform="slack", channel="C1", incident_id=opened.incident().id))

    opened.stranger("U9", "Zoe")("update It is slow on:api=major", room="C1")

    assert impacts(opened) == {"api": "major"}


def test_whom_the_platforms_groups_make_a_responder_sets_impact_with_an_update(opened: Harness) -> None:
    who = Account("slack", "U9", "Zoe", frozenset({"responders"}))

    run_line(opened.desk, "update It is slow on:api=major", who, Place("slack"))

    assert impacts(opened) == {"api": "major"}


def test_who_may_impact_may_set_it_with_an_update(migrated_sqlite_url: str) -> None:
    harness = Harness(migrated_sqlite_url, organisation(more=MORE_PEOPLE, who_may={"impact": "members"}))
    harness.ana("declare API errors on:api=partial")

    harness.eve("update It is slow on:api=major")

    assert impacts(harness) == {"api": "major"}
    harness.close()


# ---- who may serve


@pytest.mark.parametrize(
    ("line", "doing"),
    [("handover @sue", "be commander of"), ("assign comms @sue", "be communications lead of"), ("invite @sue", "see")],
)
def test_who_only_copies_the_published_words_serves_in_nothing(opened: Harness, line: str, doing: str) -> None:
    opened.invite("Sue", support=True)
    before = opened.record()

    refusal = say(opened.ana(line))

    assert refusal.startswith(f"Sue has support access only, so they cannot {doing} INC-1.")
    assert opened.record() == before


def leave(harness: Harness, *handles: str) -> None:
    """They stand in foghorn.toml no longer."""
    for handle in handles:
        with harness.store.write() as tx:
            tx.session.merge(harness.person(handle)).active = False


def test_who_left_is_given_no_role(opened: Harness) -> None:
    leave(opened, "ben")

    for line in ("handover @ben", "assign scribe @ben"):
        assert "Foghorn does not know anyone called “@ben”" in say(opened.ana(line))


@pytest.mark.parametrize(
    ("gone", "asked"), [(["ben"], ["ana"]), (["ben", "ana"], ["chi"]), ([], ["ben"])], ids=["lead", "both", "nobody"]
)
def test_a_reminder_asks_whose_turn_comes_after_who_left(opened: Harness, gone: list[str], asked: list[str]) -> None:
    opened.ana("assign comms @ben")
    leave(opened, *gone)
    opened.later(5)
    opened.tick()

    direct = [row for row in opened.rows(Delivery) if row.destination.place.startswith("@") and row.nudge_id]

    assert [str(row.destination) for row in direct] == [f"local:@{handle}" for handle in asked]


def shown(harness: Harness, place: str) -> str:
    """What the newest message at a place says now."""
    with harness.store.read() as tx:
        post = post_of(tx, harness.actions, harness.sent_to(place)[-1])
    assert isinstance(post, NudgeCard)
    return say(post)


def test_where_the_lead_left_a_reminder_says_that_it_is_the_commanders(opened: Harness) -> None:
    opened.ana("assign comms @ben")
    leave(opened, "ben")
    opened.later(5)
    opened.tick()

    assert "There is no communications lead, so this one is yours." in shown(opened, "local:@ana")


# ---- a reminder goes with the role


@pytest.fixture
def reminded(opened: Harness) -> Harness:
    """Ana, the commander, and the room have been reminded of the first update."""
    opened.later(5)
    opened.tick()
    opened.deliver()
    return opened


@pytest.mark.parametrize("line", ["assign comms @ben", "assign commander @ben", "handover @ben"])
def test_every_copy_of_a_reminder_says_who_has_it_now(reminded: Harness, line: str) -> None:
    reminded.ana(line)

    words = "Ana Silva handed this to Ben Osei. The first update is due by 5:20 AM ET (09:20 UTC)."
    for place in ("local:@ana", "local:inc-1", "local:@ben"):
        assert words in shown(reminded, place)
        assert reminded.sent_to(place)[-1].kind is DeliveryKind.NUDGE


@pytest.mark.parametrize(("line", "times"), [("assign comms @ben", 1), ("assign scribe @ben", 0)])
def test_who_has_a_reminder_now_gets_it_directly(reminded: Harness, line: str, times: int) -> None:
    reminded.ana(line)

    assert len([row for row in reminded.sent_to("local:@ben") if row.nudge_id]) == times


def test_a_role_that_it_does_not_ask_moves_no_reminder(reminded: Harness) -> None:
    reminded.ana("assign comms @ben")
    reminded.deliver()
    before = [row for row in reminded.rows(Delivery) if row.nudge_id]

    reminded.ana("assign commander @chi")

    assert len([row for row in reminded.rows(Delivery) if row.nudge_id]) == len(before)
    assert "handed this to Ben Osei" in shown(reminded, "local:@ben")


def test_at_the_commanders_turn_a_reminder_goes_with_that_role(reminded: Harness) -> None:
    reminded.ana("assign comms @ben")
    reminded.later(6)
    reminded.tick()
    reminded.deliver()

    reminded.ana("assign commander @chi")

    assert "Ana Silva handed this to Chi Nakamura." in shown(reminded, "local:@chi")


def test_who_takes_a_reminder_themselves_has_it(reminded: Harness) -> None:
    reminded.ben("assign comms me")

    assert "Ben Osei has this now. The first update is due by 5:20 AM ET (09:20 UTC)." in shown(reminded, "local:inc-1")


def test_a_snooze_stands_when_a_reminder_is_handed_on(reminded: Harness) -> None:
    reminded.ana("snooze 1m")
    reminded.ana("handover @ben")

    assert "Ana Silva handed this to Ben Osei. Ana Silva snoozed this until " in shown(reminded, "local:@ben")


def test_the_next_reminder_asks_who_has_the_role(reminded: Harness) -> None:
    reminded.ana("assign comms @ben")
    reminded.later(2)
    reminded.tick()

    assert "The update is overdue. It was due by 5:20 AM ET (09:20 UTC)." in shown(reminded, "local:@ben")


# ---- publishing alone is the commander's


BLOCKED = "update investigating We think it is the database."


@pytest.mark.parametrize("line", ["update investigating It is slow.", BLOCKED])
def test_publishing_alone_is_offered_to_the_commander_only(opened: Harness, line: str) -> None:
    opened.ana("severity 1")
    opened.ana("publish")  # the first investigating needs nobody

    assert "Publish alone" in buttons(opened.ana(line))
    assert "Publish alone" not in buttons(opened.ben(line))


def test_where_everybody_reads_a_review_it_is_offered_and_the_refusal_explains(opened: Harness) -> None:
    opened.ben(BLOCKED)
    with opened.store.read() as tx:
        review = draft_review(tx, opened.actions, opened.incident(), opened.draft())

    assert "Publish alone" in buttons(review)
    refusal = say(opened.ben('publish alone:"nobody is awake"'))
    assert refusal.startswith("Only the commander, Ana Silva, can publish without approval.")


# ---- support staff


@pytest.fixture
def sue(opened: Harness) -> Speaker:
    """Only copies what was published. INC-1 is published, INC-2 open without a word to customers, INC-3 private."""
    opened.ana('update investigating sees:"requests return errors" who:worldwide since:05:10')
    opened.ana("publish")
    opened.ana("declare Codex hangs")
    opened.ana("declare Somebody is inside private:yes")
    return opened.invite("Sue", support=True)


@pytest.mark.parametrize("key", ["INC-2", "INC-3", "INC-9"])
def test_for_support_staff_only_what_was_published_exists(sue: Speaker, key: str) -> None:
    assert say(sue(f"copy {key}")).strip() == f"{key} does not exist. Open incidents: INC-1."


def test_for_support_staff_what_was_published_is_the_only_open_one(sue: Speaker) -> None:
    answer = sue("copy")

    assert isinstance(answer, Macro)
    assert answer.incident == "INC-1"


@pytest.mark.parametrize("verb", ["note INC-2 hello", "show INC-2", "list"])
def test_what_is_not_for_support_staff_tells_them_of_no_incident(sue: Speaker, verb: str) -> None:
    words = say(sue(verb))

    assert "hangs" not in words
    assert "INC-3" not in words


def test_support_staff_copy_no_internal_words(sue: Speaker) -> None:
    refusal = say(sue("copy INC-1 internal"))

    assert "The internal text is not for customers, so it cannot be copied here." in refusal
    assert "To see the texts you can copy, use `copy INC-1`." in refusal


@pytest.mark.usefixtures("sue")
def test_members_copy_internal_words(opened: Harness) -> None:
    assert isinstance(opened.eve("copy INC-1 internal"), Macro)
