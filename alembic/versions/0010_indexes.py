"""Indexes, so that no command, page, or tick reads a growing table from end to end."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

INDEXES = (
    ("incident_closed", "incident", ["closed_at", "number"]),
    ("incident_declared", "incident", ["declared_by", "opened_at"]),
    ("ix_incident_opened_at", "incident", ["opened_at"]),
    ("ix_incident_first_published_at", "incident", ["first_published_at"]),
    ("ix_impact_component", "impact", ["component"]),
    ("ix_invited_person_id", "invited", ["person_id"]),
    ("ix_role_assignment_person_id", "role_assignment", ["person_id"]),
    ("ix_record_entry_update_id", "record_entry", ["update_id"]),
    ("update_state", "update", ["state"]),
    ("ix_delivery_target", "delivery", ["target"]),
    ("inbox_state", "inbox", ["state", "received_at"]),
    ("ix_inbox_received_at", "inbox", ["received_at"]),
)


def upgrade() -> None:
    """Apply."""
    for name, table, columns in INDEXES:
        op.create_index(name, table, columns)
    merged = sa.text("merged_into IS NOT NULL")
    op.create_index("incident_merged", "incident", ["merged_into"], sqlite_where=merged, postgresql_where=merged)


def downgrade() -> None:
    """Take back."""
    op.drop_index("incident_merged", "incident")
    for name, table, _columns in INDEXES:
        op.drop_index(name, table)
