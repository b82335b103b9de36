"""Runs migrations; called by bot.store.migrate, which carries the address."""

from alembic import context
from sqlalchemy import Index, String, text
from sqlmodel.sql.sqltypes import AutoString

from bot.store.engine import make_engine, one_at_a_time
from bot.store.schema import METADATA


def render_item(kind, thing, _autogen_context):
    """Plain SQLAlchemy types, so that a migration needs no import of SQLModel's."""
    if kind != "type":
        return False
    if isinstance(thing, AutoString):
        return f"sa.String(length={thing.length})" if thing.length else "sa.String()"
    name = type(thing).__name__
    if name == "Model":
        return "sa.JSON()"
    if name == "UTCDateTime":
        return "sa.DateTime(timezone=True)"
    return False


def compare_type(_context, _column, _found, wanted, _metadata):
    """Enums and JSON are kept as text by value: nothing to compare."""
    return False if isinstance(wanted, String) or type(wanted).__name__ in ("Enum", "Model", "JSON") else None


# Not in the model: an index with words of a dialect makes every process import that dialect. It is partial because it
# is NULL for nearly all incidents, and SQLite would take a full index for useless.
merged = text("merged_into IS NOT NULL")
Index("incident_merged", METADATA.tables["incident"].c.merged_into, sqlite_where=merged, postgresql_where=merged)

engine = make_engine(context.config.attributes["url"])
with engine.connect().execution_options(writes=True) as connection:
    context.configure(
        connection=connection,
        target_metadata=METADATA,
        render_as_batch=True,
        render_item=render_item,
        compare_type=compare_type,
    )
    with context.begin_transaction():
        one_at_a_time(connection)
        context.run_migrations()
engine.dispose()
