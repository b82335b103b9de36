"""A Foghorn in a process of its own, as `foghorn run` composes it, on a clock that can be moved while it runs."""

import asyncio
import multiprocessing
import os
import signal
from collections.abc import Mapping
from datetime import timedelta
from multiprocessing.synchronize import Event
from typing import Any

from bot.clock import utc_now
from bot.main import compose
from tests.reference import ORGANISATION_MODEL, SETTINGS

PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["tests.chaos.life", "tests.chaos.story"])


def live(environment: Mapping[str, str], organisation: Mapping[str, Any], ahead: Any, ready: Event) -> None:
    """Run until SIGTERM. `ahead.value` is by how many seconds the incidents' clock is ahead of the machine's."""
    os.environ.update(environment)
    asyncio.run(_live(environment, organisation, ahead, ready))


async def _live(environment: Mapping[str, str], organisation: Mapping[str, Any], ahead: Any, ready: Event) -> None:
    stopped = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopped.set)
    settings = SETTINGS(**{name: value for name, value in environment.items() if not name.startswith("HOOK_")})
    foghorn = compose(
        settings,
        ORGANISATION_MODEL.model_validate(organisation),
        clock=lambda: utc_now() + timedelta(seconds=ahead.value),
    )
    await foghorn.start()
    ready.set()
    await stopped.wait()
    await foghorn.stop()


class Life:
    """One such process after another."""

    def __init__(self, environment: Mapping[str, str], organisation: Mapping[str, Any], ahead: Any) -> None:
        self._environment, self._organisation, self._ahead = environment, organisation, ahead
        self.ready = PROCESSES.Event()
        self._process: Any = None
        self._wanted = False

    def begin(self) -> None:
        """Start the next one."""
        self.ready.clear()
        told = (self._environment, self._organisation, self._ahead, self.ready)
        self._process = PROCESSES.Process(target=live, args=told, daemon=True)
        self._process.start()
        self._wanted = True

    def supervise(self) -> None:
        """Start the next one if this one ended by itself, as systemd does."""
        if self._wanted and not self._process.is_alive():
            self.begin()

    def freeze(self) -> None:
        """It does nothing, and does not know it."""
        os.kill(self._process.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """It goes on."""
        os.kill(self._process.pid, signal.SIGCONT)

    def kill(self) -> None:
        """Without a word."""
        self._wanted = False
        self._process.kill()
        self._process.join()

    def end(self) -> None:
        """As a stop does; after a while without a word."""
        self._wanted = False
        self._process.terminate()
        self._process.join(20)
        if self._process.is_alive():
            self.kill()
