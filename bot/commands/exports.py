"""Retrospective and exports, drafted from the record."""

import csv
import io
import json

from bot.actions.house import House
from bot.domain.incident import Incident
from bot.store import people, record
from bot.store.transaction import Transaction
from bot.views import Document


def export(tx: Transaction, house: House, incident: Incident, form: str) -> Document:
    """The record, oldest first, as Markdown, JSON or CSV."""
    name = people.person_names(tx)
    rows = [
        {
            "number": entry.number,
            "at": entry.at.isoformat(),
            "who": name[entry.person_id] if entry.person_id else "Foghorn",
            "platform": entry.platform,
            "kind": entry.kind.value,
            "text": text.text,
        }
        for entry, text in reversed(record.entries(tx, incident))
    ]
    if form == "json":
        whole = {"incident": incident.key, "title": incident.title or incident.declared_title, "record": rows}
        return Document(f"{incident.key}.json", "application/json", json.dumps(whole, indent=2, ensure_ascii=False))
    if form == "csv":
        out = io.StringIO()
        writer = csv.DictWriter(out, list(rows[0]))
        writer.writeheader()
        writer.writerows({key: _harmless(value) for key, value in row.items()} for row in rows)
        return Document(f"{incident.key}.csv", "text/csv", out.getvalue())
    zone = house.organisation.zone
    lines = [f"# {incident.key}: {incident.title or incident.declared_title}", ""]
    for entry, text in reversed(record.entries(tx, incident)):
        who = name[entry.person_id] if entry.person_id else "Foghorn"
        lines.append(f"- {zone.dated(entry.at)}, {who}: **{entry.kind.value}** {text.text}".rstrip())
    return Document(f"{incident.key}.md", "text/markdown", "\n".join(lines) + "\n")


def retrospective(tx: Transaction, house: House, incident: Incident) -> Document:
    """The draft of the review, with the whole timeline."""
    return export(tx, house, incident, "md")


def _harmless(value: object) -> object:
    """A cell that a spreadsheet would run as a formula is kept as text. Source: OWASP, "CSV Injection"."""
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t") else value
