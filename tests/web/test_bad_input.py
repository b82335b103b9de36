"""What strangers send: odd requests of every kind never make the server fail, stop, or keep what they send."""

import asyncio
import http.client
import logging
import random
import socket
import string
from collections.abc import AsyncIterator, Iterator
from time import perf_counter
from typing import Any
from urllib.parse import urlsplit

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from bot.actions import people
from bot.drill.player import DrillPlayer
from bot.drill.scenario import REFERENCE, load
from bot.main import Foghorn, compose
from bot.platforms import PLATFORMS
from bot.settings import read_settings
from bot.web import protocol
from bot.web.middleware import BodyLimit, UnexpectedErrors
from tests.platforms.console.world import Rehearsal
from tests.reference import ORGANISATION
from tests.web.serving import serving

REQUESTS = 2000
ODD = (
    "", "0", "-1", "²", "INC-1", "INC-0", "INC-99999999999999999999", "..", "../../etc/passwd", "%00", "\x00", "%",
    "%zz",
    "%2e%2e%2f", "//evil.example", "http://[::1", "\\", "'\"><script>alert(1)</script>", 
    "{{7*7}}", "\u202eevil\u202c",
    "\u200b", "\ud7ff", "\U0001f600", "a" * 5000, "null", "true", "NaN", "1e999", "2026-02-30", "@", ";",
    "&&", "key:", "=", "declare API errors sev:1 on:api=major", "update identified cause:x", "publish", "list",
)  # fmt: skip
FIELDS = ("lang", "q", "month", "before", "component", "token", "line", "incident", "next", "revision", "to", "handle")
HEADERS = (
    "accept", "accept-encoding", "accept-language", "content-type", "content-length", "cookie", "host",
    "if-modified-since", "if-none-match", "origin", "range", "referer", "sec-fetch-site", "x-slack-signature",
)  # fmt: skip
TYPES = ("application/x-www-form-urlencoded", "application/json", "multipart/form-data; boundary=x", "text/plain", "")


@pytest.fixture
def foghorn(migrated_sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Foghorn]:
    """Everything that is served without a chat platform."""
    monkeypatch.setenv("FOGHORN_DATABASE_URL", migrated_sqlite_url)

    player = DrillPlayer(load(REFERENCE), ORGANISATION.zone, {}, "/console", 100)
    foghorn = compose(read_settings(PLATFORMS), ORGANISATION, play=Rehearsal(), player=player)
    yield foghorn
    foghorn.desk.close()
    foghorn.store.close()


def served(routes: list[BaseRoute]) -> Iterator[tuple[str, str]]:
    """Method and path of each route."""
    for route in routes:
        assert isinstance(route, Route)
        yield from ((method, route.path) for method in route.methods or ())


