"""Two languages of one update that say different numbers, times, addresses or components."""

from dataclasses import replace
from time import process_time

import pytest

from bot.domain.facts import Facts
from bot.domain.lint import Weight, lint
from bot.domain.lint.drift import differences
from bot.domain.organisation import Component
from tests.domain.lint.subjects import subject
from tests.reference import ORGANISATION

EXAMPLE = ORGANISATION.model_copy(
    update={
        "languages": ("en", "de", "fr", "ja"),
        "components": (
            *ORGANISATION.components,
            Component(key="checkout", name="Checkout", in_text="the checkout", names={"de": "Kasse", "ja": "決済"}),
        ),
    }
)


def drifted(sees, translated, language="de", body="", **changes):
    facts = Facts(sees=sees, translated={language: {"sees": translated}})
    text = replace(subject(body or translated), language=language, facts=facts, **changes)
    return [finding for finding in lint(text, EXAMPLE) if finding.rule == "L53"]


@pytest.mark.parametrize(
    ("language", "original", "body"),
    [
        ("de", "It began at 1:05 PM ET (17:05 UTC).", "Beginn: 13:05 Uhr ET (17:05 UTC)."),
        ("de", "It began at 9 AM ET.", "Beginn: 9 Uhr ET."),
        ("fr", "It began at 9:24 AM ET.", "Début : 9 h 24 ET."),
        ("ja", "It lasted 9 hours and 30 minutes.", "継続時間：9時間30分"),
        ("ja", "It began at 2:05 PM JST.", "開始日時：午後2時05分 JST"),
        ("de", "On April 20, 2026.", "Am 20. April 2026."),
        ("ja", "On April 20, 2026, and April 1.", "2026年4月20日、4月1日"),
        ("de", "About 1,200 requests and 2.5% of them.", "Etwa 1.200 Anfragen und 2,5 % davon."),
        ("fr", "About 12,000 requests.", "Environ 12\u202f000 requêtes."),
        ("ja", "About a third of requests return error 503.", "リクエストの約3分の1で５０３エラー"),
        ("de", "Do not enter a card twice; wait for two minutes.", "Geben Sie eine Karte nicht 2 Mal ein."),
        ("de", "See https://status.example.com/incidents/INC-1.", "Siehe https://status.example.com/incidents/INC-1"),
        ("de", "The checkout and ChatGPT Business fail.", "Kasse und ChatGPT Business sind gestört."),
        ("ja", "Checkout fails.", "決済が利用できません。"),
    ],
)
def test_what_says_the_same_in_another_language_is_no_drift(language, original, body):
    assert drifted(original, body, language) == []


@pytest.mark.parametrize(
    ("original", "body", "said"),
    [
        ("Next update by 9:34 AM ET.", "Nächstes Update bis 09:43 Uhr ET.", ["09:43", "9:34 AM"]),
        ("About 1,200 requests failed.", "Etwa 12.000 Anfragen schlugen fehl.", ["12.000", "1,200"]),
        ("Fails in 3 regions.", "Fehler in 2 Regionen.", ["2", "3"]),
        ("Error 503.", "Ein Fehler.", ["503"]),
        ("Read https://example.com/a.", "Lesen Sie https://example.com/b.", ["https://example.com/b", "https://example.com/a"]),
        ("ChatGPT Business fails.", "ChatGPT ist gestört.", ["ChatGPT", "ChatGPT Business"]),
    ],
)  # fmt: skip
def test_another_number_time_address_or_component_is_found(original, body, said):
    found = drifted(original, body)
    assert [finding.reason.split("“")[1].split("”")[0] for finding in found] == said
    assert {finding.weight for finding in found} == {Weight.WARNING}
    assert all("English" in finding.reason for finding in found)


def test_the_words_found_are_marked_in_the_text():
    (found,) = drifted("error", "Fehler 503", body="Auswirkungen: Fehler 503")
    assert (found.words, found.start, found.end) == ("503", 21, 24)


def test_a_text_edited_by_hand_is_compared_whole():
    english, german = "An error since 9:24 AM ET.", "Fehler seit 9:42 Uhr ET."
    assert drifted("", "", body=german) == []
    assert len(drifted("", "", body=german, original=english)) == 2


def test_what_nobody_has_translated_is_not_missed():
    assert drifted("error 503", "", body="Seit 9:24 Uhr ET.", original="Error 503 since 9:24 AM ET.") == []


def test_the_first_language_is_compared_with_nothing():
    assert drifted("error 503", "", "en", body="Error 500.", original="Error 503.") == []


def test_a_name_within_a_longer_japanese_word_is_no_component():
    assert drifted("card payments", "カード決済", "ja") == []


def test_a_name_in_small_letters_is_a_word_that_may_be_the_component():
    assert drifted("payment by invoice", "Zahlung an der kasse") == []
    assert drifted("Checkout fails", "Störung an der kasse") == []


@pytest.mark.parametrize(
    "piece", ["1 ", "12:34 ET ", "2026年4月20日 ", "3分の1 ", "ChatGPT ", "1.000.", "https://a.example/ "]
)
def test_a_long_text_is_compared_at_once(piece):
    text = piece * (30_000 // len(piece))
    start = process_time()
    differences(text, text[:-1], EXAMPLE, "de")
    assert process_time() - start < 2
