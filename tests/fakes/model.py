"""A local server that speaks the chat completions protocol of OpenAI-compatible endpoints.

Source: OpenAI's API reference, "Create chat completion": the request has `model` and `messages`, the answer holds the
words at `choices[0].message.content`.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web


class Model:
    """Answers what it is told to, and keeps what it was sent."""

    def __init__(self) -> None:
        self.url = ""
        self.asked: list[dict[str, Any]] = []
        self.keys: list[str] = []
        self.words: str | dict[str, Any] = {"facts": {}}
        self.status = 200
        self.raw: bytes | None = None
        self.meanwhile: Callable[[], object] = lambda: None
        self.silent = asyncio.Event()
        self.silent.set()

    async def complete(self, request: web.Request) -> web.Response:
        """Answer one request."""
        self.asked.append(await request.json())
        self.keys.append(request.headers.get("Authorization", ""))
        self.meanwhile()
        await self.silent.wait()
        if self.raw is not None:
            return web.Response(body=self.raw)
        content = self.words if isinstance(self.words, str) else json.dumps(self.words)
        return web.json_response(
            {"choices": [{"message": {"role": "assistant", "content": content}}]}, status=self.status
        )

    @property
    def sent(self) -> dict[str, Any]:
        """What the last request said of the incident."""
        data = json.loads(self.asked[-1]["messages"][1]["content"])
        assert isinstance(data, dict)
        return data


@asynccontextmanager
async def serving() -> AsyncIterator[Model]:
    """A model on a free port of the loopback address."""
    model = Model()
    app = web.Application()
    app.router.add_post("/v1/chat/completions", model.complete)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    model.url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
    try:
        yield model
    finally:
        model.silent.set()
        await runner.cleanup()
