"""A private incident: whoever is not invited gets the same answers as for a number that does not exist."""

import pytest

from bot.commands.catalog import COMMANDS, IncidentScope
from bot.domain.deliveries import Delivery
from bot.views import IncidentCard, Notice
from tests.harness import Harness, buttons, say

ABOUT_ONE = [command.verb for command in COMMANDS.values() if command.incident is not IncidentScope.NONE]
WORDS = {
    "update": "identified It is slow.", "edit": 'customers:"It is slow."', "correct": 'wrong:"a" right:"b"',
    "severity": "1", "impact": "api=major", "private": "no sure:yes", "assign": "scribe me", "handover": "@dia",
    "invite": "@dia", "uninvite": "@ana", "note": "hello", "redact": "1 because", "snooze": "10m",
    "resolve": "end:05:00",
}  # fmt: skip


@pytest.fixture
def secret(crowd: Harness) -> Harness:
    """INC-1 is private and Ana's; INC-2 does not exist."""
    crowd.ana("declare Somebody is inside private:yes sev:1 on:api=major")
    return crowd


@pytest.mark.parametrize("verb", ABOUT_ONE)
def test_every_verb_answers_an_outsider_as_for_an_unknown_number(secret: Harness, verb: str) -> None:
    before = secret.record()

    def answer(key: str) -> str:
        return say(secret.ben(f"{verb} {key} {WORDS.get(verb, '')}")).replace(key, "it")

    assert answer("INC-1") == answer("INC-2")
    assert secret.record() == before


@pytest.mark.parametrize("verb", ABOUT_ONE)
def test_every_verb_without_a_name_answers_an_outsider_as_if_nothing_were_open(secret: Harness, verb: str) -> None:
    words = say(secret.ben(f"{verb} {WORDS.get(verb, '')}", room="inc-1"))

    assert "INC-1" not in words
    assert "inside" not in words


def test_list_and_help_do_not_show_it(secret: Harness) -> None:
    assert "INC-1" not in say(secret.ben("list"))
    assert "Somebody is inside" not in say(secret.ben("help"))


def test_the_declarer_and_who_is_invited_see_it(secret: Harness) -> None:
    secret.ana("invite @ben")

    assert isinstance(secret.ana("show INC-1"), IncidentCard)
    assert isinstance(secret.ben("show INC-1"), IncidentCard)
    assert isinstance(secret.chi("show INC-1"), Notice)


def test_who_holds_a_role_sees_it(secret: Harness) -> None:
    secret.ana("assign scribe @chi")

    assert isinstance(secret.chi("show INC-1"), IncidentCard)


def test_an_invitation_taken_back_ends_it(secret: Harness) -> None:
    secret.ana("invite @ben")
    secret.ana("uninvite @ben")

    assert isinstance(secret.ben("show INC-1"), Notice)


def test_support_staff_do_not_see_it(secret: Harness) -> None:
    sue = secret.invite("Sue Support", support=True)

    assert "INC-1" not in say(sue("copy"))
    assert say(sue("copy INC-1")).replace("INC-1", "it") == say(sue("copy INC-2")).replace("INC-2", "it")


def test_it_cannot_be_published(secret: Harness) -> None:
    for line in ("publish", 'publish alone:"now"'):
        assert (
            "INC-1 is private, so it cannot be published. To make it visible first, use `/incident private no`."
            in say(secret.ana(line))
        )
    assert secret.published() == []


def test_private_no_asks_twice(secret: Harness) -> None:
    answer = secret.ana("private no")

    assert "Everyone here will be able to see INC-1 and its whole timeline. Make it visible?" in say(answer)
    assert secret.incident().private
    secret.press("ana", buttons(answer)["Make it visible"])
    assert not secret.incident().private
    assert isinstance(secret.ben("show INC-1"), IncidentCard)


def test_an_incident_can_become_private(crowd: Harness) -> None:
    crowd.ana("declare API errors")
    crowd.ben("private yes")

    assert isinstance(crowd.ana("show INC-1"), IncidentCard)
    assert isinstance(crowd.ben("show INC-1"), IncidentCard)
    assert isinstance(crowd.chi("show INC-1"), Notice)


def test_what_customers_have_read_cannot_become_private(crowd: Harness) -> None:
    crowd.ana("declare API errors")
    crowd.ana("publish")

    assert "Customers have already read about INC-1, so it cannot become private." in say(crowd.ana("private yes"))


def test_its_reminders_ring_nobody_who_may_not_know(crowd: Harness) -> None:
    crowd.chi("declare Somebody is inside private:yes")
    for minutes in (3, 2, 2, 3, 5):
        crowd.later(minutes)
        crowd.tick()

    assert {str(row.destination) for row in crowd.rows(Delivery)} == {"local:@chi", "local:inc-1"}
