"""Commands about entries of the timeline that people write: notes, copies of chat messages, and redaction."""

from collections.abc import Mapping
from datetime import datetime

from bot.actions import incidents as actions
from bot.actions import redaction
from bot.commands import fields
from bot.commands import shared_fields as shared
from bot.commands.command import IncidentScope, command
from bot.commands.context import Context
from bot.commands.fields import Field
from bot.commands.invocation import Place
from bot.commands.parameters import Subcommand
from bot.domain.people import Group, Person
from bot.domain.record import EntryKind
from bot.domain.times import Zone
from bot.store import incidents, record
from bot.store.transaction import Transaction
from bot.views import Answer, Form, FormField, Notice, Option, say

MESSAGE_LINK = Field("message_link", "Message", fields.line, asked=False, limit=300)
MESSAGE_FROM = Field("message_from", "Written by", fields.line, asked=False, limit=100)
MESSAGE_AT = Field("message_at", "Written at", fields.moment, asked=False, limit=40)
MOST_ASKED = 25
RECENT = 5


@command(
    "note",
    "Adds a note to the timeline, for responders only.",
    "/incident note Sign-in fails for 1 in 5 attempts",
    (shared.NOTE, MESSAGE_LINK, MESSAGE_FROM, MESSAGE_AT),
    who_may=Group.MEMBERS,
    incident=IncidentScope.LAST,
    subcommands=(Subcommand("Add a note to the timeline"),),
    message_menu="Add to incident timeline",
)
def note(
    ctx: Context, text: str, message_link: str | None, message_from: str | None, message_at: datetime | None
) -> Answer:
    """Add a line to the timeline. A chat message, identified by its link, is added again only if it was edited."""
    key = ctx.incident.key
    if not message_link:
        actions.note(ctx.tx, ctx.actor, ctx.incident, text)
        return Notice(say("Noted in {incident}.", incident=key))
    zone = ctx.app.organisation.zone

    def copied(now: datetime, first: int | None) -> str:
        said = f"{message_from or 'Someone'}, {zone.when(message_at, now)}: {text}" if message_at else text
        return _copy(zone, said, message_link, now, first)

    before = record.copies(ctx.tx, ctx.incident, message_link)
    first = before[0][0].number if before else None
    for entry, words in before[-1:]:
        if words.text == copied(entry.at, first if len(before) > 1 else None):
            known = (
                "This message is already in the timeline of {incident}, as entry {number}, and has not changed since."
            )
            return Notice(say(f"{known} Nothing was added.", incident=key, number=entry.number), refused=True)
    added = actions.note(ctx.tx, ctx.actor, ctx.incident, copied(ctx.tx.now, first))
    if first is None:
        return Notice(say("Noted in {incident}.", incident=key))
    again = "Noted in {incident} as entry {number}: the message has been edited since it was added as entry {first}."
    return Notice(say(again, incident=key, number=added.number, first=first))


def _copy(zone: Zone, said: str, link: str, now: datetime, first: int | None) -> str:
    """A message as an entry: who wrote what and when, when it was copied, and its link at the end."""
    edited = f"Edited since entry {first} was added. " if first else ""
    return f"{edited}{said}\nCopied at {zone.clock(now)} from {link}"


def which_incident(tx: Transaction, actor: Person, where: Place, typed: Mapping[str, str]) -> Form | None:
    """The form that asks to which incident a chat message belongs. None if that is clear, or there is no incident.

    It is clear in the room of an incident, and if exactly one is open.
    """
    if typed.get("incident"):
        return None
    room = incidents.incident_of_room(tx, where.platform, where.channel)
    seen = incidents.open_incidents(tx, actor)
    if len(seen) == 1 or (room is not None and incidents.may_see(tx, actor, room)):
        return None
    newest = list(reversed(seen))[:MOST_ASKED] or incidents.recent_incidents(tx, actor, limit=RECENT)
    if not newest:
        return None
    options = tuple(Option(i.key, f"{i.key} · {i.severity.value} · {i.title or i.declared_title}") for i in newest)
    field = FormField("incident", "Incident", options=options, required=True)
    kept = tuple((name, text) for name, text in typed.items() if text)
    return Form("note", "Add to timeline", "Add", (field,), kept=kept)


@command(
    "redact",
    "Removes the text of a timeline entry and records who removed it and why.",
    "/incident redact 17 pasted a token",
    (shared.ENTRY, shared.REASON),
    doing="redact entries of",
    incident=IncidentScope.LAST,
    group="record",
    subcommands=(Subcommand("Remove the text of a timeline entry"),),
)
def redact(ctx: Context, number: int, reason: str) -> Answer:
    """Remove the text of an entry."""
    done = redaction.redact(ctx.tx, ctx.actor, ctx.incident, number, reason)
    words = "The text of entry {number} of {incident} was removed. The timeline shows who removed it and why."
    if done.kind is EntryKind.DECLARED:
        words += " The declared title was removed too. A room named after it keeps its name."
    if done.revision:
        words += " The same words were removed from the open draft, which is now revision {revision}."
    if done.published:
        words += " Published text stays: {published} the same. To change it, use `/incident correct`."
    said = [str(each) for each in done.published]
    published = (
        f"updates {ctx.app.organisation.zone.joined(said)} say" if len(said) > 1 else f"update {''.join(said)} says"
    )
    facts = {"revision": done.revision, "published": published}
    return Notice(say(words, number=number, incident=ctx.incident.key, **facts))
