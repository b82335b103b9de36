"""Who is told: subscribing a destination, and ending that."""

from collections.abc import Sequence

from bot.actions import outbox
from bot.actions.house import House
from bot.domain.audiences import Audience
from bot.domain.organisation import Follows
from bot.domain.people import Person
from bot.domain.severity import Severity
from bot.domain.subscriptions import Mode, Subscription
from bot.errors import NotSubscribed
from bot.store import deliveries, incidents, subscriptions
from bot.store.transaction import Transaction


def subscribe(
    tx: Transaction,
    actor: Person | None,
    destination: str,
    *,
    audience: Audience,
    components: Sequence[str],
    minimum: Severity,
    language: str,
    mode: Mode,
    announce: str = "",
) -> tuple[Subscription, bool]:
    """Subscribe a destination, or change what it gets; True: it was subscribed before.

    Who subscribes in the middle of an incident gets its current text, alone and once. `announce` is said there first.
    """
    row = subscriptions.find_subscription(tx, destination)
    before = row is not None and row.active
    if row is None:
        row = Subscription(destination=destination, changed_at=tx.now)
        tx.session.add(row)
    row.audience, row.components, row.minimum_severity = audience, list(components), minimum
    row.language, row.mode, row.active = language, mode, True
    row.changed_at, row.changed_by = tx.now, actor.id if actor else None
    tx.session.flush()
    if announce:
        outbox.announce(tx, destination, announce)
    for incident in incidents.open_incidents(tx):  # held: an update published meanwhile must find this subscription
        outbox.send_current(tx, incidents.get_incident(tx, incident.id, hold=True), row)
    return row, before


def unsubscribe(tx: Transaction, actor: Person, destination: str) -> Subscription:
    """End it; what has not been sent is cancelled. Raises NotSubscribed."""
    row = subscriptions.find_subscription(tx, destination)
    if row is None or not row.active:
        raise NotSubscribed(destination=destination)
    row.active = False
    row.changed_at, row.changed_by = tx.now, actor.id
    deliveries.cancel_pending(tx, destination=destination)
    return row


def follow_configuration(tx: Transaction, house: House) -> None:
    """Subscribe the channels and webhooks of foghorn.toml that never were; people's later changes stay."""
    organisation = house.organisation
    wanted = [(f"local:{channel.name}", channel.follows) for channel in organisation.channels if channel.follows]
    wanted += [(f"webhook:{webhook.name}", webhook.follows) for webhook in organisation.webhooks]
    for destination, follows in wanted:
        if follows and subscriptions.find_subscription(tx, destination) is None:
            _follow(tx, destination, follows)


def _follow(tx: Transaction, destination: str, follows: Follows) -> None:
    subscribe(
        tx,
        None,
        destination,
        audience=follows.audience,
        components=follows.components,
        minimum=follows.minimum_severity,
        language=follows.language,
        mode=Mode(follows.mode),
    )
