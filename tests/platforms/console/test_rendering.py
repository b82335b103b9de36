"""Views as HTML: findings are marked where they stand, and nothing people typed can act."""

import pytest
from markupsafe import Markup

from bot.platforms.console.rendering import Renderer, heading, marked, template_of
from bot.views import Answer, Audience, DraftText, Finding, Help, Notice, Weight, say
from bot.web_templates import web_environment
from tests.reference import ORGANISATION, et
from tests.samples import ANSWERS


def finding(start: int, end: int, weight: Weight = Weight.WARNING, *, in_title: bool = False) -> Finding:
    return Finding("L18", weight, Audience.CUSTOMERS, "", "", "", start, end, in_title)


def shown(body: str, *findings: Finding) -> str:
    """The marks in brackets, their numbers behind."""
    text = DraftText(Audience.CUSTOMERS, "en", "Title", body, False, False, findings)
    html = str(marked(text, "t"))
    for tag, sign in (('<mark class="hit warn">', "["), ('<mark class="hit block">', "["), ("</mark>", "]")):
        html = html.replace(tag, sign)
    return str(Markup(html).striptags())


@pytest.mark.parametrize(
    ("findings", "expected"),
    [
        ((), "one two three"),
        ((finding(4, 7),), "one [two1] three"),
        ((finding(8, 13), finding(0, 3)), "[one2] two [three1]"),
        ((finding(0, 7), finding(4, 13)), "[one two1][ three2]"),
        ((finding(0, 13), finding(4, 7)), "[one two three1]2"),
        ((finding(0, 3, in_title=True),), "one two three"),
        ((finding(0, 0),), "one two three"),
    ],
)
def test_each_finding_is_marked_with_its_number(findings: tuple[Finding, ...], expected: str) -> None:
    assert shown("one two three", *findings) == expected


def test_the_marked_text_is_escaped() -> None:
    text = DraftText(Audience.CUSTOMERS, "en", "", "a <b> & <i>", False, False, (finding(2, 5, Weight.BLOCKER),))
    assert '<mark class="hit block">&lt;b&gt;<sup>' in marked(text, "t")
    assert "<i>" not in marked(text, "t")


def test_a_fact_is_never_read_as_words() -> None:
    renderer = Renderer(web_environment(ORGANISATION))
    view = Notice(say("Type `{typed}` at {at}.", typed="<b>{at} `x`</b>", at=et("11:44")))
    html = renderer.page(template_of(view), view=view, now=et("11:44"), root="")
    assert "<code>&lt;b&gt;{at} `x`&lt;/b&gt;</code>" in html
    assert "11:44 AM ET</time>" in html


@pytest.mark.parametrize("view", ANSWERS, ids=lambda view: type(view).__name__)
def test_a_page_of_an_answer_is_called_as_people_say(view: Answer) -> None:
    assert heading(view)
    assert heading(view) != type(view).__name__ or isinstance(view, Help)
