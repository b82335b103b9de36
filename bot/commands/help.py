"""`help`: the commands, and who may use them."""

from dataclasses import replace

from bot.commands import choices, fields
from bot.commands.command import COMMANDS, Command, IncidentScope, command, find
from bot.commands.context import Context
from bot.commands.fields import Field, Placement
from bot.commands.parameters import Parameter, Subcommand
from bot.commands.synonyms import SYNONYMS
from bot.domain.access import needed
from bot.domain.people import Group
from bot.reading.cards import incident_line
from bot.store import incidents
from bot.views import Answer, Help, HelpLine

VERB = Field(
    "verb", "Command", fields.word, Placement.WORD, limit=30, parameter=Parameter("Which command", completes="verb")
)


@command(
    "help",
    "Explains a command, or shows what needs your attention.",
    "/incident help update",
    (VERB,),
    writes=False,
    who_may=Group.SUPPORT,
    incident=IncidentScope.NONE,
    subcommands=(Subcommand("Show help and open incidents"),),
)
def show_help(ctx: Context, verb: str | None) -> Answer:
    """One command, or all of them with the open incidents."""

    def line(each: Command) -> HelpLine:
        who = needed(ctx.app.organisation, each.verb, each.who_may, ctx.where.platform)
        return HelpLine(each.verb, each.summary, each.example, who.value)

    if verb is not None:
        asked = find(SYNONYMS.get(verb.casefold(), verb.casefold()).partition(" ")[0])
        return Help((replace(line(asked), keys=tuple(_key(ctx, field) for field in asked.fields)),))
    if not ctx.actor.belongs(Group.MEMBERS):  # support staff only copy approved texts
        return Help(tuple(line(c) for c in COMMANDS.values() if c.who_may is Group.SUPPORT))
    found = incidents.open_incidents(ctx.tx, ctx.actor)
    return Help(tuple(line(c) for c in COMMANDS.values()), tuple(incident_line(ctx.tx, each) for each in found))


def _key(ctx: Context, field: Field) -> str:
    """`next: Next update. For example 30m or 13:30`."""
    words = ""
    if field.options is not None and field.options is not choices.person_options:
        words = ", ".join(option.value for option in field.options(ctx.app.organisation))
    needed = " (required)" if field.required else ""
    bare = "" if field.takes is Placement.KEY else ", also without the key"
    return f"{field.key}: {field.label}{needed}{bare}. {words or field.hint}".strip()
