"""Settles deliveries that arrived at about the same time together: a commit takes as long for many as for one."""

import asyncio
from collections.abc import Callable, Sequence

from bot.actions.app_context import AppContext
from bot.errors import Busy
from bot.ports import RunInThread
from bot.store.transaction import Store
from bot.worker.settle import Result, settle, settle_bulk

GATHER_S = 0.01
"""How long the first one that arrives waits for others that are being sent: its commit would cost as much as theirs."""
Waiting = tuple[Result, "asyncio.Future[bool]"]


class Settling:
    """While one transaction runs, whatever arrives waits for the next one. `sending` counts the bulk deliveries."""

    def __init__(self, store: Store, app: AppContext, in_thread: RunInThread, sending: Callable[[], int]) -> None:
        self._store = store
        self._app = app
        self._in_thread = in_thread
        self._sending = sending
        self._waiting: list[Waiting] = []
        self._running = False

    async def settle(self, result: Result) -> bool:
        """As `bot.worker.settle.settle` does, which this may raise the errors of."""
        if not result.is_bulk:
            return await self._in_thread(lambda: settle(self._store, self._app, result))
        settled: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting.append((result, settled))
        if not self._running:
            self._running = True
            try:
                while self._waiting:
                    if self._sending() > len(self._waiting):
                        await asyncio.sleep(GATHER_S)
                    taken, self._waiting = self._waiting, []
                    await self._settle(taken)
            finally:
                self._running = False
        return await settled

    async def _settle(self, taken: Sequence[Waiting]) -> None:
        """All together; if that fails, one after another, so that the one that cannot be settled stops no other."""
        results = [result for result, _settled in taken]
        try:
            ours = await self._in_thread(lambda: settle_bulk(self._store, self._app, results))
        except Busy as busy:
            for _result, settled in taken:
                settled.set_exception(busy)
        except Exception:
            for result, settled in taken:
                await self._settle_alone(result, settled)
        else:
            for (_result, settled), is_ours in zip(taken, ours, strict=True):
                settled.set_result(is_ours)

    async def _settle_alone(self, result: Result, settled: "asyncio.Future[bool]") -> None:
        try:
            settled.set_result(await self._in_thread(lambda: settle(self._store, self._app, result)))
        except Exception as problem:
            settled.set_exception(problem)
