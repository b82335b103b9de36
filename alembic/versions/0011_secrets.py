"""Secrets have a table of their own, which backups leave out, and the reason for publishing alone can be redacted."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Apply. The trigger is made again with its new condition after the migration."""
    op.create_table(
        "secret",
        sa.Column("name", sa.String(), primary_key=True),
        sa.Column("value", sa.String(), nullable=False),
    )
    op.execute("INSERT INTO secret (name, value) SELECT name, value FROM remembered WHERE name = 'console:token'")
    op.execute("DELETE FROM remembered WHERE name = 'console:token'")
    on = ' ON "update"' if op.get_bind().dialect.name == "postgresql" else ""
    op.execute(f"DROP TRIGGER IF EXISTS update_update{on}")


def downgrade() -> None:
    """Take back."""
    op.drop_table("secret")
