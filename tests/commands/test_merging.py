"""An incident declared twice: one goes on, the other is closed and points to it."""

from collections.abc import Iterator

import pytest

from bot.domain.incident import ClosedAs
from bot.domain.record import EntryKind
from bot.store import published
from bot.views import Audience
from tests.harness import Harness, buttons, organisation, say

UNAPPROVED = organisation(approval={"SEV1": 0, "SEV2": 0})


@pytest.fixture
def harness(migrated_url: str) -> Iterator[Harness]:
    harness = Harness(migrated_url, UNAPPROVED)
    harness.ana("declare API errors sev:2 on:api=partial")
    harness.ben("declare! Chat does not load sev:2 on:chatgpt=major")
    yield harness
    harness.close()


def told(harness: Harness, number: int) -> None:
    answer = harness.ana(f"publish INC-{number}")
    assert "Published" in say(answer), say(answer)
    harness.deliver()


def test_the_other_one_is_closed_and_points_to_this_one(harness: Harness) -> None:
    answer = harness.ana("merge INC-2 incident:INC-1")

    assert "INC-2 was merged into INC-1" in say(answer)
    assert (harness.incident(2).closed_as, harness.incident(2).merged_into) == (ClosedAs.MERGED, harness.incident(1).id)
    assert list(buttons(answer)) == ["Update"]


def test_both_records_stay_and_say_so(harness: Harness) -> None:
    harness.ana("merge INC-2 incident:INC-1")

    assert harness.record(EntryKind.MERGED) == ["merged into INC-1", "INC-2 was merged into this incident"]


def test_the_survivor_feels_the_worse_of_both(harness: Harness) -> None:
    harness.ana("merge INC-2 incident:INC-1")

    card = say(harness.ana("show INC-1"))
    assert "Partial outage: API" in card
    assert "Major outage: ChatGPT" in card


def test_what_customers_were_told_is_not_taken_back(harness: Harness) -> None:
    told(harness, 1)
    told(harness, 2)
    harness.ana("merge INC-2 incident:INC-1")

    with harness.store.read() as tx:
        [open_one] = published.histories(tx, published.unresolved(tx), Audience.CUSTOMERS)
        assert {component: impact.value for component, impact in open_one.impacts.items()} == {
            "api": "partial outage",
            "chatgpt": "major outage",
        }


def test_its_page_leads_to_the_survivor(harness: Harness) -> None:
    told(harness, 1)
    told(harness, 2)
    harness.ana("merge INC-2 incident:INC-1")

    with harness.store.read() as tx:
        found = published.find(tx, 2)
        assert found is not None
        assert published.history(tx, found).survivor == "INC-1"


def test_its_subscribers_get_the_next_update_once(harness: Harness) -> None:
    harness.ana("subscribe #support on:chatgpt")
    told(harness, 1)
    told(harness, 2)
    before = len(harness.sent_to("local:#support"))
    harness.ana("merge INC-2 incident:INC-1")
    harness.ana("impact INC-1 chatgpt=operational")
    harness.ana("update INC-1 identified We know the cause.")
    told(harness, 1)

    assert len(harness.sent_to("local:#support")) == before + 1


def test_an_incident_is_not_merged_into_itself(harness: Harness) -> None:
    assert "cannot be merged into itself" in say(harness.ana("merge INC-1 incident:INC-1"))


def test_a_private_one_is_not_merged_into_a_visible_one(harness: Harness) -> None:
    harness.ana("declare! Quiet thing private:yes")
    assert "INC-3 is private and INC-1 is not" in say(harness.ana("merge INC-3 incident:INC-1"))


def test_a_private_one_is_unknown_to_others_here_too(harness: Harness) -> None:
    harness.ana("declare! Quiet thing private:yes")
    assert "INC-3 does not exist" in say(harness.ben("merge INC-3 incident:INC-1"))


def test_what_customers_know_of_goes_on(harness: Harness) -> None:
    told(harness, 2)
    assert "Customers have read about INC-2 but not about INC-1" in say(harness.ana("merge INC-2 incident:INC-1"))


def test_what_was_merged_is_not_merged_again(harness: Harness) -> None:
    harness.ana("merge INC-2 incident:INC-1")
    assert "was closed as merged" in say(harness.ana("merge INC-2 incident:INC-1"))
