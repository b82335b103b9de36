"""Plays a drill for an audience: the quiet hours take seconds, and the outage takes most of the time."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from itertools import pairwise

from bot.domain.times import Zone, count, span_words
from bot.drill.play import PlayedStep
from bot.drill.scenario import Scenario
from bot.platforms.console.player import ENDED, PAUSED, PLAYING, PlayerState
from bot.reading.figures import Figures

QUIET_S, REST_S = 10.0, 90.0  # before the escalation, and after it
SPEEDS = (1, 2, 4)
MIN_STEP, MAX_STEP = 3.0, 10.0  # minutes that a step can count for after the escalation


def timetable(scenario: Scenario, quiet_s: float = QUIET_S, rest_s: float = REST_S) -> list[float]:
    """When each step is played, in seconds from the start."""
    moments = [scenario.moment(step) for step in scenario.steps]
    first = escalation(scenario) or 0
    gaps = [(after - before).total_seconds() / 60 for before, after in pairwise(moments)]
    counted = [min(max(gap, MIN_STEP), MAX_STEP) for gap in gaps[first:]]
    each, whole = quiet_s / max(1, first), sum(counted) or 1.0
    at = [0.0]
    for number in range(len(gaps)):
        at.append(at[-1] + (each if number < first else counted[number - first] / whole * rest_s))
    return at


def escalation(scenario: Scenario) -> int | None:
    """The number of the step that changes the severity; None if there is none."""
    return next((n for n, step in enumerate(scenario.steps) if step.line.startswith("severity ")), None)


def outcome(found: Figures) -> str:
    """The result in one line: `16 publications, 67 minutes of major outage, every promise kept.`."""
    late = count(found.late, "late promise") if found.late else "every promise kept"
    worst = f"{span_words(found.worst_lasted)} of {found.history.peak.value}" if found.history.at_worst else ""
    return (
        ", ".join(part for part in (count(len(found.history.publications), "publication"), worst, late) if part) + "."
    )


class DrillPlayer:
    """The pace of a drill, which people can pause, speed up, and skip, and what is shown during it."""

    def __init__(self, scenario: Scenario, zone: Zone, names: Mapping[str, str], back: str, lasts_s: float) -> None:
        share = lasts_s / (QUIET_S + REST_S)
        self._at = timetable(scenario, QUIET_S * share, REST_S * share)
        self._moments = [scenario.moment(step) for step in scenario.steps]
        self._skips_to = self._at[escalation(scenario) or 0]
        self._zone, self._names = zone, names
        self._changed = asyncio.Event()
        self._played_s, self._since = 0.0, 0.0  # seconds played up to the last change, and when that was
        self._state = PlayerState(
            PLAYING, zone.clock(scenario.starts), "", scenario.shows.strip(), "", 0, len(scenario.steps), 0.0,
            self._at[-1], 1, can_skip=True, incident="INC-1", back=back,
        )  # fmt: skip

    def begin(self) -> None:
        """Start the clock."""
        self._since = asyncio.get_running_loop().time()

    async def reach(self, moment: datetime) -> None:
        """Return when it is time to play a moment of the scenario."""
        target = self._seconds(moment)
        while (left := target - self._played()) > 0:
            self._changed.clear()
            try:
                async with asyncio.timeout(None if self._state.state == PAUSED else left / self._state.speed):
                    await self._changed.wait()
            except TimeoutError:
                continue

    def show(self, played: PlayedStep) -> None:
        """Show a step that was carried out."""
        step = played.step
        self._state = replace(
            self._state, at=self._zone.clock(played.at), who=self._names[step.who], caption=step.says, line=step.line,
            step=played.number,
        )  # fmt: skip

    def end(self, words: str) -> None:
        """Show how it ended."""
        self._state = replace(self._state, state=ENDED, who="", caption=words, line="")

    def state(self) -> PlayerState:
        """What is shown now."""
        played = self._state.lasts_s if self._state.state == ENDED else min(self._played(), self._state.lasts_s)
        skips = self._state.state != ENDED and played < self._skips_to
        return replace(self._state, played_s=round(played, 1), can_skip=skips)

    def control(self, act: str, /) -> None:
        """Pause, resume, switch to the next speed, or skip to the escalation."""
        if self._state.state == ENDED:
            return
        self._played_s, self._since = self._played(), asyncio.get_running_loop().time()
        if act == "skip":
            self._played_s = max(self._played_s, self._skips_to)
        if act in ("pause", "resume"):
            self._state = replace(self._state, state=PAUSED if act == "pause" else PLAYING)
        if act == "speed":
            faster = SPEEDS[(SPEEDS.index(self._state.speed) + 1) % len(SPEEDS)]
            self._state = replace(self._state, speed=faster)
        self._changed.set()

    def _played(self) -> float:
        """Seconds of the show so far."""
        if self._state.state != PLAYING:
            return self._played_s
        return self._played_s + (asyncio.get_running_loop().time() - self._since) * self._state.speed

    def _seconds(self, moment: datetime) -> float:
        """When a moment is played, in seconds: at the next step, or between it and the previous one."""
        number = self._state.step
        if number == 0 or self._moments[number] <= moment:
            return self._at[number]
        before, after = self._moments[number - 1], self._moments[number]
        share = (moment - before) / (after - before)
        return self._at[number - 1] + share * (self._at[number] - self._at[number - 1])
