"""Calls to Discord over discord.py's HTTP client, with our own rate limit buckets."""

import asyncio
import io
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any

import aiohttp
import yarl
from discord import File, HTTPException, LoginFailure, RateLimited
from discord.gateway import DiscordWebSocket
from discord.http import HTTPClient, Route

from bot.connections import Traffic
from bot.errors import MessageFixed, MessageGone, OutcomeUnknown, PlaceGone, PlaceLost, SendFailed
from bot.platforms.discord.buckets import DiscordHttpClient

LONGEST_WAIT_S = 30  # after a 429; discord.py's smallest value; longer waits are left to the outbox
TIMEOUT_S = 10.0  # as for Slack
Json = dict[str, Any]

_REASONS = {  # JSON error code -> our words, with what to do; docs.discord.com, "Opcodes and Status Codes"
    10003: "The channel was deleted. Unsubscribe it.",
    10008: "The message was deleted, so it cannot be edited.",
    10013: "This Discord account does not exist.",
    50001: "Foghorn cannot see the channel. Allow “View Channel” for Foghorn there.",
    50005: "The message was not posted by Foghorn, so it cannot be edited.",
    50007: "This person does not accept direct messages from members of the server.",
    50013: "Foghorn is not allowed to post there. Allow “Send Messages” and “Embed Links”, in threads too.",
    50083: "The thread is archived and locked. Unlock it, or give Foghorn “Manage Threads”.",
    160005: "The thread is locked. Unlock it, or give Foghorn “Manage Threads”.",
}
_GONE: dict[int, type[SendFailed]] = {
    10003: PlaceLost, 10008: MessageGone, 50001: PlaceGone, 50005: MessageFixed, 50083: PlaceGone, 160005: PlaceGone
}  # fmt: skip


class AnsweredWrongError(Exception):
    """A POST request was answered with 5xx: it is unknown whether it was carried out."""


class DiscordWeb:
    """Discord's HTTP API with our token. `api_url` points it to a compatible server."""

    def __init__(self, token: str, api_url: str = "", timeout_s: float = TIMEOUT_S) -> None:
        self.token = token
        self._timeout_s = timeout_s
        if api_url:
            Route.BASE = api_url.rstrip("/")
        self._http: HTTPClient | None = None
        self._logging_in = asyncio.Lock()
        self.processes = 1
        """How many use this token: each makes its part of the calls that Discord allows in a second."""
        self.traffic = Traffic()
        self.me = ""
        """Our account id, once known."""
        self.known: dict[str, Json] = {}
        """Channels by id, as Discord described them when they were first needed."""
        self._listed: set[str] = set()  # servers whose channels were asked for
        self._listing = asyncio.Lock()

    async def call(
        self, method: str, path: str, body: Any = None, *, files: Mapping[str, str | bytes] | None = None, **names: Any
    ) -> Any:
        """One request, with optional files. Raises SendFailed or OutcomeUnknown."""
        return await self._request(Route(method, path, **names), **_content(body, files or {}))

    async def look(self, path: str, query: Mapping[str, str | int] | None = None, **names: Any) -> Any:
        """A GET request. Raises SendFailed or OutcomeUnknown."""
        return await self._request(Route("GET", path, **names), params=dict(query or {}))

    async def _request(self, route: Route, **content: Any) -> Any:
        async with _translated():
            http = await self._open()
            return await http.request(route, **content)

    async def about(self, channel: str) -> Json:
        """Discord's description of a channel, asked once. Raises SendFailed or OutcomeUnknown."""
        if channel not in self.known:
            self.known[channel] = await self.look("/channels/{channel_id}", channel_id=channel)
        return self.known[channel]

    async def type_of(self, channel: str) -> int:
        """A channel's type. The first question asks for all channels of its server, because there may be thousands.

        Raises SendFailed or OutcomeUnknown.
        """
        async with self._listing:  # many may ask at once
            if channel not in self.known:
                server = str((await self.about(channel)).get("guild_id") or "")
                if server and server not in self._listed:
                    self._listed.add(server)
                    with suppress(SendFailed):
                        for each in await self.look("/guilds/{guild_id}/channels", guild_id=server):
                            self.known.setdefault(str(each["id"]), each)
        return int(self.known[channel]["type"])

    async def answer(self, handle: str, message: Json, *, files: Mapping[str, str | bytes] | None = None) -> None:
        """Fill the deferred response of an interaction; `handle` is `application/token`, valid for 15 minutes."""
        application, _, token = handle.partition("/")
        path = "/webhooks/{webhook_id}/{webhook_token}/messages/@original"
        await self.call("PATCH", path, message, files=files, webhook_id=application, webhook_token=token)

    async def add_privately(self, handle: str, message: Json) -> None:
        """Send a follow-up that only the person who asked can see."""
        application, _, token = handle.partition("/")
        body, path = {**message, "flags": message.get("flags", 0) | EPHEMERAL}, "/webhooks/{webhook_id}/{webhook_token}"
        await self.call("POST", path, body, webhook_id=application, webhook_token=token)

    async def direct(self, user: str) -> str:
        """The direct message channel of a person."""
        opened = await self.call("POST", "/users/@me/channels", {"recipient_id": user})
        return str(opened["id"])

    async def tell(self, user: str, message: Json, *, files: Mapping[str, str | bytes] | None = None) -> None:
        """Send a direct message, with optional files."""
        channel = await self.direct(user)
        await self.call("POST", "/channels/{channel_id}/messages", message, files=files, channel_id=channel)

    async def point_gateway(self) -> tuple[int, float]:
        """Set the gateway URL, and return how many starts are left, and in how many seconds all are free again."""
        async with _translated():
            http = await self._open()
            _shards, url, limit = await http.get_bot_gateway()
        DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(url)
        return int(limit["remaining"]), limit["reset_after"] / 1000

    async def close(self) -> None:
        """Close the connections."""
        if self._http is not None:
            await self._http.close()

    async def _open(self) -> HTTPClient:
        async with self._logging_in:
            if self._http is None:  # not earlier: it belongs to the running loop
                http = DiscordHttpClient(
                    asyncio.get_running_loop(),
                    answered=self.traffic.answered,
                    processes=lambda: self.processes,
                    timeout_s=self._timeout_s,
                    max_ratelimit_timeout=LONGEST_WAIT_S,
                    http_trace=_no_blind_retries(),
                )
                try:
                    self.me = str((await http.static_login(self.token))["id"])
                except BaseException:
                    await http.close()
                    raise
                self._http = http
            return self._http


