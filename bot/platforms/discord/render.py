"""Renders layouts as Discord messages; forms are modals (`modals.py`).

Replies are components v2, and so are the draft review and the delivery report, which replace each other in a message.
Other messages are embeds: these survive crossposting, and their content is what lock screens show.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import assert_never

from discord.ui import TextDisplay

from bot.platforms.discord import components as ui
from bot.platforms.discord.components import NOBODY, V2, Item, Json, embed_message, laid_out, pages, rows, select
from bot.platforms.discord.markdown import bold, escape, fenced, in_line, quote
from bot.views import Answer, Button, DeliveryReport, DraftReview, Form, IncidentPicture, Post
from bot.views import parts as neutral
from bot.views.forms import form_offer as offer
from bot.views.layout import layout
from bot.views.parts import Buttons, Code, Heading, Layout, Paragraph, Part, Quote, Tone

EMPTY: Json = {"flags": V2, "components": [], "allowed_mentions": NOBODY}
COLORS = {Tone.QUIET: ui.GREY, Tone.CALM: ui.BLUE, Tone.GOOD: ui.GREEN, Tone.WARN: ui.AMBER, Tone.BAD: ui.RED}
ALT_TEXT = 1024  # characters; docs.discord.com, Components reference, "Media Gallery"
TOGETHER = 5  # lines of one text; a message is cut off between texts


def answer(view: Answer | Post, more: str = "") -> Json:
    """A reply; `more` is where the rest can be read if it does not fit."""
    if isinstance(view, Form):
        return form_offer(view, "")
    return _container(layout(view), more)


def answers(view: Answer | Post, more: str = "", *, folded: bool = False) -> list[Json]:
    """A reply in as many messages as it needs to be read in full; `folded`, a draft with its first text only."""
    if isinstance(view, Form):
        return [form_offer(view, "")]
    laid = layout(view, folded=folded)
    return pages(_components(laid.parts), COLORS[laid.tone], more, _components(laid.tail, _pressed(laid)))


def post(view: Post, more: str = "") -> Json:
    """A message that is delivered."""
    laid = layout(view, folded=True)
    if isinstance(view, IncidentPicture):
        image = {"media": {"url": f"attachment://{picture_name(view)}"}, "description": view.about[:ALT_TEXT]}
        said = {"type": 10, "content": markdown(laid.parts)}
        return {**EMPTY, "components": [said, {"type": 12, "items": [image]}]}
    if isinstance(view, DraftReview | DeliveryReport):
        return _container(laid, more)
    shown = [part for part in laid.parts if not (isinstance(part, Paragraph) and part.in_summary)]
    if not shown:
        return {**embed_message("\n".join(map(_markdown, laid.parts)), {}), "embeds": []}
    return embed_message(in_line(laid.summary, links=False), _embed(laid, shown), _actions(laid))


def picture_name(view: IncidentPicture) -> str:
    """The file name of a picture."""
    return f"{view.incident}.png"


def form_offer(form: Form, opens: str) -> Json:
    """A form that could not be opened: why, and a button with the id `opens`."""
    found = _container(offer(form, form.verb, form.incident))
    if opens:
        found["components"][0]["components"][-1]["components"][0]["custom_id"] = opens
    return found


def confirming(message: Json) -> Json:
    """The message with buttons that answer a confirmation with yes."""
    for part in message["components"][0]["components"]:
        for button in part.get("components", ()):
            button["custom_id"] = button["custom_id"].replace("fh:", "fh!:", 1)
    return message


def markdown(parts: Iterable[Part]) -> str:
    """Parts as one text, without buttons."""
    return "\n".join(filter(None, map(_markdown, parts)))


def _container(laid: Layout, more: str = "") -> Json:
    return laid_out(_components(laid.parts), COLORS[laid.tone], more, _components(laid.tail, _pressed(laid)))


def _pressed(laid: Layout) -> int:
    """How many buttons stand before the tail; ids are unique within a message."""
    return sum(len(_visible_buttons(part)) for part in laid.parts if isinstance(part, Buttons))


def _embed(laid: Layout, shown: Sequence[Part]) -> Json:
    """The first heading is the title."""
    title = next((part.text for part in shown if isinstance(part, Heading)), "")
    said = markdown(part for part in shown if not isinstance(part, Heading))
    embed = {"title": escape(title), "description": said.strip("\n"), "color": COLORS[laid.tone]}
    return {**embed, "url": laid.link.url} if laid.link else embed


def _actions(laid: Layout) -> list[Item]:
    """The buttons of the tail, a menu if there is one, and the link."""
    made: list[Item] = []
    for part in laid.tail:
        if isinstance(part, Buttons):
            made += [*rows(_visible_buttons(part)), *_menu(part)]
    return [*made, *rows((), [(laid.link.label, laid.link.url)])] if laid.link else made


def _visible_buttons(part: Buttons) -> list[Button]:
    """The buttons that are not in the menu, and the primary one."""
    in_menu = {item.button.verb for item in part.menu}
    shown = [button for button in part.buttons if button.primary or button.verb not in in_menu]
    return shown[:5] if part.menu else shown


def _menu(part: Buttons) -> list[Item]:
    if not part.menu:
        return []
    beside = _visible_buttons(part)
    items = [item for item in part.menu if item.button not in beside]
    options = [(item.button.label, f"{item.button.verb} {item.button.words}", item.about) for item in items]
    return [select("more", part.menu[0].button.words, "More", options)]


def _components(parts: Sequence[Part], pressed: int = 0) -> list[Item]:
    """A part that belongs to the one before it shares its text, because a message holds only so many components."""
    made: list[Item] = []
    for before, part in zip((None, *parts), parts, strict=False):
        last = made[-1] if made else None
        if isinstance(part, Buttons):
            made += [*rows(_visible_buttons(part), before=pressed), *_menu(part)]
            pressed += len(_visible_buttons(part))
        elif isinstance(last, TextDisplay) and _continues(part, before):
            last.content = f"{last.content}\n{_markdown(part)}"
        else:
            pieces = [part]
            if isinstance(part, Paragraph):
                starts = range(0, len(part.lines), TOGETHER)
                pieces = [replace(part, lines=part.lines[start : start + TOGETHER]) for start in starts]
            made += [TextDisplay(words) for words in map(_markdown, pieces) if words.strip()]
    return made


def _continues(part: Part, before: Part | None) -> bool:
    match part:
        case Quote() | Code():
            return isinstance(before, Paragraph)
        case Paragraph(small=True):
            return isinstance(before, Heading | Paragraph)
        case _:
            return False


def _markdown(part: Part) -> str:
    match part:
        case Heading(text):
            return f"### {escape(text)}" if len(text) <= ui.TITLE else bold(text)
        case Paragraph(lines, small):
            said = "\n".join(map(in_line, lines))
            return f"-# {said}".replace("\n", "\n-# ") if small else said
        case Quote(spans):
            return quote(in_line(spans))
        case neutral.Text(text):
            return f"\n{escape(text)}\n"
        case Code(text):
            return fenced(text)
        case Buttons():
            return ""
        case _:
            assert_never(part)
