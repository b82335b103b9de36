"""Which processes run on a database, so that what a dead one was doing is taken over within seconds."""

import fcntl
import logging
import os
import secrets
import socket
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

from sqlalchemy.engine import make_url

from bot.clock import Elapsed, elapsed_s, utc_now
from bot.domain.processes import Process
from bot.errors import AlreadyRunning, Busy
from bot.store import processes
from bot.store.transaction import Store

if TYPE_CHECKING:
    from psycopg import Connection

log = logging.getLogger("foghorn.process")
LOOK_EVERY_S = 1.0
SEE_EVERY_S = 10.0
SURE_FOR_S = 5.0
"""How long a process relies on its lock after it was last confirmed. PostgreSQL releases it no sooner."""
KEEPALIVE = {"keepalives": 1, "keepalives_idle": 5, "keepalives_interval": 1, "keepalives_count": 3}
SERVER_KEEPALIVE = ("tcp_keepalives_idle = 5", "tcp_keepalives_interval = 1", "tcp_keepalives_count = 3")


@contextmanager
def alone_on(url: str) -> Iterator[None]:
    """Hold an SQLite file for the block, so that only one `run` uses it. Raises AlreadyRunning, naming the first.

    The lock is on a file beside it, because closing a database file releases SQLite's own locks. It ends with the
    process. Nothing is held on PostgreSQL.
    """
    address = make_url(url)
    if address.get_backend_name() != "sqlite" or address.database in (None, "", ":memory:"):
        yield
        return
    path = Path((address.database or "").removeprefix("file:"))
    with Path(f"{path.resolve()}-run").open("ab+", buffering=0) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            first = file.read().decode() or "Another process"
            raise AlreadyRunning(first=first, file=address.database) from None
        name = f"Process {os.getpid()} on {socket.gethostname()} (started {utc_now():%Y-%m-%d %H:%M} UTC)"
        with suppress(OSError):  # on a full disk it has no name
            file.truncate(0)
            file.write(name.encode())
        yield


