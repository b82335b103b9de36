"""Turns: what Slack takes in a second and a minute, and what happens when it asks for patience."""

import contextlib

import aiohttp
import pytest

from bot.errors import SendFailed
from bot.platforms.slack.limits import CHANNEL_BURST, POST, WORKSPACE_BURST, WORKSPACE_PER_S, Limiter
from bot.platforms.slack.messenger import SlackMessenger
from bot.platforms.slack.methods import TIER_3
from bot.platforms.slack.web import SlackWeb
from bot.ports import MAX_CONCURRENT
from tests.fakes.slack import Fails, Slack
from tests.platforms.slack.conftest import NEWS, ROOM
from tests.platforms.slack.test_messenger import POST as UPDATE


class Clock:
    """Stands still until it is moved."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def limiter(clock: Clock) -> Limiter:
    return Limiter(clock)


def test_a_burst_in_one_channel_passes_and_then_it_is_one_a_second(limiter: Limiter) -> None:
    waits = [limiter.reserve(POST, "C1") for _message in range(CHANNEL_BURST + 1)]

    assert waits == [0.0] * CHANNEL_BURST + [1.0]


def test_another_channel_is_not_held_up(limiter: Limiter) -> None:
    for _message in range(CHANNEL_BURST + 1):
        limiter.reserve(POST, "C1")

    assert limiter.reserve(POST, "C2") == 0


def test_processes_that_share_a_workspace_together_stay_below_its_limits(clock: Clock) -> None:
    sharing = [Limiter(clock) for _process in range(3)]
    for each in sharing:
        each.reserve("chat.update")  # before it knows the others
        each.processes = len(sharing)
    made = dict.fromkeys(("chat.update", POST), 0)
    for _second in range(60):
        for each in sharing:
            for method in made:
                with contextlib.suppress(SendFailed):
                    each.reserve(method, "C1")
                    made[method] += 1
        clock.now += 1

    assert made["chat.update"] <= 2 * TIER_3  # as many at once, and in the minute after that
    assert made[POST] <= CHANNEL_BURST + 60 + len(sharing)  # each has reserved the next one
    assert min(made.values()) > 50


def test_what_would_wait_long_comes_again_when_its_turn_is(limiter: Limiter) -> None:
    for _message in range(CHANNEL_BURST + 1):
        limiter.reserve(POST, "C1")

    with pytest.raises(SendFailed) as refused:
        limiter.reserve(POST, "C1")

    assert (refused.value.retry_after_s, refused.value.permanent) == (2.0, False)


def test_calls_that_slack_did_not_answer_are_not_counted(limiter: Limiter) -> None:
    for _look in range(500):
        limiter.reserve("conversations.history")
        limiter.give_back("conversations.history")

    assert [limiter.reserve("conversations.history") for _look in range(50)] == [0.0] * 50


async def test_looks_during_an_outage_do_not_delay_those_after_it(slack: Slack) -> None:
    web = SlackWeb(slack.bot_token, slack.api_url)
    slack.unreliable, slack.chance = (Fails.NO_ANSWER,), lambda: True
    for _look in range(60):
        with contextlib.suppress(aiohttp.ClientError):
            await web.client.conversations_history(channel=ROOM)
    slack.unreliable = ()

    answers = [await web.client.conversations_history(channel=ROOM) for _look in range(50)]
    await web.close()

    assert all(answer["ok"] for answer in answers)


def test_turns_fill_up_again(limiter: Limiter, clock: Clock) -> None:
    for _message in range(CHANNEL_BURST):
        limiter.reserve(POST, "C1")
    clock.now += CHANNEL_BURST

    assert limiter.reserve(POST, "C1") == 0


def test_the_whole_workspace_has_a_limit_too(limiter: Limiter) -> None:
    waits = [limiter.reserve(POST, f"C{number}") for number in range(53)]

    assert (waits[49], waits[-1] > 0) == (0.0, True)


def test_all_that_the_outbox_sends_at_once_wait_for_their_turn_in_the_workspace(limiter: Limiter) -> None:
    for number in range(WORKSPACE_BURST):
        limiter.reserve(POST, f"C{number}")

    waits = [limiter.reserve(POST, f"D{number}") for number in range(MAX_CONCURRENT)]

    assert waits == pytest.approx([(number + 1) / WORKSPACE_PER_S for number in range(MAX_CONCURRENT)])


def test_a_method_has_so_many_turns_in_a_minute(limiter: Limiter, clock: Clock) -> None:
    for _call in range(20):
        limiter.reserve("conversations.create")
    with pytest.raises(SendFailed):
        limiter.reserve("conversations.create")
    clock.now += 3

    assert limiter.reserve("conversations.create") == 0


def test_patience_asked_for_messages_means_their_channel(limiter: Limiter) -> None:
    limiter.close(POST, "C1", 30)

    with pytest.raises(SendFailed):
        limiter.reserve(POST, "C1")
    assert limiter.reserve(POST, "C2") == 0


def test_patience_asked_for_a_method_means_the_method(limiter: Limiter) -> None:
    limiter.close("chat.update", "C1", 30)

    with pytest.raises(SendFailed) as refused:
        limiter.reserve("chat.update", "C2")
    assert refused.value.retry_after_s == 30


async def test_after_a_429_nothing_is_sent_there_before_the_time(slack, organisation) -> None:
    messenger = SlackMessenger(SlackWeb(slack.bot_token, slack.api_url), organisation.zone)
    slack.fail(POST, Fails.RATE_LIMITED, seconds=30)
    for _time in range(3):
        with pytest.raises(SendFailed):
            await messenger.send(ROOM, UPDATE, "dlv_1")

    await messenger.send(NEWS, UPDATE, "dlv_2")
    await messenger.close()

    assert [given["channel"] for method, given in slack.calls if method == POST] == [NEWS, NEWS]  # not in it, joined
