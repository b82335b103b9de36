"""Every second, the clock asks the tables what is due. Nothing is scheduled in memory."""

import asyncio
import contextlib
import logging
import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta

from apscheduler.job import Job
from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.actions.app_context import AppContext
from bot.changes import ChangeFeed
from bot.clock import STEP_S, Clock, ahead_s, elapsed_s, utc_now
from bot.errors import Busy
from bot.ports import Messenger, ProcessId, RunInThread, SharesLimits
from bot.store import inbox, links, people
from bot.store.transaction import Store
from bot.worker.aside import set_aside_unreadable
from bot.worker.late_updates import tell_late_updates
from bot.worker.nudges import send_due_nudges
from bot.worker.outbox import Outbox

log = logging.getLogger("foghorn.worker")
TICK_S = 1
CLEANUP_EVERY = timedelta(minutes=1)
HANDLES_LAST = timedelta(minutes=30)  # answer handles are secrets
ROWS_LAST = timedelta(days=1)  # no platform repeats a request after that


class Worker:
    """Reminders, deliveries, and cleanup of one process. Every process may run them.

    `clock` counts elapsed time for leases and retries; incidents use the store's. `on_tick` is called at each tick.
    `cleanup` runs at the start and every minute, for example to run commands that a dead process left. `workers` says
    how many processes send.
    """

    def __init__(
        self,
        store: Store,
        app: AppContext,
        in_thread: RunInThread,
        messengers: Mapping[str, Messenger],
        changes: ChangeFeed,
        clock: Clock = utc_now,
        cleanup: Sequence[Callable[[], Awaitable[None]]] = (),
        on_tick: Callable[[], None] = lambda: None,
        process: ProcessId | None = None,
        workers: Callable[[], int] = lambda: 1,
    ) -> None:
        self._store = store
        self._app = app
        self._in_thread = in_thread
        self._changes = changes
        self._clock = clock
        self._cleanup = cleanup
        self._on_tick = on_tick
        self._sharing = [each for each in messengers.values() if isinstance(each, SharesLimits)]
        self._workers = workers
        self._outbox = Outbox(store, app, messengers, in_thread, clock=clock, process=process)
        self._scheduler: AsyncIOScheduler | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._ticking = asyncio.Lock()
        self._cleaned_at: datetime | None = None
        self._ticked_s: float | None = None
        self._failed: dict[str, str] = {}

    async def start(self) -> None:
        """Start ticking, and send whenever something is committed."""
        self._share_limits()
        self._scheduler = AsyncIOScheduler(jobstores={"default": MemoryJobStore()}, timezone="UTC")
        job = self._scheduler.add_job(
            self.tick, "interval", seconds=TICK_S, coalesce=True, max_instances=1, misfire_grace_time=None
        )
        self._scheduler.start()
        self._tasks = [asyncio.create_task(work) for work in (self._outbox.run(), self._listen(), _watch(job))]

    async def stop(self, deadline_s: float = 4.0) -> None:
        """Claim nothing more and let deliveries in progress finish; after the deadline, their leases decide.

        APScheduler cancels running jobs on shutdown, so it is only paused until ours are done.
        """
        if self._scheduler is None:
            return
        self._scheduler.pause()
        self._outbox.stop()
        sending, *others = self._tasks
        for task in others:
            task.cancel()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(deadline_s):
                async with self._ticking:
                    pass
                await asyncio.shield(sending)
        sending.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._scheduler.shutdown(wait=False)
        self._scheduler = None

    async def tick(self) -> None:
        """Send due reminders, wake the outbox, and clean up once a minute. No step that fails stops the others."""
        steps: Mapping[str, Callable[[], Awaitable[object]]] = {
            "keeping time": lambda: self._in_thread(self._on_tick),
            "reminders": lambda: self._in_thread(lambda: send_due_nudges(self._store, self._app)),
            "late updates": lambda: self._in_thread(lambda: tell_late_updates(self._store, self._app, self._clock())),
            "cleaning up": self._clean_up,
        }
        async with self._ticking:
            failed: dict[str, str] = {}
            for name, work in steps.items():
                try:
                    await work()
                except Busy as busy:
                    failed["scheduled work"] = f"waits for the database: {busy.why}"
                    if failed != self._failed:
                        log.warning("scheduled work waits for the database: %s", busy.why)
                    break
                except Exception:
                    failed[name] = self._failed.get(name) or self._told_in_log(name)
            if self._failed and not failed:
                log.info("scheduled work goes on")
            self._failed = failed
            self._share_limits()
            self._outbox.wake()
            self._ticked_s = elapsed_s()

    def _share_limits(self) -> None:
        for messenger in self._sharing:
            messenger.share_limits(self._workers())

    def _told_in_log(self, name: str) -> str:
        """Log why a step fails, once for as long as it fails; the words for health checks name the code."""
        code = secrets.token_hex(3)
        log.exception("%s failed, code %s", name, code)
        return f"failed (code {code}; the log of Foghorn says why)"

    @property
    def failing(self) -> str:
        """What failed in the last tick, or in the last attempt to claim deliveries; empty if nothing did."""
        return "; ".join(f"{name} {why}" for name, why in self._failed.items()) or self._outbox.failing

    def tick_age_s(self) -> float | None:
        """Seconds since the last tick, independent of the wall clock; None before the first one."""
        return None if self._ticked_s is None else elapsed_s() - self._ticked_s

    async def drain(self) -> None:
        """Send everything that is due, and return when that is done."""
        await self._outbox.drain()

    async def _listen(self) -> None:
        """A commit wakes the outbox at once; ticks find what was missed."""
        async with self._changes.listen() as changes:
            while True:
                await changes.get()
                self._outbox.wake()

    async def _clean_up(self) -> None:
        now = self._clock()
        if self._cleaned_at is not None and now - self._cleaned_at < CLEANUP_EVERY:
            return
        self._cleaned_at = now
        await self._in_thread(self._delete_expired)
        await self._in_thread(lambda: set_aside_unreadable(self._store))
        await self._in_thread(self._store.clear_journal)
        for job in self._cleanup:
            await job()

    def _delete_expired(self) -> None:
        """Delete expired sign-in links, old answer handles, and commands that ran long ago."""
        with self._store.write() as tx:
            people.forget_sign_ins(tx, tx.now)
            links.forget(tx, codes_before=tx.now, tries_before=tx.now - ROWS_LAST)
            inbox.forget(tx, handles_before=tx.real() - HANDLES_LAST, rows_before=tx.real() - ROWS_LAST)


async def _watch(job: Job) -> None:
    """APScheduler uses the wall clock and would wait if that was set back, so the job runs now."""
    ahead = ahead_s(utc_now, elapsed_s)
    while True:
        await asyncio.sleep(TICK_S)
        before, ahead = ahead, ahead_s(utc_now, elapsed_s)
        if abs(ahead - before) > STEP_S:
            log.warning("this machine's clock was changed by %+.0f s; ticks continue", ahead - before)
            job.modify(next_run_time=utc_now())
