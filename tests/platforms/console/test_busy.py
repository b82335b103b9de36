"""While the database does not answer, the console answers 503 everywhere; while it cannot be written to, it shows."""

import sqlite3
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy import event, make_url
from starlette.routing import Route

from tests.platforms.console.browse import BASE, Browse
from tests.platforms.console.world import World

SAMPLES = {"incident": "INC-1", "verb": "update", "name": "status"}
ELSEWHERE = ("/console/sign-in", "/console/sign-out", "/console/play", "/console/do/update")
"""Addresses that a form is sent to; opened, they lead to a page."""
QUERIES = {"/console/run": "?line=list", "/console/confirm": "?line=discard"}


def addresses(world: World) -> list[tuple[str, str]]:
    """Every method and address of the console."""
    found = []
    for route in world.app.routes:
        if isinstance(route, Route) and route.path.startswith("/console"):
            path = route.path.format(**SAMPLES)
            found += [(method, path) for method in sorted(route.methods or ()) if method != "HEAD"]
    return found


def test_every_address_answers_503_while_the_database_is_gone(world: World, ana: Browse) -> None:
    ana.run("declare API down")
    link = urlsplit(world.link("ben")).query
    database = Path(str(make_url(world.harness.url).database))
    away = database.rename(database.with_name("away.db"))
    headers = {"Origin": BASE, "Sec-Fetch-Site": "same-origin"}
    asked = [("GET", f"/console?{link}"), *(each for each in addresses(world) if each[1] != "/console/writing")]
    wrong = {}
    for method, path in asked:
        if method == "GET" and path in ELSEWHERE:
            continue
        query = QUERIES.get(path, "") if method == "GET" else ""
        data = {"line": "note It is slow.", "token": "x", "text": "It is slow."} if method == "POST" else None
        response = ana.client.request(method, f"{path}{query}", data=data, headers=headers, follow_redirects=False)
        if response.status_code != 503:
            wrong[f"{method} {path}"] = response.status_code
    away.rename(database)

    assert len(asked) > 25
    assert wrong == {}


def test_while_the_database_is_read_only_pages_are_shown_and_what_was_typed_stays(world: World, ana: Browse) -> None:
    ana.run("declare API down")

    @event.listens_for(world.harness.own_engine(), "checkout")
    def protect(connection: sqlite3.Connection, *_: object) -> None:
        connection.execute("PRAGMA query_only=ON")

    pages = ("/console/people", "/console/history", "/console/support", "/console", "/console/incidents/INC-1")
    assert [ana.open(page) and ana.status for page in pages] == [200] * len(pages)
    words = ana.run("note INC-1 It is slow.")
    assert ana.status == 503
    assert "Nothing was changed and nothing was sent. It is read-only" in words
    assert any(form.fields.get("line") == ["note INC-1 It is slow."] for form in ana.page.forms)
