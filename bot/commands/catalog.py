"""The catalogue of commands: every module that declares some, and how a typed line names one."""

from bot.commands import (
    edits,
    grammar,
    help,  # noqa: A004
    incidents,
    links,
    merging,
    promises,
    reports,
    subscriptions,
    translations,
    updates,
)
from bot.commands.command import COMMANDS, About, Command, Confirm, as_offered, confirmation, find, problems, read
from bot.commands.questions import CHANNEL
from bot.errors import FactElsewhere, NotUnderstood, UnknownFact

__all__ = [
    "COMMANDS",
    "DECLARED_IN",
    "TAKE_CHANNELS",
    "About",
    "Command",
    "Confirm",
    "as_offered",
    "confirmation",
    "find",
    "problems",
    "read",
    "read_line",
]  # fmt: skip

DECLARED_IN = (incidents, updates, edits, translations, promises, reports, subscriptions, merging, links, help)
"""The modules with commands, in the order in which help lists them."""
for module in DECLARED_IN:
    for verb in [each.verb for each in COMMANDS.values() if each.handler.__module__ == module.__name__]:
        COMMANDS[verb] = COMMANDS.pop(verb)
GROUPS = {"draft", "subscription", "record"}
TAKE_CHANNELS = {word for each in COMMANDS.values() if CHANNEL in each.fields for word in (each.verb, each.group)}
"""First words of a line in which a channel is asked for."""
_GROUPED = {("subscription", "add"): "subscribe", ("subscription", "remove"): "unsubscribe",
            ("subscription", "list"): "subscriptions", ("nudge", "snooze"): "snooze"}  # fmt: skip


def read_line(line: str) -> tuple[str, dict[str, str]]:
    """The verb and fields of a typed line. `declare!` confirms; the name of a group may precede its verb.

    Raises UnknownCommand, UnclosedQuote, UnknownStage, NotUnderstood.
    """
    verb, rest = grammar.split_verb(line)
    if not verb:
        return "help", {}
    second, after = grammar.split_verb(rest)
    grouped = _GROUPED.get((verb, second))
    if grouped is None and verb in GROUPS and COMMANDS.get(second, COMMANDS["help"]).group == verb:
        grouped = second
    if grouped:
        verb, rest = grouped, after
    sure = verb.endswith("!")
    command = find(verb.rstrip("!"))
    try:
        typed, left = grammar.read(command.asked, rest)
    except UnknownFact as refusal:
        word = str(refusal.facts["typed"])
        others = [other for other in COMMANDS.values() if other.verb != "translate"]
        elsewhere = [other for other in others if any(field.fact and field.is_key(word) for field in other.fields)]
        if elsewhere:
            likely = min(elsewhere, key=lambda other: other.prefill is None)  # `update` rather than `reopen`
            raise FactElsewhere(typed=word, verb=likely.verb) from None
        raise
    if command.verb == "invite" and left.casefold() == "remove":  # as in Discord's command tree
        return "uninvite", typed
    if left and command.writes:  # `publish in 10 minutes` must not publish now
        raise NotUnderstood(typed=left, verb=command.verb)
    return command.verb, {**typed, "sure": "yes"} if sure else typed
