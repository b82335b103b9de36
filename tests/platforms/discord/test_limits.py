"""Nothing we make is refused for its size: fits by construction, whatever people write."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.commands import catalog
from bot.platforms.discord import inbound, modals, render, tree
from bot.platforms.discord.components import CUSTOM_ID, custom_id, rows
from bot.platforms.discord.markdown import escape
from bot.platforms.discord.modals import FormMemory
from bot.views import Button, DeliveryReport, DraftReview, Form, FormField, Listing, Notice, Option, Timeline, say
from tests.fakes.discord_checks import check_commands, check_message, check_modal, words_of
from tests.samples import ANSWERS, POSTS

MORE = "https://status.example.com/console"
WORDS = st.text(max_size=400)
QUICK = settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])


def sample(kind: type) -> Any:
    return next(view for view in (*ANSWERS, *POSTS) if isinstance(view, kind))


def test_the_tree_fits_and_every_verb_has_its_place() -> None:
    check_commands(tree.commands())
    assert {verb for verb, command in catalog.COMMANDS.items() if not command.paths} == {"uninvite"}


def test_every_option_is_a_field_of_its_verb() -> None:
    beside = {"remove"}  # `invite ... remove:True` is `uninvite`
    for command in catalog.COMMANDS.values():
        assert {field.name for field, _ in command.offered} <= {field.name for field in command.asked} | beside


def test_what_fits_in_a_form_fits_in_an_option() -> None:
    for command in catalog.COMMANDS.values():
        for field, parameter in command.offered:
            assert not parameter.longest or parameter.longest >= field.limit, f"{command.verb} {field.name}"


@pytest.mark.parametrize("count", [0, 1, 39, 400])
def test_any_number_of_lines_fits(count: int) -> None:
    report = sample(DeliveryReport)
    line = report.lines[0]
    check_message(render.answer(replace(report, lines=(line,) * count), MORE))
    timeline = sample(Timeline)
    check_message(render.answer(replace(timeline, entries=timeline.entries[:1] * count), MORE))
    listing = sample(Listing)
    check_message(render.answer(replace(listing, lines=listing.lines[:1] * count), MORE))


def test_what_does_not_fit_ends_in_a_visible_link() -> None:
    timeline = sample(Timeline)
    message = render.answer(replace(timeline, entries=timeline.entries[:1] * 400), MORE)
    assert f"[… continued]({MORE})" in words_of(message)


def test_the_buttons_of_a_long_review_always_fit() -> None:
    review = sample(DraftReview)
    long = replace(review, texts=tuple(replace(text, body="word " * 600) for text in review.texts * 6))
    message = render.answer(long, MORE)
    check_message(message)
    assert all(button.label in words_of(message) for button in review.buttons)


@given(words=WORDS)
@QUICK
def test_a_custom_id_fits_and_is_read_again(words: str) -> None:
    assert len(custom_id("declare!", words)) <= CUSTOM_ID
    assert inbound._ID.fullmatch(custom_id("declare!", words))


def test_equal_buttons_of_a_message_differ() -> None:
    made = [row.to_component_dict() for row in rows([Button("Show", "show", "INC-1")] * 12)]
    ids = [button["custom_id"] for row in made for button in row["components"]]
    assert len(ids) == len(set(ids)) == 12


@given(said=WORDS)
@QUICK
def test_any_words_make_a_message(said: str) -> None:
    check_message(render.answer(Notice(say("{said}", said=said or "x")), MORE))


@given(said=st.text(max_size=5000))
@QUICK
def test_no_words_of_people_mention_or_quote(said: str) -> None:
    shown = escape(said)
    assert "@" not in shown.replace("\\@", "") or "://" in said
    assert "<" not in shown.replace("\\<", "")


@given(typed=st.text(max_size=5000), label=st.text(min_size=1, max_size=80), count=st.integers(1, 13))
@QUICK
def test_any_form_makes_a_modal(typed: str, label: str, count: int) -> None:
    fields = tuple(
        FormField(f"field{number}", label, typed, hint=label * 3, long=True, limit=3000) for number in range(count)
    )
    many = FormField("many", label, "a,b", options=tuple(Option(each, each) for each in "abc"), many=True)
    kept = (("revision", "4"), ("alone", typed))
    check_modal(
        modals.modal(
            Form("edit", label, "Save", (*fields, many), "INC-42", kept, say("{a}", a=typed)), FormMemory()
        ).to_dict()
    )
