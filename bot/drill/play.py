"""Plays a scenario in scenario time: people type, reminders come due, and updates are delivered."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.commands.invocation import Account, Place
from bot.domain.nudges import LADDER, next_at
from bot.drill.rehearsal import ScenarioClock
from bot.drill.scenario import Scenario, ScenarioStep
from bot.errors import BotError
from bot.main import Foghorn
from bot.store import incidents, promises, updates
from bot.views import Answer, Form, Notice
from bot.views.plain import say_plain

AHEAD = timedelta(minutes=-LADDER[0].minutes)  # the first reminder comes at most this long before a promised time


class DrillStoppedError(BotError):
    """The drill stopped at step {number} of {of} ({at}) because a command typed by {who} was refused: {reason}"""  # noqa: D400, D415


@dataclass(frozen=True)
class PlayedStep:
    """One step that was carried out."""

    number: int
    of: int
    at: datetime
    step: ScenarioStep
    answer: Answer


Pace = Callable[[datetime], Awaitable[None]]
"""Returns when it is time to play a moment of the scenario."""


async def at_once(_moment: datetime) -> None:
    """As fast as possible."""


def steady(scenario: Scenario, speed: float) -> Pace:
    """`speed` is scenario time relative to real time."""
    started: list[float] = []

    async def reach(moment: datetime) -> None:
        now = asyncio.get_running_loop().time()
        if not started:
            started.append(now)
        real_s = (moment - scenario.starts).total_seconds() / speed
        await asyncio.sleep(max(0.0, started[0] + real_s - now))

    return reach


class Drill:
    """Plays a scenario on a Foghorn whose clock is the scenario's.

    With `joined`, people can take part: if someone publishes a draft first, the scenario's step is skipped.
    """

    def __init__(self, foghorn: Foghorn, clock: ScenarioClock, scenario: Scenario, *, joined: bool = False) -> None:
        self._foghorn = foghorn
        self._clock = clock
        self._scenario = scenario
        self._joined = joined

    async def play(self, pace: Pace = at_once, on_step: Callable[[PlayedStep], None] = lambda _played: None) -> None:
        """Play all steps in order.

        1. Move the clock to the next reminder due before the next step, and send it; repeat.
        2. Move the clock to the step, and type its line.
        3. Deliver.

        In between, the clock stands still, so that the result is the same at every speed. Raises DrillStoppedError if a
        line is refused.
        """
        scenario, worker = self._scenario, self._foghorn.worker
        for number, step in enumerate(scenario.steps, 1):
            at = scenario.moment(step)
            while (due := await self._next_reminder(at)) is not None:
                await self._reach(due, pace)
                await worker.tick()
                await worker.drain()
            await self._reach(at, pace)
            who, where = Account("console", step.who), Place("console")
            answer = await self._foghorn.desk.submit_line(step.line, who, where)
            reason = self._refusal(answer)
            if reason is not None and not await self._already_done(step):
                when = self._foghorn.app.organisation.zone.clock(at)
                raise DrillStoppedError(number=number, of=len(scenario.steps), at=when, who=step.who, reason=reason)
            await worker.drain()
            on_step(PlayedStep(number, len(scenario.steps), at, step, answer))

    async def _reach(self, moment: datetime, pace: Pace) -> None:
        await pace(moment)
        self._clock.advance(moment)

    async def _already_done(self, step: ScenarioStep) -> bool:
        """Whether a participant has already approved or published the draft of a step."""
        if not self._joined or step.line.split()[0] not in ("approve", "publish"):
            return False

        def no_draft() -> bool:
            with self._foghorn.store.read() as tx:
                found = [incidents.find_incident(tx, number) for number in range(1, 10)]
                return all(updates.find_draft(tx, each) is None for each in found if each)

        return await self._foghorn.desk.in_thread(no_draft)

    async def _next_reminder(self, until: datetime) -> datetime | None:
        """The next time up to `until` at which a reminder is due."""

        def look() -> datetime | None:
            with self._foghorn.store.read() as tx:
                near = [promise for promise, _incident in promises.promises_due(tx, until + AHEAD)]
                coming = [next_at(promise, promises.nudges_sent(tx, promise)) for promise in near]
            return min((at for at, _step in filter(None, coming) if self._clock() < at <= until), default=None)

        return await self._foghorn.desk.in_thread(look)

    def _refusal(self, answer: Answer) -> str | None:
        """Why a line was not carried out; None if it was."""
        zone = self._foghorn.app.organisation.zone
        if isinstance(answer, Notice) and answer.refused:
            return say_plain(answer.sentence, zone)
        if isinstance(answer, Form):
            return say_plain(answer.note, zone) if answer.note else f"“{answer.title}” needs more details."
        return None
