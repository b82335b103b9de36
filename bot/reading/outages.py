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
    since = {name: moment(found.get(f"{TOLD}{name}", "")) for name in sorted(platforms)}
    return {name: at for name, at in since.items() if at is not None}


def moment(kept: str) -> datetime | None:
    """A stored time; None if there is none, or if it cannot be read."""
    try:
        return datetime.fromisoformat(kept)
    except ValueError:
        return None


def outage_words(platform: str, since: datetime, zone: Zone, now: datetime) -> str:
    """For people, wherever they are."""
    return (
        f"{platform.capitalize()} has not been reachable since {zone.when(since, now)}. Foghorn keeps trying. "
        "Until it is, commands there do not arrive, and what Foghorn sends there waits."
    )
