"""uvicorn's HTTP protocol, with limits on request headers."""

import asyncio

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_WITHIN_S = 15.0
HEAD_LIMIT = 64 * 1024


class BoundedProtocol(HttpToolsProtocol):
    """Closes a connection whose request line and headers do not arrive in time, or are too large.

    Without this, uvicorn would wait forever and keep everything that arrives.
    """

    _late: asyncio.TimerHandle | None = None
    _incomplete = True
    _size = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Expect a head."""
        super().connection_made(transport)
        self._late = self.loop.call_later(HEAD_WITHIN_S, transport.close)

    def connection_lost(self, exc: Exception | None) -> None:
        """Expect nothing more."""
        super().connection_lost(exc)
        self._arrived()

    def data_received(self, data: bytes) -> None:
        """Pass on, and count what arrives of a head."""
        super().data_received(data)
        if not self._incomplete:
            self._arrived()
            return
        self._size += len(data)
        if self._size > HEAD_LIMIT:
            self.send_400_response("The headers of the request are too large.")
        elif self._late is None:
            self._late = self.loop.call_later(HEAD_WITHIN_S, self.transport.close)

    def on_message_begin(self) -> None:
        """Begin the next request."""
        self._incomplete = True
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Begin to answer."""
        self._incomplete = False
        super().on_headers_complete()

    def _arrived(self) -> None:
        self._size = 0
        if self._late is not None:
            self._late.cancel()
            self._late = None
