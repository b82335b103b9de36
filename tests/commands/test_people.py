"""Whom a typed name means, and who may serve in an incident."""

from bot.domain.incident import Invited
from tests.house import House, say


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