EPHEMERAL = 1 << 6  # docs.discord.com, Message Resource, message flags


def _no_blind_retries() -> aiohttp.TraceConfig:
    """Stops discord.py from repeating a POST request that was answered with 5xx, which could create things twice."""

    async def look(_session: Any, _context: Any, ended: aiohttp.TraceRequestEndParams) -> None:
        if ended.method == "POST" and ended.response.status >= 500:
            raise AnsweredWrongError(f"Discord returned {ended.response.status}")

    trace = aiohttp.TraceConfig()
    trace.on_request_end.append(look)
    return trace


@asynccontextmanager
async def _translated() -> AsyncIterator[None]:
    """Translates errors for the outbox: not delivered, try later, or outcome unknown."""
    try:
        yield
    except RateLimited as problem:
        raise SendFailed(_WAIT, retry_after_s=problem.retry_after) from problem
    except LoginFailure as problem:
        raise SendFailed(_TOKEN, permanent=True) from problem
    except HTTPException as problem:
        raise _refused(problem) from problem
    except aiohttp.ClientConnectorError as problem:
        raise SendFailed("Discord cannot be reached. Foghorn tries again automatically.") from problem
    except (AnsweredWrongError, aiohttp.ClientError, OSError, TimeoutError) as problem:
        raise OutcomeUnknown(f"Discord did not respond ({type(problem).__name__})") from problem


_WAIT = "Discord asked Foghorn to wait. Foghorn tries again automatically."
_TOKEN = (
    "Discord rejected the bot token. On discord.com/developers/applications, open the app and select Bot, then Reset "
    "Token. Put the new token into DISCORD_BOT_TOKEN and restart Foghorn."
)


def _refused(problem: HTTPException) -> SendFailed:
    if problem.status >= 500:
        return OutcomeUnknown(f"Discord returned an error ({problem.status})")
    if problem.status == 429:  # without Discord's own headers: blocked by its edge network
        return SendFailed(_WAIT, retry_after_s=float(problem.response.headers.get("Retry-After", 60)))
    if problem.status == 401 and problem.code == 0:
        return SendFailed(_TOKEN, permanent=True)
    words = _REASONS.get(problem.code, f"Discord rejected the request ({problem.code}: {problem.text[:200]}).")
    return _GONE.get(problem.code, SendFailed)(words, permanent=True)


def reason_of(code: int) -> str:
    """Our words for one of Discord's JSON error codes."""
    return _REASONS[code]


def code_of(failure: SendFailed) -> int:
    """Discord's JSON error code, or 0 if there is none."""
    return problem.code if isinstance(problem := failure.__cause__, HTTPException) else 0


def _content(body: Any, files: Mapping[str, str | bytes]) -> dict[str, Any]:
    """The content of a request; with files, multipart/form-data.

    Source: docs.discord.com, API Reference, "Uploading Files".
    """
    if not files:
        return {} if body is None else {"json": body}
    about = [{"id": str(number), "filename": name} for number, name in enumerate(files)]
    form: list[Json] = [{"name": "payload_json", "value": json.dumps({**body, "attachments": about})}]
    attached = [
        File(io.BytesIO(each.encode() if isinstance(each, str) else each), name) for name, each in files.items()
    ]
    for number, file in enumerate(attached):
        form.append({"name": f"files[{number}]", "value": file.fp, "filename": file.filename,
                     "content_type": "application/octet-stream"})  # fmt: skip
    return {"form": form, "files": attached}
