"""Makes docs/pictures from the running product: `make screenshots`. Needs Chromium; see tests/README.md.

The pictures of pages show the reference incident at 12:50 PM: scenarios/2026-04-20.toml is played up to then, and Ben's
next draft contains a guess. Those of Slack and Discord show it at 12:17 PM, when a correction waits for Ana's approval;
the local servers of the tests play the platforms, and docs/chat.py draws the messages.
"""

import asyncio
import contextlib
import shutil
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from playwright.async_api import Page, async_playwright

from bot import main
from bot.domain.picture import published_story
from bot.drill.play import Drill
from bot.drill.rehearsal import ScenarioClock, sign_in_link
from bot.drill.scenario import REFERENCE, Scenario, ScenarioStep, load
from bot.settings import EXAMPLE, Settings, read_organisation
from bot.store import migrate, published
from bot.views.picture import picture
from bot.views.png import png, standalone
from docs import chat
from tests.journeys import discord_day, slack_day

PICTURES = Path(__file__).parent / "pictures"
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
UNTIL = "12:50"
GUESS = "update fix fixed:12:50 The cause is probably a bad release."
WIDTH = 1180
CHAT_UNTIL = "12:18"
CHAT_WIDTH = 760


async def run() -> None:
    """Play the story, then take the pictures that Ana would see."""
    PICTURES.mkdir(exist_ok=True)
    (PICTURES / "incident.png").write_bytes(await whole_incident())
    rooms = {"slack": await slack_room(), "discord": await discord_room()}
    with contextlib.closing(main.listen("127.0.0.1", 0)) as listening:
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        async with told(url, up_to_the_guess()) as (foghorn, at):
            server = asyncio.create_task(main.serve(foghorn.web_app, listening, closing=[foghorn.closing.set]))
            await photograph(url, await sign_in_link(foghorn, "ana", url), at)
            server.cancel()
            await asyncio.gather(server, return_exceptions=True)
    async with browser_page() as page:
        await page.set_viewport_size({"width": CHAT_WIDTH, "height": 200})
        for name, drawn in rooms.items():
            await page.set_content(drawn)
            await page.screenshot(path=PICTURES / f"{name}.png", full_page=True)
            print(PICTURES / f"{name}.png")


async def whole_incident() -> bytes:
    """The whole story in one picture, as channels get it when the incident is resolved."""
    async with told("https://status.example.com", load(REFERENCE)) as (foghorn, at):
        with foghorn.store.read() as tx:
            [incident] = published.newest(tx, limit=1)
            words = foghorn.app.templates.wording(foghorn.app.organisation, "en")
            return png(standalone(picture(published_story(published.history(tx, incident), words, at))))


async def slack_room() -> str:
    """The card, the last published update, and the draft that waits, in Slack."""
    async with chat_day(slack_day) as today:
        people = {slack_day.ANA: "Ana Silva", slack_day.BEN: "Ben Osei", slack_day.CHI: "Chi Nakamura"}
        channels = {channel.id: channel.name for channel in today.slack.channels.values()}
        look = chat.SlackPage({**channels, **people}, today.now.tzinfo or UTC)
        card, *_others, report, review = today.said()
        shown = [chat.message(look.draw(message["blocks"])) for message in (card, report, review)]
        return chat.page("slack", f"# {today.room.name}", shown)


async def discord_room() -> str:
    """The same in Discord."""
    async with chat_day(discord_day) as today:
        channels = {channel.id: channel.name for channel in today.discord.channels.values()}
        look = chat.DiscordPage(channels, today.now.tzinfo or UTC, today.now)
        messages = today.discord.messages(today.room)
        card = next(message for message in messages if message.get("embeds"))
        shown = [chat.message(look.draw(message)) for message in (card, *messages[-2:])]
        return chat.page("discord", f"# {channels[today.room]}", shown)


@contextlib.asynccontextmanager
async def chat_day(platform: Any) -> AsyncIterator[Any]:
    """The story on a platform up to CHAT_UNTIL; `platform` is the module of the tests that plays it there."""
    scenario = load(REFERENCE)
    with TemporaryDirectory(prefix="foghorn-pictures-") as folder:
        database = f"sqlite:///{folder}/foghorn.db"
        await asyncio.to_thread(migrate.upgrade, database)
        async with platform.day(database, scenario.starts) as today:
            await platform.subscribe(today)
            for step in (step for step in scenario.steps if step.at < CHAT_UNTIL):
                await today.at(scenario.moment(step))
                await platform.act(today, step)
            yield today


def up_to_the_guess() -> Scenario:
    """The story up to UNTIL."""
    scenario = load(REFERENCE)
    steps = [step for step in scenario.steps if step.at < UNTIL]
    return scenario.model_copy(update={"steps": (*steps, ScenarioStep(at=UNTIL, who="ben", line=GUESS))})


@contextlib.asynccontextmanager
async def told(url: str, scenario: Scenario) -> AsyncIterator[tuple[main.Foghorn, datetime]]:
    """A Foghorn with the story in its database, and the time at which its clock has stopped."""
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


@contextlib.asynccontextmanager
async def browser_page() -> AsyncIterator[Page]:
    """A page of a browser without a window."""
    async with async_playwright() as playwright:
        chromium = next(filter(None, map(shutil.which, CHROMIUM)), None)
        browser = await playwright.chromium.launch(executable_path=chromium, args=["--disable-gpu"])
        yield await browser.new_page(color_scheme="light")
        await browser.close()


async def photograph(url: str, sign_in: str, at: datetime) -> None:
    """The pages of the README."""
    async with browser_page() as page:
        await page.clock.set_fixed_time(at)
        await page.goto(sign_in)
        await page.get_by_role("button").first.click()
        await page.wait_for_load_state()
        await shoot(page, "console", 820)
        await page.goto(f"{url}/console/incidents/INC-1")
        await shoot(page, "room", 1420)
        await page.goto(f"{url}/")
        await shoot(page, "status-page", 1240)


async def shoot(page: Page, name: str, height: int) -> None:
    """What fits on one screen of this height."""
    await page.set_viewport_size({"width": WIDTH, "height": height})
    await page.screenshot(path=PICTURES / f"{name}.png", animations="disabled")
    print(PICTURES / f"{name}.png")


if __name__ == "__main__":
    asyncio.run(run())
