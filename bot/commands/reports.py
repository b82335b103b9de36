"""Commands that only show something or produce a file: copy, timeline, deliveries, retro, and export."""

from collections.abc import Callable
from dataclasses import replace

from bot.actions import outbox, retrospectives
from bot.actions import rooms as room_actions
from bot.commands import choices, fields
from bot.commands import shared_fields as shared
from bot.commands.command import IncidentScope, command
from bot.commands.context import Context
from bot.commands.fields import Field, Placement
from bot.commands.parameters import Parameter, Subcommand
from bot.domain.audiences import Audience
from bot.domain.deliveries import DeliveryState
from bot.domain.people import Group
from bot.errors import NotAllowed, NothingPublished, NoUpdate, UnknownLanguage
from bot.reading import exports
from bot.reading.reports import entry_lines, macro
from bot.reading.reviews import delivery_report
from bot.store import published, rooms, updates
from bot.views import Answer, Button, Document, Notice, Timeline, say

AGAIN = Field("again", "Retry", fields.yes_no, keys=("retry",), asked=False)
STOP = Field("stop", "Stop", fields.yes_no, asked=False)
FORM = Field(
    "form",
    "Format",
    fields.one_of("md", "json", "csv"),
    Placement.WORD,
    limit=5,
    options=choices.options(md="Markdown", json="JSON", csv="CSV"),
    parameter=Parameter(
        "The file format", "format", required=True, choices=(("Markdown", "md"), ("JSON", "json"), ("CSV", "csv"))
    ),
)


@command(
    "copy",
    "Shows the current approved text, ready to paste.",
    "/incident copy enterprise",
    (shared.AUDIENCE, shared.LANGUAGE),
    writes=False,
    who_may=Group.SUPPORT,
    incident=IncidentScope.LAST,
    subcommands=(Subcommand("Get the published text, ready to paste"),),
)
def copy(ctx: Context, audience: Audience | None, language: str | None) -> Answer:
    """The published text of the newest update, ready to paste, with its age. Raises NotFound, NotAllowed."""
    languages = ctx.app.organisation.languages
    if language and language not in languages:
        raise UnknownLanguage(typed=language, known=", ".join(languages))
    if audience is Audience.INTERNAL and not ctx.actor.belongs(Group.MEMBERS):
        message = (
            "The {audience} text is not for customers, so it cannot be copied here. To see the texts you can copy, "
            "use `copy {incident}`."
        )
        raise NotAllowed(message, audience=audience.value, incident=ctx.incident.key)
    told = published.history(ctx.tx, ctx.incident)
    return macro(ctx.tx, ctx.incident, told, audience or Audience.SUPPORT, language or languages[0])


@command(
    "timeline",
    "Shows what happened, newest first.",
    "/incident timeline",
    doing="see the timeline of",
    writes=False,
    who_may=Group.MEMBERS,
    incident=IncidentScope.LAST,
    group="record",
    subcommands=(Subcommand("Show the timeline, privately"),),
)
def timeline(ctx: Context) -> Answer:
    """What happened, newest first."""
    return Timeline(ctx.incident.key, entry_lines(ctx.tx, ctx.incident))


@command(
    "deliveries",
    "Shows who received which update, and retries or stops deliveries that failed.",
    "/incident deliveries",
    (shared.WHICH_UPDATE, AGAIN, STOP),
    doing="see the deliveries of",
    shows=lambda typed: not (typed.get("again") or typed.get("stop")),
    incident=IncidentScope.LAST,
    in_full=True,
    subcommands=(Subcommand("Show where updates were delivered, and retry"),),
    parameters=(),
)
def deliveries(ctx: Context, number: int | None, again: bool | None, stop: bool | None) -> Answer:
    """Who received an update and when, or why not.

    `retry:yes` retries what failed, or waits for its next attempt, at once; `stop:yes` cancels what waits.
    """
    failed = [row for row in rooms.making(ctx.tx, ctx.incident) if row.state is DeliveryState.DEAD]
    if again and number is None and failed:
        room_actions.retry_rooms(ctx.tx, ctx.actor, ctx.incident)
        return Notice(say("Trying again to create the room of {incident}.", incident=ctx.incident.key))
    found = (
        updates.find_published(ctx.tx, ctx.incident, number)
        if number is not None
        else updates.last_published(ctx.tx, ctx.incident)
    )
    if failed and found is None and number is None:
        retry = Button("Retry", "deliveries", f"{ctx.incident.key} retry:yes", primary=True)
        words = "The room of {incident} could not be created: {why} Nothing has been published yet."
        return Notice(say(words, incident=ctx.incident.key, why=failed[-1].reason), buttons=(retry,))
    if found is None and number is None:
        raise NothingPublished(incident=ctx.incident.key)
    if found is None:
        raise NoUpdate(incident=ctx.incident.key, number=number)
    if again:
        count = outbox.retry(ctx.tx, ctx.actor, ctx.incident, found)
        lead = say("Retrying {number}.", number=count)
        return delivery_report(ctx.tx, ctx.app, ctx.incident, found, lead=lead)
    if stop:
        count = outbox.stop(ctx.tx, ctx.actor, ctx.incident, found)
        lead = say("Stopped {number}. They will not be tried again.", number=count)
        return delivery_report(ctx.tx, ctx.app, ctx.incident, found, lead=lead)
    report = delivery_report(ctx.tx, ctx.app, ctx.incident, found)
    again_room = Button("Create the room again", "deliveries", f"{ctx.incident.key} retry:yes")
    return replace(report, buttons=(*report.buttons, again_room)) if failed and number is None else report


@command(
    "retro",
    "Shows the retrospective, drafted from the record until someone edits it in the console.",
    "/incident retro",
    doing="see the retrospective of",
    writes=False,
    incident=IncidentScope.LAST,
    group="record",
    subcommands=(Subcommand("Show the retrospective, or its draft"),),
)
def retro(ctx: Context) -> Answer:
    """The retrospective as saved in the console, or else drafted from the record."""
    return exports.retrospective(ctx.tx, ctx.app, ctx.incident)


def save_retro(text: str, revision: int) -> Callable[[Context], None]:
    """Saves a retrospective that is based on a revision. It raises EditedMeanwhile, InvalidField."""

    def act(ctx: Context) -> None:
        retrospectives.save(ctx.tx, ctx.actor, ctx.incident, text, revision)

    return act


@command(
    "export",
    "Exports the record as a file.",
    "/incident export md",
    (FORM,),
    writes=False,
    incident=IncidentScope.LAST,
    group="record",
    subcommands=(Subcommand("Export the timeline as a file"),),
)
def export(ctx: Context, form: str | None) -> Document:
    """The record as a file: md, json, or csv."""
    return exports.export(ctx.tx, ctx.app, ctx.incident, form or "md")
