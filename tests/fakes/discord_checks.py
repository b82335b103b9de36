"""What Discord accepts in a request: its own description where that is at hand, and limits it leaves to its pages.

Each limit names its page of docs.discord.com. Stricter than Discord in one thing: a message says whom it may mention.
"""

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

# Beside a checkout, where it is at hand; its own page says which of Discord's descriptions it is
SPECIFICATION = Path(__file__).resolve().parents[3] / "shared/specs/discord-openapi.json"
V2 = 1 << 15  # Message Resource, message flags: IS_COMPONENTS_V2
EPHEMERAL = 1 << 6
INTERACTIVE = {2, 3, 5, 6, 7, 8}
Json = dict[str, Any]


class RefusedError(Exception):
    """Discord's answer to what it does not accept: status, JSON error code and words."""

    def __init__(self, status: int, code: int, message: str, **more: Any) -> None:
        super().__init__(f"{status} {code}: {message}")
        self.status = status
        self.body = {"code": code, "message": message, **more}


def invalid(at: str, why: str) -> RefusedError:
    """Source: Opcodes and Status Codes, 50035 "Invalid form body"."""
    return RefusedError(
        400, 50035, "Invalid Form Body", errors={at: {"_errors": [{"code": "INVALID", "message": why}]}}
    )


@cache
def _description() -> tuple[Json, Any] | None:
    try:
        import jsonschema_rs
    except ImportError:
        return None
    if not SPECIFICATION.exists():
        return None
    whole = json.loads(SPECIFICATION.read_text())
    registry = jsonschema_rs.Registry([("discord:", whole)], draft=jsonschema_rs.Draft202012)
    return whole, lambda schema: jsonschema_rs.Draft202012Validator(schema, registry=registry)


@cache
def _validator(method: str, template: str) -> Any:
    found = _description()
    if found is None:
        return None
    whole, validator = found
    path = next((p for p in whole["paths"] if _shape(p) == _shape(template)), None)
    body = (whole["paths"][path].get(method.lower()) or {}).get("requestBody") if path else None
    if body is None:
        return None
    pointer = f"discord:#/paths/{path.replace('~', '~0').replace('/', '~1')}/{method.lower()}/requestBody/content/"
    return validator({"$ref": f"{pointer}application~1json/schema".replace("{", "%7B").replace("}", "%7D")})


def _shape(path: str) -> str:
    return re.sub(r"\{\w+\}", "{}", path)


def check_body(method: str, template: str, body: Any) -> None:
    """Against Discord's own description of the request, where it is at hand."""
    validator = _validator(method, template)
    problem = next(iter(validator.iter_errors(body)), None) if validator is not None else None
    if problem is not None:
        raise invalid(".".join(map(str, problem.instance_path)) or "body", problem.message[:400])


def check_message(body: Mapping[str, Any], *, form: str = "message") -> None:
    """Content, embeds and components. Source: Message Resource, "Create Message"; Components reference."""
    flags = body.get("flags") or 0
    content, embeds, components = body.get("content") or "", body.get("embeds") or [], body.get("components") or []
    if flags & V2 and (content or embeds):
        raise invalid("content", "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2")
    if len(content) > 2000:
        raise invalid("content", "Must be 2000 or fewer in length.")
    if not (content or embeds or components or body.get("attachments")):
        raise RefusedError(400, 50006, "Cannot send an empty message")
    for number, embed in enumerate(embeds):
        _embed(embed, f"embeds.{number}")
    if len(embeds) > 10 or sum(map(_embed_length, embeds)) > 6000:
        raise invalid("embeds", "Embed size exceeds maximum size of 6000")
    if form == "message" and body.get("allowed_mentions", {}).get("parse") != []:
        raise invalid("allowed_mentions", "our rule: a message says whom it may mention")
    check_components(components, v2=bool(flags & V2))


