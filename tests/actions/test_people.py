"""Who there is: foghorn.toml decides who may act."""

import pytest
from pydantic import ValidationError

from bot.actions import people
from tests.house import CROWD, MORE_PEOPLE, House, organisation, say
from tests.reference import ORGANISATION


def test_who_left_the_configuration_can_no_longer_act_and_their_words_stay(crowd: House) -> None:
    crowd.dia("declare API errors")
    with crowd.store.write() as tx:
        people.follow_configuration(tx, ORGANISATION)

    assert "not connected to a person" in say(crowd.as_person("dia")("note hello"))
    assert "Dia Roy" in say(crowd.ana("timeline"))


def test_who_comes_back_is_the_same_person(crowd: House) -> None:
    before = crowd.person("dia").id
    for who in (ORGANISATION, CROWD):
        with crowd.store.write() as tx:
            people.follow_configuration(tx, who)

    assert (crowd.person("dia").id, crowd.person("dia").active) == (before, True)


def test_an_account_named_in_the_configuration_is_that_person(migrated_sqlite_url: str) -> None:
    mia = {"name": "Mia Moss", "handle": "mia", "slack": "U123", "discord": "456"}
    house = House(migrated_sqlite_url, organisation(more=[mia]))

    with house.store.read() as tx:
        found = [people.people.find_account(tx, *account) for account in (("slack", "U123"), ("discord", "456"))]

    assert [person.name if person else None for person in found] == ["Mia Moss", "Mia Moss"]
    house.close()


def test_two_invited_of_one_name_are_two_persons_only_if_named_apart(house: House) -> None:
    house.invite("Gus Guest")
    house.invite("Gus Guest")

    assert [person.handle for person in house.rows(type(house.person("ana")))].count("gus-guest") == 1


def test_who_may_may_be_set_per_verb(migrated_sqlite_url: str) -> None:
    house = House(migrated_sqlite_url, organisation(who_may={"declare": "approvers"}, more=MORE_PEOPLE))

    assert "You cannot declare here: that is for approvers." in say(house.dia("declare API errors"))
    assert "approvers" in say(house.ana("help declare"))
    house.close()


def test_an_unknown_group_in_who_may_is_refused() -> None:
    with pytest.raises(ValidationError, match="“everybody” is not a group"):
        organisation(who_may={"declare": "everybody"})
