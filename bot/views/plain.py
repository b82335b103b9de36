"""Renders layouts as plain text: for the command line, lock screens, and screen readers."""

from collections.abc import Iterable
from datetime import datetime
from typing import assert_never

from bot.domain.times import Zone
from bot.views import Answer, Document, Post, Sentence
from bot.views.dates import AnotherDay
from bot.views.layout import layout
from bot.views.parts import (
    Buttons,
    Code,
    Dated,
    Due,
    Heading,
    Link,
    Mention,
    Paragraph,
    Part,
    Quote,
    Span,
    Strong,
    Text,
    Verb,
)


def plain(view: Answer | Post, zone: Zone) -> str:
    """The view as text, with times in `zone`. A document is its own text, unchanged."""
    if isinstance(view, Document):
        return view.text
    laid = layout(view)
    pieces = (_part(part, zone) for part in (*laid.parts, *laid.tail))
    return "\n".join(piece for piece in pieces if piece)


def say_plain(sentence: Sentence, zone: Zone) -> str:
    """A sentence as text."""
    return sentence.shown(lambda fact: _span(fact, zone))


def spoken(spans: Iterable[Span], zone: Zone) -> str:
    """A line as text."""
    return "".join(_span(span, zone) for span in spans)


def _part(part: Part, zone: Zone) -> str:
    match part:
        case Heading(text) | Text(text) | Code(text):
            return text
        case Paragraph(lines):
            return "\n".join(spoken(spans, zone) for spans in lines)
        case Quote(spans):
            return spoken(spans, zone)
        case Buttons(buttons):
            return "\n".join(f"  {'>' if b.primary else '-'} {b.label}: {b.verb} {b.words}".rstrip() for b in buttons)
        case _:
            assert_never(part)


def _span(span: object, zone: Zone) -> str:
    match span:
        case Sentence():
            return say_plain(span, zone)
        case Strong(Sentence() as words):
            return say_plain(words, zone)
        case Dated(at) | Due(AnotherDay() as at) | (AnotherDay() as at):
            return zone.dated(at)
        case Due(at) | (datetime() as at):
            return zone.clock(at)
        case Mention(account):
            return f"@{account}"
        case Link(_url, label):
            return label
        case Verb(name):
            return name
        case Strong(words):
            return str(words)
        case _:
            return str(span)
