"""An index that finds the rooms and cards of an incident among thousands of deliveries to subscribers."""

from alembic import op

revision = "0017"
down_revision = "0016"
EARLIER_CODE_WORKS = True


def upgrade() -> None:
    """Apply."""
    op.create_index("delivery_of_incident", "delivery", ["incident_id", "kind"])
    op.drop_index("ix_delivery_incident_id", table_name="delivery")


def downgrade() -> None:
    """Take back."""
    op.create_index("ix_delivery_incident_id", "delivery", ["incident_id"])
    op.drop_index("delivery_of_incident", table_name="delivery")
