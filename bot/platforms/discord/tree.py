"""The catalog as one native command with groups.

Limits: docs.discord.com, "Application Commands": 25 options a level, 25 choices, 8,000 characters a command.
"""

import hashlib
import json
from typing import Any

from bot.commands import catalog
from bot.commands.choices import impact_options
from bot.commands.fields import Field
from bot.commands.parameters import GROUPS, Kind, Parameter
from bot.views.notices import ABOUT

Json = dict[str, Any]
SUBCOMMAND, GROUP = 1, 2
TYPES = {
    Kind.TEXT: 3,
    Kind.LINE: 3,
    Kind.NUMBER: 4,
    Kind.MINUTES: 4,
    Kind.YES_NO: 5,
    Kind.CHANNEL: 7,
    Kind.PERSON: 6,
    Kind.IMPACTS: 3,
}
COMPONENT, IMPACT = "component", "impact"
"""The options that say the impact on one component."""
CHAT, MESSAGE = 1, 3
IN_SERVERS = 0  # interaction context type GUILD
WRITABLE = [0, 5]  # channel types: text and announcement
DESCRIPTION = 100


def commands() -> list[Json]:
    """The commands to register: `/incident`, and the entries in the message menu."""
    top: dict[str, Json] = {}
    for command in catalog.COMMANDS.values():
        for path, subcommand in command.paths.items():
            options = [each for field, parameter in command.offered for each in _options(field, parameter)]
            made = {"name": path[-1], "description": subcommand.about[:DESCRIPTION], "type": SUBCOMMAND}
            if len(path) > 1:
                about = GROUPS.get(path[0], path[0])
                group = top.setdefault(path[0], {"name": path[0], "description": about, "type": GROUP, "options": []})
                group["options"].append({**made, "options": options})
            else:
                top[path[0]] = {**made, "options": options}
    menu = [command.message_menu for command in catalog.COMMANDS.values() if command.message_menu]
    return [
        {"name": "incident", "description": ABOUT, "type": CHAT, "contexts": [IN_SERVERS],
         "options": list(top.values())},
        *({"name": name, "type": MESSAGE, "contexts": [IN_SERVERS]} for name in menu),
    ]  # fmt: skip


def _options(field: Field, parameter: Parameter) -> list[Json]:
    """A component and its impact are chosen from two lists; the option after them takes several at once."""
    if parameter.kind is not Kind.IMPACTS:
        return [_option(field, parameter)]
    choices = tuple((option.label, option.value) for option in impact_options())
    return [
        _option(field, Parameter("Which component", COMPONENT, required=False, completes="component")),
        _option(field, Parameter("The impact on it", IMPACT, required=False, choices=choices)),
        _option(field, parameter),
    ]


def _option(field: Field, parameter: Parameter) -> Json:
    option: Json = {
        "name": parameter.name or field.name,
        "description": parameter.about[:DESCRIPTION],
        "type": TYPES[parameter.kind],
    }
    if field.required if parameter.required is None else parameter.required:
        option["required"] = True
    if parameter.completes:
        option["autocomplete"] = True
    if parameter.choices:
        option["choices"] = [{"name": name, "value": value} for name, value in parameter.choices]
    if parameter.longest:
        option["max_length"] = parameter.longest
    if parameter.between:
        option["min_value"], option["max_value"] = parameter.between
    if parameter.kind is Kind.CHANNEL:
        option["channel_types"] = WRITABLE
    return option


def fingerprint(servers: tuple[str, ...]) -> str:
    """A hash that changes with the commands or the servers."""
    return hashlib.sha256(json.dumps([sorted(servers), commands()], sort_keys=True).encode()).hexdigest()
