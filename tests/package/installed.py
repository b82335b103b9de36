"""The wheel of this checkout, and `foghorn run` wherever it was installed."""

import os
import socket
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep
from urllib.error import URLError
from urllib.request import urlopen

from hatchling.build import build_wheel

from tests.patience import LONG_S

ROOT = Path(__file__).resolve().parents[2]
NOT_OURS = ("FOGHORN", "SLACK", "DISCORD", "PYTHONPATH", "VIRTUAL_ENV")


def wheel(folder: Path) -> Path:
    """The wheel, built as `pip install` builds it, but without the network."""
    before = Path.cwd()
    os.chdir(ROOT)  # a build backend works in the folder of the project
    try:
        return folder / build_wheel(str(folder))
    finally:
        os.chdir(before)


def environment(**more: str) -> dict[str, str]:
    """The environment of a person who has set nothing, and what is set besides."""
    return {name: value for name, value in os.environ.items() if not name.startswith(NOT_OURS)} | more


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True)
class Running:
    """A process that serves pages."""

    process: "subprocess.Popen[str]"
    port: int
    said: Path

    def read(self, path: str = "/") -> str:
        """A page, as text. Raises URLError."""
        with urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=LONG_S) as answer:
            return str(answer.read().decode())


@contextmanager
def running(command: Sequence[str | Path], folder: Path, port: int, **more: str) -> Iterator[Running]:
    """`foghorn run` or a proxy, started by this command in this folder, once it answers on the port."""
    said = folder.parent / f"said-{port}.txt"
    with said.open("w") as out:
        process = subprocess.Popen(command, cwd=folder, env=environment(**more), stdout=out, stderr=out, text=True)
    started = Running(process, port, said)
    try:
        _until_ready(started, said)
        yield started
    finally:
        process.terminate()
        process.wait(LONG_S)


def _until_ready(started: Running, said: Path) -> None:
    start = monotonic()
    while started.process.poll() is None and monotonic() - start < 5 * LONG_S:  # which may include an installation
        try:
            started.read()
        except URLError:
            sleep(0.05)
        else:
            return
    raise AssertionError(said.read_text())
