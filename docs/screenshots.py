"""Makes docs/pictures from the running product: `make screenshots`. Needs Chromium; see tests/README.md."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

from playwright.sync_api import Page, sync_playwright

PICTURES = Path(__file__).parent / "pictures"
FOGHORN = Path(sys.executable).parent / "foghorn"
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
STORY = (
    "ana declare ChatGPT and API errors sev:1 on:chatgpt=major,business=major,codex=major,api=major",
    'ana update investigating since:28m who:worldwide sees:"pages load without end and requests return errors"',
    "ana publish",
    "ana note Error rates rose on every edge at the same minute",
    'ana update identified who:"for about half of API requests" works:"Signing in works."',
    "ben approve",
    "ana publish nochange:yes",
    'ana update fixed do:"Reload the page, then sign in again." new:"Probably a bad release."',
)


def main() -> None:
    """Play the story, then look at it as the people in it do."""
    PICTURES.mkdir(exist_ok=True)
    with TemporaryDirectory(prefix="foghorn-pictures-") as folder, running(folder) as sign_in:
        for line in STORY:
            handle, _, words = line.partition(" ")
            incident(folder, handle, words)
        with sync_playwright() as playwright:
            chromium = next(filter(None, map(shutil.which, CHROMIUM)), None)
            browser = playwright.chromium.launch(executable_path=chromium, args=["--disable-gpu"])
            page = browser.new_page(viewport={"width": 1180, "height": 820}, color_scheme="light")
            look(page, sign_in)
            browser.close()


def look(page: Page, sign_in: str) -> None:
    """The pages of the README, as Ana sees them."""
    home = "{0.scheme}://{0.netloc}".format(urlsplit(sign_in))
    page.goto(sign_in)
    page.get_by_role("button").first.click()
    page.wait_for_load_state()
    shoot(page, "console")
    page.set_viewport_size({"width": 1180, "height": 1240})
    page.goto(f"{home}/console/incidents/INC-1")
    shoot(page, "room")
    page.goto(f"{home}/")
    while "No change" not in page.content():  # another process published it: within 30 s
        page.wait_for_timeout(1000)
        page.reload()
    page.set_viewport_size({"width": 1180, "height": 1000})
    shoot(page, "status-page")


def shoot(page: Page, name: str) -> None:
    """What fits on one screen."""
    page.screenshot(path=PICTURES / f"{name}.png", animations="disabled")
    print(PICTURES / f"{name}.png")


@contextmanager
def running(folder: str) -> Iterator[str]:
    """A Foghorn of its own; its sign-in link."""
    process = subprocess.Popen([FOGHORN, "run"], cwd=folder, env=environment(), stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield next(found[0] for line in process.stdout if (found := re.search(r"http\S+token=\S+", line)))
    finally:
        process.terminate()
        process.wait(timeout=10)


def incident(folder: str, handle: str, words: str) -> None:
    """Type a command as one of them."""
    command = f'"{FOGHORN}" incident --as {handle} {words}'
    subprocess.run(command, shell=True, cwd=folder, env=environment(), stdout=subprocess.DEVNULL, check=True)


def environment() -> dict[str, str]:
    """Ours without settings of somebody's Foghorn."""
    clean = {name: value for name, value in os.environ.items() if not re.match("FOGHORN|SLACK|DISCORD", name)}
    return {**clean, "FOGHORN_PORT": "8392"}


if __name__ == "__main__":
    main()
