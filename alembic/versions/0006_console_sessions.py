"""Sessions of the console, so that signing out ends them everywhere at once."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "console_session",
        sa.Column("id_hash", sa.String(), primary_key=True),
        sa.Column("person_id", sa.String(), sa.ForeignKey("person.id"), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("ix_console_session_person_id", "console_session", ["person_id"])


def downgrade() -> None:
    """Take back."""
    op.drop_table("console_session")
