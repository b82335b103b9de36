"""Host names and IP addresses as the network reads them, however they are written."""

import socket
import unicodedata
from ipaddress import IPv4Address, IPv6Address, ip_address


def plain_host(host: str) -> str:
    """A host in ASCII if it has such a form, such as digits of another script. Source: UTS 46, mapping step."""
    plain = unicodedata.normalize("NFKC", host).casefold().replace("\u3002", ".")
    return "".join(str(unicodedata.decimal(each, each)) for each in plain)


def address_of(host: str) -> IPv4Address | IPv6Address | None:
    """The IP address that a host is, also one such as `127.1` or `2130706433`; None for a name."""
    plain = plain_host(host).strip("[]").partition("%")[0]
    try:
        return ip_address(plain)
    except ValueError:
        pass
    try:
        return IPv4Address(socket.inet_aton(plain)) if plain[:1].isdigit() else None
    except (OSError, UnicodeEncodeError):
        return None


def is_loopback(host: str) -> bool:
    """Whether only this machine can connect to a host."""
    if plain_host(host).rstrip(".") == "localhost":
        return True
    found = address_of(host)
    if isinstance(found, IPv6Address) and found.ipv4_mapped:
        return found.ipv4_mapped.is_loopback
    return found is not None and found.is_loopback
