"""Waiting on a machine that others use too.

What a platform gives us (3 seconds for an acknowledgement) is counted in `fair` seconds: without the time in which our
threads wanted a processor and had none. What only must become true at some time is waited for generously: the wait
ends with the event, so that only a failing test takes long.
"""

import asyncio
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")
LONG_S = 60.0
STEP_S = 0.005


def fair() -> float:
    """Seconds since some moment, without those in which our threads waited for a processor; not on Linux: all.

    Source: docs.kernel.org, "Scheduler Statistics", /proc/<pid>/schedstat: the second figure is the time spent waiting
    on a run queue, in nanoseconds.
    """
    return time.monotonic() - _waited_s()


def _waited_s() -> float:
    waited = 0
    for task in Path("/proc/self/task").glob("*/schedstat"):
        try:
            waited += int(task.read_text().split()[1])
        except (OSError, IndexError, ValueError):  # the thread has ended
            continue
    return waited / 1e9


def stretched(seconds: float) -> float:
    """So many seconds, more where others want the machine too: for other processes, whose waiting we cannot see."""
    return seconds * max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))


async def until(what: Callable[[], T], within_s: float = LONG_S) -> T:
    """What becomes true: work goes on in other tasks and threads."""
    start, began = fair(), time.monotonic()
    while not (found := what()):
        if time.monotonic() - began > within_s and fair() - start > within_s:
            raise TimeoutError(f"nothing within {within_s:g} seconds")
        await asyncio.sleep(STEP_S)
    return found


async def within(seconds: float, awaited: Any) -> Any:
    """The outcome of a future or coroutine. Raises TimeoutError when so many fair seconds have passed."""
    task = asyncio.ensure_future(awaited)
    start = fair()
    while (left := seconds - (fair() - start)) > 0:
        done, _ = await asyncio.wait({task}, timeout=max(left, STEP_S))
        if done:
            return task.result()
    task.cancel()
    raise TimeoutError(f"not within {seconds:g} seconds")
