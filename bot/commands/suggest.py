"""`update suggest:yes`: what is sent to the assistant about a draft, and the revision made from its answer."""

from collections.abc import Mapping

from bot.actions.incidents import check_running
from bot.actions.update_context import in_order
from bot.actions.updates import DraftChange, check_revision, draft_update, held_draft
from bot.commands.context import Context
from bot.commands.invocation import Invocation
from bot.domain.audiences import Audience
from bot.domain.facts import LABELS, PLACES, UpdateKind
from bot.domain.record import EntryKind
from bot.domain.suggestions import NAMES, Proposal, SuggestionRequest, named
from bot.domain.updates import Update, text_of
from bot.errors import AssistantOff, AssistantPrivate, Conflict
from bot.reading.reviews import draft_review
from bot.store import incidents, published, record, updates
from bot.views import DraftReview


def asks_assistant(asked: Invocation) -> bool:
    """Whether a command asks for a suggestion."""
    return asked.verb == "update" and asked.typed.get("suggest", "no") != "no"


def material(ctx: Context) -> SuggestionRequest:
    """What is sent: published facts, notes that are not redacted, and the draft. Nothing is changed.

    Raises AssistantOff, AssistantPrivate, Conflict, NoDraft.
    """
    if not ctx.app.assistant:
        raise AssistantOff
    if ctx.incident.private:
        raise AssistantPrivate(incident=ctx.incident.key)
    check_running(ctx.tx, ctx.incident)
    draft = held_draft(ctx.tx, ctx.incident)
    if draft.kind is UpdateKind.CORRECTION:
        raise Conflict("The assistant does not write corrections. Nothing was sent. Edit the correction yourself.")
    organisation = ctx.app.organisation
    places = PLACES[draft.kind if draft.kind is not UpdateKind.STAGE else draft.stage]
    return SuggestionRequest(
        incident=ctx.incident.key,
        revision=draft.revision,
        language=organisation.languages[0],
        others=tuple(organisation.languages[1:]),
        places=tuple(name for name in NAMES if name in places),
        known=_known(ctx, draft),
    )


def _known(ctx: Context, draft: Update) -> Mapping[str, object]:
    zone, language = ctx.app.organisation.zone, ctx.app.organisation.languages[0]
    said = [
        {"at": zone.when(each.at, ctx.tx.now), "stage": each.stage.value, "text": text.body}
        for each in published.history(ctx.tx, ctx.incident).publications
        if (text := each.text(Audience.CUSTOMERS, language))
    ]
    notes = [
        {"at": zone.when(entry.at, ctx.tx.now), "text": text.text}
        for entry, text in reversed(record.entries(ctx.tx, ctx.incident))
        if entry.kind is EntryKind.NOTE and text.redacted_at is None
    ]
    impacts = in_order(ctx.app, incidents.set_values(ctx.tx, ctx.incident))
    drafted = text_of(updates.texts(ctx.tx, draft), Audience.CUSTOMERS, language)
    return {
        "title": ctx.incident.title,
        "stage": ctx.incident.stage.value,
        "impact": {ctx.app.organisation.component(key).name: value.value for key, value in impacts.items()},
        "published": said,
        "notes": notes,
        "draft": {
            "stage": draft.stage.value,
            "facts": {name: words for name in NAMES if (words := getattr(draft.facts, name))},
            "text": drafted.body if drafted else "",
        },
    }


def take(ctx: Context, asked: SuggestionRequest, proposal: Proposal) -> DraftReview:
    """Save a suggestion as a new revision. Raises StaleRevision if the draft has changed, Conflict."""
    draft = held_draft(ctx.tx, ctx.incident)
    check_revision(ctx.tx, draft, asked.revision, done="changed by the assistant")
    if ctx.incident.private:
        raise AssistantPrivate(incident=ctx.incident.key)
    facts = {name: words for name, words in proposal.facts.items() if words != getattr(draft.facts, name)}
    translated = {
        language: fresh
        for language, words in proposal.translated.items()
        if (fresh := {n: w for n, w in words.items() if w != draft.facts.translated.get(language, {}).get(n)})
    }
    if not facts and not translated:
        secret = named(proposal.left_out, {name: LABELS[name] for name in NAMES})
        left_out = f" It left out what looked like a secret ({secret})." if secret else ""
        message = "The assistant suggested nothing that can be used.{left_out} The draft is unchanged."
        raise Conflict(message, left_out=left_out)
    names = (*facts, *(f"{language}.{name}" for language, words in translated.items() for name in words))
    change = DraftChange(kind=draft.kind, facts=facts, translated=translated, suggested=names)
    return draft_review(
        ctx.tx, ctx.app, ctx.incident, draft_update(ctx.tx, ctx.app, ctx.actor, ctx.incident, change), ctx.reader
    )
