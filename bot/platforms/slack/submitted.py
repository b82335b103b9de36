"""What a submitted modal says. Source: docs.slack.dev, "View submission payloads"."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from bot.errors import InvalidField
from bot.views import Zone

CLOCK = "%Y-%m-%d %H:%M"
PICKED = ":picked"  # after the name of a field: the block_id of its picker
BOTH = "You typed “{typed}” and also chose {picked}. Clear one of the two."
_INITIAL = {
    "value": "initial_value",
    "selected_option": "initial_option",
    "selected_options": "initial_options",
    "selected_user": "initial_user",
    "selected_conversation": "initial_conversation",
    "selected_date": "initial_date",
    "selected_date_time": "initial_date_time",
}  # what a submitted element says -> what the same element starts with


def answered(view: Mapping[str, Any], zone: Zone) -> tuple[dict[str, str], dict[str, InvalidField]]:
    """The values of a submitted form and what contradicts itself, both by field. A field left empty is empty text."""
    asked = {block["block_id"]: block["element"] for block in view["blocks"] if block["type"] == "input"}
    said = {name: _said(next(iter(answer.values())), zone) for name, answer in view["state"]["values"].items()}
    typed: dict[str, str] = {}
    problems = {}
    for name, element in asked.items():
        field, part, component = name.partition(":")
        if name.endswith(PICKED):
            continue
        text = said.get(name, "")
        if part:
            typed[field] = ",".join(filter(None, [typed.get(field), text and f"{component}={text}"]))
        elif (picked := said.get(name + PICKED, "")) and text:
            typed[name] = text
            before = [_said(_shown(each), zone) for each in (element, asked[name + PICKED])]
            if (text == before[0]) is not (picked == before[1]):
                typed[name] = picked if text == before[0] else text
            else:
                problems[name] = InvalidField(BOTH, typed=text, picked=picked)
        else:
            typed[name] = text or picked
    return typed, problems


def _shown(element: Mapping[str, Any]) -> dict[str, Any]:
    """What an element started with, as it would be submitted."""
    return {given: element[initial] for given, initial in _INITIAL.items() if initial in element}


def _said(answer: Mapping[str, Any], zone: Zone) -> str:
    """One element as someone would type it; several choices are joined by commas."""
    match answer:
        case {"selected_option": {"value": str(value)}} | {"selected_date": str(value)} | {"value": str(value)}:
            return value
        case {"selected_options": list(options)}:
            return ",".join(option["value"] for option in options)
        case {"selected_user": str(user)}:
            return f"<@{user}>"
        case {"selected_conversation": str(channel)}:
            return f"slack:{channel}"
        case {"selected_date_time": int(seconds)}:
            at = datetime.fromtimestamp(seconds, zone.tz)
            return f"{at:{CLOCK}}" if is_clear(at) else f"{at.astimezone(UTC):{CLOCK}} UTC"
        case _:
            return ""


def typed_again(view: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The blocks of a submitted form that ask something, with what was typed."""
    state = view["state"]["values"]
    for block in view["blocks"]:
        if block["type"] == "input":
            element = {name: value for name, value in block["element"].items() if not name.startswith("initial_")}
            [answer] = state[block["block_id"]].values() if block["block_id"] in state else [{}]
            yield {**block, "element": element | {_INITIAL[k]: v for k, v in answer.items() if k in _INITIAL and v}}
        else:
            yield block


def is_clear(at: datetime) -> bool:
    """Whether a clock time happens once: the change of clocks repeats an hour."""
    return at.replace(fold=0).utcoffset() == at.replace(fold=1).utcoffset()