async def ask(app: Starlette, scope: dict[str, Any], body: bytes) -> tuple[int, dict[bytes, bytes]]:
    """Status and headers. The client goes away once it has sent everything."""
    waiting = [{"type": "http.request", "body": body, "more_body": False}]
    found: list[Any] = []

    async def receive() -> Any:
        return waiting.pop() if waiting else {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        found.append(message)

    await app(scope, receive, send)
    if not found:  # a stream, which ends when the client goes away
        return 499, {}
    return found[0]["status"], dict(found[0]["headers"])


def scope(method: str, path: str, query: bytes, headers: list[tuple[bytes, bytes]]) -> dict[str, Any]:
    return {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "scheme": "http",
        "path": path, "raw_path": path.encode(), "query_string": query, "root_path": "", "headers": headers,
        "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 8080), "state": {},
    }  # fmt: skip


def odd(chance: random.Random) -> str:
    return chance.choice(ODD) if chance.random() < 0.8 else "".join(chance.choices(string.printable, k=20))


def pairs(chance: random.Random) -> bytes:
    return "&".join(f"{chance.choice(FIELDS)}={odd(chance)}" for _ in range(chance.randrange(4))).encode()


async def test_two_thousand_odd_requests_to_every_route_are_answered_without_an_error(
    foghorn: Foghorn, caplog: pytest.LogCaptureFixture
) -> None:
    chance, app = random.Random(11), foghorn.web_app
    await foghorn.site.rebuild()
    foghorn.changes.start()
    with foghorn.store.write() as tx:
        _, token = people.invite(tx, "ana")
    at_home = [(b"host", b"127.0.0.1:8080"), (b"sec-fetch-site", b"same-origin")]
    form = [*at_home, (b"content-type", b"application/x-www-form-urlencoded")]
    _, answered = await ask(app, scope("POST", "/console/sign-in", b"", form), f"token={token}".encode())
    cookie = answered[b"set-cookie"].partition(b";")[0]
    pages = {("GET", path) for path in (*foghorn.site.cache["en"], "/nothing", "/static/foghorn.css")}
    every = sorted({*served(app.routes), *pages} - {("POST", "/console/sign-out")})
    assert len(every) > 50
    asked = set()
    with caplog.at_level(logging.ERROR):
        for number in range(REQUESTS):
            method, path = every[number % len(every)]
            while "{" in path:
                before, _, rest = path.partition("{")
                path = f"{before}{odd(chance)}{rest.partition('}')[2]}"
            if chance.random() < 0.2:
                method = chance.choice(("GET", "POST", "HEAD", "PUT", "OPTIONS", "PROPFIND"))
            headers = [] if chance.random() < 0.1 else list(at_home)
            headers += [(b"cookie", cookie)] if chance.random() < 0.7 else []
            headers += [(b"content-type", chance.choice(TYPES).encode())]
            for _ in range(chance.randrange(3)):
                headers.append((chance.choice(HEADERS).encode(), odd(chance).encode("utf-8", "replace")))
            body = chance.choice(
                (b"", pairs(chance), chance.randbytes(50), b'{"a":[', b"--x\r\nContent-Disposition: a")
            )
            status, _ = await ask(app, scope(method, path, pairs(chance), headers), body)
            assert status < 500, (method, path, headers, body)
            asked.add(status)
    assert {200, 303, 400, 401, 404, 405} <= asked
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


async def late(request: Request) -> Response:
    return PlainTextResponse(str(len(await request.body())))


async def beats(_request: Request) -> Response:
    async def content() -> AsyncIterator[str]:
        for _ in range(4):
            await asyncio.sleep(0.08)
            yield "beat"

    return StreamingResponse(content())


def failed(_request: Request) -> Response:
    logging.getLogger("test").exception("unexpected")
    return PlainTextResponse("", 500)


@pytest.fixture
def address(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, int]]:
    """A server whose patience is short."""
    monkeypatch.setattr(protocol, "HEAD_WITHIN_S", 0.2)
    routes = [Route("/", late, methods=["GET", "POST"]), Route("/stream", beats)]
    bounds = [Middleware(UnexpectedErrors, page=failed), Middleware(BodyLimit, within_s=0.2)]
    with serving(Starlette(routes=routes, middleware=bounds)) as address:
        where = urlsplit(address)
        yield where.hostname or "", where.port or 0


def answer(address: tuple[str, int], *parts: bytes) -> bytes:
    """What comes back until the server closes, or answers."""
    with socket.create_connection(address, timeout=1) as connection:
        for part in parts:
            try:
                connection.sendall(part)
            except OSError:  # it has closed
                break
        said = b""
        try:
            while part := connection.recv(1000):
                said += part
        except (ConnectionResetError, TimeoutError):
            pass
        return said


def test_a_head_that_does_not_end_is_cut_off(address: tuple[str, int]) -> None:
    start = perf_counter()
    assert answer(address, b"") == b""
    assert answer(address, b"GET / HTTP/1.1\r\nHost: x\r\nX: ") == b""
    assert perf_counter() - start < 3


def test_headers_without_end_are_not_kept(address: tuple[str, int]) -> None:
    line = b"X-Long: " + b"x" * 30_000 + b"\r\n"
    said = answer(address, b"GET / HTTP/1.1\r\nHost: x\r\n", *[line] * 1000)
    assert said == b"" or said.startswith(b"HTTP/1.1 400")


