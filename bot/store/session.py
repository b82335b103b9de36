"""A session that asks the database nothing twice: a SELECT repeated with nothing written in between has the same rows.

Source: SQLAlchemy 2.1, "ORM Querying Guide", `do_orm_execute` and `Result.freeze`, which are made for this.
"""

from collections.abc import Callable
from typing import Any

from sqlalchemy import Result, event
from sqlalchemy.orm import ORMExecuteState
from sqlmodel import Session as PlainSession


class Session(PlainSession):
    """Remembers what it read until it writes, locks rows, or ends."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.read: dict[object, Callable[[], Result[Any]]] = {}


@event.listens_for(Session, "do_orm_execute")
def _read_once(state: ORMExecuteState) -> Result[Any] | None:
    session = state.session
    assert isinstance(session, Session)
    if state.is_relationship_load or state.is_column_load:
        return None
    locks = getattr(state.statement, "_for_update_arg", None) is not None
    if not state.is_select or locks or state.execution_options.get("populate_existing"):
        session.read.clear()
        return None
    session.flush()  # what is not written yet changes the answer
    key = state.statement._generate_cache_key()  # type: ignore[attr-defined]
    if key is None or state.parameters:
        return None
    asked = (key.key, repr([bound.effective_value for bound in key.bindparams]))
    if asked not in session.read:
        session.read[asked] = state.invoke_statement().freeze()
    return session.read[asked]()


@event.listens_for(Session, "after_flush")
def _forget(session: Any, _flush: object) -> None:
    session.read.clear()
