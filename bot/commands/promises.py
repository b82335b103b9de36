"""Commands about promises and their reminders."""

from dataclasses import replace
from datetime import timedelta

from bot.actions import incidents as incident_actions
from bot.actions import promises as actions
from bot.commands import choices, fields
from bot.commands.command import command
from bot.commands.context import Context
from bot.commands.fields import Field, Placement
from bot.commands.parameters import Kind, Parameter, Subcommand
from bot.errors import NoOpenPromise, SnoozeNeedsReason
from bot.reading.nudges import nudge_card, reminders
from bot.store import promises
from bot.views import Answer, Form, Notice, say

SWITCH = Field("switch", "Reminders", fields.one_of("show", "on", "off"), Placement.WORD, limit=5,
    options=choices.options(show="Show", on="On", off="Off"))  # fmt: skip
DELAY = Field("delay", "For how long", fields.duration, Placement.WORD, required=True, hint="For example 10m",
    limit=10, parameter=Parameter("For how long", "minutes", Kind.MINUTES, between=(1, 10080)))  # fmt: skip
WHY = Field("reason", "Why", fields.line, Placement.REST, limit=300,
    hint="Required once everyone has been asked; for example: The supplier answers at 8 AM",
    parameter=Parameter("Why; required once everyone has been asked, and recorded", longest=300))  # fmt: skip


@command(
    "nudge",
    "Shows the upcoming reminders, or turns them off or on.",
    "/incident nudge",
    (SWITCH,),
    doing="change the reminders of",
    group="nudge",
    subcommands=(
        Subcommand("Show which reminders go out, when, and to whom", "show", {"switch": "show"}),
        Subcommand("Turn reminders on", "on", {"switch": "on"}),
        Subcommand("Turn reminders off; the promised time stays", "off", {"switch": "off"}),
    ),
)
def nudge(ctx: Context, switch: str | None) -> Answer:
    """Show the reminders to come, or turn them on or off."""
    if switch in ("on", "off"):
        changed = incident_actions.switch_nudges(ctx.tx, ctx.actor, ctx.incident, switch == "on")
        words = "Reminders of {incident} are {switch}." if changed else "Reminders of {incident} were {switch} already."
        return Notice(say(words, incident=ctx.incident.key, switch=switch))
    promise = promises.open_promise(ctx.tx, ctx.incident)
    if promise is None:
        raise NoOpenPromise(incident=ctx.incident.key)
    return reminders(ctx.tx, ctx.app, ctx.incident, promise)


@command(
    "snooze",
    "Delays the reminder. The update is still due at the same time.",
    "/incident snooze 10m",
    (DELAY, WHY),
    group="nudge",
    settles=True,
    subcommands=(Subcommand("Snooze the reminder; the promised time stays"),),
)
def snooze(ctx: Context, delay: timedelta, reason: str | None) -> Answer:
    """Delay the reminder, and show it. After the ladder, ask for the reason."""
    try:
        row, promise = actions.snooze(ctx.tx, ctx.app, ctx.actor, ctx.incident, delay, reason or "")
    except SnoozeNeedsReason as refusal:
        asked = (DELAY, replace(WHY, required=True))
        shown = tuple(field.shown(ctx.app.organisation, ctx.typed.get(field.name, "")) for field in asked)
        return Form("snooze", "Snooze the reminder", "Snooze", shown, ctx.incident.key, note=say(refusal.words))
    return nudge_card(ctx.tx, ctx.app, ctx.incident, promise, row, ctx.actor)
