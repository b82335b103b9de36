"""Stores commands before they are acknowledged, so that none is lost and none runs twice."""

import asyncio
import logging
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Condition, Thread

from bot.errors import Busy
from bot.ports import ProcessId
from bot.store import inbox
from bot.store.transaction import Store, Transaction

log = logging.getLogger("foghorn.inbox")
BUDGET_S = 1.0  # of the 3 s within which chat platforms expect an acknowledgement
GRACE_S = 0.4  # for a commit that has started by then
LEFT_OVER_AFTER = timedelta(seconds=60)  # anything newer is still in progress, unless its process died
HANDLE_LASTS = timedelta(minutes=30)  # answer handles are secrets, and platforms have dropped them by then


@dataclass(frozen=True)
class Left:
    """A command that was accepted but not run because the process died."""

    key: str
    payload: str
    handle: str
    received_at: datetime


@dataclass(frozen=True)
class _Entry:
    """One row to write, or to mark as done if there is no payload; `done` tells whether it is new."""

    key: str
    payload: str = ""
    handle: str = ""
    done: "Future[bool]" = field(default_factory=Future)


class Inbox:
    """Writes waiting rows together in one commit, in a thread of the inbox."""

    def __init__(self, store: Store, *, process: ProcessId = lambda: None, budget_s: float = BUDGET_S) -> None:
        self._store = store
        self._process = process
        self._budget_s = budget_s
        self._waiting: list[_Entry] = []
        self._unsettled: list[
            _Entry
        ] = []  # rows that failed while the database was away; the next commit includes them
        self._changed = Condition()
        self._closed = False
        self._thread = Thread(target=self._run, name="inbox", daemon=True)
        self._thread.start()

    async def accept(self, key: str, *, payload: str, handle: str = "") -> bool:
        """Store a command; False if it was accepted before. Raises Busy if it could not be stored."""
        entry = _Entry(key, payload, handle)
        self._add(entry)
        try:
            return await _outcome(entry, self._budget_s)
        except TimeoutError:
            if entry.done.cancel():
                raise Busy from None
        try:
            return await _outcome(entry, GRACE_S)
        except TimeoutError:  # the person is told that nothing was done, so nothing must be
            entry.done.add_done_callback(lambda _done: self.settle(key))
            raise Busy from None

    def settle(self, key: str) -> None:
        """Mark a command that changed nothing as done, without waiting for the database."""
        self._add(_Entry(key))

    def left_over(self) -> list[Left]:
        """Take over what a process that died left behind. Commands too old to be answered are dropped. Raises Busy."""
        process = self._process() or ""
        with self._store.read() as tx:
            if not inbox.left(tx, process, tx.real() - LEFT_OVER_AFTER):
                return []
        with self._store.write() as tx:
            rows = inbox.left(tx, process, tx.real() - LEFT_OVER_AFTER, lock=True)
            for row in rows:
                row.process = process
                tx.session.add(row)
            found = [Left(row.key, row.payload, row.handle, row.received_at) for row in rows]
            oldest = tx.real() - HANDLE_LASTS
        for left in found:
            if left.received_at < oldest or not left.payload:
                self.settle(left.key)
        return [left for left in found if left.received_at >= oldest and left.payload]

    def close(self) -> None:
        """Write what is waiting, then stop."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        self._thread.join()

    def _add(self, entry: _Entry) -> None:
        with self._changed:
            if self._closed:
                raise Busy
            self._waiting.append(entry)
            self._changed.notify()

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._closed)
                if not self._waiting:
                    return
            self._write()

    def _write(self) -> None:
        """Write all waiting rows in one commit. Rows are taken only now, so one that was given up is not written."""
        taken: list[_Entry] = []
        try:
            with self._store.write(urgent=True) as tx:
                taken = self._take()
                new = _write_rows(tx, taken, self._process() or "")
        except Exception as problem:
            if not isinstance(problem, Busy):
                log.exception("the inbox could not be written")
            failed = taken or self._take()
            self._unsettled += [entry for entry in failed if not entry.payload]
            for entry in failed:
                entry.done.set_exception(Busy())
            return
        for entry in taken:
            entry.done.set_result(entry.key in new)
            new.discard(entry.key)  # another entry with this key is a repetition

    def _take(self) -> list[_Entry]:
        with self._changed:
            entries, self._waiting = self._waiting, []
        again = [_Entry(entry.key) for entry in self._unsettled]
        self._unsettled = []
        return [entry for entry in (*again, *entries) if entry.done.set_running_or_notify_cancel()]


async def _outcome(entry: _Entry, budget_s: float) -> bool:
    return await asyncio.wait_for(asyncio.shield(asyncio.wrap_future(entry.done)), budget_s)


def _write_rows(tx: Transaction, entries: Sequence[_Entry], process: str) -> set[str]:
    """The keys that are new."""
    if settled := [entry.key for entry in entries if not entry.payload]:
        inbox.settle(tx, settled)
    commands = [entry for entry in entries if entry.payload]
    rows = [{"key": each.key, "payload": each.payload, "handle": each.handle, "process": process} for each in commands]
    return inbox.accept_all(tx, rows) if rows else set()
