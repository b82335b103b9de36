"""The console's "Play the reference incident": one drill at a time, under /drill of the running Foghorn."""

import asyncio
import logging
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.clock import utc_now
from bot.domain.organisation import Organisation
from bot.drill.play import Drill, DrillStoppedError, PlayedStep
from bot.drill.player import QUIET_S, REST_S, DrillPlayer, outcome
from bot.drill.rehearsal import ScenarioClock, rehearsal, sign_in_link
from bot.drill.scenario import REFERENCE, load, organisation_of
from bot.errors import BotError
from bot.main import Foghorn, compose
from bot.platforms.console.player import ENDED
from bot.reading.figures import figures
from bot.settings import Settings
from bot.store import incidents, people
from bot.store.engine import make_engine
from bot.store.transaction import Store

PREFIX = "/drill"
LASTS_S = QUIET_S + REST_S  # for the whole scenario, whatever its length
STAYS_S = 600  # how long it can still be viewed after the end

log = logging.getLogger("foghorn.drill")


def _outcome(foghorn: Foghorn) -> str:
    with foghorn.store.read() as tx:
        incident = incidents.find_incident(tx, 1)
        return outcome(figures(tx, incident)) if incident else "No incident was declared."


@dataclass(eq=False)
class ConsoleDrill:
    """Starts, shows, and removes drills, all in the running event loop."""

    settings: Settings
    organisation: Organisation
    path: Path = REFERENCE
    lasts_s: float = LASTS_S
    stays_s: float = STAYS_S
    _starting: asyncio.Lock = field(default_factory=asyncio.Lock, init=False)
    _task: asyncio.Task[None] | None = field(default=None, init=False)
    _foghorn: Foghorn | None = field(default=None, init=False)
    _player: DrillPlayer | None = field(default=None, init=False)

    @property
    def playing(self) -> bool:
        """Whether a drill is running that has not reached its end."""
        return self._player is not None and self._player.state().state != ENDED

    async def start(self, person: str) -> str:
        """Start a drill, or join the running one. Returns a link that signs the person (by ID) in to it.

        A drill that is over is replaced. A new one has already played its first step, so there is something to see.
        """
        async with self._starting:
            if self._player is not None and self._player.state().state == ENDED:
                await self.stop()
            if self._foghorn is None:
                ready: asyncio.Future[Foghorn] = asyncio.get_running_loop().create_future()
                self._task = asyncio.create_task(self._run(ready))
                await ready
        if self._foghorn is None:
            return "/console"
        handles = [each.handle for each in self._foghorn.app.organisation.people]
        handle = await asyncio.to_thread(self._handle, person)
        return await sign_in_link(self._foghorn, handle if handle in handles else handles[0], PREFIX)

    def end_streams(self) -> None:
        """Close the live pages of the running drill, because the server waits for them."""
        if self._foghorn is not None:
            self._foghorn.closing.set()

    async def stop(self) -> None:
        """Stop the running drill and remove it."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self, ready: "asyncio.Future[Foghorn]") -> None:
        """Run one drill from start to end. Whoever started it learns about a failure before the first step."""
        try:
            scenario = load(self.path)
            organisation = organisation_of(self.path, scenario, self.organisation)
            clock = ScenarioClock(scenario.starts)
            names = {person.handle: person.name for person in organisation.people}
            back, url = f"{self.settings.url}/console", f"{self.settings.url}{PREFIX}"
            player = DrillPlayer(scenario, organisation.zone, names, back, self.lasts_s)
            started = partial(compose, player=player)
            async with rehearsal(self.settings, organisation, clock=clock, url=url, compose=started) as foghorn:

                def show(played: PlayedStep) -> None:
                    player.show(played)
                    if not ready.done():
                        self._foghorn, self._player = foghorn, player
                        ready.set_result(foghorn)

                player.begin()
                try:
                    await Drill(foghorn, clock, scenario, joined=True).play(player.reach, show)
                    player.end(await foghorn.desk.in_thread(lambda: _outcome(foghorn)))
                except DrillStoppedError as stopped:
                    if not ready.done():
                        raise
                    player.end(str(stopped))
                await asyncio.sleep(self.stays_s)
        except BotError as refusal:
            log.warning("%s", refusal)
            if not ready.done():
                ready.set_exception(refusal)
        except Exception as problem:
            log.exception("a drill ended")
            if not ready.done():
                ready.set_exception(problem)
        finally:
            self._foghorn = self._player = None

    async def app(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The pages of the running drill; 404 if there is none."""
        words = "No drill is running. To start one, select “Play the reference incident” in the console."
        app: ASGIApp = self._foghorn.web_app if self._foghorn else PlainTextResponse(words, 404)
        await app(scope, receive, send)

    def _handle(self, person: str) -> str:
        """The handle of a person of the running Foghorn; empty if the ID is unknown."""
        store = Store(make_engine(self.settings.database_url), utc_now)
        try:
            with store.read() as tx:
                return next((each.handle for each in people.everybody_ever(tx) if each.id == person), "")
        finally:
            store.close()
