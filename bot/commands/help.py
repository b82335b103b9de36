"""`help`: what can be typed, and by whom."""

from bot.commands.context import Context
from bot.errors import UnknownCommandFar
from bot.store import incidents
from bot.views import Answer, Help, HelpLine
from bot.views.cards import incident_line


def show_help(ctx: Context, verb: str | None) -> Answer:
    """One verb, or all of them with the open incidents."""
    from bot.commands import catalog  # the catalogue declares this command too

    if verb is not None:
        command = catalog.COMMANDS.get(verb.casefold())
        if command is None:
            raise UnknownCommandFar(typed=verb)
        return Help((HelpLine(command.verb, command.summary, command.example, command.who_may.value),))
    lines = tuple(HelpLine(c.verb, c.summary, c.example, c.who_may.value) for c in catalog.ALL)
    return Help(lines, tuple(incident_line(ctx.tx, each) for each in incidents.open_incidents(ctx.tx, ctx.actor)))
