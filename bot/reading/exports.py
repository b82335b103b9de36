"""Retrospective and exports, drafted from the record."""

import csv
import io
import json
import re
from datetime import datetime

from bot.actions.app_context import AppContext
from bot.domain.audiences import Audience
from bot.domain.facts import UpdateKind
from bot.domain.history import IncidentHistory, Publication
from bot.domain.incident import Incident
from bot.domain.organisation import Organisation
from bot.domain.spans import Period
from bot.domain.times import Zone, length, span_words
from bot.reading.figures import Figures, figures
from bot.reading.reports import entry_lines
from bot.store import incidents, people, published, record, retrospectives
from bot.store.transaction import Transaction
from bot.views import Document

REDACTED = "(redacted)"


def export(tx: Transaction, app: AppContext, incident: Incident, form: str) -> Document:
    """The record, oldest first, as Markdown, JSON or CSV."""
    rows = _rows(tx, incident)
    if form == "json":
        whole = {"incident": incident.key, "title": incident.title or incident.declared_title, "record": rows}
        return Document(f"{incident.key}.json", "application/json", json.dumps(whole, indent=2, ensure_ascii=False))
    if form == "csv":
        out = io.StringIO()
        writer = csv.DictWriter(out, list(rows[0]))
        writer.writeheader()
        writer.writerows({key: _without_formula(value) for key, value in row.items()} for row in rows)
        return Document(f"{incident.key}.csv", "text/csv", out.getvalue())
    title = escape_markdown(incident.title or incident.declared_title)
    entries = "\n".join(f"- {line}" for line in _timeline(tx, app.organisation.zone, incident))
    return Document(f"{incident.key}.md", "text/markdown", f"# {incident.key}: {title}\n\n{entries}\n")


def retrospective(tx: Transaction, app: AppContext, incident: Incident, *, again: bool = False) -> Document:
    """The review as last saved; or, if no one saved it or with `again`, its draft from the record.

    The draft has figures, impact, what customers read, the timeline, and the parts that people fill in.
    """
    saved = None if again else retrospectives.find(tx, incident)
    text = saved.text if saved else _drafted(tx, app, incident)
    return Document(f"{incident.key}-retrospective.md", "text/markdown", text)


def _drafted(tx: Transaction, app: AppContext, incident: Incident) -> str:
    zone = app.organisation.zone
    history = published.history(tx, incident)
    language = app.organisation.languages[0]
    context = {
        "incident": incident.key,
        "title": escape_markdown(incident.title or incident.declared_title),
        "organisation": escape_markdown(app.organisation.name),
        "drafted": zone.dated(tx.now),
        "date": zone.date(incident.opened_at),
        "review_by": next((zone.date(each.review) for each in reversed(history.publications) if each.review), ""),
        "figures": _figures(figures(tx, incident), zone),
        "alone": _alone(tx, zone, history),
        "impact": _impact(app.organisation, history),
        "updates": [_publication(each, zone, language) for each in history.publications],
        "timeline": _timeline(tx, zone, incident),
        "people": _people(tx, incident),
        "picture": f"{app.public_url}/console/incidents/{incident.key}#picture",
    }
    return app.templates.render_plain("retrospective.md.j2", context)


def escape_markdown(words: str) -> str:
    """Text on one line of Markdown, with all markup escaped."""
    line = re.sub(r"([\\`*_\[\]<>#|~&])", r"\\\1", " ".join(words.split()))
    line = re.sub(r"^(?=[-+=])", r"\\", line)  # these would start a list or a heading ...
    return re.sub(r"^(\d+)(?=[.)])", r"\1\\", line)  # ... and so would `1.`


def escape_lines(words: str) -> str:
    """The same for several lines, with the line breaks kept."""
    return "\n".join(escape_markdown(line) for line in words.split("\n"))


def _rows(tx: Transaction, incident: Incident) -> list[dict[str, object]]:
    """The entries, oldest first."""
    return [
        {
            "number": entry.number,
            "at": entry.at.isoformat(),
            "who": entry.who,
            "platform": entry.platform,
            "kind": entry.kind,
            "text": REDACTED if entry.redacted else entry.text,
            "redacted": entry.redacted,
        }
        for entry in reversed(entry_lines(tx, incident, with_texts=False))
    ]


def _timeline(tx: Transaction, zone: Zone, incident: Incident) -> list[str]:
    """`20 April 2026, 05:20 ET (09:20 UTC), Ben Osei: **published** update 1: investigating`."""
    return [
        f"{zone.dated(entry.at)}, {escape_markdown(entry.who)}: **{entry.kind}** "
        f"{escape_markdown(REDACTED if entry.redacted else entry.text)}".rstrip()
        for entry in reversed(entry_lines(tx, incident, with_texts=False))
    ]


