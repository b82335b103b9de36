"""Several Foghorns on one database: whatever one of them knows, all of them know."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager
from typing import Any, Self

import httpx
import psycopg
import pytest
from pydantic import SecretStr
from sqlmodel import select

from bot.actions.people import invite, remove
from bot.commands.invocation import Account, Place
from bot.core import Core, open_core
from bot.domain.deliveries import Delivery
from bot.intake.leases import Leases, Share
from bot.main import Foghorn, compose
from bot.platforms import PLATFORMS
from bot.presence import Presence, Visitor
from bot.settings import Settings, settings_model
from bot.views import Notice
from tests.databases import lent
from tests.patience import LONG_S, until
from tests.platforms.console.browse import BASE, Browse
from tests.platforms.console.world import Client
from tests.reference import ORGANISATION

Begin = Callable[..., Foghorn]
NOWHERE = "http://127.0.0.1:1/api/"
PROBES = ("/healthz", "/readyz", "/metrics")
on_postgresql = pytest.mark.parametrize("engine_name", ["postgresql"])


@pytest.fixture
def begin(migrated_url: str) -> Iterator[Begin]:
    """Another process on the same database, as a Foghorn of its own in this process."""
    with ExitStack() as begun:

        def begin_another(*roles: str, **settings: Any) -> Foghorn:
            changes = {"database_url": migrated_url, "public_url": BASE, **settings}
            foghorn = compose(settings_model(PLATFORMS)().model_copy(update=changes), ORGANISATION, only=roles)
            begun.enter_context(lent(foghorn.store))
            begun.callback(foghorn.store.close)
            begun.callback(foghorn.desk.close)
            return foghorn

        yield begin_another


@asynccontextmanager
async def running(*processes: Foghorn) -> AsyncIterator[None]:
    for foghorn in processes:
        await foghorn.start()
    try:
        yield
    finally:
        for foghorn in processes:
            await foghorn.stop()


def link(foghorn: Foghorn, handle: str) -> str:
    with foghorn.store.write() as tx:
        return f"/console?token={invite(tx, handle)[1]}"


def signed_in(foghorn: Foghorn, handle: str) -> Browse:
    browse = Browse(Client(foghorn.web_app, BASE), lambda handle: link(foghorn, handle), BASE)
    browse.sign_in(handle)
    return browse


async def do(foghorn: Foghorn | Core, *lines: str, handle: str = "ana") -> None:
    for line in lines:
        await foghorn.desk.submit_line(line, Account("cli", handle), Place("cli"))


async def page(foghorn: Foghorn, path: str = "/") -> str:
    transport = httpx.ASGITransport(foghorn.web_app)
    async with httpx.AsyncClient(transport=transport, base_url=BASE) as client:
        return (await client.get(path)).text


class OpenPage:
    """A page of the console that hears of changes."""

    def __init__(self, foghorn: Foghorn, browse: Browse, query: str = "") -> None:
        self.heard: list[str] = []
        self._leaves = asyncio.Event()
        self._listens = foghorn.store.engine.dialect.name == "postgresql"
        cookie = "; ".join(f"{name}={value}" for name, value in browse.client.cookies.items())
        scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "scheme": "http",
            "path": "/console/changes", "raw_path": b"/console/changes", "query_string": query.encode(),
            "root_path": "", "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 8080), "state": {},
            "headers": [(b"host", b"127.0.0.1:8080"), (b"cookie", cookie.encode()), (b"accept", b"text/event-stream")],
        }  # fmt: skip
        self._serving = asyncio.create_task(foghorn.web_app(scope, self._receive, self._send))

    @classmethod
    async def open(cls, foghorn: Foghorn, browse: Browse, query: str = "") -> Self:
        found = cls(foghorn, browse, query)
        await found.hears("hello")
        return found

    async def is_live(self) -> None:
        """Wait until a page that was opened before its process started hears of the others."""
        if self._listens:
            await self.hears("event: changed\ndata:")

    async def hears(self, words: str) -> None:
        """Wait for an event, and forget it and what came before."""
        await until(lambda: any(words in each for each in self.heard))
        while words not in self.heard.pop(0):
            pass

    async def leave(self) -> None:
        self._leaves.set()
        await self._serving

    async def _receive(self) -> Any:
        await self._leaves.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Any) -> None:
        self.heard += [each for each in message.get("body", b"").decode().split("\n\n") if each]


@on_postgresql
def test_a_session_is_valid_in_every_process_and_after_a_restart(begin: Begin) -> None:
    first, second = begin(), begin()
    ana = signed_in(first, "ana")
    for other in (second, begin()):
        ana.client.app = other.web_app  # type: ignore[attr-defined]
        ana.open("/console/people")
        assert ana.status == 200
    ana.client.app = first.web_app  # type: ignore[attr-defined]
    ana.open("/console")
    ana.press("Sign out")
    ana.client.app = second.web_app  # type: ignore[attr-defined]
    ana.open("/console/people")
    assert ana.status == 401


@on_postgresql
def test_who_is_removed_by_one_process_can_do_nothing_in_another(begin: Begin) -> None:
    first, second = begin(), begin()
    ben = signed_in(second, "ben")
    ben.open("/console/people")
    assert ben.status == 200
    asyncio.run(do(second, "declare Pages hang sev:3", handle="ben"))

    with first.store.write() as tx:
        remove(tx, "ben")

    ben.open("/console/people")
    assert ben.status == 401
    refused = asyncio.run(second.desk.submit_line("note It is slow.", Account("cli", "ben"), Place("cli")))
    assert isinstance(refused, Notice)
    assert refused.refusal == "NotAllowed"


@on_postgresql
def test_the_pages_of_every_process_show_at_once_what_one_of_them_did(begin: Begin) -> None:
    first, second = begin(), begin()
    ana, ben = signed_in(first, "ana"), signed_in(second, "ben")

    async def both() -> None:
        here, there = await OpenPage.open(first, ana), await OpenPage.open(second, ben)
        async with running(first, second):
            await here.is_live()
            await there.is_live()
            await do(first, "declare Pages hang sev:3 on:chatgpt=degraded")
            await there.hears("event: changed\ndata: INC-1")
            await do(second, 'update investigating sees:"pages hang"', "publish")
            await here.hears("event: changed\ndata: INC-1")
            for foghorn in (first, second):
                await until_published(foghorn)

    asyncio.run(both())


async def until_published(foghorn: Foghorn) -> None:
    async with asyncio.timeout(LONG_S):
        while "pages hang" not in await page(foghorn):
            await asyncio.sleep(0.02)


def test_an_open_page_hears_once_of_what_its_process_and_the_command_line_did(begin: Begin, migrated_url: str) -> None:
    only = begin()
    ana = signed_in(only, "ana")
    command_line = open_core(Settings().model_copy(update={"database_url": migrated_url}), ORGANISATION)

    async def listened() -> None:
        open_page = await OpenPage.open(only, ana)
        async with running(only):
            await open_page.is_live()
            await do(only, "declare Pages hang sev:3 on:chatgpt=degraded")
            await do(command_line, "declare Sign-in fails sev:3 on:api=degraded")
            await until(lambda: "event: changed\ndata: INC-2" in open_page.heard)
            assert open_page.heard.count("event: changed\ndata: INC-1") == 1

    asyncio.run(listened())
    command_line.close()


def cut_listeners(url: str) -> int:
    """End the connections that listen, as a restart of PostgreSQL does; how many there were."""
    listening = "FROM pg_stat_activity WHERE query LIKE 'LISTEN%' AND datname = current_database()"
    with psycopg.connect(url, autocommit=True) as connection:
        return len(connection.execute(f"SELECT pg_terminate_backend(pid) {listening}").fetchall())


@on_postgresql
def test_after_its_connection_was_cut_a_page_reads_everything_again(begin: Begin, migrated_url: str) -> None:
    only = begin()
    ana = signed_in(only, "ana")

    async def cut() -> None:
        open_page = await OpenPage.open(only, ana)
        async with running(only):
            await open_page.is_live()
            await until(lambda: cut_listeners(migrated_url))
            await open_page.hears("event: changed\ndata:")
            await do(begin(), "declare Pages hang sev:3 on:chatgpt=degraded")
            await open_page.hears("event: changed\ndata: INC-1")

    asyncio.run(cut())


@on_postgresql
def test_what_was_rolled_back_or_changed_nothing_is_told_to_nobody(begin: Begin, migrated_url: str) -> None:
    only = begin()
    with psycopg.connect(migrated_url, autocommit=True) as connection:
        connection.execute("LISTEN foghorn")
        asyncio.run(do(only, "list", "declare", "publish INC-9", "declare Pages hang"))
        heard = [notice.payload for notice in connection.notifies(timeout=60, stop_after=1)]
        heard += [notice.payload for notice in connection.notifies(timeout=0)]
    assert len(heard) == 1
    assert '"incidents":["INC-1"]' in heard[0]


async def statuses(foghorn: Foghorn, *paths: str, method: str = "GET") -> list[int]:
    transport = httpx.ASGITransport(foghorn.web_app)
    async with httpx.AsyncClient(transport=transport, base_url=BASE) as client:
        return [(await client.request(method, path)).status_code for path in paths]


@on_postgresql
def test_what_the_web_role_publishes_the_worker_sends_and_each_process_answers_probes(begin: Begin) -> None:
    web, worker = begin("web"), begin("worker")

    async def divided() -> None:
        async with running(web):
            await do(web, "declare Pages hang sev:3 on:chatgpt=degraded", 'update investigating sees:"pages hang"')
            await do(web, "publish")
            assert '"tick_age_seconds":null' in await page(web, "/readyz")
            assert states(web) == {"due"}
            async with running(worker):
                await until(lambda: states(web) == {"sent"})
                assert await statuses(web, *PROBES, "/", "/console") == [200, 200, 200, 200, 401]
                assert await statuses(worker, *PROBES, "/", "/console") == [200, 200, 200, 404, 404]
                assert "does not serve pages" in await page(worker)

    asyncio.run(divided())


def states(foghorn: Foghorn) -> set[str]:
    with foghorn.store.read() as tx:
        return {row.state.value for row in tx.session.exec(select(Delivery))}


async def share(foghorn: Foghorn) -> Share:
    return await Leases(foghorn.store, foghorn.desk.in_thread, process=foghorn.process.id).share("slack")


@on_postgresql
def test_processes_with_a_role_serve_its_requests_and_know_their_share_of_what_slack_allows(begin: Begin) -> None:
    token = {"slack_bot_token": SecretStr("xoxb-1"), "slack_signing_secret": SecretStr("s"), "slack_api_url": NOWHERE}
    slack, worker, other = begin("slack", **token), begin("worker", **token), begin("slack", "worker", **token)
    limits = [each.core.messengers["slack"].web.limiter for each in (worker, other)]  # type: ignore[attr-defined]

    async def asked() -> None:
        async with running(slack, worker, other):
            assert [await share(each) for each in (slack, worker, other)] == [Share(0, 2), Share(0, 1), Share(1, 2)]
            await until(lambda: [each.processes for each in limits] == [2, 2])
            assert await statuses(slack, "/slack/events", method="POST") == [401]  # it is not signed
            assert await statuses(worker, "/slack/events", method="POST") == [404]
            assert await statuses(slack, *PROBES, "/readyz?all=1") == [200, 200, 200, 503]
            assert '"wrong":["slack is not connected"]' in await page(slack, "/readyz")

    asyncio.run(asked())


def people(*those: str) -> str:
    there = [{"name": name, "editing": editing} for name, _, editing in (each.partition(": ") for each in those)]
    return f"event: people\ndata: {json.dumps(there)}"


@on_postgresql
def test_people_see_each_other_on_a_page_that_different_processes_serve(begin: Begin) -> None:
    first, second = begin("web"), begin("web")
    asyncio.run(do(first, "declare Pages hang sev:3 on:chatgpt=degraded"))
    ana, ben = signed_in(first, "ana"), signed_in(second, "ben")

    async def together() -> None:
        here = await OpenPage.open(first, ana, "room=INC-1")
        async with running(first):
            await here.is_live()
            there = await OpenPage.open(second, ben, "room=INC-1&form=edit")
            async with running(second):  # it asks who is there, and says who is here
                await here.hears(people("Ben Osei: draft"))
                await there.hears(people("Ana Silva"))
                await there.leave()
                await here.hears(people())

    asyncio.run(together())


def test_visitors_of_a_process_that_was_killed_are_forgotten_within_a_minute() -> None:
    now = 0.0
    presence, told = Presence(lambda: now), list[str]()
    presence.told = told.append
    presence.heard("prc_1", "INC-1", [Visitor("per_1", "Ben")])
    now = 59.0
    presence.forget_silent()
    assert [each.name for each in presence.elsewhere("INC-1")] == ["Ben"]
    now = 60.0
    presence.forget_silent()
    assert presence.elsewhere("INC-1") == []
    assert told == ["INC-1", "INC-1"]
