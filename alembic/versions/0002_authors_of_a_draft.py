"""Who wrote which part of a draft."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Apply. Of a draft that is open now, who started it and who revised it last count as its authors."""
    op.add_column("update", sa.Column("written_by", sa.JSON(), nullable=False, server_default="{}"))
    update = sa.table(
        "update",
        sa.column("id", sa.String()),
        sa.column("state", sa.String()),
        sa.column("author_id", sa.String()),
        sa.column("revised_by", sa.String()),
        sa.column("written_by", sa.JSON()),
    )
    connection = op.get_bind()
    for draft in connection.execute(sa.select(update).where(update.c.state == "draft")).all():
        authors = {"stage": sorted({draft.author_id, draft.revised_by})}
        connection.execute(update.update().where(update.c.id == draft.id).values(written_by=authors))
