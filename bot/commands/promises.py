"""Commands about promises and their reminders."""

from datetime import timedelta

from bot.actions import incidents as incident_actions
from bot.actions import promises as actions
from bot.commands import questions as ask
from bot.commands.command import command
from bot.commands.context import Context
from bot.commands.nudges import nudge_card
from bot.domain.nudges import steps
from bot.errors import NoOpenPromise
from bot.store import promises
from bot.views import Answer, Button, Line, Listing, Notice, say


@command(
    "nudge",
    "Shows the upcoming reminders, or turns them off or on.",
    "/incident nudge",
    (ask.SWITCH,),
    doing="change the reminders of",
    group="nudge",
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
    sent = {row.step: row for row in promises.nudges_sent(ctx.tx, promise)}
    lines = []
    for step in steps(promise):
        at = promise.due_at + timedelta(minutes=step.minutes)
        if step.minutes in sent:
            lines.append(Line(say("{at}: sent to the {asks}", at=sent[step.minutes].sent_at, asks=step.asks.value)))
        else:
            snoozed = max([at, *(n.snoozed_until for n in sent.values() if n.snoozed_until)])
            lines.append(Line(say("{at}: asks the {asks}", at=snoozed, asks=step.asks.value)))
    state = "on" if ctx.incident.nudges_on else "off"
    other = "off" if ctx.incident.nudges_on else "on"
    title = f"Reminders of {ctx.incident.key} ({state})"
    return Listing(title, tuple(lines), buttons=(Button(f"Turn {other}", "nudge", f"{ctx.incident.key} {other}"),))


@command(
    "snooze",
    "Delays the reminder. The update is still due at the same time.",
    "/incident snooze 10m",
    (ask.DELAY,),
    group="nudge",
    settles=True,
)
def snooze(ctx: Context, delay: timedelta) -> Answer:
    """Delay the reminder, and show it."""
    row, promise = actions.snooze(ctx.tx, ctx.actor, ctx.incident, delay)
    return nudge_card(ctx.tx, ctx.app, ctx.incident, promise, row)
