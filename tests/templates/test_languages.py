"""Every kind of update in every language: whole, in its own words only, and saying what the others say."""

import re
import tomllib
from dataclasses import replace
from functools import cache
from unicodedata import east_asian_width

import pytest

from bot.domain.audiences import TITLE_LIMIT, Audience
from bot.domain.facts import NEXT_UPDATE
from bot.domain.lint.drift import differences
from bot.domain.update_context import TEMPLATE_NAMES
from bot.domain.wording import fill
from bot.templating import BUILT_IN, Templates
from tests.templates.situations import LANGUAGES, LINK, NOW, ORGANISATION, SITUATIONS, TYPED, ago

FOLDERS = BUILT_IN / "updates"
TEMPLATES = Templates(None)
BOTH = (Audience.CUSTOMERS, Audience.SOCIAL)
FIELDS = (  # what expressions compare with
    "monitoring", "identified", "investigating", "fix implemented", "fix_implemented", "resolved", "correction",
    "no_change",
)  # fmt: skip
UNNAMED = ("correction, maintenance", "no change, fix, operational")  # English has no sentence to name them in
UNCONFIRMED = [name for name in SITUATIONS if name.endswith("unconfirmed")]
WORD = re.compile(r"[^\W\d_]+(?:[-’'][^\W\d_]+)*")
RECOVERED = {  # what only a confirmed recovery may say
    "en": "returned to normal|recovered",
    "de": "wieder normal|wiederhergestellt",
    "fr": "revenue? à la normale|rétablis(?!s)",
    "es": "vuelto a la normalidad|restablecid",
    "pt-BR": "voltou ao normal|restabelecid",
    "ja": "復旧いたしました|復旧した",
}
in_each = pytest.mark.parametrize("language", LANGUAGES)
in_each_other = pytest.mark.parametrize("language", LANGUAGES[1:])


@cache
def said(language, situation, audience=Audience.CUSTOMERS):
    """As published, the promise half an hour away."""
    moment = SITUATIONS[situation]
    rendered = TEMPLATES.render(ORGANISATION, language, audience, moment)
    assert not rendered.problem
    wording = TEMPLATES.wording(ORGANISATION, language)
    return fill(rendered.body, "" if moment.closes else wording.promise(ago(minutes=-30), NOW))


def title(language, situation):
    return TEMPLATES.wording(ORGANISATION, language).title(SITUATIONS[situation])


def everything(language):
    """Where it is read, and the text."""
    for situation in SITUATIONS:
        yield f"{situation}: title", title(language, situation)
        yield f"{situation}: social", said(language, situation, Audience.SOCIAL)
        yield situation, said(language, situation)


def matching(pattern, language, without=()):
    """Where the pattern is found in any text of the language."""
    found = {}
    for where, text in everything(language):
        for known in (f" {LINK}", *without):
            text = text.replace(known, "")
        if match := re.search(pattern, text):
            found[where] = text[max(0, match.start() - 20) : match.end() + 20]
    return found


@cache
def vocabulary(language):
    """Every word of its templates for customers and social media, and of its words.toml."""
    files = [FOLDERS / language / "social.md.j2", *(FOLDERS / language / "customers").glob("*.j2")]
    spoken = [re.sub(r"{%.*?%}", " ", re.sub(r"{{(.*?)}}", _quoted, path.read_text())) for path in files]
    pack = tomllib.loads((FOLDERS / language / "words.toml").read_text())
    tables = (pack["labels"], pack["patterns"], pack["stages"], pack["marks"], pack["impact"], *pack["impact"].values())
    values = [
        value for table in tables if isinstance(table, dict) for value in table.values() if isinstance(value, str)
    ]
    spoken += [re.sub(r"{\w+}", " ", value) for value in values]
    return {word.casefold() for text in spoken for word in WORD.findall(text)}


def _quoted(expression):
    return " ".join(part for part in re.findall(r'"([^"]*)"', expression[1]) if part not in FIELDS)


def own_words(language, text):
    """The words of the frame: without typed facts, components, the zone and the link."""
    parts = ORGANISATION.components
    names = {name for one in parts for name in (one.called(language), one.within(language, "en"), one.group)} - {""}
    facts = {words[LANGUAGES.index(language)] for words in TYPED.values()}
    for known in sorted([*facts, *names, LINK, "ET", "EST", "EDT", "UTC", "AM", "PM"], key=len, reverse=True):
        text = re.sub(
            re.escape(known) if language == "ja" else rf"(?<!\w){re.escape(known)}(?!\w)",
            " ",
            text,
            flags=re.IGNORECASE,
        )
    text = re.sub(r"\d+ \w+", " ", text)  # lengths of time are Babel's
    return {word.casefold() for word in WORD.findall(text)}


