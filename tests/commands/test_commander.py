"""Nobody makes themselves commander while somebody else is: the one who may publish alone is not self-appointed."""

from collections.abc import Iterator

import pytest

from bot.domain.people import Role
from bot.store import incidents
from bot.views import DeliveryReport, Notice
from tests.harness import MORE_PEOPLE, Harness, organisation, say

ADA = {"name": "Ada Moss", "handle": "ada", "groups": ("administrators",)}


@pytest.fixture
def led(migrated_sqlite_url: str) -> Iterator[Harness]:
    """Chi, who is no administrator, commands INC-1."""
    harness = Harness(migrated_sqlite_url, organisation(more=[*MORE_PEOPLE, ADA]))
    harness.chi("declare API errors sev:1 on:api=partial")
    harness.chi("publish")
    yield harness
    harness.close()


def commander(harness: Harness, number: int = 1) -> str:
    with harness.store.read() as tx:
        return incidents.roles(tx, harness.incident(number))[Role.COMMANDER].handle


@pytest.mark.parametrize("line", ["assign commander me", "assign commander @dia", "assign ic dia", "handover me"])
def test_nobody_takes_the_role_of_a_present_commander(led: Harness, line: str) -> None:
    answer = led.dia(line)

    assert isinstance(answer, Notice)
    assert answer.refused
    assert commander(led) == "chi"
    led.dia("update identified It is the database.")
    assert not isinstance(led.dia('publish alone:"nobody is awake"'), DeliveryReport)


def test_nobody_gives_it_to_somebody_else_either(led: Harness) -> None:
    answer = say(led.dia("assign commander @ben"))

    assert answer.startswith("Chi Nakamura is the commander of INC-1, so nothing was changed.")
    assert commander(led) == "chi"


@pytest.mark.parametrize("line", ["assign commander @dia", "handover @dia"])
def test_the_commander_hands_over(led: Harness, line: str) -> None:
    led.chi(line)

    assert commander(led) == "dia"


def test_an_administrator_takes_and_gives_it(led: Harness) -> None:
    led.ada("assign commander @dia")
    assert commander(led) == "dia"

    led.ada("assign commander me")
    assert commander(led) == "ada"


def test_the_other_roles_are_for_who_takes_them(led: Harness) -> None:
    assert say(led.dia("assign comms me")) == "Dia Roy is now communications lead of INC-1."
    assert say(led.dia("assign scribe me")) == "Dia Roy is now scribe of INC-1."


def test_the_role_of_a_commander_who_left_is_taken(led: Harness) -> None:
    with led.store.write() as tx:
        tx.session.merge(led.person("chi")).active = False

    led.dia("assign commander me")

    assert commander(led) == "dia"


def test_with_a_reason_it_is_taken_and_all_are_told(led: Harness) -> None:
    led.dia('assign commander me reason:"Chi does not answer"')

    assert commander(led) == "dia"
    assert "commander: Dia Roy, in place of Chi Nakamura: Chi does not answer" in led.record("role changed")
    for handle in ("ana", "ben", "chi"):
        [notice] = [row for row in led.sent_to(f"local:@{handle}") if "in place of" in row.body]
        assert notice.body == "Dia Roy made Dia Roy commander of INC-1 in place of Chi Nakamura: Chi does not answer"


def test_where_policy_knows_no_publishing_alone_a_reason_is_not_enough(migrated_sqlite_url: str) -> None:
    harness = Harness(migrated_sqlite_url, organisation(more=MORE_PEOPLE, approval={"alone": False}))
    harness.chi("declare API errors sev:1")

    answer = say(harness.dia('assign commander me reason:"Chi does not answer"'))

    assert "Chi Nakamura is the commander of INC-1" in answer
    assert "reason" not in answer
    assert commander(harness) == "chi"
    harness.close()


@pytest.mark.parametrize("severity", [1, 4])
def test_nobody_takes_it_by_merging_into_an_incident_of_their_own(led: Harness, severity: int) -> None:
    led.dia(f"declare! Codex is slow sev:{severity} on:codex=degraded")
    led.dia("publish INC-2")

    led.dia("merge INC-1 incident:INC-2")

    assert commander(led, 2) == "chi"
    led.dia("update INC-2 identified It is the database.")
    assert not isinstance(led.dia('publish INC-2 alone:"nobody is awake"'), DeliveryReport)
    assert any("Chi Nakamura is the commander of INC-2 now" in row.body for row in led.sent_to("local:@dia"))


def test_who_commands_the_older_incident_commands_what_a_duplicate_is_merged_into(led: Harness) -> None:
    led.dia("declare! API does not answer sev:1 on:api=major")

    led.chi("merge INC-2 incident:INC-1")

    assert commander(led) == "chi"


@pytest.mark.parametrize("line", ['assign commander me reason:"key AKIAIOSFODNN7EXAMPLE"'])
def test_a_reason_that_holds_a_secret_is_not_saved(led: Harness, line: str) -> None:
    assert "looks like a secret" in say(led.dia(line))
    assert commander(led) == "chi"


def test_the_role_stays_on_either_database(either: Harness) -> None:
    either.chi("declare API errors sev:1 on:api=partial")

    either.dia("assign commander me")
    assert commander(either) == "chi"

    either.dia('assign commander me reason:"Chi does not answer"')
    assert commander(either) == "dia"
