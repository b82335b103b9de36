"""Foghorn with its worker: a second clock for leases and retries, and a platform that can misbehave."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from bot.actions import subscriptions
from bot.changes import ChangeFeed
from bot.domain.audiences import Audience
from bot.domain.deliveries import Delivery
from bot.domain.destinations import Destination
from bot.domain.organisation import Organisation
from bot.domain.severity import Severity
from bot.domain.subscriptions import Mode, SubscriptionSettings
from bot.domain.updates import Update, UpdateState
from bot.errors import MessageGone, OutcomeUnknown
from bot.platforms.local.messenger import LocalMessenger
from bot.ports import MAX_CONCURRENT, CannotLookError, Messenger, ProcessId
from bot.views import Notice, Post
from bot.worker.ticks import Worker
from tests.harness import Clock, Harness, say
from tests.reference import ORGANISATION, et

FACTS = 'sees:"pages load without end" who:worldwide since:05:10'
SILENT = OutcomeUnknown("the platform does not answer")


@dataclass(frozen=True)
class Kept:
    """A message as the pigeons' loft keeps it."""

    act: str
    place: str
    delivery: str
    reference: str  # of the message that was edited or answered
    post: Post
    name: str = ""  # its own reference


@dataclass
class Pigeons:
    """A platform. `trouble` of a place: what happens to its next calls, in order; "lost": kept, but no answer comes.

    A pair waits for its event first.
    """

    can_look: bool = True
    max_concurrent: int = MAX_CONCURRENT
    kept: list[Kept] = field(default_factory=list)
    trouble: dict[str, list[Exception | str | asyncio.Event | tuple[asyncio.Event, str]]] = field(default_factory=dict)
    looked: list[str] = field(default_factory=list)
    looked_since: list[datetime] = field(default_factory=list)
    looks_wait: list[asyncio.Event] = field(default_factory=list)
    deleted: set[str] = field(default_factory=set)  # references
    removed: list[str] = field(default_factory=list)
    processes: int = 0  # which share its limits

    def share_limits(self, processes: int) -> None:
        self.processes = processes

    async def send(self, destination: str, post: Post, delivery: str, /) -> str:
        return await self._keep(Kept("send", destination, delivery, "", post))

    async def reply(self, destination: str, reference: str, post: Post, delivery: str, /) -> str:
        return await self._keep(Kept("reply", destination, delivery, reference, post))

    async def edit(self, destination: str, reference: str, post: Post, delivery: str, /) -> str:
        await self._keep(Kept("edit", destination, delivery, reference, post))
        return reference

    async def find(self, destination: str, delivery: str, since: datetime, /) -> str | None:
        self.looked.append(delivery)
        self.looked_since.append(since)
        found = await self.copies(destination, delivery, since)
        if self.looks_wait:
            await self.looks_wait.pop(0).wait()
        return found[0] if found else None

    async def copies(self, _destination: str, delivery: str, _since: datetime, /) -> list[str]:
        if not self.can_look:
            raise CannotLookError
        return [kept.name for kept in self.kept if kept.delivery == delivery and kept.act != "edit"]

    async def remove(self, _destination: str, reference: str, /) -> None:
        self.removed.append(reference)
        self.kept = [kept for kept in self.kept if kept.name != reference]

    def delete(self, message: Kept) -> None:
        """As a moderator does."""
        self.kept.remove(message)
        self.deleted.add(message.name)

    async def _keep(self, message: Kept) -> str:
        next_up = self.trouble.get(message.place) or []
        trouble = next_up.pop(0) if next_up else None
        if isinstance(trouble, Exception):
            raise trouble
        if isinstance(trouble, tuple):
            wakes, trouble = trouble
            await wakes.wait()
        if isinstance(trouble, asyncio.Event):
            await trouble.wait()
        if message.reference in self.deleted:
            raise MessageGone("The message was deleted.", permanent=True)
        copies = sum(kept.delivery == message.delivery for kept in self.kept)
        name = f"msg-{message.delivery}" + (f"-{copies + 1}" if copies else "")
        self.kept.append(replace(message, name=name if message.act != "edit" else ""))
        if trouble == "lost":
            raise SILENT
        return name

    def at(self, place: str) -> list[Kept]:
        return [message for message in self.kept if message.place == place]


class World(Harness):
    """One process of Foghorn; a second one on the same URL and clocks is a second replica."""

    def __init__(self, url: str, organisation: Organisation = ORGANISATION, *, like: "World | None" = None) -> None:
        super().__init__(url, organisation, platforms=("local", "pigeon"))
        self.url = url
        self.pigeons = like.pigeons if like else Pigeons()
        self.real = like.real if like else Clock(datetime(2030, 1, 1, tzinfo=UTC))  # years apart: nothing may mix them
        self.clock = self.store.clock = like.clock if like else self.clock
        self.store.real = self.real
        self.messengers: dict[str, Messenger] = {"local": LocalMessenger(), "pigeon": self.pigeons}
        self.changes = ChangeFeed()
        self.store.after_commit.append(self.changes.committed)
        self.worker = self.hire()

    def hire(self, process: ProcessId | None = None, workers: Callable[[], int] = lambda: 1) -> Worker:
        """Another worker of the same process, or the one after a restart."""
        return Worker(
            self.store,
            self.actions,
            self.desk.in_thread,
            self.messengers,
            self.changes,
            self.real,
            process=process,
            workers=workers,
        )

    def subscribe(self, destination: str, mode: Mode = Mode.EVERY) -> None:
        """To every incident, in the customers' words."""
        with self.store.write() as tx:
            settings = SubscriptionSettings(Audience.CUSTOMERS, (), Severity.SEV4, mode, "en")
            subscriptions.subscribe(tx, None, Destination.parse(destination), settings)

    def do(self, who: str, line: str) -> None:
        """Type a line, which must not be refused."""
        answer = self.as_person(who)(line)
        assert not (isinstance(answer, Notice) and answer.refused), say(answer)

    def publish(self, line: str = f"update investigating {FACTS}") -> None:
        """Draft and publish, by two people where it needs two."""
        self.do("ana", line)
        self.do("ana", "publish")
        if any(update.state is UpdateState.DRAFT for update in self.rows(Update)):
            self.do("ben", "approve")

    async def run(self, *, seconds: float = 0) -> None:
        """So much of both times goes by; then one tick, and everything sent that is due."""
        self.clock.now += timedelta(seconds=seconds)
        self.real.now += timedelta(seconds=seconds)
        await self.worker.tick()
        await self.worker.drain()

    async def run_until(self, clock: str, *, step_s: float = 60) -> None:
        """Tick on until this time of the day in New York."""
        while self.clock.now < et(clock):
            await self.run(seconds=step_s)

    def one(self, destination: str) -> Delivery:
        """The only delivery of a destination."""
        (row,) = self.sent_to(destination)
        return row

    def states(self, destination: str) -> list[str]:
        """Of the deliveries of one destination, in their order."""
        return [row.state.value for row in self.sent_to(destination)]
