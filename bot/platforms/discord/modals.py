"""Forms as modals. A modal has at most five fields; other fields keep what was typed, or their current value.

Limits: docs.discord.com, "Components reference": modal, label, text input, string select.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Collection
from typing import Any

from discord import SelectOption, TextStyle, ui

from bot.commands import catalog
from bot.platforms.discord.components import CUSTOM_ID, OPTION_TEXT, OPTIONS
from bot.platforms.discord.markdown import clipped, sentence
from bot.platforms.discord.render import markdown
from bot.views import Form, FormField
from bot.views.forms import said_now

FIELDS = 5
TITLE = 45
LABEL = 45
ABOUT = 100
TYPED = 4000
REMEMBERED = 1000


class FormMemory:
    """Forms that are waiting to be opened or submitted, in memory. They never grant permission."""

    def __init__(self) -> None:
        self._forms: OrderedDict[str, Form] = OrderedDict()

    def keep(self, form: Form) -> str:
        """Store a form and return its key."""
        word = hashlib.sha256(repr(form).encode()).hexdigest()[:20]
        self._forms[word] = form
        self._forms.move_to_end(word)
        while len(self._forms) > REMEMBERED:
            self._forms.popitem(last=False)
        return word

    def find(self, word: str) -> Form | None:
        """The form, or None if it is no longer stored."""
        return self._forms.get(word)


def retyped(form: Form, *, typed: bool = True) -> str:
    """The values of a form, as the words that would follow its verb."""
    known = [*form.kept, *((field.name, field.typed) for field in form.fields if typed and field.typed)]
    pairs = [f'{name}:"{value}"' for name, value in known if '"' not in value]
    return " ".join([form.incident, *pairs]).strip()


def opener(form: Form, memory: FormMemory) -> str:
    """The custom id of the button that opens a form."""
    return f"fh?:{form.verb}:{form.incident} {memory.keep(form)}"


def modal(form: Form, memory: FormMemory, typed: Collection[str] = ()) -> ui.Modal:
    """`typed` names the fields that the person filled in."""
    asked = _asked(form)
    left = tuple((f.name, f.typed) for f in form.fields if f not in asked and f.typed and f.name in typed)
    carried = Form(form.verb, form.title, form.submit, (), form.incident, (*form.kept, *left))
    identity = f"fh:{form.verb}:{retyped(carried)}"
    if len(identity) > CUSTOM_ID or any('"' in value for _name, value in carried.kept):
        identity = f"fh?:{form.verb}:{form.incident} {memory.keep(carried)}"
    title = form.title if not form.incident or form.incident in form.title else f"{form.title} {form.incident}"
    made = ui.Modal(title=clipped(title, TITLE), custom_id=identity)
    free = FIELDS - len(asked)
    theirs = [field for field in asked if field.theirs][:free]
    if form.note and free > len(theirs):
        made.add_item(ui.TextDisplay(clipped(sentence(form.note), 1000)))
    for field in asked:
        made.add_item(_label(field))
        if field in theirs:
            made.add_item(ui.TextDisplay(clipped(markdown(said_now(field)), 1000)))
    return made


def _asked(form: Form) -> list[FormField]:
    """At most five: fields with problems first, then required ones, then the essential ones."""
    fields = list(form.fields)
    first = catalog.find(form.verb).essential

    def turn(field: FormField) -> tuple[bool, bool, int]:
        place = first.index(field.name) if field.name in first else len(first)
        return (field.problem is None, not field.required, place)

    chosen = sorted(fields, key=turn)[:FIELDS]
    return [field for field in fields if field in chosen]


def _label(field: FormField) -> ui.Label[Any]:
    about = sentence(field.problem).translate({ord("\\"): None, ord("`"): None}) if field.problem else field.hint
    return ui.Label(
        text=clipped(field.label, LABEL), description=clipped(about, ABOUT) or None, component=_input(field)
    )


def _input(field: FormField) -> ui.TextInput[Any] | ui.Select[Any]:
    if not 1 <= len(field.options) <= OPTIONS:
        style, longest = TextStyle.paragraph if field.long else TextStyle.short, min(field.limit, TYPED)
        return ui.TextInput(custom_id=field.name, style=style, required=field.required, max_length=longest,
                            default=field.typed[:longest] or None)  # fmt: skip
    chosen = {word.strip() for word in field.typed.split(",")} if field.many else {field.typed}
    options = [
        SelectOption(label=clipped(o.label, OPTION_TEXT), value=o.value[:OPTION_TEXT], default=o.value in chosen)
        for o in field.options
    ]
    return ui.Select(custom_id=field.name, options=options, required=field.required, min_values=int(field.required),
                     max_values=len(options) if field.many else 1)  # fmt: skip
