"""How fields and verbs appear as parameters and subcommands of a native command, such as Discord's `/incident`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Kind(StrEnum):
    """What a parameter accepts."""

    TEXT = "text"
    LINE = "line"  # text that may include other fields: `Tasks wait since:21:02`
    NUMBER = "number"
    MINUTES = "minutes"
    YES_NO = "yes_no"
    CHANNEL = "channel"
    PERSON = "person"
    IMPACTS = "impacts"  # one component and its impact, or several as text


@dataclass(frozen=True)
class Parameter:
    """A field as a parameter. Empty: the field's own name, and whether the field is required."""

    about: str
    name: str = ""
    kind: Kind = Kind.TEXT
    required: bool | None = None
    completes: str = ""  # the kind of completion offered while typing; see `completions`
    choices: tuple[tuple[str, str | int], ...] = ()  # label and value
    longest: int = 0
    between: tuple[int, int] | None = None


@dataclass(frozen=True)
class Subcommand:
    """A verb as a subcommand; `fixed` are the values that it implies: `nudge off`. Empty: the verb's own name."""

    about: str
    name: str = ""
    fixed: Mapping[str, str] = field(default_factory=dict)


SEVERITIES = tuple((f"SEV{number}", number) for number in range(1, 5))
MODES = (("Headline and thread", "thread"), ("One message, kept current", "current"), ("One message each", "every"))
GROUPS = {
    "draft": "Work on the open draft",
    "subscription": "Choose which channels get updates",
    "nudge": "Manage reminders for the next update",
    "record": "See, export, and redact the timeline",
}
"""The groups of subcommands."""
