"""A published text as Markdown and as HTML, for help desks that use one of them."""

import re
from collections.abc import Sequence

from markupsafe import Markup, escape

from bot.domain.paragraphs import BodyParagraph
from bot.reading.exports import escape_markdown

_LINK = re.compile(r"(https?://[^\s<>\"]*[^\s<>\".,;:!?)])")


def markdown(paragraphs: Sequence[BodyParagraph]) -> str:
    """Markdown in which nothing that people wrote works as markup."""
    return "\n\n".join(
        "  \n".join(_marked(line) for line in each.lines)
        or "\n".join(f"- **{escape_markdown(label)}** {_marked(text)}" for label, text in each.labeled)
        for each in paragraphs
    )


def html(paragraphs: Sequence[BodyParagraph]) -> str:
    """HTML with paragraphs, lists, and links, and nothing else."""
    return Markup("\n").join(
        Markup("<p>{}</p>").format(Markup("<br>\n").join(_linked(line) for line in each.lines))
        if each.lines
        else Markup("<ul>\n{}\n</ul>").format(
            Markup("\n").join(
                Markup("<li><strong>{}</strong> {}</li>").format(label, _linked(text)) for label, text in each.labeled
            )
        )
        for each in paragraphs
    )


def _marked(text: str) -> str:
    parts = _LINK.split(text)  # every second part is a link
    return "".join(f"<{part}>" if n % 2 else _spaced(part) for n, part in enumerate(parts))


def _spaced(text: str) -> str:
    """Escaped, with the spaces at its ends, which separate it from a link."""
    before, after = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
    return f"{before}{escape_markdown(text)}{after}" if text.strip() else text


def _linked(text: str) -> Markup:
    parts = _LINK.split(text)
    link = Markup('<a href="{0}">{0}</a>')
    return Markup("").join(link.format(part) if n % 2 else escape(part) for n, part in enumerate(parts))
