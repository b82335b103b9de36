"""One update to few and to many destinations, with a messenger that answers at once."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from sqlalchemy import Engine

from benchmarks.commands import STORY, a_desk, asking
from benchmarks.measure import Figure, timed
from bot.actions.app_context import AppContext
from bot.changes import ChangeFeed
from bot.clock import utc_now
from bot.domain.destinations import Destination
from bot.domain.subscriptions import Subscription
from bot.intake.desk import Desk
from bot.platforms.local.messenger import LocalMessenger
from bot.settings import EXAMPLE, read_organisation
from bot.store.transaction import Store
from bot.templating import Templates
from bot.worker.ticks import Worker

PUBLISHED, SENT = (100, 1_000, 10_000), 1_000
"""Destinations of each publication, and up to how many of them it is also sent."""


def figures() -> Iterator[Figure]:
    """How long publishing takes, what a delivery leaves in the database, and how fast the outbox is emptied."""
    *before, publish = [line for _name, line in STORY[:3]]
    for count in PUBLISHED:
        with (
            TemporaryDirectory(prefix="foghorn-bench-") as folder,
            a_desk(Path(folder) / "growth.db") as (engine, desk),
        ):
            subscribe(Store(engine, utc_now), count)
            for line in before:
                asking(desk, line)()
            bytes_before = size(engine)
            what = f"`publish` to {count:,} destinations, until it is committed"
            yield Figure(what, f"{timed(asking(desk, publish)):.2f} s")
            yield Figure(
                "the same, in the database", f"{(size(engine) - bytes_before) / count:,.0f} bytes a destination"
            )
            if count <= SENT:
                start = perf_counter()
                asyncio.run(send(Store(engine, utc_now), desk))
                yield Figure("the same, sent", f"{count / (perf_counter() - start):,.0f} deliveries a second")


def subscribe(store: Store, count: int) -> None:
    """So many of Foghorn's own channels."""
    with store.write() as tx:
        for number in range(count):
            tx.session.add(Subscription(destination=Destination("local", f"#channel-{number}"), changed_at=tx.now))


async def send(store: Store, desk: Desk) -> None:
    """Everything that is due."""
    app = AppContext(read_organisation(EXAMPLE), Templates(), "https://status.example.com")
    await Worker(store, app, desk.in_thread, {"local": LocalMessenger()}, ChangeFeed()).drain()


def size(engine: Engine) -> int:
    """Bytes of an SQLite database."""
    with engine.connect() as connection:
        pages, page = (
            connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in ("page_count", "page_size")
        )
    return int(pages) * int(page)
