"""The rehearsal in a real browser: it shows itself after one click, and the player leaves the focus where it is."""

import re
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.test_every_page import problems_of, said
from tests.journeys.test_command_line import Shell, started


@pytest.fixture
def link(migrated_sqlite_url: str, tmp_path: Path) -> Iterator[str]:
    """A sign-in link of a running Foghorn."""
    with socket.socket() as asking:
        asking.bind(("127.0.0.1", 0))
        port = asking.getsockname()[1]
    shell = Shell(tmp_path, migrated_sqlite_url, port)
    with shell.running() as process:
        started(process)
        yield shell("people invite ana").rpartition(": ")[2].strip()


def test_one_click_leads_into_the_drill_which_can_be_paused_skipped_and_left(browser: Browser, link: str) -> None:
    page = browser.new_page()
    complaints = said(page)
    page.goto(link)
    page.get_by_role("button", name="Sign in as").click()
    page.get_by_role("button", name="Play the reference incident").click()
    expect(page).to_have_url(re.compile("/drill/console/incidents/INC-1$"))
    player = page.get_by_role("region", name="Drill")
    expect(player).to_contain_text("of 37")
    player.get_by_role("button", name="Pause").press("Enter")
    expect(player.get_by_role("button", name="Resume")).to_be_focused()
    assert problems_of(page) == []
    player.get_by_role("button", name="Skip to the escalation").click()
    expect(player).to_contain_text("Everything fails. Ana raises the severity to SEV1.")
    player.get_by_role("button", name="Resume").click()
    page.get_by_role("link", name="Status page").click()
    expect(player).to_contain_text("Step")
    page.get_by_role("link", name="Follow and control it").click()
    expect(page.get_by_role("heading", name="Drill", level=1)).to_be_visible()
    page.get_by_role("link", name="Leave the drill").click()
    expect(page).to_have_url(re.compile(r":\d+/console$"))
    assert complaints == []
