"""A message that was deleted or never arrived is replaced by the next delivery of its content.

Before, a delivery with the act "again" posted it for the row of the first message, and edits of reminders and
of corrected updates had kinds of their own.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

OPEN = ("due", "sending")
GONE = ("dead", "cancelled")


def upgrade() -> None:
    """Apply. What waits is sent as before."""
    op.add_column("delivery", sa.Column("replaces", sa.String(), nullable=False, server_default=""))
    connection = op.get_bind()
    delivery = sa.Table("delivery", sa.MetaData(), autoload_with=connection)
    row = delivery.c
    for before, after in (("nudge done", "nudge"), ("corrected", "update")):
        connection.execute(sa.update(delivery).where(row.kind == before).values(kind=after))
    for again in connection.execute(sa.select(delivery).where(row.act == "again").order_by(row.id)).all():
        if again.state in OPEN:
            _take_over(connection, delivery, again)
        else:
            connection.execute(sa.update(delivery).where(row.id == again.id).values(act="edit"))
            _follow(connection, delivery, again.id, again.target)
    lost = delivery.alias()
    query = sa.select(delivery).join(lost, row.target == lost.c.id).where(
        row.kind == "headline", row.act == "edit", row.state.in_(OPEN), lost.c.state.in_(GONE)
    )  # fmt: skip
    taken: set[str] = set()
    for edit in connection.execute(query.order_by(row.id)).all():
        if edit.target not in taken:
            taken.add(edit.target)
            _take_over(connection, delivery, edit)


def _take_over(connection, delivery, new):
    """Make a waiting delivery the message, instead of the one it was for."""
    row = delivery.c
    old = connection.execute(sa.select(delivery).where(row.id == new.target)).one()
    values = {"act": "send", "target": None, "replaces": old.reference}
    connection.execute(sa.update(delivery).where(row.id == new.id).values(**values))
    connection.execute(sa.update(delivery).where(row.id == old.id).values(reference=""))
    _follow(connection, delivery, old.id, new.id)


def _follow(connection, delivery, before, after):
    row = delivery.c
    waiting = sa.and_(row.target == before, row.state.in_(OPEN), row.id != after)
    connection.execute(sa.update(delivery).where(waiting).values(target=after))


def downgrade() -> None:
    """Take back."""
    op.drop_column("delivery", "replaces")
