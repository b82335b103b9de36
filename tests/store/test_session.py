"""Within a transaction the database is asked for the same rows once, and what was written since is always seen."""

from collections.abc import Callable

import pytest
from sqlalchemy import delete, event
from sqlmodel import col, select

from bot.domain.people import Person
from bot.store.transaction import Transaction
from tests.house import House


@pytest.fixture
def asked(either: House) -> list[str]:
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


def test_the_same_question_is_asked_once(either: House, asked: list[str]):
    with either.store.write() as tx:
        assert named(tx, "Ana Silva") == named(tx, "Ana Silva") == ["Ana Silva"]
    assert len(asked) == 1


def test_other_values_are_another_question(either: House, asked: list[str]):
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
def test_what_was_changed_is_seen(either: House, change: Callable[[Transaction], None], then: list[str]):
    with either.store.write() as tx:
        assert named(tx, "Ana Silva", "Zoe") == ["Ana Silva"]
        change(tx)
        assert named(tx, "Ana Silva", "Zoe") == then


def test_what_a_statement_deleted_is_gone(either: House):
    with either.store.write() as tx:
        add(tx)
        assert named(tx, "Zoe") == ["Zoe"]
        remove(tx)
        assert named(tx, "Zoe") == []


def test_rows_that_are_held_are_read_again_and_then_known(either: House, asked: list[str]):
    with either.store.write() as tx:
        named(tx, "Ana Silva")
        named(tx, "Ana Silva", hold=True)
        named(tx, "Ana Silva")
        named(tx, "Ana Silva", hold=True)
    assert len(asked) == 2
