"""Lays out forms where they cannot be native: as text with `key:value` lines, and as a button that opens them."""

from bot.views.answers import Button, Form, FormField
from bot.views.parts import Buttons, Code, Heading, Layout, Paragraph, Part, Quote, Span, Strong, line, lines


def form_layout(form: Form) -> Layout:
    """Every field as a line, for the command line."""
    head = f"{form.title} {form.incident}".strip()
    note = lines((form.note,)) if form.note else ()
    fields = [each for field in form.fields for each in _field(field)]
    kept = [(f"  {name}:{value}",) for name, value in form.kept]
    submit = f"{form.submit}: type `{form.verb}` with these as key:value."
    return Layout((form.note or head,), (*note, Heading(head), *lines(*fields, *kept), *lines((submit,))))


def _field(field: FormField) -> list[tuple[Span, ...]]:
    shown = f"  {field.name}: {field.label}"
    shown += f" = {field.typed}" if field.typed else " (required)" if field.required else ""
    shown += f" ({field.hint})" if field.hint else ""
    for options in filter(None, (field.options, field.values)):
        shown += f" [{', '.join(f'{each.value} ({each.label})' for each in options)}]"
    problem = line("    ", field.problem) if field.problem else ()
    theirs = line(f"    In the draft now: {field.theirs}") if field.theirs else ()
    return [(shown,), problem, theirs]


def form_offer(form: Form, verb: str, words: str, *, typed: bool = False) -> Layout:
    """A form that could not be opened: why, and a button that opens it; `verb` and `words` are its command.

    With `typed` it shows everything that was typed, because the form opens without it.
    """
    note: Span = form.note or f"{form.title}: some information is still missing."
    parts: list[Part] = [*lines((note,))]
    for field in form.fields:
        if field.typed and (field.theirs or typed):
            parts += [*lines((Strong(f"{field.label}, as you typed it:"),)), Code(field.typed)]
        parts += said_now(field)
    opens = Button("Open form", verb, words, primary=True)
    return Layout((note,), tuple(parts), (Buttons((opens,)),))


def said_now(field: FormField) -> tuple[Part, ...]:
    """What someone else saved in a field in the meantime."""
    lead: tuple[Paragraph, ...] = lines((Strong(f"{field.label}, in the draft now:"),))
    return (*lead, Quote((field.theirs,))) if field.theirs else ()
