"""The status page under load, and what a running Foghorn costs; against a bare ASGI responder, and nginx."""

import asyncio
import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, sleep
from typing import cast
from urllib.request import Request, urlopen

import uvloop
from starlette.types import Receive, Scope, Send

from benchmarks.measure import Figure, median

CONNECTIONS = 16
GZIP = "Accept-Encoding: gzip\r\n"
SECONDS = 0.6
ROUNDS = 7
START_WITHIN_S = 30.0
STARTS = 3
FOGHORN = ("-c", "import sys; from bot.cli import main; sys.argv = ['foghorn', 'run']; main()")
BARE = ("-m", "uvicorn", "benchmarks.servers:bare", "--log-level", "warning", "--port")
NGINX = """daemon off; worker_processes 1; error_log stderr crit; pid {folder}/nginx.pid;
events {{}}
http {{ access_log off; gzip_static on; keepalive_requests 100000000; default_type text/html;
  client_body_temp_path {folder};
  proxy_temp_path {folder}; fastcgi_temp_path {folder}; uwsgi_temp_path {folder}; scgi_temp_path {folder};
  server {{ listen 127.0.0.1:{port}; root {folder}/page; location / {{ try_files /index.html =404; }} }} }}"""
PAGE = Path(os.environ.get("PAGE", os.devnull)).read_bytes()


def figures() -> Iterator[Figure]:
    """How fast the status page is sent, and what the process costs."""
    with TemporaryDirectory(prefix="foghorn-bench-") as folder, _started(FOGHORN, folder, {}) as (ours, ours_s):
        plain, packed = _page(ours.port, "identity"), _page(ours.port, "gzip")
        page = Path(folder) / "page" / "index.html"
        page.parent.mkdir()
        page.write_bytes(plain[0])
        page.with_suffix(".html.gz").write_bytes(packed[0])
        idle = rss_mb(ours.pid)
        with _started(BARE, folder, {"PAGE": str(page)}) as (theirs, theirs_s), _nginx(folder) as nginx:
            bare_idle = rss_mb(theirs.pid)
            asked = {"plain": "", "packed": GZIP, "unchanged": f"If-None-Match: {plain[1]}\r\n"}
            targets = {name: (ours.port, headers) for name, headers in asked.items()}
            targets |= {"bare": (theirs.port, "")} | (
                {"nginx": (nginx, ""), "nginx packed": (nginx, GZIP)} if nginx else {}
            )
            rates = _rates(targets)
        after = rss_mb(ours.pid)
    yield from _compared(rates, f"{len(plain[0]) / 1000:.0f} kB", f"{len(packed[0]) / 1000:.1f} kB")
    what = "from `foghorn run` to /readyz, on a migrated database"
    yield Figure(
        what, f"{ours_s:.1f} s", f"{ours_s / theirs_s:.1f}", f"uvicorn with the bare responder, {theirs_s:.1f} s",
        "time to be ready, bare uvicorn = 1",
    )  # fmt: skip
    yield Figure(
        "memory, idle for two seconds", f"{idle:.0f} MB", f"{idle / bare_idle:.1f}", f"the same, {bare_idle:.0f} MB",
        "idle memory, bare uvicorn = 1",
    )  # fmt: skip
    yield Figure("memory, after that load", f"{after:.0f} MB")


def _compared(rates: Mapping[str, float], size: str, packed_size: str) -> Iterator[Figure]:
    first = f"status page of {size}, requests per second over {CONNECTIONS} connections"
    for what, name, peer, words, bar in (
        (first, "plain", "bare", "a bare ASGI responder", "status page per second, bare responder = 1"),
        (f"the same, compressed to {packed_size}", "packed", "bare", "the same, uncompressed", ""),
        ("the same, answered with 304", "unchanged", "bare", "the same, uncompressed", ""),
        ("status page, uncompressed", "plain", "nginx", "nginx", "status page per second, nginx = 1"),
        ("status page, compressed", "packed", "nginx packed", "nginx", ""),
    ):
        if peer in rates:
            ratio = f"{rates[name] / rates[peer]:.2f}"
            yield Figure(what, f"{rates[name]:,.0f}", ratio, f"{words}, {rates[peer]:,.0f}", bar)


