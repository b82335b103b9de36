"""What a command is: a verb, the fields it asks for, who may use it, and the function that runs it."""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from enum import StrEnum
from functools import cached_property
from typing import Any, TypeVar

from bot.commands import fields
from bot.commands.context import Context
from bot.commands.fields import Field, FieldMissing, ParseContext, kept
from bot.commands.parameters import Parameter, Subcommand
from bot.commands.shared_fields import INCIDENT
from bot.commands.synonyms import SYNONYMS
from bot.domain.organisation import Organisation
from bot.domain.people import Group
from bot.errors import InvalidField, NotFound
from bot.views import Answer, Asks, Form, say


class IncidentScope(StrEnum):
    """Whether a command is about an incident: a named one, the one of the room, or the only open one."""

    NONE = "none"
    OPEN = "open"  # without a name, only an open one; a closed one can be named
    LAST = "last"  # if nothing is open, the newest one


@dataclass(frozen=True)
class Confirm:
    """What a click on a command's button asks first; with `sure`, only the button that declares all the same."""

    title: str
    text: str
    yes: str
    no: str
    danger: bool = False
    sure: bool = False


@dataclass(frozen=True)
class Command:
    """One verb. `handler(ctx, **values)` takes its fields by name; `prefill(ctx)` returns the form's initial values."""

    verb: str
    summary: str
    example: str
    handler: Callable[..., Answer]
    fields: tuple[Field, ...] = ()
    writes: bool = True
    shows: Callable[[Mapping[str, str]], bool] | None = None  # whether what was typed only shows something
    who_may: Group = Group.RESPONDERS
    incident: IncidentScope = IncidentScope.OPEN
    group: str = ""  # its group of subcommands
    subcommands: tuple[Subcommand, ...] | None = None  # None: one of its own name
    parameters: tuple[Field, ...] | None = None  # of its subcommands; None: the fields that have a parameter
    undone_by: str = ""  # the verb meant if `remove` follows, or the parameter `remove` is true
    message_menu: str = ""  # its entry in the menu of a message, which becomes its text
    asks: Callable[[Mapping[str, str]], bool] | None = None  # whether it answers with a form, by what was typed
    essential: tuple[str, ...] = ()  # the fields shown where a form has room for only five
    title: str = ""  # title of its form
    submit: str = ""
    prefill: Callable[[Context], Mapping[str, str]] | None = None
    possible: Callable[[Context], Mapping[str, Collection[str]]] | None = None  # the options that are possible now
    bare_form: bool = False  # show the form if nothing was typed
    incident_last: bool = False  # the first incident that is named is the other one
    settles: bool = False  # its button settles what its message is about, so the reply takes the message's place
    opens_room: bool = False  # its incident gets a room, which the reply links to
    reads_first: bool = False  # typed in chat, it first shows the whole draft, with a button for the command
    in_full: bool = False  # shown in full even if the room already has the same message
    by_channel_managers: bool = False  # on Discord also by who manages the channel
    confirm: Confirm | None = None
    doing: str = ""  # what it does to an incident, such as “change the severity of”; empty: the verb

    @cached_property
    def deed(self) -> str:
        """What it does, without an object: “change the severity”."""
        return re.sub(" (of|in|to|from)$", "", self.doing) or self.verb

    @cached_property
    def asked(self) -> tuple[Field, ...]:
        """The fields, with the incident first if there is one."""
        if self.incident is IncidentScope.NONE:
            return self.fields
        return (*self.fields, INCIDENT) if self.incident_last else (INCIDENT, *self.fields)

    def parse(self, typed: Mapping[str, str], reading: ParseContext) -> "Parsed":
        """What was typed, without characters that cannot be stored, and its values and problems."""
        typed = {name: kept(text) for name, text in typed.items()}
        values, problems = fields.parse(self.fields, typed, reading)
        for field in self.fields:
            value = values.get(field.name)
            if field.options and isinstance(value, str):
                same = (o.value for o in field.options(reading.organisation) if field.parse(o.value, reading) == value)
                typed[field.name] = next(same, str(value))
            elif field.options and isinstance(value, tuple):
                typed[field.name] = ",".join(map(str, value))
            elif field.asks is Asks.IMPACTS and isinstance(value, dict):
                typed[field.name] = ",".join(f"{key}={impact.word}" for key, impact in value.items())
        return Parsed(self, typed, values, problems)

    def asks_first(self, typed: Mapping[str, str]) -> bool:
        """Whether it answers with a form, as far as what was typed tells."""
        return self.is_bare(typed) or (self.asks is not None and self.asks(typed))

    def only_shows(self, typed: Mapping[str, str]) -> bool:
        """Whether it changes nothing."""
        return not self.writes or (self.shows is not None and self.shows(typed))

    @cached_property
    def paths(self) -> dict[tuple[str, ...], Subcommand]:
        """Its subcommands by group and name."""
        own = (Subcommand(self.summary),) if self.subcommands is None else self.subcommands
        return {(*filter(None, [self.group]), each.name or self.verb): each for each in own}

    @cached_property
    def offered(self) -> tuple[tuple[Field, Parameter], ...]:
        """The fields that are parameters of its subcommands, the incident last."""
        shown = tuple(field for field in self.fields if field.parameter)
        if self.parameters is not None:
            shown = self.parameters
        elif self.subcommands is None:  # nothing is declared, so what its form asks
            shown = self.fields[:10]
        incident = () if self.incident is IncidentScope.NONE else (INCIDENT,)
        return tuple((each, each.parameter or Parameter(each.hint or each.label)) for each in (*shown, *incident))

    def is_bare(self, typed: Mapping[str, str]) -> bool:
        """Whether nothing was typed, so that the form is shown. What a form carries along does not count as typed."""
        return self.bare_form and not is_anything(typed)

    def form(self, organisation: Organisation, typed: Mapping[str, str], problems: Mapping[str, InvalidField]) -> Form:
        """The form, with what was typed and what is wrong with it."""
        shown = tuple(
            field.shown(organisation, typed.get(field.name, field.default), problems.get(field.name))
            for field in self.fields
            if field.asked or field.name in problems
        )
        kept = tuple((f.name, typed[f.name]) for f in self.fields if not f.asked and typed.get(f.name))
        title = self.title or self.verb.capitalize()
        return Form(self.verb, title, self.submit or title, shown, typed.get("incident", ""), kept)


