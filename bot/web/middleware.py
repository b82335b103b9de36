"""Middleware for every route: access log, security headers, known hosts, bodies, and a page for unexpected errors."""

import asyncio
import logging
import re
from collections.abc import Callable, Collection
from urllib.parse import quote

from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

BODY_LIMIT = 256 * 1024
BODY_WITHIN_S = 20.0
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
        except Exception:
            if scope["type"] != "http" or begun:
                raise
            await self.page(Request(scope))(scope, receive, send)


class KnownHosts(TrustedHostMiddleware):
    """Refuses requests for other hosts (DNS rebinding), except for `open_to_all`, which shows nothing sensitive."""

    def __init__(self, app: ASGIApp, hosts: Collection[str], open_to_all: Collection[str]) -> None:
        super().__init__(app, allowed_hosts=sorted(hosts), www_redirect=False)
        self.open_to_all = open_to_all

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on requests for one of our hosts."""
        if scope.get("path") in self.open_to_all:
            await self.app(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)


class _BodyRefusedError(Exception):
    def __init__(self, status: int, problem: str) -> None:
        super().__init__(f"The request {problem}. Nothing was changed.\n")
        self.status = status


class BodyLimit:
    """Refuses a body of more than 256 kB, with or without Content-Length, or one that takes longer than 20 s."""

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
