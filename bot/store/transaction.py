"""One command, one transaction: all of its changes are stored together or not at all."""

import logging
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from datetime import datetime
from importlib import import_module
from threading import Condition
from typing import Any

from sqlalchemy import Engine, event, func
from sqlalchemy.exc import DatabaseError, DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlmodel import SQLModel, select

from bot.clock import Clock, utc_now
from bot.domain.incident import Incident
from bot.domain.lint.findings import Finding, Subject
from bot.domain.people import Person
from bot.domain.record import EntryKind, EntryText, RecordEntry
from bot.domain.updates import Update
from bot.errors import (
    Busy,
    DatabaseDamaged,
    DatabaseFull,
    DatabaseGone,
    DatabaseInterrupted,
    DatabaseLocked,
    DatabaseReadOnly,
    DatabaseUnopened,
)
from bot.store import notices
from bot.store.engine import BUSY_TIMEOUT_MS
from bot.store.numbers import give_numbers
from bot.store.session import Session

log = logging.getLogger("foghorn.store")
CLOSE_WITHIN_S = 5.0
WAIT_FOR_READERS_MS = 500
WRITTEN_TO, READ_FROM = "written to", "read"  # what a database that does not answer cannot be
event.listen(Session, "before_flush", give_numbers)


@dataclass
class Transaction:
    """What queries and actions work with. Only the store opens and ends one."""

    session: Session
    now: datetime
    platform: str = ""  # where the command came from, for the record
    changed: set[str] = field(default_factory=set)  # keys of the incidents that this changes
    unread: set[str] = field(default_factory=set)  # keys of incidents that lists left out, because nobody can read them
    published: bool = False  # whether the public pages change
    redacted: bool = False  # whether words were removed, which SQLite's journal still contains
    entries: list[tuple[Incident, RecordEntry]] = field(default_factory=list)  # appended by this transaction
    linted: dict[str, tuple[Subject, tuple[Finding, ...]]] = field(default_factory=dict)  # by the id of the text
    real: Clock = utc_now  # the clock of retries and leases; in a drill it differs from the clock of the incidents

    def record(
        self, actor: Person | None, kind: EntryKind, incident: Incident, text: str, update: Update | None = None
    ) -> RecordEntry:
        """Append to the record, in the same commit as the change."""
        number = 1 + next((entry.number for of, entry in reversed(self.entries) if of.id == incident.id), 0)
        if number == 1:
            last = select(func.max(RecordEntry.number)).where(RecordEntry.incident_id == incident.id)
            number += self.session.exec(last).one() or 0
        entry = RecordEntry(
            incident_id=incident.id,
            number=number,
            at=self.now,
            person_id=actor.id if actor else None,
            platform=self.platform,
            kind=kind,
            update_id=update.id if update else None,
        )
        self.session.add_all([entry, EntryText(entry_id=entry.id, text=text)])
        self.changed.add(incident.key)
        self.entries.append((incident, entry))
        return entry


class PriorityLock:
    """A lock that urgent callers get before everyone else who waits."""

    def __init__(self) -> None:
        self._free = Condition()
        self._taken = False
        self._urgent = 0  # number of urgent callers waiting

    @contextmanager
    def take(self, *, urgent: bool = False) -> Iterator[None]:
        """Hold the lock for the block."""
        with self._free:
            self._urgent += urgent
            self._free.wait_for(lambda: not self._taken and (urgent or not self._urgent))
            self._urgent -= urgent
            self._taken = True
        try:
            yield
        finally:
            with self._free:
                self._taken = False
                self._free.notify_all()