@dataclass(frozen=True)
class Parsed:
    """What was typed for a command, with choices by their names (`1` -> `SEV1`), and what it means, by field name."""

    command: Command
    typed: Mapping[str, str]
    values: Mapping[str, object]
    problems: Mapping[str, InvalidField]

    def form(self, organisation: Organisation, *, opens: bool = False) -> Form:
        """The form, with what was typed and what is wrong with it; if it `opens`, what is missing is not wrong yet."""
        problems = self.problems
        if opens or not is_anything(self.typed):
            problems = {name: each for name, each in problems.items() if not isinstance(each, FieldMissing)}
        form = self.command.form(organisation, self.typed, problems)
        first = next(iter(problems.values()), None)
        return replace(form, note=say(first.words, **first.facts)) if first else form


CARRIED = {"incident", "revision", "impacts_shown"}


def is_anything(typed: Mapping[str, str]) -> bool:
    """Whether anything was typed, besides what a form or button carries along."""
    return bool(typed.keys() - CARRIED)


COMMANDS: dict[str, Command] = {}
"""Every command by its verb. `catalog` imports the modules that declare them."""

Handler = TypeVar("Handler", bound=Callable[..., Answer])


def command(
    verb: str, summary: str, example: str, fields: tuple[Field, ...] = (), **more: Any
) -> Callable[[Handler], Handler]:
    """Declare the function below as the handler of a command; `more` are the other attributes of `Command`."""

    def declare(handler: Handler) -> Handler:
        assert verb not in COMMANDS, f"two commands are called {verb}"
        COMMANDS[verb] = Command(verb, summary, example, handler, fields, **more)
        return handler

    return declare


NEAR = 0.75
"""How similar two words have to be for one to be a typo of the other: `updat` and `update`, not `ack` and `link`."""


def find(verb: str, words: str = "") -> Command:
    """The command with this verb. Raises NotFound with the one that is probably meant, which offers these words."""
    command = COMMANDS.get(verb)
    if command is not None:
        return command
    if line := SYNONYMS.get(verb):
        near, _, leading = line.partition(" ")
        message = "“{typed}” is not a command. Nothing was changed. Use `{line}`. {summary}"
        refusal = NotFound(message, typed=verb, line=line, summary=COMMANDS[near].summary)
        refusal.offer = (near, f"{leading} {words}".strip(), "")
        raise refusal
    nearest = get_close_matches(verb, COMMANDS, n=1, cutoff=NEAR)
    if not nearest:
        message = "“{typed}” is not a command. Nothing was changed. To see all commands, type `/incident help`."
        raise NotFound(message, typed=verb[:40])
    message = "“{typed}” is not a command. Nothing was changed. Did you mean `{nearest}`?"
    refusal = NotFound(message, typed=verb, nearest=nearest[0])
    refusal.offer = (nearest[0], words, "")
    raise refusal


def reading(word: str) -> str:
    """The verb that a word stands for, if its command only shows something, so that nothing can go wrong; or itself."""
    verb = SYNONYMS.get(word, word)
    return verb if verb in COMMANDS and not COMMANDS[verb].writes else word


def confirmation(verb: str) -> Confirm | None:
    """What a button with this verb asks first; `declare!` is the sure one."""
    command = COMMANDS.get(verb.rstrip("!"))
    asked = command.confirm if command else None
    return asked if asked and asked.sure == verb.endswith("!") else None
