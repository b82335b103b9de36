"""Socket Mode: two connections, so that one listens while the other is renewed."""

import asyncio
import logging
from contextlib import suppress

from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp

log = logging.getLogger("foghorn.slack")
CONNECTIONS = 2  # of the 10 Slack allows an app; docs.slack.dev, "Using Socket Mode"
CLOSE_WITHIN_S = 5  # the SDK's close may never return


class Sockets:
    """Each payload comes to one of the connections."""

    def __init__(self, bolt: AsyncApp, app_token: str) -> None:
        self._handlers = [AsyncSocketModeHandler(bolt, app_token) for _number in range(CONNECTIONS)]

    async def open(self) -> None:
        """Connect; the SDK keeps the connections up from then on."""
        await asyncio.gather(*(handler.connect_async() for handler in self._handlers))  # type: ignore[no-untyped-call]

    async def close(self) -> None:
        """Disconnect, without waiting long."""
        for handler in self._handlers:
            with suppress(TimeoutError):
                await asyncio.wait_for(handler.close_async(), CLOSE_WITHIN_S)  # type: ignore[no-untyped-call]
