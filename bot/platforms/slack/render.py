"""Renders layouts as Slack messages; forms are modals (`modals.py`)."""

from collections.abc import Sequence
from dataclasses import replace
from typing import assert_never

from bot.platforms.slack.blocks import (
    BUTTON_VALUE,
    Json,
    actions,
    header,
    message,
    preformatted,
    quote,
    rows,
    small,
    spoken,
    words,
)
from bot.platforms.slack.inbound import DELIVERED, OPEN_FORM, retyped
from bot.views import Answer, Form, Post, Zone
from bot.views.forms import form_offer
from bot.views.layout import layout
from bot.views.parts import DOT, Buttons, Code, Heading, Layout, Paragraph, Part, Quote, Text

TOGETHER = 20  # lines of one block; a message is cut off between blocks


def answer(view: Answer, zone: Zone, more: str) -> Json:
    """A reply; `more` is where the rest can be read if it does not fit."""
    return _message(_offer(view) if isinstance(view, Form) else layout(view), zone, more)


def post(view: Post, zone: Zone) -> Json:
    """A message that is delivered."""
    laid = layout(view, folded=True)
    return _message(laid, zone, laid.link.url if laid.link else "", DELIVERED)


def blocks(parts: Sequence[Part], zone: Zone, block_id: str | None = None) -> list[Json]:
    """Parts as blocks; `block_id` is for the buttons."""
    return [block for part in parts for block in _blocks(part, zone, block_id)]


def _message(laid: Layout, zone: Zone, more: str, block_id: str | None = None) -> Json:
    body = blocks(_with_link(laid), zone)
    return message(spoken(zone, *laid.summary, *laid.details), body, blocks(laid.tail, zone, block_id), more)


def _with_link(laid: Layout) -> Sequence[Part]:
    """The link continues the last line."""
    *before, last = laid.parts
    if laid.link is None or not isinstance(last, Paragraph):
        return laid.parts
    return [*before, replace(last, lines=(*last.lines[:-1], (*last.lines[-1], DOT, laid.link)))]


def _offer(form: Form) -> Layout:
    """A button's value is limited; if it is too long, the message shows what was typed, to be copied."""
    line = f"{form.verb} {retyped(form)}"
    fits = len(line) <= BUTTON_VALUE
    if not fits:
        line = f"{form.verb} {retyped(replace(form, fields=()))}"
    return form_offer(form, OPEN_FORM, line, typed=not fits)


def _blocks(part: Part, zone: Zone, block_id: str | None) -> list[Json]:
    match part:
        case Heading(text):
            return header(text)
        case Paragraph(lines, small=True):
            return [block for line in lines for block in small(zone, line)]
        case Paragraph(lines):
            return [
                block
                for start in range(0, len(lines), TOGETHER)
                for block in rows(zone, *lines[start : start + TOGETHER])
            ]
        case Quote(spans):
            return quote(zone, *spans)
        case Text(text):
            return words(text)
        case Code(text):
            return preformatted(text)
        case Buttons(buttons):
            return actions(buttons, block_id)
        case _:
            assert_never(part)
