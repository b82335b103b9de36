"""Discord's Markdown; what people typed is never markup. Source: docs.discord.com, "Message Formatting"."""

import re
from collections.abc import Iterable
from datetime import datetime

from bot.platforms.discord.native import native, path
from bot.views import RoomName, Sentence
from bot.views.dates import AnotherDay
from bot.views.parts import Dated, Due, Link, Mention, Strong, Verb

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


def in_line(spans: Iterable[object], *, links: bool = True) -> str:
    """A line as Markdown; without `links`, typed URLs are not clickable."""
    return "".join(_span(span, links=links) for span in spans)


def sentence(said: Sentence, *, links: bool = True) -> str:
    """Our words with facts escaped and times in the reader's time zone; commands are Discord's own."""
    shown: list[str] = []
    code: list[str] | None = None
    for number, part in enumerate(re.split(r"\{(\w+)\}", said.words)):
        if number % 2 and code is None:
            shown.append(_span(said.facts[part], links=links))
        elif number % 2 and code is not None:
            code.append(unfenced(str(said.facts[part])))
        else:
            first, *rest = part.split("`")
            (shown if code is None else code).append(first)
            for piece in rest:
                if code is None:
                    code = [piece]
                else:
                    shown += [f"`{native(''.join(code))}`", piece]
                    code = None
    return "".join(shown)


def _span(span: object, *, links: bool) -> str:
    match span:
        case Sentence():
            return sentence(span, links=links)
        case Strong(Sentence() as words):
            return f"**{sentence(words, links=links)}**"
        case Strong(words):
            return bold(str(words))
        case AnotherDay():
            return dated(span)
        case datetime():
            return when(span)
        case Due(at):
            return f"{_span(at, links=links)} ({live(at)})"
        case Dated(at):
            return dated(at)
        case RoomName("discord", channel):
            return f"<#{channel}>"
        case Mention(role, group=True):
            return f"<@&{role}>"
        case Mention(account):
            return f"<@{account}>"
        case Verb(verb):
            return f"`{path(verb)}`"
        case Link(url, label):
            return url if label == url else f"[{escape(label)}]({url})"
        case _:
            return escape(str(span), links=links)


def clipped(text: str, size: int) -> str:
    """At most `size` characters, with an ellipsis if some are missing; escapes are not split."""
    if len(text) <= size:
        return text
    return text[: size - 1].rstrip("\\") + "…"
