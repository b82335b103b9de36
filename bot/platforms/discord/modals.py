"""Forms as modals. A modal has at most five fields; other fields keep what was typed, or their current value.

Limits: docs.discord.com, "Components reference": modal, label, text input, string select.
"""

import hashlib
import re
from collections import OrderedDict
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from discord import (
    ChannelType,
    RadioGroupOption,
    SelectDefaultValue,
    SelectDefaultValueType,
    SelectOption,
    TextStyle,
    ui,
)

from bot.commands import catalog
from bot.errors import InvalidField
from bot.intake.conflicts import CHOICE, with_one_choice
from bot.platforms.discord.components import CUSTOM_ID, OPTION_TEXT, OPTIONS
from bot.platforms.discord.markdown import clipped, sentence
from bot.platforms.discord.render import markdown
from bot.views import Asks, Form, FormField
from bot.views.forms import said_now

FIELDS = 5
TITLE = 45
LABEL = 45
ABOUT = 100
TYPED = 4000
REMEMBERED = 1000
PICKED, WHICH, HOW = ":picked", ":which", ":how"
"""After the name of a field: its picker, its components, and the impact on them."""
PICKS = {5: "<@{}>", 8: "discord:{}"}  # what a user select and a channel select say, as someone would type it
_REFERENCES = {Asks.PERSON: re.compile(r"<@!?(\d+)>"), Asks.CHANNEL: re.compile(r"discord:(\d+)(?:\|.*)?")}


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


def retyped(form: Form) -> str:
    """The values of a form, as the words that would follow its verb."""
    known = [*form.kept, *((field.name, field.typed) for field in form.fields if field.typed)]
    pairs = [f'{name}:"{value}"' for name, value in known if '"' not in value]
    return " ".join([form.incident, *pairs]).strip()


def opener(form: Form, memory: FormMemory) -> str:
    """The custom id of the button that opens a form."""
    return f"fh?:{form.verb}:{form.incident} {memory.keep(form)}"


def modal(form: Form, memory: FormMemory, typed: Collection[str] = ()) -> ui.Modal:
    """`typed` names the fields that the person filled in; of a refused form, all of them count."""
    if sum(_slots(field) + 1 for field in form.fields if field.theirs) > FIELDS:
        form = with_one_choice(form)
    shown = asked(form)
    left = tuple(
        (f.name, f.typed) for f in form.fields if f not in shown and f.typed and (form.refused or f.name in typed)
    )
    carried = Form(form.verb, form.title, form.submit, (), form.incident, (*form.kept, *left))
    identity = f"fh:{form.verb}:{retyped(carried)}"
    if len(identity) > CUSTOM_ID or any('"' in value or name.startswith(CHOICE) for name, value in carried.kept):
        identity = f"fh?:{form.verb}:{form.incident} {memory.keep(carried)}"
    made = ui.Modal(title=clipped(form.heading, TITLE), custom_id=identity)
    free = FIELDS - sum(map(_slots, shown))
    typed_too = [field for field in shown if field.asks in _REFERENCES][:free]
    free -= len(typed_too)
    theirs = [field for field in shown if field.theirs][:free]
    if form.note and free > len(theirs):
        made.add_item(ui.TextDisplay(clipped(sentence(form.note), 1000)))
    for field in shown:
        for label in _labels(field, typed_too=field in typed_too):
            made.add_item(label)
        if field in theirs:
            made.add_item(ui.TextDisplay(clipped(markdown(said_now(field)), 1000)))
    return made


def asked(form: Form) -> list[FormField]:
    """At most five inputs: conflicts and other problems first, then required fields, then the essential ones."""
    first = catalog.find(form.verb).essential

    def turn(field: FormField) -> tuple[bool, bool, int]:
        place = first.index(field.name) if field.name in first else len(first)
        return (field.problem is None and field.asks is not Asks.ONE, not field.required, place)

    chosen, free = [], FIELDS
    for field in sorted(form.fields, key=turn):
        wanted = 2 if field.asks in (Asks.PERSON, Asks.CHANNEL) else _slots(field)
        if free >= _slots(field):
            chosen.append(field)
            free -= min(wanted, free)
    return [field for field in form.fields if field in chosen]


def _slots(field: FormField) -> int:
    """How many inputs a field needs: components and their impact are two."""
    return 2 if is_one_impact(field) else 1


def is_one_impact(field: FormField) -> bool:
    """Whether a list of components and one impact say what was typed."""
    return (
        field.asks is Asks.IMPACTS
        and field.chosen is not None
        and len(set(field.chosen.values())) <= 1
        and 1 <= len(field.options) <= OPTIONS
    )


