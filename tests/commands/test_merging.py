"""An incident declared twice: one goes on, the other is closed and points to it."""

from collections.abc import Iterator

import pytest

from bot.domain.incident import ClosedAs
from bot.domain.record import EntryKind
from bot.store import published
from bot.views import Audience
from tests.house import House, buttons, organisation, say

HOUSE = organisation(approval={"SEV1": 0, "SEV2": 0})


@pytest.fixture
def house(migrated_url: str) -> Iterator[House]:
    house = House(migrated_url, HOUSE)
    house.ana("declare API errors sev:2 on:api=partial")
    house.ben("declare! Chat does not load sev:2 on:chatgpt=major")
    yield house
    house.close()


def told(house: House, number: int) -> None:
    answer = house.ana(f"publish INC-{number}")
    assert "Published" in say(answer), say(answer)
    house.deliver()


def test_the_other_one_is_closed_and_points_to_this_one(house: House) -> None:
    answer = house.ana("merge INC-2 incident:INC-1")

    assert "INC-2 was merged into INC-1" in say(answer)
    assert (house.incident(2).closed_as, house.incident(2).merged_into) == (ClosedAs.MERGED, house.incident(1).id)
    assert list(buttons(answer)) == ["Update"]


def test_both_records_stay_and_say_so(house: House) -> None:
    house.ana("merge INC-2 incident:INC-1")

    assert house.record(EntryKind.MERGED) == ["merged into INC-1", "INC-2 was merged into this incident"]


def test_the_survivor_feels_the_worse_of_both(house: House) -> None:
    house.ana("merge INC-2 incident:INC-1")

    card = say(house.ana("show INC-1"))
    assert "Partial outage: API" in card
    assert "Major outage: ChatGPT" in card


def test_what_customers_were_told_is_not_taken_back(house: House) -> None:
    told(house, 1)
    told(house, 2)
    house.ana("merge INC-2 incident:INC-1")

    with house.store.read() as tx:
        [open_one] = published.histories(tx, published.unresolved(tx), Audience.CUSTOMERS)
        assert {component: impact.value for component, impact in open_one.impacts.items()} == {
            "api": "partial outage",
            "chatgpt": "major outage",
        }


def test_its_page_leads_to_the_survivor(house: House) -> None:
    told(house, 1)
    told(house, 2)
    house.ana("merge INC-2 incident:INC-1")

    with house.store.read() as tx:
        found = published.find(tx, 2)
        assert found is not None
        assert published.history(tx, found).survivor == "INC-1"


def test_its_subscribers_get_the_next_update_once(house: House) -> None:
    house.ana("subscribe #support on:chatgpt")
    told(house, 1)
    told(house, 2)
    before = len(house.sent_to("local:#support"))
    house.ana("merge INC-2 incident:INC-1")
    house.ana("impact INC-1 chatgpt=operational")
    house.ana("update INC-1 identified We know the cause.")
    told(house, 1)

    assert len(house.sent_to("local:#support")) == before + 1


def test_an_incident_is_not_merged_into_itself(house: House) -> None:
    assert "cannot be merged into itself" in say(house.ana("merge INC-1 incident:INC-1"))


def test_a_private_one_is_not_merged_into_a_visible_one(house: House) -> None:
    house.ana("declare! Quiet thing private:yes")
    assert "INC-3 is private and INC-1 is not" in say(house.ana("merge INC-3 incident:INC-1"))


def test_a_private_one_is_unknown_to_others_here_too(house: House) -> None:
    house.ana("declare! Quiet thing private:yes")
    assert "INC-3 does not exist" in say(house.ben("merge INC-3 incident:INC-1"))


def test_what_customers_know_of_goes_on(house: House) -> None:
    told(house, 2)
    assert "Customers have read about INC-2 but not about INC-1" in say(house.ana("merge INC-2 incident:INC-1"))


def test_what_was_merged_is_not_merged_again(house: House) -> None:
    house.ana("merge INC-2 incident:INC-1")
    assert "was closed as merged" in say(house.ana("merge INC-2 incident:INC-1"))
