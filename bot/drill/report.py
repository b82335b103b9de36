"""The result of a drill as one JSON document, for comparing drills and checking scenarios."""

import json
from datetime import datetime
from typing import Any

from bot.domain.audiences import Audience
from bot.domain.deliveries import DeliveryState
from bot.domain.incident import Incident
from bot.domain.spans import minutes
from bot.drill.scenario import Scenario
from bot.main import Foghorn
from bot.reading.figures import figures
from bot.store import deliveries, incidents, people, promises, published, updates
from bot.store.transaction import Transaction

Json = dict[str, Any]


def report(foghorn: Foghorn, scenario: Scenario) -> str:
    """The document described in docs/how-to/drills.md. Times are ISO 8601 in UTC; null: never happened."""
    language = foghorn.app.organisation.languages[0]
    found: list[Json] = []
    with foghorn.store.read() as tx:
        while incident := incidents.find_incident(tx, len(found) + 1):
            found.append(_incident(tx, incident, language))
    document = {"scenario": scenario.name, "starts": scenario.starts, "incidents": found}
    return json.dumps(document, indent=2, ensure_ascii=False, default=datetime.isoformat)


def _incident(tx: Transaction, incident: Incident, language: str) -> Json:
    found = figures(tx, incident)
    return {
        "incident": incident.key,
        "title": incident.title or incident.declared_title,
        "declared_at": found.declared_at,
        "failure_began_at": found.history.began_at,
        "failure_ended_at": found.history.ended_at,
        "first_public_at": incident.first_published_at,
        "worst_impact": found.history.peak.value,
        "worst_minutes": minutes(found.worst_lasted),
        "worst_public_at": found.history.report_to_fix.since if found.history.report_to_fix else None,
        "fix_public_at": found.history.report_to_fix.until if found.history.report_to_fix else None,
        "minutes_to_fix": found.minutes_to_fix,
        "closed_at": incident.closed_at,
        "closed_as": incident.closed_as.value if incident.closed_as else None,
        "publications": _publications(tx, incident, language),
        "promises": _promises(tx, incident) | {"kept": found.kept, "late": found.late, "superseded": found.superseded},
        "deliveries": _deliveries(tx, incident) | {"total": found.deliveries, "arrived": found.arrived},
    }


def _publications(tx: Transaction, incident: Incident, language: str) -> list[Json]:
    name = people.person_names(tx)
    publications = []
    for update in published.history(tx, incident).publications:
        text = update.original(Audience.CUSTOMERS, language)
        publications.append(
            {
                "number": update.number,
                "kind": update.kind.value,
                "stage": update.stage.value,
                "severity": update.severity.value if update.severity else None,
                "published_at": update.at,
                "published_by": name.get(update.by),
                "corrects": update.corrects,
                "impacts": update.impacts,
                "promised_at": update.promised_at,
                "title": text.title if text else None,
                "customers": text.body if text else None,
            }
        )
    return publications


def _promises(tx: Transaction, incident: Incident) -> Json:
    """Each promise, including the internal one of a first update. The counts beside them cover public promises only."""
    made = [
        {
            "made_at": promise.made_at,
            "due_at": promise.due_at,
            "internal": promise.internal,
            "state": promise.state.value,
            "closed_at": promise.closed_at,
        }
        for promise in promises.promises(tx, incident)
    ]
    return {"made": made}


def _deliveries(tx: Transaction, incident: Incident) -> Json:
    sent = [
        {
            "update": update.number,
            "destination": str(row.destination),
            "state": row.state.value,
            "sent_at": row.sent_at,
            "reason": row.reason,
        }
        for update in updates.published(tx, incident)
        for row in deliveries.of_update(tx, update)
        if row.state is not DeliveryState.CANCELLED
    ]
    return {"sent": sent}
