"""One command, one transaction: everything it changes is kept together, or nothing is."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock

from sqlalchemy import Engine, func
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlmodel import Session, select

from bot.clock import Clock
from bot.domain.incident import Incident
from bot.domain.people import Person
from bot.domain.record import EntryKind, EntryText, RecordEntry
from bot.domain.updates import Update
from bot.errors import Busy


@dataclass
class Transaction:
    """What queries and actions work with; only the store opens and ends one."""

    session: Session
    now: datetime
    platform: str = ""  # where the command came from, for the record
    changed: set[str] = field(default_factory=set)  # keys of the incidents this changes
    published: bool = False  # whether the public pages change

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
        return entry


class Store:
    """The database, seen as transactions. `now` is read when one begins, after any waiting."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self.engine = engine
        self.clock = clock
        self.after_commit: list[Callable[[Transaction], None]] = []
        self._turn_to_write: AbstractContextManager[object] = nullcontext()
        if engine.dialect.name == "sqlite":  # one writer: better to queue here than to poll the file
            self._turn_to_write = Lock()

    @contextmanager
    def write(self, platform: str = "") -> Iterator[Transaction]:
        """Commit when the block ends, roll back when it raises. Raises Busy when the database does not answer."""
        with (
            self._turn_to_write,
            answering(),
            Session(self.engine, expire_on_commit=False) as session,
            session.begin(),
        ):
            session.connection(execution_options={"writes": True})
            tx = Transaction(session, self.clock(), platform)
            yield tx
        for tell in self.after_commit:
            tell(tx)

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        """One steady view of the database; never waits for a writer. Raises Busy when it does not answer."""
        with answering(), Session(self.engine, expire_on_commit=False) as session:
            yield Transaction(session, self.clock())

    def close(self) -> None:
        """Give the connections back; the store is not used afterwards."""
        self.engine.dispose()


@contextmanager
def answering() -> Iterator[None]:
    """A database that is locked, full, read-only or gone is `Busy` to everybody above."""
    try:
        yield
    except (OperationalError, PoolTimeout) as problem:
        raise Busy from problem
    except DBAPIError as problem:
        if problem.connection_invalidated:
            raise Busy from problem
        raise
