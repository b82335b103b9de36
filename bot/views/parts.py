"""The neutral parts that views are laid out in. A renderer knows these parts, and no view."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from bot.views.answers import Button
from bot.views.phrases import RoomName, Sentence

DOT = " · "
"""Separates facts within a line."""

CONTINUED = "… continued"
"""Ends a message that was cut off; a link to the rest if there is one."""


@dataclass(frozen=True)
class Strong:
    """Words that stand out."""

    words: str | Sentence


@dataclass(frozen=True)
class Dated:
    """A time with its date."""

    at: datetime


@dataclass(frozen=True)
class Due:
    """A deadline; platforms that can show a countdown add one."""

    at: datetime


@dataclass(frozen=True)
class Mention:
    """An account on the platform of the message, or a user group or role there, which is notified."""

    account: str
    group: bool = False


@dataclass(frozen=True)
class Link:
    """A URL and the words that are shown for it."""

    url: str
    label: str


@dataclass(frozen=True)
class Verb:
    """A command by its verb, as a platform calls it."""

    name: str


Span = str | Strong | datetime | Dated | Due | Sentence | RoomName | Mention | Link | Verb
"""A piece of a line. A plain `str` may hold typed text, so it is never interpreted as markup."""


@dataclass(frozen=True)
class Heading:
    """The title of a message or of a section."""

    text: str


@dataclass(frozen=True)
class Paragraph:
    """Lines that belong together; `small` if they are secondary.

    `in_summary`: the summary says the same, so a platform that shows the summary leaves the paragraph out.
    """

    lines: tuple[tuple[Span, ...], ...]
    small: bool = False
    in_summary: bool = False


@dataclass(frozen=True)
class Quote:
    """Text under review or written by someone else, marked as a quotation."""

    spans: tuple[Span, ...]


@dataclass(frozen=True)
class Text:
    """Published text: literal, and with its line breaks."""

    text: str


@dataclass(frozen=True)
class Code:
    """Text to copy: exactly as it is."""

    text: str


@dataclass(frozen=True)
class MenuItem:
    """A button with an explanation."""

    button: Button
    about: str


@dataclass(frozen=True)
class Buttons:
    """Prepared commands. `menu` has more of them, for platforms that have menus."""

    buttons: tuple[Button, ...]
    menu: tuple[MenuItem, ...] = ()


Part = Heading | Paragraph | Quote | Text | Code | Buttons
"""A closed union; every renderer shows all of them."""


class Tone(Enum):
    """The color of a message; never the only sign of a fact."""

    QUIET = "quiet"
    CALM = "calm"
    GOOD = "good"
    WARN = "warn"
    BAD = "bad"


@dataclass(frozen=True)
class Layout:
    """A view, laid out. Parts that do not fit are cut off at the end; the `tail` never is.

    `summary` is one line for lock screens; `details` continue it for screen readers. `link` is where customers read on.
    """

    summary: tuple[Span, ...]
    parts: tuple[Part, ...]
    tail: tuple[Part, ...] = ()
    details: tuple[Span, ...] = ()
    tone: Tone = Tone.QUIET
    link: Link | None = None


def line(*spans: Span | None) -> tuple[Span, ...]:
    """A line of the spans that are not empty."""
    return tuple(span for span in spans if span)


def lines(*each: Sequence[Span], small: bool = False, in_summary: bool = False) -> tuple[Paragraph, ...]:
    """A paragraph of the lines that are not empty; none without any."""
    kept = tuple(tuple(spans) for spans in each if spans)
    return (Paragraph(kept, small, in_summary),) if kept else ()


def row(buttons: Sequence[Button]) -> tuple[Part, ...]:
    """A row of buttons; none without any."""
    return (Buttons(tuple(buttons)),) if buttons else ()
