"""Whether the platform reported that a room was archived."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
EARLIER_CODE_WORKS = True


def upgrade() -> None:
    """Apply."""
    op.add_column("room", sa.Column("archived", sa.Boolean(), nullable=True))


def downgrade() -> None:
    """Take back."""
    op.drop_column("room", "archived")
