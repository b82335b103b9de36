"""Incidents that were over when they were declared, and whether their subscribers are told."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Apply."""
    for name in ("entered_later", "quiet"):
        op.add_column("incident", sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    """Take back."""
    for name in ("quiet", "entered_later"):
        op.drop_column("incident", name)
