"""Pages and feeds in the language that a reader asks for."""

import asyncio
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest
from babel.messages.pofile import read_po
from jinja2.ext import babel_extract

from bot.templating import BUILT_IN as BUILT_IN_FILES
from bot.templating import Templates
from bot.web import overview
from bot.web_templates import WEB, web_environment
from tests.harness import organisation
from tests.templates.test_languages import vocabulary
from tests.web.conftest import Client
from tests.web.stories import URL, Foghorn

ATOM = "{http://www.w3.org/2005/Atom}"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"
SPEAKING = organisation(
    languages=("en", "de", "pt-BR"),
    approval={"SEV1": 0, "SEV2": 0},
    components=[
        {"key": "checkout", "name": "Checkout", "names": {"de": "Kasse", "pt-BR": "Pagamento"}, "in_text": "checkout"},
        {"key": "api", "name": "API", "in_text": "the API"},
    ],
    channels=[],
)


@pytest.fixture(scope="module")
def told(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Client:
    """Customers read of an outage in English and German, and nobody has said it in Portuguese."""
    database = shutil.copy(migrated_sqlite, tmp_path_factory.mktemp("told") / "foghorn.db")
    foghorn = Foghorn(f"sqlite:///{database}", organisation=SPEAKING)
    for line in (
        "declare Payments on:checkout=major,api=partial",
        'update investigating sees:"card payments are declined"',
        'translate de sees:"Kartenzahlungen werden abgelehnt"',
        "publish",
    ):
        foghorn.say("ana", line)
    asyncio.run(foghorn.site.rebuild())
    return Client(foghorn.web_app())


@pytest.mark.parametrize("path", ["/", "/incidents/INC-1", "/history"])
def test_a_page_speaks_the_language_that_is_asked_for(told: Client, path: str) -> None:
    asked = told.get(f"{path}?lang=de").text
    accepted = told.get(path, headers={"accept-language": "fr;q=0.9, de-AT;q=0.8, en;q=0.1"}).text
    assert "Kasse und API: Kartenzahlungen werden abgelehnt" in asked
    assert "card payments" not in asked
    assert [line for line in asked.split("\n") if "data-now" not in line] == [
        line for line in accepted.split("\n") if "data-now" not in line
    ]


def test_the_incidents_page_says_stage_impact_promise_and_text_in_german(told: Client) -> None:
    page = told.get("/incidents/INC-1?lang=de").text
    words = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))
    for said in (
        "Wird untersucht", "Schwerwiegender Ausfall", "Teilausfall", "Wir untersuchen derzeit eine Störung.",
        "Betroffene Dienste: Kasse (schwerwiegender Ausfall); API (Teilausfall)", "Nächstes Update bis 05:45 Uhr ET",
    ):  # fmt: skip
        assert said in words
    for said in ("Investigating", "outage", "Checkout", "Next update by"):
        assert said not in words


def test_a_german_page_is_marked_as_german(told: Client) -> None:
    page = told.get("/incidents/INC-1?lang=de").text
    assert '<html lang="de"' in page
    assert '<h1 class="title" dir="auto" lang="de">' in page
    assert re.search(r'<div class="body" dir="auto" lang="de">\s*<p>Wir untersuchen', page)


def sentences() -> Iterator[tuple[str, ...]]:
    """What the public pages say, singular and plural."""
    options = {"trim_blocks": "true", "lstrip_blocks": "true", "newstyle_gettext": "true", "silent": "false"}
    for name in ("base", "public", "_public", "status", "incident", "history", "message"):
        with (WEB / f"{name}.html.j2").open("rb") as file:
            for _, _, said, _ in babel_extract(file, ("_", "gettext", "ngettext"), (), options):
                every = (said,) if isinstance(said, str) else said or ()
                if found := tuple(each for each in every if each):
                    yield found
    yield from ((said,) for said in (*overview.HEADLINES.values(), overview.RECOVERING, "unknown", "min", "h", "d"))


