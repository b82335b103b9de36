"""How public pages are renewed, and how they go on without a database."""

import asyncio

import httpx
import pytest
from starlette.applications import Starlette

from bot.changes import ChangeFeed
from tests.conftest import Postgres
from tests.patience import LONG_S, fair, within
from tests.web.conftest import Client, Read
from tests.web.stories import Foghorn


def lose_database(foghorn: Foghorn, request: pytest.FixtureRequest, engine_name: str) -> None:
    """The file is gone; the server knows the database no longer."""
    foghorn.store.engine.dispose()
    if engine_name == "sqlite":
        with open(foghorn.database, "wb") as file:
            file.truncate()
        return
    postgres: Postgres = request.getfixturevalue("postgres")
    postgres.drop(foghorn.url)


@pytest.mark.usefixtures("engine_name")
def test_pages_and_feeds_go_on_when_the_database_is_gone(
    migrated_url: str, engine_name: str, request: pytest.FixtureRequest
) -> None:
    foghorn = Foghorn(migrated_url)
    foghorn.reference("investigating")
    client = Client(foghorn.web_app())
    asyncio.run(foghorn.site.rebuild())
    lose_database(foghorn, request, engine_name)
    foghorn.clock.wait(3)
    asyncio.run(foghorn.site.rebuild())
    for path in ("/", "/incidents/INC-1", "/history"):
        answer = client.get(path)
        assert answer.status_code == 200
        assert " data-stale" in answer.text
        assert (
            '<strong><data class="counting">As of <time datetime="2026-04-20T15:44:00+00:00">11:44 AM ET' in answer.text
        )
    for path in ("/history.atom", "/updates.rss", "/api/v2/summary.json", "/static/foghorn.css", "/healthz"):
        assert client.get(path).status_code == 200
    assert "<title>Example AI: unknown</title>" in client.get("/badge.svg").text
    if engine_name == "postgresql":
        postgres: Postgres = request.getfixturevalue("postgres")
        postgres.run(f"CREATE DATABASE {foghorn.database}")  # for the fixture to drop


def test_the_notice_waits_two_minutes(foghorn: Foghorn, read: Read) -> None:
    foghorn.reference("investigating")
    read()
    foghorn.store.engine.dispose()
    foghorn.clock.wait(1.9)
    assert 'id="stale" hidden' in read()


def test_every_page_says_as_of_when_it_is(read: Read) -> None:
    for path in ("/", "/history"):
        assert 'As of <time datetime="2026-04-20T09:15:00+00:00">5:15 AM ET</time>' in read(path)


def test_a_page_that_is_not_built_asks_for_patience_when_the_database_is_gone(
    foghorn: Foghorn, client: Client, read: Read, request: pytest.FixtureRequest
) -> None:
    read()
    lose_database(foghorn, request, "sqlite")
    answer = client.get("/incidents/INC-7")
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "60"


def test_before_anything_was_read_the_pages_ask_for_patience(client: Client) -> None:
    assert client.get("/").status_code == 503


async def _get(app: Starlette, path: str) -> str:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1") as client:
        return (await client.get(path)).text


async def test_a_publication_is_on_the_page_within_half_a_second(foghorn: Foghorn) -> None:
    changes, app = ChangeFeed(), foghorn.web_app()
    changes.start()
    foghorn.store.after_commit.append(changes.committed)
    await foghorn.site.rebuild()
    running = asyncio.create_task(foghorn.site.run(changes))
    await asyncio.to_thread(foghorn.say, "ana", "declare Trouble sev:4 on:api=major")
    await asyncio.to_thread(foghorn.publish, "update investigating sees:'requests fail'")
    published = fair()
    while "A major outage is in progress" not in await _get(app, "/"):
        assert fair() - published < 0.5
        await asyncio.sleep(0.02)
    running.cancel()


async def _shown(foghorn: Foghorn, words: str) -> None:
    while words not in await _get(foghorn.web_app(), "/"):
        await asyncio.sleep(0.02)


async def test_without_a_publication_pages_are_renewed_all_the_same(foghorn: Foghorn) -> None:
    changes = ChangeFeed()
    changes.start()
    running = asyncio.create_task(foghorn.site.run(changes, every_s=0.05))
    await within(LONG_S, _shown(foghorn, "5:15 AM ET"))
    foghorn.clock.wait(60)
    await within(LONG_S, _shown(foghorn, "6:15 AM ET"))
    running.cancel()


def test_a_rebuild_stays_cheap_with_many_past_incidents(foghorn: Foghorn) -> None:
    for number in range(60):
        foghorn.insert_published(f"Trouble {number}", "Some requests fail.", closed=True)
    asyncio.run(foghorn.site.rebuild())
    assert sum(path.startswith("/incidents/") for path in foghorn.site.cache["en"]) == 50


async def test_a_flood_of_searches_is_refused_and_the_pages_are_still_there(foghorn: Foghorn) -> None:
    foghorn.reference("investigating")
    await foghorn.site.rebuild()
    transport = httpx.ASGITransport(foghorn.web_app())
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8080") as client:
        asked = [client.get(f"/history?q=word{number}") for number in range(40)]
        found = [answer.status_code for answer in await asyncio.gather(*asked, client.get("/"))]
    assert set(found[:-1]) == {200, 503}
    assert found[-1] == 200
