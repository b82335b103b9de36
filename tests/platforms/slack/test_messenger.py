"""Deliveries: once, or an honest word about why not."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.errors import MessageFixed, MessageGone, OutcomeUnknown, SendFailed
from bot.platforms.slack.messenger import SlackMessenger
from bot.platforms.slack.web import SlackWeb
from bot.ports import CannotLookError
from bot.views import PublishedUpdate
from tests.fakes.slack import Fails, Slack, words_of
from tests.fakes.slack_checks import check_message
from tests.fakes.slack_workspace import BOT
from tests.patience import LONG_S, stretched
from tests.platforms.slack.conftest import ANA, NEWS, ROOM
from tests.samples import POSTS

POST = next(post for post in POSTS if isinstance(post, PublishedUpdate))
SINCE = datetime.fromtimestamp(0, UTC) + timedelta(days=1)


@pytest.fixture
def timeout_s() -> float:
    """Of each call."""
    return LONG_S


@pytest.fixture
async def messenger(slack: Slack, organisation, timeout_s: float) -> AsyncIterator[SlackMessenger]:
    messenger = SlackMessenger(
        SlackWeb(slack.bot_token, slack.api_url, timeout_s=stretched(timeout_s)), organisation.zone
    )
    yield messenger
    await messenger.close()


async def failure(call) -> SendFailed:
    with pytest.raises(SendFailed) as failed:
        await call
    return failed.value


async def test_a_message_carries_its_delivery_and_no_preview(slack, messenger) -> None:
    await messenger.send(ROOM, POST, "dlv_1")

    _method, sent = slack.calls[-1]
    assert (sent["metadata"]["event_payload"], sent["unfurl_links"], sent["unfurl_media"]) == (
        {"id": "dlv_1"},
        False,
        False,
    )


async def test_a_public_channel_is_joined_before_the_first_message(slack, messenger) -> None:
    await messenger.send(NEWS, POST, "dlv_1")

    assert BOT in slack.channels[NEWS].members
    assert len(slack.messages(NEWS)) == 1


async def test_a_message_is_changed_in_place(slack, messenger) -> None:
    reference = await messenger.send(ROOM, POST, "dlv_1")

    await messenger.edit(ROOM, reference, replace(POST, title="Everything works"), "dlv_2")

    assert ["Everything works" in words_of(m) for m in slack.messages(ROOM)] == [True]


async def test_a_changed_message_is_still_found_by_its_first_delivery(messenger) -> None:
    reference = await messenger.send(ROOM, POST, "dlv_1")
    await messenger.edit(ROOM, reference, POST, "dlv_2")

    assert await messenger.find(ROOM, "dlv_1", SINCE) == reference


async def test_a_reply_stands_in_the_thread(slack, messenger) -> None:
    reference = await messenger.send(ROOM, POST, "dlv_1")

    await messenger.reply(ROOM, reference, POST, "dlv_2")

    first, reply = slack.messages(ROOM)
    assert reply["thread_ts"] == first["ts"]


async def test_a_direct_message_can_be_changed_too(slack, messenger) -> None:
    reference = await messenger.send(ANA, POST, "dlv_1")

    await messenger.edit(ANA, reference, replace(POST, title="Dealt with"), "dlv_2")

    assert "Dealt with" in words_of(slack.messages(ANA))


async def test_a_lost_answer_is_an_unknown_outcome_and_is_found_by_looking(slack, messenger) -> None:
    slack.fail("chat.postMessage", Fails.ANSWER_LOST)
    unknown = await failure(messenger.send(ROOM, POST, "dlv_1"))

    found = await messenger.find(ROOM, "dlv_1", SINCE)

    assert isinstance(unknown, OutcomeUnknown)
    assert found == f"{ROOM}/{slack.messages(ROOM)[0]['ts']}"


async def test_a_lost_reply_is_found_in_its_thread(slack, messenger) -> None:
    reference = await messenger.send(ROOM, POST, "dlv_1")
    slack.fail("chat.postMessage", Fails.ANSWER_LOST)
    await failure(messenger.reply(ROOM, reference, POST, "dlv_2"))

    assert await messenger.find(ROOM, "dlv_2", SINCE) == f"{ROOM}/{slack.messages(ROOM)[1]['ts']}"


async def test_what_never_arrived_is_not_found(slack, messenger) -> None:
    slack.fail("chat.postMessage", Fails.NO_ANSWER)
    await failure(messenger.send(ROOM, POST, "dlv_1"))

    assert await messenger.find(ROOM, "dlv_1", SINCE) is None


@pytest.mark.parametrize("timeout_s", [0.5])
async def test_a_slow_answer_is_not_waited_for_and_not_sent_again(slack, messenger, timeout_s: float) -> None:
    slack.fail("chat.postMessage", Fails.SLOW, seconds=2 * stretched(timeout_s))

    assert isinstance(await failure(messenger.send(ROOM, POST, "dlv_1")), OutcomeUnknown)
    assert len(slack.messages(ROOM)) == 1


async def test_a_server_error_is_an_unknown_outcome(slack, messenger) -> None:
    slack.fail("chat.postMessage", Fails.SERVER_ERROR)

    assert isinstance(await failure(messenger.send(ROOM, POST, "dlv_1")), OutcomeUnknown)


async def test_too_many_requests_wait_as_long_as_slack_asks(slack, messenger) -> None:
    slack.fail("chat.postMessage", Fails.RATE_LIMITED, seconds=7)

    failed = await failure(messenger.send(ROOM, POST, "dlv_1"))

    assert (failed.retry_after_s, failed.permanent) == (7, False)


async def test_nobody_at_the_other_end_is_tried_again_without_doubt(slack, organisation) -> None:
    web = SlackWeb(slack.bot_token, "http://127.0.0.1:9/api/")
    messenger = SlackMessenger(web, organisation.zone)

    failed = await failure(messenger.send(ROOM, POST, "dlv_1"))
    await messenger.close()

    assert (failed.permanent, isinstance(failed, OutcomeUnknown)) == (False, False)


@pytest.mark.parametrize(
    ("breaks", "says"),
    [
        (lambda slack: setattr(slack.channels[ROOM], "archived", True), "The channel is archived"),
        (lambda slack: slack.channels.pop(ROOM), "Foghorn cannot see the channel"),
        (lambda slack: setattr(slack, "bot_token", "xoxb-new"), "Slack rejected the token"),
    ],
)
async def test_what_cannot_succeed_is_final_and_says_what_to_do(slack, messenger, breaks, says) -> None:
    breaks(slack)

    failed = await failure(messenger.send(ROOM, POST, "dlv_1"))

    assert failed.permanent
    assert says in failed.reason


async def test_where_we_may_not_look_we_say_so(slack, messenger) -> None:
    slack.channels[ROOM].members.discard(BOT)
    slack.channels[ROOM].private = True

    with pytest.raises(CannotLookError):
        await messenger.find(ROOM, "dlv_1", SINCE)


@pytest.mark.parametrize("length", [0, 150, 151, 3000, 3001, 40_000])
@pytest.mark.parametrize("text", ["word ", "x", "&", "🦉"])
async def test_any_title_and_body_fit(slack, messenger, text: str, length: int) -> None:
    words = (text * length)[:length]

    await messenger.send(ROOM, replace(POST, title=words[:5000], body=words), "dlv_1")

    check_message(slack.messages(ROOM)[0])


async def test_what_does_not_fit_ends_in_a_link_to_the_rest(slack, messenger) -> None:
    await messenger.send(ROOM, replace(POST, body="word " * 8000), "dlv_1")

    blocks = slack.messages(ROOM)[0]["blocks"]
    assert blocks[-1]["elements"][0]["elements"][0] == {"type": "link", "url": POST.link, "text": "… continued"}


async def test_a_reply_that_moves_the_stage_is_shown_in_the_channel_too(slack, messenger) -> None:
    reference = await messenger.send(ROOM, POST, "dlv_1")

    await messenger.reply(ROOM, reference, replace(POST, moved=True), "dlv_2")
    await messenger.reply(ROOM, reference, replace(POST, moved=False), "dlv_3")

    assert [message.get("subtype") for message in slack.messages(ROOM)] == [None, "thread_broadcast", None]


async def test_a_deleted_message_cannot_be_changed(slack, messenger) -> None:
    reference = await messenger.send(ROOM, POST, "dlv_1")
    slack.delete(ROOM, reference.partition("/")[2])

    assert isinstance(await failure(messenger.edit(ROOM, reference, POST, "dlv_2")), MessageGone)


@pytest.mark.parametrize("error", ["edit_window_closed", "cant_update_message"])
async def test_a_message_that_cannot_be_edited_anymore_is_told_apart_from_a_deleted_one(
    slack, messenger, error: str
) -> None:
    reference = await messenger.send(ROOM, POST, "dlv_1")
    slack.refuses["chat.update"] = error

    assert isinstance(await failure(messenger.edit(ROOM, reference, POST, "dlv_2")), MessageFixed)


async def test_a_channel_that_foghorn_was_removed_from_is_joined_for_an_edit_and_a_reply(slack, messenger) -> None:
    reference = await messenger.send(NEWS, POST, "dlv_1")

    for call in (messenger.edit, messenger.reply):
        slack.channels[NEWS].members.discard(BOT)
        await call(NEWS, reference, POST, "dlv_2")

    assert len(slack.messages(NEWS)) == 2


async def test_a_channel_that_became_private_and_has_another_name_is_the_same_channel(slack, messenger) -> None:
    reference = await messenger.send(NEWS, POST, "dlv_1")
    slack.channels[NEWS].private, slack.channels[NEWS].name = True, "secret"

    await messenger.edit(NEWS, reference, POST, "dlv_2")
    await messenger.reply(NEWS, reference, POST, "dlv_3")

    assert await messenger.find(NEWS, "dlv_3", SINCE)


async def test_a_reply_to_a_deleted_message_does_not_stay_in_the_channel(slack, messenger) -> None:
    reference = await messenger.send(ROOM, POST, "dlv_1")
    slack.delete(ROOM, reference.partition("/")[2])

    assert isinstance(await failure(messenger.reply(ROOM, reference, POST, "dlv_2")), MessageGone)
    assert slack.messages(ROOM) == []


async def test_a_reply_to_a_deleted_message_that_cannot_be_taken_back_counts_as_sent(slack, messenger) -> None:
    reference = await messenger.send(ROOM, POST, "dlv_1")
    slack.delete(ROOM, reference.rpartition("/")[2])
    slack.fail("chat.delete", Fails.RATE_LIMITED)

    stands = await messenger.reply(ROOM, reference, POST, "dlv_2")

    assert [f"{ROOM}/{message['ts']}" for message in slack.messages(ROOM)] == [stands]


async def test_a_thread_that_was_deleted_while_looking_is_passed_over(slack, messenger) -> None:
    reference = await messenger.send(ROOM, POST, "dlv_1")
    await messenger.reply(ROOM, reference, POST, "dlv_2")
    slack.messages(ROOM)[0] |= {"ts": "1.000001"}  # answers thread_not_found

    assert await messenger.find(ROOM, "dlv_3", SINCE) is None


async def test_a_message_of_ours_can_be_taken_back_also_twice(slack, messenger) -> None:
    reference = await messenger.send(ROOM, POST, "dlv_1")

    await messenger.remove(ROOM, reference)
    await messenger.remove(ROOM, reference)

    assert slack.messages(ROOM) == []


async def test_every_copy_of_a_delivery_is_found(messenger) -> None:
    first = await messenger.send(ROOM, POST, "dlv_1")
    second = await messenger.send(ROOM, POST, "dlv_1")
    below = await messenger.reply(ROOM, first, POST, "dlv_1")

    assert set(await messenger.copies(ROOM, "dlv_1", SINCE)) == {first, second, below}


async def test_a_message_behind_more_than_a_thousand_newer_ones_cannot_be_looked_for(slack, messenger) -> None:
    await messenger.send(ROOM, POST, "dlv_1")
    first = slack.channels[ROOM].messages[0]
    slack.channels[ROOM].messages += [
        {**first, "ts": f"{float(first['ts']) + number:.6f}", "metadata": {}} for number in range(1, 1100)
    ]

    with pytest.raises(CannotLookError):
        await messenger.find(ROOM, "dlv_1", SINCE)