def _labels(field: FormField, *, typed_too: bool) -> list[ui.Label[Any]]:
    """The inputs of a field: a person or channel is picked, or typed where there is room for both."""
    about = sentence(field.problem).translate({ord("\\"): None, ord("`"): None}) if field.problem else field.hint
    if is_one_impact(field):
        return _impact_labels(field, about)
    if field.asks not in _REFERENCES:
        return [_label(field.label, about, _input(field))]
    found = _REFERENCES[field.asks].fullmatch(field.typed)
    text = _label(f"{field.label}, typed", about, _input(replace(field, typed="" if found else field.typed,
                                                                 options=(), required=False)))  # fmt: skip
    if not typed_too and field.typed and not found:
        return [text]
    picked = _label(field.label, "" if typed_too else about, _picker(field, found, required=not typed_too))
    return [picked, text] if typed_too else [picked]


def _label(label: str, about: str, component: ui.Item[Any]) -> ui.Label[Any]:
    return ui.Label(text=clipped(label, LABEL), description=clipped(about, ABOUT) or None, component=component)


def _impact_labels(field: FormField, about: str) -> list[ui.Label[Any]]:
    """Several components with the same impact."""
    chosen = field.chosen or {}
    which = replace(field, name=field.name + WHICH, typed=",".join(chosen), many=True, asks=Asks.WORDS)
    how = replace(
        field, name=field.name + HOW, typed=next(iter(chosen.values()), ""), options=field.values, required=False
    )
    return [_label("Affected components", about, _input(which)), _label("Impact on them", "", _input(how))]


def _picker(field: FormField, found: re.Match[str] | None, *, required: bool) -> ui.Item[Any]:
    needed = field.required and required
    kind = SelectDefaultValueType.user if field.asks is Asks.PERSON else SelectDefaultValueType.channel
    chosen = [SelectDefaultValue(id=int(found[1]), type=kind)] if found else []
    name = field.name + PICKED
    if field.asks is Asks.PERSON:
        return ui.UserSelect(custom_id=name, required=needed, min_values=int(needed), default_values=chosen)
    return ui.ChannelSelect(custom_id=name, required=needed, min_values=int(needed), default_values=chosen,
                            channel_types=[ChannelType.text, ChannelType.news])  # fmt: skip


def answered(data: Mapping[str, Any]) -> tuple[dict[str, str], dict[str, InvalidField]]:
    """The values of a submitted form and what contradicts itself, both by field. A field left empty is empty text."""
    given: dict[str, str] = {}
    for label in data["components"]:
        part = label.get("component") or {}
        if "custom_id" in part:
            values = [str(value) for value in part.get("values") or ()]
            values = [PICKS[part["type"]].format(value) for value in values] if part["type"] in PICKS else values
            given[part["custom_id"]] = (part.get("value") or ",".join(values)).strip()
    typed: dict[str, str] = {}
    problems = {}
    for name in dict.fromkeys(each.partition(":")[0] for each in given):
        text, picked = given.get(name, ""), given.get(name + PICKED, "")
        if name + WHICH in given:
            how = given.get(name + HOW)
            text = ",".join(f"{each}={how}" if how else each for each in given[name + WHICH].split(",") if each)
        if text and picked:
            problems[name] = InvalidField("You typed “{typed}” and also chose someone or something. Clear one of them.",
                                          typed=text)  # fmt: skip
        typed[name] = text or picked
    return typed, problems


def _input(field: FormField) -> ui.TextInput[Any] | ui.Select[Any] | ui.RadioGroup[Any]:
    if field.asks is Asks.ONE:
        each = [RadioGroupOption(label=clipped(o.label, OPTION_TEXT), value=o.value) for o in field.options]
        return ui.RadioGroup(custom_id=field.name, required=field.required, options=each)
    if not 1 <= len(field.options) <= OPTIONS or (field.asks is Asks.IMPACTS and not field.name.endswith(HOW)):
        style = TextStyle.paragraph if field.long else TextStyle.short
        longest = min(max(field.limit, len(field.typed)), TYPED)  # too long: kept, refused on submission
        return ui.TextInput(custom_id=field.name, style=style, required=field.required, max_length=longest,
                            default=field.typed[:longest] or None)  # fmt: skip
    options = options_of(field)
    return ui.Select(custom_id=field.name, options=options, required=field.required, min_values=int(field.required),
                     max_values=len(options) if field.many else 1)  # fmt: skip


def options_of(field: FormField) -> list[SelectOption]:
    """The options of a select menu, with what is chosen now."""
    chosen = {word.strip() for word in field.typed.split(",")} if field.many else {field.typed}
    return [
        SelectOption(label=clipped(o.label, OPTION_TEXT), value=o.value[:OPTION_TEXT], default=o.value in chosen)
        for o in field.options
    ]
