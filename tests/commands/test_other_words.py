"""Words that people try instead of a verb: each leads to the command that is meant, and a guess changes nothing."""

import pytest

from bot.commands.catalog import COMMANDS
from bot.commands.synonyms import SYNONYMS
from bot.views import Help, IncidentCard, Notice
from tests.harness import Harness, say


@pytest.mark.parametrize(
    ("typed", "verb", "words"),
    [
        ("new API down", "declare", "API down"),
        ("open", "declare", ""),
        ("ack", "assign", ""),
        ("close", "resolve", ""),
        ("page @ben", "assign", "@ben"),
        ("commander @ben", "assign", "commander @ben"),
        ("updat identified", "update", "identified"),
        ("declrae API down", "declare", "API down"),
    ],
)
def test_a_word_that_changes_something_is_answered_with_the_right_verb_as_a_button(
    harness: Harness, typed: str, verb: str, words: str
) -> None:
    answer = harness.ana(typed)

    assert isinstance(answer, Notice)
    assert answer.refused
    assert f"`{verb}" in say(answer)
    [button] = answer.buttons
    assert (button.verb, button.words) == (verb, words)


def test_status_shows_the_incident(harness: Harness) -> None:
    harness.ana("declare API down sev:2 on:api=partial")

    assert isinstance(harness.ana("status"), IncidentCard)


def test_help_explains_what_a_word_leads_to(harness: Harness) -> None:
    explained = harness.ana("help commander")

    assert isinstance(explained, Help)
    assert explained.lines[0].verb == "assign"


@pytest.mark.parametrize("typed", ["banana", "x", "ackn", "linkedin", "notable"])
def test_a_verb_is_offered_only_if_it_is_near(harness: Harness, typed: str) -> None:
    answer = harness.ana(typed)

    assert isinstance(answer, Notice)
    assert "Did you mean" not in say(answer)
    assert "/incident help" in say(answer)
    assert answer.buttons == ()


def test_every_word_leads_to_a_command_and_hides_none() -> None:
    assert not SYNONYMS.keys() & COMMANDS.keys()
    assert {line.split()[0] for line in SYNONYMS.values()} <= COMMANDS.keys()
