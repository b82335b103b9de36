"""Keeps webhooks out of private networks: the resolved addresses are checked, and only those are connected to."""

import socket
from collections.abc import Collection
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import DefaultResolver

_NAT64 = ip_network("64:ff9b::/96")


class PrivateAddressError(OSError):
    """The address is not public: a private network, this machine, or a reserved range."""


def is_public(address: str) -> bool:
    """Whether an IP address is public. For an IPv6 address that embeds an IPv4 address, the IPv4 address counts."""
    found = ip_address(address.partition("%")[0])
    if isinstance(found, IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour or (IPv4Address(found.packed[-4:]) if found in _NAT64 else None)
        if found.teredo or (inner and not is_public(str(inner))):
            return False
        if inner is not None:
            return True
    return found.is_global and not found.is_multicast


def check_literal(host: str) -> None:
    """Raise PrivateAddressError for a private IP address. Host names are checked when they are resolved."""
    try:
        public = is_public(host)
    except ValueError:
        return
    if not public:
        raise PrivateAddressError(host)


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
