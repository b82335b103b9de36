"""The interfaces that a platform implements."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol, TypeVar, runtime_checkable

from bot.views import Post, RoomStep

T = TypeVar("T")
WITHOUT = "without "
"""The reference of a room step that could not be done and is skipped starts with this."""


MAX_CONCURRENT = 16
"""How many deliveries of one platform run at once, unless the messenger's `max_concurrent` allows more."""


class CannotLookError(Exception):
    """The platform cannot tell whether a message arrived. The delivery then says “may have been sent twice”."""


class RunInThread(Protocol):
    """Runs work that waits for the database in another thread: `Desk.in_thread`."""

    def __call__(self, work: Callable[[], T], /) -> Awaitable[T]:
        """The result of `work`."""


ProcessId = Callable[[], str | None]
"""The ID of this process, which its leases start with; None while it must not claim or send anything."""


@dataclass(frozen=True)
class PlatformChannel:
    """A channel on a platform; without a name if it was not looked up."""

    id: str
    name: str = ""


@dataclass(frozen=True)
class CheckResult:
    """The result of one check of `foghorn doctor`: what was checked, how it is, and whether that is as it should be."""

    what: str
    words: str
    well: bool
    channel: str = ""  # the channel that can be written to, as the check found


@runtime_checkable
class ChannelDirectory(Protocol):
    """Finds the channels of a platform."""

    async def find_channel(self, typed: str, /, *, to_write: bool) -> PlatformChannel:
        """The channel with an ID, `#name`, or name. `to_write`: Foghorn has to be able to write there.

        Raises NoSuchChannel, NotFound, NotAllowed, ChannelNotLookedUp.
        """


@dataclass(frozen=True)
class PlatformPerson:
    """A user of a platform. `refused` says why they cannot take part, such as “is a bot”; empty: a full member."""

    id: str
    name: str
    refused: str = ""


@dataclass(frozen=True)
class PlatformId:
    """What an ID in a text refers to: `<@U0123>` is a person, `<#C0123>` a channel, `<@&123>` a group."""

    kind: Literal["person", "channel", "group"]
    id: str


@runtime_checkable
class PeopleDirectory(Protocol):
    """Knows the users of a platform, and the names behind its IDs. Both methods raise SendFailed."""

    async def find_person(self, typed: str, /) -> PlatformPerson | None:
        """The user with an ID, or else the one with a handle or name. Raises NotFound if several have it."""

    async def name_of(self, reference: PlatformId, /) -> str | None:
        """The name behind an ID; None if there is none. A channel that not everyone can see keeps its name: empty."""


@runtime_checkable
class SupportsAnnouncements(Protocol):
    """Announces incidents in channels of responders, and looks who reads a channel before each message."""

    async def check_internal(self, channel: str, /) -> str:
        """The name of a channel that only this organization reads: `#ops`.

        Raises SendFailed, permanent and with the reason if others read it or Foghorn cannot see it.
        """


class LanguageModel(Protocol):
    """A language model that suggests words for a draft."""

    async def answer(self, messages: list[dict[str, str]], /) -> str:
        """Its answer to the messages of a chat. Raises AssistantAway."""


class Messenger(Protocol):
    """Delivers posts on one platform. `destination` comes without the platform: `#status` of `local:#status`.

    `send`, `reply`, and `edit` raise SendFailed (permanent or not, with Retry-After) or OutcomeUnknown.
    """

    async def send(self, destination: str, post: Post, delivery: str, /) -> str:
        """Send once and return the message's reference. `delivery` is attached, so that `find` can look for it."""

    async def reply(self, destination: str, reference: str, post: Post, delivery: str, /) -> str:
        """Reply to a message; on a platform without threads, send a separate message."""

    async def edit(self, destination: str, reference: str, post: Post, delivery: str, /) -> str:
        """Change a message. Repeating it has no effect."""

    async def find(self, destination: str, delivery: str, since: datetime, /) -> str | None:
        """The reference of the message that carries this delivery, if it arrived. Raises CannotLookError."""


@runtime_checkable
class SupportsRooms(Protocol):
    """Creates and manages incident rooms on a platform that has rooms.

    With `has_threads = True`, entries of the record that are only worth reading become replies to the card.
    """

    async def change_room(self, channel: str, step: RoomStep, delivery: str) -> str:
        """Carry out one step. It can be repeated: a room that may exist is looked for before it is made.

        The reference of OpenRoom is `channel id name`; of all other steps, anything but empty. It is WITHOUT and what
        is missing if the platform does not allow the step. Raises SendFailed.
        """


@runtime_checkable
class ListsRooms(Protocol):
    """Lists the rooms that Foghorn made, so that a restored database gives none of their numbers out again."""

    async def room_labels(self) -> Sequence[str]:
        """What begins with the number of its incident in each room, including archived ones. Raises SendFailed."""


@runtime_checkable
class SupportsFollowers(Protocol):
    """Passes messages on to the places that follow a channel, such as other servers on Discord."""

    async def pass_on(self, destination: str, reference: str, /) -> str:
        """The outcome, for the delivery report; empty if the destination cannot be followed.

        It can be repeated. Raises SendFailed with `retry_after_s` if the platform allows it only later, otherwise
        nothing.
        """


@runtime_checkable
class SharesLimits(Protocol):
    """Stays below the limits of its platform, which counts what all processes send."""

    def share_limits(self, processes: int, /) -> None:
        """So many processes send, and each uses its part. Called again when one starts or ends."""


@runtime_checkable
class SupportsRemoval(Protocol):
    """Deletes messages on a platform that allows it."""

    async def remove(self, destination: str, reference: str, /) -> None:
        """Delete one of our messages. One that is already gone is no error. Raises SendFailed."""

    async def copies(self, destination: str, delivery: str, since: datetime, /) -> Sequence[str]:
        """The references of all messages that carry this delivery. Raises CannotLookError, SendFailed."""
