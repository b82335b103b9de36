"""The console's drill: one at a time, on the pages of the running Foghorn, and gone at the end."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from bot.drill.console import LASTS_S, ConsoleDrill
from bot.drill.scenario import ScenarioError
from bot.settings import Settings
from tests.harness import Harness
from tests.patience import LONG_S
from tests.reference import ORGANISATION

SHORT = """
name = "Short"
starts = 2026-04-20T05:16:00-04:00
[[steps]]
at = "05:16"
who = "ana"
line = "declare Only a drill sev:3 on:business=degraded"
[[steps]]
at = "05:17"
who = "ana"
line = "publish"
"""


@pytest.fixture
def scenario(tmp_path: Path) -> Path:
    path = tmp_path / "short.toml"
    path.write_text(SHORT, encoding="utf-8")
    return path


@pytest.fixture
def ben(settings: Settings) -> str:
    """The id of Ben in the running Foghorn."""
    harness = Harness(settings.database_url)
    try:
        return harness.person("ben").id
    finally:
        harness.close()


@asynccontextmanager
async def pages(drill: ConsoleDrill) -> AsyncIterator[httpx.AsyncClient]:
    """The running Foghorn, with nothing but the drill's pages on it."""
    app = Starlette(routes=[Mount("/drill", app=drill.app)])
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8080") as client:
        try:
            yield client
        finally:
            await drill.stop()


async def until_published(client: httpx.AsyncClient) -> str:
    """The drill's status page, once it shows an incident."""
    async with asyncio.timeout(LONG_S):
        while "/incidents/INC-1" not in (page := await client.get("/drill/")).text:
            await asyncio.sleep(0.05)
    return page.text


async def test_without_a_drill_the_page_says_how_to_start_one(settings: Settings) -> None:
    async with pages(ConsoleDrill(settings, ORGANISATION)) as client:
        page = await client.get("/drill/")
        assert (page.status_code, "Play the reference incident" in page.text) == (404, True)


async def test_a_drill_is_played_on_pages_that_say_so(settings: Settings, scenario: Path, ben: str) -> None:
    drill = ConsoleDrill(settings, ORGANISATION, path=scenario, lasts_s=0.1)
    async with pages(drill) as client:
        await drill.start(ben)
        assert "This is a drill. Nothing reaches customers." in await until_published(client)


async def test_who_starts_one_is_signed_in_there_as_the_person_they_are(
    settings: Settings, scenario: Path, ben: str
) -> None:
    drill = ConsoleDrill(settings, ORGANISATION, path=scenario, lasts_s=0.1)
    async with pages(drill) as client:
        link = await drill.start(ben)
        assert link.startswith("/drill/console?token=")
        assert "Ben Osei" in (await client.get(link)).text


async def test_a_second_person_joins_the_one_that_is_being_played(settings: Settings, scenario: Path, ben: str) -> None:
    drill = ConsoleDrill(settings, ORGANISATION, path=scenario, lasts_s=30)
    async with pages(drill) as client:
        first, second = await drill.start(ben), await drill.start("somebody else")
        assert first != second
        assert {(await client.get(link)).status_code for link in (first, second)} == {200}


async def test_the_running_foghorn_is_untouched(settings: Settings, scenario: Path, ben: str) -> None:
    drill = ConsoleDrill(settings, ORGANISATION, path=scenario, lasts_s=0.1)
    async with pages(drill) as client:
        await drill.start(ben)
        await until_published(client)
    with sqlite3.connect(settings.database_url.removeprefix("sqlite:///")) as database:
        assert database.execute("SELECT count(*) FROM incident").fetchone() == (0,)
    database.close()


async def test_at_the_end_it_is_removed(settings: Settings, scenario: Path, ben: str) -> None:
    drill = ConsoleDrill(settings, ORGANISATION, path=scenario, lasts_s=0.1, stays_s=0.1)
    async with pages(drill) as client, asyncio.timeout(LONG_S):
        await drill.start(ben)
        while (await client.get("/drill/")).status_code != 404:
            await asyncio.sleep(0.05)


async def test_a_scenario_that_cannot_be_read_is_told_to_who_starts_it(settings: Settings, tmp_path: Path) -> None:
    drill = ConsoleDrill(settings, ORGANISATION, path=tmp_path / "none.toml")
    with pytest.raises(ScenarioError, match="cannot be read"):
        await drill.start("anybody")


def test_the_whole_reference_incident_is_over_in_two_minutes() -> None:
    assert LASTS_S < 120
