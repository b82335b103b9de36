"""All tables, imported so that SQLModel's metadata knows them."""

from sqlmodel import SQLModel

from bot.domain import (
    deliveries,
    incident,
    leases,
    nudges,
    people,
    processes,
    promises,
    record,
    retrospective,
    revisions,
    rooms,
    subscriptions,
    updates,
)

METADATA = SQLModel.metadata
TABLES = (
    deliveries, incident, leases, nudges, people, processes, promises, record, retrospective, revisions, rooms,
    subscriptions, updates,
)  # fmt: skip


_OF_PUBLISHED = "EXISTS (SELECT 1 FROM \"update\" WHERE id = {row}.update_id AND state = 'published')"
_SAME = " AND ".join(
    f"COALESCE(CAST(NEW.\"{name}\" AS TEXT), '') = COALESCE(CAST(OLD.\"{name}\" AS TEXT), '')"
    for name in [column.name for column in METADATA.tables["update"].columns]
    if name != "alone_because"
)
_RULES = (  # name, table, verb, condition under which it is refused, and message
    ("record_entry_update", "record_entry", "UPDATE", "1=1", "the record is append-only"),
    ("record_entry_delete", "record_entry", "DELETE", "1=1", "the record is append-only"),
    ("entry_text_delete", "entry_text", "DELETE", "1=1", "the record is append-only"),
    ("entry_text_update", "entry_text", "UPDATE", "NEW.text <> ''", "the words of the record can only be blanked"),
    ("update_delete", "update", "DELETE", "OLD.state = 'published'", "a published update is immutable"),
    (
        "update_update",
        "update",
        "UPDATE",
        f"OLD.state = 'published' AND NOT (NEW.alone_because = '' AND {_SAME})",  # a reason can be redacted
        "a published update is immutable",
    ),
    (
        "update_text_insert",
        "update_text",
        "INSERT",
        _OF_PUBLISHED.format(row="NEW"),
        "a published update gets no further text",
    ),
    (
        "update_text_update",
        "update_text",
        "UPDATE",
        f"{_OF_PUBLISHED.format(row='OLD')} OR {_OF_PUBLISHED.format(row='NEW')}",
        "a published text is immutable",
    ),
    ("update_text_delete", "update_text", "DELETE", _OF_PUBLISHED.format(row="OLD"), "a published text is immutable"),
)


def triggers(dialect: str) -> dict[str, list[str]]:
    """Name -> statements that create the trigger. The record and published updates refuse UPDATE and DELETE."""
    made = {}
    for name, table, verb, condition, words in _RULES:
        create = f'CREATE TRIGGER {name} BEFORE {verb} ON "{table}"'
        if dialect == "sqlite":
            made[name] = [f"{create} WHEN {condition} BEGIN SELECT RAISE(ABORT, '{words}'); END"]
            continue
        row = "OLD" if verb == "DELETE" else "NEW"
        made[name] = [
            f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"IF {condition} THEN RAISE EXCEPTION '{words}'; END IF; RETURN {row}; END $$",
            f"{create} FOR EACH ROW EXECUTE FUNCTION {name}()",
        ]
    return made