def check_components(components: list[Json], *, v2: bool) -> None:
    """Rows, buttons, selects, containers. Source: Components reference."""
    parts = list(_all(components))
    if v2 and (len(parts) > 40 or sum(len(p.get("content", "")) for p in parts if p["type"] == 10) > 4000):
        raise invalid("components", "BASE_TYPE_MAX_LENGTH: at most 40 components and 4000 characters")
    if not v2 and (len(components) > 5 or any(part["type"] != 1 for part in components)):
        raise invalid("components", "at most 5 action rows")
    ids = [part["custom_id"] for part in parts if "custom_id" in part]
    if len(ids) != len(set(ids)):
        raise invalid("components", "COMPONENT_CUSTOM_ID_DUPLICATED")
    for part in parts:
        _component(part)


def _component(part: Json) -> None:
    if not 1 <= len(part.get("custom_id", "x")) <= 100:
        raise invalid("custom_id", "Must be between 1 and 100 in length.")
    match part["type"]:
        case 1:
            kinds = [child["type"] for child in part["components"]]
            if not kinds or len(kinds) > 5 or (any(k != 2 for k in kinds) and len(kinds) > 1):
                raise invalid("components", "1 to 5 buttons, or one select, in a row")
        case 2:
            linked = part["style"] == 5
            if (
                len(part["label"]) > 80
                or not part["label"]
                or linked != ("url" in part)
                or linked == ("custom_id" in part)
            ):
                raise invalid("button", "label of 1 to 80 characters; a link has a url, any other a custom_id")
        case 3:
            _options(part)
        case 10 if not part["content"].strip():
            raise invalid("content", "Must be between 1 and 4000 in length.")
        case 9:
            if not 1 <= len(part["components"]) <= 3 or "accessory" not in part:
                raise invalid("section", "1 to 3 texts and an accessory")


def _options(part: Json) -> None:
    options = part["options"]
    if not 1 <= len(options) <= 25 or len({o["value"] for o in options}) != len(options):
        raise invalid("options", "1 to 25 options of different values")
    if any(not 1 <= len(o[k]) <= 100 for o in options for k in ("label", "value")):
        raise invalid("options", "label and value of 1 to 100 characters")
    if any(len(o.get("description", "")) > 100 for o in options) or len(part.get("placeholder", "")) > 150:
        raise invalid("options", "description up to 100, placeholder up to 150 characters")
    if part.get("max_values", 1) > len(options) or sum(bool(o.get("default")) for o in options) > part.get(
        "max_values", 1
    ):
        raise invalid("options", "max_values and defaults within the options")


def check_modal(data: Mapping[str, Any]) -> None:
    """Source: Components reference, "Modals", "Label", "Text Input"."""
    if not 1 <= len(data["title"]) <= 45 or not 1 <= len(data["custom_id"]) <= 100:
        raise invalid("title", "title of 1 to 45, custom_id of 1 to 100 characters")
    if not 1 <= len(data["components"]) <= 5:
        raise invalid("components", "Must be between 1 and 5 in length.")
    asked = []
    for part in data["components"]:
        if part["type"] == 10:
            continue
        if part["type"] != 18 or not 1 <= len(part["label"]) <= 45 or len(part.get("description", "")) > 100:
            raise invalid("label", "label of 1 to 45, description up to 100 characters")
        asked.append(part["component"])
    check_components([], v2=True)
    if len({part["custom_id"] for part in asked}) != len(asked):
        raise invalid("components", "COMPONENT_CUSTOM_ID_DUPLICATED")
    for part in asked:
        if part["type"] == 3:
            _options(part)
            continue
        if part["type"] == 21:  # radio group
            _options(part)
            if not 2 <= len(part["options"]) <= 10:
                raise invalid("options", "2 to 10 options")
            continue
        if part["type"] in (5, 8):  # user select, channel select
            kinds = {each["type"] for each in part.get("default_values", ())}
            if len(part.get("default_values", ())) > part.get("max_values", 1) or kinds - {"user", "channel"}:
                raise invalid("default_values", "as many as may be chosen, of the kind of the select")
            continue
        longest = part.get("max_length", 4000)
        if not 1 <= longest <= 4000 or len(part.get("value", "")) > longest or len(part.get("placeholder", "")) > 100:
            raise invalid("text input", "max_length up to 4000, value within it, placeholder up to 100 characters")


