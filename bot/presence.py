"""Who has the page of an incident open: in this process and, as far as it was told, in others on the same database."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from bot.clock import Elapsed, elapsed_s

SAID_AGAIN_S = 20.0
KNOWN_FOR_S = 60.0  # a process that was killed says nothing any more


@dataclass(frozen=True)
class Visitor:
    """A person with the page open, and the text they are editing there."""

    person: str
    name: str
    editing: str = ""


class Presence:
    """Everything happens in the event loop. `told` is called with the incident when visitors elsewhere changed."""

    def __init__(self, elapsed: Elapsed = elapsed_s) -> None:
        self.news = asyncio.Event()
        """Set when other processes have to be told something."""
        self.told: Callable[[str], None] = lambda _incident: None
        self._elapsed = elapsed
        self._here: dict[str, tuple[Visitor, ...]] = {}
        self._unsaid: set[str] = set()
        self._there: dict[tuple[str, str], tuple[float, tuple[Visitor, ...]]] = {}

    def here(self, incident: str, visitors: Iterable[Visitor]) -> None:
        """Who has the page open in this process now."""
        now = tuple(dict.fromkeys(visitors))
        if now != self._here.get(incident, ()):
            self._here[incident] = now
            self._say([incident])

    def say_again(self) -> None:
        """Tell everything, for processes that do not know it."""
        self._say([incident for incident, visitors in self._here.items() if visitors])

    def unsaid(self) -> Mapping[str, tuple[Visitor, ...]]:
        """What other processes have to be told now; afterwards, that counts as done."""
        found = {incident: self._here[incident] for incident in self._unsaid}
        self._here = {incident: visitors for incident, visitors in self._here.items() if visitors}
        self._unsaid.clear()
        self.news.clear()
        return found

    def heard(self, process: str, incident: str, visitors: Iterable[Visitor]) -> None:
        """Another process said who has the page open there."""
        before = self._there.pop((process, incident), (0.0, ()))[1]
        if now := tuple(visitors):
            self._there[process, incident] = (self._elapsed() + KNOWN_FOR_S, now)
        if now != before:
            self.told(incident)

    def elsewhere(self, incident: str) -> list[Visitor]:
        """Who has the page open in other processes."""
        return [each for (_, of), (_, visitors) in self._there.items() if of == incident for each in visitors]

    def forget_silent(self) -> None:
        """Forget what processes said that have been silent since."""
        now = self._elapsed()
        for process, incident in [said for said, (until, _) in self._there.items() if until <= now]:
            self.heard(process, incident, ())

    def _say(self, incidents: Iterable[str]) -> None:
        self._unsaid.update(incidents)
        if self._unsaid:
            self.news.set()
