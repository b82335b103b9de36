"""An update that is delivered in a language has no word of another one around it, on any chat platform."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.platforms.discord import render as discord
from bot.platforms.slack import render as slack
from bot.views import Audience, Correction, CorrectionMark, Impact, ImpactLabel, PublishedUpdate, Stage, post_wording
from tests.fakes.discord_checks import words_of as on_discord
from tests.fakes.slack import words_of as on_slack
from tests.templates.situations import LANGUAGES, LINK, ORGANISATION
from tests.templates.test_languages import TEMPLATES, own_words, vocabulary

AT = datetime(2026, 4, 20, 16, 12, tzinfo=UTC)


def posts(language):
    """An update, the same corrected, and the message about the correction; people's words are left out."""
    words = TEMPLATES.wording(ORGANISATION, language)
    shown = tuple(ImpactLabel("API", impact, words.impact(impact)) for impact in Impact)
    for stage in (Stage.INVESTIGATING, Stage.IDENTIFIED, Stage.FIX_IMPLEMENTED, Stage.MONITORING, Stage.RESOLVED):
        said = post_wording(words, stage)
        update = PublishedUpdate("1", stage, "2", Audience.CUSTOMERS, language, shown, AT, AT, LINK, said)
        yield update
        yield replace(update, corrected=CorrectionMark(AT, "3"))
        yield Correction("1", "2", Audience.CUSTOMERS, language, AT, LINK, said)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_delivered_has_no_word_of_another_language(language):
    foreign = set().union(*(vocabulary(other) for other in LANGUAGES if other != language)) - vocabulary(language)
    for post in posts(language):
        read = [on_slack(slack.post(post, ORGANISATION.zone)), on_discord(discord.post(post))]
        for words in read:
            literal = re.sub(r"<!date[^>]*>|{\w+}|<t:\d+:\w>|https://[^\s|>]+", " ", words)
            assert not own_words(language, literal) & foreign


@pytest.mark.parametrize("language", LANGUAGES)
def test_stage_and_impact_are_said_in_the_language(language):
    words = TEMPLATES.wording(ORGANISATION, language)
    update = next(posts(language))
    for said in (words.stage(Stage.INVESTIGATING), words.impact(Impact.MAJOR)):
        assert said in on_slack(slack.post(update, ORGANISATION.zone))
        assert said in json.dumps(discord.post(update), ensure_ascii=False)
