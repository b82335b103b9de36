"""Translating the facts of a draft: typed words belong to one language, and the others ask for the same facts."""

from bot.actions.updates import held_draft, translate_draft
from bot.commands.context import Context
from bot.commands.questions import label_of
from bot.commands.reviews import draft_review
from bot.domain.facts import WORDS
from bot.domain.updates import Update
from bot.errors import NothingToTranslate, UnknownLanguage
from bot.views import Answer, Form, FormField


def translate(ctx: Context, language: str, **words: str | None) -> Answer:
    """Save what another language says for the facts that were typed in the first one."""
    others = ctx.house.organisation.languages[1:]
    if language not in others:
        raise UnknownLanguage(typed=language, known=", ".join(others) or "none besides the first")
    given = {name: text for name, text in words.items() if text} | dict.fromkeys(ctx.emptied & words.keys(), "")
    draft = held_draft(ctx.tx, ctx.incident)
    if not given:
        return _translate_form(ctx, draft, language)
    translate_draft(ctx.tx, ctx.house, ctx.actor, ctx.incident, language, given)
    return draft_review(ctx.tx, ctx.house, ctx.incident, draft, ctx.actor)


def _translate_form(ctx: Context, draft: Update, language: str) -> Form:
    """The facts that were typed, each with its words in the first language as a hint."""
    there = draft.facts.translated.get(language, {})
    fields = tuple(
        FormField(name, label_of(name), there.get(name, ""), hint=str(getattr(draft.facts, name))[:200], limit=600)
        for name in WORDS
        if getattr(draft.facts, name) or there.get(name)
    )
    if not fields:
        raise NothingToTranslate(incident=ctx.incident.key)
    kept = (("language", language),)
    return Form("translate", f"Translate ({language})", "Save", fields, ctx.incident.key, kept)