def test_the_situations_have_every_kind():
    assert {moment.template_name for moment in SITUATIONS.values()} == set(TEMPLATE_NAMES)


@in_each
def test_a_language_has_its_words_and_every_kind_for_customers_and_social_media(language):
    assert TEMPLATES.missing(language) == []
    assert (FOLDERS / language / "social.md.j2").is_file()


@in_each
def test_every_text_is_whole(language):
    slip = r"None|undefined|[{}\ue000-\ue0ff]|  | [.,]|\.\.|。。|:\.|：。|\(\)|（）|“”|「」|(?m:^ | $)|^$"
    assert matching(slip, language) == {}
    assert NEXT_UPDATE not in "".join(text for _, text in everything(language))


@in_each
def test_every_sentence_of_the_frame_ends(language):
    ends = (".", "。", "”", "“", "»", "」")
    first_lines = {part.split("\n")[0] for each in SITUATIONS for part in said(language, each).split("\n\n")}
    labels = tomllib.loads((FOLDERS / language / "words.toml").read_text())["labels"].values()
    assert [line for line in first_lines if not line.endswith(ends) and not line.startswith(tuple(labels))] == []


@in_each
def test_no_text_has_a_word_of_another_language(language):
    foreign = set().union(*(vocabulary(other) for other in LANGUAGES if other != language)) - vocabulary(language)
    assert {
        where: found for where, text in everything(language) if (found := own_words(language, text) & foreign)
    } == {}


@in_each
def test_every_text_for_social_media_fits_with_its_link(language):
    for situation in SITUATIONS:
        text = said(language, situation, Audience.SOCIAL)
        assert sum(1 + (east_asian_width(character) in "WF") for character in text) <= Audience.SOCIAL.limit
        assert text.endswith(LINK)


@in_each
def test_every_text_for_social_media_names_a_component(language):
    silent = []
    for situation, moment in SITUATIONS.items():
        names = [
            name
            for one in ORGANISATION.named(moment.impacts)
            for name in (one.called(language), one.within(language, "en"))
        ]
        corrects = situation.startswith("correction")  # says what it corrects, and the link the rest
        text = said(language, situation, Audience.SOCIAL)
        if 0 < len(moment.impacts) <= 5 and not corrects and not any(name in text for name in names):
            silent.append((situation, text))
    assert silent == []


@in_each
def test_every_title_fits(language):
    assert [each for each in SITUATIONS if not 0 < len(title(language, each)) <= TITLE_LIMIT] == []


@in_each_other
def test_another_language_says_the_same_numbers_times_and_components(language):
    drifted = {}
    for situation, moment in SITUATIONS.items():
        pair = said("en", situation), said(language, situation)
        different = [item for side in differences(*pair, ORGANISATION, language) for item in side]
        named = len(moment.impacts) <= 5 and situation not in UNNAMED
        drifted[situation] = [item for item in different if named or item.kind != "component"]
    assert {situation: found for situation, found in drifted.items() if found} == {}


@in_each
@pytest.mark.parametrize("situation", UNCONFIRMED)
def test_a_recovery_that_nobody_confirmed_is_not_claimed(language, situation):
    for audience in BOTH:
        assert not re.search(RECOVERED[language], said(language, situation, audience), re.IGNORECASE)


@in_each
def test_a_recovery_that_was_confirmed_is_said(language):
    assert re.search(RECOVERED[language], said(language, "monitoring, one"))


def test_french_punctuation_stands_behind_a_narrow_space_that_does_not_break():
    assert matching(r"(?<!\u202f)[;!?»]|«(?!\u202f)|(?<![\u202f\d]):|'|\"", "fr") == {}


def test_japanese_has_full_width_punctuation_and_no_spaces_between_sentences():
    wide = "[぀-ヿ一-鿿]"
    assert matching(rf"[;!?,()\"]|(?<!\d):|。 |(?!日){wide} \w|\d {wide}", "ja", without=["1,200"]) == {}


def test_german_and_spanish_quotes_are_curly():
    assert "„Geschenkkarten funktionieren.“" in said("de", "correction, investigating")
    assert "“Las tarjetas regalo funcionan.”" in said("es", "correction, investigating")
    for language in ("de", "es", "pt-BR"):
        assert matching("['\"]", language) == {}


@in_each_other
def test_what_nobody_has_translated_is_left_out(language):
    moment = SITUATIONS["investigating, one"]
    bare = replace(moment, facts=moment.facts.model_copy(update={"translated": {}}))
    body = TEMPLATES.render(ORGANISATION, language, Audience.CUSTOMERS, bare).body
    assert not any(words[0] in body for words in TYPED.values())
    assert ORGANISATION.component("checkout").called(language) in body
