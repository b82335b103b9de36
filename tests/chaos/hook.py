"""A program that listens, and `foghorn run` processes that call it."""

import base64
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

from bot.settings import EXAMPLE
from tests.package.installed import ROOT, environment
from tests.patience import LONG_S

FOGHORN = (sys.executable, "-c", "from bot.cli import main; main()")
SECRET = "whsec_" + base64.b64encode(b"a" * 32).decode()


@dataclass(frozen=True)
class Call:
    """One call: from which address, with which webhook-id, and what it says."""

    peer: str
    id: str
    body: str


class Hook(ThreadingHTTPServer):
    """It keeps every call before it answers with what `status` returns, however long that takes."""

    daemon_threads = True

    def __init__(self, host: str = "127.0.0.1", status: Callable[[Call], int] = lambda _call: 204) -> None:
        self.calls: list[Call] = []
        self.status = status
        super().__init__((host, 0), _Handler)

    @contextmanager
    def listening(self) -> Iterator["Hook"]:
        Thread(target=self.serve_forever, daemon=True).start()
        yield self
        self.shutdown()
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        hook = self.server
        assert isinstance(hook, Hook)
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        call = Call(self.client_address[0], self.headers["webhook-id"], body)
        hook.calls.append(call)
        self.send_response(hook.status(call))
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_words: Any) -> None:
        """Nothing."""


@dataclass(frozen=True)
class Run:
    """A `foghorn run`, and the file of what it said."""

    process: "subprocess.Popen[bytes]"
    said: Path

    @property
    def ready(self) -> bool:
        return "Foghorn is running" in self.said.read_text()


def configured(folder: Path, hook: Hook) -> Path:
    """A folder with the example organization, which calls this program."""
    folder.mkdir()
    address = f"http://{hook.server_address[0]!s}:{hook.server_port}/"
    hooked = f'\n[[webhooks]]\nname = "crm"\nurl = "{address}"\nsecret_env = "CRM_SECRET"\nallow_private = true\n'
    (folder / "foghorn.toml").write_text(EXAMPLE.read_text(encoding="utf-8") + hooked, encoding="utf-8")
    return folder


def settings(url: str, **more: str) -> dict[str, str]:
    """The environment of a command in such a folder."""
    same = {"FOGHORN_PUBLIC_URL": "https://status.example.com", "FOGHORN_CONSOLE_TOKEN": "a" * 32}
    return environment(FOGHORN_DATABASE_URL=url, PYTHONPATH=str(ROOT), CRM_SECRET=SECRET, **same, **more)


@contextmanager
def foghorn(folder: Path, url: str, before: Sequence[str] = (), **more: str) -> Iterator[Run]:
    """`foghorn run` on a database, started by the command `before` it; killed in the end."""
    said = folder / "said.txt"
    with said.open("w") as out:
        command = [*before, *FOGHORN, "run"]
        process = subprocess.Popen(command, cwd=folder, stdout=out, stderr=out, env=settings(url, **more))
    try:
        yield Run(process, said)
    finally:
        process.kill()
        process.wait(LONG_S)


def types(folder: Path, url: str, line: str, **more: str) -> str:
    """What the command line answers to Ana."""
    command = [*FOGHORN, "incident", "--as", "ana", *line.split()]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, env=settings(url, **more))
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
