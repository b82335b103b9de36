"""Discord's Markdown; what people typed is never markup. Source: docs.discord.com, "Message Formatting"."""

import re
from collections.abc import Callable
from datetime import datetime

from bot.views import RoomName, Sentence

CONTINUED = "… continued"
_MARKUP = re.compile(r"([\\`*_~|>#\[\]()<@])")
_LIST = re.compile(r"^(\s*)([-+]|\d+\.)(?=\s)", re.MULTILINE)
_LINK = re.compile(r"(https?://[^\s<>`|]+)")
# Zero width space, word joiner, and byte order mark are invisible; overrides reverse the direction of text
_HIDDEN = re.compile("[\u200b\u2060\ufeff\u202a-\u202e\u2066-\u2069]")


def escape(text: str, *, links: bool = True) -> str:
    """Text without active markup, mentions, or, if `links` is false, links. Invisible characters are removed."""
    text = _HIDDEN.sub("", text)
    if not links:
        return _escaped(text).replace("://", r"\://")
    return "".join(part if number % 2 else _escaped(part) for number, part in enumerate(_LINK.split(text)))


def _escaped(text: str) -> str:
    return _LIST.sub(r"\1\\\2", _MARKUP.sub(r"\\\1", text))


def bold(text: str) -> str:
    """Typed text in bold."""
    return f"**{escape(text)}**" if text.strip() else ""


def quote(text: str) -> str:
    """Every line quoted; the text must already be escaped."""
    return "\n".join(f"> {line}" for line in text.splitlines()) if text.strip() else ""


def fenced(text: str) -> str:
    """Text to copy, in a code block that nothing in it can end."""
    return f"```\n{unfenced(text)}\n```"


def unfenced(text: str) -> str:
    """Replaces backticks with a lookalike that does not end code."""
    return text.replace("`", "\u02cb")


def when(at: datetime) -> str:
    """A time in the reader's time zone."""
    return f"<t:{int(at.timestamp())}:t>"


def dated(at: datetime) -> str:
    """A time with its date."""
    return f"<t:{int(at.timestamp())}:f>"


def live(at: datetime) -> str:
    """A relative time that Discord keeps current: "in 12 minutes"."""
    return f"<t:{int(at.timestamp())}:R>"


def sentence(said: Sentence, show: Callable[[datetime], str] = when, *, links: bool = True) -> str:
    """Our words with facts escaped and times in the reader's time zone; `code` stays code."""

    def fact(value: object) -> str:
        if isinstance(value, RoomName) and value.platform == "discord":
            return f"<#{value.id}>"
        return show(value) if isinstance(value, datetime) else escape(str(value), links=links)

    parts = re.split(r"\{(\w+)\}", said.words)
    shown, code = [], False
    for number, part in enumerate(parts):
        if number % 2 == 0:
            shown.append(part)
            code ^= part.count("`") % 2 == 1
        elif code:
            shown.append(unfenced(str(said.facts[part])))
        else:
            shown.append(fact(said.facts[part]))
    return "".join(shown)


def clipped(text: str, size: int) -> str:
    """At most `size` characters, with an ellipsis if some are missing; escapes are not split."""
    if len(text) <= size:
        return text
    return text[: size - 1].rstrip("\\") + "…"


def pieces(text: str, size: int) -> list[str]:
    """A text in parts of at most `size` characters, cut between words if possible."""
    parts = []
    while len(text) > size:
        at = max(text.rfind("\n", 1, size), text.rfind(" ", 1, size))
        at = at if at > 0 else size - (text[size - 1] == "\\")
        parts.append(text[:at])
        text = text[at:].lstrip()
    return [*parts, text] if text.strip() else parts
