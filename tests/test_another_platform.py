"""A platform that no other code knows, in a folder of files: what it takes to add one, and that nothing else does."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from datetime import datetime, timedelta
from pathlib import Path
from typing import ClassVar

import pytest
import typer
from pydantic import BaseModel, Field
from starlette.routing import BaseRoute

from bot.commands.invocation import Account, Place
from bot.connections import Traffic
from bot.intake.platform import PlatformConfig, Serving
from bot.main import Foghorn, compose
from bot.ports import CheckResult
from bot.settings import Setup, organisation_model, read_organisation, settings_model
from bot.views import Answer, Notice, Post, RoomStep
from bot.views.plain import plain
from bot.views.rooms import OpenRoom
from tests.cli.runner import Foghorn as Command
from tests.cli.runner import runner
from tests.databases import lent
from tests.harness import START, Clock
from tests.reference import EXAMPLE, ORGANISATION

SECTION = """
[rooms]
where = "all"

[files]
inbox = "HALL"
"""


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

    async def change_room(self, channel: str, step: RoomStep, _delivery: str) -> str:
        return f"{step.incident} {step.incident}" if isinstance(step, OpenRoom) else channel

    def messages(self, channel: str) -> list[str]:
        return [path.read_text() for path in sorted((self.path / channel).iterdir())]


class FilesSettings(BaseModel):
    """Its environment."""

    files_path: Path | None = Field(default=None, validation_alias="FILES_PATH", description="Turns it on.")


class FilesConfig(PlatformConfig):
    """Its section. Whoever can open a room's folder responds."""

    role: ClassVar[str] = "Unix group"
    role_id: ClassVar[str] = "1000"
    room_members_respond: ClassVar[bool] = True
    declaring_needs: ClassVar[str] = "responders"

    inbox: str = Field(default="", max_length=20)

    @property
    def room_channels(self) -> tuple[str, ...]:
        return (self.inbox,)


class Files:
    """The platform."""

    name = "files"
    settings = FilesSettings
    config = FilesConfig
    off = "off"
    connected = True
    refused = 0
    traffic = Traffic()
    routes: Sequence[BaseRoute] = ()

    def __init__(self) -> None:
        self.folder = Folder(Path())

    def messenger(self, setup: Setup) -> Folder | None:
        path = setup.settings.of(FilesSettings).files_path
        self.folder = Folder(path or Path())
        return self.folder if path else None

    def service(self, _serving: Serving) -> "Files":
        return self

    def running(self) -> AbstractAsyncContextManager[object]:
        return nullcontext()

    async def examine(self, _setup: Setup, channels: Sequence[str]) -> Sequence[CheckResult]:
        return [CheckResult("files", f"{len(channels)} channels", True)]

    def commands(self, app: typer.Typer, setup: Callable[[], Setup]) -> None:
        @app.command("path")
        def path() -> None:
            print(setup().settings.of(FilesSettings).files_path)


@pytest.fixture
def clock() -> Clock:
    return Clock(START)


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Files:
    (tmp_path / "files").mkdir()
    monkeypatch.setenv("FILES_PATH", str(tmp_path / "files"))
    return Files()


@pytest.fixture
def command(migrated_sqlite_url: str, files: Files, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
            capsys: pytest.CaptureFixture[str]) -> Command:  # fmt: skip
    return runner(migrated_sqlite_url, tmp_path, monkeypatch, capsys, platforms=[files])


@pytest.fixture
def toml(tmp_path: Path) -> Path:
    path = tmp_path / "foghorn.toml"
    path.write_text(EXAMPLE.read_text().replace('handle = "ana" ', 'handle = "ana"\nfiles = "uid-501" # ') + SECTION)
    return path


@pytest.fixture
async def foghorn(migrated_sqlite_url: str, files: Files, clock: Clock, toml: Path) -> AsyncIterator[Foghorn]:
    settings = settings_model((files,))(
        FOGHORN_DATABASE_URL=migrated_sqlite_url,
        FOGHORN_CONSOLE_TOKEN="0123456789abcdef",
        FILES_PATH=toml.parent / "files",
    )
    organisation = read_organisation(toml, organisation_model((files,)))
    foghorn = compose(settings, organisation, clock=clock, platforms=[files])
    with lent(foghorn.store):
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


async def test_its_section_says_who_may_act_there(foghorn: Foghorn) -> None:
    async def asked(line: str, account: str, channel: str) -> bool:
        """Whether the command is refused."""
        who = Account("files", account, "Somebody")
        answer = await foghorn.desk.submit_line(line, who, Place("files", channel))
        await foghorn.worker.drain()
        return isinstance(answer, Notice) and answer.refused

    assert await asked("declare API errors sev:1", "uid-7", "HALL"), "declaring_needs"
    assert not await asked("declare API errors sev:1", "uid-501", "HALL"), "accounts in [[people]]"
    assert await asked("severity INC-1 2", "uid-7", "HALL")
    assert not await asked("severity INC-1 2", "uid-7", "INC-1"), "room_members_respond"
    assert await asked("subscribe", "uid-501", "HALL"), "room_channels"
    assert not await asked("subscribe", "uid-501", "NEWS")


@pytest.mark.usefixtures("toml")
def test_check_and_doctor_name_its_rules(command: Command) -> None:
    said = command("check")
    assert (said.code, said.err) == (0, "")
    assert "On Files, responders are members of an incident's room, in that incident; " in said.out
    assert "Incidents are declared by responders. To choose who responds, set [files] groups = { " in said.out
    command("incident", "--as", "ana", "subscribe", "files:NEWS")
    assert "ok   files: 1 channels" in command("doctor").out


@pytest.mark.parametrize(
    ("right", "wrong", "problem"),
    [
        (
            'inbox = "HALL"',
            'inbox = "a name that is too long"',
            "files.inbox must have at most 20 characters",
        ),
        ("[files]", "[flies]", "flies is not a key here; did you mean “files”"),
        ("files = ", "flies = ", "people.flies is not a key here; did you mean “files”"),
        (
            'handle = "ben"',
            'handle = "ben"\nfiles = "UID-501"',
            "the Files account “UID-501” is listed twice;",
        ),
    ],
)
def test_check_names_the_line_of_a_mistake_in_its_settings(
    command: Command, toml: Path, right: str, wrong: str, problem: str
) -> None:
    text = toml.read_text().replace(right, wrong, 1)
    toml.write_text(text)
    said = command("check")
    line = text[: text.index(wrong) + len(wrong)].count("\n") + 1
    assert (said.code, f"foghorn.toml, line {line}: {problem}" in said.err) == (1, True), said.err


def test_it_has_commands_and_an_environment_of_its_own(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert command("files", "path").out == f"{tmp_path / 'files'}\n"
    monkeypatch.delenv("FILES_PATH")
    assert "ok   files: off" in command("doctor").out
