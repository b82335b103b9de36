"""Retrospectives that people edited."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "retrospective",
        sa.Column("incident_id", sa.String(), sa.ForeignKey("incident.id"), primary_key=True),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("saved_by", sa.String(), sa.ForeignKey("person.id"), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
    )


def downgrade() -> None:
    """Take back."""
    op.drop_table("retrospective")
