"""Which platforms could not be reached, as the processes that connect to them keep it in the database."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from bot.domain.times import Zone
from bot.store import leases
from bot.store.transaction import Transaction

TOLD = "outage:"
"""With the name of a platform, the key under which an outage is stored that people were told of."""


def outages(tx: Transaction, platforms: Iterable[str]) -> Mapping[str, datetime]:
    """Which of these platforms people were told cannot be reached, and since when."""
    found = leases.recall_all(tx, TOLD)
    known = {name.removeprefix(TOLD): since for name, since in found.items() if since}
    return {name: datetime.fromisoformat(known[name]) for name in sorted(platforms) if name in known}


def outage_words(platform: str, since: datetime, zone: Zone, now: datetime) -> str:
    """For people, wherever they are."""
    return (
        f"{platform.capitalize()} has not been reachable since {zone.when(since, now)}. Foghorn keeps trying. "
        "Until it is, commands there do not arrive, and what Foghorn sends there waits."
    )
