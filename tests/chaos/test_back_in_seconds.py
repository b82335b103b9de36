"""After a kill, and after an outage of both platforms, everything goes on within seconds and by itself."""

import asyncio
from collections.abc import Callable
from time import monotonic

import pytest

from bot.domain.subscriptions import Mode
from tests.chaos.incident import NEWS, _all, _drafted
from tests.chaos.town import ANA, GENERAL, Town, town
from tests.fakes import slack as on_slack
from tests.patience import stretched, until

pytestmark = pytest.mark.chaos
OUTAGE_S = 45.0


async def publishes(there: Town) -> None:
    """An incident, and its first update, which begins to go out."""
    await until(lambda: there.discord.gateway.live)
    await there.says(ANA, "declare Pages hang sev:3 on:chatgpt=major", lambda: bool(there.room), GENERAL)
    await there.says(ANA, f"update investigating {NEWS[0]}", _all(there, _drafted(NEWS[0])))
    there.slack.delay_s = there.discord.delay_s = 0.3
    await there.slack.types(ANA, there.room, "/incident publish")
    await until(lambda: len(told(there)) >= 3)


def told(there: Town) -> list[str]:
    """Where the update stands, as often as it stands there."""
    places = [*there.places(Mode.EVERY), *there.places(Mode.CURRENT), *there.places(Mode.THREAD)]
    return [place for place in places for text in there.read(place) if NEWS[0] in text]


def everybody(there: Town) -> Callable[[], bool]:
    number = sum(len(there.places(mode)) for mode in Mode)
    return lambda: len(set(told(there))) == number


async def seconds_until(what: Callable[[], object]) -> float:
    """How long it takes."""
    start = monotonic()
    await until(what, 120)
    return monotonic() - start


async def test_after_a_kill_in_the_middle_of_a_publication_the_rest_arrives_within_seconds_of_readiness(
    migrated_url: str,
) -> None:
    async with town(migrated_url, 1, fails=0) as there:
        await publishes(there)
        await there.restart(0)
        assert not everybody(there)()
        there.slack.delay_s = there.discord.delay_s = 0.0
        await until(there.lives[0].ready.is_set)

        arrived, held = await asyncio.gather(
            seconds_until(everybody(there)), seconds_until(lambda: there.discord.gateway.live)
        )
        print(f"the last copy {arrived:.1f} s, the gateway {held:.1f} s after readiness")
        assert (arrived < stretched(5), held < stretched(5)) == (True, True)
        assert len(told(there)) == len(set(told(there)))


@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
async def test_another_process_takes_over_from_a_killed_one_within_seconds(migrated_url: str) -> None:
    async with town(migrated_url, 1, fails=0, replicas=2) as there:
        await publishes(there)
        for killed in (0, 1):  # one of them holds the connection to Discord
            await asyncio.to_thread(there.lives[killed].kill)
            there.slack.delay_s = there.discord.delay_s = 0.0
            arrived, held = await asyncio.gather(
                seconds_until(everybody(there)), seconds_until(lambda: there.discord.gateway.live)
            )
            print(f"the last copy {arrived:.1f} s, the gateway {held:.1f} s after the kill")
            assert (arrived < stretched(5), held < stretched(5)) == (True, True)
            there.lives[killed].begin()
            await until(there.lives[killed].ready.is_set)
        assert len(told(there)) == len(set(told(there)))


async def test_after_an_outage_of_both_platforms_everything_arrives_and_commands_are_taken_within_10_seconds(
    migrated_url: str,
) -> None:
    async with town(migrated_url, 1, fails=0) as there:
        await publishes(there)
        there.slack.delay_s = there.discord.delay_s = 0.0
        there.slack.unreliable, there.slack.chance = (on_slack.Fails.NO_ANSWER,), lambda: True
        there.slack.links_away = there.discord.down = there.discord.gateway.closed = True
        there.discord.gateway.drop()
        for number in reversed(range(len(there.slack.sockets))):
            there.slack.drop(number)
        await asyncio.sleep(OUTAGE_S)
        assert not everybody(there)()

        there.slack.unreliable, there.slack.chance = (), lambda: False
        there.slack.links_away = there.discord.down = there.discord.gateway.closed = False
        arrived, heard, held = await asyncio.gather(
            seconds_until(everybody(there)),
            seconds_until(lambda: there.slack.sockets),
            seconds_until(lambda: there.discord.gateway.live),
        )
        print(f"the last copy {arrived:.1f} s, Slack {heard:.1f} s, Discord {held:.1f} s after the outage")
        assert max(arrived, heard, held) < stretched(10)
        assert len(told(there)) == len(set(told(there)))