class Store:
    """The database as transactions. `now` is read when a transaction starts, after any waiting."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self.engine = engine
        self.clock = clock
        self.real: Clock = utc_now
        """The clock of retries and leases: `ElapsedClock` if they matter."""
        self.before_commit: list[Callable[[Transaction], None]] = []
        self.after_commit: list[Callable[[Transaction], None]] = []
        self.id = secrets.token_hex(8)
        """Tells this process's notices from those of others."""
        self._tells_others = engine.dialect.name == "postgresql"
        self._free = Condition()
        self._sessions = 0  # in use, in any thread
        self._closed = False
        # SQLite has one writer: waiting here beats polling the file
        self._turns = PriorityLock() if engine.dialect.name == "sqlite" else None

    @contextmanager
    def write(self, platform: str = "", *, urgent: bool = False) -> Iterator[Transaction]:
        """Commit when the block ends, and roll back if it raises. Raises Busy if the database does not answer.

        `urgent` goes before all other waiting writes; only for the inbox, which has to be acknowledged within seconds.
        """
        with (
            self._turns.take(urgent=urgent) if self._turns else nullcontext(),
            self._session() as session,
        ):
            session.connection(execution_options={"writes": True})
            tx = Transaction(session, self.clock(), platform, real=self.real)
            yield tx
            session.flush()
            if self._tells_others:
                self._tell_others(tx)
            for tell in self.before_commit:
                tell(tx)
            with _saving():
                session.commit()
        if tx.redacted:
            with suppress(Busy):  # the worker tries again every minute
                self.clear_journal()
        for tell in self.after_commit:
            try:
                tell(tx)
            except Exception:  # it is committed, so the command must not fail
                log.exception("a listener failed after a commit")

    def _tell_others(self, tx: Transaction) -> None:
        """Tell the other processes with the commit what it changes."""
        if tx.changed or tx.published or "delivery" in tx.session.added_to:
            notice = {"from": self.id, "incidents": sorted(tx.changed), "published": tx.published}
            if not notices.send(tx.session.connection(), notice):
                notices.send(tx.session.connection(), {"from": self.id, "everything": True})

    @contextmanager
    def dry_run(self, platform: str = "") -> Iterator[Transaction]:
        """Like `write`, but always rolled back, to see what a command would do. Raises Busy."""
        with (
            self._turns.take() if self._turns else nullcontext(),
            self._session() as session,
        ):
            session.connection(execution_options={"writes": True})
            yield Transaction(session, self.clock(), platform, real=self.real)

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        """One consistent view of the database; never waits for a writer. Raises Busy if it does not answer."""
        with self._session(READ_FROM) as session:
            yield Transaction(session, self.clock(), real=self.real)

    def clear_journal(self) -> bool:
        """Write SQLite's journal into the database file and empty it; False if someone reads or writes just now."""
        if self._turns is None:
            return True
        outside = self.engine.execution_options(outside=True)
        with self._turns.take(), answering(), outside.connect() as connection:
            connection.exec_driver_sql(f"PRAGMA busy_timeout={WAIT_FOR_READERS_MS}")
            busy, _pages, _written = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()
            connection.exec_driver_sql(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
        return not busy

    @contextmanager
    def _session(self, used: str = WRITTEN_TO) -> Iterator[Session]:
        with self._free:
            if self._closed:
                raise Busy
            self._sessions += 1
        try:
            with answering(used), Session(self.engine, expire_on_commit=False) as session:
                yield session
        finally:
            with self._free:
                self._sessions -= 1
                self._free.notify_all()

    def close(self) -> None:
        """Close the connections, once nothing uses them. The store cannot be used afterwards."""
        with self._free:
            self._closed = True
            self._free.wait_for(lambda: not self._sessions, CLOSE_WITHIN_S)
        self.engine.dispose()


def insert(tx: Transaction, table: type[SQLModel]) -> Any:
    """An INSERT of the database's dialect, which can say what happens on a conflict."""
    # not imported at the top: the dialects load slowly
    dialect = import_module(f"sqlalchemy.dialects.{tx.session.get_bind().dialect.name}")
    return dialect.insert(table)


_REASONS: dict[str, type[Busy]] = {  # how the name of an error of SQLite starts, or an SQLSTATE of PostgreSQL
    "SQLITE_BUSY": DatabaseLocked,
    "SQLITE_LOCKED": DatabaseLocked,
    "55P03": DatabaseLocked,
    "40P01": DatabaseInterrupted,  # a deadlock
    "SQLITE_FULL": DatabaseFull,
    "SQLITE_IOERR": DatabaseFull,
    "53100": DatabaseFull,
    "SQLITE_READONLY_DBMOVED": DatabaseGone,
    "SQLITE_READONLY": DatabaseReadOnly,
    "25006": DatabaseReadOnly,
    "SQLITE_CANTOPEN": DatabaseUnopened,
    "SQLITE_CORRUPT": DatabaseDamaged,
    "SQLITE_NOTADB": DatabaseDamaged,
}


@contextmanager
def answering(used: str = WRITTEN_TO) -> Iterator[None]:
    """A database that is locked, full, read-only, damaged, or gone raises `Busy`; the log says why.

    `used` completes “it cannot be ...” in the refusal.
    """
    try:
        yield
    except (DBAPIError, PoolTimeout) as problem:
        kind = _reason(problem)
        if kind is None:
            raise
        found = kind(used=used)
        said = str(getattr(problem, "orig", problem))
        log.warning("the database does not answer: %s", said)
        if kind is Busy:
            found.said = said.partition("\n")[0]
        raise found from problem


@contextmanager
def _saving() -> Iterator[None]:
    """A connection that is lost here may have been lost before or after the database saved the changes."""
    try:
        yield
    except DBAPIError as problem:
        if not problem.connection_invalidated:
            raise
        raise DatabaseInterrupted(
            "The connection to the database was lost while this was being saved, so it is unknown whether it was done. "
            "Check, and try again if it was not."
        ) from problem


def _reason(problem: DBAPIError | PoolTimeout) -> type[Busy] | None:
    """Why the database does not answer; None if it does, and the error is ours."""
    if not isinstance(problem, DBAPIError):
        return Busy
    code = str(getattr(problem.orig, "sqlite_errorname", "") or getattr(problem.orig, "sqlstate", "") or "")
    known = next((kind for start, kind in _REASONS.items() if code.startswith(start)), None)
    if known is not None:
        return known
    if problem.connection_invalidated:
        return DatabaseInterrupted
    unreadable = isinstance(problem, OperationalError) or type(problem) is DatabaseError
    return Busy if unreadable else None
