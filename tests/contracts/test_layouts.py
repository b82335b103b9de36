"""What every layout promises, and what renderers do with it: the same words on each surface, and a whole tail."""

import ast
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

import bot.views
from bot.platforms.discord import render as discord
from bot.platforms.slack import render as slack
from bot.views import Answer, Document, DraftReview, Form, NudgeCard, Post, PublishedUpdate, RoomLine, Sentence
from bot.views.layout import layout
from bot.views.parts import Buttons, Heading, Layout, Paragraph, Strong
from bot.views.plain import plain, spoken
from tests.contracts.test_every_fact_on_discord import read as on_discord
from tests.contracts.test_every_fact_shown import ZONE, _even, _name
from tests.fakes.discord_checks import check_message as discord_accepts
from tests.fakes.slack import words_of as on_slack
from tests.fakes.slack_checks import check_message as slack_accepts
from tests.samples import ANSWERS, POSTS, at

CONSOLE = "https://status.example.com/console"
SHOWN = [view for view in ANSWERS if not isinstance(view, Form | Document)]  # modals, and files
RENDERERS = ("bot/views/plain.py", "bot/platforms/slack/render.py", "bot/platforms/discord/render.py")
ROUTED = {"Form", "Document", "IncidentPicture", "DraftReview", "DeliveryReport"}  # modals, files, components


def sample(kind: type) -> object:
    return next(view for view in (*POSTS, *ANSWERS) if isinstance(view, kind))


def words_of(laid: Layout) -> Iterator[str]:
    """Every heading and every piece of a line that is the same for all readers, so no times."""
    for part in (*laid.parts, *laid.tail):
        if isinstance(part, Heading):
            yield part.text
        if isinstance(part, Paragraph):
            for line in part.lines:
                yield from (span for span in line if isinstance(span, str))
                yield from (span.words for span in line if isinstance(span, Strong) and isinstance(span.words, str))


@pytest.mark.parametrize("view", [*ANSWERS, *POSTS], ids=_name)
def test_every_layout_has_a_summary_of_one_line(view: Answer | Post) -> None:
    summary = spoken(layout(view).summary, ZONE)
    assert (bool(summary.strip()), "\n" in summary) == (True, False)


@pytest.mark.parametrize("view", SHOWN, ids=_name)
def test_the_same_words_stand_on_every_surface(view: Answer) -> None:
    surfaces = (
        plain(view, ZONE),
        on_slack(slack.answer(view, ZONE, CONSOLE)["blocks"]),
        on_discord(discord.answer(view, CONSOLE)),
    )
    said = [word for word in words_of(layout(view)) if word.strip()]
    assert said or not isinstance(view, DraftReview)
    assert [word for word in said for shown in surfaces if _even(word) not in _even(shown)] == []


@pytest.mark.parametrize("view", SHOWN, ids=_name)
def test_every_button_can_be_typed_on_the_command_line(view: Answer) -> None:
    rows = [part for part in (*layout(view).parts, *layout(view).tail) if isinstance(part, Buttons)]
    typed = [f"{button.label}: {button.verb} {button.words}".rstrip() for row in rows for button in row.buttons]
    assert [line for line in typed if line not in plain(view, ZONE)] == []


def test_the_tail_of_a_long_draft_is_whole_on_slack() -> None:
    review = sample(DraftReview)
    assert isinstance(review, DraftReview)
    long = replace(review, texts=tuple(replace(text, body="word " * 400) for text in review.texts * 8),
                   notes=(Sentence("note " * 400),))  # fmt: skip

    message = slack.answer(long, ZONE, CONSOLE)
    slack_accepts(message)

    shown = on_slack(message["blocks"])
    assert "… continued" in shown
    assert [words for words in ("note " * 400, "Goes to 40 destinations", "Needs one more", "Approve")
            if _even(words) not in _even(shown)] == []  # fmt: skip


def test_a_small_line_with_typed_words_is_not_markup_on_slack() -> None:
    line = RoomLine("INC-1", Sentence("{who} joined.", {"who": "*Ben* <!here>"}))
    kinds = [block["type"] for block in slack.post(line, ZONE)["blocks"]]
    assert kinds == ["rich_text"]


def test_an_update_keeps_its_line_breaks_on_every_platform() -> None:
    update = sample(PublishedUpdate)
    assert isinstance(update, PublishedUpdate)
    body = "First line.\n\nUser impact: errors\nScope: Europe"
    post = replace(update, body=body)

    assert body in [block["text"]["text"] for block in slack.post(post, ZONE)["blocks"] if block["type"] == "section"]
    assert body in discord.post(post)["embeds"][0]["description"]


def test_a_reminder_says_its_sentence_once_on_discord() -> None:
    card = sample(NudgeCard)
    assert isinstance(card, NudgeCard)
    said = Sentence("The update is overdue.")
    message = discord.post(replace(card, sentence=said, ready="No change.", due_at=at(16, 27)))
    discord_accepts(message)
    assert on_discord(message).count("The update is overdue.") == 1


@pytest.mark.parametrize("file", RENDERERS)
def test_a_renderer_knows_no_view(file: str) -> None:
    views = {name for name in bot.views.__all__ if name in {_name(view) for view in (*ANSWERS, *POSTS)}}
    names = {node.id for node in ast.walk(ast.parse(Path(file).read_text())) if isinstance(node, ast.Name)}
    assert names & views <= ROUTED
