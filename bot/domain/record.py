"""The record: what happened, appended and never changed."""

import re
from datetime import datetime
from enum import StrEnum

from sqlmodel import Field, Index, UniqueConstraint

from bot.domain.columns import Row, enum_column
from bot.ids import new_id

_SOURCE = re.compile(r"(.*\nCopied at [^\n]* from )(https://\S+)", re.DOTALL)
SHORTEST = 6  # characters
_SPACE = r"\s+"
OWN_SURFACES = {"cli": "on the command line", "console": "in the console", "local": ""}
DECLARED_BECAUSE = "Why it was declared: "
"""Begins the note that says why an incident is a separate one."""


def with_source(text: str) -> tuple[str, str]:
    """The text of an entry, and the link at its end if it is a copy of a chat message."""
    found = _SOURCE.fullmatch(text)
    return (found[1], found[2]) if found else (text, "")


def without(text: str, words: str) -> str:
    """The text with “(redacted)” in place of these words, in any case and spacing, and with or without escapes.

    Very short ones, such as `on`, stay, because they occur in many sentences.
    """
    if len(words) < SHORTEST:
        return text
    parts = ("".join(rf"\\?{re.escape(each)}" for each in part) for part in words.rstrip(".").split())
    return re.sub(rf"(?<!\w){_SPACE.join(parts)}(?!\w)", "(redacted)", text, flags=re.IGNORECASE)


def holds(text: str, words: str) -> bool:
    """Whether `without` changes the text."""
    return without(text, words) != text


class EntryKind(StrEnum):
    """What an entry is about."""

    DECLARED = "declared"
    DRAFTED = "drafted"
    EDITED = "edited"
    REWRITTEN = "rewritten"
    REPLACED = "replaced"
    DISCARDED = "discarded"
    APPROVED = "approved"
    APPROVAL_ASKED = "approval asked"
    PUBLISHED = "published"
    CORRECTED = "corrected"
    SEVERITY = "severity changed"
    IMPACT = "impact changed"
    ROLE = "role changed"
    PRIVACY = "visibility changed"
    INVITED = "invited"
    NOTE = "note"
    REDACTED = "redacted"
    PROMISED = "promised"
    PROMISE_KEPT = "promise kept"
    PROMISE_LATE = "promise late"
    PROMISE_ENDED = "promise ended"
    NUDGED = "nudged"
    NUDGE_SNOOZED = "nudge snoozed"
    NUDGES = "nudges switched"
    DELIVERY_FAILED = "delivery failed"
    RETRIED = "delivery retried"
    STOPPED = "delivery stopped"
    POSTED_AGAIN = "posted again"
    TEMPLATE_FAILED = "template failed"
    CLOSED = "closed"
    MERGED = "merged"
    REOPENING = "reopening"
    RETROSPECTIVE = "retrospective saved"
    RESTORED = "database restored"


class RecordEntry(Row, table=True):
    """One line of an incident's history. Its text is stored in `entry_text`, so that it can be removed."""

    __tablename__ = "record_entry"
    __table_args__ = (UniqueConstraint("incident_id", "number"),)

    id: str = Field(default_factory=lambda: new_id("ent"), primary_key=True)
    incident_id: str = Field(foreign_key="incident.id", index=True)
    number: int  # within the incident: `redact 17`
    at: datetime
    person_id: str | None = Field(default=None, foreign_key="person.id")  # None: Foghorn itself
    platform: str = ""  # where it was typed
    kind: EntryKind = Field(sa_column=enum_column(EntryKind))
    update_id: str | None = Field(default=None, foreign_key="update.id", index=True)

    @property
    def surface(self) -> str:
        """Where a person typed it: “on Slack”. Empty for what Foghorn did by itself."""
        if self.person_id is None or not self.platform:
            return ""
        return OWN_SURFACES.get(self.platform, f"on {self.platform.capitalize()}")


class EntryText(Row, table=True):
    """The text of an entry."""

    __tablename__ = "entry_text"

    entry_id: str = Field(foreign_key="record_entry.id", primary_key=True)
    text: str
    redacted_at: datetime | None = None


class InboxState(StrEnum):
    """Makes sure that a command runs only once, however often it is delivered."""

    WAITING = "waiting"
    DONE = "done"


class InboxRow(Row, table=True):
    """A command accepted from a platform and stored before it is acknowledged."""

    __tablename__ = "inbox"
    __table_args__ = (Index("inbox_state", "state", "received_at"),)

    key: str = Field(primary_key=True)  # "slack:<trigger id>", "console:<form key>"
    payload: str = ""  # the invocation as JSON
    handle: str = ""  # where to answer: a secret, deleted after 30 minutes
    state: InboxState = Field(default=InboxState.WAITING, sa_column=enum_column(InboxState))
    received_at: datetime = Field(index=True)  # by the elapsed-time clock (bot/store/elapsed.py)
    process: str = Field(default="", sa_column_kwargs={"server_default": ""})  # that accepted it or took it over
