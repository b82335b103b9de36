"""`merge`: merge an incident that was declared twice."""

from bot.actions import merging as actions
from bot.commands import fields, grammar
from bot.commands.command import command
from bot.commands.context import Context
from bot.commands.fields import Field, Placement
from bot.commands.parameters import Parameter, Subcommand
from bot.errors import UnknownIncident
from bot.store import incidents
from bot.views import Answer, Button, Notice, say

OTHER = Field(
    "other",
    "The other incident",
    fields.word,
    Placement.WORD,
    required=True,
    hint="For example INC-8",
    limit=20,
    parameter=Parameter("The duplicate", completes="other"),
)


@command(
    "merge",
    "Merges a duplicate incident. Both records are kept.",
    "/incident merge INC-43",
    (OTHER,),
    incident_last=True,
    subcommands=(Subcommand("Merge a duplicate incident"),),
)
def merge(ctx: Context, other: str) -> Answer:
    """Close the other incident and continue with this one."""
    number = grammar.incident_number(other)
    found = incidents.find_incident(ctx.tx, number, hold=True) if number is not None else None
    if found is None or not incidents.may_see(ctx.tx, ctx.actor, found):
        seen = ", ".join(i.key for i in incidents.open_incidents(ctx.tx, ctx.actor)) or "none"
        raise UnknownIncident(typed=other.upper(), open=seen)
    actions.merge(ctx.tx, ctx.app, ctx.actor, ctx.incident, found)
    words = "{other} was merged into {incident}. Its subscribers will get the next update of {incident} once."
    button = Button("Update", "update", ctx.incident.key, primary=True)
    return Notice(say(words, other=found.key, incident=ctx.incident.key), buttons=(button,))
