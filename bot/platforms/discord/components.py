"""Messages, buttons, and select menus. A custom id holds a prepared command; it never grants permission.

Limits: docs.discord.com, "Components reference" and Message Resource, "Embed Limits".
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bot.platforms.discord.markdown import clipped
from bot.views import Button
from bot.views.parts import CONTINUED

Json = dict[str, Any]

V2 = 1 << 15  # message flag IS_COMPONENTS_V2
SILENT = 1 << 12  # SUPPRESS_NOTIFICATIONS
NOBODY: Json = {"parse": []}
CUSTOM_ID = 100
LABEL = 80
A_ROW = 5
ROWS = 5
OPTIONS = 25
OPTION_TEXT = 100
CONTENT = 2000
TITLE = 256
DESCRIPTION = 4096
EMBEDS = 6000
TEXTS = 4000  # of all text displays of a message
PARTS = 40
BLUE, AMBER, RED, GREEN, GREY = 0x2F6FDE, 0xB7791F, 0xC4314B, 0x2E7D4F, 0x5C6470


@dataclass(frozen=True)
class Text:
    """Markdown text, already escaped."""

    words: str


@dataclass(frozen=True)
class Row:
    """Buttons side by side."""

    buttons: Sequence[Button]


@dataclass(frozen=True)
class Raw:
    """A component in Discord's own format."""

    part: Json


Part = Text | Row | Raw


def custom_id(verb: str, words: str, number: int = 0) -> str:
    """`fh:publish:INC-42 rev:4`. Words that do not fit are left out; the form then asks for them.

    `number` makes ids unique within a message.
    """
    found = f"fh{number or ''}:{verb}:{words}"
    if len(found) <= CUSTOM_ID:
        return found
    incident = words.partition(" ")[0] if words.startswith("INC-") else ""
    return f"fh{number or ''}:{verb}:{incident}"


def rows(buttons: Sequence[Button], links: Sequence[tuple[str, str]] = (), before: int = 0) -> list[Json]:
    """Buttons in rows of five; `before` is how many the message already has, to keep ids unique."""
    made = [_button(button, number) for number, button in enumerate(buttons, before)]
    made += [{"type": 2, "style": 5, "label": clipped(label, LABEL), "url": url} for label, url in links if url]
    groups = [made[start : start + A_ROW] for start in range(0, len(made), A_ROW)][:ROWS]
    return [{"type": 1, "components": group} for group in groups]


def select(verb: str, words: str, placeholder: str, options: Sequence[tuple[str, str, str]]) -> Json:
    """A menu: label, value, and description of each option."""
    shown = [
        {"label": clipped(label, OPTION_TEXT), "value": value[:OPTION_TEXT], "description": clipped(about, OPTION_TEXT)}
        for label, value, about in options[:OPTIONS]
    ]
    part = {"type": 3, "custom_id": custom_id(verb, words), "placeholder": placeholder, "options": shown}
    return {"type": 1, "components": [part]}


def embed_message(content: str, embed: Json, components: Sequence[Json] = (), *, flags: int = 0) -> Json:
    """A message with an embed. `content` has the same facts in one line, for lock screens and screen readers."""
    return {
        "content": clipped(content, CONTENT),
        "embeds": [_fitting(embed)],
        "components": list(components),
        "allowed_mentions": NOBODY,
        **({"flags": flags} if flags else {}),
    }


def laid_out(parts: Sequence[Part], color: int = GREY, more: str = "", tail: Sequence[Part] = ()) -> Json:
    """A message of components in one container. If parts are cut off, a link leads to the rest; `tail` never is."""
    room = TEXTS - sum(len(part.words) for part in tail if isinstance(part, Text)) - len(CONTINUED) - len(more) - 10
    free = PARTS - 2 - sum(map(_count, tail))
    kept: list[Json] = []
    pressed = 0
    for part in parts:
        found = _made(part, room, pressed)
        pressed += len(part.buttons) if isinstance(part, Row) else 0
        room -= len(part.words) if isinstance(part, Text) else 0
        free -= _count(part)
        if room < 0 or free < 0:
            kept += [*(found if free >= 0 and isinstance(part, Text) else []), _text(_rest(more))]
            break
        kept += found
    for part in tail:
        kept += _made(part, TEXTS, pressed)
        pressed += len(part.buttons) if isinstance(part, Row) else 0
    box = {"type": 17, "accent_color": color, "components": kept or [_text("-")]}
    return {"flags": V2, "components": [box], "allowed_mentions": NOBODY}


def _made(part: Part, room: int, pressed: int) -> list[Json]:
    match part:
        case Text(words):
            return [_text(clipped(words, room))] if words.strip() and room > 0 else []
        case Row(buttons):
            return rows(buttons, before=pressed)
        case Raw(component):
            return [component]


def _text(words: str) -> Json:
    return {"type": 10, "content": words}


def _rest(more: str) -> str:
    return f"[{CONTINUED}]({more})" if more else CONTINUED


def _count(part: Part) -> int:
    """How many of the 40 components it takes."""
    match part:
        case Text():
            return 1
        case Row(buttons):
            return len(buttons) + -(-len(buttons) // A_ROW)
        case Raw(component):
            return 1 + len(component.get("components", ()))


def _fitting(embed: Json) -> Json:
    """An embed within its limits, with a visible mark if something is missing."""
    shown = {**embed, "title": clipped(embed.get("title", ""), TITLE)}
    left = EMBEDS - len(shown["title"]) - len(CONTINUED) - 10
    shown["description"] = _within(shown.get("description", ""), min(DESCRIPTION, left))
    return {name: value for name, value in shown.items() if value != ""}


def _within(text: str, size: int) -> str:
    return text if len(text) <= size else f"{clipped(text, size - len(CONTINUED) - 2)}\n{CONTINUED}"


def _button(button: Button, number: int) -> Json:
    style = 1 if button.primary else 4 if button.danger else 2
    label = clipped(button.label, LABEL)
    return {"type": 2, "style": style, "label": label, "custom_id": custom_id(button.verb, button.words, number)}
