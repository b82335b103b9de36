"""The console of a world on a real port, for browsers and streams."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from bot.domain.organisation import Organisation
from tests.harness import CROWD
from tests.platforms.console.world import World


@contextmanager
def served(url: str, organisation: Organisation = CROWD) -> Iterator[World]:
    """A world that answers at `world.base` while the block lasts; its streams end before the server does."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port = listening.getsockname()[1]
        with World(url, organisation, base=f"http://127.0.0.1:{port}") as world:
            server = uvicorn.Server(uvicorn.Config(world.app, log_config=None, lifespan="off", ws="none"))
            ready = threading.Event()
            loops: list[asyncio.AbstractEventLoop] = []

            async def serve() -> None:
                loops.append(asyncio.get_running_loop())
                world.changes.start()
                ready.set()
                await server.serve([listening])

            listening.listen(64)
            thread = threading.Thread(target=lambda: asyncio.run(serve()))
            thread.start()
            assert ready.wait(10)
            try:
                yield world
            finally:
                loops[0].call_soon_threadsafe(world.closing.set)
                server.should_exit = True
                thread.join(10)
