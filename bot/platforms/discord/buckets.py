"""Discord's rate limits: every call that a bucket has left can be used; a call waits only if its bucket is empty.

discord.py's own bucket refuses every call while the reset is far away, even with calls left; returns the call that
empties a bucket only after the reset; and forgets a bucket that stays empty for long, so that Discord refuses the
next call. Source: discord.http 2.7, Ratelimit; docs.discord.com, "Rate Limits".
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from types import TracebackType
from typing import Any

import aiohttp
from discord import RateLimited
from discord.http import HTTPClient, Ratelimit, Route

A_SECOND = 50  # calls of a bot in one second; docs.discord.com, "Rate Limits", "Global Rate Limit"
NOT_COUNTED = ("/interactions/", "/webhooks/")
PATIENCE_S = 10.0  # the longest a call waits for the reset; longer waits are left to the outbox


class RateLimitBucket(Ratelimit):
    """The calls left in one bucket, counted here and corrected by Discord's responses."""

    def __init__(self) -> None:
        super().__init__(None)
        self._known = False
        self._changed = asyncio.Condition()

    async def acquire(self) -> None:
        """Take one call. Raises RateLimited if the bucket stays empty for longer than PATIENCE_S."""
        self._last_request = self._loop.time()
        async with self._changed:
            while not self._free():
                wait = PATIENCE_S if self.expires is None else self.expires - self._loop.time()
                if wait > PATIENCE_S:
                    raise RateLimited(wait)
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(wait + 0.001):
                        await self._changed.wait()
            self.remaining -= 1
            self.outgoing += 1

    def update(self, response: aiohttp.ClientResponse, *, use_clock: bool = False) -> None:
        """Use the smaller count and the later reset: a response may not include calls that are still in flight.

        One that took long may be about the time before the last reset, and would end the present one too early.
        """
        counted, expires = self.remaining, self.expires
        super().update(response, use_clock=use_clock)
        self.expires = max(filter(None, (expires, self.expires)))
        left = int(response.headers.get("X-Ratelimit-Remaining", 0))
        self.remaining = min(counted, left) if self._known else left
        self._known = True

    async def __aexit__(
        self, _kind: type[BaseException] | None, _problem: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.outgoing -= 1
        if self.expires is None:  # there was no response, or it had no rate limit headers
            self._refill()
        async with self._changed:
            self._changed.notify_all()

    def _refill(self) -> None:
        self.reset()  # type: ignore[no-untyped-call]

    def _free(self) -> bool:
        if self.is_expired():
            self._refill()
        return self.remaining > 0


class DiscordHttpClient(HTTPClient):
    """discord.py's HTTP client with our buckets. `answered` is called when Discord carried out a call.

    `timeout_s` is for each request; discord.py would wait for five minutes. `processes`: how many use the token.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        *,
        answered: Callable[[], None],
        processes: Callable[[], int],
        timeout_s: float,
        **options: Any,
    ) -> None:
        super().__init__(loop, **options)
        self._free = asyncio.Semaphore(A_SECOND)
        self._next = asyncio.Lock()
        self._answered, self._processes = answered, processes
        self._timeout = aiohttp.ClientTimeout(total=timeout_s)

    async def request(self, route: Route, **call: Any) -> Any:
        """One call."""
        async with contextlib.nullcontext() if route.path.startswith(NOT_COUNTED) else self._turn():
            answer = await super().request(route, timeout=self._timeout, **call)
        self._answered()
        return answer

    @contextlib.asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        """One of the calls of a second, until a second after its response: Discord counts from when it arrived.

        It takes the turns of the other processes as well.
        """
        taken, loop = min(self._processes(), A_SECOND), asyncio.get_running_loop()
        async with self._next:  # otherwise two could wait for each other
            for _turn in range(taken):
                await self._free.acquire()
        try:
            yield
        finally:
            for _turn in range(taken):
                loop.call_later(1.0, self._free.release)

    def get_ratelimit(self, key: str) -> Ratelimit:
        """The bucket of a route."""
        found = self._buckets.get(key)
        if found is None:
            found = self._buckets[key] = RateLimitBucket()
            self._try_clear_expired_ratelimits()
        return found
