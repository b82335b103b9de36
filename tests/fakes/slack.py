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
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import Enum
from typing import Any
from urllib.parse import urlencode

import aiohttp
from aiohttp import WSMsgType, web

from tests.fakes.slack_checks import RefusedError, check_message, check_view
from tests.fakes.slack_workspace import TEAM, Address, Channel, Json, Workspace

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


class Slack(Workspace):
    """The server, and what people do in front of it. `clock` can be moved, so that triggers and addresses expire."""

    def __init__(self) -> None:
        self.skew = 0.0
        self.team = TEAM  # of the people; another one: they come through Slack Connect
        super().__init__(lambda: time.time() + self.skew)
        self.url = ""
        self.events_url = ""  # set: payloads come over HTTP, signed; else over a socket
        self.sockets: list[Socket] = []
        self.failures: dict[str, deque[Failure]] = {}
        self.ack_times_ms: list[float] = []
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

    async def _api(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        token, arguments = await _read(request)
        return await self._answer(request, method, lambda: self.call(method, arguments, token))

    async def _response(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()

        def respond() -> Json:
            self.calls.append(("respond", body))
            self.respond(str(request.url), body)
            return {"ok": True}

        return await self._answer(request, "respond", respond, refused_status=404)

    async def _answer(
        self, request: web.Request, method: str, act: Any, refused_status: int = 200
    ) -> web.StreamResponse:
        planned = self.failures.get(method)
        failure = planned.popleft() if planned else None
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
            return web.json_response(said | refused.more, status=refused_status)
        if failure is not None and failure.how is Fails.ANSWER_LOST:
            return _hang_up(request)
        if failure is not None:
            await asyncio.sleep(failure.seconds)
        return web.json_response(answer)

    def do_apps_connections_open(self, _arguments: Json) -> Json:
        return {"url": f"{self.url.replace('http', 'ws', 1)}/link?ticket={self.new_id('')}&app_id=A0FOGHORN"}

    async def _link(self, request: web.Request) -> web.WebSocketResponse:
        """Source: docs.slack.dev, "Using Socket Mode": hello, envelopes, acknowledgements, disconnect."""
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
        async with asyncio.timeout(5):
            while len(self.sockets) < count:
                await asyncio.sleep(0.005)

    # ---- people

    async def types(self, user: str, channel: str, line: str, *, trigger: str = "") -> Json:
        """A slash command; the acknowledgement. A repeated `trigger` is a delivery that came twice."""
        command, _, text = line.partition(" ")
        payload = {
            "token": "verification", "team_id": self.team, "team_domain": "example", "channel_id": channel,
            "channel_name": self.channels[channel].name, "user_id": user, "user_name": self.users[user],
            "command": command, "text": text, "api_app_id": "A0FOGHORN", "is_enterprise_install": "false",
            "response_url": self._address(user, channel), "trigger_id": trigger or self.new_trigger(user),
        }  # fmt: skip
        ack = await self._deliver("slash_commands", payload)
        if ack.get("text") or ack.get("blocks"):
            check_message(ack)
            self.show_privately(user, channel, ack)
        return ack

    async def clicks(self, user: str, message: Json, action_id: str, *, trigger: str = "") -> Json:
        """A button of a message, named by the start of its action id; the acknowledgement."""
        button = button_of(message, action_id)
        channel = message.get("channel") or self._channel_of(message).id
        payload = {
            "type": "block_actions", "team": {"id": self.team, "domain": "example"}, "api_app_id": "A0FOGHORN",
            "user": {"id": user, "username": self.users[user], "name": self.users[user], "team_id": self.team},
            "container": {"type": "message", "message_ts": message.get("ts", ""), "channel_id": channel,
                          "is_ephemeral": "ts" not in message},
            "trigger_id": trigger or self.new_trigger(user), "channel": {"id": channel, "name": "name"},
            "response_url": self._address(user, channel, message), "message": message,
            "actions": [{"type": "button", "block_id": "b", "action_ts": self.new_ts(),
                         **{name: button[name] for name in ("action_id", "text", "value", "style") if name in button}}],
        }  # fmt: skip
        return await self._deliver("interactive", payload)

    async def submits(self, user: str, view: Json, values: dict[str, str | list[str]]) -> Json:
        """A form, filled in: by field, over what it started from. The acknowledgement, after Slack did what it says."""
        view["state"] = {"values": dict(_filled(view, values))}
        payload = {
            "type": "view_submission", "team": {"id": self.team, "domain": "example"}, "api_app_id": "A0FOGHORN",
            "user": {"id": user, "username": self.users[user], "name": self.users[user], "team_id": self.team},
            "trigger_id": self.new_trigger(user), "view": view, "response_urls": [], "is_enterprise_install": False,
        }  # fmt: skip
        ack = await self._deliver("interactive", payload)
        self._after_submission(user, view, ack)
        return ack

    def messages(self, channel: str) -> list[Json]:
        """What stands in a channel or in a person's direct message, oldest first."""
        found = self.channels.get(channel) or self.channels.get("D" + channel)
        return found.messages if found else []

    def seen_by(self, user: str) -> list[Json]:
        """What only this person was shown, oldest first."""
        return self.ephemerals.get(user, [])

    def forms_of(self, user: str) -> list[Json]:
        """The open forms of a person, the uppermost last."""
        return [self.views[view] for view in self.open_views.get(user, [])]

    def _after_submission(self, user: str, view: Json, ack: Json) -> None:
        """Source: docs.slack.dev, "Modals": an empty acknowledgement closes the form, response_action decides else."""
        stack = self.open_views[user]
        match ack.get("response_action"):
            case None:
                stack.remove(view["id"])
            case "errors":
                inputs = {block["block_id"] for block in view["blocks"] if block["type"] == "input"}
                if not ack["errors"] or not ack["errors"].keys() <= inputs:
                    raise RefusedError("invalid_arguments", "errors must name input blocks of the view")
            case "update":
                check_view(ack["view"])
                self.replace_view(view, ack["view"])
            case "clear":
                stack.clear()

    def _address(self, user: str, channel: str, message: Json | None = None) -> str:
        url = f"{self.url}/response/{next(self._turn)}"
        self.addresses[url] = Address(user, channel, self.now(), message=message)
        return url

    def _channel_of(self, message: Json) -> Channel:
        return next(c for c in self.channels.values() if any(m is message for m in c.messages))

    # ---- delivery to the app

    async def _deliver(self, kind: str, payload: Json) -> Json:
        start = time.perf_counter()
        try:
            async with asyncio.timeout(ACK_WITHIN_S):
                ack = await (self._over_http(payload) if self.events_url else self._over_socket(kind, payload))
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
        body = urlencode(payload if "command" in payload else {"payload": json.dumps(payload)})
        status, text = await self.post_events(body)
        if status != 200:
            raise NotAcknowledgedError(f"answered {status}: {text}")
        return json.loads(text) if text.startswith("{") else ({"text": text} if text else {})

    async def post_events(self, body: str, *, age_s: float = 0, secret: str = SIGNING_SECRET) -> tuple[int, str]:
        """A signed request. Source: docs.slack.dev, "Verifying requests from Slack"."""
        timestamp = str(int(time.time() - age_s))
        signature = hmac.new(secret.encode(), f"v0:{timestamp}:{body}".encode(), hashlib.sha256).hexdigest()
        headers = {
            "X-Slack-Request-Timestamp": timestamp,
            "X-Slack-Signature": f"v0={signature}",
            "Content-Type": "application/x-www-form-urlencoded",
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
    for name in ("blocks", "view", "metadata"):
        if isinstance(arguments.get(name), str):
            arguments[name] = json.loads(arguments[name])
    return arguments.pop("token", token) or token, arguments


def _hang_up(request: web.Request) -> web.StreamResponse:
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


def _filled(view: Json, values: dict[str, str | list[str]]) -> Iterable[tuple[str, Json]]:
    """The state of a form. Source: docs.slack.dev, "View submission payloads"."""
    fields = {block["block_id"]: block["element"] for block in view["blocks"] if block["type"] == "input"}
    assert values.keys() <= fields.keys(), f"the form asks for {sorted(fields)}"
    for name, element in fields.items():
        options = {option["value"]: option for option in element.get("options", ())}
        match element["type"]:
            case "plain_text_input":
                given = values.get(name, element.get("initial_value"))
                assert len(given or "") <= element.get("max_length", 3000), (
                    f"Slack lets nobody type so much into {name}"
                )
                yield name, {element["action_id"]: {"type": element["type"], "value": given or None}}
            case "static_select":
                chosen = options[str(values[name])] if name in values else element.get("initial_option")
                yield name, {element["action_id"]: {"type": element["type"], "selected_option": chosen}}
            case "multi_static_select":
                many = [options[v] for v in values[name]] if name in values else element.get("initial_options", [])
                yield name, {element["action_id"]: {"type": element["type"], "selected_options": many}}


def button_of(message: Json, action_id: str) -> Json:
    """The button whose action id starts so."""
    elements = [e for block in message["blocks"] if block["type"] == "actions" for e in block["elements"]]
    found = [element for element in elements if element["action_id"].startswith(action_id)]
    assert found, f"no {action_id} among {[element['action_id'] for element in elements]}"
    return found[0]


def words_of(thing: object) -> str:
    """What people read of a message or form, with single spaces."""
    return " ".join(" ".join(_shown(thing)).split())


def _shown(thing: object) -> list[str]:
    if isinstance(thing, list):
        return [text for each in thing for text in _shown(each)]
    if not isinstance(thing, dict):
        return []
    if thing.get("type", "").startswith("rich_text_"):
        return ["".join(text for element in thing["elements"] for text in _shown(element))]
    shown = [v for k, v in thing.items() if k in ("text", "fallback", "initial_value") and isinstance(v, str)]
    deeper = [v for k, v in thing.items() if k not in ("metadata", "state") and isinstance(v, dict | list)]
    return shown + [text for each in deeper for text in _shown(each)]
