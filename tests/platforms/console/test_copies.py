"""What support staff paste into a help desk: nothing that people wrote acts there."""

from bot.domain.paragraphs import paragraphs
from bot.reading.copies import html, markdown

TEXT = "Some <b>words</b> & *more*.\nSecond line\n\nUser impact: see https://example.com/a_b?c=1&d=2. [x](javascript:y)"


def test_markdown_keeps_links_and_escapes_the_rest() -> None:
    assert markdown(paragraphs(TEXT, ("User impact: ",))) == (
        r"Some \<b\>words\</b\> \& \*more\*.  "
        "\nSecond line\n\n"
        r"- **User impact:** see <https://example.com/a_b?c=1&d=2>. \[x\](javascript:y)"
    )


def test_html_has_paragraphs_lists_and_links_and_no_other_markup() -> None:
    assert html(paragraphs(TEXT, ("User impact: ",))) == (
        "<p>Some &lt;b&gt;words&lt;/b&gt; &amp; *more*.<br>\nSecond line</p>\n"
        "<ul>\n<li><strong>User impact:</strong> see "
        '<a href="https://example.com/a_b?c=1&amp;d=2">https://example.com/a_b?c=1&amp;d=2</a>. '
        "[x](javascript:y)</li>\n</ul>"
    )
