"""Ana and Ben side by side, each in a browser of their own, from declaration to retrospective; no page is reloaded."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.platforms.console.serve import served
from tests.platforms.console.world import World

ROOM = "/console/incidents/INC-1"
STEPS = (
    ("identified", {"Message": "Signing in works."}),
    ("fix implemented", {"Message": "Some requests may be slow."}),
    ("monitoring", {}),
)


@pytest.fixture
def world(migrated_sqlite_url: str) -> Iterator[World]:
    with served(migrated_sqlite_url) as world:
        yield world


def signed_in(browser: Browser, world: World, handle: str) -> Page:
    """Somebody's own browser, which hears of changes; what its console complains about fails the test."""
    page = browser.new_context(base_url=world.base).new_page()
    page.on("pageerror", lambda problem: pytest.fail(f"the script failed: {problem}"))
    page.goto(world.link(handle))
    page.get_by_role("button", name="Sign in as").click()
    expect(page.locator("[data-live]")).to_have_text("Live")
    return page


def draft(page: Page, stage: str, words: dict[str, str]) -> None:
    """Fill in the form behind Update."""
    page.get_by_role("button", name="Update", exact=True).click()
    page.get_by_label("Stage").select_option(stage)
    for label, typed in words.items():
        page.get_by_label(label, exact=True).fill(typed)
    page.get_by_role("button", name="Draft it").click()


def publish_together(author: Page, other: Page, number: int) -> None:
    """One asks, the other sees the draft appear and approves; the author sees that it went out."""
    author.get_by_role("button", name="Ask an approver").click()
    author.get_by_role("button", name="Ask", exact=True).click()
    other.get_by_role("button", name="Approve", exact=True).click()
    expect(other.locator("#answer")).to_contain_text(f"Published: update {number}.")
    expect(author.get_by_role("heading", name="Draft: ")).to_have_count(0)


def test_two_people_play_an_incident_side_by_side(browser: Browser, world: World) -> None:
    ana, ben = signed_in(browser, world, "ana"), signed_in(browser, world, "ben")
    ana.get_by_role("combobox").fill("declare API errors sev:1 on:api=major")
    ana.keyboard.press("Enter")
    ben.get_by_role("link", name="INC-1").first.click()
    ben.get_by_role("button", name="Publish", exact=True).click()
    expect(ana.locator("#verdict")).to_contain_text("There is no open draft")
    for number, (stage, words) in enumerate(STEPS, 2):
        draft(ben, stage, words)
        publish_together(ben, ana, number)
    ben.get_by_role("button", name="Resolve", exact=True).click()
    ben.get_by_label("When the failure ended").fill("05:15")
    ben.get_by_role("button", name="Draft it").click()
    publish_together(ben, ana, 5)
    expect(ana.locator("#verdict")).to_contain_text("all promises kept")
    ana.get_by_role("button", name="Retrospective", exact=True).click()
    expect(ana.get_by_role("heading", level=1)).to_have_text("Retrospective of INC-1")
    expect(ana.locator("#text")).to_contain_text("5, 0 of them corrections")


def test_two_people_edit_one_draft_and_no_words_are_lost(browser: Browser, world: World) -> None:
    ana, ben = signed_in(browser, world, "ana"), signed_in(browser, world, "ben")
    ana.get_by_role("combobox").fill("declare API errors sev:3 on:api=major")
    ana.keyboard.press("Enter")
    ben.get_by_role("link", name="INC-1").first.click()
    ana.get_by_role("button", name="Edit", exact=True).click()
    expect(ben.locator("#here")).to_have_text("Ana Silva is editing the draft")
    ben.get_by_role("button", name="Edit", exact=True).click()
    ben.get_by_label("Customers", exact=True).fill("Ben: the API returns errors.")
    ben.get_by_role("button", name="Save").click()
    expect(ben.locator("#draft")).to_contain_text("revision 2 by Ben Osei")

    ana.get_by_label("Customers", exact=True).fill("Ana: the API is slow.")
    ana.get_by_role("button", name="Save").click()

    expect(ana.get_by_role("alert")).to_contain_text("Ben Osei saved revision 2")
    expect(ana.get_by_label("Customers", exact=True)).to_have_value("Ana: the API is slow.")
    theirs = ana.locator("#edit-customers-t")
    expect(theirs).to_contain_text("Ben: the API returns errors.")
    expect(theirs).to_be_visible()
    ana.reload()
    expect(ana.get_by_label("Customers", exact=True)).to_have_value("Ana: the API is slow.")
    ana.get_by_role("button", name="Save").click()
    expect(theirs).to_contain_text("Ben: the API returns errors.")
    ana.get_by_label("Customers", exact=True).fill("Both: the API is slow and returns errors.")
    ana.get_by_role("button", name="Save").click()  # without a choice, the browser sends nothing
    ana.get_by_role("radio", name="Save mine, as it is above").check()
    ana.get_by_role("button", name="Save").click()
    expect(ben.locator("#draft")).to_contain_text("Both: the API is slow and returns errors.")

    for page, words in ((ana, "Ana: requests fail."), (ben, "Ben: requests are slow.")):
        page.get_by_role("button", name="Edit this text").click()
        page.get_by_role("textbox", name="Text for customers").fill(words)
    ben.get_by_role("button", name="Save this text").click()
    expect(ben.locator("#draft")).to_contain_text("revision 4 by Ben Osei")
    ana.get_by_role("button", name="Save this text").click()
    expect(ana.locator("#edit-customers-t")).to_contain_text("Ben: requests are slow.")
    expect(ana.get_by_text("It has not been sent.")).to_have_count(0)
    ana.get_by_role("radio", name="Keep what is in the draft now").check()
    ana.get_by_role("button", name="Save").click()
    expect(ana.locator("#draft")).to_contain_text("Ben: requests are slow.")
    expect(ana.get_by_role("textbox", name="Text for customers")).to_be_hidden()  # nothing is left of the conflict
    expect(ben.locator("#draft")).to_contain_text("Replaced in this revision")
