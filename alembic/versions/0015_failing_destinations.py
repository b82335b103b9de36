"""An index that finds the last delivery that arrived at a destination."""

from alembic import op

revision = "0015"
down_revision = "0014"
EARLIER_CODE_WORKS = True


def upgrade() -> None:
    """Apply."""
    op.drop_index("delivery_open", table_name="delivery")
    op.create_index("delivery_open", "delivery", ["state", "destination", "number"])


def downgrade() -> None:
    """Take back."""
    op.drop_index("delivery_open", table_name="delivery")
    op.create_index("delivery_open", "delivery", ["state", "destination", "incident_id", "number"])
