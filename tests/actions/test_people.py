"""Who there is: foghorn.toml decides who may act."""

import pytest
from pydantic import ValidationError

from bot.actions import people
from bot.domain.people import Identity, Person
from bot.errors import Conflict, NotFound
from tests.harness import CROWD, MORE_PEOPLE, Harness, organisation, say
from tests.reference import ORGANISATION


def test_who_left_the_configuration_can_no_longer_act_and_their_words_stay(crowd: Harness) -> None:
    crowd.dia("declare API errors")
    with crowd.store.write() as tx:
        people.follow_configuration(tx, ORGANISATION)

    assert "not connected to a person" in say(crowd.as_person("dia")("note hello"))
    assert "Dia Roy" in say(crowd.ana("timeline"))


def test_who_comes_back_is_the_same_person(crowd: Harness) -> None:
    before = crowd.person("dia").id
    for who in (ORGANISATION, CROWD):
        with crowd.store.write() as tx:
            people.follow_configuration(tx, who)

    assert (crowd.person("dia").id, crowd.person("dia").active) == (before, True)


def test_an_account_named_in_the_configuration_is_that_person(migrated_sqlite_url: str) -> None:
    mia = {"name": "Mia Moss", "handle": "mia", "slack": "U123", "discord": "456"}
    harness = Harness(migrated_sqlite_url, organisation(more=[mia]))

    with harness.store.read() as tx:
        found = [people.people.find_account(tx, *account) for account in (("slack", "U123"), ("discord", "456"))]

    assert [person.name if person else None for person in found] == ["Mia Moss", "Mia Moss"]
    harness.close()


def account(harness: Harness, account: str) -> str:
    """Whose account of Slack this is."""
    with harness.store.read() as tx:
        person = people.people.find_account(tx, "slack", account)
        return person.handle if person else ""


def follow(harness: Harness, **slack: str) -> None:
    """The configuration names these accounts, and Foghorn starts again."""
    raw = [{**person.model_dump(), "slack": slack.get(person.handle, "")} for person in ORGANISATION.people]
    with harness.store.write() as tx:
        people.follow_configuration(tx, organisation(people=raw))


def test_an_account_that_is_named_no_longer_is_nobodys(harness: Harness) -> None:
    follow(harness, ana="U1")
    follow(harness, ana="U2")

    assert (account(harness, "U1"), account(harness, "U2")) == ("", "ana")
    follow(harness)
    assert account(harness, "U2") == ""


@pytest.mark.parametrize(("before", "after"), [("ana", "ben"), ("ben", "ana")])
def test_an_account_named_for_somebody_else_is_theirs(harness: Harness, before: str, after: str) -> None:
    follow(harness, **{before: "U1"})
    follow(harness, **{after: "U1"})

    assert account(harness, "U1") == after


def test_an_account_joined_by_link_stays(harness: Harness) -> None:
    with harness.store.write() as tx:
        tx.session.add(Identity(platform="slack", account="U7", person_id=harness.person("ana").id))
    follow(harness, ana="U1")

    assert account(harness, "U7") == "ana"


def test_who_left_cannot_act_from_their_account_either(harness: Harness) -> None:
    follow(harness, ana="U1", ben="U2")
    with harness.store.write() as tx:
        people.follow_configuration(tx, organisation(without=["ben"]))

    assert "not connected to a person" in say(harness.stranger("U2", "Ben Osei")("declare API errors"))


def test_an_account_that_was_a_persons_is_the_member_it_was_before(harness: Harness) -> None:
    uma = harness.stranger("U1", "Uma")
    uma("declare API errors")
    follow(harness, ana="U1")
    follow(harness)

    uma("note hello")

    assert [person.name for person in harness.rows(Person) if person.handle.startswith("slack-")] == ["Uma"]
    assert account(harness, "U1") == "slack-u1"


def test_who_calls_themselves_as_somebody_is_called_acts_as_nobody_else(harness: Harness) -> None:
    harness.stranger("U9", "BEN")("declare API errors")

    harness.as_person("ben")("note hello")

    with harness.store.read() as tx:
        found = people.people.find_account(tx, "cli", "BEN")
        assert found is not None
        assert found.name == "Ben Osei"


def test_on_the_command_line_a_name_is_nobody(harness: Harness) -> None:
    assert "not connected to a person" in say(harness.as_person("Ana Silva")("list"))


def test_nobody_is_added_under_a_name_that_is_taken(harness: Harness) -> None:
    harness.invite("Gus Guest")

    with (
        harness.store.write() as tx,
        pytest.raises(Conflict, match=r"may be Gus Guest \(@gus-guest\)\. No one was added"),
    ):
        people.add(tx, "Gus Guest")


def test_a_mistyped_name_makes_nobody(harness: Harness) -> None:
    known = len(harness.rows(Person))

    with harness.store.write() as tx:
        with pytest.raises(NotFound, match="does not know anyone called “Ana Sliva”"):
            people.invite(tx, "Ana Sliva")
        with pytest.raises(Conflict, match="“Ana Sliva” may be Ana Silva"):
            people.add(tx, "Ana Sliva", support=True, sure=False)

    assert len(harness.rows(Person)) == known


def test_an_invitation_is_for_whose_handle_it_is(harness: Harness) -> None:
    harness.stranger("U9", "BEN")("declare API errors")

    with harness.store.write() as tx:
        assert people.invite(tx, "ben")[0].name == "Ben Osei"


def test_an_invitation_for_a_name_that_two_have_is_refused(harness: Harness) -> None:
    for account in ("U8", "U9"):
        harness.stranger(account, "Zoe")("declare API errors")

    with harness.store.write() as tx, pytest.raises(NotFound, match="Use one of these handles: @slack-u8, @slack-u9"):
        people.invite(tx, "zoe")


def test_who_may_may_be_set_per_verb(migrated_sqlite_url: str) -> None:
    harness = Harness(migrated_sqlite_url, organisation(who_may={"declare": "approvers"}, more=MORE_PEOPLE))

    assert "Only approvers can declare here." in say(harness.dia("declare API errors"))
    assert "approvers" in say(harness.ana("help declare"))
    harness.close()


def test_an_unknown_group_in_who_may_is_refused() -> None:
    with pytest.raises(ValidationError, match="“everybody” is not a group"):
        organisation(who_may={"declare": "everybody"})
