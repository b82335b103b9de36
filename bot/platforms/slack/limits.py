"""Slack's rate limits: about one message a second per channel, and a number of calls a minute per method.

Short waits happen here, with the turn reserved; longer ones are left to the outbox, which tries again later.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic

from bot.errors import SendFailed
from bot.platforms.slack.methods import METHODS

PATIENCE_S = 1.5  # the longest a call waits for its turn
WORKSPACE_PATIENCE_S = 4.0  # for the limit of the whole workspace: all that the outbox sends at once get their turn
POST = "chat.postMessage"
CHANNEL_BURST = 4  # short bursts are tolerated
WORKSPACE_PER_S, WORKSPACE_BURST = 5.0, 50  # "several hundred messages a minute" in the whole workspace


@dataclass
class TokenBucket:
    """A token bucket. A turn can be reserved before it is available."""

    per_s: float
    burst: float
    turns: float = -1.0
    at: float = 0.0

    def wait_s(self, now: float) -> float:
        """Seconds until a turn is free."""
        self.turns = self.burst if not self.at else min(self.burst, self.turns + (now - self.at) * self.per_s)
        self.at = now
        return max(0.0, (1 - self.turns) / self.per_s)


class Limiter:
    """The rate limits of one workspace. Each of the `processes` that send uses its part of them."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self.processes = 1
        self._buckets: dict[tuple[str, str], TokenBucket] = {}
        self._closed_until: dict[tuple[str, str], float] = {}

    async def turn(self, method: str, channel: str = "") -> None:
        """Wait for a turn. Raises SendFailed with a retry time if the wait is too long."""
        wait = self.reserve(method, channel)
        if wait:
            await asyncio.sleep(wait)

    def reserve(self, method: str, channel: str = "") -> float:
        """Reserve a turn and return the seconds until it is available. Raises SendFailed if that is too long."""
        now = self._clock()
        closed = max(self._closed_until.get(key, 0.0) for key in {(method, ""), (method, channel)}) - now
        buckets = self._of(method, channel)
        waits = [bucket.wait_s(now) for bucket in buckets]  # the last one of a message is for the workspace
        wait = max([0.0, closed, *waits])
        if wait > (WORKSPACE_PATIENCE_S if wait in waits[1:] else PATIENCE_S):
            words = "Slack's rate limit is used up for now. Foghorn tries again automatically."
            raise SendFailed(words, retry_after_s=wait)
        for bucket in buckets:
            bucket.turns -= 1
        return wait

    def give_back(self, method: str, channel: str = "") -> None:
        """Slack did not answer, so the call does not count. Otherwise an outage would use up all turns."""
        for bucket in self._of(method, channel):
            bucket.turns += 1

    def close(self, method: str, channel: str, for_s: float) -> None:
        """Slack asked us to wait (429): for messages this applies to the channel, for other calls to the method."""
        key = (method, channel if method == POST else "")
        self._closed_until[key] = self._clock() + for_s

    def _of(self, method: str, channel: str) -> list[TokenBucket]:
        if method == POST:
            return [self._bucket(POST, channel, 1.0, CHANNEL_BURST),
                    self._bucket(POST, "", WORKSPACE_PER_S, WORKSPACE_BURST)]  # fmt: skip
        per_minute = METHODS[method].per_minute if method in METHODS else None
        return [self._bucket(method, "", per_minute / 60, per_minute)] if per_minute else []

    def _bucket(self, method: str, channel: str, per_s: float, burst: float) -> TokenBucket:
        per_s, burst = per_s / self.processes, max(1.0, burst // self.processes)
        bucket = self._buckets.setdefault((method, channel), TokenBucket(per_s, burst))
        bucket.per_s, bucket.burst = per_s, burst
        return bucket
