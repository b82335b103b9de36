"""`foghorn run`: prepares the database, then serves everything until stopped."""

import asyncio
import contextlib
import ctypes
import errno
import gc
import logging
import signal
import socket
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryFile

from sqlalchemy.engine import make_url
from starlette.routing import Mount

from bot import main
from bot.actions import people
from bot.drill.console import ConsoleDrill
from bot.errors import NotMigrated, SettingError
from bot.intake.platform import Platform
from bot.settings import Settings, Setup, doubts, program
from bot.store import migrate
from bot.store.running import alone_on

M_ARENA_MAX = -8  # in glibc's malloc.h

log = logging.getLogger("foghorn")


def run(setup: Setup, platforms: Sequence[Platform], only: str = "") -> None:
    """Serve until stopped. `only`: the roles of this process, separated by commas; empty: all.

    Before serving, raises SettingError, AlreadyRunning, NotMigrated, OtherOrganisation, Busy.
    """
    _share_memory()
    settings = setup.settings
    roles = roles_of(only, setup, platforms)
    if (not roles or main.WEB in roles) and settings.console_token is None and not settings.loopback:
        problem = (
            "is required when the console can be reached from other machines; set it to at least 16 random characters"
        )
        raise SettingError(setting="FOGHORN_CONSOLE_TOKEN", problem=problem)
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s", level=logging.INFO)
    for noisy in ("apscheduler", "slack_bolt"):  # they warn of late ticks, and of a token that is used in another way
        logging.getLogger(noisy).setLevel(logging.ERROR)
    for doubt in doubts(setup):
        log.warning("%s", doubt)
    _check_folders(settings)
    with alone_on(settings.database_url):
        _run(setup, platforms, roles)


def _run(setup: Setup, platforms: Sequence[Platform], roles: tuple[str, ...]) -> None:
    settings = setup.settings
    migrate.prepare(settings.database_url)
    try:
        listening = main.listen(settings.host, settings.port)
    except OSError as problem:
        raise _not_listening(settings, problem) from problem
    with contextlib.closing(listening):
        asyncio.run(_serve(setup, listening, platforms, roles))


def _share_memory() -> None:
    """Have glibc keep one pool of free memory instead of one per thread; threads of Python take turns anyway."""
    with contextlib.suppress(AttributeError, TypeError):  # another C library, or Windows
        ctypes.CDLL(None).mallopt(M_ARENA_MAX, 1)


def _not_listening(settings: Settings, problem: OSError) -> SettingError:
    if problem.errno == errno.EADDRINUSE:
        words = (
            f"{settings.port} cannot be used on {settings.host}, because another program uses it. Stop that program, "
        )
        return SettingError(setting="FOGHORN_PORT", problem=f"{words}or set another port")
    if problem.errno == errno.EACCES:
        words = f"{settings.port} cannot be used without administrator rights. Set a port above 1023"
        return SettingError(setting="FOGHORN_PORT", problem=words)
    words = f"{settings.host} is not an address of this machine. Set 127.0.0.1, or 0.0.0.0 for all its addresses"
    return SettingError(setting="FOGHORN_HOST", problem=words)


def _check_folders(settings: Settings) -> None:
    """Raises SettingError if Foghorn cannot write where it has to."""
    address = make_url(settings.database_url)
    if address.get_backend_name() == "sqlite" and address.database not in (None, "", ":memory:"):
        file = Path((address.database or "").removeprefix("file:"))
        if file.is_dir():
            raise SettingError(setting="FOGHORN_DATABASE_URL", problem=f"names the folder {file}; add a file name")
        _check_writable("FOGHORN_DATABASE_URL", file.resolve().parent)
    if settings.export_dir is not None:
        with contextlib.suppress(OSError):
            settings.export_dir.mkdir(parents=True, exist_ok=True)
        _check_writable("FOGHORN_EXPORT_DIR", settings.export_dir)


