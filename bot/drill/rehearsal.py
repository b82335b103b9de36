"""The Foghorn of a drill, with its own database and clock, local channels, and nothing else."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from tempfile import TemporaryDirectory

from bot.actions import people
from bot.clock import Clock, utc_now
from bot.domain.organisation import Organisation
from bot.main import Foghorn, compose
from bot.settings import Settings
from bot.store import migrate, subscriptions
from bot.store.transaction import Store

LOCAL = ("local",)


class ScenarioClock:
    """The clock for incidents, promises, and reminders. It stands still until moved and never goes back."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        """The current time of the drill."""
        return self.now

    def advance(self, to: datetime) -> None:
        """Move forward to a time."""
        self.now = max(self.now, to)


@asynccontextmanager
async def rehearsal(
    settings: Settings, organisation: Organisation, *, clock: Clock, url: str,
    compose: Callable[..., Foghorn] = compose,
) -> AsyncIterator[Foghorn]:  # fmt: skip
    """A second Foghorn, started, and removed at the end. It knows no token or webhook, whatever the first one has."""
    with TemporaryDirectory(prefix="foghorn-drill-") as folder:
        database = f"sqlite:///{folder}/drill.db"
        await asyncio.to_thread(migrate.upgrade, database)
        declared = type(settings).model_fields.items()
        of_platforms = {name: field.default for name, field in declared if name not in Settings.model_fields}
        settings = settings.model_copy(update={**of_platforms, "database_url": database, "public_url": url})
        organisation = organisation.model_copy(update={"webhooks": ()})
        foghorn = compose(settings, organisation, clock=clock, drill=True)
        try:
            _check_local(foghorn)
            await foghorn.start()
            yield foghorn
        finally:
            await foghorn.stop()


async def sign_in_link(foghorn: Foghorn, handle: str, url: str) -> str:
    """A single-use link to the drill's console. It expires by the real clock."""
    real = Store(foghorn.store.engine, utc_now)

    def invite() -> str:
        with real.write() as tx:
            return people.invite(tx, handle)[1]

    return f"{url}/console?token={await foghorn.desk.in_thread(invite)}"


def _check_local(foghorn: Foghorn) -> None:
    """Refuse to start a drill that could reach anyone."""
    with foghorn.store.read() as tx:
        followed = [subscription.destination for subscription in subscriptions.subscriptions(tx)]
    outside = [str(destination) for destination in followed if destination.platform != "local"]
    if foghorn.app.platforms != LOCAL or outside:
        raise RuntimeError(f"not a drill: platforms {foghorn.app.platforms}, destinations {outside}")
