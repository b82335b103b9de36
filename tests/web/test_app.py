"""What stands before and around every route."""

import asyncio
import logging
from collections.abc import AsyncIterator

import feedparser
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route

from tests.web.conftest import Client, Read
from tests.web.stories import Foghorn


async def fail(_request: Request) -> Response:
    raise ValueError("the secret reason")


async def length(request: Request) -> Response:
    return PlainTextResponse(str(len(await request.body())))


@pytest.fixture
def client(foghorn: Foghorn) -> Client:
    return Client(foghorn.web_app([Route("/fail", fail), Route("/length", length, methods=["POST"])]))


@pytest.mark.parametrize("path", ["/", "/nothing", "/fail", "/healthz", "/static/foghorn.css", "/history.atom"])
def test_every_answer_carries_the_security_headers(read: Read, client: Client, path: str) -> None:
    read()
    headers = client.get(path).headers
    assert headers["content-security-policy"].startswith("default-src 'none'; style-src 'self'")
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"


def test_an_unknown_path_gets_a_calm_page(client: Client) -> None:
    answer = client.get("/nothing")
    assert answer.status_code == 404
    assert "Page not found" in answer.text


def test_an_unexpected_error_shows_a_code_that_stands_in_the_log(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        answer = client.get("/fail")
    assert answer.status_code == 500
    assert "secret reason" not in answer.text
    code = answer.text.partition("(code ")[2].partition(")")[0]
    assert len(code) == 6
    assert code in caplog.text


@pytest.mark.parametrize("host", ["localhost:8080", "127.0.0.1", "[::1]:8080", "status.example.com", "0.0.0.0:8080"])
def test_known_hosts_are_served(read: Read, client: Client, host: str) -> None:
    read()
    assert client.get("/", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "status.example.com.evil.example", "127.0.0.1.evil.example"])
def test_any_other_host_is_refused(read: Read, client: Client, host: str) -> None:
    read()
    assert client.get("/", headers={"Host": host}).status_code == 400


def test_probes_may_ask_by_any_address(client: Client) -> None:
    assert client.get("/healthz", headers={"Host": "10.1.2.3:8080"}).status_code == 200


def test_a_body_within_the_limit_arrives(client: Client) -> None:
    assert client.request("POST", "/length", content=b"x" * 200_000).text == "200000"


def test_a_large_body_is_refused(client: Client) -> None:
    assert client.request("POST", "/length", content=b"x" * 300_000).status_code == 413


def test_a_large_body_that_does_not_say_so_is_refused(client: Client) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(30):
            yield b"x" * 10_000

    assert client.request("POST", "/length", content=pieces()).status_code == 413


def test_only_requests_that_are_not_public_are_logged_and_never_with_their_query(
    foghorn: Foghorn, read: Read, caplog: pytest.LogCaptureFixture
) -> None:
    read()
    client = Client(foghorn.web_app([Route("/console/people", length)]))
    with caplog.at_level(logging.INFO, "foghorn.access"):
        for path in ("/", "/history?month=2026-04", "/nothing", "/console/people?token=secret", "/static/foghorn.css"):
            client.get(path)
    logged = [record.getMessage() for record in caplog.records if record.name == "foghorn.access"]
    assert logged == ['127.0.0.1 "GET /console/people" 200']


def test_pages_only_answer_to_reading(read: Read, client: Client) -> None:
    read()
    assert client.request("POST", "/").status_code == 405
    assert client.request("HEAD", "/").status_code == 200


def test_a_page_is_sent_once_until_it_changes(read: Read, client: Client) -> None:
    read()
    etag = client.get("/").headers["etag"]
    assert client.get("/", headers={"If-None-Match": f'"other", {etag}'}).status_code == 304


def test_pages_travel_compressed(read: Read, client: Client) -> None:
    read()
    assert client.get("/", headers={"Accept-Encoding": "gzip"}).headers["content-encoding"] == "gzip"


def test_style_and_script_may_be_kept_for_ever_under_the_address_that_names_their_content(
    read: Read, client: Client
) -> None:
    page = read()
    address = page.partition('<link rel="stylesheet" href=".')[2].partition('"')[0]
    answer = client.get(address, headers={"Accept-Encoding": "gzip"})
    assert "immutable" in answer.headers["cache-control"]
    assert (answer.headers["content-encoding"], answer.headers["vary"]) == ("gzip", "Accept-Encoding")
    assert client.get(address, headers={"If-None-Match": answer.headers["etag"]}).status_code == 304
    assert client.get("/static/foghorn.css").headers["cache-control"] == "no-cache"


@pytest.mark.parametrize("name", ["status.html.j2", "..%2f..%2fpyproject.toml", "%2e%2e/base.html.j2"])
def test_nothing_else_is_static(client: Client, name: str) -> None:
    assert client.get(f"/static/{name}").status_code == 404


@pytest.mark.parametrize("path", ["/incidents/INC-0", "/incidents/INC-99999999999", "/incidents/1", "/incidents/x%00y"])
def test_odd_incident_keys_are_not_found(read: Read, client: Client, path: str) -> None:
    read()
    assert client.get(path).status_code == 404


@pytest.mark.parametrize("month", ["x", "-1", "2026-13", "2026-00", "9999-12", "%F0%9F%98%80", "²"])
def test_odd_places_in_the_history_show_its_beginning(read: Read, client: Client, month: str) -> None:
    page = read("/history")
    assert client.get(f"/history?month={month}&component={month}").text == page


def test_months_before_and_after_everything_are_empty(read: Read, client: Client) -> None:
    read()
    for month in ("2000-01", "2099-12"):
        assert client.get(f"/history?month={month}").status_code == 200


def test_the_application_works_under_a_path(foghorn: Foghorn, read: Read) -> None:
    foghorn.reference()
    read()
    client = Client(Starlette(routes=[Mount("/drill", foghorn.web_app())]))
    for path in ("/", "/history", "/incidents/INC-1", "/history.atom", "/healthz"):
        assert client.get(f"/drill{path}").status_code == 200
    for path in ("/", "/history", "/incidents/INC-1"):
        assert 'href="/' not in client.get(f"/drill{path}").text
    assert 'href="/drill/static/foghorn.css' in client.get("/drill/nothing").text


def test_every_page_of_a_drill_says_so(migrated_sqlite_url: str) -> None:
    foghorn = Foghorn(migrated_sqlite_url, drill=True)
    foghorn.reference("investigating")
    client = Client(foghorn.web_app())
    asyncio.run(foghorn.site.rebuild())
    for path in ("/", "/history", "/incidents/INC-1", "/nothing"):
        page = client.get(path).text
        assert "This is a drill. Nothing reaches customers." in page
        assert "<title>Drill: " in page


@pytest.mark.parametrize("path", ["/history.atom", "/updates.atom"])
def test_every_feed_of_a_drill_says_so(migrated_sqlite_url: str, path: str) -> None:
    foghorn = Foghorn(migrated_sqlite_url, drill=True)
    foghorn.reference("investigating")
    asyncio.run(foghorn.site.rebuild())
    feed = feedparser.parse(Client(foghorn.web_app()).get(path).text)
    assert feed.feed.subtitle == "This is a drill. Nothing reaches customers."
    assert feed.feed.title.startswith("Drill: ")
    assert feed.entries
    assert all(entry.title.startswith("Drill: ") for entry in feed.entries)