class RunningProcess:
    """A `foghorn run` among those of its database.

    1. On PostgreSQL it holds an advisory lock on a connection of its own. The lock is free as soon as it dies, or a few
    seconds after its host vanished.
    2. Once a second it confirms its lock, and ends the processes whose lock is free: their leases are void.
    3. If its own lock is lost, it claims and sends nothing until it has a new one, under a new ID.

    On SQLite it is alone (`alone_on`), so it ends all earlier ones when it starts.
    """

    def __init__(self, store: Store, url: str, roles: Collection[str] = (), elapsed: Elapsed = elapsed_s) -> None:
        self._store, self._url, self._elapsed = store, url, elapsed
        self.roles = " ".join(roles)
        self.workers = 1
        """How many processes send: those with the role `worker` that live."""
        self._on_sqlite = make_url(url).get_backend_name() == "sqlite"
        self._id: str | None = None
        self._connection: Connection[Any] | None = None  # holds the lock
        self._sure_s = self._seen_s = 0.0
        self._answered = True
        self._stopping = Event()
        self._thread = Thread(target=self._run, name="process", daemon=True)

    def id(self) -> str | None:
        """The ID that its leases start with; None: it must not claim or send anything."""
        sure = self._connection is None or self._elapsed() - self._sure_s < SURE_FOR_S
        return self._id if sure else None

    def start(self) -> None:
        """Join the processes of the database, and stay among them. Without an answer, it tries again each second."""
        self.look()
        self._thread.start()

    def stop(self) -> None:
        """Leave, so that others take over at once what could not be finished."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()
        left, self._id = self._id, None
        try:
            if left is not None:
                with suppress(Busy), self._store.write() as tx:
                    processes.end(tx, left)
        finally:
            self._disconnect()

    def look(self) -> None:
        """Confirm that others see it alive, and end those that died."""
        try:
            if self._id is not None and not self._is_confirmed():
                log.warning("this process lost its place among the others; it sends nothing until it has a new one")
                self._id = None
                self._disconnect()
            if self._id is None:
                self._join()
            self._end_dead()
        except Busy:
            pass  # logged by the store
        except Exception as problem:
            log.log(logging.WARNING if self._answered else logging.DEBUG, "PostgreSQL does not answer: %s", problem)
            self._answered = False
        else:
            self._answered = True

    def _run(self) -> None:
        while not self._stopping.wait(LOOK_EVERY_S):
            self.look()

    def _join(self) -> None:
        lock = None if self._on_sqlite else self._take_lock()
        with self._store.write() as tx:
            if self._on_sqlite:
                processes.end(tx)
            me = Process(
                lock=lock, host=socket.gethostname(), pid=os.getpid(), roles=self.roles, started_at=tx.now,
                seen_at=tx.real(),
            )  # fmt: skip
            tx.session.add(me)
        self._seen_s = self._elapsed()
        self._id = me.id

    def _take_lock(self) -> int | None:
        """The number of a lock that this process now holds; None behind a pooler, which would keep it for another."""
        self._disconnect()
        self._connection = connection = connect_alone(self._store, self._url)
        if is_pooled(self._store, self._url, connection):
            log.warning("FOGHORN_DATABASE_URL leads to a transaction pooler; what a dead process was doing waits 60 s")
            self._disconnect()
            return None
        for setting in SERVER_KEEPALIVE:
            connection.execute(f"SET {setting}".encode())
        while True:
            self._sure_s = self._elapsed()
            number = secrets.randbelow(2**31 - 1) + 1
            taken = connection.execute("SELECT pg_try_advisory_lock(%s::int, %s::int)", (processes.LOCKS, number))
            if taken.fetchone() == (True,):
                return number

    def _is_confirmed(self) -> bool:
        """Whether the connection with the lock lives, and nobody took this process for dead."""
        assert self._id is not None
        now_s = self._elapsed()
        if self._connection is not None:
            try:
                self._connection.execute("SELECT 1")
            except Exception as problem:
                log.warning("the connection to PostgreSQL ended: %s", problem)
                return False
        with suppress(Busy):
            if now_s - self._seen_s >= SEE_EVERY_S:
                with self._store.write() as tx:
                    if not processes.see(tx, self._id, self.roles):
                        return False
                self._seen_s = now_s
        self._sure_s = now_s
        return True

    def _end_dead(self) -> None:
        if self._on_sqlite:
            return
        with self._store.read() as tx:
            found = [each for each in processes.dead(tx) if each.id != self._id]
            alive = [each for each in processes.running(tx) if each not in found]
        self.workers = max(1, sum("worker" in each.roles.split() for each in alive))
        for each in found:
            log.warning("%s ended without stopping; what it was doing is taken over", each.label)
            with self._store.write() as tx:
                processes.end(tx, each.id)

    def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(Exception):
                connection.close()


def connect_alone(store: Store, url: str) -> "Connection[Any]":
    """A connection to PostgreSQL outside the pool, on which a dead peer is noticed within seconds."""
    import psycopg

    _, parameters = store.engine.dialect.create_connect_args(make_url(url))
    limits = {"connect_timeout": 5, "tcp_user_timeout": int(SURE_FOR_S * 1000), **KEEPALIVE}
    return psycopg.connect(**{**parameters, **limits}, autocommit=True, prepare_threshold=None)


def is_pooled(store: Store, url: str, connection: "Connection[Any] | None" = None) -> bool:
    """Whether the URL leads to a pooler that gives a server connection away between two transactions."""
    if make_url(url).get_backend_name() == "sqlite":
        return False
    if connection is None:
        with connect_alone(store, url) as connection:
            return is_pooled(store, url, connection)
    with connect_alone(store, url) as other:
        first, second = (each.execute("SELECT pg_backend_pid()").fetchone() for each in (connection, other))
    return first == second
