"""Builds Block Kit: what people typed is never markup, and every message fits Slack's limits.

Typed text is placed in plain_text and rich_text only, where nothing is interpreted. mrkdwn is for our own words and
times. Limits: docs.slack.dev, reference of each block, element, and composition object.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from bot.commands.catalog import confirmation
from bot.platforms.slack.inbound import PLATFORM, PREFIX
from bot.views import Button, RoomName, Sentence, Zone
from bot.views.dates import AnotherDay
from bot.views.parts import CONTINUED, DOT, Dated, Due, Link, Mention, Span, Strong, Verb
from bot.views.plain import spoken as in_words

MESSAGE_BLOCKS = 50
SECTION_TEXT = 3000
HEADER_TEXT = 150
BUTTONS = 25
BUTTON_TEXT = 75
BUTTON_VALUE = 2000
MESSAGE_TEXT = 12_000  # of all blocks together; undocumented, Slack rejects somewhat more with msg_blocks_too_long
FALLBACK_TEXT = 4000  # "for best results"; chat.postMessage

COMMAND = "/incident"
CHANNEL = re.compile(r"[CG][A-Z0-9]+")
Json = dict[str, Any]
"""A block, or an element of one. The SDK's models build the same, but take most of the time that an answer takes."""


def rows(zone: Zone, *lines: Iterable[Span]) -> list[Json]:
    """Lines of literal text and times; empty ones are left out."""
    return _rich_text(*(_with("rich_text_section", elements) for line in lines if (elements := _elements(zone, line))))


def quote(zone: Zone, *parts: Span) -> list[Json]:
    """Text as customers see it."""
    elements = _elements(zone, parts)
    return _rich_text(_with("rich_text_quote", elements)) if elements else []


def preformatted(text: str) -> list[Json]:
    """Text to copy: nothing in it is markup, and nothing else is copied with it."""
    parts = pieces(text, SECTION_TEXT)
    return [block for part in parts for block in _rich_text(_with("rich_text_preformatted", [_text(part)]))]


def header(text: str) -> list[Json]:
    """A heading. One that is too long for a header block is shown in bold, in full."""
    if len(text) <= HEADER_TEXT:
        return [{"type": "header", "text": plain(text)}] if text.strip() else []
    return _rich_text(_with("rich_text_section", [_text(text, bold=True)]))


def words(text: str) -> list[Json]:
    """Literal text, in as many sections as it needs."""
    return [{"type": "section", "text": plain(piece)} for piece in pieces(text, SECTION_TEXT)]


def small(zone: Zone, line: Sequence[Span]) -> list[Json]:
    """A gray line. It is mrkdwn, so a line that may hold typed text is shown like any other line."""
    if not all(map(_is_ours, line)):
        return rows(zone, line)
    said = "".join(_mrkdwn(span, zone) for span in line)
    return [_with("context", [{"type": "mrkdwn", "text": said, "verbatim": True}])] if said else []


def _is_ours(span: object) -> bool:
    match span:
        case Sentence():
            return all(isinstance(fact, datetime | Due | Dated) for fact in span.facts.values())
        case _:
            return isinstance(span, datetime | Due | Dated | Link) or span == DOT


def _mrkdwn(span: object, zone: Zone) -> str:
    """Source: docs.slack.dev, "Formatting message text", dates and links."""
    match span:
        case Sentence():
            words = {name: _mrkdwn(fact, zone) for name, fact in span.facts.items()}
            return "".join(escape(literal) + words.get(name, "") for literal, name in _places(span.words))
        case Dated(at) | Due(AnotherDay() as at) | (AnotherDay() as at):
            return f"<!date^{int(at.timestamp())}^{{date_short_pretty}}, {{time}}|{zone.dated(at)}>"
        case Due(at) | (datetime() as at):
            return f"<!date^{int(at.timestamp())}^{{time}}|{zone.clock(at)}>"
        case Link(url, label):
            return f"<{url}|{escape(label)}>"
        case _:
            return escape(str(span))


def actions(buttons: Sequence[Button], block_id: str | None = None) -> list[Json]:
    """At most one block: Slack rejects an empty actions block, and equal action ids within one."""
    elements = [_button(button, number) for number, button in enumerate(buttons[:BUTTONS])]
    return [_with("actions", elements) | ({"block_id": block_id} if block_id else {})] if elements else []


def message(text: str, body: Sequence[Json], tail: Sequence[Json] = (), more: str = "") -> Json:
    """The arguments of a message. A body that is cut off ends in a link to the rest; `tail` is never cut off.

    `text` is for lock screens and screen readers. Source: docs.slack.dev, chat.postMessage.
    """
    kept = fit(body, MESSAGE_BLOCKS - len(tail), more, MESSAGE_TEXT - sum(map(_length, tail)))
    return {"text": escape(clipped(text, FALLBACK_TEXT)), "blocks": [*kept, *tail]}


def fit(body: Sequence[Json], limit: int, more: str = "", text: int = MESSAGE_TEXT) -> list[Json]:
    """At most `limit` blocks with `text` characters, and a visible mark if some are missing."""
    kept: list[Json] = []
    length = 0
    for block in body:
        length += _length(block)
        if length > text or (len(kept) == limit - 1 and len(body) > limit):
            return [*kept, *rows(Zone(UTC), [Link(more, CONTINUED) if more else CONTINUED])]
        kept.append(block)
    return kept


