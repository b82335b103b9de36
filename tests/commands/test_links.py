"""One person with accounts on several platforms: a code shown on one, typed on the other."""

import re
from collections.abc import Iterator

import pytest

from bot.commands.invocation import Account, Place
from bot.domain.people import Identity
from bot.views import Answer, Notice
from tests.harness import Harness, run_line, say

SLACK, DISCORD = ("slack", "U0ANA"), ("discord", "100000000000000099")


@pytest.fixture
def harness(migrated_url: str) -> Iterator[Harness]:
    harness = Harness(migrated_url)
    with harness.store.write() as tx:
        tx.session.add(Identity(platform="slack", account="U0ANA", person_id=harness.person("ana").id))
    yield harness
    harness.close()


def types(harness: Harness, account: tuple[str, str], line: str, name: str = "Ana S.") -> Answer:
    platform, user = account
    return run_line(harness.desk, line, Account(platform, user, name), Place(platform, "C1"))


def shown(harness: Harness, account: tuple[str, str] = SLACK) -> str:
    found = re.search(r"link ([A-Z2-9]{4}-[A-Z2-9]{4})", say(types(harness, account, "link")))
    assert found is not None
    return found[1]


def test_a_code_typed_on_the_other_platform_connects(harness: Harness) -> None:
    assert "You are Ana Silva on both platforms" in say(types(harness, DISCORD, f"link {shown(harness)}"))
    types(harness, DISCORD, "declare API errors")
    assert harness.incident().declared_by == harness.person("ana").id


def test_the_direction_does_not_matter(harness: Harness) -> None:
    code = shown(harness, DISCORD)
    types(harness, SLACK, f"link {code.lower().replace('-', '')}")
    types(harness, DISCORD, "declare API errors")
    assert harness.incident().declared_by == harness.person("ana").id


def test_a_code_works_once(harness: Harness) -> None:
    code = shown(harness)
    types(harness, DISCORD, f"link {code}")
    assert "wrong or older" in say(types(harness, ("discord", "100000000000000098"), f"link {code}", "Mallory"))


def test_a_code_is_good_for_ten_minutes(harness: Harness) -> None:
    code = shown(harness)
    harness.later(10)
    assert "wrong or older" in say(types(harness, DISCORD, f"link {code}"))


def test_a_new_code_ends_the_earlier_one(harness: Harness) -> None:
    code = shown(harness)
    shown(harness)
    assert "wrong or older" in say(types(harness, DISCORD, f"link {code}"))


def test_a_code_is_not_for_the_platform_that_showed_it(harness: Harness) -> None:
    assert "wrong or older" in say(types(harness, ("slack", "U0EVE"), f"link {shown(harness)}", "Eve"))


def test_who_guesses_is_paused_for_the_rest_of_ten_minutes(harness: Harness) -> None:
    code = shown(harness)
    for _number in range(5):
        last = types(harness, DISCORD, "link AAAA-AAAA")
    refused = types(harness, DISCORD, f"link {code}")

    assert "Too many wrong codes" in say(last)
    assert isinstance(refused, Notice)
    assert refused.refused
    harness.later(10)
    assert "You are Ana Silva" in say(types(harness, DISCORD, f"link {shown(harness)}"))


def test_a_draft_of_the_other_account_is_ones_own(harness: Harness) -> None:
    harness.ana("declare API errors sev:1 on:api=major")
    types(harness, DISCORD, 'update sees:"500 errors"')
    assert harness.draft().revised_by != harness.person("ana").id

    types(harness, DISCORD, f"link {shown(harness)}")

    assert {harness.draft().author_id, harness.draft().revised_by} == {harness.person("ana").id}


def test_who_the_account_was_cannot_act_any_more(harness: Harness) -> None:
    types(harness, DISCORD, "declare API errors")
    types(harness, DISCORD, f"link {shown(harness)}")
    assert not harness.person("discord-100000000000000099").active


def test_two_people_of_the_configuration_stay_two(harness: Harness) -> None:
    with harness.store.write() as tx:
        tx.session.add(Identity(platform="discord", account=DISCORD[1], person_id=harness.person("ben").id))
    assert "as two people" in say(types(harness, DISCORD, f"link {shown(harness)}"))


def test_who_is_known_is_told_that_an_account_counts_as_them(harness: Harness) -> None:
    types(harness, DISCORD, f"link {shown(harness)}")
    [told] = harness.sent_to("local:@ana")
    assert "counts as you from now on" in told.body
