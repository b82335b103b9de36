"""`foghorn run`: prepares the database, then serves everything until stopped."""

import asyncio
import contextlib
import logging
import socket

from starlette.routing import Mount

from bot import main
from bot.actions import people
from bot.drill.console import ConsoleDrill
from bot.errors import SettingError
from bot.settings import Settings, Setup, program
from bot.store import migrate


def run(setup: Setup) -> None:
    """Serve until stopped. Before serving, raises SettingError, NotMigrated, OtherOrganisation, Busy."""
    settings = setup.settings
    if settings.console_token is None and not settings.loopback:
        problem = (
            "is required when the console can be reached from other machines; set it to at least 16 random characters"
        )
        raise SettingError(setting="FOGHORN_CONSOLE_TOKEN", problem=problem)
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s", level=logging.INFO)
    for noisy in ("alembic", "apscheduler", "httpx"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    migrate.prepare(settings.database_url)
    try:
        listening = main.listen(settings.host, settings.port)
    except OSError as problem:
        words = (
            f"{settings.port} cannot be used on {settings.host} ({problem.strerror}); another Foghorn may be using it"
        )
        raise SettingError(setting="FOGHORN_PORT", problem=words) from problem
    with contextlib.closing(listening):
        asyncio.run(_serve(setup, listening))


async def _serve(setup: Setup, listening: socket.socket) -> None:
    drill = ConsoleDrill(setup.settings, setup.organisation)
    foghorn = main.compose(setup.settings, setup.organisation, play=drill)
    foghorn.web_app.router.routes.insert(0, Mount("/drill", app=drill.app))
    await foghorn.start()
    try:
        print(await asyncio.to_thread(_welcome, foghorn, setup.settings), flush=True)
        await main.serve(
            foghorn.web_app,
            listening,
            closing=[foghorn.closing.set, drill.end_streams],
            access_log=setup.settings.access_log,
        )
    finally:
        await drill.stop()
        await foghorn.stop()


def _welcome(foghorn: main.Foghorn, settings: Settings) -> str:
    """Where everything is, with a new sign-in link."""
    first = foghorn.app.organisation.people[0]
    with foghorn.store.write() as tx:
        person, token = people.invite(tx, first.handle)
    link = f"{settings.url}/console?token={token}"
    return (
        f"\nFoghorn is running.\n  Status page  {settings.url}/\n  Console      {link}\n"
        f"The link signs in {person.name}. It works once, within 15 minutes.\n"
        f"To make another, run `{program()} people invite {person.handle}`.\n"
    )
