"""Rooms: where people work on an incident, at most one per platform."""

import re
from datetime import datetime

from anyascii import anyascii
from sqlmodel import Field

from bot.domain.columns import Row
from bot.domain.times import Zone

NAME_LIMIT = 80  # Slack: docs.slack.dev, conversations.create; Discord allows 100


class Room(Row, table=True):
    """A channel of one platform for one incident."""

    platform: str = Field(primary_key=True)
    channel: str = Field(primary_key=True)
    incident_id: str = Field(foreign_key="incident.id", index=True)
    name: str = ""  # as people see it: "inc-2026-04-20-api-errors"
    archived: bool | None = None  # as the platform last reported; None: it has reported nothing


def room_name(title: str, opened_at: datetime, zone: Zone, number: int, *, limit: int = NAME_LIMIT) -> str:
    """`inc-2026-04-20-chatgpt-and-api-errors`, cut at a word; the incident's number if no word is left.

    Other scripts are transliterated: `ログイン障害` becomes `roguinzhanghai`.
    """
    plain = re.sub("[`']", "", anyascii(title))  # marks of letters that Latin does not have
    words = re.findall(r"[a-z0-9]+", plain.casefold()) or [str(number)]
    name = f"inc-{opened_at.astimezone(zone.tz):%Y-%m-%d}"
    words[0] = words[0][: limit - len(name) - 1]  # a title without spaces is one word
    for word in words:
        if len(name) + 1 + len(word) > limit:
            break
        name += f"-{word}"
    return name
