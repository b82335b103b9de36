"""Brings the work of an outbox into an order that is rare otherwise."""

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar

from bot.ports import RunInThread

T = TypeVar("T")


class OneAfterAnother:
    """Runs work in threads; of what is claimed first, the others are planned after the first one is settled."""

    def __init__(self, in_thread: RunInThread) -> None:
        self._run = in_thread
        self._tasks: list[asyncio.Task[Any] | None] = []  # that which claims, then each delivery
        self._settled = asyncio.Event()

    async def __call__(self, work: Callable[[], T], /) -> T:
        task = asyncio.current_task()
        settles = self._tasks[1:2] == [task]
        if task not in self._tasks:
            self._tasks.append(task)
        if self._tasks.index(task) > 1:
            await self._settled.wait()
        done = await self._run(work)
        if settles:
            self._settled.set()
        return done
