"""The fields of a modal, each asked with Slack's own controls.

A person, channel, or time has a picker beside an input for typed text, and each affected component has a row.
Sources: docs.slack.dev, reference of block elements, and "Updating modals": what was typed stays where block_id and
action_id stay.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from slack_sdk.models.blocks import (
    ActionsBlock,
    ConversationFilter,
    ConversationSelectElement,
    DatePickerElement,
    DateTimePickerElement,
    InputBlock,
    InputInteractiveElement,
    Option,
    PlainTextInputElement,
    PlainTextObject,
    RadioButtonsElement,
    StaticMultiSelectElement,
    StaticSelectElement,
    UserSelectElement,
)

from bot.commands.choices import impact_options
from bot.platforms.slack.blocks import Json, clipped, rows, spoken
from bot.platforms.slack.inbound import ADD_ROW, PREFIX
from bot.platforms.slack.submitted import CLOCK, PICKED, is_clear
from bot.views import Asks, FormField, Impact, Zone

HINT = 2000
TYPED = 3000
OPTIONS = 100
ROWS = 40  # of the 100 blocks of a modal
OPTION_TEXT = 75
OPTION_VALUE = 150
_REFERENCES = {
    Asks.PERSON: re.compile(r"<@([UW]\w+)>"),
    Asks.CHANNEL: re.compile(r"slack:([CG]\w+)(?:\|.*)?"),
    Asks.DAY: re.compile(r"(\d{4}-\d\d-\d\d)"),
}  # what a picker can show
_PICKERS = (Asks.PERSON, Asks.CHANNEL, Asks.TIME, Asks.DAY)


def inputs(field: FormField, zone: Zone) -> list[Json]:
    """The blocks of a field."""
    if field.asks is Asks.IMPACTS and field.chosen is not None and 0 < len(field.options) <= OPTIONS:
        return _impact_rows(field, field.chosen, zone)
    return _with_picker(field, zone) if field.asks in _PICKERS else [_input(field, zone, _element(field))]


def _input(field: FormField, zone: Zone, element: InputInteractiveElement) -> Json:
    hint = " ".join(filter(None, [spoken(zone, field.problem) if field.problem else "", field.hint]))
    return InputBlock(
        block_id=field.name,
        label=PlainTextObject(text=field.label, emoji=False),
        hint=PlainTextObject(text=clipped(hint, HINT), emoji=False) if hint else None,
        optional=not field.required,
        element=element,
    ).to_dict()


def _element(field: FormField) -> InputInteractiveElement:
    if not field.options or len(field.options) > OPTIONS:
        return PlainTextInputElement(
            action_id=field.name,
            initial_value=field.typed[:TYPED] or None,
            multiline=field.long,
            max_length=min(max(field.limit, len(field.typed)), TYPED),  # too long: kept, rejected on submission
        )
    options = [_option(option.value, option.label) for option in field.options]
    typed = {word.strip() for word in field.typed.split(",")} if field.many else {field.typed}
    chosen = [option for option in options if option.value in typed]
    if field.asks is Asks.ONE:
        return RadioButtonsElement(action_id=field.name, options=options)
    if field.many:
        return StaticMultiSelectElement(action_id=field.name, options=options, initial_options=chosen or None)
    return StaticSelectElement(action_id=field.name, options=options, initial_option=chosen[0] if chosen else None)


def _option(value: str, label: str) -> Option:
    return Option(value=value[:OPTION_VALUE], text=PlainTextObject(text=clipped(label, OPTION_TEXT), emoji=False))


# ---- a picker beside typed text


def _with_picker(field: FormField, zone: Zone) -> list[Json]:
    """Slack's own picker and an input for typed text. Only one of them shows what was typed before."""
    picker, shown = _picker(field, zone)
    text = replace(field, typed="" if shown else field.typed, options=(), required=False)
    people = field.asks in (Asks.PERSON, Asks.CHANNEL)  # usually chosen; times are usually typed
    if people:
        hint = field.hint or "Instead of choosing: a handle or a name"
        text = replace(text, label=f"{field.label}, typed", hint=hint)
    label = field.label if people else f"{field.label}, from the calendar"
    choice = replace(field, name=field.name + PICKED, label=label, hint="", problem=None, required=False)
    picked = _input(choice, zone, picker)
    typed = _input(text, zone, _element(text))
    return [picked, typed] if people else [typed, picked]


