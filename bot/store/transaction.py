"""One command, one transaction: everything it changes is kept together, or nothing is."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from threading import Condition

from sqlalchemy import Engine, func
from sqlalchemy.exc import DatabaseError, DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlmodel import select

from bot.clock import Clock, utc_now
from bot.domain.incident import Incident
from bot.domain.people import Person
from bot.domain.record import EntryKind, EntryText, RecordEntry
from bot.domain.updates import Update
from bot.errors import Busy
from bot.store.session import Session

log = logging.getLogger("foghorn.store")


@dataclass
class Transaction:
    """What queries and actions work with; only the store opens and ends one."""

    session: Session
    now: datetime
    platform: str = ""  # where the command came from, for the record
    changed: set[str] = field(default_factory=set)  # keys of the incidents this changes
    published: bool = False  # whether the public pages change
    entries: list[tuple[Incident, RecordEntry]] = field(default_factory=list)  # appended by this transaction
    real: Clock = utc_now  # what retries and leases live by; in a drill that is not the clock of the incidents

    def record(
        self, actor: Person | None, kind: EntryKind, incident: Incident, text: str, update: Update | None = None
    ) -> RecordEntry:
        """Append to the record, in the same commit as the change it tells of."""
        last = self.session.exec(
            select(func.max(RecordEntry.number)).where(RecordEntry.incident_id == incident.id)
        ).one()
        entry = RecordEntry(
            incident_id=incident.id,
            number=(last or 0) + 1,
            at=self.now,
            person_id=actor.id if actor else None,
            platform=self.platform,
            kind=kind,
            update_id=update.id if update else None,
        )
        self.session.add(entry)
        self.session.flush()
        self.session.add(EntryText(entry_id=entry.id, text=text))
        self.changed.add(incident.key)
        self.entries.append((incident, entry))
        return entry


class Turns:
    """One at a time; who must not wait long goes before everybody else who waits."""

    def __init__(self) -> None:
        self._free = Condition()
        self._taken = False
        self._urgent = 0  # how many of them wait

    @contextmanager
    def take(self, *, urgent: bool = False) -> Iterator[None]:
        """Hold the turn for as long as the block lasts."""
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
    """The database, seen as transactions. `now` is read when one begins, after any waiting."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self.engine = engine
        self.clock = clock
        self.real: Clock = utc_now
        """What retries and leases live by: `ElapsedClock` where they matter."""
        self.after_commit: list[Callable[[Transaction], None]] = []
        # SQLite has one writer: better to queue here than to poll the file
        self._turns = Turns() if engine.dialect.name == "sqlite" else None

    @contextmanager
    def write(self, platform: str = "", *, urgent: bool = False) -> Iterator[Transaction]:
        """Commit when the block ends, roll back when it raises. Raises Busy when the database does not answer.

        `urgent` goes before all other writes that wait; only for the inbox, whose rows are acknowledged in seconds.
        """
        with (
            self._turns.take(urgent=urgent) if self._turns else nullcontext(),
            answering(),
            Session(self.engine, expire_on_commit=False) as session,
            session.begin(),
        ):
            session.connection(execution_options={"writes": True})
            tx = Transaction(session, self.clock(), platform, real=self.real)
            yield tx
        for tell in self.after_commit:
            try:
                tell(tx)
            except Exception:  # it is committed; nobody may be told otherwise
                log.exception("a listener failed after a commit")

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        """One steady view of the database; never waits for a writer. Raises Busy when it does not answer."""
        with answering(), Session(self.engine, expire_on_commit=False) as session:
            yield Transaction(session, self.clock(), real=self.real)

    def close(self) -> None:
        """Give the connections back; the store is not used afterwards."""
        self.engine.dispose()


@contextmanager
def answering() -> Iterator[None]:
    """A database that is locked, full, read-only, damaged or gone is `Busy` to everybody above; the log says which."""
    try:
        yield
    except (DBAPIError, PoolTimeout) as problem:
        gone = not isinstance(problem, DBAPIError) or problem.connection_invalidated
        unreadable = isinstance(problem, OperationalError) or type(problem) is DatabaseError  # a file that is none
        if not gone and not unreadable:
            raise
        log.warning("the database does not answer: %s", getattr(problem, "orig", problem))
        raise Busy from problem
