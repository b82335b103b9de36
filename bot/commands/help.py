"""`help`: the commands, and who may use them."""

from dataclasses import replace

from bot.commands import fields
from bot.commands.context import Context
from bot.commands.fields import Field, Takes
from bot.domain.access import needed
from bot.domain.people import Group
from bot.store import incidents
from bot.views import Answer, Help, HelpLine
from bot.views.cards import incident_line


def show_help(ctx: Context, verb: str | None) -> Answer:
    """One command, or all of them with the open incidents."""
    from bot.commands import catalog  # the catalog declares this command too

    def line(command: catalog.Command) -> HelpLine:
        who = needed(ctx.house.organisation, command.verb, command.who_may, ctx.where.platform)
        return HelpLine(command.verb, command.summary, command.example, who.value)

    if verb is not None:
        command = catalog.find(verb.casefold())
        return Help((replace(line(command), keys=tuple(_key(ctx, field) for field in command.fields)),))
    if not ctx.actor.belongs(Group.MEMBERS):  # support staff only copy approved texts
        return Help(tuple(line(c) for c in catalog.ALL if c.who_may is Group.SUPPORT))
    found = incidents.open_incidents(ctx.tx, ctx.actor)
    return Help(tuple(line(c) for c in catalog.ALL), tuple(incident_line(ctx.tx, each) for each in found))


def _key(ctx: Context, field: Field) -> str:
    """`next: Next update. For example 30m or 13:30`."""
    choices = ""
    if field.options is not None and field.options is not fields.person_options:
        choices = ", ".join(option.value for option in field.options(ctx.house.organisation))
    needed = " (required)" if field.required else ""
    bare = "" if field.takes is Takes.KEY else ", also without the key"
    return f"{field.key}: {field.label}{needed}{bare}. {choices or field.hint}".strip()
