"""The process that accepted a command."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
EARLIER_CODE_WORKS = True


def upgrade() -> None:
    """Apply."""
    op.add_column("inbox", sa.Column("process", sa.String(), nullable=False, server_default=""))


def downgrade() -> None:
    """Take back."""
    op.drop_column("inbox", "process")
