"""Whom a typed name means, and who may serve in an incident."""

import pytest

from bot.commands.invocation import Account, Place
from bot.domain.incident import ComponentImpact, Invited
from bot.domain.rooms import Room
from bot.views import DraftReview
from tests.house import MORE_PEOPLE, House, organisation, say


def guests(house: House) -> list[str]:
    """Who was invited, by handle."""
    name = {person.id: person.handle for person in house.rows(type(house.person("ana")))}
    return [name[row.person_id] for row in house.rows(Invited)]


def test_a_handle_goes_before_what_somebody_calls_themselves(house: House) -> None:
    house.stranger("U9", "BEN")("declare Codex is slow")
    house.ana("declare Somebody is inside private:yes")

    for line in ("invite INC-2 @ben", "invite INC-2 BEN", "assign INC-2 comms @Ben"):
        house.ana(line)

    assert guests(house) == ["ben"]
    assert "communications lead: Ben Osei" in house.record()


def test_a_name_of_the_configuration_goes_before_the_same_name_from_elsewhere(house: House) -> None:
    house.stranger("U9", "Ben Osei")("declare Codex is slow")
    house.ana("declare Somebody is inside private:yes")

    house.submit("ana", "invite", {"incident": "INC-2", "person": "ben osei"})

    assert guests(house) == ["ben"]


def test_a_name_that_only_one_has_is_enough(house: House) -> None:
    house.stranger("U9", "Zoe")("declare Codex is slow")

    assert "Zoe may see INC-1 now" in say(house.ana("invite zoe"))


def test_a_name_that_two_have_is_refused_with_their_handles(house: House) -> None:
    for account in ("U8", "U9"):
        house.stranger(account, "Zoe")("declare Codex is slow")

    refusal = say(house.ana("invite INC-1 zoe"))

    assert refusal.strip() == (
        "2 people are called “zoe”, so nothing was changed. Say whom you mean: @slack-u8, @slack-u9."
    )


def test_nobody_is_taken_for_somebody_who_left(house: House) -> None:
    house.stranger("U9", "BEN")("declare Codex is slow")
    with house.store.write() as tx:
        tx.session.merge(house.person("ben")).active = False

    assert "Nobody here is called “@ben”" in say(house.ana("invite @ben"))
    assert guests(house) == []


# ---- impact is set by responders


@pytest.fixture
def opened(crowd: House) -> House:
    """INC-1: Ana's, and partial outage of the API."""
    crowd.ana("declare API errors on:api=partial sev:3")
    return crowd


def impacts(house: House) -> dict[str, str]:
    """As responders set them."""
    return {row.component: row.value.word for row in house.rows(ComponentImpact)}


@pytest.mark.parametrize("verb", ["update", "update investigating"])
def test_a_mere_member_sets_no_impact_with_an_update_either(opened: House, verb: str) -> None:
    refusal = say(opened.eve(f"{verb} It is slow on:api=major"))

    assert refusal.startswith("You cannot set impact here: that is for responders. Ask Ana Silva, ")
    assert impacts(opened) == {"api": "partial"}
    assert "slow" not in opened.text(opened.draft()).body


def test_a_form_of_a_mere_member_sets_none_either(opened: House) -> None:
    refusal = opened.submit("eve", "update", {"news": "It is slow.", "impacts": "api=partial,codex=major"})

    assert "You cannot set impact here" in say(refusal)
    assert impacts(opened) == {"api": "partial"}


def test_a_form_may_send_back_the_impact_as_it_was(opened: House) -> None:
    answer = opened.submit("eve", "update", {"news": "It is slow.", "impacts": "api=partial"})

    assert isinstance(answer, DraftReview)


def test_who_types_in_the_incidents_room_sets_impact_with_an_update(opened: House) -> None:
    with opened.store.write() as tx:
        tx.session.add(Room(platform="slack", channel="C1", incident_id=opened.incident().id))

    opened.stranger("U9", "Zoe")("update It is slow on:api=major", room="C1")

    assert impacts(opened) == {"api": "major"}


def test_whom_the_platforms_groups_make_a_responder_sets_impact_with_an_update(opened: House) -> None:
    who = Account("slack", "U9", "Zoe", frozenset({"responders"}))

    opened.desk.run_line("update It is slow on:api=major", who, Place("slack"))

    assert impacts(opened) == {"api": "major"}


def test_who_may_impact_may_set_it_with_an_update(migrated_sqlite_url: str) -> None:
    house = House(migrated_sqlite_url, organisation(more=MORE_PEOPLE, who_may={"impact": "members"}))
    house.ana("declare API errors on:api=partial")

    house.eve("update It is slow on:api=major")

    assert impacts(house) == {"api": "major"}
    house.close()
