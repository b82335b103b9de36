"""Markdown as HTML in which the author's own HTML has no effect."""

from markdown_it import MarkdownIt
from markupsafe import Markup

_PARSER = MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")


def rendered(text: str) -> Markup:
    """The text as HTML, with headings one level lower, below the page's own. Pictures and HTML stay text."""
    tokens = _PARSER.parse(text)
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(6, int(token.tag[1]) + 1)}"
        token.attrs.pop("style", None)  # the alignment of a column, which the content security policy refuses
    return Markup(_PARSER.renderer.render(tokens, _PARSER.options, {}))
