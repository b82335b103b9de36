"""Every fact of a view appears in its rendering for Discord, Discord accepts it, and no word of people is markup."""

import re
from datetime import UTC, datetime

import pytest

from bot.platforms.discord import modals, render
from bot.platforms.discord.components import NOBODY
from bot.platforms.discord.modals import FormMemory
from bot.platforms.discord.native import native
from bot.views import Answer, DeliveryReport, Document, DraftReview, Form, Post
from tests.contracts.test_every_fact_shown import ZONE, _name, missing
from tests.fakes.discord_checks import Json, check_body, check_message, check_modal, parts_of, words_of
from tests.samples import ANSWERS, POSTS

CONSOLE = "https://status.example.com/console"
ANSWERED = [view for view in ANSWERS if not isinstance(view, Form | Document)]  # a document is a file there


def read(message: Json) -> str:
    """As people read it: escapes gone, times as the organisation's clock has them."""
    links = " ".join(part.get("url", "") for part in parts_of(message))
    words = re.sub(r"^> ", "", re.sub(r"\\([^\w\s])", r"\1", f"{words_of(message)}\n{links}"), flags=re.MULTILINE)
    return re.sub(r"<t:(\d+):\w>", lambda found: ZONE.clock(datetime.fromtimestamp(int(found[1]), UTC)), words)


@pytest.mark.parametrize("view", ANSWERED, ids=_name)
def test_every_fact_of_an_answer_is_shown(view: Answer) -> None:
    shown = read(render.answer(view, CONSOLE))
    assert [fact for fact in missing(view, shown) if native(fact) not in shown] == []


@pytest.mark.parametrize("view", POSTS, ids=_name)
def test_every_fact_of_a_post_is_shown(view: Post) -> None:
    behind = read(render.answer(view, CONSOLE)) if isinstance(view, DraftReview | DeliveryReport) else ""  # Read all
    assert missing(view, read(render.post(view, CONSOLE)) + behind) == []


@pytest.mark.parametrize("view", ANSWERED, ids=_name)
def test_discord_accepts_every_answer(view: Answer) -> None:
    message = render.answer(view, CONSOLE)
    check_message(message)
    check_body("PATCH", "/webhooks/{}/{}/messages/@original", message)


@pytest.mark.parametrize("view", POSTS, ids=_name)
def test_discord_accepts_every_post(view: Post) -> None:
    message = render.post(view, CONSOLE)
    check_message(message)
    check_body("POST", "/channels/{}/messages", message)


@pytest.mark.parametrize("form", [view for view in ANSWERS if isinstance(view, Form)])
def test_discord_accepts_every_form(form: Form) -> None:
    data = modals.modal(form, FormMemory()).to_dict()
    check_modal(data)
    check_body("POST", "/interactions/{}/{}/callback", {"type": 9, "data": data})


@pytest.mark.parametrize("view", [*ANSWERED, *POSTS], ids=_name)
def test_nobody_is_mentioned_by_words_of_people(view: Answer | Post) -> None:
    is_post = view in POSTS and view not in ANSWERS
    message = render.post(view) if is_post else render.answer(view, CONSOLE)  # type: ignore[arg-type]
    shown = re.sub(r"```.*?```", "", words_of(message), flags=re.DOTALL)  # nothing in code is markup
    assert message["allowed_mentions"] == NOBODY
    assert not re.search(r"(?<!\\)@everyone|(?<!\\)\*bold\*", shown), shown
