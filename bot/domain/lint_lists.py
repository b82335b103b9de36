"""What foghorn.toml tells the lint about an organization."""

import re
from ipaddress import ip_network

from pydantic import BaseModel, ConfigDict, Field, field_validator


class LintLists(BaseModel):
    """Words are compared without case."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    internal_hosts: tuple[str, ...] = ()  # regular expressions, in addition to the built-in ones
    allowed_hosts: tuple[str, ...] = ()
    allowed_addresses: tuple[str, ...] = ()  # IP networks that customers may read
    allowed_tickets: tuple[str, ...] = ("UTC", "GPT", "CVE", "ISO", "SHA", "AES")  # not ticket keys: GPT-4
    allowed_contacts: tuple[str, ...] = ()  # e-mail addresses and phone numbers that customers may read
    vendors: str = Field(default="warn", pattern="^(allow|warn|block)$")  # suppliers named together with a failure
    customers: tuple[str, ...] = ()
    staff: tuple[str, ...] = ()  # in addition to the people below
    jargon: dict[str, str] = {}  # word -> plain replacement, in addition to the built-in ones
    off: tuple[str, ...] = ()  # rules switched off

    @field_validator("internal_hosts")
    @classmethod
    def _patterns(cls, patterns: tuple[str, ...]) -> tuple[str, ...]:
        for pattern in patterns:
            try:
                re.compile(pattern)
            except re.error as problem:
                raise ValueError(f"“{pattern}” is not a regular expression ({problem})") from problem
        return patterns

    @field_validator("allowed_addresses")
    @classmethod
    def _networks(cls, networks: tuple[str, ...]) -> tuple[str, ...]:
        for network in networks:
            try:
                ip_network(network, strict=False)
            except ValueError as problem:
                raise ValueError(
                    f"“{network}” is not an IP address or network; use one such as 192.0.2.0/24"
                ) from problem
        return networks
