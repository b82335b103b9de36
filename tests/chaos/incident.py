"""One incident with a correction and a reminder, told from Slack, and what anybody outside could find wrong with it."""

import contextlib
from collections.abc import Callable
from datetime import timedelta

from sqlmodel import col, select

from bot.domain.deliveries import OPEN_STATES, Delivery, DeliveryState
from bot.domain.nudges import Nudge
from bot.domain.promises import Promise, PromiseState
from bot.domain.record import RecordEntry
from bot.domain.subscriptions import Mode
from bot.domain.updates import Update, UpdateState
from bot.errors import Busy
from bot.store.transaction import Transaction
from tests.chaos.town import ANA, GENERAL, HOOKS, Town
from tests.patience import until

NEWS = (
    "Pages load slowly or not at all.",
    "A configuration change caused the slow pages.",
    "We have rolled the change back.",
    "Pages load at normal speed again.",
)
TOLD = ("slowly or not at all", "caused the slow pages", "rolled the change back", "We said", "normal speed again")
"""What shows that an update, and the correction, arrived."""
WRONG, RIGHT = "A configuration change", "A certificate that expired"


def _all(there: Town, what: Callable[[Transaction], bool]) -> Callable[[], bool]:
    """Whether something is so, as far as the database can be asked."""

    def ask() -> bool:
        with contextlib.suppress(Busy), there.store.read() as tx:
            return what(tx)
        return False

    return ask


def _published(count: int) -> Callable[[Transaction], bool]:
    query = select(Update.id).where(Update.state == UpdateState.PUBLISHED)
    return lambda tx: len(tx.session.exec(query).all()) >= count


def _drafted(words: str) -> Callable[[Transaction], bool]:
    query = select(Update).where(Update.state == UpdateState.DRAFT)
    return lambda tx: any(words in str(draft.facts) for draft in tx.session.exec(query))


def _waits(tx: Transaction) -> bool:
    return tx.session.exec(select(Delivery.id).where(col(Delivery.state).in_(OPEN_STATES))).first() is not None


async def tell(there: Town) -> None:
    """One incident, from its declaration to the last update, with a correction and a reminder."""
    done = lambda what: _all(there, what)  # noqa: E731
    await there.says(ANA, "declare Pages hang sev:3 on:chatgpt=major", lambda: bool(there.room), GENERAL)
    for number, (line, words) in enumerate(
        (("update investigating", NEWS[0]), ("update identified", NEWS[1]), ("update fix", NEWS[2]))
    ):
        await there.says(ANA, f"{line} {words}", done(lambda tx, w=words: _drafted(w)(tx) or _published_with(tx, w)))
        await there.says(ANA, "publish", done(_published(number + 1)))
    await there.says(ANA, f'correct update:2 wrong:"{WRONG}" right:"{RIGHT}"', done(_corrects))
    await there.says(ANA, "publish", done(_published(4)))
    await _remind(there)
    await there.says(ANA, f'resolve {NEWS[3]} end:1m data:"No data was lost."', done(_drafted(NEWS[3])))
    await there.says(ANA, "publish", done(_published(5)))
    await until(_all(there, lambda tx: not _waits(tx)), 240)


def _corrects(tx: Transaction) -> bool:
    return tx.session.exec(select(Update.id).where(col(Update.corrects).is_not(None))).first() is not None


def _published_with(tx: Transaction, words: str) -> bool:
    query = select(Update).where(Update.state == UpdateState.PUBLISHED)
    return any(words in str(update.facts) for update in tx.session.exec(query))


async def _remind(there: Town) -> None:
    """The clock moves to eight minutes before the promised update, when the first reminder is due."""
    with there.store.read() as tx:
        due = tx.session.exec(select(Promise.due_at).where(Promise.state == PromiseState.OPEN)).one()
        there.ahead.value = (due - timedelta(minutes=8) - tx.now).total_seconds()
    await until(_all(there, lambda tx: bool(tx.session.exec(select(Nudge.id)).first())), 120)


def wrongs(there: Town) -> list[str]:
    """What anybody outside could find wrong."""
    found = []
    for place in (*there.places(Mode.EVERY), *(f"webhook:hook-{n}" for n in range(HOOKS))):
        heard = [told for text in there.read(place) for told in TOLD if told in text]
        edited = TOLD[1:2] if place.startswith("webhook") else ()  # a program is told of the corrected text, too
        if heard != [*TOLD[:3], *edited, *TOLD[3:]]:
            found.append(f"{place} heard {heard}")
    for place in (*there.places(Mode.CURRENT), *there.places(Mode.THREAD)):
        if not any(TOLD[-1] in text for text in there.read(place)):
            found.append(f"{place} does not show the last update")
    with there.store.read() as tx:
        for row in tx.session.exec(select(Delivery).where(Delivery.state == DeliveryState.DEAD)):
            found.append(f"{row.kind} to {row.destination} failed: {row.reason}")
        steps = [(nudge.promise_id, nudge.step) for nudge in tx.session.exec(select(Nudge))]
        kinds = [entry.kind.value for entry in tx.session.exec(select(RecordEntry).order_by(col(RecordEntry.number)))]
    if len(steps) != 1:
        found.append(f"reminders: {steps}")
    if kinds.count("published") != 5:
        found.append(f"record: {kinds}")
    return found
