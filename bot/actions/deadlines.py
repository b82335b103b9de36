"""When the next update is due, whether that can be promised, and how a text says it. Changes nothing."""

from collections.abc import Sequence
from datetime import datetime

from bot.actions.app_context import AppContext
from bot.actions.update_context import is_closing, is_larger
from bot.domain.facts import UpdateKind
from bot.domain.incident import Incident
from bot.domain.lifecycle import Stage
from bot.domain.promises import NEAR, was_kept, whole_minute
from bot.domain.times import count, length
from bot.domain.updates import Update, UpdateText
from bot.domain.wording import fill
from bot.errors import PromiseBack, PromiseFar, PromiseNear
from bot.store import promises
from bot.store.transaction import Transaction


def due_after(tx: Transaction, app: AppContext, incident: Incident, update: Update) -> datetime | None:
    """The time that this update promises if it is published now; None if it promises nothing, as a closing update.

    A correction keeps the promise, and does not repeat one that is late. A “no change” published in time promises the
    old time plus the cadence, unless that is more than one cadence away already. A time from the cadence is never
    earlier than what customers were promised (see `promised_before`); a time that a person chose is checked by
    `check_time`.
    """
    if is_closing(update):
        return None
    old = promises.open_promise(tx, incident)
    if update.kind is UpdateKind.CORRECTION:
        return old.due_at if old and was_kept(old.due_at, tx.now) else None
    if update.next_at is not None:
        return update.next_at
    cadence = app.organisation.interval(incident.severity, monitoring=update.stage is Stage.MONITORING)
    due_at = whole_minute(tx.now + cadence)
    before = promised_before(tx, incident, update)
    if before is None:
        return due_at
    return before + cadence if update.kind is UpdateKind.NO_CHANGE and before <= due_at else max(due_at, before)


def promised_before(tx: Transaction, incident: Incident, update: Update) -> datetime | None:
    """The public promise that this update must not move back; None if none is open, it is late, or this replaces it."""
    old = promises.open_promise(tx, incident)
    if old is None or old.internal or not was_kept(old.due_at, tx.now) or is_larger(tx, incident, update):
        return None
    return old.due_at


def fixed_time(update: Update) -> datetime | None:
    """The time that a person chose for the next update; closing updates and corrections have none."""
    return None if is_closing(update) or update.kind is UpdateKind.CORRECTION else update.next_at


def check_far(tx: Transaction, app: AppContext, incident: Incident, update: Update, at: datetime) -> None:
    """Raise PromiseFar if customers would wait longer than the severity allows and than they already expect."""
    cadence = app.organisation.interval(incident.severity, monitoring=update.stage is Stage.MONITORING)
    before = promised_before(tx, incident, update)
    if at > whole_minute(tx.now + cadence) and (before is None or at > before):
        every, away = length(tx.now, tx.now + cadence), length(tx.now, at)
        raise PromiseFar(severity=incident.severity.value, cadence=every, time=at, away=away)


def refused_time(tx: Transaction, incident: Incident, draft: Update) -> datetime | None:
    """The chosen time of the next update, if it cannot be promised."""
    fixed = fixed_time(draft)
    try:
        check_time(tx, incident, draft, fixed)
    except PromiseNear:
        return fixed
    return None


def check_time(tx: Transaction, incident: Incident, draft: Update, at: datetime | None) -> None:
    """Raise PromiseNear, PromiseBack if a chosen time cannot be promised with this draft."""
    if at is None:
        return
    if at <= tx.now:
        message = "The time of the next update, {time}, has passed. Choose a later time. The approval is still valid."
        raise PromiseNear(message, time=at)
    if at < tx.now + NEAR:
        raise PromiseNear(time=at, minutes=count(int((at - tx.now).total_seconds() // 60), "minute"))
    before = promised_before(tx, incident, draft)
    if before is not None and at < before:
        raise PromiseBack(time=at, promised=before)


def promise_words(tx: Transaction, app: AppContext, promise_at: datetime | None, language: str) -> str:
    """What a text says now about the time that its update promises; empty if it promises nothing."""
    return app.templates.wording(app.organisation, language).promise(promise_at, tx.now) if promise_at else ""


def filled(
    tx: Transaction, app: AppContext, promise_at: datetime | None, texts: Sequence[UpdateText]
) -> dict[str, str]:
    """The bodies of texts with their slots filled as of now, by text ID."""
    languages = {text.language for text in texts}
    said = {language: promise_words(tx, app, promise_at, language) for language in languages}
    return {text.id: fill(text.body, said[text.language]) for text in texts}
