"""Middleware for every route: access log, security headers, known hosts, bodies, and a page for unexpected errors."""

import asyncio
import logging
import re
from collections.abc import Callable, Collection
from urllib.parse import quote

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

BODY_LIMIT = 256 * 1024
BODY_WITHIN_S = 15.0
_HOST = re.compile(r"(?P<host>\[[0-9a-f:.]+\]|[a-z0-9_.-]+)(:(?P<port>[0-9]{1,5}))?")
_ORIGIN = re.compile(r"null|[a-z][a-z0-9+.-]*://(\[[0-9a-f:.]+\]|[^\s/?#@:\[\]\\]+)(:[0-9]{1,5})?", re.IGNORECASE)
_PRIVATE = re.compile("(/drill)?/(console|slack)(/|$)")
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self' data:; script-src 'self'; connect-src 'self'; "
        "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
}

log = logging.getLogger("foghorn.access")


class SecurityHeaders:
    """Security headers on every response; a route may set stricter ones."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, and add missing headers to the response."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, send_with_headers)


class UnexpectedErrors:
    """Answers unhandled exceptions with `page`, which logs them. A response that already started is cut off."""

    def __init__(self, app: ASGIApp, page: Callable[[Request], Response]) -> None:
        self.app = app
        self.page = page

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, and answer if that fails."""
        begun = False

        async def watched(message: Message) -> None:
            nonlocal begun
            begun = begun or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.app(scope, receive, watched)
        except ClientDisconnect:
            log.debug("the client went away before its request was complete")
        except Exception:
            if scope["type"] != "http" or begun:
                raise
            await self.page(Request(scope))(scope, receive, send)


class KnownHosts:
    """Refuses requests for other hosts (DNS rebinding), and those whose Host or Origin cannot be read.

    `open_to_all` are paths that show nothing sensitive and are requested by any address.
    """

    def __init__(self, app: ASGIApp, hosts: Collection[str], open_to_all: Collection[str]) -> None:
        self.app = app
        self.hosts = hosts
        self.open_to_all = open_to_all

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on requests for one of our hosts."""
        app: ASGIApp = self.app
        if scope["type"] == "http" and (problem := self._problem(Headers(scope=scope), scope["path"])):
            app = PlainTextResponse(f"{problem}\n", 400)
        await app(scope, receive, send)

    def _problem(self, headers: Headers, path: str) -> str:
        listed = headers.getlist("host")
        host = host_of(listed[0]) if len(listed) == 1 else ""
        anywhere = path in self.open_to_all and (host or not listed)
        if not anywhere and host not in self.hosts:
            return "This is not an address of Foghorn. Use the address in FOGHORN_PUBLIC_URL."
        if not all(map(_ORIGIN.fullmatch, headers.getlist("origin"))):
            return "The Origin of the request cannot be read. Nothing was changed."
        return ""


def host_of(header: str) -> str:
    """The host of a Host header without its port, such as `[::1]` for `[::1]:8080`; empty if it cannot be read."""
    found = _HOST.fullmatch(header.lower())
    return found["host"] if found and int(found["port"] or 0) <= 65535 else ""


class _BodyRefusedError(Exception):
    def __init__(self, status: int, problem: str) -> None:
        super().__init__(f"The request {problem}. Nothing was changed.\n")
        self.status = status


class BodyLimit:
    """Refuses a body of more than 256 kB, with or without Content-Length, or one that takes longer than 15 s."""

    def __init__(self, app: ASGIApp, limit: int = BODY_LIMIT, within_s: float = BODY_WITHIN_S) -> None:
        self.app = app
        self.limit = limit
        self.within_s = within_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and limit its bytes and seconds."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        said = Headers(scope=scope).get("content-length", "0")
        try:
            if said.isdigit() and int(said) > self.limit:
                raise _BodyRefusedError(413, "is too large")
            await self.app(scope, self._counted(receive), send)
        except _BodyRefusedError as refusal:
            await PlainTextResponse(str(refusal), refusal.status)(scope, receive, send)

    def _counted(self, receive: Receive) -> Receive:
        size, complete = 0, False
        deadline = asyncio.get_running_loop().time() + self.within_s

        async def counted() -> Message:
            nonlocal size, complete
            try:
                async with asyncio.timeout_at(None if complete else deadline):
                    message = await receive()
            except TimeoutError:
                raise _BodyRefusedError(408, "took too long to arrive") from None
            complete = not message.get("more_body", False)
            size += len(message.get("body", b""))
            if size > self.limit:
                raise _BodyRefusedError(413, "is too large")
            return message

        return counted


class AccessLog:
    """Logs requests that are not for public pages: who requested what from the console or a platform's route."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and log the answer. The query is left out: it may contain a token."""

        async def logged(message: Message) -> None:
            if message["type"] == "http.response.start":
                client, method, path = scope["client"] or ("-",), scope["method"], scope["path"]
                log.info('%s "%s %s" %s', client[0], method, quote(path), message["status"])
            await send(message)

        private = scope["type"] == "http" and _PRIVATE.match(scope["path"])
        await self.app(scope, receive, logged if private else send)
