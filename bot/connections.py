"""What this process knows of its connections to the platforms, for health checks and for telling people."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from bot.clock import Elapsed, elapsed_s


@dataclass
class Traffic:
    """When a platform last sent us something, and when it last carried out a call, in elapsed seconds."""

    heard_s: float | None = None
    answered_s: float | None = None
    elsewhere: bool = False
    """Another process holds the only connection, so this one cannot tell how it is."""

    def heard(self) -> None:
        """It sent something, such as a command."""
        self.heard_s = elapsed_s()

    def answered(self) -> None:
        """It carried out a call."""
        self.answered_s = elapsed_s()


class Connection(Protocol):
    """A platform, as health checks see it."""

    @property
    def connected(self) -> bool:
        """Whether the platform reaches us and we reach it."""

    @property
    def refused(self) -> int:
        """How many requests from elsewhere were refused."""

    @property
    def traffic(self) -> Traffic:
        """When something was last sent, either way."""


@dataclass(frozen=True)
class ConnectionState:
    """A connection at one moment. Ages are in seconds; None: not since this process started."""

    connected: bool
    since_s: float  # how long it has been so
    heard_s: float | None
    answered_s: float | None
    refused: int
    elsewhere: bool = False  # held by another process


class Connections:
    """The connections of this process, and since when each has been up or down."""

    def __init__(self, watched: Mapping[str, Connection], elapsed: Elapsed = elapsed_s) -> None:
        self._watched = watched
        self._elapsed = elapsed
        self._changed = {name: (False, elapsed()) for name in watched}

    def look(self) -> Mapping[str, ConnectionState]:
        """The state of each platform. It notices changes only when it is called, which happens every few seconds."""
        now = self._elapsed()
        found = {}
        for name, connection in self._watched.items():
            connected, traffic = connection.connected, connection.traffic
            if connected != self._changed[name][0]:
                self._changed[name] = connected, now
            found[name] = ConnectionState(
                connected,
                now - self._changed[name][1],
                None if traffic.heard_s is None else now - traffic.heard_s,
                None if traffic.answered_s is None else now - traffic.answered_s,
                connection.refused,
                traffic.elsewhere,
            )
        return found
