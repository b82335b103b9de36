"""A pooler in transaction mode before PostgreSQL: all clients share one server connection, one transaction at a time.

Source: postgresql.org, "Frontend/Backend Protocol": message formats, start-up, and extended query.
"""

import asyncio
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import psycopg

ENCRYPTION = {80877103, 80877104}  # requests for SSL or GSSAPI: refused with one byte
ENDS_TURN = {b"Q", b"S"}  # a simple query, or Sync
TERMINATE, READY = b"X", b"Z"
Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Pooler:
    """One server connection, opened by the first client. What it said then is repeated to the others."""

    def __init__(self, url: str) -> None:
        self._address = psycopg.conninfo.conninfo_to_dict(url)
        self._server: Streams | None = None
        self._greeting = b""
        self._turn = asyncio.Lock()

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[str]:
        """The URL of the same database through the pooler."""
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        try:
            yield f"postgresql://{self._address['user']}@127.0.0.1:{port}/{self._address['dbname']}"
        finally:
            server.close()
            if self._server is not None:
                self._server[1].close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            await self._greet(reader, writer)
            while True:
                await self._take_turn(reader, writer)
        writer.close()

    async def _greet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            length = await reader.readexactly(4)
            start = await reader.readexactly(struct.unpack("!i", length)[0] - 4)
            if struct.unpack("!i", start[:4])[0] not in ENCRYPTION:
                break
            writer.write(b"N")
        async with self._turn:
            if self._server is None:
                self._server = await self._connect()
                self._server[1].write(length + start)
                self._greeting = await self._until_ready()
        writer.write(self._greeting)

    async def _connect(self) -> Streams:
        host, port = str(self._address["host"]), self._address.get("port") or 5432
        if host.startswith("/"):
            return await asyncio.open_unix_connection(f"{host}/.s.PGSQL.{port}")
        return await asyncio.open_connection(host, int(port))

    async def _take_turn(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked, kind = b"", b""
        while kind not in ENDS_TURN:
            kind, message = await _message(reader)
            if kind == TERMINATE:
                raise ConnectionError
            asked += message
        assert self._server is not None
        async with self._turn:
            self._server[1].write(asked)
            writer.write(await self._until_ready())

    async def _until_ready(self) -> bytes:
        said, kind = b"", b""
        assert self._server is not None
        while kind != READY:
            kind, message = await _message(self._server[0])
            said += message
        return said


async def _message(reader: asyncio.StreamReader) -> tuple[bytes, bytes]:
    """The kind of the next message, and all of it."""
    head = await reader.readexactly(5)
    return head[:1], head + await reader.readexactly(struct.unpack("!i", head[1:])[0] - 4)
