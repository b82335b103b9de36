"""Statuspage's public read API (`/api/v2`): what was published, in the form that its clients expect.

The form follows Statuspage's documentation and real responses. IDs never change: an incident's is its key, so
that `/incidents/{id}` is its page, and a component's is its key in foghorn.toml.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any

from bot.actions.app_context import AppContext
from bot.domain.components import Impact, worst
from bot.domain.facts import UpdateKind
from bot.domain.lifecycle import Stage
from bot.web import overview
from bot.web.incidents import PublicIncident
from bot.web.overview import Snapshot

MEDIA_TYPE = "application/json; charset=utf-8"
ROOT = "/api/v2"
NEWEST = 50  # incidents in a list
_PLANNED = ("scheduled-maintenances", "scheduled-maintenances/upcoming", "scheduled-maintenances/active")
_UNKNOWN = datetime.fromtimestamp(0, UTC)  # Foghorn does not record when a component was added
_STATUS = {
    Stage.INVESTIGATING: "investigating",
    Stage.IDENTIFIED: "identified",
    Stage.FIX_IMPLEMENTED: "monitoring",
    Stage.MONITORING: "monitoring",
    Stage.RESOLVED: "resolved",
}
_COMPONENT = {
    Impact.OPERATIONAL: "operational",
    Impact.MAINTENANCE: "under_maintenance",
    Impact.DEGRADED: "degraded_performance",
    Impact.PARTIAL: "partial_outage",
    Impact.MAJOR: "major_outage",
}
_IMPACT = {
    Impact.OPERATIONAL: ("none", "All Systems Operational"),
    Impact.MAINTENANCE: ("maintenance", "Service Under Maintenance"),
    Impact.DEGRADED: ("minor", "Partially Degraded Service"),
    Impact.PARTIAL: ("major", "Partial System Outage"),
    Impact.MAJOR: ("critical", "Major Service Outage"),
}
Json = dict[str, Any]


class Api:
    """Writes the API for one public address."""

    def __init__(self, app: AppContext, *, drill: bool = False) -> None:
        self.organisation = app.organisation
        self.url = app.public_url.rstrip("/")
        self.before = "Drill: " if drill else ""
        self.page_id = _short_id(self.url)

    def files(self, snapshot: Snapshot, language: str) -> Mapping[str, Callable[[], bytes]]:
        """Path -> its writer, with a file for each incident of the snapshot."""
        known = {one.number: one for one in (*snapshot.recent, *snapshot.unresolved)}
        page, components = self._page(snapshot), self._components(snapshot, language)
        indicator, description = _IMPACT[overview.verdict(snapshot.unresolved)]
        status: Json = {"status": {"indicator": indicator, "description": description}}
        listed: Json = {"components": list(components.values())}
        planned: Json = {"scheduled_maintenances": []}

        def incidents(some: Iterable[PublicIncident]) -> Json:
            newest = sorted(some, key=lambda one: one.number, reverse=True)[:NEWEST]
            return {"incidents": [self._incident(one, components) for one in newest]}

        def alone(one: PublicIncident) -> Json:
            return {"incident": self._incident(one, components)}

        def write(content: Callable[[], Json]) -> bytes:
            return _bytes({"page": page, **content()})

        contents: Mapping[str, Callable[[], Json]] = {
            "summary": lambda: {**listed, **incidents(snapshot.unresolved), **planned, **status},
            "status": lambda: status,
            "components": lambda: listed,
            "incidents": lambda: incidents(known.values()),
            "incidents/unresolved": lambda: incidents(snapshot.unresolved),
            **dict.fromkeys(_PLANNED, lambda: planned),
            **{f"incidents/{one.key}": partial(alone, one) for one in known.values()},
        }
        return {f"{ROOT}/{name}.json": partial(write, content) for name, content in contents.items()}

    def incident(self, incident: PublicIncident, snapshot: Snapshot, language: str) -> bytes:
        """The file of an incident that is not in the snapshot."""
        found = self._incident(incident, self._components(snapshot, language))
        return _bytes({"page": self._page(snapshot), "incident": found})

    def _page(self, snapshot: Snapshot) -> Json:
        changed = max((one.changed_at for one in (*snapshot.recent, *snapshot.unresolved)), default=_UNKNOWN)
        return {
            "id": self.page_id,
            "name": self.before + self.organisation.name,
            "url": self.url,
            "time_zone": self.organisation.time_zone,
            "updated_at": timestamp(changed),
        }

    def _components(self, snapshot: Snapshot, language: str) -> dict[str, Json]:
        """By ID: each group, then its components. A component has the worst impact of the open incidents."""
        found: dict[str, Json] = {}
        for component in self.organisation.components:
            key, group = component.key, None
            if component.group:
                group = f"group-{_short_id(component.group)}"
                name = self.organisation.group_in(component.group, language)
                found.setdefault(group, self._component(group, name, len(found)) | {"group": True, "components": []})
                found[group]["components"].append(key)
            found[key] = self._component(key, component.called(language), len(found)) | {
                "status": _COMPONENT[worst(one.impacts[key] for one in snapshot.unresolved if key in one.impacts)],
                "updated_at": timestamp(_changed(snapshot, key)),
                "description": component.description or None,
                "group_id": group,
            }
        for each in found.values():
            if each["group"]:
                parts = [found[key] for key in each["components"]]
                each["status"] = max((part["status"] for part in parts), key=list(_COMPONENT.values()).index)
                each["updated_at"] = max(part["updated_at"] for part in parts)
        return found

    def _component(self, identity: str, name: str, position: int) -> Json:
        return {
            "id": identity,
            "name": name,
            "status": _COMPONENT[Impact.OPERATIONAL],
            "created_at": timestamp(_UNKNOWN),
            "updated_at": timestamp(_UNKNOWN),
            "position": position + 1,
            "description": None,
            "showcase": False,
            "start_date": None,
            "group_id": None,
            "page_id": self.page_id,
            "group": False,
            "only_show_if_degraded": False,
        }

    def _incident(self, one: PublicIncident, components: Mapping[str, Json]) -> Json:
        """`started_at` and `resolved_at` say how long components failed; updates have their times of publication.

        `postmortem` and the fields of maintenances are left out, as Statuspage does while they are empty.
        """
        resolved = (one.ended_at or one.closed_at) if one.closed_at else None
        recovering = (one.stages.get(stage) for stage in (Stage.FIX_IMPLEMENTED, Stage.MONITORING))
        monitored = min((at for at in recovering if at), default=None)
        return {
            "id": one.key,
            "name": self.before + one.title,
            "status": _STATUS[one.stage] if one.open else "resolved",
            "created_at": timestamp(one.opened_at),
            "updated_at": timestamp(max(one.changed_at, one.closed_at or one.changed_at)),
            "monitoring_at": timestamp(min(monitored, resolved or monitored)) if monitored else None,
            "resolved_at": timestamp(resolved) if resolved else None,
            "impact": _IMPACT[one.peak][0],
            "shortlink": f"{self.url}/incidents/{one.key}",
            "started_at": timestamp(one.began_at),
            "page_id": self.page_id,
            "incident_updates": self._updates(one),
            "components": [components[key] for key in one.components],
            "reminder_intervals": None,
        }

    def _updates(self, one: PublicIncident) -> list[Json]:
        """Newest first."""
        before: dict[str, Impact] = {}
        found = []
        for update in one.publications:
            affected = [
                {
                    "code": key,
                    "name": one.components[key],
                    "old_status": _COMPONENT[before.get(key, Impact.OPERATIONAL)],
                    "new_status": _COMPONENT[impact],
                }
                for key, impact in update.impacts.items()
                if key in one.components
            ]
            before |= update.impacts
            found.append(
                {
                    "id": update.id,
                    "status": "resolved" if update.kind is UpdateKind.CANCELLATION else _STATUS[update.stage],
                    "body": update.body,
                    "incident_id": one.key,
                    "created_at": timestamp(update.at),
                    "updated_at": timestamp(update.changed_at),
                    "display_at": timestamp(update.at),
                    "affected_components": affected or None,
                    "deliver_notifications": True,
                    "custom_tweet": None,
                    "tweet_id": None,
                }
            )
        return found[::-1]


def timestamp(at: datetime) -> str:
    """`2026-04-20T15:44:00.000Z`. Some clients only read timestamps with milliseconds."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _changed(snapshot: Snapshot, component: str) -> datetime:
    """When the published impact on a component last changed."""
    every = (*snapshot.recent, *snapshot.unresolved)
    return max((at for one in every for _, at in one.changes(component)), default=_UNKNOWN)


def _short_id(name: str) -> str:
    """A stable ID of 12 characters, as Statuspage's are."""
    return hashlib.sha256(name.encode()).hexdigest()[:12]


def _bytes(content: Json) -> bytes:
    """JSON in which no text can be mistaken for markup."""
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return text.replace("&", r"\u0026").replace("<", r"\u003c").replace(">", r"\u003e").encode()
