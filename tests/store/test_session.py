"""Within a transaction the database is asked for the same rows once, and what was written since is always seen."""

from collections.abc import Callable

import pytest
from sqlalchemy import delete, event
from sqlmodel import col, select

from bot.domain.incident import Incident
from bot.domain.people import Person
from bot.domain.rooms import Room
from bot.domain.severity import Severity
from bot.store.session import OwnedRows
from bot.store.transaction import Transaction
from tests.harness import Harness


@pytest.fixture
def asked(either: Harness) -> list[str]:
    """The SELECTs that reach the database."""
    seen: list[str] = []

    @event.listens_for(either.own_engine(), "before_cursor_execute")
    def see(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.startswith("SELECT"):
            seen.append(statement)

    return seen


def named(tx: Transaction, *names: str, hold: bool = False) -> list[str]:
    query = select(Person).where(col(Person.name).in_(names)).order_by(col(Person.name))
    return [person.name for person in tx.session.exec(query.with_for_update() if hold else query)]


def test_the_same_question_is_asked_once(either: Harness, asked: list[str]):
    with either.store.write() as tx:
        assert named(tx, "Ana Silva") == named(tx, "Ana Silva") == ["Ana Silva"]
    assert len(asked) == 1


def test_other_values_are_another_question(either: Harness, asked: list[str]):
    with either.store.write() as tx:
        assert named(tx, "Ana Silva") + named(tx, "Eve Lund") == ["Ana Silva", "Eve Lund"]
    assert len(asked) == 2


def add(tx: Transaction) -> None:
    tx.session.add(Person(name="Zoe", handle="zoe"))


def rename(tx: Transaction) -> None:
    tx.session.exec(select(Person).where(Person.name == "Eve Lund")).one().name = "Zoe"


def remove(tx: Transaction) -> None:
    tx.session.execute(delete(Person).where(col(Person.name) == "Zoe"))


@pytest.mark.parametrize(("change", "then"), [(add, ["Ana Silva", "Zoe"]), (rename, ["Ana Silva", "Zoe"])])
def test_what_was_changed_is_seen(either: Harness, change: Callable[[Transaction], None], then: list[str]):
    with either.store.write() as tx:
        assert named(tx, "Ana Silva", "Zoe") == ["Ana Silva"]
        change(tx)
        assert named(tx, "Ana Silva", "Zoe") == then


def test_what_a_statement_deleted_is_gone(either: Harness):
    with either.store.write() as tx:
        add(tx)
        assert named(tx, "Zoe") == ["Zoe"]
        remove(tx)
        assert named(tx, "Zoe") == []


def test_rows_that_are_held_are_read_again_if_others_may_have_written_and_then_known(either: Harness, asked: list[str]):
    with either.store.write() as tx:
        named(tx, "Ana Silva")
        named(tx, "Ana Silva", hold=True)
        named(tx, "Ana Silva")
        named(tx, "Ana Silva", hold=True)
    one_writer = either.store.engine.dialect.name == "sqlite"
    assert len(asked) == (1 if one_writer else 2)


ROOMS = OwnedRows(select(Room), Room.incident_id)


def channels(tx: Transaction, incident_id: str) -> list[str]:
    """The channels of an incident."""
    return [each.channel for each in ROOMS.of(tx.session, incident_id)]


def test_rows_of_an_owner_are_read_again_only_where_its_own_came_or_went(either: Harness, asked: list[str]):
    for title in ("API errors", "Signing in fails"):
        either.ana(f"declare! {title}")
    first, second = either.rows(Incident)
    asked.clear()
    with either.store.write() as tx:
        assert channels(tx, first.id) == ["inc-1"]
        tx.session.add(Room(platform="slack", channel="C2", incident_id=second.id))
        assert channels(tx, first.id) == ["inc-1"]
        assert len(asked) == 1
        tx.session.add(Room(platform="slack", channel="C1", incident_id=first.id))
        assert sorted(channels(tx, first.id)) == ["C1", "inc-1"]
        assert len(asked) == 2


def test_new_rows_are_written_after_those_that_they_refer_to(either: Harness):
    with either.store.write() as tx:
        incident = Incident(number=99, declared_title="x", severity=Severity.SEV3, opened_at=tx.now, declared_by="")
        incident.declared_by = tx.session.exec(select(Person.id)).first() or ""
        tx.session.add(Room(platform="slack", channel="C99", incident_id=incident.id))
        tx.session.add(incident)
    assert [room.channel for room in either.rows(Room)] == ["C99"]
