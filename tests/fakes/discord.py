"""Discord on this machine: HTTP API and gateway for the real discord.py, and the people in front of it.

Stricter than Discord where it forgives, never more forgiving. Sources are pages of docs.discord.com.
"""

import asyncio
import json
import re
import time
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from enum import Enum
from typing import Any

from aiohttp import web

from tests.fakes import discord_checks as checks
from tests.fakes.discord_checks import EPHEMERAL, Json, RefusedError, parts_of
from tests.fakes.discord_gateway import Gateway
from tests.fakes.discord_people import People
from tests.fakes.discord_server import APP, GUILD, PRIVATE_THREAD, PUBLIC_THREAD, Server
from tests.fakes.slack_checks import PNG

TOKEN = "MTIzNDU2.fake.token-of-the-fake-discord"
FIRST_RESPONSE_S = 3.0  # Receiving and Responding: the first response within 3 seconds
TOKEN_LASTS_S = 15 * 60  # ... and the token for 15 minutes
GLOBAL_A_SECOND = 50  # Topics, "Rate Limits": 50 requests per second; interaction endpoints are not counted
USUAL_BUCKET = (40, 1.0)  # ours: Discord publishes none


class Fails(Enum):
    """How the next request of a route fails."""

    RATE_LIMITED = "429 of this route"
    RATE_LIMITED_SHARED = "429 with X-RateLimit-Scope: shared"
    RATE_LIMITED_GLOBAL = "429 for everything"
    SERVER_ERROR = "500; nothing was done"
    NO_ANSWER = "the connection ends; nothing was done"
    ANSWER_LOST = "it was done, and the connection ends before the answer"
    SLOW = "it is done, and answered after `seconds`"


@dataclass
class Interaction:
    """What somebody did, until the app has answered it."""

    id: str
    token: str
    user: str
    channel: str
    kind: int
    at: float
    first: "asyncio.Future[Json]"
    message: Json | None = None  # on which a component was clicked
    original: Json | None = None  # the answer, as it stands
    responded: bool = False


@dataclass
class Bucket:
    """All calls are free again at the reset that the headers name. Source: Topics, "Rate Limits", header format."""

    used: int = 0
    since: float = 0.0  # when the first of them was used


