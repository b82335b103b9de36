"""`foghorn run` on a machine whose wall clock is moved: it goes on at once, and says truthfully that it is well."""

import base64
import json
import os
import shutil
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from time import monotonic, sleep
from typing import Any

import pytest

from bot.clock import utc_now
from bot.settings import EXAMPLE
from tests.conftest import go_without
from tests.harness import Harness

WITHIN_S = 10.0  # to notice, and to send again what failed 5 s ago
REPOSITORY = Path(__file__).resolve().parents[2]
SECRET = "whsec_" + base64.b64encode(b"a" * 32).decode()


class Receiver(ThreadingHTTPServer):
    """An address that refuses the first call and takes the second."""

    def __init__(self) -> None:
        self.refused, self.taken = Event(), Event()
        super().__init__(("127.0.0.1", 0), _Handler)


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        server = self.server
        assert isinstance(server, Receiver)
        self.rfile.read(int(self.headers["Content-Length"]))
        first = not server.refused.is_set()
        (server.refused if first else server.taken).set()
        self.send_response(503 if first else 204)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_words: Any) -> None:
        """Nothing."""


@dataclass
class Running:
    """A process, the address of its pages, and the file that moves its clock."""

    process: "subprocess.Popen[bytes]"
    address: str
    moved: Path
    receiver: Receiver
    ages: list[float] = field(default_factory=list)

    def look(self) -> bool:
        """Whether /readyz says that everything is well now."""
        try:
            with urllib.request.urlopen(f"{self.address}/readyz?all=1", timeout=10) as answer:
                found = json.load(answer)
        except urllib.error.HTTPError as refusal:
            found = json.load(refusal)
        except OSError:
            return False
        self.ages.append(found.get("tick_age_seconds") or 0.0)
        return bool(found["well"])


@pytest.fixture(scope="session")
def moved_clock(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library that moves the wall clock of one process."""
    compiler = shutil.which("cc")
    if compiler is None or sys.platform != "linux":
        go_without("A C compiler")
    library = tmp_path_factory.mktemp("clock") / "moved_clock.so"
    source = Path(__file__).with_name("moved_clock.c")
    subprocess.run([compiler, "-O1", "-shared", "-fPIC", "-o", library, source], check=True)
    return library


@pytest.fixture
def running(migrated_sqlite_url: str, tmp_path: Path, moved_clock: Path) -> Iterator[Running]:
    """`foghorn run` with a webhook."""
    receiver = Receiver()
    Thread(target=receiver.serve_forever, daemon=True).start()
    hook = f'\n[[webhooks]]\nname = "crm"\nurl = "http://127.0.0.1:{receiver.server_port}/"\n'
    toml = tmp_path / "foghorn.toml"
    toml.write_text(EXAMPLE.read_text() + hook + 'secret_env = "CRM_SECRET"\nallow_private = true\n')
    moved = tmp_path / "moved"
    moved.write_text("0")
    port = _free_port()
    process = subprocess.Popen(
        [sys.executable, "-c", "from bot.cli import main; main()", "run"],
        cwd=tmp_path,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={
            "PATH": os.environ["PATH"], "PYTHONPATH": str(REPOSITORY), "LD_PRELOAD": str(moved_clock),
            "MOVED_CLOCK": str(moved), "FOGHORN_DATABASE_URL": migrated_sqlite_url, "FOGHORN_PORT": str(port),
            "CRM_SECRET": SECRET,
        },
    )  # fmt: skip
    yield Running(process, f"http://127.0.0.1:{port}", moved, receiver)
    process.terminate()
    process.wait(20)
    receiver.shutdown()
    receiver.server_close()


def publish(url: str) -> None:
    """An update of which the webhook is told, published by another process."""
    harness = Harness(url, now=utc_now())
    harness.ana("declare API errors sev:3 on:api=partial")
    harness.ana("publish")
    harness.close()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        port: int = found.getsockname()[1]
        return port


def until(look: Any, within_s: float) -> bool:
    """Whether it came true in time."""
    end = monotonic() + within_s
    while monotonic() < end:
        if look():
            return True
        sleep(0.2)
    return False


def test_ticks_and_retries_go_on_at_once_when_the_clock_is_set_back_by_an_hour_and_readyz_tells_the_truth(
    running: Running, migrated_sqlite_url: str
) -> None:
    assert until(running.look, 60)
    publish(migrated_sqlite_url)
    assert running.receiver.refused.wait(20)

    running.moved.write_text("-3600")
    sleep(0.1)
    running.ages.clear()
    ready = [running.look() for _ in range(20) if sleep(0.1) is None]
    taken = running.receiver.taken.wait(WITHIN_S)

    assert (all(ready), taken) == (True, True)
    assert 0 <= min(running.ages) <= max(running.ages) < 5