def check_choices(choices: list[Json]) -> None:
    """Source: Receiving and Responding, autocomplete: at most 25 choices; names and values of 1 to 100 characters."""
    if len(choices) > 25 or any(not 1 <= len(str(c[k])) <= 100 for c in choices for k in ("name", "value")):
        raise invalid("choices", "at most 25 of 1 to 100 characters")


def check_commands(commands: list[Json]) -> None:
    """Source: Application Commands: 25 options and choices a level, 8,000 characters a command, names of 1 to 32."""
    for command in commands:
        if _command_length(command) > 8000:
            raise invalid("commands", "APPLICATION_COMMAND_TOO_LARGE")
        _command(command)


def _command(command: Json) -> None:
    if command.get("type", 1) != 3 and not re.fullmatch(r"[-_a-z0-9]{1,32}", command["name"]):
        raise invalid("name", "APPLICATION_COMMAND_INVALID_NAME")
    if len(command.get("options", ())) > 25 or len(command.get("choices", ())) > 25:
        raise invalid("options", "at most 25")
    if command.get("type") in (1, 2, 3, 4) and "options" in command and len(command.get("description", "")) > 100:
        raise invalid("description", "Must be between 1 and 100 in length.")
    needed = [bool(o.get("required")) for o in command.get("options", ())]
    if needed != sorted(needed, reverse=True):
        raise invalid("options", "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID")
    for option in command.get("options", ()):
        _command(option)


def _command_length(command: Json) -> int:
    own = len(command["name"]) + len(command.get("description", ""))
    choices = sum(len(c["name"]) + len(str(c["value"])) for c in command.get("choices", ()))
    return own + choices + sum(map(_command_length, command.get("options", ())))


def _embed(embed: Json, at: str) -> None:
    """Source: Message Resource, "Embed Limits"."""
    longest = (("title", 256), ("description", 4096))
    if any(len(embed.get(name, "")) > limit for name, limit in longest) or len(embed.get("fields", ())) > 25:
        raise invalid(at, "title up to 256, description up to 4096 characters, up to 25 fields")
    for field in embed.get("fields", ()):
        if not 1 <= len(field["name"].strip()) <= 256 or not 1 <= len(field["value"].strip()) <= 1024:
            raise invalid(at, "field name of 1 to 256, value of 1 to 1024 characters")
    if len(embed.get("footer", {}).get("text", "")) > 2048:
        raise invalid(at, "footer up to 2048 characters")


def _embed_length(embed: Json) -> int:
    fields = sum(len(f["name"]) + len(f["value"]) for f in embed.get("fields", ()))
    footer = len(embed.get("footer", {}).get("text", ""))
    return len(embed.get("title", "")) + len(embed.get("description", "")) + fields + footer


def _all(components: list[Json]) -> Iterator[Json]:
    for part in components:
        yield part
        yield from _all(part.get("components", []))
        yield from _all([part["accessory"]] if "accessory" in part else [])


def parts_of(message: Mapping[str, Any]) -> list[Json]:
    """Every component of a message."""
    return list(_all(message.get("components") or []))


def words_of(value: Any) -> str:
    """All that a message or form says, in reading order."""
    if isinstance(value, dict):
        shown = ("content", "title", "description", "name", "value", "label", "text", "placeholder")
        own = [value[k] for k in ("content", "title", "description") if isinstance(value.get(k), str)]
        own += [value[k] for k in shown[3:] if isinstance(value.get(k), str) and value.get("type") != 3]
        inside = ("embeds", "fields", "footer", "components", "component", "accessory", "options")
        parts = [words_of(value[k]) for k in inside if value.get(k)]
        return "\n".join([*own, *parts])
    return "\n".join(map(words_of, value)) if isinstance(value, list) else ""
