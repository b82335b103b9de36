"""Every page, light and dark, from a phone to a wide screen: nothing overflows, no script fails, axe finds nothing."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect
from starlette.routing import Route

from tests.browser.test_console import ROOM, signed_in
from tests.browser.test_public_pages import LONG, said
from tests.browser.test_public_pages import served as served_publicly
from tests.platforms.console.serve import served
from tests.platforms.console.world import World
from tests.web.stories import Foghorn

WIDTHS = (320, 360, 1280, 1920)
SCHEMES = ("light", "dark")
CHECKED = {("light", 360), ("dark", 1280)}  # where axe looks: what it finds depends on the layout and the colors
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"], "resultTypes": ["violations"]}
TWICE = """() => [...document.querySelectorAll("[id]")].map(e => e.id).filter((id, n, all) => all.indexOf(id) !== n)"""

PUBLIC = ("/", "/incidents/INC-1", "/incidents/INC-2", "/history", "/history?q=zebra", "/?lang=de", "/?lang=ja",
          "/nowhere", "/drill/", "/drill/incidents/INC-1")  # fmt: skip
CONSOLE = (
    "/console", ROOM, "/console/support", "/console/people", "/console/history", "/console/history?text=pages",
    "/console/channels", "/console/channels/status", "/console/subscriptions", "/console/forms/update?incident=INC-1",
    "/console/forms/declare", "/console/forms/subscribe", "/console/run?line=help", "/console/run?line=timeline+INC-1",
    "/console/run?line=nonsense", "/console/confirm?line=discard+INC-1&room=INC-1",
    "/console/incidents/INC-1/retrospective", "/console/incidents/INC-1/retrospective/edit",
    "/console/run?line=deliveries+INC-1",
)  # fmt: skip
NO_PAGES = ("/console/files/{verb}/{incident}", "/console/changes", "/console/session", "/console/do/{verb}",
            "/console/sign-in", "/console/sign-out", "/console/play")  # fmt: skip


def problems_of(page: Page) -> list[str]:
    """What is wrong with the page that is open, at every width in both schemes, without loading it again."""
    found = [f"{name} is the id of several elements" for name in page.evaluate(TWICE)]
    if page.get_by_role("heading", level=1).count() != 1:
        found.append("there is not one first heading")
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 800})
            wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            if wider > 0:
                found.append(f"overflows by {wider} px at {width} px")
            if (scheme, width) in CHECKED:
                violations = Axe().run(page, options=RULES).response["violations"]
                found += [f"{scheme}: {each['id']}: {each['nodes'][0]['html'][:200]}" for each in violations]
    return found


def test_every_public_page(browser: Browser, migrated_sqlite: Path, tmp_path: Path) -> None:
    foghorn = Foghorn(f"sqlite:///{shutil.copy(migrated_sqlite, tmp_path / 'foghorn.db')}")
    foghorn.reference("fix")
    foghorn.insert_published(LONG[:200], LONG)
    foghorn.clock.wait(2)
    with served_publicly(foghorn) as running:
        page = browser.new_page()
        complaints, found = said(page), {}
        for path in PUBLIC:
            page.goto(running.base + path)
            if problems := problems_of(page):
                found[path] = problems
        assert found == {}
        assert [each for each in complaints if "404" not in each] == []
        page.close()
    foghorn.close()


@pytest.fixture
def world(migrated_sqlite_url: str) -> Iterator[World]:
    with served(migrated_sqlite_url) as world:
        yield world


def test_every_page_of_the_console(browser: Browser, world: World) -> None:
    page = signed_in(browser, world, "ana")
    complaints = said(page)
    found = {"nothing has happened": problems_of(page)}
    world.harness.ana(f"declare {'A' * 120} {'long words ' * 7} sev:3 on:business=degraded")
    world.harness.ana("publish")
    world.harness.ana("update identified We know where the failure is.")
    world.harness.ana("declare! Another sev:4")
    world.harness.ana("cancel INC-2")
    world.harness.invite("N" * 60)
    world.harness.deliver(dead=["local:#status"])
    for path in CONSOLE:
        page.goto(path)
        found[path] = problems_of(page)
    page.goto("/console")
    page.get_by_role("button", name="Sign out").click()
    for path in (ROOM, world.link("ben"), "/console?token=used"):
        page.goto(path)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        found[f"signed out: {path.partition('=')[0]}"] = problems_of(page)
    assert {path: problems for path, problems in found.items() if problems} == {}
    assert [each for each in complaints if "responded with a status of 4" not in each] == []


def test_every_route_of_the_console_is_among_them(world: World) -> None:
    routes = [route for route in world.app.routes if isinstance(route, Route) and "GET" in (route.methods or ())]
    pages = [route for route in routes if route.path not in (*NO_PAGES, "/static/{name}")]
    missing = [route.path for route in pages if not any(route.path_regex.match(p.partition("?")[0]) for p in CONSOLE)]
    assert (len(pages) > 8, missing) == (True, [])
