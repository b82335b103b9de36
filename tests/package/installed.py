"""The wheel of this checkout, and `foghorn run` wherever it was installed."""

import os
import socket
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
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
    """The environment of a person who has set nothing."""
    return {name: value for name, value in os.environ.items() if not name.startswith(NOT_OURS)} | more


@contextmanager
def running(command: Sequence[str | Path], folder: Path, more: Mapping[str, str]) -> Iterator[str]:
    """`foghorn run`, started by this command in this folder: the address of its pages, once it is ready."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with (folder.parent / "said.txt").open("w+") as said:
        process = subprocess.Popen(
            command, cwd=folder, env=environment(FOGHORN_PORT=str(port), **more), stdout=said, stderr=said
        )
        try:
            _until_ready(process, f"http://127.0.0.1:{port}")
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            code = process.wait(LONG_S)
            said.seek(0)
            assert code in (0, -15), said.read()


def read(address: str) -> str:
    """A page, as text."""
    with urlopen(address, timeout=LONG_S) as answer:
        return str(answer.read().decode())


def _until_ready(process: "subprocess.Popen[bytes]", address: str) -> None:
    start = monotonic()
    while process.poll() is None and monotonic() - start < LONG_S:
        try:
            read(f"{address}/readyz")
        except URLError:
            sleep(0.05)
        else:
            return
