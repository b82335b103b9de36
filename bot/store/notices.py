"""How processes on one PostgreSQL database tell each other what they did: NOTIFY, and a connection that listens.

Notices are hints: who was away missed them, and has to read everything again.
"""

import asyncio
import json
import logging
from collections.abc import AsyncGenerator, Mapping
from typing import Any

from sqlalchemy import Connection, make_url, text

log = logging.getLogger("foghorn.store")
CHANNEL = "foghorn"
LONGEST = 7_000  # bytes; postgresql.org, "NOTIFY": a payload must be shorter than 8,000 bytes
TRY_AGAIN_S = (0.2, 0.5, 1.0, 2.0, 5.0)
KEPT_ALIVE = {"keepalives_idle": 5, "keepalives_interval": 5, "keepalives_count": 3, "tcp_user_timeout": 20_000}
"""So that a connection is given up when the other host vanished; postgresql.org, "Parameter Key Words"."""
Notice = Mapping[str, Any]


def send(connection: Connection, notice: Notice) -> bool:
    """Send a notice with the commit of this connection's transaction. False: it is too long, and nothing is sent."""
    words = json.dumps(notice, separators=(",", ":"))
    if len(words) > LONGEST:
        return False
    connection.execute(text("SELECT pg_notify(:channel, :words)"), {"channel": CHANNEL, "words": words})
    return True


async def listen(url: str) -> AsyncGenerator[Notice | None, None]:
    """Notices as they come, for ever. None: the connection is new, so whatever was sent before may have been missed."""
    import psycopg  # only with PostgreSQL

    place = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    address = psycopg.conninfo.make_conninfo(place, connect_timeout=5, **KEPT_ALIVE)
    tries = 0
    while True:
        try:
            connection = await psycopg.AsyncConnection.connect(address, autocommit=True)
            async with connection:
                await connection.execute(f"LISTEN {CHANNEL}")
                tries = 0
                yield None
                async for notice in connection.notifies():
                    yield json.loads(notice.payload)
        except psycopg.Error as problem:
            log.warning("changes of other processes are not heard: %s", str(problem).strip())
        await asyncio.sleep(TRY_AGAIN_S[min(tries, len(TRY_AGAIN_S) - 1)])
        tries += 1
