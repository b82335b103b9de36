"""Discord's rate limits: every call that a bucket still has is used, and only an empty bucket makes anyone wait."""

import asyncio
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import cast

import aiohttp
import pytest
from discord import RateLimited

from bot.errors import SendFailed
from bot.platforms.discord.buckets import RateLimitBucket
from bot.platforms.discord.config import DiscordConfig
from bot.platforms.discord.messenger import DiscordMessenger
from bot.platforms.discord.web import DiscordWeb
from bot.views import PublishedUpdate
from tests.fakes.discord import GLOBAL_A_SECOND, GUILD, Discord, Fails
from tests.patience import LONG_S
from tests.platforms.discord.conftest import CHANGES, OPS, STATUS
from tests.samples import POSTS

UPDATE = next(post for post in POSTS if isinstance(post, PublishedUpdate))
SEND = "POST /channels/{}/messages"


@pytest.fixture
async def messenger(discord: Discord) -> AsyncIterator[DiscordMessenger]:
    messenger = DiscordMessenger(DiscordWeb(discord.token, discord.api_url), DiscordConfig(rooms_in=OPS))
    yield messenger
    await messenger.close()


async def test_calls_that_are_left_are_used_however_far_away_the_reset_is(
    discord: Discord, messenger: DiscordMessenger
) -> None:
    discord.limits[SEND] = (50, 60.0)

    for number in range(5):
        await messenger.send(STATUS, UPDATE, f"dlv_{number}")

    assert len(discord.messages(STATUS)) == 5


async def test_an_empty_bucket_is_waited_for_in_the_outbox_and_nothing_is_sent_before(
    discord: Discord, messenger: DiscordMessenger
) -> None:
    discord.limits[SEND] = (2, 60.0)
    await messenger.send(STATUS, UPDATE, "dlv_1")
    await messenger.send(STATUS, UPDATE, "dlv_2")

    for _time in range(3):
        with pytest.raises(SendFailed) as refused:
            await messenger.send(STATUS, UPDATE, "dlv_3")
        assert not refused.value.permanent
        assert 50 < (refused.value.retry_after_s or 0) <= 60

    assert (len(discord.messages(STATUS)), discord.invalid_requests) == (2, 0)


async def test_more_channels_than_discord_allows_in_a_second_are_written_to_without_a_429(
    discord: Discord, messenger: DiscordMessenger
) -> None:
    channels = [str(3 * 10**17 + number) for number in range(GLOBAL_A_SECOND + 10)]
    for channel in channels:
        discord.add_channel(channel, "news")

    await asyncio.gather(*(messenger.send(channel, UPDATE, f"dlv_{channel}") for channel in channels))

    assert all(len(discord.messages(channel)) == 1 for channel in channels)
    assert discord.invalid_requests == 0


async def test_processes_that_share_a_token_together_stay_below_what_discord_allows_in_a_second(
    discord: Discord, messenger: DiscordMessenger
) -> None:
    other = DiscordMessenger(DiscordWeb(discord.token, discord.api_url), DiscordConfig(rooms_in=OPS))
    channels = [str(3 * 10**17 + number) for number in range(GLOBAL_A_SECOND + 10)]
    for channel in channels:
        discord.add_channel(channel, "news")
    for each in (messenger, other):
        each.share_limits(2)

    sent = (
        each.send(channel, UPDATE, f"dlv_{channel}")
        for channel, each in zip(channels, (messenger, other) * 30, strict=True)
    )
    await asyncio.gather(*sent)
    await other.close()

    assert all(len(discord.messages(channel)) == 1 for channel in channels)
    assert discord.invalid_requests == 0


async def test_the_channels_of_a_server_are_asked_for_at_once_to_see_which_have_followers(
    discord: Discord, messenger: DiscordMessenger
) -> None:
    channels = [str(3 * 10**17 + number) for number in range(5)]
    for channel in channels:
        discord.add_channel(channel, "news")

    sent = await asyncio.gather(*(messenger.send(channel, UPDATE, f"dlv_{channel}") for channel in channels))
    assert set(await asyncio.gather(*map(messenger.pass_on, channels, sent))) == {""}

    asked = [path for method, path, _body in discord.calls if method == "GET" and "channels" in path]
    assert asked == [f"/channels/{channels[0]}", f"/guilds/{GUILD}/channels"]


async def test_another_channel_has_a_bucket_of_its_own(discord: Discord, messenger: DiscordMessenger) -> None:
    discord.limits[SEND] = (1, 60.0)
    await messenger.send(STATUS, UPDATE, "dlv_1")

    await messenger.send(CHANGES, UPDATE, "dlv_2")

    assert len(discord.messages(CHANGES)) == 1


async def test_the_call_that_empties_a_bucket_is_answered_at_once(
    discord: Discord, messenger: DiscordMessenger
) -> None:
    await messenger.send(CHANGES, UPDATE, "dlv_0")  # logged in
    discord.limits[SEND] = (1, 2 * LONG_S)
    async with asyncio.timeout(LONG_S):
        await messenger.send(STATUS, UPDATE, "dlv_1")


async def test_calls_made_at_once_take_turns_without_a_429(discord: Discord, messenger: DiscordMessenger) -> None:
    discord.limits[SEND] = (3, 1.0)

    await asyncio.gather(*(messenger.send(STATUS, UPDATE, f"dlv_{number}") for number in range(8)))

    assert (len(discord.messages(STATUS)), discord.invalid_requests) == (8, 0)


async def test_a_late_response_does_not_end_the_present_wait() -> None:
    bucket = RateLimitBucket()
    async with bucket:
        bucket.update(response(limit=3, left=0, reset_s=60))  # the third call since the reset
        bucket.update(response(limit=3, left=0, reset_s=0.001))  # one before it, whose response took long

    await asyncio.sleep(0.01)
    with pytest.raises(RateLimited):
        await bucket.acquire()


def response(*, limit: int, left: int, reset_s: float) -> aiohttp.ClientResponse:
    """Only its headers matter here."""
    headers = {"X-Ratelimit-Limit": str(limit), "X-Ratelimit-Remaining": str(left),
               "X-Ratelimit-Reset-After": str(reset_s)}  # fmt: skip
    return cast(aiohttp.ClientResponse, SimpleNamespace(headers=headers))


async def test_a_call_that_never_got_an_answer_leaves_the_bucket_usable(
    discord: Discord, messenger: DiscordMessenger
) -> None:
    discord.fail(SEND, Fails.NO_ANSWER)
    with pytest.raises(SendFailed):
        await messenger.send(STATUS, UPDATE, "dlv_1")

    async with asyncio.timeout(LONG_S):
        await asyncio.gather(*(messenger.send(STATUS, UPDATE, f"dlv_{number}") for number in (2, 3)))

    assert len(discord.messages(STATUS)) == 2
