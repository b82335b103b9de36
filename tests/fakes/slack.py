"""Slack on this machine: Web API, Socket Mode, signed HTTP and response addresses, for the real SDK; and its people.

Stricter than Slack where Slack forgives, never more forgiving. Each behaviour names its page of docs.slack.dev.
"""

import asyncio
import hashlib
import hmac
import itertools
import json
import time
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import Enum
from typing import Any
from urllib.parse import urlencode

import aiohttp
from aiohttp import WSMsgType, web

from tests.fakes.slack_checks import PNG, RefusedError
from tests.fakes.slack_people import People, button_of, words_of
from tests.fakes.slack_workspace import TEAM, Json, Workspace
from tests.patience import fair, until, within

__all__ = ["Fails", "Json", "Slack", "button_of", "words_of"]

SIGNING_SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
ACK_WITHIN_S = 3.0  # docs.slack.dev, "Handling user interaction": acknowledgement


class Fails(Enum):
    """How the next call of a method fails."""

    RATE_LIMITED = "429 with Retry-After; nothing was done"
    SERVER_ERROR = "500 in words; nothing was done"
    NO_ANSWER = "the connection ends; nothing was done"
    ANSWER_LOST = "it was done, and the connection ends before the answer"
    SLOW = "it is done, and answered after `seconds`"


@dataclass
class Failure:
    """One planned failure."""

    how: Fails
    seconds: float = 1.0


class NotAcknowledgedError(AssertionError):
    """Slack would show "failed with the error dispatch_failed" or "operation_timeout"."""


@dataclass
class Socket:
    """One connection of an app in Socket Mode."""

    ws: web.WebSocketResponse
    acks: dict[str, "asyncio.Future[Json]"] = field(default_factory=dict)