class Discord(Server, People):
    """The server. `skew` moves its clock, `limits` are buckets by `POST /channels/{}/messages`."""

    def __init__(self) -> None:
        self.skew = 0.0
        super().__init__(lambda: time.time() + self.skew)
        self.gateway = Gateway(self, TOKEN)
        self.url = ""
        self.delay_s = 0.0
        self.held: dict[str, asyncio.Event] = {}  # route -> what its next request waits for before anything is done
        self.down = False
        self.unreliable: tuple[Fails, ...] = ()
        self.chance: Callable[[], bool] = lambda: False  # while `unreliable`, decides which request of a channel fails
        self.failed = 0
        self.token = TOKEN
        self.limits: dict[str, tuple[int, float]] = {}
        self.calls: list[tuple[str, str, Any]] = []
        self.interactions: dict[str, Interaction] = {}
        self.ephemerals: dict[str, list[Json]] = {}
        self.first_response_ms: list[float] = []
        self.invalid_requests = 0
        self._failures: dict[str, deque[tuple[Fails, float]]] = {}
        self._buckets: dict[str, Bucket] = {}
        self._recent: deque[float] = deque()

    @asynccontextmanager
    async def serving(self) -> AsyncIterator["Discord"]:
        """Listen on a free port of this machine."""
        app = web.Application(client_max_size=30 << 20)
        app.router.add_get("/gateway", self.gateway.serve)
        app.router.add_route("*", "/api/v10/{path:.*}", self._serve)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        port = runner.addresses[0][1]
        self.url, self.gateway.url = f"http://127.0.0.1:{port}", f"ws://127.0.0.1:{port}/gateway"
        try:
            yield self
        finally:
            await self.gateway.close()
            await runner.cleanup()

    @property
    def api_url(self) -> str:
        """For DISCORD_API_URL."""
        return f"{self.url}/api/v10"

    def fail(self, route: str, how: Fails, *, times: int = 1, seconds: float = 0.4) -> None:
        """Let the next requests of a route fail: `POST /channels/{}/messages`."""
        self._failures.setdefault(route, deque()).extend([(how, seconds)] * times)

    # ---- HTTP

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        path = "/" + request.match_info["path"]
        shape = re.sub(r"/(\d{5,}|(?<=webhooks/).*?(?=/messages|$))(?=/|$)", "/{}", path)
        shape = re.sub(r"^/(webhooks|interactions)/\{\}/[^/]+", r"/\1/{}/{}", shape)
        route = f"{request.method} {shape}"
        await asyncio.sleep(self.delay_s)
        if (held := self.held.pop(route, None)) is not None:
            await held.wait()
        planned = self._failures.get(route)
        failure, seconds = planned.popleft() if planned else self._by_chance(route)
        if self.down or failure is Fails.NO_ANSWER:
            return _hang_up(request)
        if failure is Fails.SERVER_ERROR:
            return _json({"message": "500: Internal Server Error", "code": 0}, status=500)
        try:
            self._check_pace(route, path, failure, seconds)
            body = await _body_of(request)
            files = body.pop("files", None) if isinstance(body, dict) else None
            checks.check_body(request.method, shape, body)
            for about, text in zip(body["attachments"] if files else [], files or [], strict=True):
                about["text"] = text
            self.calls.append((request.method, path, body))
            answer = self._act(request, path, body)
        except RefusedError as refused:
            return self._refused(refused)
        if failure is Fails.ANSWER_LOST:
            return _hang_up(request)
        if failure is Fails.SLOW:
            await asyncio.sleep(seconds)
        headers = {"X-RateLimit-Bucket": _hash(route), **self._left(route, path)}
        if answer is None:
            return web.Response(status=204, headers=headers)
        return _json(answer, headers=headers)

    def _by_chance(self, route: str) -> tuple[Fails | None, float]:
        if not self.unreliable or "/channels/" not in route or not self.chance():
            return None, 0.0
        self.failed += 1
        return self.unreliable[self.failed % len(self.unreliable)], 0.2

    def _refused(self, refused: RefusedError) -> web.Response:
        """401, 403 and 429 count towards 10,000 invalid requests in 10 minutes. Source: Topics, "Rate Limits"."""
        headers = {"Via": "1.1 google"}
        if refused.status in (401, 403, 429) and refused.body.get("scope") != "shared":
            self.invalid_requests += 1
        if refused.status == 429:
            headers["Retry-After"] = str(refused.body["retry_after"])
            headers["X-RateLimit-Scope"] = refused.body.pop("scope", "user")
            if refused.body.get("global"):
                headers["X-RateLimit-Global"] = "true"
        return _json(refused.body, status=refused.status, headers=headers)

    def _check_pace(self, route: str, path: str, failure: Fails | None, seconds: float) -> None:
        if failure in (Fails.RATE_LIMITED, Fails.RATE_LIMITED_SHARED, Fails.RATE_LIMITED_GLOBAL):
            scope = {Fails.RATE_LIMITED_SHARED: "shared", Fails.RATE_LIMITED_GLOBAL: "global"}.get(failure, "user")
            raise _too_many(seconds, scope)
        if "/interactions/" in path or path.startswith("/webhooks/"):
            return
        now = time.monotonic()
        limit, window = self.limits.get(route, USUAL_BUCKET)
        bucket = self._buckets.setdefault(_key(route, path), Bucket())
        if not bucket.used or now - bucket.since >= window:
            bucket.used, bucket.since = 0, now
        while self._recent and now - self._recent[0] >= 1.0:
            self._recent.popleft()
        if bucket.used >= limit:
            raise _too_many(window - (now - bucket.since), "user")
        if len(self._recent) >= GLOBAL_A_SECOND:
            raise _too_many(1.0 - (now - self._recent[0]), "global")
        bucket.used += 1
        self._recent.append(now)

    def _left(self, route: str, path: str) -> dict[str, str]:
        limit, window = self.limits.get(route, USUAL_BUCKET)
        bucket, now = self._buckets.get(_key(route, path), Bucket()), time.monotonic()
        after = max(0.0, window - (now - bucket.since)) + 0.0005 if bucket.used else window  # rounded up, not down
        return {
            "X-RateLimit-Limit": str(limit),
            "X-RateLimit-Remaining": str(max(0, limit - bucket.used)),
            "X-RateLimit-Reset": f"{time.time() + after:.3f}",
            "X-RateLimit-Reset-After": f"{after:.3f}",
        }

    def _act(self, request: web.Request, path: str, body: Any) -> Any:
        for method, pattern, act in ROUTES:
            found = re.fullmatch(pattern, path)
            if found and method == request.method:
                if not path.startswith(("/interactions", "/webhooks")) and (
                    request.headers.get("Authorization") != f"Bot {self.token}"
                ):
                    raise RefusedError(401, 0, "401: Unauthorized")
                answer = act(self, *found.groups(), body if body is not None else dict(request.query))
                silent = path.endswith("/callback") and request.query.get("with_response") not in ("1", "true", "True")
                return None if silent else answer
        raise RefusedError(404, 0, "404: Not Found")

    def gateway_bot(self, _: Json) -> Json:
        left = 1000 - self.gateway.used - len(self.gateway.identifies)
        limit = {"total": 1000, "remaining": left, "reset_after": 86_400_000, "max_concurrency": 1}
        return {"url": self.gateway.url, "shards": 1, "session_start_limit": limit}

    def application(self, _: Json) -> Json:
        return {"id": APP, "name": "Foghorn", "icon": None, "description": "", "bot_public": False, "flags": 0,
                "bot_require_code_grant": False, "verify_key": "", "owner": self.user(APP), "team": None}  # fmt: skip

    # ---- interactions

    def callback(self, interaction_id: str, token: str, body: Json) -> Json:
        """Source: Receiving and Responding, "Create Interaction Response", with its callback response object."""
        found = self.interactions.get(token)
        if (
            found is None
            or found.id != interaction_id
            or (not found.responded and self.now() - found.at > FIRST_RESPONSE_S)
        ):
            raise RefusedError(404, 10062, "Unknown interaction")
        if found.responded:
            raise RefusedError(400, 40060, "Interaction has already been acknowledged.")
        self._check_response(found, body)
        found.responded = True
        self.first_response_ms.append((self.now() - found.at) * 1000)
        data = body.get("data") or {}
        if body["type"] in (4, 5):
            found.original = self._show(found, data, loading=body["type"] == 5)
        elif body["type"] in (6, 7):
            found.original = found.message
        if not found.first.done():
            found.first.set_result(body)
        about = {"id": found.id, "type": found.kind}
        if found.original is None:
            return {"interaction": about}
        about |= {"response_message_id": found.original["id"], "response_message_loading": body["type"] == 5}
        return {"interaction": about, "resource": {"type": body["type"], "message": found.original}}

    def _check_response(self, found: Interaction, body: Json) -> None:
        """Which answers a kind may have; a deferral takes the flag EPHEMERAL alone (same page, callback flags)."""
        allowed = {2: {4, 5, 9}, 3: {4, 5, 6, 7, 9}, 4: {8}, 5: {4, 5, 6, 7}}[found.kind]
        data = body.get("data") or {}
        if body["type"] not in allowed or (body["type"] in (6, 7) and found.message is None):
            raise RefusedError(400, 50035, f"type {body['type']} does not answer an interaction of type {found.kind}")
        if body["type"] == 5 and (data.get("flags") or 0) & ~EPHEMERAL:
            raise RefusedError(400, 50035, "a deferral takes EPHEMERAL alone")
        if body["type"] == 4:
            checks.check_message(data)
        if body["type"] == 8:
            checks.check_choices(data["choices"])
        if body["type"] == 9:
            checks.check_modal(data)

    def _show(self, found: Interaction, data: Json, *, loading: bool = False) -> Json:
        message = self.new_message(found.channel, APP, data)
        message["loading"] = loading
        private = (data.get("flags") or 0) & EPHEMERAL
        (self.ephemerals.setdefault(found.user, []) if private else self.channels[found.channel].messages).append(
            message
        )
        return message

    def original(self, _app: str, token: str, what: str, body: Json) -> Json | None:
        """Get, edit or delete the first answer. Source: same page, "Followup Messages"."""
        found = self._answered(token)
        if found.original is None:
            raise RefusedError(404, 10008, "Unknown Message")
        if what == "PATCH":
            self.apply(found.original, body)
            found.original["loading"] = False
        if what == "DELETE":
            for place in (self.ephemerals.get(found.user, []), self.channels[found.channel].messages):
                place[:] = [message for message in place if message is not found.original]
            found.original = None
            return None
        return found.original

    def follow_up(self, _app: str, token: str, body: Json) -> Json:
        checks.check_message(body)
        return self._show(self._answered(token), body)

    def _answered(self, token: str) -> Interaction:
        found = self.interactions.get(token)
        if found is None or not found.responded:
            raise RefusedError(404, 10015, "Unknown Webhook")
        if self.now() - found.at > TOKEN_LASTS_S:
            raise RefusedError(401, 50027, "Invalid Webhook Token")
        return found

    def seen_by(self, user: str) -> list[Json]:
        """What only this person was shown, oldest first; without what still says "thinking"."""
        return [message for message in self.ephemerals.get(user, []) if not message.get("loading")]

    def messages(self, channel: str) -> list[Json]:
        """What stands in a channel, a thread, or a person's direct message."""
        found = self.channels.get(channel) or self.channels.get(f"70{channel}")
        return found.messages if found else []

    def buttons(self, message: Json) -> list[Json]:
        """The buttons and selects of a message."""
        return [part for part in parts_of(message) if part["type"] in (2, 3) and "custom_id" in part]


