"""One incident told by a process that can be told where to die, and told on by the next one.

Every line has a key, as those of a real platform, so that what was done is not done again. What is sent goes into a
file: it outlives the process, like a platform.
"""

import asyncio
import json
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from bot.domain.subscriptions import Mode
from bot.errors import MessageGone
from bot.store.transaction import Transaction
from bot.views import Correction, NudgeCard, Post, PublishedUpdate
from tests.reference import et
from tests.worker.world import FACTS, World

LINES = (
    ("05:15", "ana", "declare Pages hang sev:1 on:chatgpt=major"),
    ("05:16", "ana", f"update investigating {FACTS}"),
    ("05:16", "ana", "publish"),
    ("05:26", "", ""),  # nothing but a tick: five minutes before the promise of 05:31
    ("05:31", "", ""),
    ("05:31", "ben", "publish nochange:yes"),
    ("05:40", "ana", "update identified Signing in works."),
    ("05:40", "ana", "publish"),
    ("05:41", "ben", "approve"),
    ("05:52", "", ""),
)
FROM, TO = 4, 6
"""The lines among which processes die: a reminder, and the publication that keeps its promise.

Just before the publication somebody deletes the message that is kept current.
"""


class Fate:
    """Counts the moments at which a process may die, and dies at one."""

    def __init__(self, die_at: int) -> None:
        self.reached = 0
        self._die_at = die_at

    def reach(self) -> None:
        """One more such moment."""
        self.reached += 1
        if self.reached == self._die_at:
            os.kill(os.getpid(), signal.SIGKILL)


@dataclass(frozen=True)
class Message:
    """As a platform keeps it."""

    act: str
    place: str
    delivery: str
    reference: str
    words: str


class Loft:
    """A platform in a file."""

    def __init__(self, path: Path, fate: Fate) -> None:
        self._path = path
        self._deleted = path.with_suffix(".deleted")
        self._fate = fate
        path.touch()
        self._deleted.touch()

    async def send(self, destination: str, post: Post, delivery: str, /) -> str:
        return self._keep("send", destination, delivery, "", post)

    async def remove(self, _destination: str, reference: str, /) -> None:
        with self._deleted.open("a") as file:
            file.write(f"{reference}\n")

    async def copies(self, _destination: str, delivery: str, _since: datetime, /) -> list[str]:
        return [delivery for message in kept(self._path) if message.delivery == delivery]

    async def reply(self, destination: str, reference: str, post: Post, delivery: str, /) -> str:
        return self._keep("reply", destination, delivery, reference, post)

    async def edit(self, destination: str, reference: str, post: Post, delivery: str, /) -> str:
        self._keep("edit", destination, delivery, reference, post)
        return reference

    async def find(self, _destination: str, delivery: str, _since: datetime, /) -> str | None:
        return next((delivery for message in kept(self._path) if message.delivery == delivery), None)

    def _keep(self, act: str, place: str, delivery: str, reference: str, post: Post) -> str:
        self._fate.reach()
        if reference and reference in self._deleted.read_text().split():
            raise MessageGone("The message was deleted.", permanent=True)
        with self._path.open("a") as file:
            file.write(json.dumps(asdict(Message(act, place, delivery, reference, _words(post)))) + "\n")
            file.flush()
            os.fsync(file.fileno())
        self._fate.reach()
        return delivery


def kept(path: Path) -> list[Message]:
    """What a loft holds."""
    return [Message(**json.loads(line)) for line in path.read_text().splitlines()]


def delete_headline(path: Path) -> None:
    """As a moderator does, once."""
    headline = next(message for message in kept(path) if message.place == "current")
    deleted = path.with_suffix(".deleted")
    if headline.delivery not in deleted.read_text().split():
        deleted.write_text(f"{headline.delivery}\n")


def _words(post: Post) -> str:
    match post:
        case PublishedUpdate() | Correction():
            return post.body
        case NudgeCard():
            return post.sentence.words
        case _:
            return type(post).__name__


@contextmanager
def opened(url: str, path: Path, fate: Fate, life: int) -> Iterator[World]:
    """The process's own Foghorn. In each life leases of the one before have run out."""
    world = World(url)
    world.real.now += timedelta(hours=life)
    write = world.store.write

    @contextmanager
    def mortal(*args: Any, **named: Any) -> Iterator[Transaction]:
        with write(*args, **named) as tx:
            yield tx
            tx.session.flush()
            fate.reach()  # all is written, nothing is committed
        fate.reach()

    if life == 0:
        for place, mode in (("every", Mode.EVERY), ("current", Mode.CURRENT), ("thread", Mode.THREAD)):
            world.subscribe(f"pigeon:{place}", mode)
    world.store.write = mortal  # type: ignore[method-assign]
    loft = Loft(path, fate)
    world.messengers.update(local=loft, pigeon=loft)
    world.worker = world.hire()
    yield world
    world.close()


def tell(url: str, folder: Path, die_at: int, life: int) -> list[int]:
    """Tell the story from its beginning; where each line began, in moments. Time never goes back."""
    return asyncio.run(_tell(url, folder, Fate(die_at), life))


async def _tell(url: str, folder: Path, fate: Fate, life: int) -> list[int]:
    now, began = folder / "now", []
    with opened(url, folder / "loft", fate, life) as world:
        last = datetime.fromisoformat(now.read_text()) if now.exists() else et("05:15")
        for number, (clock, who, line) in enumerate(LINES):
            began.append(fate.reached)
            world.clock.now = max(last, et(clock))
            now.write_text(world.clock.now.isoformat())
            if number == TO - 1:
                delete_headline(folder / "loft")
            if line:
                world.as_person(who)(line, key=f"console:{number}")
            await world.worker.tick()
            await world.worker.drain()
    return began
