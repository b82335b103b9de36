"""HTTP for webhooks, imported only if there is one. Resolved addresses are checked, and only those are connected to."""

import resource
import socket
from collections.abc import Collection, Mapping

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import DefaultResolver

from bot.errors import OutcomeUnknown, SendFailed
from bot.platforms.webhook.addresses import PrivateAddressError, is_public

OPEN_FILES = 65_536
NO_ANSWER = "the server of this webhook does not answer"


class Sender:
    """One HTTP session for all webhooks. `allowed`: the pairs of host and port that may be in a private network."""

    def __init__(self, allowed: Collection[tuple[str, int]], timeout_s: float) -> None:
        self._allowed = allowed
        self._timeout = aiohttp.ClientTimeout(total=timeout_s, sock_connect=timeout_s * 2 / 3)
        self._session: aiohttp.ClientSession | None = None
        _allow_connections()

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, str]:
        """The status of the answer and its Retry-After. The body is not read.

        Raises SendFailed if nothing was sent, OutcomeUnknown if that is not known, and PrivateAddressError.
        """
        try:
            async with self._open().post(url, data=body, headers=headers, allow_redirects=False) as answer:
                return answer.status, answer.headers.get("retry-after", "")
        except aiohttp.ClientConnectorError as problem:
            if isinstance(problem.os_error, PrivateAddressError):
                raise problem.os_error from None
            raise SendFailed(NO_ANSWER) from problem
        except aiohttp.ConnectionTimeoutError as problem:
            raise SendFailed(NO_ANSWER) from problem
        except (aiohttp.ClientError, TimeoutError) as problem:
            raise OutcomeUnknown(NO_ANSWER) from problem

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()

    def _open(self) -> aiohttp.ClientSession:
        """The session, created on first use because it belongs to the running event loop."""
        if self._session is None:
            connector = aiohttp.TCPConnector(
                resolver=PublicResolver(self._allowed),
                use_dns_cache=False,
                limit=0,  # the outbox limits how many run at once
            )
            self._session = aiohttp.ClientSession(
                connector=connector, timeout=self._timeout, cookie_jar=aiohttp.DummyCookieJar(), auto_decompress=False
            )
        return self._session


def _allow_connections() -> None:
    """Every call that hangs holds a connection. Many systems allow 1,024 unless a process asks for more."""
    allowed, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = OPEN_FILES if most == resource.RLIM_INFINITY else min(OPEN_FILES, most)
    if allowed != resource.RLIM_INFINITY and allowed < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))


class PublicResolver(AbstractResolver):
    """Resolves names to public addresses, and for the `allowed` pairs of host and port to any address."""

    def __init__(self, allowed: Collection[tuple[str, int]]) -> None:
        self._allowed = allowed
        self._resolver = DefaultResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """The addresses to connect to. Raises PrivateAddressError if any is private: a mixed answer is an attack."""
        found = await self._resolver.resolve(host, port, family)
        if (host, port) not in self._allowed and not all(is_public(each["host"]) for each in found):
            raise PrivateAddressError(host)
        return found

    async def close(self) -> None:
        """Close the resolver."""
        await self._resolver.close()
