"""Concurrent edits: what someone else changed meanwhile comes back beside what was typed, and neither is lost."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from bot.actions import revisions as compared_with
from bot.actions.revisions import TITLE, name_of, words_by_field
from bot.actions.updates import TextEdit, check_revision, edit_texts, held_draft
from bot.commands import fields
from bot.commands import shared_fields as shared
from bot.commands.command import IncidentScope, command
from bot.commands.context import Context
from bot.commands.facts import typed_time
from bot.commands.fields import Field
from bot.commands.parameters import Subcommand
from bot.domain.audiences import Audience
from bot.domain.facts import typed_values
from bot.domain.people import Group
from bot.domain.revisions import Compared, written_by
from bot.domain.updates import Update, UpdateText
from bot.errors import Conflict, EditedMeanwhile, InvalidField
from bot.reading.reviews import checked_text, draft_review
from bot.store import people, revisions, updates
from bot.views import Answer, DraftText, Form, FormField, Sentence, say

WORDS = tuple(
    Field(name, name.replace("_", " ").capitalize(), fields.text, long=True, limit=3000)
    for audience in Audience
    for name in (audience.value, f"corrected_{audience.value}")
)
AUDIENCE_SHOWN = replace(shared.AUDIENCE, asked=False)
TITLE_EDITED = Field("title", "Title", fields.line, limit=200)


BLANK = "(nothing)"


@command(
    "edit",
    "Edits the draft's texts.",
    "/incident edit",
    (shared.REVISION, AUDIENCE_SHOWN, TITLE_EDITED, *WORDS),
    who_may=Group.MEMBERS,
    group="draft",
    title="Edit draft",
    submit="Save",
    incident=IncidentScope.LAST,
    settles=True,
    subcommands=(Subcommand("Edit the draft"),),
    asks=lambda typed: not typed.keys() - {"incident", "revision", "audience"},
)
def edit(
    ctx: Context, revision: int | None, audience: Audience | None, title: str | None, **words: str | None
) -> Answer:
    """Save texts edited by hand; if nothing was typed, show the form with all texts, or those of one audience.

    `words` are by audience; in a correction also `corrected_<audience>`: the published text as it will read. If someone
    else saved meanwhile, the form comes back with both.
    """
    draft = held_draft(ctx.tx, ctx.incident, revision)
    given = {name: text for name, text in words.items() if text}
    if ctx.emptied & words.keys():
        raise InvalidField("There is no text to publish. Write what customers should read, or select “No change”.")
    if not given and not title:
        return edit_form(ctx, draft, audience)
    texts = _editable(ctx, draft)
    unknown = sorted(set(given) - set(texts))
    if unknown:
        raise InvalidField(typed=unknown[0], wanted="an audience of this draft")
    typed = given | ({TITLE: title} if title else {})
    compared = compared_with.compare_words(ctx.tx, ctx.actor, draft, revision, typed, texts)
    if refusal := _refusal(ctx, draft, revision, compared):
        return _both(ctx, draft, typed, compared, refusal)
    edits = [TextEdit(texts[name], text) for name, text in given.items() if name in compared.changed]
    new_title = title or "" if TITLE in compared.changed else ""
    edit_texts(ctx.tx, ctx.actor, ctx.app, ctx.incident, draft.revision, new_title, edits)
    return draft_review(ctx.tx, ctx.app, ctx.incident, draft, ctx.reader)


def _refusal(ctx: Context, draft: Update, revision: int | None, compared: Compared) -> Conflict | None:
    """Why the texts are not saved; None if the actor has read everything that they replace."""
    try:
        check_revision(ctx.tx, draft, revision, done="saved over", refusal=EditedMeanwhile)
    except EditedMeanwhile as refusal:
        return refusal
    if compared.clashes:
        return Conflict(
            "Someone else edited this text by hand, so nothing was saved over it. Your text is still here, next to "
            "the current text (revision {new}). Combine them, then save again.",
            new=draft.revision,
        )
    return None


def _editable(ctx: Context, draft: Update) -> dict[str, UpdateText]:
    """The texts in the first language, by field name."""
    first = ctx.app.organisation.languages[0]
    both = [*updates.texts(ctx.tx, draft), *updates.texts(ctx.tx, draft, corrected=True)]
    return {("corrected_" if t.corrected else "") + t.audience.value: t for t in both if t.language == first}


def checked(ctx: Context, field: str, words: str) -> DraftText:
    """A text of the open draft, by its field, with its findings as if these words were saved. Raises InvalidField."""
    draft = held_draft(ctx.tx, ctx.incident)
    text = _editable(ctx, draft).get(field)
    if text is None:
        raise InvalidField(typed=field, wanted="an audience of this draft")
    return checked_text(ctx.tx, ctx.app, ctx.incident, draft, text, words)


def edit_form(ctx: Context, draft: Update, audience: Audience | None = None) -> Form:
    """All texts in the first language, or those of one audience if it has any."""
    fields = _fields(words_by_field(_editable(ctx, draft)))
    wanted = (TITLE, audience, f"corrected_{audience}") if audience else ()
    if audience in {field.name for field in fields}:
        fields = [field for field in fields if field.name in wanted]
    note = say("Foghorn writes “Next update by …” itself. Saving creates revision {new}.", new=draft.revision + 1)
    return _form(ctx, draft, fields, note)


def _form(ctx: Context, draft: Update, fields: Sequence[FormField], note: Sentence, *, refused: bool = False) -> Form:
    kept = (("revision", str(draft.revision)),)
    return Form("edit", "Edit draft", "Save", tuple(fields), ctx.incident.key, kept, note, refused)


def _fields(words: Mapping[str, str]) -> list[FormField]:
    title = FormField(TITLE, "Title", words[TITLE], limit=200)
    texts = {name: text for name, text in words.items() if name != TITLE}
    return [title, *(FormField(n, n.replace("_", " ").capitalize(), text, long=True) for n, text in texts.items())]


def _both(ctx: Context, draft: Update, typed: Mapping[str, str], compared: Compared, refusal: Conflict) -> Form:
    """What was typed, with the current text beside it. Fields that were sent back unchanged show the current text."""
    texts = _editable(ctx, draft)
    names = {field: name_of(text) for field, text in texts.items()} | {TITLE: TITLE}
    now = words_by_field(texts)
    shown = {**now, **{name: typed[name] for name in compared.changed}}
    who = {field: _changed_by(ctx, draft, names[field], now[field]) for field in compared.clashes}
    fields = [_beside(f, who[f.name], now[f.name]) if f.name in who else f for f in _fields(shown)]
    return _form(ctx, draft, fields, say(refusal.words, **refusal.facts), refused=True)


def _changed_by(ctx: Context, draft: Update, name: str, value: object) -> Sentence:
    history = revisions.revisions(ctx.tx, draft)
    person = written_by(history, name, value) or draft.revised_by
    return say("{person} changed this in the meantime.", person=people.person_names(ctx.tx)[person])


def _beside(field: FormField, problem: Sentence, theirs: str) -> FormField:
    return replace(field, problem=problem, theirs=theirs or BLANK)


def merged(ctx: Context, revision: int | None, typed: Mapping[str, object]) -> Compared:
    """What a form that started from `revision` changes, and what someone else changed differently meanwhile.

    `typed` is by the name of the fact, or `stage`, `impacts`, `next_at`. A typed line has no revision, so all of it
    counts.
    """
    draft = updates.find_draft(ctx.tx, ctx.incident)
    if revision is None or (draft is not None and draft.revision == revision):
        return Compared(frozenset(typed), frozenset())
    return compared_with.compare_facts(ctx.tx, ctx.incident, draft, revision, typed)


def sent_back(ctx: Context, verb: str, fields: Sequence[Field], now: Mapping[str, str], compared: Compared) -> Form:
    """The form of `update` or `resolve` with the conflicts; `now` holds the current values as they would be typed."""
    last = updates.find_draft(ctx.tx, ctx.incident) or updates.last_ended(ctx.tx, ctx.incident)
    assert last is not None  # without a draft there is no conflict
    shown = []
    kept = [("revision", now["revision"])]
    for field in fields:
        typed = ctx.typed.get(field.name, "") if field.name in compared.changed else now.get(field.name, "")
        asked = field.shown(ctx.app.organisation, typed)
        if field.name in compared.clashes:
            value = typed_values(last.facts).get(field.name)
            theirs = now.get(field.name) or _as_typed(ctx, value)
            shown.append(_beside(asked, _changed_by(ctx, last, field.name, value), theirs))
        elif field.asked:
            shown.append(asked)
        elif typed and field.name != "revision":
            kept.append((field.name, typed))
    note = _meanwhile(ctx, last)
    return Form(verb, verb.capitalize(), "Draft it", tuple(shown), ctx.incident.key, tuple(kept), note, refused=True)


def beside_translated(
    ctx: Context, form: Form, language: str, typed: Mapping[str, str], compared: Compared, draft: Update
) -> Form:
    """The form of `translate` with the current words shown and the typed words in its fields."""
    fields = []
    for field in form.fields:
        name, now = f"{language}.{field.name}", field.typed
        shown = replace(field, typed=typed[field.name]) if name in compared.changed else field
        beside = name in compared.clashes
        fields.append(_beside(shown, _changed_by(ctx, draft, name, now), now) if beside else shown)
    return replace(form, fields=tuple(fields), note=_meanwhile(ctx, draft), refused=True)


def _meanwhile(ctx: Context, last: Update) -> Sentence:
    person = people.person_names(ctx.tx)[last.published_by or last.revised_by]
    refusal = EditedMeanwhile(person=person, new=last.revision, at=last.published_at or last.revised_at)
    return say(refusal.words, **refusal.facts)


def _as_typed(ctx: Context, value: object) -> str:
    if isinstance(value, tuple):
        return ",".join(map(str, value))
    return typed_time(ctx, value) or str(value or "")
