"""Commands that only show something or produce a file: copy, timeline, deliveries, retro, and export."""

from bot.actions import outbox
from bot.actions import rooms as room_actions
from bot.commands import exports
from bot.commands import questions as ask
from bot.commands.command import About, command
from bot.commands.context import Context
from bot.commands.reviews import delivery_report
from bot.domain.audiences import Audience
from bot.domain.deliveries import DeliveryState
from bot.domain.incident import Incident
from bot.domain.people import Group
from bot.domain.promises import was_kept
from bot.domain.updates import Update, text_of
from bot.errors import AudienceNotYours, NothingPublished, NothingToCopy, NoUpdate, UnknownLanguage
from bot.store import incidents, people, promises, record, rooms, updates
from bot.store.transaction import Transaction
from bot.views import Answer, Document, EntryLine, Macro, Notice, Sentence, Timeline, say


@command(
    "copy",
    "Shows the current approved text, ready to paste.",
    "/incident copy enterprise",
    (ask.AUDIENCE, ask.LANGUAGE),
    writes=False,
    who_may=Group.SUPPORT,
    incident=About.LAST,
)
def copy(ctx: Context, audience: Audience | None, language: str | None) -> Answer:
    """The published text of the newest update, ready to paste, with its age. Raises NotFound, AudienceNotYours."""
    languages = ctx.app.organisation.languages
    if language and language not in languages:
        raise UnknownLanguage(typed=language, known=", ".join(languages))
    if audience is Audience.INTERNAL and not ctx.actor.belongs(Group.MEMBERS):
        raise AudienceNotYours(audience=audience.value, incident=ctx.incident.key)
    return macro(ctx.tx, ctx.incident, audience or Audience.SUPPORT, language or languages[0])


def macro(tx: Transaction, incident: Incident, audience: Audience, language: str) -> Macro:
    """The last published text for an audience, with corrections. Raises NothingToCopy."""
    newest = updates.last_published(tx, incident, corrections=False)
    if newest is None or newest.published_at is None:
        raise NothingToCopy(incident=incident.key)
    for update in [newest, *reversed(updates.published(tx, incident))]:
        text = text_of(updates.current_texts(tx, update), audience, language)
        if text is not None and update.published_at is not None:
            stale = _stale(tx, incident, newest, update)
            return Macro(
                incident.key, audience, text.language, text.title, text.body, update.published_at,
                newest.promised_at, stale,
            )  # fmt: skip
    raise NothingToCopy(incident=incident.key)


def _stale(tx: Transaction, incident: Incident, newest: Update, shown: Update) -> Sentence | None:
    """Why a text must not be pasted now."""
    if shown.id != newest.id:
        return say("A newer update was published at {at} without a text for this audience.", at=newest.published_at)
    promise = promises.open_promise(tx, incident)
    if promise is not None and not was_kept(promise.due_at, tx.now):
        late = "The next update was promised by {due_at} and is overdue. "
        return say(late + "Until it is published, send people to the status page.", due_at=promise.due_at)
    rows = incidents.impacts(tx, incident)
    if incident.closed_at is None and any(row.value is not row.published for row in rows):
        return say("The impact has changed since. Until that is published, send people to the status page.")
    return None


@command(
    "timeline",
    "Shows what happened, newest first.",
    "/incident timeline",
    doing="see the timeline of",
    writes=False,
    who_may=Group.MEMBERS,
    incident=About.LAST,
    group="record",
)
def timeline(ctx: Context) -> Answer:
    """What happened, newest first."""
    return Timeline(ctx.incident.key, entry_lines(ctx.tx, ctx.incident))


def entry_lines(tx: Transaction, incident: Incident) -> tuple[EntryLine, ...]:
    """The entries in words."""
    name = people.person_names(tx)
    return tuple(
        EntryLine(
            entry.number, entry.at, name[entry.person_id] if entry.person_id else "Foghorn", entry.platform,
            entry.kind.value, text.text, text.redacted_at is not None,
        )
        for entry, text in record.entries(tx, incident)
    )  # fmt: skip


@command(
    "deliveries",
    "Shows who received which update, and retries failed deliveries.",
    "/incident deliveries",
    (ask.WHICH_UPDATE, ask.AGAIN),
    doing="see the deliveries of",
    incident=About.LAST,
    in_full=True,
)
def deliveries(ctx: Context, number: int | None, again: bool | None) -> Answer:
    """Who received an update and when, or why not; `retry:yes` retries failed deliveries."""
    if again and number is None and any(row.state is DeliveryState.DEAD for row in rooms.making(ctx.tx, ctx.incident)):
        room_actions.retry_rooms(ctx.tx, ctx.actor, ctx.incident)
        return Notice(say("Trying again to make the room of {incident}.", incident=ctx.incident.key))
    found = (
        updates.find_published(ctx.tx, ctx.incident, number)
        if number is not None
        else updates.last_published(ctx.tx, ctx.incident)
    )
    if found is None and number is None:
        raise NothingPublished(incident=ctx.incident.key)
    if found is None:
        raise NoUpdate(incident=ctx.incident.key, number=number)
    if again:
        count = outbox.retry(ctx.tx, ctx.actor, ctx.incident, found)
        lead = say("Retrying {number}.", number=count)
        return delivery_report(ctx.tx, ctx.incident, found, lead=lead)
    return delivery_report(ctx.tx, ctx.incident, found)


@command(
    "retro",
    "Drafts the retrospective from the record.",
    "/incident retro",
    doing="draft the retrospective of",
    writes=False,
    incident=About.LAST,
    group="record",
)
def retro(ctx: Context) -> Answer:
    """The retrospective, drafted from the record."""
    return exports.retrospective(ctx.tx, ctx.app, ctx.incident)


@command(
    "export",
    "Exports the record as a file.",
    "/incident export md",
    (ask.FORM,),
    writes=False,
    incident=About.LAST,
    group="record",
)
def export(ctx: Context, form: str | None) -> Document:
    """The record as a file: md, json, or csv."""
    return exports.export(ctx.tx, ctx.app, ctx.incident, form or "md")
