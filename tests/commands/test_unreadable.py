"""An incident whose row this version cannot read is named and left alone; everything else goes on."""

import pytest
from sqlalchemy import text

from bot.reading.context import ReadContext
from bot.reading.home import HomePage, home
from bot.reading.pages import visible
from tests.harness import Harness, say

WORDS = "INC-1 cannot be shown or changed"


def spoil(harness: Harness, change: str) -> None:
    """Change the first incident as a newer version might, or a broken disk."""
    with harness.store.write() as tx:
        tx.session.connection().execute(text(f"UPDATE incident SET {change} WHERE number = 1"))


def home_of(harness: Harness, handle: str) -> HomePage:
    with harness.store.read() as tx:
        return home(ReadContext(tx, harness.actions, harness.person(handle)))


CHANGES = [("sqlite", "stage"), ("sqlite", "severity"), ("sqlite", "closed_as"), ("sqlite", "opened_at"),
           ("postgresql", "stage")]  # fmt: skip


@pytest.mark.parametrize(("engine_name", "column"), CHANGES)
def test_the_others_are_listed_and_worked_on(either: Harness, column: str) -> None:
    either.ana("declare API errors sev:1 on:api=major")
    either.ana("declare! Search hangs sev:2")
    either.later(60)
    either.tick()
    spoil(either, f"{column} = 'nonsense'")

    listed, page = say(either.ana("list")), home_of(either, "ana")

    assert "INC-2 Search hangs" in listed
    assert WORDS in listed
    assert [each.card.incident for each in page.open] == ["INC-2"]
    assert [words for words in page.frame.notes if WORDS in words]
    assert page.unread
    assert "2 incidents are open. Say which one you mean" in say(either.ana("note It is slow."))
    assert "Noted in INC-2." in say(either.ana("note INC-2 It is slow."))
    assert "INC-3" in say(either.ana("declare! Codex is slow sev:3 on:codex=partial"))


@pytest.mark.parametrize(("table", "column"), [("update", "stage"), ("promise", "due_at")])
def test_one_with_another_row_that_cannot_be_read_stops_no_page_either(
    harness: Harness, table: str, column: str
) -> None:
    harness.ana("declare API errors sev:1 on:api=major")
    harness.ana("declare! Search hangs sev:2")
    harness.later(60)
    harness.tick()
    with harness.store.write() as tx:
        of = "(SELECT id FROM incident WHERE number = 1)"
        statement = f"""UPDATE "{table}" SET {column} = 'nonsense' WHERE incident_id = {of}"""
        tx.session.connection().execute(text(statement))

    page = home_of(harness, "ana")

    assert "INC-2 Search hangs" in say(harness.ana("list"))
    assert "INC-2" in [each.card.incident for each in page.open]
    assert ("INC-1" in [each.card.incident for each in page.open]) is not page.unread


def test_its_commands_say_so_and_change_nothing(harness: Harness) -> None:
    harness.ana("declare API errors sev:1 on:api=major")
    spoil(harness, "stage = 'nonsense'")
    before = len(harness.record())

    for line in ("show INC-1", "note INC-1 Slow.", "timeline INC-1", "note Slow."):
        assert WORDS in say(harness.ana(line))
    assert len(harness.record()) == before


def test_a_private_one_is_named_only_to_those_who_may_see_it(harness: Harness) -> None:
    harness.ana("declare Someone is inside private:yes")
    spoil(harness, "stage = 'nonsense'")

    with harness.store.read() as tx:
        may = [visible(["INC-1"])(ReadContext(tx, harness.actions, harness.person(who))) for who in ("ana", "ben")]

    assert may == [{"INC-1"}, set()]
    assert (WORDS in say(harness.ana("list")), WORDS in say(harness.ana("show INC-1"))) == (True, True)
    assert "INC-1" not in say(harness.ben("list"))
    assert "INC-1 does not exist" in say(harness.ben("show INC-1"))
    assert home_of(harness, "ben").frame.notes == ()
