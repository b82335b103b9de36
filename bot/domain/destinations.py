"""Where messages are delivered."""

from dataclasses import dataclass
from typing import Any, Self

from sqlalchemy import Column, String
from sqlalchemy.types import TypeDecorator

ROOM = "room:"
QUEUE = "queue:"


@dataclass(frozen=True)
class Destination:
    """A place on a platform, or the room of an incident, whose channel is looked up when something is sent.

    As text: `slack:C0123`, `discord:@123`, `local:#status`, `webhook:crm`, `slack:room:INC-42`. A `queue` has an order
    of its own: `slack:room:INC-42:card` and `discord:queue:followers:123` do not wait for other messages to that place.
    """

    platform: str
    place: str = ""  # the channel or account
    incident: str = ""  # INC-42, for its room
    queue: str = ""

    @classmethod
    def parse(cls, text: str) -> Self:
        """From its text."""
        platform, _, rest = text.partition(":")
        if rest.startswith(QUEUE):
            queue, _, place = rest.removeprefix(QUEUE).partition(":")
            return cls(platform, place, queue=queue)
        if not rest.startswith(ROOM):
            return cls(platform, rest)
        incident, _, queue = rest.removeprefix(ROOM).partition(":")
        return cls(platform, incident=incident, queue=queue)

    @classmethod
    def of_person(cls, platform: str, account: str) -> Self:
        """Direct messages to an account. IDs of people and channels look alike on Discord, so a person's has an `@`."""
        return cls(platform, f"@{account}" if account.isdigit() else account)

    def __str__(self) -> str:
        if not self.incident:
            return f"{self.platform}:" + (f"{QUEUE}{self.queue}:" if self.queue else "") + self.place
        return f"{self.platform}:{ROOM}{self.incident}" + (f":{self.queue}" if self.queue else "")


class _DestinationText(TypeDecorator[Destination]):
    impl = String
    cache_ok = True

    def process_bind_param(self, value: Destination | None, _dialect: Any) -> str | None:
        return None if value is None else str(value)

    def process_result_value(self, value: str | None, _dialect: Any) -> Destination | None:
        return None if value is None else Destination.parse(value)


def destination_column(*, unique: bool | None = None, index: bool | None = None) -> Column[Any]:
    """A destination, stored as its text."""
    return Column(_DestinationText, nullable=False, unique=unique, index=index)
