"""Makes docs/pictures from the running product: `make screenshots`. Needs Chromium; see tests/README.md.

The pictures show the reference incident at 12:50 PM: scenarios/2026-04-20.toml is played up to then, and Ben's next
draft contains a guess.
"""

import asyncio
import contextlib
import shutil
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.async_api import Page, async_playwright

from bot import main
from bot.drill.play import Drill
from bot.drill.rehearsal import ScenarioClock, sign_in_link
from bot.drill.scenario import REFERENCE, ScenarioStep, load
from bot.settings import EXAMPLE, Settings, read_organisation
from bot.store import migrate

PICTURES = Path(__file__).parent / "pictures"
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
UNTIL = "12:50"
GUESS = "update fix fixed:12:50 The cause is probably a bad release."
WIDTH = 1180


async def run() -> None:
    """Play the story, then take the pictures that Ana would see."""
    PICTURES.mkdir(exist_ok=True)
    with contextlib.closing(main.listen("127.0.0.1", 0)) as listening:
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        async with told(url) as (foghorn, at):
            server = asyncio.create_task(main.serve(foghorn.app, listening, closing=[foghorn.closing.set]))
            await photograph(url, await sign_in_link(foghorn, "ana", url), at)
            server.cancel()
            await asyncio.gather(server, return_exceptions=True)


@contextlib.asynccontextmanager
async def told(url: str) -> AsyncIterator[tuple[main.Foghorn, datetime]]:
    """A Foghorn with the story in its database, and the time at which its clock has stopped."""
    scenario = load(REFERENCE)
    steps = [step for step in scenario.steps if step.at < UNTIL]
    scenario = scenario.model_copy(update={"steps": (*steps, ScenarioStep(at=UNTIL, who="ben", line=GUESS))})
    clock = ScenarioClock(scenario.starts)
    with TemporaryDirectory(prefix="foghorn-pictures-") as folder:
        database = f"sqlite:///{folder}/foghorn.db"
        await asyncio.to_thread(migrate.upgrade, database)
        defaults = {name: field.default for name, field in Settings.model_fields.items()}  # nothing of the environment
        settings = Settings.model_construct(**{**defaults, "database_url": database, "public_url": url})
        foghorn = main.compose(settings, read_organisation(EXAMPLE), clock=clock)
        try:
            await foghorn.start()
            await Drill(foghorn, clock, scenario).play()
            yield foghorn, clock()
        finally:
            await foghorn.stop()


async def photograph(url: str, sign_in: str, at: datetime) -> None:
    """The pages of the README."""
    async with async_playwright() as playwright:
        chromium = next(filter(None, map(shutil.which, CHROMIUM)), None)
        browser = await playwright.chromium.launch(executable_path=chromium, args=["--disable-gpu"])
        page = await browser.new_page(color_scheme="light")
        await page.clock.set_fixed_time(at)
        await page.goto(sign_in)
        await page.get_by_role("button").first.click()
        await page.wait_for_load_state()
        await shoot(page, "console", 820)
        await page.goto(f"{url}/console/incidents/INC-1")
        await shoot(page, "room", 1420)
        await page.goto(f"{url}/")
        await shoot(page, "status-page", 1240)
        await browser.close()


async def shoot(page: Page, name: str, height: int) -> None:
    """What fits on one screen of this height."""
    await page.set_viewport_size({"width": WIDTH, "height": height})
    await page.screenshot(path=PICTURES / f"{name}.png", animations="disabled")
    print(PICTURES / f"{name}.png")


if __name__ == "__main__":
    asyncio.run(run())
