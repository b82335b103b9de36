"""What any command may answer, and the parts that views share."""

from dataclasses import dataclass

from bot.views.phrases import Sentence


@dataclass(frozen=True)
class Button:
    """A command already typed: `words` is what would follow the verb. A button names, it never authorises."""

    label: str
    verb: str
    words: str = ""
    primary: bool = False
    danger: bool = False


@dataclass(frozen=True)
class Notice:
    """One or two sentences: what happened, why, what to do next."""

    sentence: Sentence
    refused: bool = False
    buttons: tuple[Button, ...] = ()


@dataclass(frozen=True)
class Option:
    """One choice of a field."""

    value: str
    label: str


@dataclass(frozen=True)
class FormField:
    """One question, with what was typed so far and what is wrong with it."""

    name: str
    label: str
    typed: str = ""
    problem: Sentence | None = None
    hint: str = ""
    long: bool = False
    required: bool = False
    options: tuple[Option, ...] = ()
    many: bool = False  # several options may be chosen; `typed` joins them with commas
    limit: int = 3000
    theirs: str = ""  # what somebody else wrote here meanwhile, to be read beside what was typed


@dataclass(frozen=True)
class Form:
    """What is still needed before a command can run; nothing has been changed."""

    verb: str
    title: str
    submit: str
    fields: tuple[FormField, ...]
    incident: str = ""
    kept: tuple[tuple[str, str], ...] = ()  # values that go with the form unasked, such as the revision that was read
    note: Sentence | None = None
    refused: bool = False  # it was sent in, and comes back because of what the note says


@dataclass(frozen=True)
class Line:
    """One line of a listing."""

    words: Sentence
    buttons: tuple[Button, ...] = ()


@dataclass(frozen=True)
class Listing:
    """A heading and lines, or a sentence that says why there are none."""

    title: str
    lines: tuple[Line, ...]
    empty: str = ""
    buttons: tuple[Button, ...] = ()


@dataclass(frozen=True)
class HelpLine:
    """One verb explained."""

    verb: str
    line: str
    example: str
    who_may: str
    keys: tuple[str, ...] = ()  # what else can be typed, when one verb alone is explained: "next: Next update. ..."


@dataclass(frozen=True)
class Help:
    """What can be typed."""

    lines: tuple[HelpLine, ...]
    open: tuple[Line, ...] = ()  # the open incidents, when nothing was typed


@dataclass(frozen=True)
class Document:
    """A file for the person: retrospective or export."""

    name: str
    media_type: str
    text: str
