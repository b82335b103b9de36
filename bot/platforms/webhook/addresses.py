"""Keeps webhooks out of private networks: which addresses are public."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from bot.intake.platform import address_of

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
    found = address_of(host)  # the HTTP client also connects to digits of another script without resolving them
    if found is not None and not is_public(str(found)):
        raise PrivateAddressError(host)
