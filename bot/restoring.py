"""`foghorn restore`: puts a backup in place of the database, and looks on the platforms for what was sent since."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

from bot.actions import restored as actions
from bot.actions.restored import Question, Restored
from bot.clock import utc_now
from bot.core import close_all, messengers_of
from bot.domain.incident import highest_number
from bot.errors import SendFailed
from bot.intake.platform import Platform
from bot.ports import CannotLookError, ListsRooms, Messenger
from bot.settings import Setup
from bot.store import backup
from bot.store.elapsed import ElapsedClock
from bot.store.engine import make_engine
from bot.store.transaction import Store

CALL_TIMEOUT_S = 20.0
LONGEST_WAIT_S = 60.0  # if a platform asks to wait
T = TypeVar("T")


@dataclass
class _Looked:
    """What the platforms answered."""

    found: dict[str, str | None]
    highest: int
    silent: dict[str, str]  # platform -> why it could not be asked


async def restore(setup: Setup, platforms: Sequence[Platform], file: Path | None) -> tuple[Restored, Mapping[str, str]]:
    """What was found, and the platforms that could not be asked, with the reason. Raises BotError.

    Without a file, the database was restored in another way.
    """
    with backup.restored(setup.settings.database_url, file) as url:
        store = Store(make_engine(url), utc_now)
        messengers = messengers_of(setup, platforms)
        try:
            store.real = clock = ElapsedClock(store)
            clock.orders_ids()
            with store.read() as tx:
                questions = actions.questions(tx)
            looked = await _look(messengers, questions)
            with store.write() as tx:
                return actions.settle(tx, setup.organisation.zone, looked.found, looked.highest), looked.silent
        finally:
            store.close()
            await close_all(messengers.values())


async def _look(messengers: Mapping[str, Messenger], questions: Sequence[Question]) -> _Looked:
    looked = _Looked({}, 0, {})
    for name, messenger in messengers.items():
        if isinstance(messenger, ListsRooms):
            try:
                looked.highest = max(looked.highest, highest_number(await _asked(messenger.room_labels)))
            except SendFailed as failure:
                looked.silent[name] = failure.reason
    for question in questions:
        there = messengers.get(question.platform)
        if there is None or question.platform in looked.silent:
            continue
        find = partial(there.find, question.place, question.delivery, question.since)
        try:
            looked.found[question.delivery] = await _asked(find)
        except CannotLookError:
            continue
        except SendFailed as failure:
            if not failure.permanent:
                looked.silent[question.platform] = failure.reason
    return looked


async def _asked(call: Callable[[], Awaitable[T]]) -> T:
    """What a platform answers, waiting for as long as it asks to. Raises SendFailed, CannotLookError."""
    while True:
        try:
            async with asyncio.timeout(CALL_TIMEOUT_S):
                return await call()
        except TimeoutError as problem:
            raise SendFailed("it does not answer") from problem
        except SendFailed as failure:
            if failure.retry_after_s is None or failure.retry_after_s > LONGEST_WAIT_S:
                raise
            await asyncio.sleep(failure.retry_after_s)
