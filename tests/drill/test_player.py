"""The player of the console's drill: it shows itself at once, people control it, and they can take part."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from bot.drill.console import LASTS_S, ConsoleDrill
from bot.drill.player import timetable
from bot.drill.scenario import REFERENCE, load
from bot.settings import Settings
from tests.drill.test_console import pages
from tests.patience import LONG_S
from tests.reference import ORGANISATION

BROWSER = {"Sec-Fetch-Site": "same-origin"}
STORY = """
name = "Approved by hand"
starts = 2026-04-20T05:16:00-04:00
[[steps]]
at = "05:16"
who = "ben"
line = "declare Only a drill sev:3 on:business=degraded"
says = "Ben declares it."
[[steps]]
at = "05:17"
who = "ben"
line = "severity 1"
[[steps]]
at = "05:18"
who = "ben"
line = "update investigating sees:errors since:05:12"
[[steps]]
at = "05:19"
who = "ben"
line = "publish"
[[steps]]
at = "05:20"
who = "ana"
line = "approve"
[[steps]]
at = "05:21"
who = "ana"
line = "note Over."
says = "It is over."
"""


@pytest.fixture
def scenario(tmp_path: Path) -> Path:
    path = tmp_path / "story.toml"
    path.write_text(STORY, encoding="utf-8")
    return path


@asynccontextmanager
async def watched(
    settings: Settings,
    scenario: Path,
    lasts_s: float,
    person: str = "somebody",
) -> AsyncIterator[httpx.AsyncClient]:
    """Someone who selected Play, as their browser goes on."""
    drill = ConsoleDrill(settings, ORGANISATION, path=scenario, lasts_s=lasts_s)
    async with pages(drill) as client, asyncio.timeout(LONG_S):
        entered = await client.get(await drill.start(person), headers=BROWSER)
        assert entered.headers["location"] == "/drill/console/incidents/INC-1"
        yield client


async def player(client: httpx.AsyncClient) -> str:
    """What the player shows."""
    shown = await client.get("/drill/console/player", headers={"X-Foghorn-Live": "1"})
    assert shown.status_code == 200
    return shown.text


async def press(client: httpx.AsyncClient, act: str) -> str:
    answer = await client.post(f"/drill/console/player/{act}", headers=BROWSER)
    assert answer.status_code == 303
    return await player(client)


async def until(client: httpx.AsyncClient, words: str) -> str:
    while words not in (shown := await player(client)):
        await asyncio.sleep(0.02)
    return shown


def test_the_quiet_morning_takes_ten_seconds_and_the_hour_of_the_outage_most_of_the_time() -> None:
    scenario = load(REFERENCE)
    at = dict(zip((step.at for step in scenario.steps), timetable(scenario), strict=True))
    assert at["11:43"] == pytest.approx(10)
    assert at["12:51"] - at["11:44"] > 0.5 * at["14:03"]
    assert at["14:03"] == pytest.approx(LASTS_S)
    assert LASTS_S < 120


async def test_whoever_starts_it_is_in_the_room_at_once_with_a_caption_and_controls(
    settings: Settings,
    scenario: Path,
) -> None:
    async with watched(settings, scenario, lasts_s=300) as client:
        room = (await client.get("/drill/console/incidents/INC-1")).text
        assert 'id="player" data-at="/drill/console/player"' in room
        shown = await player(client)
        for words in (
            "Ben declares it.",
            "declare Only a drill",
            "5:16 AM ET",
            "Step 1 of 6",
            "Skip to the escalation",
        ):
            assert words in shown
        assert "Resume" in await press(client, "pause")
        assert "Paused at step 1 of 6" in await player(client)
        assert "Pause<" in await press(client, "resume")
        assert "Speed: 2" in await press(client, "speed")
        await press(client, "skip")
        shown = await until(client, "severity 1")
        assert "Skip to the escalation" not in shown
        page = await client.get("/drill/console/player")
        assert "Someone else can take part" in page.text


async def test_only_our_own_page_signs_people_in_at_once(settings: Settings, scenario: Path) -> None:
    drill = ConsoleDrill(settings, ORGANISATION, path=scenario, lasts_s=300)
    ours = {"Referer": "http://127.0.0.1:8080/console"}
    async with pages(drill) as client:
        for headers, status in (
            ({"Sec-Fetch-Site": "same-origin"}, 303),
            (ours, 303),  # browsers without TLS
            ({"Sec-Fetch-Site": "cross-site", **ours}, 200),
            ({"Referer": "http://127.0.0.1:8080.evil.example/"}, 200),
            ({}, 200),  # a preview, which must not use the link up
        ):
            assert (await client.get(await drill.start("somebody"), headers=headers)).status_code == status


async def test_only_people_in_the_drill_see_and_control_the_player(settings: Settings, scenario: Path) -> None:
    async with watched(settings, scenario, lasts_s=300) as client:
        cross = await client.post("/drill/console/player/pause", headers={"Sec-Fetch-Site": "cross-site"})
        assert cross.status_code == 403
        client.cookies.clear()
        for answer in (
            await client.get("/drill/console/player", headers={"X-Foghorn-Live": "1"}),
            await client.post("/drill/console/player/pause", headers=BROWSER),
        ):
            assert answer.status_code == 401
            assert "Only a drill" not in answer.text


async def test_a_person_who_takes_part_approves_first_and_the_drill_goes_on_to_its_end(
    settings: Settings,
    scenario: Path,
) -> None:
    scenario.write_text(STORY.replace("05:20", "05:29").replace("05:21", "05:30"), encoding="utf-8")  # time to pause
    async with watched(settings, scenario, lasts_s=6) as client:
        await until(client, 'role="status">publish<')
        await press(client, "pause")
        published = await client.post("/drill/console/run", data={"line": "approve INC-1"}, headers=BROWSER)
        assert "/incidents/INC-1" in (await client.get("/drill/")).text, published.text
        await press(client, "speed")
        await press(client, "resume")
        shown = await until(client, "The drill is over")
        assert "1 publication, " in shown
        assert "every promise kept." in shown
        assert '<a class="btn sm main" href="http://127.0.0.1:8080/console">Back to your console</a>' in shown
