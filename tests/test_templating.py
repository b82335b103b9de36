"""Where templates are found, and what becomes of those that fail."""

import pytest
from jinja2 import UndefinedError

from bot.domain.audiences import Audience
from bot.domain.facts import NEXT_UPDATE
from bot.domain.wording import context
from bot.templating import BUILT_IN as FOLDER
from bot.templating import Rendered, Templates
from tests.reference import ESCALATION, LINK, ORGANISATION

CUSTOMERS = "updates/en/customers/investigating.md.j2"


@pytest.fixture
def overlay(tmp_path):
    def written(text, name=CUSTOMERS):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return Templates(tmp_path)

    return written


def rendered(templates, language="en", audience=Audience.CUSTOMERS):
    return templates.render_update(language, audience, "investigating", context(ESCALATION, ORGANISATION, audience))


BUILT_IN = rendered(Templates()).body


def test_the_overlay_wins(overlay):
    templates = overlay("Trouble with {{ components }}.")
    assert rendered(templates) == Rendered(f"Trouble with ChatGPT, ChatGPT Business, Codex and the API. {NEXT_UPDATE}")


def test_what_the_overlay_lacks_is_built_in(overlay):
    assert rendered(overlay("Other.", CUSTOMERS.replace("customers", "support"))).body == BUILT_IN


def test_the_overlay_may_replace_the_shared_sentences(overlay):
    parts = (FOLDER / "updates/en/_parts.md.j2").read_text()
    templates = overlay(
        parts.replace("larger than we first reported", "bigger than we said"), "updates/en/_parts.md.j2"
    )
    assert rendered(templates).body.startswith("This incident is bigger than we said.")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("One.\n{{ sinc }}", f"{CUSTOMERS}, line 2: 'sinc' is undefined"),
        ("One.\n\n{% if %}", f"{CUSTOMERS}, line 3: Expected an expression, got 'end of statement block'"),
        ("{{ title | nothing }}", f"{CUSTOMERS}, line 1: No filter named 'nothing'."),
        ("{{ title.upper() }}", "is not safely callable"),
        ("{{ title.__class__ }}", "access to attribute '__class__' of 'str' object is unsafe."),
        ("{{ range(9) }}", "'range' is undefined"),
        ("{{ 'a' * 100000000 }}", "“*” is not allowed here"),
        ("{{ 10 ** 10 ** 10 }}", "“**” is not allowed here"),
        ("{{ '%9999999d' % 1 }}", "“%” is not allowed here"),
        ("{{ 'a' | center(100000000) }}", "No filter named 'center'."),
        ("a" * 20_001, "the text is longer than 20000 characters"),
        ("{{ 1 / 0 }}", "division by zero"),
        ("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", "recursion"),
        ("{% include 'updates/en/nowhere.md.j2' %}", "updates/en/nowhere.md.j2"),
        ("{% include '../../../etc/passwd' %}", "etc/passwd"),
    ],
)
def test_a_template_that_fails_is_replaced_by_the_built_in_one_and_named(overlay, text, problem):
    result = rendered(overlay(text))
    assert result.body == BUILT_IN
    assert result.problem.startswith(CUSTOMERS)
    assert problem in result.problem


def test_broken_shared_sentences_do_not_stop_a_text(overlay):
    result = rendered(overlay("{% macro %}", "updates/en/_parts.md.j2"))
    assert result.body == BUILT_IN
    assert result.problem.startswith("updates/en/_parts.md.j2, line 1: ")


def test_a_file_that_is_no_text_is_named(overlay, tmp_path):
    templates = overlay("")
    (tmp_path / CUSTOMERS).write_bytes(b"\xff\xfe\x00")
    assert rendered(templates).body == BUILT_IN
    assert CUSTOMERS in rendered(templates).problem


def test_a_language_without_built_in_texts_has_none_where_its_own_fails(overlay):
    result = rendered(overlay("{{ sinc }}", "updates/de/customers/investigating.md.j2"), language="de")
    assert result == Rendered("", "updates/de/customers/investigating.md.j2, line 1: 'sinc' is undefined")


def test_a_built_in_template_that_fails_is_our_mistake():
    with pytest.raises(UndefinedError):
        Templates().render_update("en", Audience.INTERNAL, "resolved", {"limit": None, "filled": {}})


def test_white_space_becomes_one_paragraph(overlay):
    assert rendered(overlay("One.\n\n\n   Two.\t\n{% if grown %}Three.{% endif %}\nFour.")).body == (
        f"One. Two. Three. Four. {NEXT_UPDATE}"
    )


def test_the_promise_may_be_moved(overlay):
    assert rendered(overlay("{{ next_update }} Sorry.")).body == f"{NEXT_UPDATE} Sorry."


def test_the_link_stands_last_for_social(overlay):
    templates = overlay("Trouble.", CUSTOMERS.replace("customers", "social"))
    assert rendered(templates, audience=Audience.SOCIAL).body == f"Trouble. {NEXT_UPDATE} {LINK}"


def test_a_long_social_text_sheds_until_it_fits(overlay):
    templates = overlay(
        "{% if shed < 3 %}{{ 'x' }}" + "y" * 300 + "{% endif %} Short.", CUSTOMERS.replace("customers", "social")
    )
    assert rendered(templates, audience=Audience.SOCIAL).body == f"Short. {NEXT_UPDATE} {LINK}"


def test_english_lacks_nothing():
    assert Templates().missing("en") == []


def test_a_language_lacks_what_nobody_wrote(overlay):
    missing = overlay("Text.", "updates/de/customers/investigating.md.j2").missing("de")
    assert len(missing) == 41
    assert "updates/de/customers/investigating.md.j2" not in missing


def test_a_plain_file_keeps_its_lines(overlay):
    templates = overlay("# {{ title }}\n{% for line in lines %}\n- {{ line }}\n{% endfor %}\n", "plain.md.j2")
    assert templates.render_plain("plain.md.j2", {"title": "T", "lines": ["a", "b"]}) == "# T\n- a\n- b\n"
