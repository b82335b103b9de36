"""Translating the facts of a draft. Typed words belong to one language; the other languages ask for the same facts."""

from collections.abc import Mapping
from dataclasses import replace

from bot.actions.updates import held_draft, translate_draft
from bot.commands import fields
from bot.commands import shared_fields as shared
from bot.commands.command import IncidentScope, command
from bot.commands.context import Context
from bot.commands.edits import beside_translated, merged
from bot.commands.fields import Field, Placement
from bot.commands.parameters import Parameter, Subcommand
from bot.domain.facts import LABELS, WORDS
from bot.domain.people import Group
from bot.domain.updates import Update
from bot.errors import NotFound, UnknownLanguage
from bot.reading.reviews import draft_review
from bot.views import Answer, Form, FormField

TO_LANGUAGE = Field(
    "language",
    "Language",
    fields.word,
    Placement.WORD,
    required=True,
    limit=10,
    parameter=Parameter("Which language", completes="language"),
)
TRANSLATED = tuple(
    replace(field, takes=Placement.KEY, required=False, asked=False)
    for field in (shared.MESSAGE, shared.SEES, shared.WHO, shared.WORKAROUND, shared.DO, shared.CAUSE, shared.DATA)
) + tuple(shared.fact(name) for name in ("ok", "wrong", "right", "avoid", "title"))


@command(
    "translate",
    "Translates the facts of the draft into another language.",
    '/incident translate de sees:"Kartenzahlungen werden abgelehnt"',
    (TO_LANGUAGE, *TRANSLATED, shared.REVISION),
    who_may=Group.MEMBERS,
    group="draft",
    title="Translate",
    submit="Save",
    doing="translate the draft of",
    incident=IncidentScope.LAST,
    subcommands=(Subcommand("Translate the facts into another language"),),
    parameters=(TO_LANGUAGE,),
)
def translate(ctx: Context, language: str, revision: int | None, **words: str | None) -> Answer:
    """Save the words of another language for facts typed in the first one.

    `revision`: what the form started from. What someone else changed differently meanwhile comes back with the form.
    """
    others = ctx.app.organisation.languages[1:]
    if language not in others:
        raise UnknownLanguage(typed=language, known=", ".join(others) or "none besides the first")
    given = {name: text for name, text in words.items() if text} | dict.fromkeys(ctx.emptied & words.keys(), "")
    draft = held_draft(ctx.tx, ctx.incident)
    if not given and revision is None:
        return _translate_form(ctx, draft, language)
    compared = merged(ctx, revision, {f"{language}.{name}": text for name, text in given.items()})
    if compared.clashes:
        form = _translate_form(ctx, draft, language, given)
        return beside_translated(ctx, form, language, given, compared, draft)
    changed = {name: text for name, text in given.items() if f"{language}.{name}" in compared.changed}
    if changed:
        translate_draft(ctx.tx, ctx.app, ctx.actor, ctx.incident, language, changed)
    return draft_review(ctx.tx, ctx.app, ctx.incident, draft, ctx.reader)


def _translate_form(ctx: Context, draft: Update, language: str, given: Mapping[str, str] | None = None) -> Form:
    """The facts that were typed, with their words in the first language as hints."""
    there = draft.facts.translated.get(language, {})
    fields = tuple(
        FormField(name, LABELS[name], there.get(name, ""), hint=str(getattr(draft.facts, name))[:200], limit=600)
        for name in WORDS
        if getattr(draft.facts, name) or there.get(name) or name in (given or {})
    )
    if not fields:
        message = "The draft for {incident} has no typed words, so there is nothing to translate."
        raise NotFound(message, incident=ctx.incident.key)
    kept = (("language", language), ("revision", str(draft.revision)))
    return Form("translate", f"Translate ({language})", "Save", fields, ctx.incident.key, kept)
