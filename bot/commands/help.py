"""`help`: the commands, and who may use them."""

from collections.abc import Sequence

from bot.commands import choices, fields
from bot.commands.command import COMMANDS, IncidentScope, command, find
from bot.commands.context import Context
from bot.commands.fields import Field, Placement
from bot.commands.parameters import Parameter, Subcommand
from bot.commands.synonyms import SYNONYMS
from bot.domain.access import needed
from bot.domain.people import Group
from bot.reading.cards import incident_line
from bot.reading.waiting import waiting_for
from bot.store import incidents
from bot.views import Answer, Button, Help, HelpGroup, HelpLine, Line, say

MOST = 3
"""How many incidents are shown, and how many that wait for the reader; all of it fits in 20 lines."""

GROUPS = {
    "Start": "declare",
    "Tell customers": "update publish ask approve edit translate discard correct",
    "Finish": "resolve reopen cancel merge",
    "Change": "severity impact private",
    "People": "assign handover invite uninvite link",
    "Look up": "list show timeline deliveries copy help",
    "Keep a record": "note redact retro export",
    "Channels and reminders": "subscribe unsubscribe subscriptions nudge snooze",
}
"""The commands by purpose. One that is in no group is listed under “More”."""

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
    """One command, or what needs the reader, the open incidents, and all commands."""
    if verb is not None:
        word = verb.casefold()
        asked = find(word if word in COMMANDS else SYNONYMS.get(word, word).partition(" ")[0])
        who = needed(ctx.app.organisation, asked.verb, asked.who_may, ctx.where.platform)
        keys = tuple(_key(ctx, field) for field in asked.fields)
        return Help((HelpLine(asked.verb, asked.summary, asked.example, who.value, keys),))
    if not ctx.actor.belongs(Group.MEMBERS):  # support staff only copy approved texts
        return Help(groups=_groups(Group.SUPPORT))
    found = incidents.open_incidents(ctx.tx, ctx.actor)[::-1]
    waiting = waiting_for(ctx, found)
    declare = Button("Declare", "declare", primary=not waiting)
    shown = _first([incident_line(ctx.tx, each) for each in found], Button("All", "list"))
    return Help(open=shown, groups=_groups(), waiting=_first(waiting), buttons=(declare,))


def _first(found: Sequence[Line], rest: Button | None = None) -> tuple[Line, ...]:
    """The first ones, and how many more there are."""
    if len(found) <= MOST:
        return tuple(found)
    more = Line(say("… and {number} more.", number=len(found) - MOST), (rest,) if rest else ())
    return (*found[:MOST], more)


def _groups(least: Group | None = None) -> tuple[HelpGroup, ...]:
    """The groups with their commands; `least` only with those that this group can use."""
    grouped = " ".join(GROUPS.values()).split()
    more = " ".join(verb for verb in COMMANDS if verb not in grouped)
    groups = []
    for purpose, verbs in (*GROUPS.items(), ("More", more)):
        shown = tuple(verb for verb in verbs.split() if least is None or COMMANDS[verb].who_may is least)
        groups += [HelpGroup(purpose, shown)] if shown else []
    return tuple(groups)


def _key(ctx: Context, field: Field) -> str:
    """`next: Next update. For example 30m or 13:30`."""
    words = ""
    if field.options is not None and field.options is not choices.person_options:
        words = ", ".join(option.value for option in field.options(ctx.app.organisation))
    needed = " (required)" if field.required else ""
    bare = "" if field.takes is Placement.KEY else ", also without the key"
    return f"{field.key}: {field.label}{needed}{bare}. {words or field.hint}".strip()
