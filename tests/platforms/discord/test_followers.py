"""Servers that follow an announcement channel get the first update, growth to a worse impact, and the end."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.deliveries import DeliveryState
from bot.errors import SendFailed
from bot.platforms.discord import render
from bot.views import DeliveryLine, DeliveryReport, say
from tests.fakes.discord import Discord
from tests.fakes.discord_checks import words_of
from tests.platforms.discord.conftest import ANA, BEN, CHANGES, OPS, STATUS, Team
from tests.platforms.discord.moves import answer_to, answered, declared, review_in
from tests.platforms.discord.test_buckets import UPDATE
from tests.samples import POSTS

CROSSPOST = "POST /channels/{}/messages/{}/crosspost"


async def told(team: Team, room: str, line: str, **options: object) -> None:
    """An update, written by Ana and approved by Ben."""
    await answer_to(team, ANA, team.discord.types(ANA, room, line, **options))
    await team.outbox.drain()
    await answer_to(team, BEN, team.discord.clicks(BEN, review_in(team, room), "Approve"))
    await team.outbox.drain()


def passed_on(discord: Discord) -> list[int]:
    """Of the updates, which stand below the line that says that the channel is subscribed."""
    return [message["flags"] & 1 for message in discord.messages(CHANGES)[1:]]


async def test_followers_get_the_first_update_a_worse_impact_and_the_end(team: Team) -> None:
    team.discord.limits[CROSSPOST] = (10, 3600.0)
    room = await declared(team, on="chatgpt=partial")
    for channel in (CHANGES, STATUS):
        await answer_to(team, ANA, team.discord.types(ANA, OPS, "/incident subscription add", channel=channel))
    await answer_to(team, ANA, team.discord.types(ANA, room, "/incident draft publish"))
    await team.outbox.drain()
    await told(team, room, "/incident update", stage="identified", text="Signing in works.")
    await told(team, room, "/incident update", text="More requests fail.", on="chatgpt=major")
    await told(team, room, "/incident update", stage="monitoring", text="A fix is in place.")
    await told(team, room, "/incident resolve", text="Signing in works again. fixed:05:12", end="05:12")

    assert passed_on(team.discord) == [1, 0, 1, 0, 1, 0]  # not the picture at the end
    report = await answered(team, ANA, "/incident deliveries", room)
    [line] = [line for line in report.splitlines() if "published to followers" in line]
    assert f"<#{CHANGES}>" in line


async def used_up(team: Team) -> str:
    """The room of an incident whose first update followers do not get yet: ten messages were published this hour."""
    for number in range(10):
        sent = await team.messenger.send(CHANGES, UPDATE, f"dlv_{number}")
        assert await team.messenger.pass_on(CHANGES, sent) == "published to followers"
    room = await declared(team, on="chatgpt=partial")
    await answer_to(team, ANA, team.discord.types(ANA, OPS, "/incident subscription add", channel=CHANGES))
    await answer_to(team, ANA, team.discord.types(ANA, room, "/incident draft publish"))
    await team.outbox.drain()
    return room


def hour_frees(team: Team) -> None:
    """An hour goes by, on Discord too."""
    team.later += timedelta(hours=1)
    team.discord.channels[CHANGES].crossposts.clear()


async def followers(team: Team, room: str) -> str:
    """What the delivery report of the first update says about those who follow the channel, a few seconds later."""
    team.later += timedelta(seconds=5)
    await team.outbox.drain()
    [report] = [said for said in map(words_of, team.discord.messages(room)) if "(investigating) was" in said]
    [line] = [line for line in report.splitlines() if "followers" in line]
    return line


async def test_followers_get_the_eleventh_message_once_when_the_hour_frees_and_the_report_says_when(team: Team) -> None:
    room = await used_up(team)
    line = await followers(team, room)
    assert f"<#{CHANGES}>: sent" in line
    assert "will be published to followers at 6:1" in line  # it is 5:12 AM in New York
    assert line.endswith("Discord allows ten an hour")
    assert passed_on(team.discord)[-1] == 0

    await told(team, room, "/incident update", stage="identified", text="Signing in works.")  # nothing waits for it
    assert "identified" in words_of(team.discord.messages(CHANGES)[-1]).casefold()

    hour_frees(team)
    await team.outbox.drain()
    hour_frees(team)
    await team.outbox.drain()

    assert passed_on(team.discord)[-2:] == [1, 0]
    assert len(team.discord.channels[CHANGES].crossposts) == 0
    assert (await followers(team, room)).endswith("> · published to followers")


async def test_followers_never_get_an_update_that_a_later_one_replaced(team: Team) -> None:
    room = await used_up(team)
    await told(team, room, "/incident update", text="More requests fail.", on="chatgpt=major")

    hour_frees(team)
    await team.outbox.drain()

    assert passed_on(team.discord)[-2:] == [0, 1]


async def test_a_restart_does_not_forget_the_limit_for_long(team: Team) -> None:
    team.discord.channels[CHANGES].crossposts = [team.discord.now()] * 10
    reference = await team.messenger.send(CHANGES, UPDATE, "dlv_1")

    with pytest.raises(SendFailed, match="Discord allows ten an hour") as refused:
        await team.messenger.pass_on(CHANGES, reference)

    assert refused.value.retry_after_s == pytest.approx(3600, abs=60)


async def test_publishing_twice_is_harmless_and_other_channels_have_no_followers(team: Team) -> None:
    reference = await team.messenger.send(CHANGES, UPDATE, "dlv_1")
    said = [await team.messenger.pass_on(CHANGES, reference) for _time in range(2)]
    assert said == ["published to followers"] * 2

    assert await team.messenger.pass_on(STATUS, await team.messenger.send(STATUS, UPDATE, "dlv_2")) == ""


async def test_a_message_that_cannot_be_passed_on_has_arrived_all_the_same(team: Team) -> None:
    reference = await team.messenger.send(CHANGES, UPDATE, "dlv_1")
    team.discord.channels[CHANGES].denied.add("SEND_MESSAGES")

    said = await team.messenger.pass_on(CHANGES, reference)

    assert said.startswith("not published to followers: Foghorn is not allowed to post there")


def test_the_message_in_the_room_says_what_followers_got() -> None:
    report = next(post for post in POSTS if isinstance(post, DeliveryReport))
    news = DeliveryLine("#news", DeliveryState.SENT, None, "published to followers")
    shown = words_of(render.post(replace(report, lead=say("Done."), lines=(*report.lines, news))))

    assert "news: sent · published to followers" in shown
