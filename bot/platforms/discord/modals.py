"""Forms as modals. A modal has at most five fields; other fields keep what was typed, or their current value.

Limits: docs.discord.com, "Components reference": modal, label, text input, string select.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Collection
from typing import Any

from bot.commands import catalog
from bot.platforms.discord.components import CUSTOM_ID, OPTION_TEXT, OPTIONS, Json
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


def modal(form: Form, memory: FormMemory, typed: Collection[str] = ()) -> Json:
    """The `data` of a modal. `typed` names the fields that the person filled in."""
    asked = _asked(form)
    left = tuple((f.name, f.typed) for f in form.fields if f not in asked and f.typed and f.name in typed)
    carried = Form(form.verb, form.title, form.submit, (), form.incident, (*form.kept, *left))
    identity = f"fh:{form.verb}:{retyped(carried)}"
    if len(identity) > CUSTOM_ID or any('"' in value for _name, value in carried.kept):
        identity = f"fh?:{form.verb}:{form.incident} {memory.keep(carried)}"
    title = form.title if not form.incident or form.incident in form.title else f"{form.title} {form.incident}"
    parts = [_label(field) for field in asked]
    for field in (field for field in asked if field.theirs and len(parts) < FIELDS):
        at = next(n for n, part in enumerate(parts) if part.get("component", {}).get("custom_id") == field.name)
        parts.insert(at + 1, {"type": 10, "content": clipped(markdown(said_now(field)), 1000)})
    if form.note and len(parts) < FIELDS:
        parts.insert(0, {"type": 10, "content": clipped(sentence(form.note), 1000)})
    return {"title": clipped(title, TITLE), "custom_id": identity, "components": parts}


def _asked(form: Form) -> list[FormField]:
    """At most five: fields with problems first, then required ones, then the essential ones."""
    fields = list(form.fields)
    first = catalog.find(form.verb).essential

    def turn(field: FormField) -> tuple[bool, bool, int]:
        place = first.index(field.name) if field.name in first else len(first)
        return (field.problem is None, not field.required, place)

    chosen = sorted(fields, key=turn)[:FIELDS]
    return [field for field in fields if field in chosen]


def _label(field: FormField) -> Json:
    problem = sentence(field.problem).replace("\\", "") if field.problem else ""
    about = " ".join(filter(None, [problem, "" if problem else field.hint]))
    part = {"type": 18, "label": clipped(field.label, LABEL), "component": _input(field)}
    return {**part, "description": clipped(about, ABOUT)} if about else part


def _input(field: FormField) -> Json:
    if not 1 <= len(field.options) <= OPTIONS:
        longest = min(field.limit, TYPED)
        found: Json = {"type": 4, "custom_id": field.name, "style": 2 if field.long else 1, "required": field.required}
        found["max_length"] = longest
        return {**found, "value": field.typed[:longest]} if field.typed else found
    chosen = {word.strip() for word in field.typed.split(",")} if field.many else {field.typed}
    options: list[dict[str, Any]] = [
        {"label": clipped(option.label, OPTION_TEXT), "value": option.value[:OPTION_TEXT],
         **({"default": True} if option.value in chosen else {})}
        for option in field.options
    ]  # fmt: skip
    return {
        "type": 3,
        "custom_id": field.name,
        "options": options,
        "required": field.required,
        "min_values": 1 if field.required else 0,
        "max_values": len(options) if field.many else 1,
    }
