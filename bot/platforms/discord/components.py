"""Messages, buttons, and select menus. A custom id holds a prepared command; it never grants permission.

Limits: docs.discord.com, "Components reference" and Message Resource, "Embed Limits".
"""

from collections.abc import Sequence
from typing import Any

from discord import ButtonStyle, SelectOption, ui

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
PAGES = 6  # messages of one reply
BLUE, AMBER, RED, GREEN, GREY = 0x2F6FDE, 0xB7791F, 0xC4314B, 0x2E7D4F, 0x5C6470


Item = ui.TextDisplay[Any] | ui.ActionRow[Any]


def custom_id(verb: str, words: str, number: int = 0) -> str:
    """`fh:publish:INC-42 rev:4`. Words that do not fit are left out; the form then asks for them.

    `number` makes ids unique within a message.
    """
    found = f"fh{number or ''}:{verb}:{words}"
    if len(found) <= CUSTOM_ID:
        return found
    incident = words.partition(" ")[0] if words.startswith("INC-") else ""
    return f"fh{number or ''}:{verb}:{incident}"


def rows(buttons: Sequence[Button], links: Sequence[tuple[str, str]] = (), before: int = 0) -> list[ui.ActionRow[Any]]:
    """Buttons in rows of five; `before` is how many the message already has, to keep ids unique."""
    made = [_button(button, number) for number, button in enumerate(buttons, before)]
    made += [ui.Button(label=clipped(label, LABEL), url=url) for label, url in links if url]
    return [ui.ActionRow(*made[start : start + A_ROW]) for start in range(0, len(made), A_ROW)][:ROWS]


def select(verb: str, words: str, placeholder: str, options: Sequence[tuple[str, str, str]]) -> ui.ActionRow[Any]:
    """A menu: label, value, and description of each option."""
    shown = [
        SelectOption(
            label=clipped(label, OPTION_TEXT), value=value[:OPTION_TEXT], description=clipped(about, OPTION_TEXT)
        )
        for label, value, about in options[:OPTIONS]
    ]
    menu: ui.Select[Any] = ui.Select(custom_id=custom_id(verb, words), placeholder=placeholder, options=shown)
    return ui.ActionRow(menu)


def embed_message(content: str, embed: Json, components: Sequence[Item] = ()) -> Json:
    """A message with an embed. `content` has the same facts in one line, for lock screens and screen readers."""
    return {
        "content": clipped(content, CONTENT),
        "embeds": [_fitting(embed)],
        "components": [part.to_component_dict() for part in components],
        "allowed_mentions": NOBODY,
    }


def laid_out(parts: Sequence[Item], color: int = GREY, more: str = "", tail: Sequence[Item] = ()) -> Json:
    """A message of components in one container. If parts are cut off, a link leads to the rest; `tail` never is."""
    room = TEXTS - sum(map(_length, tail)) - len(CONTINUED) - len(more) - 10
    kept, rest = _fill(parts, room, PARTS - 2 - sum(map(_count, tail)))
    if rest:
        kept.append(ui.TextDisplay(f"[{CONTINUED}]({more})" if more else CONTINUED))
    return _boxed([*kept, *tail], color)


def pages(parts: Sequence[Item], color: int = GREY, more: str = "", tail: Sequence[Item] = ()) -> list[Json]:
    """Like `laid_out`, in as many messages as the parts need, up to PAGES; `tail` ends the last."""
    found: list[Json] = []
    room, free = TEXTS - sum(map(_length, tail)) - 10, PARTS - 2 - sum(map(_count, tail))
    while len(found) < PAGES - 1:
        kept, rest = _fill(parts, room, free)
        if not rest:
            break
        kept, parts = _fill(parts, TEXTS - 10, PARTS - 2)
        found.append(_boxed(kept, color))
    return [*found, laid_out(parts, color, more, tail)]


def _fill(parts: Sequence[Item], room: int, free: int) -> tuple[list[Item], list[Item]]:
    """What fits in so many characters and components, and the rest. A text is divided between lines or words."""
    kept: list[Item] = []
    for number, part in enumerate(parts):
        if _length(part) <= room and _count(part) <= free:
            kept.append(part)
            room, free = room - _length(part), free - _count(part)
            continue
        rest = list(parts[number:])
        if isinstance(part, ui.TextDisplay) and free > 0 and room > 0:
            at = max(part.content.rfind(end, 0, room) for end in ("\n", " "))
            if at > 0:
                kept.append(ui.TextDisplay(part.content[:at]))
                quoted = "> " if part.content[:at].rpartition("\n")[2].startswith("> ") else ""
                again = part.content[at:].strip()
                rest[0] = ui.TextDisplay(again if again.startswith("> ") else f"{quoted}{again}")
        return kept, rest
    return kept, []


def _boxed(parts: Sequence[Item], color: int) -> Json:
    box: ui.Container[Any] = ui.Container(*(parts or [ui.TextDisplay("-")]), accent_color=color)
    return {"flags": V2, "components": [box.to_component_dict()], "allowed_mentions": NOBODY}


def _length(part: Item) -> int:
    return len(part.content) if isinstance(part, ui.TextDisplay) else 0


def _count(part: Item) -> int:
    """How many of the 40 components it takes."""
    return 1 if isinstance(part, ui.TextDisplay) else 1 + len(part.children)


def _fitting(embed: Json) -> Json:
    """An embed within its limits, with a visible mark if something is missing."""
    shown = {**embed, "title": clipped(embed.get("title", ""), TITLE)}
    text, size = shown.get("description", ""), min(DESCRIPTION, EMBEDS - len(shown["title"]) - len(CONTINUED) - 10)
    if len(text) > size:
        shown["description"] = f"{clipped(text, size - len(CONTINUED) - 2)}\n{CONTINUED}"
    return {name: value for name, value in shown.items() if value != ""}


def _button(button: Button, number: int) -> ui.Button[Any]:
    style = ButtonStyle.primary if button.primary else ButtonStyle.danger if button.danger else ButtonStyle.secondary
    return ui.Button(
        style=style, label=clipped(button.label, LABEL), custom_id=custom_id(button.verb, button.words, number)
    )
