"""The page of an incident in a real browser: the next step in sight, texts in tabs, editing in place, who is here."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.platforms.console.serve import served
from tests.platforms.console.world import World

ROOM = "/console/incidents/INC-1"


@pytest.fixture
def world(migrated_sqlite_url: str) -> Iterator[World]:
    """A published SEV1 whose next draft has a blocker."""
    with served(migrated_sqlite_url) as world:
        world.harness.ana("declare API errors sev:1 on:api=major,business=degraded")
        world.harness.ana('publish alone:"Nobody else is awake."')
        world.harness.ben("update identified We expect full recovery by 13:30.")
        yield world


def opened(browser: Browser, world: World, handle: str) -> Page:
    """The page of the incident; what its console complains about fails the test."""
    page = browser.new_context(base_url=world.base, viewport={"width": 1280, "height": 800}).new_page()
    page.on("pageerror", lambda problem: pytest.fail(f"the script failed: {problem}"))
    page.goto(world.link(handle))
    page.get_by_role("button", name="Sign in as").click()
    page.goto(ROOM)
    expect(page.locator("[data-live]")).to_have_text("Live")
    return page


def bottom(page: Page, what: str) -> float:
    """Where something ends on the screen."""
    box = page.locator(what).bounding_box()
    assert box is not None
    return box["y"] + box["height"]


def test_the_next_step_is_in_sight_before_and_after_scrolling(browser: Browser, world: World) -> None:
    page = opened(browser, world, "ana")
    bar = page.locator("#verdict")
    expect(bar).to_contain_text("1 blocker in the text for customers")
    expect(page.locator(".btn.main")).to_have_text(["Go to the blocker"])
    for width, height in ((1280, 800), (360, 740), (1920, 1080)):
        page.set_viewport_size({"width": width, "height": height})
        page.reload()
        covered = page.locator(".cmd").bounding_box()
        assert covered is not None
        assert bottom(page, "#verdict") <= covered["y"]
        page.mouse.wheel(0, 900)
        expect(bar).to_be_in_viewport(ratio=1)
        bar.get_by_role("link").click()
        expect(page.locator("#t-customers-en-1")).to_be_in_viewport()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        expect(page.get_by_role("tabpanel")).to_have_count(6 if width >= 1900 else 1)


def test_texts_are_in_tabs_with_the_number_of_findings(browser: Browser, world: World) -> None:
    page = opened(browser, world, "ana")
    developers = page.get_by_role("tab", name="Developers")
    expect(developers).to_contain_text("2 findings")
    page.get_by_role("tab", name="Customers").press("ArrowRight")
    expect(developers).to_be_focused()
    expect(page.get_by_role("tabpanel")).to_contain_text("Blocker in the text for customers, also here")
    page.get_by_role("tabpanel").get_by_role("link", name="Blocker in the text for customers").click()
    expect(page.get_by_role("tab", name="Customers")).to_have_attribute("aria-selected", "true")
    page.get_by_role("button", name="All texts").click()
    expect(page.get_by_role("tabpanel")).to_have_count(6)
    page.reload()
    expect(page.get_by_role("tabpanel")).to_have_count(6)


def test_a_text_is_edited_in_place_while_others_see_who_is_writing(browser: Browser, world: World) -> None:
    ana, ben = opened(browser, world, "ana"), opened(browser, world, "ben")
    expect(ana.locator("#here")).to_have_text("Ben Osei is here")
    ben.get_by_role("button", name="Edit this text").click()
    expect(ana.locator("#here")).to_have_text("Ben Osei is editing the text for customers")
    ana.get_by_role("button", name="Edit this text").click()
    expect(ana.get_by_text("Ben Osei is also editing this text.")).to_be_visible()
    ana.get_by_role("button", name="Close").click()

    text = ben.get_by_role("textbox", name="Text for customers")
    expect(ben.locator("#et-customers-en .checked")).to_contain_text("“13:30” has no time zone")
    text.fill("The API returns errors. We found the reason.")
    expect(ben.locator("#et-customers-en .checked")).to_contain_text("As it would be published now")
    expect(ben.locator("#et-customers-en .checked")).not_to_contain_text("has no time zone")
    world.harness.chi("note Another change")
    expect(ben.locator("#log")).to_contain_text("Another change")
    expect(text).to_have_value("The API returns errors. We found the reason.")
    ben.reload()
    expect(text).to_have_value("The API returns errors. We found the reason.")
    ben.get_by_role("button", name="Save this text").click()
    expect(ana.locator("#review")).to_contain_text("The API returns errors. We found the reason.")

    ben.context.close()
    expect(ana.locator("#here")).to_have_text("")


def test_the_timeline_shows_what_was_chosen_and_settings_save_what_was_changed(browser: Browser, world: World) -> None:
    page = opened(browser, world, "ana")
    expect(page.get_by_role("button", name="Save impact")).to_be_hidden()
    page.get_by_label("API", exact=True).select_option("Partial outage")
    page.get_by_role("button", name="Save impact").click()
    expect(page.locator("#answer")).to_contain_text("Impact of INC-1: API: partial outage.")
    page.get_by_label("Note, for responders only").fill("Error rate is falling")
    page.get_by_role("button", name="Add note").click()
    page.locator("label.chip", has_text="Notes").click()
    expect(page.locator("#log li").filter(visible=True)).to_have_count(1)
    page.locator("label.chip", has_text="All").click()
    page.get_by_placeholder("Search").fill("falling")
    expect(page.locator("#log li").filter(visible=True)).to_have_count(1)


def tab_to(page: Page, words: str) -> None:
    """Press Tab until something with these words has the focus."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent.trim()") == words:
            return
    pytest.fail(f"Tab does not reach {words!r}")


def test_an_update_is_drafted_edited_and_published_with_the_keyboard_alone(browser: Browser, world: World) -> None:
    world.harness.ana("severity 3")
    world.harness.ana("discard")
    page = opened(browser, world, "ana")
    page.keyboard.press("/")
    page.keyboard.type("update mon")
    expect(page.locator("#cmd-list [role=option]")).to_have_text(["update monitoringMonitoring"])
    page.keyboard.press("Tab")
    expect(page.locator("#cmd")).to_have_value("update monitoring ")
    expect(page.get_by_text("If you press Enter: Drafts “monitoring” for INC-1")).to_be_visible()
    page.keyboard.press("ArrowDown")
    expect(page.locator("#cmd")).to_have_attribute("aria-activedescendant", "o0")
    page.keyboard.press("Escape")
    page.keyboard.press("Enter")
    expect(page.locator("#verdict")).to_contain_text("approver")
    tab_to(page, "Edit this text")
    page.keyboard.press("Enter")
    expect(page.get_by_role("textbox", name="Text for customers")).to_be_focused()
    page.keyboard.press("Control+a")
    page.keyboard.type("Requests succeed again. We are watching.")
    tab_to(page, "Save this text")
    page.keyboard.press("Enter")
    expect(page.locator("#review")).to_contain_text("Requests succeed again.")
    world.harness.ben("approve")
    expect(page.locator("#verdict")).to_contain_text("There is no open draft")
    expect(page.locator("#log")).to_contain_text("Published: update 2")
