"""`link`: link the accounts of one person on several platforms."""

from bot.actions import links as actions
from bot.commands import fields
from bot.commands.command import IncidentScope, command
from bot.commands.context import Context
from bot.commands.fields import Field, Placement
from bot.commands.parameters import Parameter, Subcommand
from bot.domain.people import Group
from bot.views import Answer, Notice, say

CODE = Field(
    "code",
    "Code",
    fields.word,
    Placement.WORD,
    hint="As shown on the other platform",
    limit=20,
    asked=False,
    parameter=Parameter("The code shown on the other platform; leave empty to get one", longest=20),
)


WRONG = "That code is wrong or older than 10 minutes. Ask for a new one with `/incident link` on the other platform."
PAUSED = "Too many wrong codes, so linking is paused until {until}. Then ask for a new code."


@command(
    "link",
    "Links your accounts, so that you count as one person.",
    "/incident link",
    (CODE,),
    who_may=Group.MEMBERS,
    incident=IncidentScope.NONE,
    subcommands=(Subcommand("Link your accounts on two platforms"),),
)
def link(ctx: Context, code: str | None) -> Answer:
    """Show a code, or use one. A wrong code is an answer and not an error, because it has to be counted."""
    if code is None:
        shown = actions.show_code(ctx.tx, ctx.actor)
        words = "Type `/incident link {code}` on the other platform within 10 minutes. It works once."
        return Notice(say(words, code=shown))
    until = actions.paused_until(ctx.tx, ctx.actor)
    if until is not None:
        return Notice(say(PAUSED, until=until), refused=True)
    person = actions.use_code(ctx.tx, ctx.app, ctx.actor, code)
    if person is None:
        until = actions.paused_until(ctx.tx, ctx.actor)
        return Notice(say(PAUSED, until=until) if until else say(WRONG), refused=True)
    return Notice(say("Your accounts are linked. You are {person} on both platforms.", person=person.name))
