"""Server-sent events that tell open pages what changed. The pages then fetch their content again."""

import asyncio
import itertools
from collections.abc import AsyncGenerator, AsyncIterator, Iterable
from contextlib import aclosing
from dataclasses import dataclass, field

from bot.changes import ChangeFeed, CommittedChange
from bot.commands.invocation import Account
from bot.errors import BotError
from bot.intake.desk import Desk
from bot.reading import pages

HEARTBEAT_S = 15.0
MOST = 200  # open streams; one more closes the oldest
MOST_PER_PERSON = 12


@dataclass(eq=False)
class EventStream:
    """One open page."""

    who: Account
    closed: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass
class EventStreams:
    """All open streams. Setting `closing` ends them."""

    desk: Desk
    changes: ChangeFeed
    closing: asyncio.Event
    heartbeat_s: float = HEARTBEAT_S
    streams: list[EventStream] = field(default_factory=list)

    async def stream(self, who: Account) -> AsyncIterator[str]:
        """Events for one page: `changed` names the incidents that changed and that the person may see."""
        mine = EventStream(who)
        self._make_room(mine)
        self.streams.append(mine)
        try:
            async with self.changes.listen() as queue, aclosing(self._next(queue, mine)) as coming:
                yield "retry: 1000\nevent: hello\ndata:\n\n"
                async for change in coming:
                    event = await self._event(change, who) if change else "event: beat\ndata:\n\n"
                    if event:
                        yield event
            yield "event: bye\ndata:\n\n" if self.closing.is_set() else "event: full\ndata:\n\n"
        except BotError:  # the person lost access
            return
        finally:
            self.streams.remove(mine)

    def _make_room(self, new: EventStream) -> None:
        """Close the oldest streams if there would be too many."""
        alive = [stream for stream in self.streams if not stream.closed.is_set()]
        of_one = [stream for stream in alive if stream.who == new.who]
        over = itertools.chain(_over(of_one, MOST_PER_PERSON), _over(alive, MOST))
        for stream in over:
            stream.closed.set()

    async def _next(
        self, queue: "asyncio.Queue[CommittedChange]", mine: EventStream
    ) -> AsyncGenerator[CommittedChange | None, None]:
        """Changes as they are committed, and None at each heartbeat, until the stream or the process ends."""
        ends = [asyncio.ensure_future(event.wait()) for event in (mine.closed, self.closing)]
        coming = asyncio.ensure_future(queue.get())
        try:
            while not (mine.closed.is_set() or self.closing.is_set()):
                waited_for = [coming, *ends]
                done, _ = await asyncio.wait(waited_for, timeout=self.heartbeat_s, return_when=asyncio.FIRST_COMPLETED)
                if coming in done:
                    change = coming.result()
                    coming = asyncio.ensure_future(queue.get())
                    yield change
                elif not done:
                    yield None
        finally:
            for task in (coming, *ends):
                task.cancel()

    async def _event(self, change: CommittedChange, who: Account) -> str:
        """The event for one person; empty if they may see none of the incidents."""
        if not change.incidents:
            return ""
        seen = await self.desk.look("copy", pages.visible(change.incidents), who)
        return f"event: changed\ndata: {' '.join(sorted(seen))}\n\n" if seen else ""


def _over(streams: list[EventStream], most: int) -> Iterable[EventStream]:
    return streams[: max(0, len(streams) - most + 1)]
