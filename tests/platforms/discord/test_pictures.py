"""The picture of a resolved incident in Discord: one message with an image and its description."""

from collections.abc import AsyncIterator

import pytest

from bot.errors import OutcomeUnknown
from bot.platforms.discord.config import DiscordConfig
from bot.platforms.discord.messenger import DiscordMessenger
from bot.platforms.discord.web import DiscordWeb
from bot.views import IncidentPicture
from tests.fakes.discord import Discord, Fails
from tests.platforms.discord.conftest import HIDDEN, ON_CALL, OPS, STATUS
from tests.platforms.discord.test_messenger import SEND, SINCE, UPDATE
from tests.samples import POSTS

PICTURE = next(post for post in POSTS if isinstance(post, IncidentPicture))


@pytest.fixture
async def messenger(discord: Discord) -> AsyncIterator[DiscordMessenger]:
    messenger = DiscordMessenger(
        DiscordWeb(discord.token, discord.api_url),
        DiscordConfig(rooms_in=OPS, private_rooms_in=HIDDEN, mention=ON_CALL),
    )
    yield messenger
    await messenger.close()


async def test_a_picture_is_one_message_with_an_image_and_its_description(discord, messenger) -> None:
    first = await messenger.send(STATUS, PICTURE, "dlv_1")

    assert await messenger.send(STATUS, PICTURE, "dlv_1") == first
    [message] = discord.messages(STATUS)
    line, gallery = message["components"]
    assert r"Errors Ben <!channel\> & {co} \*bold\*" in line["content"] or "\\*bold\\*" in line["content"]
    assert gallery["items"][0]["description"] == PICTURE.about
    assert message["attachments"][0]["text"].startswith("PNG of ")


async def test_a_picture_follows_the_message_kept_current_without_a_thread_of_its_own(discord, messenger) -> None:
    headline = await messenger.send(STATUS, UPDATE, "dlv_1")
    await messenger.reply(STATUS, headline, PICTURE, "dlv_2")

    assert discord.messages(STATUS)[-1]["message_reference"]["message_id"] == headline.partition("/")[2]


async def test_a_picture_whose_answer_was_lost_is_found_in_the_history(discord, messenger) -> None:
    discord.fail(SEND, Fails.ANSWER_LOST)
    with pytest.raises(OutcomeUnknown):
        await messenger.send(STATUS, PICTURE, "dlv_1")
    discord.messages(STATUS)[0].pop("nonce")  # Discord tells it to the sender only
    discord.skew += 3600

    assert await messenger.find(STATUS, "dlv_1", SINCE) == f"{STATUS}/{discord.messages(STATUS)[0]['id']}"
