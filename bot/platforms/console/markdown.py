"""Markdown as HTML in which the author's own HTML has no effect."""

from functools import cache
from typing import TYPE_CHECKING

from markupsafe import Markup

if TYPE_CHECKING:
    from markdown_it import MarkdownIt


def rendered(text: str) -> Markup:
    """The text as HTML, with headings one level lower, below the page's own. Pictures and HTML stay text."""
    parser = _parser()
    tokens = parser.parse(text)
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(6, int(token.tag[1]) + 1)}"
        token.attrs.pop("style", None)  # the alignment of a column, which the content security policy refuses
    return Markup(parser.renderer.render(tokens, parser.options, {}))


@cache
def _parser() -> "MarkdownIt":
    from markdown_it import MarkdownIt  # only the retrospective needs it

    return MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")
