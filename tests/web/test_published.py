"""Published pages in memory: what is sent, in which encoding, and when only that nothing changed."""

import asyncio
import gzip
import re

import pytest

from bot.domain.organisation import Component
from tests.reference import ORGANISATION
from tests.web.conftest import Client, Read
from tests.web.stories import Foghorn

PAGES = ("/", "/history", "/incidents/INC-1", "/updates.atom", "/api/v2/summary.json")
MANY = (
    *ORGANISATION.components,
    *(
        Component(key=f"part-{n}", name=f"Part {n}", group=f"Group {n % 6}", description="What it does.")
        for n in range(26)
    ),
)


def test_the_etag_changes_only_with_the_content(foghorn: Foghorn, client: Client, read: Read) -> None:
    foghorn.reference("investigating")
    foghorn.clock.wait(1)
    read()
    first = {path: client.get(path).headers for path in PAGES}
    foghorn.clock.wait(8)
    read()
    for path, headers in first.items():
        assert client.get(path, headers={"If-None-Match": headers["etag"]}).status_code == 304, path
        assert client.get(path, headers={"If-Modified-Since": headers["last-modified"]}).status_code == 304, path
    foghorn.publish("update identified Signing in works.")
    read()
    for path, headers in first.items():
        assert client.get(path, headers={"If-None-Match": headers["etag"]}).status_code == 200, path
        assert client.get(path, headers={"If-Modified-Since": headers["last-modified"]}).status_code == 200, path


def test_two_publications_within_a_second_have_different_dates(foghorn: Foghorn, client: Client, read: Read) -> None:
    foghorn.reference("investigating")
    read()
    first = client.get("/").headers["last-modified"]
    foghorn.publish("update identified Signing in works.")
    read()
    assert client.get("/", headers={"If-Modified-Since": first}).status_code == 200


def test_a_promise_that_became_late_is_new_content(foghorn: Foghorn, client: Client, read: Read) -> None:
    foghorn.reference("investigating")
    read()
    etag = client.get("/").headers["etag"]
    foghorn.clock.wait(20)
    read()
    assert client.get("/", headers={"If-None-Match": etag}).status_code == 200


def test_without_a_publication_an_empty_page_stays_the_same(foghorn: Foghorn, client: Client, read: Read) -> None:
    for path in ("/", "/history.atom", "/updates.atom", "/api/v2/summary.json"):
        read(path)
        etag = client.get(path).headers["etag"]
        foghorn.clock.wait(5)
        read(path)
        assert client.get(path).headers["etag"] == etag


def test_if_none_match_comes_before_if_modified_since(foghorn: Foghorn, client: Client, read: Read) -> None:
    foghorn.reference("investigating")
    read()
    later = {"If-Modified-Since": "Mon, 20 Apr 2099 15:44:00 GMT"}
    assert client.get("/", headers=later).status_code == 304
    assert client.get("/", headers=later | {"If-None-Match": '"other"'}).status_code == 200
    assert client.get("/", headers={"If-None-Match": "*"}).status_code == 304
    assert client.get("/", headers={"If-Modified-Since": "yesterday"}).status_code == 200


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("gzip", "gzip"),
        ("gzip, deflate, br, zstd", "br"),
        ("br;q=0, gzip", "gzip"),
        ("GZIP;q=0.5, identity", "gzip"),
        ("*", "br"),
        ("gzip;q=0", None),
        ("identity", None),
        ("", None),
        ("gzip;q=x, ;;", None),
    ],
)
def test_a_page_is_sent_in_an_encoding_that_the_reader_accepts(
    client: Client, read: Read, accepted: str, encoding: str | None
) -> None:
    page = read()
    answer = client.get("/", headers={"Accept-Encoding": accepted})
    assert answer.headers.get("content-encoding") == encoding
    assert answer.text == page
    assert answer.headers["vary"] == "Accept-Encoding, Accept-Language"
    assert "stale-while-revalidate" in answer.headers["cache-control"]


def test_a_page_answers_from_memory_and_by_a_route_alike(foghorn: Foghorn, client: Client, read: Read) -> None:
    foghorn.reference("investigating")
    read()
    for path in PAGES:
        memory, route = client.get(path), client.get(f"{path}?utm_source=mail")
        assert memory.headers == route.headers
        assert memory.content == route.content


def test_pages_in_memory_are_shown_only_to_known_hosts(client: Client, read: Read) -> None:
    read()
    for host in ("evil.example", "127.0.0.1.evil.example", "127.0.0.1:80:80", "127.0.0.1@evil.example", ""):
        assert client.get("/", headers={"Host": host}).status_code == 400


def test_endless_headers_and_queries_are_answered_and_not_remembered(client: Client, read: Read) -> None:
    page = read()
    long = "x" * 20_000
    for headers in ({"Accept-Language": long}, {"Accept-Encoding": f"gzip,{long}"}, {"If-Modified-Since": long}):
        assert client.get("/", headers=headers).text == page
    assert client.get(f"/?lang={long}").text == page
    assert client.get("/", headers={"Host": long}).status_code == 400


def test_a_publication_replaces_every_encoding(foghorn: Foghorn, client: Client, read: Read) -> None:
    foghorn.reference("investigating")
    read()
    compressed = {"Accept-Encoding": "gzip"}
    assert "Identified" not in client.get("/api/v2/summary.json", headers=compressed).text
    foghorn.publish("update identified Signing in works.", after=5)
    asyncio.run(foghorn.site.rebuild())
    assert "Signing in works." in client.get("/", headers=compressed).text
    whole = client.get("/").content
    page = foghorn.site.find("en", "/")
    assert page is not None
    assert gzip.decompress(page.encoded("gzip")[1]) == whole


def test_a_page_with_all_it_needs_is_light(migrated_sqlite_url: str) -> None:
    """At most 60 kB as it is, and 20 kB compressed with 30 components."""
    for components, encoding, limit in ((ORGANISATION.components, "identity", 60_000), (MANY, "gzip", 20_000)):
        foghorn = Foghorn(migrated_sqlite_url, organisation=ORGANISATION.model_copy(update={"components": components}))
        if encoding == "identity":
            foghorn.reference("fix")
        asyncio.run(foghorn.site.rebuild())
        client = Client(foghorn.web_app())
        page = client.get("/", headers={"Accept-Encoding": "identity"}).text
        parts = ["/", *{f"/static/{name}" for name in re.findall(r'(?:href|src)="\./static/([^"]+)', page)}]
        answers = [client.get(part, headers={"Accept-Encoding": encoding}) for part in parts]
        assert len(parts) > 3
        weight = sum(int(answer.headers["content-length"]) for answer in answers)
        assert weight < limit, {
            part: answer.headers["content-length"] for part, answer in zip(parts, answers, strict=True)
        }
        foghorn.close()