def _picker(field: FormField, zone: Zone) -> tuple[InputInteractiveElement, bool]:
    """The picker, and whether it shows what was typed."""
    name = field.name
    if field.asks is Asks.TIME:
        at = _moment(field.typed, zone)
        return DateTimePickerElement(action_id=name, initial_date_time=at), at is not None
    found = _REFERENCES[field.asks].fullmatch(field.typed)
    shown = found[1] if found else None
    if field.asks is Asks.PERSON:
        return UserSelectElement(action_id=name, initial_user=shown), shown is not None
    if field.asks is Asks.DAY:
        return DatePickerElement(action_id=name, initial_date=shown), shown is not None
    only = ConversationFilter(include=["public", "private"], exclude_bot_users=True)
    return ConversationSelectElement(action_id=name, initial_conversation=shown, filter=only), shown is not None


def _moment(typed: str, zone: Zone) -> int | None:
    """A time as a form writes it, in seconds; None for any other words, and where the change of clocks repeats it."""
    try:
        at = datetime.strptime(typed, CLOCK).replace(tzinfo=zone.tz)
    except ValueError:
        return None
    return int(at.timestamp()) if is_clear(at) else None


# ---- a row for each component


def _impact_rows(field: FormField, chosen: Mapping[str, str], zone: Zone) -> list[Json]:
    """A select for each component that is affected, and one that adds another component."""
    about = spoken(zone, field.problem) if field.problem else "" if chosen else "No component yet."
    made = rows(zone, (f"{field.label}: {about}",)) if about else []
    affected = [each for each in field.options if each.value in chosen]
    for each in affected[:ROWS]:
        made.append(_impact_row(field.name, each.value, each.label, chosen[each.value]))
    if len(affected) > ROWS:
        rest = f"{len(affected) - ROWS} more are affected. To change them, type `/incident impact` with their names."
        return [*made, *rows(zone, (rest,))]
    left = [_option(each.value, each.label) for each in field.options if each.value not in chosen]
    return [*made, *_adder(field.name, left, len(chosen))]


def _impact_row(field: str, component: str, label: str, chosen: str) -> Json:
    options = [_option(each.value, each.label) for each in impact_options()]
    initial = next((option for option in options if option.value == chosen), None)
    return InputBlock(
        block_id=f"{field}:{component}",
        label=PlainTextObject(text=label, emoji=False),
        optional=True,
        element=StaticSelectElement(action_id=field, options=options, initial_option=initial),
    ).to_dict()


def _adder(field: str, left: list[Option], count: int) -> list[Json]:
    """A new block_id each time, so that it does not keep what was chosen."""
    if not left:
        return []
    select = StaticSelectElement(
        action_id=f"{PREFIX}{ADD_ROW}#{field}",
        placeholder=PlainTextObject(text="Add component", emoji=False),
        options=left,
    )
    return [ActionsBlock(block_id=f"{field}:{ADD_ROW}:{count}", elements=[select]).to_dict()]


def with_row(view: Mapping[str, Any], action: Mapping[str, Any]) -> list[Json]:
    """The blocks of a modal with a row for the component that was chosen in "Add component"."""
    blocks = []
    chosen = action["selected_option"]
    field = action["action_id"].partition("#")[2]
    for block in view["blocks"]:
        if block.get("block_id") != action["block_id"]:
            blocks.append(block)
            continue
        row = _impact_row(field, chosen["value"], chosen["text"]["text"], Impact.DEGRADED.word)
        options = [_option(each["value"], each["text"]["text"]) for each in block["elements"][0]["options"]]
        left = [option for option in options if option.value != chosen["value"]]
        count = int(action["block_id"].rpartition(":")[2]) + 1
        blocks += [row, *_adder(field, left, count)]
    return blocks
