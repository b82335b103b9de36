"""The replies that any command can give, and the parts that views share."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from bot.views.phrases import Sentence


@dataclass(frozen=True)
class Button:
    """A prepared command: `words` is what would follow the verb. A button never grants permission."""

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
    outdated: bool = False  # refused because the message with the button is out of date
    refusal: str = ""  # for programs: the kind of a refusal, such as NotFound or Busy

    @property
    def aside(self) -> bool:
        """Whether it never replaces another message, because the refused action can be tried again there."""
        return self.refused and not self.outdated


@dataclass(frozen=True)
class Option:
    """One choice of a field."""

    value: str
    label: str


class Asks(StrEnum):
    """What a field asks for. A platform that has a control for it shows that, and takes typed text too."""

    WORDS = "words"
    PERSON = "person"
    CHANNEL = "channel"
    TIME = "time"
    DAY = "day"
    ONE = "one"  # one of the options, which are all visible; none is chosen at first
    IMPACTS = "impacts"  # `api=partial,chatgpt=major`: the options are components, and each gets one of the values


@dataclass(frozen=True)
class FormField:
    """One field, with what was typed so far and what is wrong with it."""

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
    theirs: str = ""  # what someone else saved in this field in the meantime, shown next to what was typed
    asks: Asks = Asks.WORDS
    values: tuple[Option, ...] = ()

    @property
    def chosen(self) -> dict[str, str] | None:
        """Component -> the word of its impact; None if what was typed cannot be shown as choices."""
        pairs = dict(part.strip().partition("=")[::2] for part in self.typed.split(",") if part.strip())
        known = pairs.keys() <= {o.value for o in self.options} and set(pairs.values()) <= {
            o.value for o in self.values
        }
        return pairs if known else None


@dataclass(frozen=True)
class Form:
    """The values a command needs before it can run; nothing has changed yet."""

    verb: str
    title: str
    submit: str
    fields: tuple[FormField, ...]
    incident: str = ""
    kept: tuple[tuple[str, str], ...] = ()  # hidden values, such as the revision that was shown
    note: Sentence | None = None
    refused: bool = False  # it was submitted and rejected; the note says why

    @property
    def heading(self) -> str:
        """Its title, which names the incident."""
        return self.title if self.incident in self.title else f"{self.title} {self.incident}"

    def narrowed(self, possible: Mapping[str, Collection[str]]) -> "Form":
        """With the options that are possible now, by field. A field without any is not asked."""
        fields = []
        for field in self.fields:
            options = tuple(each for each in field.options if each.value in possible.get(field.name, (each.value,)))
            if options or not field.options:
                fields.append(replace(field, options=options))
        return replace(self, fields=tuple(fields))


@dataclass(frozen=True)
class Line:
    """One line of a listing."""

    words: Sentence
    buttons: tuple[Button, ...] = ()


@dataclass(frozen=True)
class Listing:
    """A heading and lines, or a sentence for an empty list."""

    title: str
    lines: tuple[Line, ...]
    empty: str = ""
    buttons: tuple[Button, ...] = ()


@dataclass(frozen=True)
class HelpLine:
    """The help for one command."""

    verb: str
    line: str
    example: str
    who_may: str
    keys: tuple[str, ...] = ()  # the fields, in the help for a single command: "next: Next update. ..."


@dataclass(frozen=True)
class HelpGroup:
    """The commands for one purpose, by their verbs."""

    purpose: str
    verbs: tuple[str, ...]


@dataclass(frozen=True)
class Help:
    """One command; or what needs the reader, the open incidents, and the commands in groups."""

    lines: tuple[HelpLine, ...] = ()
    open: tuple[Line, ...] = ()
    groups: tuple[HelpGroup, ...] = ()
    waiting: tuple[Line, ...] = ()
    buttons: tuple[Button, ...] = ()


@dataclass(frozen=True)
class Document:
    """A file for the person who asked: a retrospective or an export."""

    name: str
    media_type: str
    text: str
