"""The web application: public pages, feeds, health checks, and the routes that `main` adds."""

import logging
import re
import secrets
from collections.abc import Collection, Mapping, Sequence
from http import HTTPStatus
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import BaseRoute, Route

from bot.errors import Busy
from bot.templating import WEB, asset
from bot.web.health import Health
from bot.web.languages import chosen
from bot.web.middleware import BodyLimit, KnownHosts, SecurityHeaders, UnexpectedErrors
from bot.web.site import CachedResponse, Site

LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
PROBES = ("/healthz", "/readyz", "/metrics")  # requested by its address
STATIC = {
    "foghorn.css": "text/css; charset=utf-8",
    "foghorn.js": "text/javascript; charset=utf-8",
    "console.css": "text/css; charset=utf-8",
    "console.js": "text/javascript; charset=utf-8",
    "command.js": "text/javascript; charset=utf-8",
    "mark.svg": "image/svg+xml",
}
FOR_EVER = "public, max-age=31536000, immutable"
_NUMBER = re.compile(r"INC-([1-9][0-9]{0,8})")

log = logging.getLogger(__name__)


def build_app(
    site: Site,
    health: Health,
    *,
    allowed_hosts: Collection[str],
    public_url: str,
    routes: Sequence[BaseRoute] = (),
) -> Starlette:
    """Everything the web server answers. `routes` come first; `allowed_hosts` extend loopback and the public host."""
    pages = _PublicPages(site)
    hosts = {*LOOPBACK, *allowed_hosts, urlsplit(public_url).hostname or "localhost"}
    return Starlette(
        routes=[
            *routes,
            *health.routes(),
            Route("/", pages.cached),
            Route("/history", pages.history),
            Route("/history.atom", pages.cached),
            Route("/updates.atom", pages.cached),
            Route("/incidents/{key}", pages.incident),
            Route("/static/{name}", _static),
        ],
        middleware=[
            Middleware(SecurityHeaders),
            Middleware(UnexpectedErrors, page=pages.unexpected),
            Middleware(KnownHosts, hosts=hosts, open_to_all=PROBES),
            Middleware(BodyLimit),
            Middleware(GZipMiddleware, compresslevel=6),
        ],
        exception_handlers={HTTPException: pages.refused, Busy: pages.busy},
    )


class _PublicPages:
    """Answers requests for public pages, from the cache of the site where possible."""

    def __init__(self, site: Site) -> None:
        self.site = site

    async def cached(self, request: Request) -> Response:
        return _answer(request, self._find(request, _path(request)))

    async def incident(self, request: Request) -> Response:
        key = request.path_params["key"]
        language = self._language(request)
        found = self.site.cache.get(language, {}).get(f"/incidents/{key}")
        if found is None and (number := _NUMBER.fullmatch(key)):
            found = await self.site.incident(int(number[1]), language)
        if found is None:
            raise HTTPException(404)
        return _answer(request, found)

    async def history(self, request: Request) -> Response:
        before = request.query_params.get("before", "")
        if before.isascii() and before.isdigit() and len(before) < 10:
            return _answer(request, await self.site.history(int(before), self._language(request)))
        return _answer(request, self._find(request, "/history"))

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
        code = secrets.token_hex(3)
        log.exception("unexpected error %s at %s", code, request.url.path)
        words = f"The error is on our side (code {code}). Try again in a minute."
        return self.message(request, "Something went wrong", words, 500)

    def message(
        self, request: Request, heading: str, words: str, status: int, headers: Mapping[str, str] | None = None
    ) -> Response:
        """A short page with a message."""
        root = request.scope.get("root_path", "").rstrip("/")
        page = self.site.environments[self._language(request)].get_template("message.html.j2")
        body = page.render(root=root, now=self.site.clock(), heading=heading, words=words)
        return HTMLResponse(body, status, headers={"Cache-Control": "no-store", **(headers or {})})

    def _language(self, request: Request) -> str:
        known = self.site.organisation.languages
        return chosen(request.query_params.get("lang", ""), request.headers.get("accept-language", ""), known)

    def _find(self, request: Request, path: str) -> CachedResponse:
        found = self.site.cache.get(self._language(request), {}).get(path)
        if found is None:  # nothing was ever read
            raise Busy
        return found


def _path(request: Request) -> str:
    """The path within the application, wherever it is mounted."""
    return request.url.path.removeprefix(request.scope.get("root_path", "").rstrip("/")) or "/"


def _answer(request: Request, cached: CachedResponse) -> Response:
    """The response, or 304 if the client has it."""
    headers = {
        "ETag": cached.etag,
        "Last-Modified": f"{cached.modified:%a, %d %b %Y %H:%M:%S} GMT",
        "Cache-Control": "no-cache",
        "Vary": "Accept-Encoding, Accept-Language",
    }
    wanted = request.headers.get("if-none-match", "")
    if cached.etag.removeprefix("W/") in (tag.strip().removeprefix("W/") for tag in wanted.split(",")):
        return Response(status_code=304, headers=headers)
    if "gzip" in request.headers.get("accept-encoding", ""):
        headers["Content-Encoding"] = "gzip"
        return Response(cached.gzipped, headers=headers, media_type=cached.media_type)
    return Response(cached.body, headers=headers, media_type=cached.media_type)


async def _static(request: Request) -> Response:
    name = request.path_params["name"]
    if name not in STATIC:
        raise HTTPException(404)
    current = asset(name).rpartition("=")[2] == request.query_params.get("v")
    headers = {"Cache-Control": FOR_EVER if current else "no-cache"}
    return FileResponse(WEB / name, media_type=STATIC[name], headers=headers)
