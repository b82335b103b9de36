"""A database of an earlier version, upgraded while deleted and lost messages wait to be replaced."""

from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from bot.store import migrate
from bot.store.engine import make_engine

BEFORE = "0006"


def row(
    name: str, kind: str, act: str, state: str, target: str | None = None, reference: str = ""
) -> dict[str, object]:
    return {
        "id": name, "destination": "slack:C1", "kind": kind, "act": act, "state": state, "target": target,
        "reference": reference, "attempts": 0, "in_doubt": False, "maybe_twice": False, "reason": "", "body": "",
        "created_at": datetime(2026, 4, 20, tzinfo=UTC),
    }  # fmt: skip


@pytest.fixture
def upgraded(database_url: str):
    """The deliveries after the upgrade, by id: kind, act, target, reference, and what it replaces."""

    def upgrade(*rows: dict[str, object]) -> dict[str, tuple[str, str, str | None, str, str]]:
        migrate.upgrade(database_url, BEFORE)
        engine = make_engine(database_url)
        delivery = sa.Table("delivery", sa.MetaData(), autoload_with=engine)
        with engine.execution_options(writes=True).begin() as connection:
            connection.execute(sa.insert(delivery), rows)
        engine.dispose()
        migrate.upgrade(database_url)
        with engine.connect() as connection:
            found = connection.execute(sa.text("SELECT id, kind, act, target, reference, replaces FROM delivery")).all()
        engine.dispose()
        return {each[0]: tuple(each[1:]) for each in found}

    return upgrade


def test_a_message_that_waits_to_be_posted_again_replaces_the_deleted_one(upgraded) -> None:
    found = upgraded(
        row("1", "headline", "send", "sent", reference="C1/1.1"),
        row("2", "headline", "again", "due", "1"),
        row("3", "update", "reply", "due", "2"),
        row("4", "headline", "edit", "due", "1"),
    )

    assert found["1"] == ("headline", "send", None, "", "")
    assert found["2"] == ("headline", "send", None, "", "C1/1.1")
    assert (found["3"][2], found["4"][2]) == ("2", "2")


def test_a_message_that_was_posted_again_stays_the_message(upgraded) -> None:
    found = upgraded(
        row("1", "card", "send", "sent", reference="C1/2.2"),
        row("2", "card", "again", "sent", "1", reference="C1/2.2"),
        row("3", "line", "reply", "due", "2"),
    )

    assert found["1"] == ("card", "send", None, "C1/2.2", "")
    assert (found["2"][1], found["3"][2]) == ("edit", "1")


def test_of_several_states_of_a_message_that_never_arrived_the_first_is_posted(upgraded) -> None:
    found = upgraded(
        row("1", "headline", "send", "dead"),
        row("2", "headline", "edit", "due", "1"),
        row("3", "update", "reply", "due", "1"),
        row("4", "headline", "edit", "due", "1"),
    )

    assert found["2"] == ("headline", "send", None, "", "")
    assert (found["3"][2], found["4"][1:3]) == ("2", ("edit", "2"))


@pytest.mark.parametrize(("before", "after"), [("nudge done", "nudge"), ("corrected", "update")])
def test_an_edit_has_the_kind_of_its_message(upgraded, before: str, after: str) -> None:
    found = upgraded(row("1", after, "send", "sent", reference="C1/1.1"), row("2", before, "edit", "due", "1"))

    assert found["2"][:3] == (after, "edit", "1")