@pytest.mark.parametrize("language", ["de", "fr", "es", "pt-BR", "ja"])
def test_every_sentence_of_the_public_pages_is_translated(language: str) -> None:
    with (BUILT_IN_FILES / "updates" / language / "page.po").open("rb") as file:
        catalog = read_po(file)
    missing = []
    for said in sentences():
        found = catalog.get(said[0])
        forms = () if found is None else (found.string,) if isinstance(found.string, str) else found.string
        if len(forms) != (catalog.num_plurals if len(said) > 1 else 1) or not all(forms):
            missing.append(said)
    assert missing == []
    assert list(catalog.check()) == []


def test_a_language_of_ones_own_without_page_words_has_pages_in_english(tmp_path: Path) -> None:
    environment = web_environment(SPEAKING, templates=Templates(tmp_path), language="en", translated=True)
    assert environment.globals["page_language"] == "en"

    (tmp_path / "updates" / "de").mkdir(parents=True)
    own = 'msgid "History"\nmsgstr "Chronik"\n\n#, python-format\nmsgid "%(time)s ago"\nmsgstr "vor %(zeit)s"\n'
    (tmp_path / "updates" / "de" / "page.po").write_text(own)
    environment = web_environment(SPEAKING, templates=Templates(tmp_path), language="de", translated=True)
    assert environment.from_string('{{ _("History") }} {{ _("%(time)s ago", time="x") }}').render() == "Chronik x ago"


def test_links_stay_in_the_language_and_lead_to_the_others(told: Client) -> None:
    page = told.get("/?lang=de").text
    assert 'href="./incidents/INC-1?lang=de"' in page
    assert 'href="./updates.atom?lang=de"' in page
    assert 'href="?lang=en" lang="en" hreflang="en">English</a>' in page
    assert 'hreflang="de" aria-current="true">Deutsch</a>' in page


def test_a_language_that_nobody_has_translated_to_still_says_what_the_record_knows(told: Client) -> None:
    page = told.get("/incidents/INC-1", headers={"accept-language": "pt"}).text
    assert "Serviços afetados:" in page
    assert "Pagamento (interrupção grave); API (interrupção parcial)" in page
    assert "card payments" not in page


@pytest.mark.parametrize("asked", ["?lang=xx", "?lang=", "?lang=%00", ""])
def test_what_is_asked_for_in_vain_gets_the_first_language(told: Client, asked: str) -> None:
    assert "card payments are declined" in told.get(f"/{asked}", headers={"accept-language": "xx, *;q=x"}).text


def test_a_cache_knows_that_the_language_decides(told: Client) -> None:
    assert "Accept-Language" in told.get("/").headers["vary"]
    assert told.get("/").headers["etag"] != told.get("/?lang=de").headers["etag"]


@pytest.mark.parametrize("path", ["/history.atom", "/updates.atom"])
def test_a_feed_in_german_has_no_english_word(told: Client, path: str) -> None:
    feed = ElementTree.fromstring(told.get(f"{path}?lang=de").text)
    assert feed.get(LANG) == "de"
    assert feed.find(f"{ATOM}link[@rel='self']").attrib["href"] == f"{URL}{path}?lang=de"  # type: ignore[union-attr]
    read = " ".join("".join(part.itertext()) for part in feed.iter() if part.tag in (f"{ATOM}title", f"{ATOM}content"))
    words = {word.casefold() for word in re.findall(r"[^\W\d_]+", re.sub(r"<[^>]+>|&\w+;", " ", read))}
    assert "Kartenzahlungen werden abgelehnt" in read
    assert not words & (vocabulary("en") - vocabulary("de") - {"api", "ai"})


def test_entries_keep_their_ids_in_every_language(told: Client) -> None:
    ids = [
        [entry.findtext(f"{ATOM}id") for entry in ElementTree.fromstring(told.get(path).text).iter(f"{ATOM}entry")]
        for path in ("/updates.atom", "/updates.atom?lang=de")
    ]
    assert ids[0] == ids[1] != []