class Slack(People, Workspace):
    """The server, and what people do in front of it. `clock` can be moved, so that triggers and addresses expire."""

    def __init__(self) -> None:
        self.skew = 0.0
        self.team = TEAM  # of the people; another one: they come through Slack Connect
        born = time.time() - fair()
        super().__init__(lambda: born + fair() + self.skew)
        self.url = ""
        self.events_url = ""  # set: payloads come over HTTP, signed; else over a socket
        self.sockets: list[Socket] = []
        self.links_away = False  # the host of the sockets does not answer
        self.expired: set[str] = set()  # tickets that were used meanwhile
        self.failures: dict[str, deque[Failure]] = {}
        self.unreliable: tuple[Fails, ...] = ()
        self.chance: Callable[[], bool] | None = None  # set: decides which call fails, instead of every second one
        self.delay_s = 0.0  # of each call of the Web API
        self.held: dict[str, asyncio.Event] = {}  # method -> what its next call waits for before anything is done
        self.ack_times_ms: list[float] = []
        self.failed = 0
        self._counted: dict[str, int] = {}
        self._turn = itertools.count()
        self._http: aiohttp.ClientSession | None = None

    # ---- the server

    @asynccontextmanager
    async def serving(self) -> AsyncIterator["Slack"]:
        """Listen on a free port of this machine."""
        app = web.Application()
        app.router.add_route("*", "/api/{method}", self._api)
        app.router.add_get("/link", self._link)
        app.router.add_post("/response/{number}", self._response)
        app.router.add_post("/upload/{file}", self._upload)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        self._http = aiohttp.ClientSession()
        try:
            yield self
        finally:
            await self._http.close()
            for socket in self.sockets:
                await socket.ws.close()
            await runner.cleanup()

    @property
    def api_url(self) -> str:
        """For SLACK_API_URL."""
        return f"{self.url}/api/"

    def fail(self, method: str, how: Fails, *, times: int = 1, seconds: float = 1.0) -> None:
        """Let the next calls of a method fail; `respond` stands for the response addresses."""
        self.failures.setdefault(method, deque()).extend([Failure(how, seconds)] * times)

    def _every_second(self, method: str) -> Failure | None:
        """While `unreliable` lasts, every second call of a method fails, or as `chance` has it; each time otherwise."""
        if not self.unreliable or method in ("auth.test", "apps.connections.open"):
            return None
        count = self._counted[method] = self._counted.get(method, 0) + 1
        if not (self.chance() if self.chance else count % 2):
            return None
        self.failed += 1
        return Failure(self.unreliable[count // 2 % len(self.unreliable)])

    async def _api(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        token, arguments = await _read(request)
        if self.delay_s:
            await asyncio.sleep(self.delay_s)
        if (held := self.held.pop(method, None)) is not None:
            await held.wait()
        return await self._answer(request, method, lambda: self.call(method, arguments, token))

    async def _response(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()

        def respond() -> Json:
            self.calls.append(("respond", body))
            self.respond(str(request.url), body)
            return {"ok": True}

        return await self._answer(request, "respond", respond, refused_status=404)

    async def _upload(self, request: web.Request) -> web.Response:
        """Source: docs.slack.dev, "Working with files": the bytes go to the address, by POST."""
        content = await request.read()
        found = self.files[request.match_info["file"]]
        if len(content) != found["length"]:
            return web.Response(status=400, text="length differs")
        found["content"] = f"PNG of {len(content)} bytes" if content.startswith(PNG) else content.decode()
        return web.Response(text=f"OK - {len(content)}")

    async def _answer(
        self, request: web.Request, method: str, act: Any, refused_status: int = 200
    ) -> web.StreamResponse:
        planned = self.failures.get(method)
        failure = planned.popleft() if planned else self._every_second(method)
        if failure is not None and failure.how is Fails.RATE_LIMITED:  # docs.slack.dev, "Rate limits"
            return web.json_response(
                {"ok": False, "error": "ratelimited"}, status=429, headers={"Retry-After": str(int(failure.seconds))}
            )
        if failure is not None and failure.how is Fails.SERVER_ERROR:
            return web.Response(status=500, text="Internal Server Error")
        if failure is not None and failure.how is Fails.NO_ANSWER:
            return _hang_up(request)
        try:
            answer = act()
        except RefusedError as refused:  # docs.slack.dev, "Using the Web API": errors come with status 200
            said = {"ok": False, "error": refused.error, "response_metadata": {"messages": list(refused.details)}}
            if refused.error == "ratelimited":
                after = {"Retry-After": str(refused.more["retry_after"])}
                return web.json_response({"ok": False, "error": "ratelimited"}, status=429, headers=after)
            return web.json_response(said | refused.more, status=refused_status)
        if failure is not None and failure.how is Fails.ANSWER_LOST:
            return _hang_up(request)
        if failure is not None:
            await asyncio.sleep(failure.seconds)
        granted = self.scopes if self.scopes is not None else set()
        return web.json_response(answer, headers={"x-oauth-scopes": ",".join(sorted(granted))})

    def do_apps_connections_open(self, _arguments: Json) -> Json:
        return {"url": f"{self.url.replace('http', 'ws', 1)}/link?ticket={self.new_id('')}&app_id=A0FOGHORN"}

    async def _link(self, request: web.Request) -> web.StreamResponse:
        """Source: docs.slack.dev, "Using Socket Mode": hello, envelopes, acknowledgements, disconnect."""
        ticket = request.query["ticket"]
        if self.links_away:
            self.expired.add(ticket)
            return web.Response(status=503)
        if ticket in self.expired:
            return web.Response(status=404)
        ws = web.WebSocketResponse()
        await ws.prepare(request)
        socket = Socket(ws)
        self.sockets.append(socket)
        hello = {"type": "hello", "num_connections": len(self.sockets), "connection_info": {"app_id": "A0FOGHORN"},
                 "debug_info": {"host": "applink-fake", "approximate_connection_time": 18060}}  # fmt: skip
        await ws.send_json(hello)
        async for message in ws:
            if message.type is WSMsgType.TEXT:
                ack = json.loads(message.data)
                waiting = next((s.acks[ack["envelope_id"]] for s in self.sockets if ack["envelope_id"] in s.acks), None)
                if waiting is not None and not waiting.done():
                    waiting.set_result(ack.get("payload") or {})
        self.sockets.remove(socket)
        return ws

    async def refresh(self, number: int = 0) -> None:
        """Slack asks an app to open a new connection; the old one ends soon after."""
        await self.sockets[number].ws.send_json({"type": "disconnect", "reason": "refresh_requested"})

    def drop(self, number: int = 0) -> None:
        """A connection breaks without a word."""
        transport = self.sockets[number].ws._req.transport  # type: ignore[union-attr]
        assert transport is not None
        transport.abort()

    async def connected(self, count: int = 1) -> None:
        """Wait until the app has its sockets."""
        await until(lambda: len(self.sockets) >= count)

    # ---- delivery to the app

    async def _deliver(self, kind: str, payload: Json) -> Json:
        start = time.perf_counter()
        try:
            way = self._over_http(payload) if self.events_url else self._over_socket(kind, payload)
            ack = await within(ACK_WITHIN_S, way)
        except TimeoutError:
            raise NotAcknowledgedError("no acknowledgement within 3 seconds") from None
        self.ack_times_ms.append((time.perf_counter() - start) * 1000)
        return ack

    async def _over_socket(self, kind: str, payload: Json) -> Json:
        """To one of the connections. Source: docs.slack.dev, "Using Socket Mode"."""
        envelope = self.new_id("envelope-")
        socket = self.sockets[next(self._turn) % len(self.sockets)]
        socket.acks[envelope] = asyncio.get_running_loop().create_future()
        await socket.ws.send_json(
            {"type": kind, "envelope_id": envelope, "payload": payload, "accepts_response_payload": True}
        )
        return await socket.acks[envelope]

    async def _over_http(self, payload: Json) -> Json:
        if payload["type"] == "event_callback" if "type" in payload else False:
            status, text = await self.post_events(json.dumps(payload), content_type="application/json")
        else:
            body = urlencode(payload if "command" in payload else {"payload": json.dumps(payload)})
            status, text = await self.post_events(body)
        if status != 200:
            raise NotAcknowledgedError(f"answered {status}: {text}")
        return json.loads(text) if text.startswith("{") else ({"text": text} if text else {})

    async def post_events(
        self,
        body: str,
        *,
        age_s: float = 0,
        secret: str = SIGNING_SECRET,
        content_type: str = "application/x-www-form-urlencoded",
    ) -> tuple[int, str]:
        """A signed request. Source: docs.slack.dev, "Verifying requests from Slack"."""
        timestamp = str(int(time.time() - age_s))
        signature = hmac.new(secret.encode(), f"v0:{timestamp}:{body}".encode(), hashlib.sha256).hexdigest()
        headers = {
            "X-Slack-Request-Timestamp": timestamp,
            "X-Slack-Signature": f"v0={signature}",
            "Content-Type": content_type,
        }
        assert self._http is not None
        async with self._http.post(self.events_url, data=body, headers=headers) as response:
            return response.status, await response.text()


async def _read(request: web.Request) -> tuple[str, Json]:
    """Token and arguments: JSON, a form or the query. Source: docs.slack.dev, "Using the Web API"."""
    token = request.headers.get("Authorization", "").removeprefix("Bearer ")
    arguments: Json = dict(request.query)
    if request.content_type == "application/json":
        arguments |= await request.json()
    elif request.method == "POST":
        arguments |= dict(await request.post())
    for name in ("blocks", "view", "metadata", "files"):
        if isinstance(arguments.get(name), str):
            arguments[name] = json.loads(arguments[name])
    return arguments.pop("token", token) or token, arguments


def _hang_up(request: web.Request) -> web.StreamResponse:
    assert request.transport is not None
    request.transport.abort()
    return web.Response()
