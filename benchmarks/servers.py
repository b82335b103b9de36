"""The status page under load, and what a running Foghorn costs; against a bare Starlette route."""

import asyncio
import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, sleep
from urllib.request import urlopen

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from benchmarks.measure import Figure, median

CONNECTIONS = 16
SECONDS = 4.0
START_WITHIN_S = 30.0
STARTS = 3
FOGHORN = ("-c", "import sys; from bot.cli import main; sys.argv = ['foghorn', 'run']; main()")
BARE = ("-m", "uvicorn", "benchmarks.servers:bare", "--factory", "--log-level", "warning", "--port")


def figures() -> Iterator[Figure]:
    """Foghorn first, then a bare route that answers with the same bytes; one process each, the client in this one."""
    with TemporaryDirectory(prefix="foghorn-bench-") as folder:
        page = Path(folder) / "page.html"
        ours = [_start_and_stop(FOGHORN, folder, {}) for _ in range(STARTS - 1)]
        with running(FOGHORN, folder, {}) as (process, port, start_s):
            sleep(2)
            memory = rss_mb(process.pid)
            with urlopen(f"http://127.0.0.1:{port}/") as answer:
                page.write_bytes(answer.read())
            served = asyncio.run(requests_per_s(port))
            after = rss_mb(process.pid)
        ours.append(start_s)
        theirs = [_start_and_stop(BARE, folder, {"PAGE": str(page)}) for _ in range(STARTS - 1)]
        with running(BARE, folder, {"PAGE": str(page)}) as (process, port, start_s):
            sleep(1)
            bare_memory = rss_mb(process.pid)
            bare_served = asyncio.run(requests_per_s(port))
        theirs.append(start_s)
    rate, bare_rate, start_s, bare_s = served[0], bare_served[0], median(ours), median(theirs)
    what = f"status page of {round(served[1] / 1000)} kB, requests per second over {CONNECTIONS} connections"
    yield Figure(what, f"{rate:,.0f}", f"{rate / bare_rate:.2f}", f"the same bytes from a bare route, {bare_rate:,.0f}")
    what = "from `foghorn run` to /readyz, on a migrated database"
    yield Figure(what, f"{start_s:.1f} s", f"{start_s / bare_s:.1f}", f"uvicorn with the bare route, {bare_s:.1f} s")
    yield Figure("memory, idle", f"{memory:.0f} MB", f"{memory / bare_memory:.1f}", f"the same, {bare_memory:.0f} MB")
    yield Figure("memory, after that load", f"{after:.0f} MB")


def bare() -> Starlette:
    """One route that answers with the bytes of the file that PAGE names."""
    page = Path(os.environ["PAGE"]).read_bytes()

    async def answer(_request: Request) -> Response:
        return HTMLResponse(page)

    return Starlette(routes=[Route("/", answer), Route("/readyz", answer)])


@contextmanager
def running(
    command: tuple[str, ...], folder: str, more: Mapping[str, str]
) -> Iterator[tuple[subprocess.Popen[bytes], int, float]]:
    """A server in a process of its own: the process, its port and the seconds until it was ready."""
    port = free_port()
    whole = [sys.executable, *command, *([str(port)] if command is BARE else [])]
    there = {name: value for name, value in os.environ.items() if not re.match("FOGHORN|SLACK|DISCORD", name)}
    root = str(Path(__file__).resolve().parent.parent)
    environment = {**there, "FOGHORN_PORT": str(port), "PYTHONPATH": root, **more}
    start = perf_counter()
    process = subprocess.Popen(whole, cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield process, port, _until_ready(process, port, start)
    finally:
        process.terminate()
        process.wait(timeout=10)


def _start_and_stop(command: tuple[str, ...], folder: str, more: Mapping[str, str]) -> float:
    with running(command, folder, more) as (_process, _port, start_s):
        return start_s


def _until_ready(process: subprocess.Popen[bytes], port: int, start: float) -> float:
    while perf_counter() - start < START_WITHIN_S and process.poll() is None:
        try:
            with urlopen(f"http://127.0.0.1:{port}/readyz", timeout=1):
                return perf_counter() - start
        except OSError:
            sleep(0.02)
    raise RuntimeError(f"not ready within {START_WITHIN_S} s")


def free_port() -> int:
    """One that nobody listens on now."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def rss_mb(pid: int) -> float:
    """Resident memory of a process."""
    status = Path(f"/proc/{pid}/status")
    if status.exists():
        found = re.search(r"VmRSS:\s+(\d+) kB", status.read_text())
        return int(found[1]) / 1024 if found else 0.0
    said = subprocess.run(["ps", "-o", "rss=", "-p", str(pid)], capture_output=True, text=True, check=True).stdout
    return int(said) / 1024


class _Asker(asyncio.Protocol):
    """Asks for the page again and again on one connection."""

    def __init__(self, port: int) -> None:
        self._request = f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode()
        self._data = b""
        self.size = 0
        self.answers = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        self._data += data
        head, found, body = self._data.partition(b"\r\n\r\n")
        if not found:
            return
        if not head.startswith(b"HTTP/1.1 200"):
            raise RuntimeError(head.decode(errors="replace"))
        length = re.search(rb"(?i)content-length: (\d+)", head)
        if length and len(body) >= int(length[1]):
            self.size, self.answers, self._data = len(body), self.answers + 1, b""
            self._transport.write(self._request)


async def requests_per_s(port: int) -> tuple[float, int]:
    """How many answers come in a second, after one of warming up; and the size of the page."""
    loop = asyncio.get_running_loop()
    made = [await loop.create_connection(lambda: _Asker(port), "127.0.0.1", port) for _ in range(CONNECTIONS)]
    await asyncio.sleep(1)
    before, start = sum(asker.answers for _, asker in made), perf_counter()
    await asyncio.sleep(SECONDS)
    answers, took = sum(asker.answers for _, asker in made) - before, perf_counter() - start
    for transport, _ in made:
        transport.abort()
    return answers / took, made[0][1].size