def _json(answer: Any, *, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    """With the content type exactly `application/json`, as Discord sends it: discord.py reads no other."""
    said = json.dumps(answer).encode()
    return web.Response(body=said, status=status, headers=headers, content_type="application/json")


def _key(route: str, path: str) -> str:
    """Buckets are per route and top-level resource. Source: Topics, "Rate Limits"."""
    return f"{route} {'/'.join(path.split('/')[:3])}"


def _hash(route: str) -> str:
    return f"{abs(hash(route)):032x}"


def _too_many(after: float, scope: str) -> RefusedError:
    more = {"retry_after": round(after, 3), "global": scope == "global", "scope": scope}
    return RefusedError(429, 0, "You are being rate limited.", **more)


def _hang_up(request: web.Request) -> web.StreamResponse:
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


async def _body_of(request: web.Request) -> Any:
    if request.content_type == "multipart/form-data":
        form = await request.post()
        body = json.loads(str(form["payload_json"]))
        files = {name: part for name, part in form.items() if name.startswith("files")}
        contents = [part.file.read() for part in files.values()]  # type: ignore[union-attr]
        texts = [f"PNG of {len(each)} bytes" if each.startswith(PNG) else each.decode() for each in contents]
        return {**body, "files": texts}
    return await request.json() if request.can_read_body else None


_ID = r"(\d+)"
ROUTES: list[tuple[str, str, Callable[..., Any]]] = [
    ("GET", "/users/@me", lambda d, _: d.user(APP)),
    ("GET", "/(?:oauth2/)?applications/@me", Discord.application),
    ("GET", "/gateway/bot", Discord.gateway_bot),
    ("PUT", f"/applications/{_ID}/guilds/{_ID}/commands", lambda d, _a, g, body: d.set_commands_of(g, body)),
    ("GET", f"/guilds/{_ID}", lambda d, g, _: d.known(g)),
    ("GET", f"/guilds/{_ID}/roles", lambda d, g, _: d.known(g)["roles"]),
    ("GET", f"/guilds/{_ID}/channels", lambda d, g, _: d.known(g)["channels"]),
    ("GET", f"/guilds/{_ID}/threads/active", lambda d, _g, _: d.threads()),
    ("GET", f"/guilds/{_ID}/members/search", lambda d, g, query: d.search_members(g, query)),
    ("GET", f"/users/{_ID}", lambda d, user, _: d.known_user(user)),
    ("GET", f"/guilds/{_ID}/members/{_ID}", lambda d, _g, user, _: d.known_member(user)),
    # Source: User Resource, "Get Current User Guilds"
    ("GET", "/users/@me/guilds", lambda d, _: [{k: v for k, v in d.guild().items() if k in ("id", "name")}]),
    ("POST", "/users/@me/channels", lambda d, body: d.open_dm(body["recipient_id"])),
    ("GET", f"/channels/{_ID}", lambda d, c, _: d.as_json(d.reach(c))),
    ("PATCH", f"/channels/{_ID}", lambda d, c, body: d.change_channel(c, body)),
    ("GET", f"/channels/{_ID}/messages", lambda d, c, query: d.history(c, query)),
    ("POST", f"/channels/{_ID}/messages", lambda d, c, body: d.create_message(c, body)),
    ("GET", f"/channels/{_ID}/messages/{_ID}", lambda d, c, m, _: d.message(c, m)),
    ("PATCH", f"/channels/{_ID}/messages/{_ID}", lambda d, c, m, body: d.edit_message(c, m, body)),
    ("DELETE", f"/channels/{_ID}/messages/{_ID}", lambda d, c, m, _: d.delete_own(c, m)),
    ("POST", f"/channels/{_ID}/messages/{_ID}/crosspost", lambda d, c, m, _: d.crosspost(c, m)),
    ("POST", f"/channels/{_ID}/messages/{_ID}/threads", lambda d, c, m, body: d.thread_of_message(c, m, body)),
    ("GET", f"/channels/{_ID}/threads/archived/public", lambda d, c, _: d.archived_threads(c, PUBLIC_THREAD)),
    (
        "GET",
        f"/channels/{_ID}/users/@me/threads/archived/private",
        lambda d, c, _: d.archived_threads(c, PRIVATE_THREAD),
    ),
    ("POST", f"/channels/{_ID}/threads", lambda d, c, body: d.start_thread(c, body)),
    ("PUT", f"/channels/{_ID}/messages/pins/{_ID}", lambda d, c, m, _: d.pin(c, m)),
    ("PUT", f"/channels/{_ID}/thread-members/{_ID}", lambda d, c, user, _: d.add_to_thread(c, user)),
    ("DELETE", f"/channels/{_ID}/thread-members/{_ID}", lambda d, c, user, _: d.reach(c).members.discard(user)),
    ("POST", f"/interactions/{_ID}/([^/]+)/callback", Discord.callback),
    ("GET", f"/webhooks/{_ID}/([^/]+)/messages/@original", lambda d, a, t, b: d.original(a, t, "GET", b)),
    ("PATCH", f"/webhooks/{_ID}/([^/]+)/messages/@original", lambda d, a, t, b: d.original(a, t, "PATCH", b)),
    ("DELETE", f"/webhooks/{_ID}/([^/]+)/messages/@original", lambda d, a, t, b: d.original(a, t, "DELETE", b)),
    ("POST", f"/webhooks/{_ID}/([^/]+)", Discord.follow_up),
]  # fmt: skip

__all__ = ["APP", "GUILD", "TOKEN", "Discord", "Fails", "Interaction"]
