"""A reminder, as shown in the room, in direct messages, and in reply to a snooze."""

from dataclasses import dataclass
from datetime import datetime

from bot.views.answers import Button
from bot.views.phrases import Sentence


@dataclass(frozen=True)
class NudgeCard:
    """One reminder: active, snoozed, waiting for approval, or done."""

    incident: str
    title: str
    sentence: Sentence
    due_at: datetime
    ready: str  # the "no change" text that Publish sends; empty: nothing is ready
    buttons: tuple[Button, ...]
    nobody: bool = False  # no one has a role in the incident, so a group can be mentioned instead
    obsolete: bool = False  # its message is deleted, where the platform allows that
    blocks: Sentence | None = None  # why the open draft cannot be published yet
    rings: tuple[str, ...] = ()  # accounts to mention, on the platform it is sent to
