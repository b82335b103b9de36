"""What foghorn.toml tells the lint about an organization."""

from ipaddress import ip_network
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, field_validator

from bot.domain.checked import Text, shaped
from bot.domain.expressions import expression

_HOST = shaped(r"[\w-]+(\.[\w-]+)*", "a host such as docs.example.com, without https:// and a path")


class LintLists(BaseModel):
    """Words are compared without case."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    internal_hosts: tuple[
        Annotated[str, AfterValidator(expression)], ...
    ] = ()  # regular expressions, in addition to the built-in ones
    allowed_hosts: tuple[Annotated[str, _HOST], ...] = ()
    allowed_addresses: tuple[str, ...] = ()  # IP networks that customers may read
    allowed_tickets: tuple[Text, ...] = ("UTC", "GPT", "CVE", "ISO", "SHA", "AES")  # not ticket keys: GPT-4
    allowed_contacts: tuple[Text, ...] = ()  # e-mail addresses and phone numbers that customers may read
    vendors: Literal["allow", "warn", "block"] = "warn"  # suppliers named together with a failure
    customers: tuple[Text, ...] = ()
    staff: tuple[Text, ...] = ()  # in addition to the people below
    jargon: dict[Text, str] = {}  # word -> plain replacement, in addition to the built-in ones
    off: tuple[Text, ...] = ()  # rules switched off

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
