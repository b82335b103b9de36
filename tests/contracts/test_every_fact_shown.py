"""Every fact of a view appears in every rendering of it. A new renderer is one more line in RENDERERS."""

from collections.abc import Callable, Iterable
from dataclasses import fields, is_dataclass
from datetime import datetime
from typing import get_args

import pytest

from bot.intake.requests import ReplyTarget
from bot.platforms.slack import modals, render
from bot.settings import EXAMPLE, read_organisation
from bot.views import (
    Answer,
    ApprovalRequest,
    Audience,
    Button,
    Call,
    DeliveryReport,
    DeliveryState,
    Document,
    DraftReview,
    Finding,
    Form,
    FormField,
    IncidentPicture,
    Post,
    PostWording,
    PublishedUpdate,
    RoomName,
    Sentence,
)
from bot.views.plain import plain
from tests.fakes.slack import words_of
from tests.fakes.slack_checks import check_message, check_view
from tests.samples import ANSWERS, HOSTILE, POSTS

ZONE = read_organisation(EXAMPLE).zone
CONSOLE = "https://status.example.com/console"

# What is for the machine, or said by something else beside it
UNSEEN = {
    Button: {"verb", "words", "primary", "danger"},
    Call: {"console", "group"},  # a link with words of its own, and a mention
    Form: {"verb", "kept", "submit"},
    FormField: {"name", "options", "limit", "typed", "asks", "values"},
    Finding: {"rule", "audience", "start", "end"},
    IncidentPicture: {"about", "svg"},  # the picture, and its alternative text
    Document: {"name", "media_type"},  # of the file that the text is
    ApprovalRequest: {"link"},  # behind words
    PublishedUpdate: {"audience", "language"},
    PostWording: {"stage", "correction", "corrected", "before", "published", "next"},  # patterns, filled
}
MARKS = {  # what is true -> how it reads
    "private": "private",
    "draft": "a draft is open",
    "edited_by_hand": "edited by hand",
    "facts_changed_since": "facts changed since",
    "by_hand": "by hand",
    "redacted": "redacted",
    "maybe_twice": "may have been sent twice",
}


def facts(value: object, name: str = "") -> Iterable[str]:
    """Everything a reader of the view must learn, as words."""
    match value:
        case Sentence():
            for fact in value.facts.values():
                yield from facts(fact)
        case FormField(typed=typed, options=options, values=values) if typed:
            labels = [option.label for option in options if option.value in typed.split(",")]
            for component, word in (value.chosen or {}).items() if values else ():
                labels += [option.label for option in (*options, *values) if option.value in (component, word)]
            yield from labels or [typed]
            yield from _of_fields(value)
        case RoomName():
            yield str(value)
        case bool():
            if value and name in MARKS:
                yield MARKS[name]
        case datetime():
            yield ZONE.clock(value)
        case tuple():
            for each in value:
                yield from facts(each, name)
        case _ if is_dataclass(value):
            yield from _of_fields(value)
        case None | "" | 0:
            pass
        case Audience():
            yield value.value
        case DeliveryState():
            yield value.label
        case _:
            yield str(value)


def _of_fields(value: object) -> Iterable[str]:
    unseen = UNSEEN.get(type(value), {"audience", "language"} if isinstance(value, get_args(Post)) else set())
    for field in fields(value):  # type: ignore[arg-type]
        if field.name not in unseen:
            yield from facts(getattr(value, field.name), field.name)


def slack(view: Answer) -> str:
    """The blocks, without the fallback `text`, which would hide what they forget."""
    if isinstance(view, Form):
        return words_of(modals.form_modal(view, ReplyTarget("U1", "C1"), ZONE))
    return words_of(render.answer(view, ZONE, CONSOLE)["blocks"])


def slack_post(view: Post) -> str:
    """Of a draft and a report also what Read all opens."""
    behind = slack(view) if isinstance(view, DraftReview | DeliveryReport) else ""
    return words_of(render.post(view, ZONE)["blocks"]) + behind


RENDERERS: dict[str, Callable[[Answer], str]] = {"plain": lambda view: plain(view, ZONE), "slack": slack}
POST_RENDERERS: dict[str, Callable[[Post], str]] = {"slack": slack_post}


def missing(view: object, shown: str) -> list[str]:
    """The facts that do not stand in a rendering, whatever its spaces, capitals and marks of code."""
    return [fact for fact in facts(view) if _even(fact) not in _even(shown)]


def _even(words: str) -> str:
    return " ".join(words.replace("`", "").split()).casefold()


def _name(view: object) -> str:
    return type(view).__name__


def test_every_view_has_a_sample() -> None:
    assert {type(view) for view in ANSWERS} == set(get_args(Answer))
    assert {type(view) for view in POSTS} == set(get_args(Post))


@pytest.mark.parametrize("view", ANSWERS, ids=_name)
@pytest.mark.parametrize("shown", RENDERERS.values(), ids=RENDERERS)
def test_every_fact_of_an_answer_is_shown(shown: Callable[[Answer], str], view: Answer) -> None:
    assert missing(view, shown(view)) == []


@pytest.mark.parametrize("view", POSTS, ids=_name)
@pytest.mark.parametrize("shown", POST_RENDERERS.values(), ids=POST_RENDERERS)
def test_every_fact_of_a_post_is_shown(shown: Callable[[Post], str], view: Post) -> None:
    assert missing(view, shown(view)) == []


@pytest.mark.parametrize("view", ANSWERS, ids=_name)
def test_slack_accepts_every_answer(view: Answer) -> None:
    check_message(render.answer(view, ZONE, CONSOLE))


@pytest.mark.parametrize("view", POSTS, ids=_name)
def test_slack_accepts_every_post(view: Post) -> None:
    check_message(render.post(view, ZONE))


@pytest.mark.parametrize("form", [view for view in ANSWERS if isinstance(view, Form)])
def test_slack_accepts_every_form(form: Form) -> None:
    check_view(modals.form_modal(form, ReplyTarget("U1", "C1"), ZONE))


def _markup(value: object) -> list[str]:
    """Whatever Slack reads as markup: mrkdwn objects and the fallback text."""
    if isinstance(value, list):
        return [text for each in value for text in _markup(each)]
    if not isinstance(value, dict):
        return []
    own = [value["text"]] if value.get("type") == "mrkdwn" or "blocks" in value else []
    return own + [text for each in value.values() for text in _markup(each)]


@pytest.mark.parametrize("view", [*ANSWERS, *POSTS], ids=_name)
def test_words_of_people_are_never_markup_in_slack(view: Answer | Post) -> None:
    is_post = isinstance(view, get_args(Post)) and not isinstance(view, get_args(Answer))
    rendered = render.post(view, ZONE) if is_post else render.answer(view, ZONE, CONSOLE)  # type: ignore[arg-type]
    fallback, *markup = _markup(rendered)

    assert "<!channel>" not in fallback
    assert [text for text in markup if HOSTILE[:3] in text] == []
