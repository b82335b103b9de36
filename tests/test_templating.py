"""Where templates are found, and what becomes of those that fail."""

import pytest

from bot.domain.audiences import Audience
from bot.domain.facts import NEXT_UPDATE
from bot.domain.template_samples import sample_contexts
from bot.templating import BUILT_IN as FOLDER
from bot.templating import Rendered, Templates
from tests.reference import ORGANISATION, et

CUSTOMERS = "updates/en/customers/investigating.md.j2"
MOMENT = sample_contexts(ORGANISATION, et("14:00"))["investigating"]
LINK = MOMENT.link


@pytest.fixture
def overlay(tmp_path):
    def written(text, name=CUSTOMERS):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return Templates(tmp_path)

    return written


def rendered(templates, language="en", audience=Audience.CUSTOMERS):
    return templates.render(ORGANISATION, language, audience, MOMENT)


BUILT_IN = rendered(Templates()).body


def test_the_overlay_wins(overlay):
    assert rendered(overlay("Trouble with {{ services }}.\n\n{{ promise }}")) == Rendered(
        f"Trouble with ChatGPT.\n\n{NEXT_UPDATE}"
    )


def test_what_the_overlay_lacks_is_built_in(overlay):
    assert rendered(overlay("Other.", CUSTOMERS.replace("customers", "support"))).body == BUILT_IN


def test_the_overlay_may_replace_the_words(overlay):
    words = (FOLDER / "updates/en/words.toml").read_text()
    templates = overlay(words.replace('known = "the major outage"', 'known = "the outage"'), "updates/en/words.toml")
    assert rendered(templates).body.startswith("We are continuing to investigate the outage affecting ChatGPT.")


def test_an_audience_and_kind_go_before_the_audience_alone(overlay):
    templates = overlay("Only this.", "updates/en/support/investigating.md.j2")
    assert rendered(templates, audience=Audience.SUPPORT).body == "Only this."


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (('join = " "', '# join = " "'), "line 1: join is missing; add it"),
        (('join = " "', 'join = " "\nglue = ""'), "line 6: glue is not a key here; remove it"),
        (("{components} ({impact})", "{components.key} ({impact})"), "filled by name only"),
        (("{components} ({impact})", "{components!r} ({impact})"), "filled by name only"),
        (("{components} ({impact})", "{components:>99} ({impact})"), "filled by name only"),
        (('many = "{number} of our services"', 'many = "{0} of our services"'), "filled by name only"),
        (('many = "{number} of our services"', 'many = "some of our services"'), "many: this pattern needs {number}"),
        (('locale = "en_US"', 'locale = "xx_YY"'), "is not a locale that Babel knows"),
    ],
)
def test_words_that_are_wrong_are_replaced_by_the_built_in_ones_and_named_with_their_line(overlay, change, problem):
    words = (FOLDER / "updates/en/words.toml").read_text()
    assert change[0] in words
    result = rendered(overlay(words.replace(*change), "updates/en/words.toml"))
    assert result.body == BUILT_IN
    assert "updates/en/words.toml, line " in result.problem
    assert problem in result.problem


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
        ("{{ failing }}", "a yes or no cannot be shown"),
        ("a" * 20_001, "the text is longer than 20,000 characters"),
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


def test_a_file_that_is_no_text_is_named(overlay, tmp_path):
    templates = overlay("")
    (tmp_path / CUSTOMERS).write_bytes(b"\xff\xfe\x00")
    assert rendered(templates).body == BUILT_IN
    assert CUSTOMERS in rendered(templates).problem


def test_a_language_without_files_has_no_text(overlay):
    assert rendered(overlay("Text."), language="cs") == Rendered("", "updates/cs: there are no such files")


def test_a_blank_line_is_a_new_paragraph_and_lines_run_on(overlay):
    assert rendered(
        overlay("One.\n   Two.\t\n\n\n{% if first %}\nThree.\n{% endif %}\n{{ recovered }}\n\nFour.")
    ).body == ("One. Two.\n\nFour.")


def test_english_lacks_nothing():
    assert Templates().missing("en") == []


def test_a_language_lacks_what_nobody_wrote(overlay):
    missing = overlay("Text.", "updates/cs/customers/investigating.md.j2").missing("cs")
    assert len(missing) == 9
    assert "updates/cs/words.toml" in missing
    assert "updates/cs/customers/investigating.md.j2" not in missing


def test_a_plain_file_keeps_its_lines(overlay):
    templates = overlay("# {{ title }}\n{% for line in lines %}\n- {{ line }}\n{% endfor %}\n", "plain.md.j2")
    assert templates.render_plain("plain.md.j2", {"title": "T", "lines": ["a", "b"]}) == "# T\n- a\n- b\n"
