"""Channels that got another name or ID on their platform."""

from sqlalchemy import func, update
from sqlmodel import col

from bot.domain.deliveries import Delivery
from bot.domain.destinations import Destination
from bot.domain.rooms import Room
from bot.store.deliveries import on_platform
from bot.store.subscriptions import find_subscription
from bot.store.transaction import Transaction


def rename(tx: Transaction, platform: str, channel: str, name: str) -> None:
    """A channel has another name, without `#`. Foghorn finds it by ID, so only what people read changes."""
    room = tx.session.get(Room, (platform, channel))
    subscription = find_subscription(tx, Destination(platform, channel))
    for row in filter(None, (room, subscription)):
        row.name = name


def move(tx: Transaction, platform: str, before: str, after: str) -> None:
    """A channel has another ID: its room, its subscription, and the messages in it are found there."""
    old, new = Destination(platform, before), Destination(platform, after)
    tx.session.execute(
        update(Room).where(col(Room.platform) == platform, col(Room.channel) == before).values(channel=after)
    )
    subscription = find_subscription(tx, old)
    if subscription is not None and find_subscription(tx, new) is None:
        subscription.destination = new
    tx.session.execute(update(Delivery).where(col(Delivery.destination) == old).values(destination=new))
    for column in (col(Delivery.reference), col(Delivery.replaces)):
        there = func.replace(column, f"{before}/", f"{after}/")
        inside = (on_platform(platform), column.startswith(f"{before}/"))
        tx.session.execute(update(Delivery).where(*inside).values({column: there}))
