"""What has not reached its destinations in time: of one update, and destinations that have been failing for long."""

from dataclasses import replace

from bot.actions.app_context import AppContext
from bot.domain.deliveries import OPEN_STATES, DeliveryState
from bot.domain.incident import Incident
from bot.domain.updates import Update
from bot.reading.reviews import delivery_report
from bot.store.transaction import Transaction
from bot.views import DeliveryReport, say


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
