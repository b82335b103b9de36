"""A platform that no other code knows, in a folder of files: what it takes to add one, and that nothing else does."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import typer
from starlette.routing import BaseRoute

from bot.cli import examined
from bot.commands.invocation import Account, Place
from bot.intake.platform import Serving, Setup
from bot.main import Foghorn, compose
from bot.ports import Found
from bot.settings import Settings
from bot.views import Answer, Finding, Notice, Post, RoomStep
from bot.views.plain import plain
from bot.views.rooms import OpenRoom
from tests.house import START, Clock, organisation

ORGANISATION = organisation(rooms={"where": "all"})


class Folder:
    """A channel is a folder, a message a file in it, and a room a channel named after its incident."""

    def __init__(self, path: Path) -> None:
        self.path = path

    async def send(self, destination: str, post: Post, delivery: str) -> str:
        (self.path / destination).mkdir(exist_ok=True)
        return await self.edit(destination, delivery, post, delivery)

    async def reply(self, destination: str, _reference: str, post: Post, delivery: str) -> str:
        return await self.send(destination, post, delivery)

    async def edit(self, destination: str, reference: str, post: Post, _delivery: str) -> str:
        (self.path / destination / reference).write_text(f"{type(post).__name__}\n{plain(post, ORGANISATION.zone)}")
        return reference

    async def find(self, destination: str, delivery: str, _since: datetime) -> str | None:
        return delivery if (self.path / destination / delivery).exists() else None

    async def furnish(self, channel: str, step: RoomStep, _delivery: str) -> str:
        return f"{step.incident} {step.incident}" if isinstance(step, OpenRoom) else channel

    def check(self, _post: Post) -> Sequence[Finding]:
        return ()

    def messages(self, channel: str) -> list[str]:
        return [path.read_text() for path in sorted((self.path / channel).iterdir())]


class Files:
    """The platform."""

    name = "files"
    off = "off"
    connected = True
    refused = 0
    routes: Sequence[BaseRoute] = ()

    def __init__(self, path: Path) -> None:
        self.folder = Folder(path)

    def messenger(self, _setup: Setup) -> Folder:
        return self.folder

    def service(self, _serving: Serving) -> "Files":
        return self

    def running(self) -> AbstractAsyncContextManager[object]:
        return nullcontext()

    async def examine(self, _setup: Setup, channels: Sequence[str]) -> Sequence[Found]:
        return [Found("files", f"{len(channels)} channels", True)]

    def commands(self, _setup: Callable[[], Setup]) -> typer.Typer:
        return typer.Typer()


@pytest.fixture
def clock() -> Clock:
    return Clock(START)


@pytest.fixture
def files(tmp_path: Path) -> Files:
    (tmp_path / "files").mkdir()
    return Files(tmp_path / "files")


@pytest.fixture
async def foghorn(migrated_sqlite_url: str, files: Files, clock: Clock) -> AsyncIterator[Foghorn]:
    settings = Settings(FOGHORN_DATABASE_URL=migrated_sqlite_url, FOGHORN_CONSOLE_TOKEN="a secret of some length")
    foghorn = compose(settings, ORGANISATION, clock=clock, platforms=[files])
    await foghorn.start()
    yield foghorn
    await foghorn.stop()


async def do(foghorn: Foghorn, person: str, line: str) -> Answer:
    answer = await foghorn.desk.submit_line(line, Account("cli", person), Place("cli"))
    assert not (isinstance(answer, Notice) and answer.refused), answer
    await foghorn.worker.drain()
    return answer


async def test_it_gets_a_room_updates_and_reminders(foghorn: Foghorn, files: Files, clock: Clock) -> None:
    await do(foghorn, "ana", "subscribe files:NEWS")
    await do(foghorn, "ana", "declare API errors sev:1 on:api=major")
    await do(foghorn, "ana", 'update investigating sees:"Requests fail with error 500."')
    await do(foghorn, "ana", "publish")

    [update] = [words for words in files.folder.messages("NEWS") if words.startswith("PublishedUpdate")]
    assert "Requests fail with error 500." in update
    assert any(words.startswith("IncidentCard") for words in files.folder.messages("INC-1"))

    clock.now += timedelta(minutes=40)
    await foghorn.worker.tick()
    await foghorn.worker.drain()
    assert any(words.startswith("NudgeCard") for words in files.folder.messages("INC-1"))


async def test_it_is_shown_ready_and_examined(foghorn: Foghorn, files: Files) -> None:
    await do(foghorn, "ana", "subscribe files:NEWS")
    found = await asyncio.to_thread(examined, files, Setup(foghorn._core.settings, ORGANISATION))
    assert ("files", "1 channels") in [(each.what, each.words) for each in found]
