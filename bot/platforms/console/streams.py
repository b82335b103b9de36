"""Server-sent events: what changed, so that open pages can fetch it, and who else has an incident's page open."""

import asyncio
import itertools
import json
from collections.abc import AsyncGenerator, AsyncIterator, Iterable
from contextlib import aclosing
from dataclasses import dataclass, field

from bot.changes import ChangeFeed, CommittedChange
from bot.commands.invocation import Account
from bot.errors import BotError, Busy
from bot.intake.desk import Desk
from bot.presence import Presence, Visitor
from bot.reading import pages

HEARTBEAT_S = 15.0
MAX_STREAMS = 200  # open streams; one more closes the oldest
MAX_PER_PERSON = 12


@dataclass(eq=False)
class EventStream:
    """One open page."""

    who: Account
    name: str = ""
    incident: str = ""  # the incident whose page this is; empty for any other page
    editing: str = ""  # the text that this person is editing there, or “draft” for the form with all texts or facts
    closed: asyncio.Event = field(default_factory=asyncio.Event)
    people: asyncio.Event = field(default_factory=asyncio.Event)  # others came, left, or began to edit


@dataclass
class EventStreams:
    """All open streams. Setting `closing` ends them."""

    desk: Desk
    changes: ChangeFeed
    closing: asyncio.Event
    heartbeat_s: float = HEARTBEAT_S
    presence: Presence = field(default_factory=Presence)
    streams: list[EventStream] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Hear of visitors in other processes."""
        self.presence.told = self._wake

    async def stream(self, who: Account, name: str = "", incident: str = "", editing: str = "") -> AsyncIterator[str]:
        """Events for one page: `changed` names the incidents that changed and that the person may see.

        `people` names who else has the page of `incident` open, and what each is editing.
        """
        seen = await self.desk.look("copy", pages.visible([incident]), who) if incident else frozenset()
        mine = EventStream(who, name, next(iter(seen), ""), editing)
        self._make_room(mine)
        self.streams.append(mine)
        self._tell(mine.incident)
        try:
            async with self.changes.listen() as queue, aclosing(self._next(queue, mine)) as coming:
                yield "retry: 1000\nevent: hello\ndata:\n\n"
                async for change in coming:
                    event = await self._event(change, who) if change else await self._beat(mine)
                    if event:
                        yield event
            yield "event: bye\ndata:\n\n" if self.closing.is_set() else "event: full\ndata:\n\n"
        except BotError:  # the person lost access
            return
        finally:
            self.streams.remove(mine)
            self._tell(mine.incident)

    def write(self, who: Account, incident: str, text: str) -> None:
        """Someone is editing a text on an incident's page, or has stopped (empty)."""
        for stream in self.streams:
            if stream.who == who and stream.incident == incident:
                stream.editing = text
        self._tell(incident)

    def _tell(self, incident: str) -> None:
        if incident:
            self.presence.here(incident, self._here(incident))
        self._wake(incident)

    def _here(self, incident: str) -> list[Visitor]:
        return [Visitor(each.who.id, each.name, each.editing) for each in self.streams if each.incident == incident]

    def _wake(self, incident: str) -> None:
        for stream in self.streams:
            if incident and stream.incident == incident:
                stream.people.set()

    async def _beat(self, mine: EventStream) -> str:
        """Who else is here, if that has changed, or else a heartbeat. Raises BotError once the person lost access."""
        news = mine.people.is_set()
        mine.people.clear()
        try:
            visible = await self.desk.look("copy", pages.visible([mine.incident] if mine.incident else []), mine.who)
        except Busy:
            visible = frozenset()
        if not news or not visible:
            return "event: beat\ndata:\n\n"
        there: dict[str, str] = {}
        for other in (*self._here(mine.incident), *self.presence.elsewhere(mine.incident)):
            if other.person != mine.who.id:
                there[other.name] = other.editing or there.get(other.name, "")
        people = [{"name": name, "editing": editing} for name, editing in sorted(there.items())]
        return f"event: people\ndata: {json.dumps(people)}\n\n"

    def _make_room(self, new: EventStream) -> None:
        """Close the oldest streams if there would be too many."""
        alive = [stream for stream in self.streams if not stream.closed.is_set()]
        of_one = [stream for stream in alive if stream.who == new.who]
        over = itertools.chain(_over(of_one, MAX_PER_PERSON), _over(alive, MAX_STREAMS))
        for stream in over:
            stream.closed.set()

    async def _next(
        self, queue: "asyncio.Queue[CommittedChange]", mine: EventStream
    ) -> AsyncGenerator[CommittedChange | None, None]:
        """Changes as they are committed, and None at each heartbeat and when people come or go, until the end."""
        ends = [asyncio.ensure_future(event.wait()) for event in (mine.closed, self.closing)]
        people = asyncio.ensure_future(mine.people.wait())
        coming = asyncio.ensure_future(queue.get())
        try:
            while not (mine.closed.is_set() or self.closing.is_set()):
                waited_for = [coming, people, *ends]
                done, _ = await asyncio.wait(waited_for, timeout=self.heartbeat_s, return_when=asyncio.FIRST_COMPLETED)
                if coming in done:
                    change = coming.result()
                    coming = asyncio.ensure_future(queue.get())
                    yield change
                elif not done or people in done:
                    yield None
                if people.done():
                    people = asyncio.ensure_future(mine.people.wait())
        finally:
            for task in (coming, people, *ends):
                task.cancel()

    async def _event(self, change: CommittedChange, who: Account) -> str:
        """The event for one person; empty if they may see none of the incidents."""
        if change.everything:
            return "event: changed\ndata:\n\n"
        if not change.incidents:
            return ""
        seen = await self.desk.look("copy", pages.visible(change.incidents), who)
        return f"event: changed\ndata: {' '.join(sorted(seen))}\n\n" if seen else ""


def _over(streams: list[EventStream], most: int) -> Iterable[EventStream]:
    return streams[: max(0, len(streams) - most + 1)]
