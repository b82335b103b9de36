"""The nudge as people see it: in the room, in the direct message, and as the answer to a snooze."""

from dataclasses import dataclass
from datetime import datetime

from bot.views.answers import Button
from bot.views.phrases import Sentence


@dataclass(frozen=True)
class NudgeCard:
    """One nudge: ringing, snoozed, waiting for approval, or dealt with."""

    incident: str
    title: str
    sentence: Sentence
    due_at: datetime
    ready: str  # the "no change" text that Publish sends; empty: nothing is ready
    buttons: tuple[Button, ...]
    nobody: bool = False  # nobody holds a role in it, so a group may be rung instead of a person
    rings: tuple[str, ...] = ()  # accounts on the platform it is sent to: a mention is a tap on the shoulder
