"""What has not reached its destinations in time: of one update, and destinations that have been failing for long."""

from dataclasses import dataclass, replace
from datetime import datetime

from bot.actions.app_context import AppContext
from bot.actions.recipients import destination_words
from bot.domain.deliveries import FAILING_AFTER, OPEN_STATES, Delivery, DeliveryState
from bot.domain.incident import Incident
from bot.domain.updates import Update
from bot.errors import UnreadableIncident
from bot.reading.reviews import delivery_report
from bot.store import deliveries, incidents, updates
from bot.store.transaction import Transaction
from bot.views import Button, DeliveryReport, Line, say

FAILING_SHOWN = 10
"""How many failing destinations are named. The rest is counted."""


def late_report(tx: Transaction, app: AppContext, incident: Incident, update: Update) -> DeliveryReport:
    """Where an update has not arrived: why, how often it was tried, and when it is tried next."""
    report = delivery_report(tx, app, incident, update)
    waiting = tuple(line for line in report.lines if line.state in OPEN_STATES and line.reason)
    failed = tuple(line for line in report.lines if line.state is DeliveryState.DEAD)
    if waiting:
        words = "{update} of {incident} has not reached {number} of {total} destinations yet. Foghorn keeps trying."
    elif failed:
        words = "{update} of {incident} did not reach {number} of {total} destinations."
    else:
        words = "{update} of {incident} is no longer late anywhere."
    lead = say(
        words, update=report.update.capitalize(), incident=incident.key, number=len(waiting + failed),
        total=report.total,
    )  # fmt: skip
    return replace(report, title="", body="", lead=lead, lines=waiting + failed)


@dataclass(frozen=True)
class FailingDestination:
    """A subscribed destination that has received nothing for ten minutes, although something was sent to it."""

    name: str
    since: datetime
    reason: str
    waiting: int
    failed: int
    deliveries: str  # the last update that did not arrive, as typed: “INC-1 update:2”; empty for a private incident

    @property
    def line(self) -> Line:
        """In words, with a button."""
        words = say(
            "Nothing has reached {destination} since {at}: {reason}. {waiting} waiting, {failed} failed.",
            destination=self.name, at=self.since, reason=self.reason, waiting=self.waiting, failed=self.failed,
        )  # fmt: skip
        return Line(words, (Button("Open deliveries", "deliveries", self.deliveries),) if self.deliveries else ())


def count_failing(tx: Transaction) -> int:
    """How many destinations receive nothing."""
    return len(deliveries.failing(tx, before=tx.real() - FAILING_AFTER))


def failing_destinations(tx: Transaction) -> list[FailingDestination]:
    """Some of them, those that have been failing for longest first."""
    ahead = tx.now - tx.real()  # retries use the real clock, and people read the clock of the incidents
    every = deliveries.failing(tx, before=tx.real() - FAILING_AFTER)
    longest = sorted(every.items(), key=lambda each: min(row.failing_since for row in each[1] if row.failing_since))
    found = []
    for place, rows in longest[:FAILING_SHOWN]:
        last = [row for row in rows if row.state is not DeliveryState.CANCELLED and row.failing_since][-1]
        since = min(row.failing_since for row in rows if row.failing_since) + ahead
        waiting, failed = (sum(row.state in states for row in rows) for states in (OPEN_STATES, (DeliveryState.DEAD,)))
        name, reason = destination_words(tx, place), last.reason.rstrip(".")
        found.append(FailingDestination(name, since, reason, waiting, failed, _where(tx, last)))
    return found


def _where(tx: Transaction, last: Delivery) -> str:
    if last.incident_id is None or last.update_id is None:
        return ""
    try:
        incident = incidents.get_incident(tx, last.incident_id)
        number = updates.get_update(tx, last.update_id).number
    except (UnreadableIncident, *incidents.UNREADABLE):
        return ""
    return "" if incident.private else f"{incident.key} update:{number}"
