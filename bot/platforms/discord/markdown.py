"""Discord's Markdown as we use it: words of people stay words. Source: docs.discord.com, "Message Formatting"."""

import re
from collections.abc import Callable
from datetime import datetime

from bot.views import RoomName, Sentence

CONTINUED = "… continued"
_MARKUP = re.compile(r"([\\`*_~|>#\[\]()<@])")
_LIST = re.compile(r"^(\s*)([-+]|\d+\.)(?=\s)", re.MULTILINE)
_LINK = re.compile(r"(https?://[^\s<>`|]+)")
# Zero width space, word joiner and byte order mark hide words; overrides turn them round
_HIDDEN = re.compile("[\u200b\u2060\ufeff\u202a-\u202e\u2066-\u2069]")


def escape(text: str, *, links: bool = True) -> str:
    """Nothing in it is markup, a mention or, without `links`, an address; what cannot be seen is taken out."""
    text = _HIDDEN.sub("", text)
    if not links:
        return _escaped(text).replace("://", r"\://")
    return "".join(part if number % 2 else _escaped(part) for number, part in enumerate(_LINK.split(text)))


def _escaped(text: str) -> str:
    return _LIST.sub(r"\1\\\2", _MARKUP.sub(r"\\\1", text))


def bold(text: str) -> str:
    """Words of people, bold."""
    return f"**{escape(text)}**" if text.strip() else ""


def quote(text: str) -> str:
    """Every line of it quoted; the text is escaped already."""
    return "\n".join(f"> {line}" for line in text.splitlines()) if text.strip() else ""


def fenced(text: str) -> str:
    """Words to paste, in a block of code that nothing in them can end."""
    return f"```\n{unfenced(text)}\n```"


def unfenced(text: str) -> str:
    """Backticks become marks that look alike and end no code."""
    return text.replace("`", "\u02cb")


def when(at: datetime) -> str:
    """A time in the reader's own zone."""
    return f"<t:{int(at.timestamp())}:t>"


def dated(at: datetime) -> str:
    """A moment that may be of another day."""
    return f"<t:{int(at.timestamp())}:f>"


def live(at: datetime) -> str:
    """Counts up or down by itself: "in 12 minutes"."""
    return f"<t:{int(at.timestamp())}:R>"


def sentence(said: Sentence, show: Callable[[datetime], str] = when, *, links: bool = True) -> str:
    """Our words with every fact literal and every moment in the reader's zone; `code` stays code."""

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
    """At most `size` characters, with a mark where some are missing; no escape is cut in two."""
    if len(text) <= size:
        return text
    return text[: size - 1].rstrip("\\") + "…"


def pieces(text: str, size: int) -> list[str]:
    """A text in parts of at most `size`, cut between words where there are any."""
    parts = []
    while len(text) > size:
        at = max(text.rfind("\n", 1, size), text.rfind(" ", 1, size))
        at = at if at > 0 else size - (text[size - 1] == "\\")
        parts.append(text[:at])
        text = text[at:].lstrip()
    return [*parts, text] if text.strip() else parts
