"""A session that reads the same rows once and writes as late as it can.

A SELECT that is repeated returns the rows of the first time, unless one of its tables was written in between. What is
not written yet is written before a SELECT of the same table, parents before children, and at the latest at the commit.

Source: SQLAlchemy 2.1, "ORM Querying Guide", `do_orm_execute` and `Result.freeze`, which exist for this.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import Executable, Result, Table, event
from sqlalchemy.orm import ORMExecuteState
from sqlalchemy.sql import visitors
from sqlmodel import Session as PlainSession
from sqlmodel import SQLModel
from sqlmodel.sql.expression import Select, SelectOfScalar

T = TypeVar("T", Select[Any], SelectOfScalar[Any])
_tables_of: dict[object, frozenset[str]] = {}  # by the key under which SQLAlchemy keeps the compiled statement


@dataclass(frozen=True)
class _Read:
    """The rows of a SELECT."""

    tables: frozenset[str]
    of_owner: bool
    rows: Callable[[], Result[Any]]


class Session(PlainSession):
    """Remembers what it read until that is written, other rows are locked, or it ends."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, autoflush=False, **options)
        self.read: dict[object, _Read] = {}
        self.held: set[object] = set()

    def flush(self, objects: Sequence[Any] | None = None) -> None:
        """Write what is new table by table: without relationships, SQLAlchemy does not know which has to be first."""
        new = sorted(self.new, key=lambda each: _rank(_table(each)))
        later = [each for each in new if _table(each) != _table(new[0])]
        for each in later:
            self.expunge(each)
        super().flush(objects)
        if later:
            self.add_all(later)
            self.flush()

    def forget(self, written: set[str], counted: set[str]) -> None:
        """Read again what `written` changes; rows of an owner are only read again where others came or went."""
        self.read = {
            asked: read
            for asked, read in self.read.items()
            if not read.tables & (counted if read.of_owner else written)
        }


def of_owner(query: T) -> T:
    """Mark a SELECT whose conditions never change for a row, such as the incident that the row belongs to.

    Then only new and deleted rows change its result: what was changed in the rows themselves is seen in them.
    """
    return query.execution_options(of_owner=True)


def _table(row: object) -> str:
    return str(getattr(type(row), "__tablename__"))  # noqa: B009


def _tables(rows: Iterable[object]) -> set[str]:
    return {_table(row) for row in rows}


@cache
def _rank(table: str) -> int:
    """Where a table stands if every table follows those that it refers to."""
    return [each.name for each in SQLModel.metadata.sorted_tables].index(table)


def _tables_in(statement: Executable, key: object) -> frozenset[str]:
    """The tables of a statement, including those of subqueries."""
    found = _tables_of.get(key)
    if found is None:
        every = visitors.iterate(statement)  # type: ignore[arg-type]
        found = frozenset(each.name for each in every if isinstance(each, Table))
        if key is not None:
            _tables_of[key] = found
    return found


def _without_lock(statement: Any) -> Any:
    """The same SELECT, so that rows that are held need not be read again without a lock."""
    if getattr(statement, "_for_update_arg", None) is None:
        return statement
    plain = statement._generate()
    plain._for_update_arg = None
    return plain


@event.listens_for(Session, "do_orm_execute")
def _read_once(state: ORMExecuteState) -> Result[Any] | None:
    session = state.session
    assert isinstance(session, Session)
    if state.is_relationship_load or state.is_column_load:
        return None
    statement: Any = state.statement
    locks = state.is_select and getattr(statement, "_for_update_arg", None) is not None
    key = _without_lock(statement)._generate_cache_key() if state.is_select else None
    tables = _tables_in(statement, key.key if key else None)
    of_an_owner = bool(state.execution_options.get("of_owner"))
    counted = _tables([*session.new, *session.deleted])
    asks_for_pending = tables & (counted if of_an_owner else counted | _tables(session.dirty))
    if asks_for_pending or locks:
        session.flush()
    if not state.is_select:
        session.forget(set(tables), set(tables))
        return None
    if key is None or state.parameters or state.execution_options.get("populate_existing"):
        return None
    asked = (key.key, repr([bound.effective_value for bound in key.bindparams]))
    fresh = locks and asked not in session.held  # another transaction may have written while this one waited
    if fresh:
        session.read.clear()
        session.held.add(asked)
    if asked not in session.read:
        rows = state.invoke_statement(execution_options={"populate_existing": fresh})
        session.read[asked] = _Read(tables, of_an_owner, rows.freeze())
    return session.read[asked].rows()


@event.listens_for(Session, "after_flush")
def _forget(session: Any, _flush: object) -> None:
    counted = _tables([*session.new, *session.deleted])
    session.forget(counted | _tables(session.dirty), counted)
