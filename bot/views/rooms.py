"""What is done to a room rather than said in it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class OpenRoom:
    """Make the channel of an incident; looked for by the incident first, so that a repeated try finds it."""

    incident: str  # INC-42
    name: str
    topic: str
    private: bool
    accounts: tuple[str, ...]  # who is in it from the start
    mark: str = ""  # opaque; kept in the room, so that it is known again


@dataclass(frozen=True)
class SetTopic:
    """One line on top of the room."""

    topic: str
    mark: str = ""


@dataclass(frozen=True)
class Removal:
    """These accounts may no longer read it."""

    accounts: tuple[str, ...]


@dataclass(frozen=True)
class Invitation:
    """Bring these accounts in."""

    accounts: tuple[str, ...]


@dataclass(frozen=True)
class Bookmark:
    """A link kept on top of the room."""

    title: str
    link: str


@dataclass(frozen=True)
class Pin:
    """Pin a message."""

    reference: str


@dataclass(frozen=True)
class Archive:
    """Close the room; it stays readable."""


RoomStep = OpenRoom | SetTopic | Invitation | Removal | Bookmark | Pin | Archive
"""A closed union; every platform with rooms carries out all of them."""
