"""Commands as people type them in Discord: `/incident publish` is `/incident draft publish` there."""

from collections.abc import Iterator, Mapping

from bot.commands import catalog, grammar
from bot.commands.catalog import COMMANDS, Command
from bot.commands.parameters import Kind
from bot.errors import BotError


def path(verb: str) -> str:
    """`draft publish`, by the command's verb."""
    command = COMMANDS.get(verb)
    return " ".join(next(iter(command.paths), (verb,))) if command else verb


def native(code: str) -> str:
    """A command that our own words show as code, with Discord's subcommands and options; anything else unchanged."""
    verb, _rest = grammar.split_verb(code)
    if verb not in COMMANDS:
        return code
    try:
        verb, typed = catalog.read_line(code)
    except BotError:
        typed = {}
    command = COMMANDS[verb]
    undoes = next((each for each in COMMANDS.values() if each.undone_by == verb), None)
    if undoes is not None and not command.paths:
        return f"{native(code.replace(verb, undoes.verb, 1))} remove:True"
    fits = [(p, dict(each.fixed)) for p, each in command.paths.items() if each.fixed.items() <= typed.items()]
    names, fixed = max(fits, key=lambda found: len(found[1]), default=(next(iter(command.paths)), {}))
    given = {name: text for name, text in typed.items() if name not in fixed}
    return " ".join(["/incident", *names, *_options(command, given)])


def _options(command: Command, typed: Mapping[str, str]) -> Iterator[str]:
    """`person:@ben`. What Discord has no option for is left out; whoever needs it finds it in the form."""
    for field, parameter in command.offered:
        value = typed.get(field.name)
        if value and parameter.kind is Kind.YES_NO:
            value = "False" if value == "no" else "True"
        if value and parameter.kind is Kind.MINUTES:
            value = value.rstrip("m")
        if value:
            yield f"{parameter.name or field.name}:{value}"
