"""The console in a real browser: live for two people, calm while somebody writes, whole without a script."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.patience import stretched
from tests.platforms.console.serve import served
from tests.platforms.console.world import World

ROOM = "/console/incidents/INC-1"


def live_ms() -> float:
    """A change is on an open page within a second."""
    return stretched(1) * 1000


@pytest.fixture
def world(migrated_sqlite_url: str) -> Iterator[World]:
    with served(migrated_sqlite_url) as world:
        yield world


def signed_in(browser: Browser, world: World, handle: str, **context: object) -> Page:
    """A browser of their own, on the home page; what its console complains about fails the test."""
    page = browser.new_context(base_url=world.base, **context).new_page()  # type: ignore[arg-type]
    page.on("pageerror", lambda problem: pytest.fail(f"the script failed: {problem}"))
    page.goto(world.link(handle))
    page.get_by_role("button", name="Sign in as").click()
    expect(page.get_by_role("navigation", name="Console")).to_be_visible()
    return page


def live(page: Page, path: str) -> Page:
    """A page that hears of changes."""
    page.goto(path)
    expect(page.locator("[data-live]")).to_have_text("Live")
    return page


def test_two_people_see_each_others_changes_within_a_second(browser: Browser, world: World) -> None:
    world.harness.ana("declare Alerts on workspace sev:3 on:business=degraded")
    ana = live(signed_in(browser, world, "ana"), ROOM)
    ben = live(signed_in(browser, world, "ben"), ROOM)
    ana.get_by_label("Note, for responders only").fill("Error rate is falling")
    ana.get_by_role("button", name="Add note").click()
    expect(ben.locator("#log")).to_contain_text("Error rate is falling", timeout=live_ms())
    ben.get_by_role("button", name="Publish", exact=True).click()
    expect(ana.locator("#verdict")).to_contain_text("There is no open draft", timeout=live_ms())


def test_the_home_page_shows_a_new_incident_by_itself(browser: Browser, world: World) -> None:
    page = live(signed_in(browser, world, "ana"), "/console")
    world.harness.ben("declare API down")
    expect(page.locator("#home")).to_contain_text("INC-1 · API down", timeout=live_ms())
    expect(page).to_have_title(re.compile(r"\d+ (min|s).* · 1 open · Foghorn"))


def test_what_somebody_writes_is_not_replaced_nor_is_the_focus_moved(browser: Browser, world: World) -> None:
    world.harness.ana("declare API down")
    page = live(signed_in(browser, world, "ana"), ROOM)
    note = page.get_by_label("Note, for responders only")
    note.fill("half a sent")
    world.harness.ben("note Something else happened")
    expect(page.locator("#log")).to_contain_text("Something else happened", timeout=live_ms())
    expect(note).to_have_value("half a sent")
    expect(note).to_be_focused()


def test_a_form_in_a_part_that_changes_waits_until_it_is_sent(browser: Browser, world: World) -> None:
    page = live(signed_in(browser, world, "ana"), "/console")
    title = page.get_by_label("What is happening?")
    title.fill("API d")
    world.harness.ben("declare ChatGPT down")
    expect(page.locator("[data-live]")).to_have_text(
        "This page has changed. Reload it to see the changes", timeout=live_ms()
    )
    expect(title).to_have_value("API d")


def test_a_page_says_when_it_is_no_longer_live(browser: Browser, world: World) -> None:
    world.harness.ana("declare API down sev:3 on:api=degraded")
    page = signed_in(browser, world, "ana")
    page.clock.install()
    live(page, ROOM)
    page.context.set_offline(True)
    world.closing.set()
    world.harness.ben("declare ChatGPT down")
    expect(page.locator("[data-live]")).to_have_text("Connecting …")
    page.clock.run_for(31_000)
    expect(page.locator("[data-live]")).to_have_text("Live updates stopped. Reload before you publish")
    page.route("**/console/changes*", lambda route: route.abort())
    page.context.set_offline(False)
    page.get_by_role("button", name="Publish", exact=True).click()
    expect(page.locator("#here")).to_contain_text("Reload it before you publish, or press the button again.")
    page.get_by_role("button", name="Publish", exact=True).click()
    expect(page.locator("#answer")).to_contain_text("Published: update 1.")


def test_reloading_after_publishing_sends_nothing_again(browser: Browser, world: World) -> None:
    world.harness.ana("declare Alerts on workspace sev:3")
    page = live(signed_in(browser, world, "ana"), ROOM)
    page.get_by_role("button", name="Publish", exact=True).click()
    expect(page.locator("#answer")).to_contain_text("Published: update 1.")
    expect(page).to_have_url(f"{world.base}{ROOM}")


def test_a_whole_update_goes_out_without_a_script(browser: Browser, world: World) -> None:
    page = signed_in(browser, world, "ana", java_script_enabled=False)
    page.get_by_label("What is happening?").fill("API errors")
    page.get_by_role("button", name="Declare").click()
    page.get_by_role("button", name="Update", exact=True).click()
    page.get_by_label("User impact").fill("requests return errors")
    page.locator("label", has_text="API").locator("select").select_option("api=degraded")
    page.get_by_role("button", name="Draft it").click()
    page.get_by_role("button", name="Publish", exact=True).click()
    expect(page.locator("#answer")).to_contain_text("Published: update 1.")


def test_a_page_that_hears_nothing_does_not_say_that_it_is_live(browser: Browser, world: World) -> None:
    page = signed_in(browser, world, "ana")
    page.route("**/console/changes*", lambda route: route.fulfill(status=503))
    page.goto("/console")
    expect(page.locator("[data-live]")).to_have_text("Connecting …")
    page.unroute("**/console/changes*")
    expect(page.locator("[data-live]")).to_have_text("Live", timeout=stretched(8) * 1000)


def test_the_command_bar_completes_what_is_typed(browser: Browser, world: World) -> None:
    page = live(signed_in(browser, world, "ana"), "/console")
    page.locator("body").press("/")
    page.keyboard.type("decl")
    expect(page.locator("#cmd-list [role=option]")).to_contain_text(["declare"])
    page.keyboard.press("Tab")
    expect(page.get_by_role("combobox")).to_have_value("declare ")


def test_a_slash_goes_to_the_command_bar_and_enter_runs_it(browser: Browser, world: World) -> None:
    page = live(signed_in(browser, world, "ana"), "/console")
    page.locator("body").press("/")
    page.keyboard.type("declare API down sev:3")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("API down")


def test_words_outlive_the_session_until_they_are_accepted(browser: Browser, world: World) -> None:
    world.harness.ana("declare API down")
    page = live(signed_in(browser, world, "ana"), ROOM)
    page.get_by_label("Note, for responders only").fill("The cache in Frankfurt")
    page.reload()
    note = page.get_by_label("Note, for responders only")
    expect(note).to_have_value("The cache in Frankfurt")
    expect(page.get_by_text("You typed this just now. It has not been sent.")).to_be_visible()
    note.fill("The cache in Frankfurt is empty")
    world.harness.later(12 * 60)
    page.get_by_role("button", name="Add note").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in to continue")

    page.goto(world.link("ana"))
    page.get_by_role("button", name="Sign in as").click()
    expect(page).to_have_url(f"{world.base}{ROOM}")
    expect(note).to_have_value("The cache in Frankfurt is empty")
    page.get_by_role("button", name="Add note").click()
    expect(page.locator("#log")).to_contain_text("Note: The cache in Frankfurt is empty")
    page.goto(ROOM)
    expect(note).to_have_value("")

    page.goto("/console/people")
    page.get_by_label("Name").fill("Gus Guest")
    page.get_by_role("button", name="Create a sign-in link").click()
    expect(page.locator("#invited")).to_be_visible()
    expect(page.get_by_label("Name")).to_have_value("")

    page.goto(ROOM)
    note.fill("Nobody else reads this")
    page.get_by_role("button", name="Sign out").click()
    page.goto(world.link("ana"))
    page.get_by_role("button", name="Sign in as").click()
    page.goto(ROOM)
    expect(note).to_have_value("")


def test_words_outlive_a_lost_database(browser: Browser, world: World, migrated_sqlite_url: str) -> None:
    world.harness.ana("declare API down")
    page = live(signed_in(browser, world, "ana"), ROOM)
    note = page.get_by_label("Note, for responders only")
    note.fill("The cache in Frankfurt is empty")
    database = Path(migrated_sqlite_url.removeprefix("sqlite:///"))
    copy = database.with_name("copy.db")
    with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)
    database.write_bytes(b"")
    page.get_by_role("button", name="Add note").click()
    expect(page.locator("main")).to_contain_text("The database cannot be written to right now. Nothing was changed")
    world.harness.store.engine.dispose()
    for path in database.parent.glob(f"{database.name}*"):
        path.unlink()
    copy.rename(database)
    page.goto(ROOM)
    expect(note).to_have_value("The cache in Frankfurt is empty")
    page.get_by_role("button", name="Add note").click()
    expect(page.locator("#log")).to_contain_text("Note: The cache in Frankfurt is empty")


def test_the_page_warns_before_the_session_ends_and_the_keys_lead_around(browser: Browser, world: World) -> None:
    page = signed_in(browser, world, "ana")
    page.clock.install()
    live(page, "/console")
    page.keyboard.press("?")
    keys = page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(keys).to_be_visible()
    page.keyboard.press("Escape")
    expect(keys).to_be_hidden()
    page.clock.pause_at(page.evaluate("Date.now() / 1000") + 60)  # no time passes between the keys on a slow machine
    page.keyboard.type("gy")
    expect(page.get_by_role("heading", level=1)).to_have_text("History")
    page.wait_for_load_state()  # its scripts have run, so its clock is set before hours pass
    page.clock.resume()
    page.get_by_label("Titles, texts, and timeline").press("?")
    expect(page.get_by_label("Titles, texts, and timeline")).to_have_value("?")

    world.harness.later(235)
    page.clock.fast_forward(235 * 60_000)
    warning = page.get_by_role("alert")
    expect(warning).to_contain_text("You will be signed out in 5 min.")
    page.get_by_role("button", name="Stay signed in").click()
    expect(warning).to_be_hidden()
    world.harness.later(241)
    page.clock.fast_forward(241 * 60_000)
    expect(warning).to_contain_text("You are signed out. What you typed is kept in this browser")


def test_support_copies_the_words_and_is_shown_new_ones_without_losing_its_place(
    browser: Browser, world: World
) -> None:
    world.harness.ana("declare API down sev:3 on:api=degraded")
    page = live(signed_in(browser, world, "ben", permissions=["clipboard-read", "clipboard-write"]), "/console/support")
    world.harness.ana("publish")
    customers = page.get_by_role("article", name="Customers (en, INC-1)")
    copy = customers.get_by_role("button", name="Copy", exact=True)
    copy.click()
    expect(customers.get_by_role("status")).to_have_text("Copied")
    words = "We are investigating degraded performance affecting the API."
    assert page.evaluate("navigator.clipboard.readText()").startswith(f"{words}\n\nNext update by 6:15 AM ET")
    customers.get_by_role("button", name="Copy HTML").click()
    expect(customers.locator("[data-as]")).to_have_text("Copied")
    pasted = page.evaluate("navigator.clipboard.read().then(i => i[0].getType('text/html')).then(b => b.text())")
    assert f"<p>{words}</p>" in pasted

    copy.focus()
    world.harness.ana("update identified We know where the failure is.")
    world.harness.ana("publish")
    expect(customers).to_contain_text("We know where the failure is.", timeout=live_ms())
    expect(copy).to_be_focused()
