"""The public pages in a real browser: the dark, no script, print, and what a page left open shows."""

import asyncio
import re
import shutil
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import uvicorn
from playwright.sync_api import Browser, Page, expect
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Mount, Route

from tests.patience import LONG_S
from tests.web.stories import URL, Foghorn

LONG = "<script>alert(1)</script> \u05e9\u05dc\u05d5\u05dd \U0001f600 " + "endlesslylongword" * 10


@dataclass
class Served:
    """A Foghorn whose public pages are served under / and /drill."""

    foghorn: Foghorn
    base: str
    loop: asyncio.AbstractEventLoop

    def rebuild(self) -> None:
        asyncio.run_coroutine_threadsafe(self.foghorn.site.rebuild(), self.loop).result(LONG_S)


async def shop(request: Request) -> HTMLResponse:
    """A page of someone else, on another host, with the banner."""
    words = f'<p>A shop</p><script src="http://127.0.0.1:{request.url.port}/banner.js" async></script>'
    return HTMLResponse(words, headers={"Content-Security-Policy": "default-src http://127.0.0.1:*"})


@contextmanager
def served(foghorn: Foghorn) -> Iterator[Served]:
    app = foghorn.web_app([Mount("/drill", foghorn.web_app()), Route("/shop", shop)])
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", ws="none"))
    loops: list[asyncio.AbstractEventLoop] = []

    async def serve() -> None:
        loops.append(asyncio.get_running_loop())
        await foghorn.site.rebuild()
        await server.serve(sockets=[listening])

    thread = threading.Thread(target=lambda: asyncio.run(serve()))  # Playwright's loop holds this one
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield Served(foghorn, f"http://127.0.0.1:{listening.getsockname()[1]}", loops[0])
    server.should_exit = True
    thread.join()


@pytest.fixture(scope="module")
def address(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The reference incident at its fix, and another with hostile words."""
    path = shutil.copy(migrated_sqlite, tmp_path_factory.mktemp("pages") / "foghorn.db")
    foghorn = Foghorn(f"sqlite:///{path}")
    foghorn.reference("fix")
    foghorn.insert_published(LONG[:200], LONG)
    foghorn.clock.wait(2)
    with served(foghorn) as running:
        yield running.base


def said(page: Page) -> list[str]:
    """Collects what the browser complains of."""
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    return complaints


def test_the_dark_is_dark(browser: Browser, address: str) -> None:
    page = browser.new_page(color_scheme="dark")
    page.goto(address)
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(13, 20, 26)"
    page.close()


def test_a_page_says_the_same_without_script(browser: Browser, address: str) -> None:
    with_script, without = (browser.new_page(java_script_enabled=on) for on in (True, False))
    for page in (with_script, without):
        page.goto(f"{address}/incidents/INC-1")
    assert without.inner_text("main") == with_script.inner_text("main")
    for page in (with_script, without):
        page.close()


def test_links_lead_where_they_say_under_any_path(browser: Browser, address: str) -> None:
    page = browser.new_page()
    page.goto(f"{address}/drill/")
    page.click("h3 a:has-text('major outage')")
    assert page.url == f"{address}/drill/incidents/INC-1"
    page.click("a:has-text('History')")
    assert page.url == f"{address}/drill/history"
    page.click("a.brand")
    assert page.url == f"{address}/drill/"
    page.close()


def test_printed_nothing_stays_folded(browser: Browser, address: str) -> None:
    page = browser.new_page()
    page.goto(f"{address}/incidents/INC-1")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    assert page.is_visible("text=Signing in works.")
    assert page.is_hidden(".nav")
    page.close()


def test_a_page_left_open_shows_what_is_published_and_stops_counting_when_it_cannot_ask(
    browser: Browser, migrated_sqlite_url: str
) -> None:
    foghorn = Foghorn(migrated_sqlite_url)
    foghorn.reference("corrected")
    with served(foghorn) as running:
        page = browser.new_page()
        complaints = said(page)
        page.clock.install()
        page.goto(running.base)
        expect(page.locator(".next [data-until]")).to_have_text("in 9 min")
        page.click("summary")
        link = page.locator("h3 a")
        link.focus()

        foghorn.publish("update fix We restarted the gateways.", after=5)
        running.rebuild()
        page.clock.run_for(31_000)

        expect(page.locator(".updates h4").first).to_have_text("Fix implemented")
        expect(page.locator("#news")).to_contain_text("Fix implemented")
        expect(page.locator(".next [data-until]")).to_have_text("in 15 min")
        expect(link).to_be_focused()
        assert page.locator("details").first.get_attribute("open") is not None
        assert complaints == []

        page.context.set_offline(True)
        page.clock.run_for(31_000)
        expect(page.locator("#stale")).to_be_visible()
        before = page.inner_text(".next")
        page.clock.fast_forward(3_600_000)
        assert page.inner_text(".next") == before
        expect(page.locator("#stale")).to_contain_text("checked 1 h")

        page.context.set_offline(False)
        page.clock.run_for(31_000)
        expect(page.locator("#stale")).to_be_hidden()
        page.close()
    foghorn.close()


def test_arrow_keys_name_the_days_of_a_component_and_times_are_also_the_readers(browser: Browser, address: str) -> None:
    page = browser.new_page(timezone_id="Asia/Tokyo")
    complaints = said(page)
    page.goto(address)
    days = page.get_by_role("slider", name="ChatGPT: Last 90 days")
    expect(days).to_have_attribute("aria-valuetext", re.compile("Monday, April 20, 2026: Major outage 1 h 9 min"))
    days.focus()
    days.press("ArrowLeft")
    expect(days).to_have_attribute("aria-valuetext", "Sunday, April 19, 2026: No disruption")
    days.press("End")
    shown = page.locator(".strip-day").first
    expect(shown).to_contain_text("Monday, April 20, 2026: Major outage 1 h 9 min")
    assert (shown.get_by_role("link").get_attribute("href") or "").endswith("/incidents/INC-1")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('.strip-day') !== null")
    expect(page.locator(".updates .when").first).to_contain_text(
        "12:51 PM ET (16:51 UTC, April 21 at 1:51 AM your time)"
    )
    assert complaints == []
    page.close()


def test_the_banner_shows_open_incidents_at_the_top_of_any_page(browser: Browser, address: str) -> None:
    page = browser.new_page()
    complaints = said(page)
    page.goto(address.replace("127.0.0.1", "localhost") + "/shop")
    links = page.get_by_role("status").get_by_role("link")
    expect(links).to_have_count(2)
    expect(links.last).to_have_text("Example AI: ChatGPT, ChatGPT Business, Codex, and API: major outage")
    expect(links.last).to_have_attribute("href", f"{URL}/incidents/INC-1")
    assert links.last.evaluate("e => getComputedStyle(e).backgroundColor") == "rgb(168, 28, 45)"
    assert LONG[:20] in links.first.inner_text()
    assert page.evaluate("document.body.firstElementChild.shadowRoot !== null")
    assert page.context.cookies() == []
    assert complaints == []
    page.close()