def test_a_body_that_does_not_arrive_is_refused(address: tuple[str, int]) -> None:
    said = answer(address, b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n123")
    assert said.startswith(b"HTTP/1.1 408")
    assert b"took too long to arrive. Nothing was changed." in said


def test_a_body_that_breaks_off_is_no_error(address: tuple[str, int], caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        for _ in range(3):
            with socket.create_connection(address, timeout=5) as connection:
                connection.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n123")
        answer(address, b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")

    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING] == []


async def test_a_form_that_breaks_off_is_no_error_on_any_route(
    foghorn: Foghorn, caplog: pytest.LogCaptureFixture
) -> None:
    own = [(b"host", b"127.0.0.1:8080"), (b"content-type", b"application/x-www-form-urlencoded")]
    own += [(b"sec-fetch-site", b"same-origin"), (b"content-length", b"10")]

    async def receive() -> Any:
        return {"type": "http.disconnect"}

    async def send(_message: Any) -> None:
        pass

    with caplog.at_level(logging.WARNING):
        for path in ("/console/sign-in", "/console/run", "/console/do/declare", "/console/sign-out"):
            await foghorn.web_app(scope("POST", path, b"", own), receive, send)

    assert caplog.records == []


@pytest.mark.parametrize(
    "header",
    [(b"host", b""), (b"host", b"127.0.0.1:abc"), (b"host", b"127.0.0.1:99999"), (b"host", b"http://127.0.0.1"),
     (b"host", b"[::1"), (b"host", b"127.0.0.1, evil.example"), (b"origin", b"http://[::1"), (b"origin", b"//"),
     (b"origin", b"127.0.0.1:8080"), (b"origin", b"http://127.0.0.1:8080/console"), (b"origin", b"http://a@b")],
)  # fmt: skip
@pytest.mark.parametrize(("method", "path"), [("GET", "/"), ("GET", "/console"), ("POST", "/console/run")])
async def test_a_malformed_host_or_origin_is_refused(
    foghorn: Foghorn, method: str, path: str, header: tuple[bytes, bytes]
) -> None:
    await foghorn.site.rebuild()
    headers = [] if header[0] == b"host" else [(b"host", b"127.0.0.1:8080")]

    status, _ = await ask(foghorn.web_app, scope(method, path, b"", [*headers, header]), b"")

    assert status == (200 if (method, path, header[0]) == ("GET", "/", b"origin") else 400)


@pytest.mark.parametrize("path", ["/healthz", "/console"])
async def test_two_hosts_are_refused(foghorn: Foghorn, path: str) -> None:
    twice = [(b"host", b"127.0.0.1:8080"), (b"host", b"evil.example")]

    assert (await ask(foghorn.web_app, scope("GET", path, b"", twice), b""))[0] == 400


def test_a_stream_that_lasts_longer_than_a_request_may_is_not_cut_off(address: tuple[str, int]) -> None:
    assert answer(address, b"GET /stream HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").count(b"beat") == 4


def test_who_sends_slowly_and_ends_in_time_is_answered_and_may_go_on(address: tuple[str, int]) -> None:
    with socket.create_connection(address, timeout=5) as connection:
        for _ in range(2):
            for part in (b"POST / HTTP/1.1\r\nHo", b"st: x\r\nContent-Length: 4\r\n\r\n12", b"34"):
                connection.sendall(part)
            said = http.client.HTTPResponse(connection)
            said.begin()
            assert (said.status, said.read()) == (200, b"4")


@pytest.mark.parametrize(
    "path", ["/../../etc/passwd", "/static/../../pyproject.toml", "/static/..%2f..%2fpyproject.toml", "/%2e%2e/"]
)
async def test_no_path_leads_out_of_the_site(foghorn: Foghorn, path: str) -> None:
    await foghorn.site.rebuild()
    status, _ = await ask(foghorn.web_app, scope("GET", path, b"", [(b"host", b"127.0.0.1")]), b"")
    assert status == 404
