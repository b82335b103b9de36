"""Who receives updates: subscribing a destination and unsubscribing it."""

from collections.abc import Callable
from dataclasses import replace

from bot.actions import outbox
from bot.actions.app_context import AppContext
from bot.domain.destinations import Destination
from bot.domain.people import Person
from bot.domain.subscriptions import Mode, Subscription, SubscriptionSettings
from bot.errors import NotFound
from bot.store import deliveries, incidents, subscriptions
from bot.store.transaction import Transaction


def subscribe(
    tx: Transaction,
    actor: Person | None,
    destination: Destination,
    wanted: SubscriptionSettings,
    *,
    name: str = "",
    announce: Callable[[SubscriptionSettings | None], str] = lambda _before: "",
) -> tuple[Subscription, SubscriptionSettings | None]:
    """Subscribe a destination, or change what it gets. Returns its previous settings if it was subscribed.

    A new subscriber gets the current text of open incidents once. What `announce` makes of the previous settings is
    sent first.
    """
    row = subscriptions.hold_subscription(tx, destination)
    before = row.settings if row.active else None
    row.settings, row.name, row.active = wanted, name, True
    row.changed_at, row.changed_by = tx.now, actor.id if actor else None
    tx.session.flush()
    _end_by_name(tx, actor, row)
    words = announce(before)
    said = outbox.announce(tx, destination, words) if words else None
    for incident in incidents.open_incidents(tx):  # held, so that an update published meanwhile finds this subscription
        outbox.send_current(tx, incidents.get_incident(tx, incident.id, hold=True), row, said)
    return row, before


def _end_by_name(tx: Transaction, actor: Person | None, row: Subscription) -> None:
    """Earlier versions subscribed a channel by name too, so every update arrived twice."""
    for name in (f"#{row.name}", row.name) if row.name else ():
        other = subscriptions.find_subscription(tx, replace(row.destination, place=name))
        if other is not None and other.id != row.id and other.active:
            _end(tx, actor, other)


def _end(tx: Transaction, actor: Person | None, row: Subscription) -> None:
    row.active = False
    row.changed_at, row.changed_by = tx.now, actor.id if actor else None
    deliveries.cancel_pending(tx, destination=row.destination)


def unsubscribe(tx: Transaction, actor: Person, destination: Destination) -> Subscription:
    """End a subscription and cancel what was not sent. Raises NotFound."""
    row = subscriptions.find_subscription(tx, destination)
    if row is None or not row.active:
        raise NotFound(
            "{destination} is not subscribed. Nothing was changed. To see all subscriptions, use `/incident "
            "subscriptions`.",
            destination=destination,
        )
    _end(tx, actor, row)
    return row


def follow_configuration(tx: Transaction, app: AppContext) -> None:
    """Subscribe channels and webhooks of foghorn.toml that never were. Changes that people made later stay."""
    organisation = app.organisation
    wanted = [(Destination("local", channel.name), channel.follows) for channel in organisation.channels]
    wanted += [(Destination("webhook", webhook.name), webhook.follows) for webhook in organisation.webhooks]
    for destination, follows in wanted:
        if follows and subscriptions.find_subscription(tx, destination) is None:
            mode = Mode(follows.mode)
            settings = SubscriptionSettings(
                follows.audience, follows.components, follows.minimum_severity, mode, follows.language
            )
            subscribe(tx, None, destination, settings)
