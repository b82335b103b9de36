"""The catalogue of commands: every module that declares some, and how a typed line names one."""

from collections.abc import Mapping

from bot.commands import (
    approvals,
    declarations,
    edits,
    grammar,
    help,  # noqa: A004
    incidents,
    links,
    merging,
    notes,
    promises,
    reports,
    subscriptions,
    translations,
    updates,
)
from bot.commands.command import COMMANDS, Command, Confirm, IncidentScope, Parsed, confirmation, find, reading
from bot.commands.fields import kept
from bot.commands.shared_fields import CHANNEL
from bot.errors import InvalidField, UnknownFact

__all__ = [
    "COMMANDS",
    "DECLARED_IN",
    "OVERVIEW",
    "Command",
    "Confirm",
    "IncidentScope",
    "Parsed",
    "confirmation",
    "declaring",
    "find",
    "of_message",
    "read_line",
    "reading",
    "subcommand",
    "takes_channel",
]  # fmt: skip

DECLARED_IN = (
    declarations,
    incidents,
    notes,
    updates,
    approvals,
    edits,
    translations,
    promises,
    reports,
    subscriptions,
    merging,
    links,
    help,
)
"""The modules with commands, in the order in which help lists them."""

OVERVIEW = "list"
"""People who may use this command may see pages about all incidents."""

for module in DECLARED_IN:
    for verb in [each.verb for each in COMMANDS.values() if each.handler.__module__ == module.__name__]:
        COMMANDS[verb] = COMMANDS.pop(verb)


_ASKING_FOR_A_CHANNEL = frozenset(
    word for each in COMMANDS.values() if CHANNEL in each.fields for word in (each.verb, each.group)
)


def subcommand(*path: str) -> tuple[Command, Mapping[str, str]] | None:
    """The command with a subcommand of this group and name, or name alone, and the values that it implies."""
    found = ((each, each.paths[path].fixed) for each in COMMANDS.values() if path in each.paths)
    return next(found, None)


def of_message(entry: str = "") -> Command:
    """The command that takes a message as its text, by its entry in the menu of a message, or the first."""
    return next(each for each in COMMANDS.values() if each.message_menu and entry in ("", each.message_menu))


def declaring() -> Command:
    """The command that opens an incident."""
    return next(each for each in COMMANDS.values() if each.opens_room)


def takes_channel(word: str) -> bool:
    """Whether a channel is asked for in a line that starts with this word."""
    return word in _ASKING_FOR_A_CHANNEL


def read_line(line: str) -> tuple[str, dict[str, str]]:
    """The verb and fields of a typed line. `declare!` confirms; the name of a group may precede its verb.

    Raises NotFound, UnclosedQuote, UnknownStage, InvalidField.
    """
    verb, rest = grammar.split_verb(kept(line))
    if not verb:
        return "help", {}
    second, after = grammar.split_verb(rest)
    fixed: Mapping[str, str] = {}
    if grouped := subcommand(verb, second):
        verb, fixed, rest = grouped[0].verb, grouped[1], after
    elif verb not in COMMANDS and second in COMMANDS and COMMANDS[second].group == verb:
        verb, rest = second, after
    sure = verb.endswith("!")
    command = find(reading(verb.rstrip("!")), rest)
    try:
        typed, left = grammar.read(command.asked, rest)
    except UnknownFact as refusal:
        word = str(refusal.facts["typed"])
        others = [other for other in COMMANDS.values() if other.verb != "translate"]
        elsewhere = [other for other in others if any(field.fact and field.is_key(word) for field in other.fields)]
        if elsewhere:
            likely = min(elsewhere, key=lambda other: other.prefill is None)  # `update` rather than `reopen`
            message = (
                "`{typed}:` belongs to `{verb}`. Type it there, or put a space after the colon to keep it as text."
            )
            raise InvalidField(message, typed=word, verb=likely.verb) from None
        raise
    typed = {**fixed, **typed}
    if command.undone_by and left.casefold() == "remove":
        return command.undone_by, typed
    if left and command.writes:  # `publish in 10 minutes` must not publish now
        message = (
            "“{typed}” does not belong in this command. Nothing was changed. To see what you can type, use "
            "`/incident help {verb}`."
        )
        raise InvalidField(message, typed=left, verb=command.verb)
    return command.verb, {**typed, "sure": "yes"} if sure else typed
