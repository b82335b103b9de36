"""Support reply, timeline, and delivery report."""

from dataclasses import dataclass
from datetime import datetime

from bot.domain.audiences import Audience
from bot.domain.deliveries import DeliveryState
from bot.domain.record import with_source
from bot.views.answers import Button
from bot.views.phrases import RoomName, Sentence


@dataclass(frozen=True)
class Macro:
    """The published text for support staff, as plain text that is ready to paste."""

    incident: str
    audience: Audience
    language: str
    title: str
    text: str
    published_at: datetime
    promised_at: datetime | None
    stale: Sentence | None  # why it should not be pasted now
    approved_by: str = ""  # “Ana Silva and Ben Osei”; whoever published it, if no approval was needed


@dataclass(frozen=True)
class EntryLine:
    """One entry of the record."""

    number: int
    at: datetime
    who: str
    platform: str
    kind: str
    text: str
    redacted: bool = False
    published: tuple[str, str] | None = None  # the title and the text that customers got
    where: str = ""  # “on Slack”; empty for what Foghorn did by itself

    @property
    def source(self) -> tuple[str, str]:
        """The text, and the link at its end if it is a copy of a chat message."""
        return with_source(self.text)


@dataclass(frozen=True)
class Timeline:
    """The record of one incident, newest first."""

    incident: str
    entries: tuple[EntryLine, ...]


@dataclass(frozen=True)
class DeliveryLine:
    """One destination of one update."""

    destination: str | RoomName
    state: DeliveryState
    at: datetime | None
    reason: str
    maybe_twice: bool = False
    attempts: int = 0


@dataclass(frozen=True)
class DeliveryReport:
    """Where an update was delivered and when, or why it was not."""

    incident: str
    number: int
    update: str  # "update 3 (identified)"
    published_at: datetime | None
    sent: int
    total: int
    lines: tuple[DeliveryLine, ...]
    buttons: tuple[Button, ...]
    lead: Sentence | None = None  # what just happened, such as "Published: update 3."
    title: str = ""  # what customers read, with its body
    body: str = ""
