"""Changes to an incident's channel, as opposed to messages in it."""

from dataclasses import dataclass

from bot.views.incidents import IncidentCard


@dataclass(frozen=True)
class OpenRoom:
    """Create the channel of an incident. With `again`, look for an existing one first."""

    incident: str  # INC-42
    name: str
    topic: str
    private: bool
    accounts: tuple[str, ...]  # its first members
    mark: str = ""  # opaque; stored in the channel to recognize it later
    card: IncidentCard | None = None  # for a platform whose rooms start with a message
    again: bool = False  # it may exist already, so it is looked for first


@dataclass(frozen=True)
class SetTopic:
    """Set the topic of the channel."""

    topic: str
    mark: str = ""


@dataclass(frozen=True)
class Removal:
    """Remove these accounts from the channel."""

    accounts: tuple[str, ...]


@dataclass(frozen=True)
class Invitation:
    """Add these accounts to the channel."""

    accounts: tuple[str, ...]


@dataclass(frozen=True)
class Bookmark:
    """Add a link to the top of the channel."""

    title: str
    link: str


@dataclass(frozen=True)
class Pin:
    """Pin a message."""

    reference: str


@dataclass(frozen=True)
class Archive:
    """Archive the channel; it stays readable."""


RoomStep = OpenRoom | SetTopic | Invitation | Removal | Bookmark | Pin | Archive
"""A closed union; every platform with rooms carries out all of them."""
