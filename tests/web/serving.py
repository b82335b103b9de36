"""An application on a real port, served as `foghorn run` does."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from starlette.types import ASGIApp

from bot.main import server_config


@contextmanager
def serving(app: ASGIApp) -> Iterator[str]:
    """Its address, while the block lasts."""
    with socket.create_server(("127.0.0.1", 0), backlog=1024) as listening:
        server = uvicorn.Server(server_config(app))
        ready = threading.Event()

        async def serve() -> None:
            asyncio.get_running_loop().call_soon(ready.set)
            await server.serve([listening])

        thread = threading.Thread(target=lambda: asyncio.run(serve()))
        thread.start()
        assert ready.wait(10)
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()