def _rates(targets: Mapping[str, tuple[int, str]]) -> dict[str, float]:
    """Requests per second of each target, in turns, so that whatever else the machine does disturbs all of them."""
    found: dict[str, list[float]] = {name: [] for name in targets}
    for _ in range(ROUNDS):
        for name, (port, headers) in targets.items():
            found[name].append(requests_per_s(port, headers))
    return {name: median(rates) for name, rates in found.items()}


async def bare(_scope: Scope, _receive: Receive, send: Send) -> None:
    """Answers with the bytes of the file that PAGE names, and does nothing else."""
    head = [(b"content-type", b"text/html"), (b"content-length", str(len(PAGE)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": head})
    await send({"type": "http.response.body", "body": PAGE})


def _page(port: int, encoding: str) -> tuple[bytes, str]:
    """The status page and its ETag."""
    with urlopen(Request(f"http://127.0.0.1:{port}/", headers={"Accept-Encoding": encoding})) as answer:
        return answer.read(), answer.headers["ETag"]


@contextmanager
def _nginx(folder: str) -> Iterator[int | None]:
    """The port of an nginx that serves the folder `page`; None where it is not installed."""
    program, port = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin"), free_port()
    if program is None:
        yield None
        return
    os.chmod(folder, 0o755)  # nginx's workers are not this user if this user is root
    settings = Path(folder) / "nginx.conf"
    settings.write_text(NGINX.format(folder=folder, port=port), encoding="utf-8")
    process = subprocess.Popen([program, "-p", folder, "-c", str(settings)], stderr=subprocess.DEVNULL)
    try:
        _until_ready(process, port, perf_counter())
        yield port
    finally:
        process.terminate()
        process.wait(timeout=10)


@dataclass(frozen=True)
class Server:
    """A server in a process of its own."""

    pid: int
    port: int


@contextmanager
def _started(command: tuple[str, ...], folder: str, more: Mapping[str, str]) -> Iterator[tuple[Server, float]]:
    """A server after it has come to rest, and the median of the seconds that it took to start."""
    starts = [_start_and_stop(command, folder, more) for _ in range(STARTS - 1)]
    with running(command, folder, more) as (process, port, start_s):
        sleep(2)
        yield Server(process.pid, port), median([*starts, start_s])


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
    """Asks for the page again and again on one connection. All answers have the length of the first one."""

    def __init__(self, port: int, headers: str) -> None:
        self._request = f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{headers}\r\n".encode()
        self._data = b""
        self._length = self._missing = 0
        self.answers = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        if not self._length:
            data = self._measure(data)
        self._missing -= len(data)
        if self._length and self._missing == 0:
            self.answers, self._missing = self.answers + 1, self._length
            self._transport.write(self._request)

    def _measure(self, data: bytes) -> bytes:
        """What came so far, once its head is complete."""
        self._data += data
        head, found, _ = self._data.partition(b"\r\n\r\n")
        if not found:
            return b""
        if not head.startswith((b"HTTP/1.1 200", b"HTTP/1.1 304")):
            raise RuntimeError(head.decode(errors="replace"))
        said = re.search(rb"(?i)content-length: (\d+)", head) if b" 200 " in head else None
        self._length = self._missing = len(head) + 4 + (int(said[1]) if said else 0)
        return self._data


def requests_per_s(port: int, headers: str = "") -> float:
    """How many answers come in a second, after a moment of warming up."""

    async def measured() -> float:
        loop = asyncio.get_running_loop()
        made = [
            await loop.create_connection(lambda: _Asker(port, headers), "127.0.0.1", port) for _ in range(CONNECTIONS)
        ]
        await asyncio.sleep(0.1)
        before, start = sum(asker.answers for _, asker in made), perf_counter()
        await asyncio.sleep(SECONDS)
        answers, took = sum(asker.answers for _, asker in made) - before, perf_counter() - start
        for transport, _ in made:
            transport.abort()
        return answers / took

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(measured())
