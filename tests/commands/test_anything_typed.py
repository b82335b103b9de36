"""Anything typed after /incident gives an answer, never an exception and never the words for the unforeseen."""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.commands.catalog import COMMANDS
from tests.harness import CROWD, Harness, say

VERBS = [command.verb for command in COMMANDS.values()]
KEYS = sorted({key for command in COMMANDS.values() for field in command.asked for key in (field.name, *field.keys)})
VALUES = ["", "1", "30m", "13:30", "api=major", "api", "yes", "no", "md", "customers", "@ben", "#status", "fix",
          "INC-1", "2026-04-27", "9999-12-31 23:59", "0001-01-01", "99h", "thread", "٣", "nobody"]  # fmt: skip
WORDS = st.one_of(
    st.sampled_from(VERBS + VALUES),
    st.builds("{}:{}".format, st.sampled_from(KEYS), st.sampled_from(VALUES)),
    st.builds('{}:"{}"'.format, st.sampled_from(KEYS), st.text(max_size=12)),
    st.text(st.characters(codec=None, exclude_categories=()), max_size=12),
)
LINES = st.one_of(
    st.builds(lambda verb, words: " ".join([verb, *words]), st.sampled_from(VERBS), st.lists(WORDS, max_size=6)),
    st.text(st.characters(codec=None, exclude_categories=()), max_size=60),
)
FORMS = st.dictionaries(st.sampled_from(KEYS), st.one_of(st.sampled_from(VALUES), st.text(max_size=20)), max_size=5)
OFTEN = settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def lived_in(shared_url: str) -> Iterator[Harness]:
    """Foghorn with an open incident, one that is private, and one that was resolved."""
    harness = Harness(shared_url, CROWD)
    harness.invite("Sue Support", support=True)
    harness.ana("declare Old one sev:3 on:codex=partial")
    harness.ana("publish")
    harness.ana("resolve end:05:15")
    harness.ana("publish")
    harness.ana("declare Secret one private:yes")
    harness.ana("declare API down sev:1 on:api=major")
    harness.ana("publish INC-3")
    yield harness
    harness.close()


@OFTEN
@given(
    line=LINES,
    who=st.sampled_from(["ana", "ben", "dia", "eve", "sam", "mallory", "sue-support"]),
    room=st.sampled_from(["", "inc-1", "inc-3"]),
)
def test_anything_typed_is_answered_in_words(lived_in: Harness, line: str, who: str, room: str) -> None:
    words = say(lived_in.as_person(who)(line, room=room))

    assert words
    assert "Something went wrong (code" not in words


@OFTEN
@given(verb=st.sampled_from(VERBS), typed=FORMS)
def test_anything_submitted_is_answered_in_words(lived_in: Harness, verb: str, typed: dict[str, str]) -> None:
    words = say(lived_in.submit("ana", verb, typed))

    assert words
    assert "Something went wrong (code" not in words


def test_characters_that_no_database_keeps_are_left_out(lived_in: Harness) -> None:
    lived_in.run("ana", "note", incident="INC-3", text="half \ud83d a pair,\x00 nothing,\x1b escape", key="k\x00")

    assert "half  a pair, nothing, escape" in lived_in.record("note")
