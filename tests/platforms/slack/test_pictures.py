"""The picture of a resolved incident in Slack: an uploaded file with a description, shared once."""

from collections.abc import AsyncIterator

import pytest

from bot.errors import OutcomeUnknown, SendFailed
from bot.platforms.slack.messenger import SlackMessenger
from bot.platforms.slack.web import SlackWeb
from bot.views import IncidentPicture
from tests.fakes.slack import Fails, Slack
from tests.platforms.slack.conftest import ANA, NEWS, ROOM
from tests.platforms.slack.test_messenger import POST, SINCE
from tests.samples import POSTS

PICTURE = next(post for post in POSTS if isinstance(post, IncidentPicture))
SHARE = "files.completeUploadExternal"


@pytest.fixture
async def messenger(slack: Slack, organisation) -> AsyncIterator[SlackMessenger]:
    messenger = SlackMessenger(SlackWeb(slack.bot_token, slack.api_url), organisation.zone)
    yield messenger
    await messenger.close()


def files(slack: Slack, channel: str) -> list[str]:
    return [str(slack.files[file["id"]]["content"]) for m in slack.messages(channel) for file in m.get("files", ())]


async def test_a_picture_is_a_png_with_a_description_and_a_line_without_markup(slack, messenger) -> None:
    await messenger.send(ROOM, PICTURE, "dlv_1")

    [content] = files(slack, ROOM)
    assert content.startswith("PNG of ")
    [asked] = [call for method, call in slack.calls if method == "files.getUploadURLExternal"]
    assert asked["alt_txt"] == PICTURE.about
    [message] = slack.messages(ROOM)
    assert "Errors Ben &lt;!channel&gt; &amp; {co}" in message["text"]


async def test_a_picture_joins_a_public_channel_and_can_follow_a_message_as_a_reply(slack, messenger) -> None:
    await messenger.send(NEWS, PICTURE, "dlv_1")
    headline = await messenger.send(ROOM, POST, "dlv_2")
    await messenger.reply(ROOM, headline, PICTURE, "dlv_3")

    assert len(files(slack, NEWS)) == 1
    assert slack.messages(ROOM)[-1]["thread_ts"] == headline.partition("/")[2]


@pytest.mark.parametrize("place", [ROOM, ANA])
async def test_a_picture_whose_answer_was_lost_is_found_and_can_be_removed(slack, messenger, place: str) -> None:
    slack.fail(SHARE, Fails.ANSWER_LOST)
    with pytest.raises(OutcomeUnknown):
        await messenger.send(place, PICTURE, "dlv_1")

    found = await messenger.find(place, "dlv_1", SINCE)

    assert found is not None
    assert await messenger.find(place, "dlv_2", SINCE) is None
    assert await messenger.copies(place, "dlv_1", SINCE) == [found]
    await messenger.remove(place, found)
    assert await messenger.find(place, "dlv_1", SINCE) is None


async def test_an_upload_that_failed_has_posted_nothing(slack, messenger) -> None:
    slack.fail("files.getUploadURLExternal", Fails.RATE_LIMITED)
    with pytest.raises(SendFailed) as failed:
        await messenger.send(ROOM, PICTURE, "dlv_1")

    assert not isinstance(failed.value, OutcomeUnknown)
    assert slack.messages(ROOM) == []