def _check_writable(setting: str, folder: Path) -> None:
    if not folder.is_dir():
        raise SettingError(setting=setting, problem=f"needs the folder {folder}, which does not exist. Create it")
    try:
        with TemporaryFile(dir=folder):
            pass
    except OSError as problem:
        words = f"needs the folder {folder}, where Foghorn cannot write ({problem.strerror}). Make it writable"
        raise SettingError(setting=setting, problem=f"{words}, or choose another one") from problem


def roles_of(only: str, setup: Setup, platforms: Sequence[Platform]) -> tuple[str, ...]:
    """The roles in `--only`. Raises SettingError."""
    roles = tuple(dict.fromkeys(filter(None, (each.strip().casefold() for each in only.split(",")))))
    known = (main.WEB, main.WORKER, *(platform.name for platform in platforms))
    for role in roles:
        if role not in known:
            problem = f"names “{role}”, which is not a role; the roles are {', '.join(known)}"
            raise SettingError(setting="--only", problem=problem)
    if only and not roles:
        raise SettingError(setting="--only", problem=f"names no role; the roles are {', '.join(known)}")
    for platform in platforms:
        if platform.name in roles and platform.messenger(setup) is None:
            raise SettingError(setting="--only", problem=f"names {platform.name}, which is {platform.off}")
    if roles and setup.settings.database_url.startswith("sqlite"):
        problem = "divides the work between processes, which SQLite does not support; set FOGHORN_DATABASE_URL"
        raise SettingError(setting="--only", problem=f"{problem} to a PostgreSQL database, or leave it out")
    return roles


async def _serve(setup: Setup, listening: socket.socket, platforms: Sequence[Platform], roles: tuple[str, ...]) -> None:
    drill = ConsoleDrill(setup.settings, setup.organisation)
    foghorn = main.compose(setup.settings, setup.organisation, play=drill, platforms=platforms, only=roles)
    if main.WEB in foghorn.roles:
        foghorn.web_app.router.routes.insert(0, Mount("/drill", app=drill.app))
    await foghorn.start()
    gc.collect()
    gc.freeze()  # what is loaded stays: to look through it takes 0.1 s, for which commands and pages would wait
    gc.enable()
    outdated = asyncio.create_task(_stop_when_outdated(foghorn))
    try:
        await main.serve(
            foghorn.web_app,
            listening,
            closing=[foghorn.closing.set, drill.end_streams],
            started=lambda: _say_welcome(foghorn, setup.settings),
            access_log=setup.settings.access_log,
        )
        if outdated.done():
            raise await outdated
    finally:
        outdated.cancel()
        await drill.stop()
        await foghorn.stop()


async def _say_welcome(foghorn: main.Foghorn, settings: Settings) -> None:
    print(await asyncio.to_thread(welcome, foghorn, settings, sys.stdout.isatty()), flush=True)


async def _stop_when_outdated(foghorn: main.Foghorn) -> NotMigrated:
    problem = await foghorn.outdated()
    signal.raise_signal(signal.SIGTERM)
    return problem


def welcome(foghorn: main.Foghorn, settings: Settings, terminal: bool) -> str:
    """Where everything is, with a new sign-in link on a terminal. In a log, it would sign in whoever reads the log."""
    if main.WEB not in foghorn.roles:
        return f"\nFoghorn is running with these roles: {', '.join(foghorn.roles)}.\n"
    where = f"\nFoghorn is running.\n  Status page  {settings.url}/\n  Console      {settings.url}/console"
    with foghorn.store.write() as tx:
        first = people.first(tx, foghorn.app.organisation)
        if first is None or not terminal:
            handle = first.handle if first else "HANDLE"
            return f"{where}\nTo get a link that signs in to the console, run `{program()} people invite {handle}`.\n"
        _, token = people.invite(tx, first.handle)
    return (
        f"{where}?token={token}\n"
        f"The link signs in {first.name}. It works once, within 15 minutes.\n"
        f"To make another, run `{program()} people invite {first.handle}`.\n"
    )
