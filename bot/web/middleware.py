"""Middleware for every route: security headers, known hosts, body size, and a page for unexpected errors."""

from collections.abc import Callable, Collection

from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

BODY_LIMIT = 256 * 1024
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self' data:; script-src 'self'; connect-src 'self'; "
        "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
}


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


class _TooLargeError(Exception):
    pass


class BodyLimit:
    """Refuses a body of more than 256 kB, with or without Content-Length."""

    def __init__(self, app: ASGIApp, limit: int = BODY_LIMIT) -> None:
        self.app = app
        self.limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, and count bytes."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        size = 0

        async def counted() -> Message:
            nonlocal size
            message = await receive()
            size += len(message.get("body", b""))
            if size > self.limit:
                raise _TooLargeError
            return message

        said = Headers(scope=scope).get("content-length", "0")
        try:
            if said.isdigit() and int(said) > self.limit:
                raise _TooLargeError
            await self.app(scope, counted, send)
        except _TooLargeError:
            await PlainTextResponse("The request is too large. Nothing was changed.\n", 413)(scope, receive, send)
