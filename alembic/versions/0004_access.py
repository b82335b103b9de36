"""Who came into a private room uninvited only sees the incident; a chat channel is subscribed by its id, once."""

import re

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

SETTINGS = ("components", "minimum_severity", "audience", "language", "mode", "active", "changed_at", "changed_by")
AN_ID = re.compile(r"[A-Z0-9]+")


def upgrade() -> None:
    """Apply.

    Who is in a private room now stays invited: earlier versions did not keep the difference. They also took the name of
    a channel, beside its id, and then sent everything twice. Which channel a name meant stands in the references
    of messages that arrived there: `C0123/1700000000.1`. A name that nothing was ever sent to stays as it is, until its
    channel is subscribed again.
    """
    op.add_column("invited", sa.Column("came_in", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("subscription", sa.Column("name", sa.String(), nullable=False, server_default=""))
    connection = op.get_bind()
    tables = sa.MetaData()
    subscription = sa.Table("subscription", tables, autoload_with=connection)
    delivery = sa.Table("delivery", tables, autoload_with=connection)
    chat = sa.or_(*(subscription.c.destination.startswith(f"{platform}:") for platform in ("slack", "discord")))
    rows = {row.destination: row for row in connection.execute(sa.select(subscription).where(chat))}
    for destination, row in rows.items():
        platform, _, name = destination.partition(":")
        found = None if AN_ID.fullmatch(name) else _channel(connection, delivery, destination)
        if found is not None:
            _by_id(connection, (subscription, delivery), row, rows.get(f"{platform}:{found}"), f"{platform}:{found}")


def _channel(connection, delivery, destination):
    sent = sa.select(delivery.c.reference).where(
        delivery.c.destination == destination, delivery.c.reference.like("%/%"), delivery.c.act == "send"
    )
    last = connection.execute(sent.order_by(delivery.c.id.desc()).limit(1)).scalar()
    channel = (last or "").partition("/")[0]
    return channel if AN_ID.fullmatch(channel) else None


def _by_id(connection, tables, named, twin, destination):
    """The id takes the place of the name; of two for one channel the newer settings stay, and one subscription."""
    subscription, delivery = tables
    name = named.destination.partition(":")[2].removeprefix("#")
    if twin is None:
        change = {"destination": destination, "name": name}
        connection.execute(sa.update(subscription).where(subscription.c.id == named.id).values(change))
        waiting = sa.update(delivery).where(delivery.c.destination == named.destination)
        connection.execute(waiting.values(destination=destination))
        return
    newer = max((row for row in (named, twin)), key=lambda row: (row.active, row.changed_at))
    kept = {column: getattr(newer, column) for column in SETTINGS}
    connection.execute(sa.update(subscription).where(subscription.c.id == twin.id).values(**kept, name=name))
    connection.execute(sa.update(subscription).where(subscription.c.id == named.id).values(active=False))
    unsent = sa.update(delivery).where(delivery.c.destination == named.destination, delivery.c.state == "due")
    moved = {"destination": destination, "subscription_id": twin.id}
    connection.execute(unsent.values({"state": "cancelled"} if twin.active else moved))


def downgrade() -> None:
    """Take back."""
    op.drop_column("subscription", "name")
    op.drop_column("invited", "came_in")
