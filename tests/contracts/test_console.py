"""What the console owes: every fact of every view in its HTML, and nothing people typed that acts."""

import json
from dataclasses import fields, is_dataclass, replace
from html.parser import HTMLParser
from typing import Any

import pytest

from bot.platforms.console.rendering import Renderer, template_of
from bot.platforms.local.messenger import LocalMessenger
from bot.platforms.webhook.render import render as as_json
from bot.reading.channels import ChannelLine, ChannelMessage, ChannelPage
from bot.reading.pages import Frame
from bot.settings import EXAMPLE, read_organisation
from bot.views import Answer, Correction, DeliveryState, Post, PublishedUpdate, Sentence
from bot.web_templates import web_environment
from tests.contracts.test_every_fact_shown import missing
from tests.platforms.console.browse import Page
from tests.samples import ANSWERS, HOSTILE, POSTS, at

ORGANISATION = read_organisation(EXAMPLE)
RENDERER = Renderer(web_environment(ORGANISATION))
FRAME = Frame("per_1", "Ana Silva", "ana", False, ORGANISATION.name, ORGANISATION.zone, at(16, 20))
STATES = {state.value: state.label for state in DeliveryState}
EVIL = "\"'></textarea></pre></q><script>alert(1)</script><img src=x onerror=alert(1)>{{ 7*7 }}{% raw %}"
"""What would break out of an attribute, an element, or a template."""


def html_of(view: Answer) -> str:
    return RENDERER.page(template_of(view), view=view, now=at(16, 20), root="", room="INC-42")


def words_of(html: str) -> str:
    """All that can be read, what stands in fields too."""
    page = Page(html)
    return " ".join([page.text, *(value for form in page.forms for values in form.fields.values() for value in values)])


def name(view: object) -> str:
    return type(view).__name__


class Skeleton(HTMLParser):
    """Tags and the names of their attributes, without the words."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.parts: list[tuple[str, ...]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.parts.append((tag, *(key for key, _ in attrs)))


def said_by(view: Any, words: str) -> Any:
    """The same view where people chose other words."""
    if isinstance(view, Sentence):
        return Sentence(view.words, {key: said_by(fact, words) for key, fact in view.facts.items()})
    if isinstance(view, tuple):
        return tuple(said_by(each, words) for each in view)
    if is_dataclass(view) and not isinstance(view, type):
        return replace(view, **{each.name: said_by(getattr(view, each.name), words) for each in fields(view)})
    return view.replace(HOSTILE, words) if type(view) is str else view


@pytest.mark.parametrize("view", ANSWERS, ids=name)
def test_every_fact_of_an_answer_stands_on_the_console(view: Answer) -> None:
    shown = words_of(html_of(view))
    assert [fact for fact in missing(view, shown) if STATES.get(fact, fact) not in shown] == []


@pytest.mark.parametrize("view", ANSWERS, ids=name)
def test_no_words_make_a_tag_or_an_attribute(view: Answer) -> None:
    assert Skeleton(html_of(said_by(view, EVIL))).parts == Skeleton(html_of(said_by(view, "Ben"))).parts


@pytest.mark.parametrize("view", [view for view in ANSWERS if HOSTILE in repr(view)], ids=name)
def test_hostile_words_are_read_as_they_were_typed(view: Answer) -> None:
    assert EVIL in words_of(html_of(said_by(view, EVIL)))


# ---- webhooks: what customers read, and nothing else


@pytest.mark.parametrize("post", [post for post in POSTS if isinstance(post, PublishedUpdate | Correction)], ids=name)
def test_every_fact_of_a_published_text_stands_in_its_json(post: PublishedUpdate | Correction) -> None:
    body = as_json(post)
    assert body is not None
    data = json.loads(body)["data"]
    said = {"title": post.title, "body": post.body, "link": post.link, "published_at": post.published_at.isoformat()}
    if isinstance(post, PublishedUpdate):
        assert post.corrected is not None
        assert post.promised_at is not None
        said |= {"stage": post.stage.value, "promised_at": post.promised_at.isoformat()}
        said |= {"corrected_at": post.corrected.at.isoformat(), "old_words": post.corrected.old_words}
        assert data["impact"] == [{"component": i.component, "impact": i.impact.value} for i in post.impacts]
    assert {key: data[key] for key in said} == said


@pytest.mark.parametrize("post", POSTS, ids=name)
def test_what_is_for_responders_never_becomes_json(post: Post) -> None:
    assert (as_json(post) is not None) == isinstance(post, PublishedUpdate | Correction)


# ---- local channels


@pytest.mark.parametrize("post", POSTS, ids=name)
async def test_a_local_channel_takes_every_post(post: Post) -> None:
    messenger = LocalMessenger()
    assert await messenger.send("#status", post, "dlv_1") == "dlv_1"


@pytest.mark.parametrize("words", [HOSTILE, EVIL])
@pytest.mark.parametrize("post", [post for post in POSTS if isinstance(post, PublishedUpdate | Correction)], ids=name)
def test_a_channels_page_shows_every_fact_as_it_was_typed(post: PublishedUpdate | Correction, words: str) -> None:
    said = said_by(post, words)
    if isinstance(said, PublishedUpdate):
        said = replace(said, headline=True)  # others say in their body when the next update comes
    message = ChannelMessage("dlv_1", said.published_at, None, said)
    page = ChannelPage(FRAME, ChannelLine("#status", None, None), (message,))
    html = RENDERER.page("channel.html.j2", now=at(16, 20), root="", frame=FRAME, page=page)
    links = [link.to for link in Page(html).links]
    assert [fact for fact in missing(said, words_of(html)) if fact not in links] == []
    assert "script" not in {tag for tag, *_ in Skeleton(html.partition("<main")[2]).parts}
