"""Socket Mode: two connections, so that one listens while the other reconnects, and a watchdog for both.

Slack allows an app 10 connections, so more than five processes have fewer each, and more than ten leave some with none.

The SDK reconnects on its own. Connections that it gave up on, or that hang, are replaced. That includes those for which
the SDK has an address that has expired: it would try that one for ever.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic

from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp

from bot.errors import Busy
from bot.intake.leases import Share

log = logging.getLogger("foghorn.slack")
ALLOWED = 10  # connections of an app; docs.slack.dev, "Using Socket Mode"
CONNECTIONS = 2  # of a process
CLOSE_WITHIN_S = 5  # the SDK's close may never return
LOOK_EVERY_S = 2.0
PATIENCE_S = (15.0, 4.0, 8.0)
"""How long a connection may be down: at first, longer than the SDK needs to fix it, and after each replacement."""


@dataclass
class SocketConnection:
    """One connection: since when it has been down, and how often it was replaced since it was last up."""

    handler: AsyncSocketModeHandler
    connecting: asyncio.Task[None] | None = None
    down_since: float | None = None
    replaced: int = 0


class Sockets:
    """The connections; Slack sends each payload over one of them."""

    def __init__(
        self,
        bolt: AsyncApp,
        app_token: str,
        share: Callable[[], Awaitable[Share]],
        *,
        patience_s: Sequence[float] = PATIENCE_S,
        look_every_s: float = LOOK_EVERY_S,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._bolt = bolt
        self._app_token = app_token
        self._share, self._latest = share, Share(0, 1)
        self._patience_s = patience_s
        self._look_every_s = look_every_s
        self._clock = clock
        self._connections = [SocketConnection(self._new()) for _number in range(CONNECTIONS)]
        self.up = False

    async def open(self) -> None:
        """Start to connect; the SDK keeps trying."""
        await self._look()
        if self._latest.number * CONNECTIONS > ALLOWED:
            await asyncio.sleep(2 * self._look_every_s)  # until other processes have given up some of theirs
        await self._keep_to_share()
        if connecting := [each.connecting for each in self._connections if each.connecting is not None]:
            await asyncio.wait(connecting, timeout=self._look_every_s, return_when=asyncio.FIRST_COMPLETED)
        await self._check_all()

    async def watch(self) -> None:
        """Replace broken connections, and keep to what this process may have, forever."""
        while True:
            await asyncio.sleep(self._look_every_s)
            await self._look()
            await self._keep_to_share()
            await self._check_all()

    async def close(self) -> None:
        """Disconnect, with a short timeout."""
        self.up = False
        await asyncio.gather(*(_closed(connection) for connection in self._connections))

    async def _look(self) -> None:
        with suppress(Busy):
            self._latest = await self._share()

    async def _keep_to_share(self) -> None:
        """Connect or disconnect, so that this process has its share of the connections."""
        number = self._latest.of(ALLOWED, CONNECTIONS)
        for connection in self._connections[number:]:
            if connection.connecting is not None:
                await _closed(connection)
                connection.handler = self._new()
        for connection in self._connections[:number]:
            if connection.connecting is None:
                _connect(connection)

    async def _check_all(self) -> None:
        opened = [connection for connection in self._connections if connection.connecting is not None]
        up = [await self._check(connection) for connection in opened]
        self.up = any(up) or not opened  # without any, other processes listen

    async def _check(self, connection: SocketConnection) -> bool:
        """Whether it is up. Replaces a connection that has been down for too long."""
        if await connection.handler.client.is_connected():
            connection.down_since, connection.replaced = None, 0
            return True
        connection.down_since = connection.down_since or self._clock()
        patience_s = self._patience_s[min(connection.replaced, len(self._patience_s) - 1)]
        if self._clock() - connection.down_since > patience_s:
            log.warning("replacing a connection to Slack that does not respond")
            await _closed(connection)
            connection.handler = self._new()
            connection.down_since, connection.replaced = self._clock(), connection.replaced + 1
            _connect(connection)
        return False

    def _new(self) -> AsyncSocketModeHandler:
        return AsyncSocketModeHandler(self._bolt, self._app_token)


def _connect(connection: SocketConnection) -> None:
    """Begin to connect, which ends when it is connected."""
    connection.connecting = asyncio.create_task(connection.handler.connect_async())  # type: ignore[no-untyped-call]


async def _closed(connection: SocketConnection) -> None:
    connecting, connection.connecting = connection.connecting, None
    if connecting is not None:
        connecting.cancel()
        await asyncio.gather(connecting, return_exceptions=True)
    with suppress(TimeoutError):
        await asyncio.wait_for(connection.handler.close_async(), CLOSE_WITHIN_S)  # type: ignore[no-untyped-call]
