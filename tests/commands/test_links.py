"""One person with accounts on several platforms: a code shown on one, typed on the other."""

import re
from collections.abc import Iterator

import pytest

from bot.commands.invocation import Account, Place
from bot.domain.people import Identity
from bot.views import Answer, Notice
from tests.house import House, say

SLACK, DISCORD = ("slack", "U0ANA"), ("discord", "100000000000000099")


@pytest.fixture
def house(migrated_url: str) -> Iterator[House]:
    house = House(migrated_url)
    with house.store.write() as tx:
        tx.session.add(Identity(platform="slack", account="U0ANA", person_id=house.person("ana").id))
    yield house
    house.close()


def types(house: House, account: tuple[str, str], line: str, name: str = "Ana S.") -> Answer:
    platform, user = account
    return house.desk.run_line(line, Account(platform, user, name), Place(platform, "C1"))


def shown(house: House, account: tuple[str, str] = SLACK) -> str:
    found = re.search(r"link ([A-Z2-9]{4}-[A-Z2-9]{4})", say(types(house, account, "link")))
    assert found is not None
    return found[1]


def test_a_code_typed_on_the_other_platform_connects(house: House) -> None:
    assert "You are Ana Silva on both platforms" in say(types(house, DISCORD, f"link {shown(house)}"))
    types(house, DISCORD, "declare API errors")
    assert house.incident().declared_by == house.person("ana").id


def test_the_direction_does_not_matter(house: House) -> None:
    code = shown(house, DISCORD)
    types(house, SLACK, f"link {code.lower().replace('-', '')}")
    types(house, DISCORD, "declare API errors")
    assert house.incident().declared_by == house.person("ana").id


def test_a_code_works_once(house: House) -> None:
    code = shown(house)
    types(house, DISCORD, f"link {code}")
    assert "wrong or older" in say(types(house, ("discord", "100000000000000098"), f"link {code}", "Mallory"))


def test_a_code_is_good_for_ten_minutes(house: House) -> None:
    code = shown(house)
    house.later(10)
    assert "wrong or older" in say(types(house, DISCORD, f"link {code}"))


def test_a_new_code_ends_the_earlier_one(house: House) -> None:
    code = shown(house)
    shown(house)
    assert "wrong or older" in say(types(house, DISCORD, f"link {code}"))


def test_a_code_is_not_for_the_platform_that_showed_it(house: House) -> None:
    assert "wrong or older" in say(types(house, ("slack", "U0EVE"), f"link {shown(house)}", "Eve"))


def test_who_guesses_is_paused_for_the_rest_of_ten_minutes(house: House) -> None:
    code = shown(house)
    for _number in range(5):
        last = types(house, DISCORD, "link AAAA-AAAA")
    refused = types(house, DISCORD, f"link {code}")

    assert "Too many wrong codes" in say(last)
    assert isinstance(refused, Notice)
    assert refused.refused
    house.later(10)
    assert "You are Ana Silva" in say(types(house, DISCORD, f"link {shown(house)}"))


def test_a_draft_of_the_other_account_is_ones_own(house: House) -> None:
    house.ana("declare API errors sev:1 on:api=major")
    types(house, DISCORD, 'update sees:"500 errors"')
    assert house.draft().revised_by != house.person("ana").id

    types(house, DISCORD, f"link {shown(house)}")

    assert {house.draft().author_id, house.draft().revised_by} == {house.person("ana").id}


def test_who_the_account_was_cannot_act_any_more(house: House) -> None:
    types(house, DISCORD, "declare API errors")
    types(house, DISCORD, f"link {shown(house)}")
    assert not house.person("discord-100000000000000099").active


def test_two_people_of_the_configuration_stay_two(house: House) -> None:
    with house.store.write() as tx:
        tx.session.add(Identity(platform="discord", account=DISCORD[1], person_id=house.person("ben").id))
    assert "as two people" in say(types(house, DISCORD, f"link {shown(house)}"))


def test_who_is_known_is_told_that_an_account_counts_as_them(house: House) -> None:
    types(house, DISCORD, f"link {shown(house)}")
    [told] = house.sent_to("local:@ana")
    assert "counts as you from now on" in told.body