def pieces(text: str, size: int) -> list[str]:
    """A text in parts of at most `size` characters, cut between words if possible."""
    parts = []
    while len(text) > size:
        at = max(text.rfind("\n", 1, size), text.rfind(" ", 1, size))
        at = at if at > 0 else size
        parts.append(text[:at])
        text = text[at:].lstrip()
    return [*parts, text] if text.strip() else parts


def clipped(text: str, size: int) -> str:
    """At most `size` characters, with an ellipsis if some are missing."""
    return text if len(text) <= size else text[: size - 1] + "…"


def escape(text: str) -> str:
    """Typed text without active mentions or links. Source: docs.slack.dev, "Formatting message text", escaping."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def spoken(zone: Zone, *spans: Span) -> str:
    """A line as plain text, with times in the organization's time zone."""
    return in_words(spans, zone).replace("`", "")


def called(message: dict[str, Any], command: str) -> dict[str, Any]:
    """The message with the command's name in this workspace. Only our own text is changed, which is styled as code."""
    return message if command == COMMAND else _called(message, command)


def _called(value: Any, command: str) -> Any:
    if isinstance(value, list):
        return [_called(each, command) for each in value]
    if not isinstance(value, dict):
        return value
    style = value.get("style")
    if isinstance(style, dict) and style.get("code"):
        return {**value, "text": re.sub(rf"^{COMMAND}\b", command, value["text"])}
    return {name: _called(each, command) for name, each in value.items()}


def _elements(zone: Zone, parts: Iterable[object]) -> list[Json]:
    return [element for part in parts for element in _part(zone, part)]


def _part(zone: Zone, part: object) -> list[Json]:
    match part:
        case Sentence():
            return _sentence(zone, part)
        case Strong(Sentence() as words):
            return _sentence(zone, words, bold=True)
        case Strong(words):
            return [_text(str(words), bold=True)] if words else []
        case Dated(at) | Due(AnotherDay() as at) | (AnotherDay() as at):
            return [_date(at, "{date_short_pretty}, {time}", zone.dated(at))]
        case Due(at) | (datetime() as at):
            return [_date(at, "{time}", zone.clock(at))]
        case Verb(name):
            return [_text(name, code=True)]
        case Link(url, label):
            return [{"type": "link", "url": url, "text": label}]
        case Mention(group, group=True):
            return [{"type": "usergroup", "usergroup_id": group}]
        case Mention(account):
            return [{"type": "user", "user_id": account}]
        case RoomName(platform, id=channel) if platform == PLATFORM:
            return [{"type": "channel", "channel_id": channel}]
        case _:
            return [_text(str(part))] if str(part) else []


def _sentence(zone: Zone, sentence: Sentence, *, bold: bool = False) -> list[Json]:
    """Our words with `code` as code, facts literal, and times in the reader's time zone."""
    found: list[Json] = []
    code = False
    for literal, name in _places(sentence.words):
        for number, piece in enumerate(literal.split("`")):
            code ^= number > 0
            if piece:
                found.append(_text(piece, code=code, bold=bold))
        if name:
            fact = sentence.facts[name]
            if isinstance(fact, datetime | Due | Dated | RoomName | Link):
                found += _part(zone, fact)
            elif str(fact):
                found.append(_text(str(fact), code=code, bold=bold))
    return found


def _places(pattern: str) -> list[tuple[str, str]]:
    """`See {this} now` -> [("See ", "this"), (" now", "")]."""
    parts = re.split(r"\{(\w+)\}", pattern)
    return list(zip(parts[::2], [*parts[1::2], ""], strict=True))


def plain(text: str) -> Json:
    """A text in which Slack interprets nothing."""
    return {"type": "plain_text", "text": text, "emoji": False}


def _rich_text(*parts: Json) -> list[Json]:
    return [_with("rich_text", list(parts))] if parts else []


def _with(kind: str, elements: list[Json]) -> Json:
    return {"type": kind, "elements": elements}


def _text(text: str, *, bold: bool = False, code: bool = False) -> Json:
    style = {name: True for name, on in (("bold", bold), ("code", code)) if on}
    return {"type": "text", "text": text} | ({"style": style} if style else {})


def _date(at: datetime, pattern: str, fallback: str) -> Json:
    """A time in the reader's time zone. Source: docs.slack.dev, "Date element"; the timestamp must be an integer."""
    return {"type": "date", "timestamp": int(at.timestamp()), "format": pattern, "fallback": fallback}


def _button(button: Button, number: int) -> Json:
    made: Json = {
        "type": "button",
        "text": plain(clipped(button.label, BUTTON_TEXT)),
        "action_id": f"{PREFIX}{button.verb}#{number}",
    }
    if button.words:
        made["value"] = button.words
    if button.primary or button.danger:
        made["style"] = "primary" if button.primary else "danger"
    if (asked := confirmation(button.verb)) is not None:
        texts = {"title": asked.title, "text": asked.text, "confirm": asked.yes, "deny": asked.no}
        made["confirm"] = {name: plain(text) for name, text in texts.items()}
    return made


def _length(value: object) -> int:
    """The number of visible characters in a block."""
    if isinstance(value, dict):
        return sum(len(v) if k in ("text", "fallback") and isinstance(v, str) else _length(v) for k, v in value.items())
    return sum(map(_length, value)) if isinstance(value, list) else 0
