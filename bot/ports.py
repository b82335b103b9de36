"""What a platform must do for us."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, runtime_checkable

from bot.domain.lint.findings import Finding
from bot.views import Post, RoomStep

WITHOUT = "without "
"""Begins the reference of a step of a room that could not be carried out and is done without."""


AT_ONCE = 16
"""How many deliveries of one platform are under way at once; a messenger whose `at_once` says so takes more."""


class CannotLookError(Exception):
    """The platform cannot be asked whether a message arrived; the delivery then says "may have been sent twice"."""


@dataclass(frozen=True)
class Channel:
    """A channel that exists on a platform; no name: it was not looked up."""

    id: str
    name: str = ""


@runtime_checkable
class Directory(Protocol):
    """Knows the channels of a platform."""

    async def find_channel(self, typed: str, /, *, to_write: bool) -> Channel:
        """The channel of an id, `#name` or a name; `to_write`: where Foghorn can write.

        Raises NoSuchChannel, WhichChannel, ChannelClosed, ChannelNotLookedUp.
        """


class Assistant(Protocol):
    """A language model that suggests words for a draft."""

    async def answer(self, messages: list[dict[str, str]], /) -> str:
        """The words it answers to the messages of a chat. Raises AssistantAway."""


class Messenger(Protocol):
    """Delivers posts of one platform; `destination` is without the platform: `#status` of `local:#status`.

    `send`, `reply` and `edit` raise SendFailed (permanent or not, with Retry-After) or OutcomeUnknown.
    """

    async def send(self, destination: str, post: Post, delivery: str, /) -> str:
        """Send once; the reference of the message. `delivery` is carried along, so that `find` can look for it."""

    async def reply(self, destination: str, reference: str, post: Post, delivery: str, /) -> str:
        """Answer below a message; where the platform has no threads, a message of its own."""

    async def edit(self, destination: str, reference: str, post: Post, delivery: str, /) -> str:
        """Change a message; repeating it changes nothing."""

    async def find(self, destination: str, delivery: str, since: datetime, /) -> str | None:
        """The reference of the message that carries this delivery, if it arrived. Raises CannotLookError."""

    def check(self, post: Post, /) -> Sequence[Finding]:
        """What of this post would not survive the platform: limits and markup. Pure."""


@runtime_checkable
class RoomKeeper(Protocol):
    """Makes and furnishes the rooms of incidents, on a platform that has rooms."""

    async def furnish(self, channel: str, step: RoomStep, delivery: str) -> str:
        """Carry out one step; repeating it changes nothing, a room is looked for before it is made.

        The reference of OpenRoom is `channel id name`, of all others anything but empty; WITHOUT and what is missing
        where the platform does not let us, said once. Raises SendFailed.
        """


@runtime_checkable
class Remover(Protocol):
    """Takes back messages of ours, on a platform that lets us."""

    async def remove(self, destination: str, reference: str, /) -> None:
        """Delete a message of ours; one that is gone already is no failure. Raises SendFailed."""

    async def copies(self, destination: str, delivery: str, since: datetime, /) -> Sequence[str]:
        """The references of all messages that carry this delivery. Raises CannotLookError, SendFailed."""
