"""Deliveries have numbers that the database gives, and keep since when they have been failing.

Before, they were sent in the order of their IDs, which rest on the clocks of the processes.
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Apply. What waits keeps its order."""
    op.add_column("delivery", sa.Column("number", sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column("delivery", sa.Column("failing_since", sa.DateTime(timezone=True), nullable=True))
    op.execute(
        "UPDATE delivery SET number = sorted.number "
        "FROM (SELECT id, row_number() OVER (ORDER BY id) AS number FROM delivery) AS sorted "
        "WHERE sorted.id = delivery.id"
    )
    op.create_index("ix_delivery_number", "delivery", ["number"], unique=True)
    op.drop_index("delivery_open", table_name="delivery")
    op.create_index("delivery_open", "delivery", ["state", "destination", "incident_id", "number"])
    if op.get_bind().dialect.name == "postgresql":
        op.execute("CREATE SEQUENCE delivery_number OWNED BY delivery.number")
        op.execute("SELECT setval('delivery_number', (SELECT max(number) + 1 FROM delivery), false)")


def downgrade() -> None:
    """Take back."""
    op.drop_index("delivery_open", table_name="delivery")
    op.create_index("delivery_open", "delivery", ["state", "destination", "id"])
    op.drop_index("ix_delivery_number", table_name="delivery")
    with op.batch_alter_table("delivery") as table:
        table.drop_column("failing_since")
        table.drop_column("number")
