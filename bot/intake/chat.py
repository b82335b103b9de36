"""How chat platforms run commands: stored, acknowledged, run, and answered, also after a restart."""

import asyncio
import logging
import secrets
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from time import monotonic
from typing import Any, Protocol

from bot.commands import catalog
from bot.errors import Busy, SendFailed, Unexpected
from bot.intake.conflicts import with_choices
from bot.intake.desk import Desk
from bot.intake.inbox import Inbox
from bot.intake.requests import ChatRequest, OpenForm, Reply, RunCommand, dumped, loaded, refused
from bot.reading.rooms import RoomState, room_of
from bot.views import Answer, Form, IncidentCard, Notice

LOOK_FOR_LEFT_OVER_S = 2
WAIT_FOR_ROOM_S = 10.0
LOOK_FOR_ROOM_S = 0.05


class FirstResponse(Protocol):
    """The response to one request, which the platform expects within 3 seconds."""

    async def acknowledge(self, request: RunCommand) -> None:
        """The command will run."""

    async def repeat(self) -> None:
        """The command was accepted before."""

    async def open(self, request: OpenForm) -> None:
        """Open a form, or start to."""

    async def reply(self, reply: Reply) -> None:
        """Reply at once. Nothing was changed."""


class ChatPlatform(Protocol):
    """What `ChatIntake` needs from a platform after the first response."""

    async def prepare(self, request: RunCommand) -> RunCommand | Notice | None:
        """Ask the platform for what it did not send. A notice refuses the command, None drops it."""

    async def reply(self, answer: Answer, request: RunCommand) -> None:
        """Reply to the person who asked."""

    async def reply_with_room(self, card: IncidentCard, request: RunCommand) -> None:
        """Reply to the person who declared an incident, with a link to its room."""


class ChatIntake:
    """The commands of one platform, from the first response to the reply."""

    def __init__(
        self,
        name: str,
        platform: ChatPlatform,
        desk: Desk,
        inbox: Inbox,
        *,
        unreachable: tuple[type[Exception], ...] = (),
    ) -> None:
        self._name = name
        self._platform = platform
        self._desk = desk
        self._inbox = inbox
        self._unreachable: tuple[type[Exception], ...] = (
            SendFailed,
            *unreachable,
        )  # raised if a reply does not reach the platform
        self._log = logging.getLogger(f"foghorn.{name}")
        self._running: set[str] = set()
        self._stopping = False
        self._tasks: asyncio.TaskGroup | None = None

    @property
    def busy(self) -> bool:
        """Whether commands are running."""
        return bool(self._running)

    @asynccontextmanager
    async def running(self, connection: Coroutine[Any, Any, object]) -> AsyncIterator[None]:
        """Run the connection for the duration of the block; acknowledged commands are finished before it exits."""
        async with asyncio.TaskGroup() as tasks:
            self._tasks = tasks
            background = [tasks.create_task(connection), tasks.create_task(self._look_for_left_over())]
            try:
                yield
            finally:
                self._stopping = True
                for task in background:
                    task.cancel()
        self._tasks = None
        await asyncio.to_thread(self._inbox.close)

    async def handle(self, request: ChatRequest, first: FirstResponse) -> None:
        """Give the first response; a command that is complete is stored before, and runs after it."""
        match request:
            case OpenForm():
                await first.open(request)
            case Reply():
                await first.reply(request)
            case RunCommand():
                try:
                    new = await self.store(request)
                except Busy as busy:
                    await first.reply(refused(busy, request.reply_to))
                    return
                if not new:
                    await first.repeat()
                    return
                acknowledged = asyncio.ensure_future(first.acknowledge(request))
                self.spawn(self.run(request, acknowledged))
                await acknowledged

    async def store(self, request: RunCommand) -> bool:
        """Store a command that writes; False if it was stored before. Raises Busy."""
        if not request.writes:
            return True
        key, payload = request.invocation.key, dumped(request)
        return await self._inbox.accept(key, payload=payload, handle=request.reply_to.handle)

    async def run(self, request: RunCommand, acknowledged: "asyncio.Future[None] | None" = None) -> None:
        """Run a command and reply. One that changed nothing is marked as done, so it is not run again later.

        It is stored, so it runs even if the platform does not accept the first response.
        """
        key = request.invocation.key
        self._running.add(key)
        try:
            prepared = await self._platform.prepare(request)
            answer: Answer | None = None
            if isinstance(prepared, RunCommand):
                request = prepared
                answer = with_choices(await self._desk.submit(request.invocation), request.invocation.typed)
            else:
                answer = prepared
            refused = isinstance(answer, Notice) and answer.refused
            if key and (answer is None or isinstance(answer, Form) or refused):
                self._inbox.settle(key)
            if answer is None:
                return
            if acknowledged is not None and not await _was_accepted(acknowledged):
                request = replace(request, reply_to=replace(request.reply_to, late=True))
            opens_room = catalog.find(request.invocation.verb).opens_room and not request.reply_to.late
            if isinstance(answer, IncidentCard) and opens_room:
                await self._platform.reply_with_room(answer, request)
            else:
                await self._platform.reply(answer, request)
        finally:
            self._running.discard(key)

    async def resume(self) -> None:
        """Run what a process accepted before it died."""
        for row in await self._desk.in_thread(self._inbox.left_over):
            if not row.key.startswith(f"{self._name}:") or row.key in self._running:
                continue
            try:
                request = loaded(self._name, row.key, row.payload, row.handle)
            except Exception:  # the others must not wait for it
                self._log.exception("%s cannot be read, so it is not run", row.key)
                self._inbox.settle(row.key)
            else:
                self.spawn(self.run(request))

    async def room(self, incident: str) -> RoomState | None:
        """The room of an incident; None if it has none on this platform and will get none."""
        return await self._desk.read(room_of(incident, self._name))

    async def new_room(self, incident: str) -> RoomState | None:
        """The room of a new incident, as soon as it is made or has failed; after 10 seconds, whatever is known."""
        end, room = monotonic() + WAIT_FOR_ROOM_S, None
        while True:
            with suppress(Busy):
                room = await self.room(incident)
                if room is None or room.channel or room.failed:
                    return room
            if monotonic() > end or self._stopping:
                return room
            await asyncio.sleep(LOOK_FOR_ROOM_S)

    def spawn(self, work: Coroutine[Any, Any, object]) -> None:
        """Start a task that `running` owns. A failure is logged and does not affect the others."""
        if self._tasks is None:
            work.close()
            raise Busy
        self._tasks.create_task(self._logged(work))

    def unexpected(self) -> str:
        """Log the current exception with a short code, and return the words that name the code."""
        code = secrets.token_hex(3)
        self._log.exception("unexpected, code %s", code)
        return Unexpected(code=code).words.format(code=code)

    async def _look_for_left_over(self) -> None:
        while True:
            with suppress(Busy):
                await self.resume()
            await asyncio.sleep(LOOK_FOR_LEFT_OVER_S)

    async def _logged(self, work: Coroutine[Any, Any, object]) -> None:
        try:
            await work
        except self._unreachable as problem:
            self._log.warning("a reply did not arrive: %s", problem)
        except Exception:
            self._log.exception("unexpected")


async def _was_accepted(acknowledged: "asyncio.Future[None]") -> bool:
    await asyncio.wait({acknowledged})
    return acknowledged.exception() is None
