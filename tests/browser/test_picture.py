"""The picture in a real browser with its real fonts: no text covers another, at any width, in both drawings."""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from playwright.sync_api import Browser, Page

from bot.domain.picture import Story
from bot.views.picture import picture
from bot.web_templates import WEB, web_environment
from tests.domain.test_picture import stories
from tests.reference import ORGANISATION

FIGURE = web_environment(ORGANISATION).from_string(
    '{% from "_picture.html.j2" import figure with context %}{{ figure(picture) }}'
)
SHOWN = '[...document.querySelectorAll(".picture .drawing svg")].filter(svg => svg.getClientRects().length)'
CLASSES = f"() => {SHOWN}.map(svg => svg.classList[0])"
COVERED = f"""() => {SHOWN}.flatMap(svg => {{
  const texts = [...svg.querySelectorAll("text:not([transform])")].map(e => [e.textContent, e.getBoundingClientRect()]);
  return texts.flatMap(([a, x], i) => texts.slice(i + 1).filter(([, y]) => x.left < y.right - 1 && y.left < x.right - 1
    && x.top < y.bottom - 4 && y.top < x.bottom - 4).map(([b]) => `${{a}} / ${{b}}`));
}})"""


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    page = browser.new_page()
    css = (WEB / "foghorn.css").read_text(encoding="utf-8")
    page.set_content(f"<!doctype html><html lang=en><style>{css}</style><main></main>")
    yield page
    page.close()


@given(story=stories())
@settings(
    max_examples=8, derandomize=True, phases=(Phase.generate,),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)  # fmt: skip
def test_no_text_covers_another_at_any_width(page: Page, story: Story) -> None:
    page.evaluate("html => { document.querySelector('main').innerHTML = html; }", FIGURE.render(picture=picture(story)))
    for width, drawing in ((360, "tall"), (900, "flat"), (1600, "flat")):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate(CLASSES) == [drawing]
        assert page.evaluate(COVERED) == []
        assert page.evaluate("() => document.documentElement.scrollWidth") <= width