def _figures(found: Figures, zone: Zone) -> dict[str, object]:
    """In words; empty if it never happened."""
    history = found.history
    reported, began, public, resolved = history.report_to_fix, history.began_at, history.opened_at, history.closed_at
    fixed_at = reported.until if reported else None

    def at(moment: datetime | None) -> str:
        return zone.dated(moment) if moment else ""

    return {
        "declared": at(found.declared_at),
        "first_public": at(public),
        "first_after": length(found.declared_at, public) if public else "",
        "first_in_time": {True: "in time", False: "late", None: ""}[found.first_in_time],
        "worst": history.peak.value,
        "began": at(began),
        "ended": at(history.ended_at),
        "worst_lasted": span_words(found.worst_lasted) if history.at_worst else "",
        "worst_periods": "; ".join(_period(each, zone) for each in history.at_worst),
        "told_after": length(began, public) if began and public and began < public else "",
        "worst_at": at(reported.since if reported else None),
        "fixed_at": at(fixed_at),
        "to_fix": length(reported.since, fixed_at) if reported and fixed_at else "",
        "resolved": at(resolved),
        "lasted": length(found.declared_at, resolved) if resolved else "",
        "stages": [{"stage": stage.label, "at": zone.dated(reached)} for stage, reached in history.stages.items()],
        "publications": len(history.publications),
        "corrections": found.corrections,
        "kept": found.kept,
        "late": found.late,
        "superseded": found.superseded,
        "deliveries": found.deliveries,
        "arrived": found.arrived,
    }


def _period(period: Period, zone: Zone) -> str:
    return f"{zone.dated(period.since)} to {zone.dated(period.until) if period.until else 'now'}"


def _alone(tx: Transaction, zone: Zone, history: IncidentHistory) -> list[dict[str, object]]:
    name = people.person_names(tx)
    return [
        {
            "number": each.number,
            "at": zone.dated(each.at),
            "who": escape_markdown(name[each.by]),
            "why": escape_markdown(each.alone_because),
        }
        for each in history.publications
        if each.alone_because
    ]


def _impact(organisation: Organisation, history: IncidentHistory) -> list[dict[str, object]]:
    """Per component, in the configuration's order: when it failed, and each published change of its impact."""
    stated = dict.fromkeys([*history.failures, *(key for update in history.updates for key in update.impacts)])
    return [
        {
            "component": escape_markdown(name),
            "spans": [f"{span.impact.value} from {_period(span, organisation.zone)}" for span in history.spans(key)],
            "changes": [
                {"impact": impact.value, "at": organisation.zone.dated(at)} for impact, at in history.changes(key)
            ],
        }
        for key, name in ((component.key, component.name) for component in organisation.named(stated))
    ]


def _publication(update: Publication, zone: Zone, language: str) -> dict[str, object]:
    """One publication as customers read it, and how it reads now if it was corrected."""
    text = update.original(Audience.CUSTOMERS, language)
    now = update.text(Audience.CUSTOMERS, language) if update.corrections else None
    return {
        "number": update.number,
        "at": zone.dated(update.at),
        "kind": update.kind.value if update.kind is not UpdateKind.STAGE else update.stage.value,
        "severity": update.severity.value if update.severity else "",
        "title": escape_markdown(text.title) if text else "",
        "text": escape_lines(text.body) if text else "",
        "corrected_at": zone.dated(update.corrections[-1].at) if update.corrections else "",
        "corrected_text": escape_lines(now.body) if now else "",
    }


def _people(tx: Transaction, incident: Incident) -> list[dict[str, object]]:
    """Who took part, by name, with their last roles and their number of entries."""
    name = people.person_names(tx)
    entries = [entry.person_id for entry, _text in record.entries(tx, incident) if entry.person_id]
    held: dict[str, list[str]] = {person_id: [] for person_id in entries}
    for role, person in incidents.roles(tx, incident).items():
        held.setdefault(person.id, []).append(role.value)
    return [
        {"name": escape_markdown(name[person_id]), "roles": ", ".join(roles), "entries": entries.count(person_id)}
        for person_id, roles in sorted(held.items(), key=lambda one: name[one[0]])
    ]


def _without_formula(value: object) -> object:
    """Keep a cell that a spreadsheet would run as a formula as text. Source: OWASP, “CSV Injection”."""
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r") else value
