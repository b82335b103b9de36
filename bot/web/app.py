"""The web application: public pages, feeds, health checks, and the routes that `main` adds."""

import logging
import re
import secrets
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, date, datetime
from functools import cache
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocketClose

from bot.errors import Busy
from bot.web import api
from bot.web.health import Health
from bot.web.middleware import AccessLog, BodyLimit, KnownHosts, SecurityHeaders, UnexpectedErrors
from bot.web.overview import Search
from bot.web.published import CROSS_ORIGIN, Published, PublishedResponse
from bot.web.site import Site
from bot.web_templates import WEB, asset

LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
PROBES = ("/healthz", "/readyz", "/metrics")  # requested by its address
STATIC = {
    "foghorn.css": "text/css; charset=utf-8",
    "foghorn.js": "text/javascript; charset=utf-8",
    "public.js": "text/javascript; charset=utf-8",
    "console.css": "text/css; charset=utf-8",
    "console.js": "text/javascript; charset=utf-8",
    "command.js": "text/javascript; charset=utf-8",
    "console-page.js": "text/javascript; charset=utf-8",
    "player.js": "text/javascript; charset=utf-8",
    "room.js": "text/javascript; charset=utf-8",
    "mark.svg": "image/svg+xml",
}
_COMMENT = re.compile(rb"/\*.*?\*/\s*", re.DOTALL)
FOR_EVER = "public, max-age=31536000, immutable"
PREFLIGHT = CROSS_ORIGIN | {
    "Access-Control-Allow-Methods": "GET, HEAD, OPTIONS",
    "Access-Control-Allow-Headers": "*",
    "Access-Control-Max-Age": "86400",
}
_OLDER = re.compile(r"/incidents/INC-(?P<page>[1-9][0-9]{0,8})|/api/v2/incidents/INC-(?P<file>[1-9][0-9]{0,8})\.json")
SEARCH_CAP = 100  # characters
_MONTH = re.compile(r"(20[0-9]{2})-(0[1-9]|1[0-2])")

log = logging.getLogger(__name__)


def build_app(
    site: Site | None,
    health: Health,
    *,
    allowed_hosts: Collection[str],
    public_url: str,
    routes: Sequence[BaseRoute] = (),
    access_log: bool = False,
) -> Starlette:
    """Everything the web server answers. `routes` come first; `allowed_hosts` extend loopback and the public host.

    Without a `site`, it has no public pages. `access_log`: the server logs every request itself.
    """
    hosts = {*LOOPBACK, *allowed_hosts, urlsplit(public_url).hostname or "localhost"}
    pages = _PublicPages(site) if site else None
    middleware = [
        *([] if access_log else [Middleware(AccessLog)]),
        Middleware(SecurityHeaders),
        Middleware(UnexpectedErrors, page=pages.unexpected if pages else _unexpected),
        Middleware(KnownHosts, hosts=hosts, open_to_all=PROBES),
        Middleware(BodyLimit),
        Middleware(GZipMiddleware, compresslevel=6),
    ]
    every = [*routes, *health.routes()]
    if site is None or pages is None:
        return Starlette(routes=every, middleware=middleware, exception_handlers={404: _no_pages})
    app = _WebApp(
        Published(site.find, _static, site.language, hosts),
        routes=[
            *every,
            Route("/", pages.published),
            Route("/history", pages.history),
            Route("/incidents/{key}", pages.published),
        ],
        middleware=middleware,
        exception_handlers={HTTPException: pages.refused, Busy: pages.busy},
    )
    app.router.default = pages.fallback
    return app


async def _no_pages(_request: Request, _problem: Exception) -> Response:
    words = "This Foghorn process does not serve pages. Use the address of one that has the role `web`."
    return PlainTextResponse(f"{words}\n", 404, headers={"Cache-Control": "no-store"})


def _unexpected(request: Request) -> Response:
    """An error on our side, in a process without pages."""
    code = _logged(request)
    return PlainTextResponse(f"The error is on our side (code {code}).\n", 500, headers={"Cache-Control": "no-store"})


def _logged(request: Request) -> str:
    """Log the exception that is being handled, with a code that is returned."""
    code = secrets.token_hex(3)
    log.exception("unexpected error %s at %s", code, request.url.path)
    return code


