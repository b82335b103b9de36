"""A session that reads the same rows once and writes as late as it can.

A SELECT that is repeated returns the rows of the first time, unless one of its tables was written in between. What is
not written yet is written before a SELECT of the same table, parents before children, and at the latest at the commit.

Source: SQLAlchemy 2.1, "ORM Querying Guide", `do_orm_execute` and `Result.freeze`, which exist for this.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Generic, TypeVar

from sqlalchemy import Executable, Result, Table, bindparam, event
from sqlalchemy.orm import ORMExecuteState
from sqlalchemy.sql import visitors
from sqlmodel import Session as PlainSession
from sqlmodel import SQLModel, col
from sqlmodel.sql.expression import SelectOfScalar

T = TypeVar("T")
_tables_of: dict[object, frozenset[str]] = {}  # by the key under which SQLAlchemy keeps the compiled statement


@dataclass(frozen=True)
class _Owner:
    """Whose rows a SELECT finds: those of one model with one of these values in a column that never changes."""

    model: type
    column: str
    values: frozenset[object]

    def has(self, row: object) -> bool:
        """Whether this is one of the rows."""
        return isinstance(row, self.model) and getattr(row, self.column) in self.values


@dataclass(frozen=True)
class _Read:
    """The rows of a SELECT."""

    tables: frozenset[str]
    owner: _Owner | None
    rows: Callable[[], Any]


class Session(PlainSession):
    """Remembers what it read until that is written, other rows are locked, or it ends."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, autoflush=False, **options)
        self.read: dict[object, _Read] = {}
        self.held: set[object] = set()
        self.added_to: set[str] = set()  # tables with new rows

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

    def concerns(self, tables: Iterable[str]) -> bool:
        """Whether something that is not written yet changes the rows of a SELECT."""
        return bool(set(tables) & {_table(row) for row in (*self.new, *self.deleted, *self.dirty)})

    def forget(self, changes: Callable[[_Read], bool]) -> None:
        """Read again what was changed."""
        self.read = {asked: read for asked, read in self.read.items() if not changes(read)}


class OwnedRows(Generic[T]):
    """The rows that have given values in a column that never changes, such as the incident of a row.

    Only new and deleted rows change the result; what is changed in the rows themselves is seen in them. The query's own
    conditions must not change either. Define one per query, at import: building a SELECT takes longer than reading
    again what is known.
    """

    def __init__(self, query: SelectOfScalar[T], column: object) -> None:
        attribute: Any = col(column)
        self._model: type = attribute.class_
        self._tables = frozenset([str(attribute.class_.__tablename__)])
        self._column: str = attribute.key
        found = query.where(attribute.in_(bindparam("values", expanding=True)))
        self._query = found.execution_options(owned=True)

    def of(self, session: Session, *values: str) -> Sequence[T]:
        """The rows that have one of these values."""
        owner = _Owner(self._model, self._column, frozenset(values))
        if any(owner.has(row) for row in (*session.new, *session.deleted)):
            session.flush()
        asked = (self, values)
        if asked not in session.read:
            rows = session.exec(self._query, params={"values": values}).all()
            session.read[asked] = _Read(self._tables, owner, lambda: rows)
        found: Sequence[T] = session.read[asked].rows()
        return found


def _table(row: object) -> str:
    return str(getattr(type(row), "__tablename__"))  # noqa: B009


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
    session, statement = state.session, state.statement
    assert isinstance(session, Session)
    if state.is_relationship_load or state.is_column_load or state.execution_options.get("owned"):
        return None
    plain = _without_lock(statement)
    key = plain._generate_cache_key() if state.is_select else None
    tables = _tables_in(statement, key.key if key else None)
    same_rows = state.execution_options.get("same_rows")  # an UPDATE of other columns than those that are selected by
    if plain is not statement or (not same_rows and session.concerns(tables)):
        session.flush()
    if not state.is_select:
        session.forget(lambda read: bool(read.tables & tables) and not (same_rows and read.owner))
        return None
    if key is None or state.parameters or state.execution_options.get("populate_existing"):
        return None
    asked = (key.key, repr([bound.effective_value for bound in key.bindparams]))
    locks = plain is not statement and session.get_bind().dialect.name != "sqlite"  # which has one writer
    fresh = locks and asked not in session.held
    if fresh:  # another transaction may have written while this one waited; after the first, only what is held here
        first = not session.held
        session.forget(lambda read: first or bool(read.tables & tables))
        session.held.add(asked)
    if asked not in session.read:
        rows = state.invoke_statement(execution_options={"populate_existing": fresh})
        session.read[asked] = _Read(tables, None, rows.freeze())
    result: Result[Any] = session.read[asked].rows()
    return result


@event.listens_for(Session, "after_flush")
def _forget(session: Any, _flush: object) -> None:
    came_or_went = [*session.new, *session.deleted]
    session.added_to |= {_table(row) for row in session.new}
    written = {_table(row) for row in (*came_or_went, *session.dirty)}

    def changes(read: _Read) -> bool:
        return any(map(read.owner.has, came_or_went)) if read.owner else bool(read.tables & written)

    session.forget(changes)