class _WebApp(Starlette):
    """The framework, behind the published pages in memory."""

    def __init__(self, in_memory: Published, **options: Any) -> None:
        super().__init__(**options)
        self._in_memory = in_memory

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer from memory, or else by a route."""
        answer = self._in_memory.response(scope) or super().__call__
        await answer(scope, receive, send)


class _PublicPages:
    """Answers requests that are not answered from memory: other queries and methods, older incidents, and refusals."""

    def __init__(self, site: Site) -> None:
        self.site = site

    async def fallback(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer paths without a route: feeds and the API, or 404."""
        if scope["type"] != "http":
            return await WebSocketClose()(scope, receive, send)
        request = Request(scope)
        if not self.site.cache and not _path(request).endswith((".atom", ".rss", ".json")):
            raise HTTPException(404)
        answer = await self.published(request)
        return await answer(scope, receive, send)

    async def published(self, request: Request) -> Response:
        """A page, feed, or file that was published."""
        path = _path(request)
        if request.method == "OPTIONS" and path.startswith(api.ROOT):
            return Response(status_code=204, headers=PREFLIGHT)
        found = self._find(request, path)
        if found is None and (older := _OLDER.fullmatch(path)):
            number = int(older["page"] or older["file"])
            found = await self.site.incident(number, self._language(request), as_json=not older["page"])
        if found is None:
            raise HTTPException(404)
        if request.method not in ("GET", "HEAD"):
            raise HTTPException(405, headers={"Allow": "GET, HEAD"})
        return found

    async def history(self, request: Request) -> Response:
        """The last months, the months that `?month=2026-04` names, or what matches `?q=` and `?component=`."""
        asked, language = request.query_params, self._language(request)
        component = asked.get("component", "")
        known = [each.key for each in self.site.organisation.components]
        wanted = Search(asked.get("q", "")[:SEARCH_CAP].strip(), component if component in known else "")
        if wanted.text or wanted.component:
            return await self.site.search(wanted, language)
        if month := _MONTH.fullmatch(asked.get("month", "")):
            return await self.site.month(date(int(month[1]), int(month[2]), 1), language)
        return await self.published(request)

    async def refused(self, request: Request, problem: Exception) -> Response:
        """A page that says what was not found; other refusals use their own message."""
        status = problem.status_code if isinstance(problem, HTTPException) else 404
        headers = problem.headers if isinstance(problem, HTTPException) else None
        heading, words = "Page not found", "Check the address for typing errors. The page may also not be public."
        if status != HTTPStatus.NOT_FOUND:
            heading, words = HTTPStatus(status).phrase, getattr(problem, "detail", "")
        return self.message(request, heading, words, status, headers)

    async def busy(self, request: Request, _problem: Exception) -> Response:
        """The database is gone, and this page was not built before."""
        words = "This page cannot be loaded right now. Try again in a minute. Open incidents are on the status page."
        return self.message(request, "Temporarily unavailable", words, 503, {"Retry-After": "60"})

    def unexpected(self, request: Request) -> Response:
        """An error on our side: a page with a code that is also in the log."""
        code = _logged(request)
        words = "The error is on our side (code %(code)s). Try again in a minute."
        return self.message(request, "Something went wrong", words, 500, code=code)

    def message(
        self,
        request: Request,
        heading: str,
        words: str,
        status: int,
        headers: Mapping[str, str] | None = None,
        code: str = "",
    ) -> Response:
        """A short page with a message; in the API, a short JSON document."""
        headers = {"Cache-Control": "no-store", **(headers or {})}
        if _path(request).startswith(api.ROOT):
            return JSONResponse({"error": heading, "message": words}, status, headers=headers | CROSS_ORIGIN)
        root = request.scope.get("root_path", "").rstrip("/")
        page = self.site.environments[self._language(request)].get_template("message.html.j2")
        body = page.render(root=root, now=self.site.clock(), heading=heading, words=words, code=code)
        return HTMLResponse(body, status, headers={"Cache-Control": "no-store", **(headers or {})})

    def _language(self, request: Request) -> str:
        return self.site.language(request.query_params.get("lang", ""), request.headers.get("accept-language", ""))

    def _find(self, request: Request, path: str) -> PublishedResponse | None:
        if not self.site.cache:  # nothing was ever read
            raise Busy
        return self.site.find(self._language(request), path)


def _path(request: Request) -> str:
    """The path within the application, wherever it is mounted."""
    return request.url.path.removeprefix(request.scope.get("root_path", "").rstrip("/")) or "/"


def _static(path: str, query: str) -> PublishedResponse | None:
    """A file of /static. Its URL identifies its content, so it can be cached forever."""
    name = path.removeprefix("/static/")
    return _file(name, query == asset(name).partition("?")[2]) if name in STATIC else None


@cache
def _file(name: str, current: bool) -> PublishedResponse:
    body, modified = (WEB / name).read_bytes(), datetime.fromtimestamp((WEB / name).stat().st_mtime, UTC)
    if name.endswith(".css"):
        body = _COMMENT.sub(b"", body)
    caching = {"Cache-Control": FOR_EVER if current else "no-cache", "Vary": "Accept-Encoding"}
    return PublishedResponse(body, STATIC[name], modified, caching=caching)
