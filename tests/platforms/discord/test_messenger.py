"""What is delivered in Discord: once, in its place, in its shape, within its limits."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.errors import MessageGone, OutcomeUnknown, PlaceLost, SendFailed
from bot.platforms.discord.config import DiscordConfig
from bot.platforms.discord.messenger import DiscordMessenger
from bot.platforms.discord.web import DiscordWeb
from bot.ports import CannotLookError
from bot.views import (
    Archive,
    Button,
    Correction,
    IncidentCard,
    Invitation,
    NudgeCard,
    OpenRoom,
    Pin,
    PublishedUpdate,
    RoomLine,
    say,
)
from tests.fakes.discord import Discord, Fails
from tests.fakes.discord_checks import EPHEMERAL, V2, words_of
from tests.fakes.discord_server import PRIVATE_THREAD
from tests.platforms.discord.conftest import ANA, BEN, HIDDEN, ON_CALL, OPS, STATUS
from tests.samples import POSTS

SINCE = datetime(2026, 4, 20, tzinfo=UTC)
UPDATE = next(post for post in POSTS if isinstance(post, PublishedUpdate))
CORRECTION = next(post for post in POSTS if isinstance(post, Correction))
NUDGE = replace(
    next(post for post in POSTS if isinstance(post, NudgeCard)), buttons=(Button("Update", "update", "INC-42"),)
)
CARD = next(post for post in POSTS if isinstance(post, IncidentCard))
SEND, THREADS = "POST /channels/{}/messages", "POST /channels/{}/threads"


def room(*, private: bool = False, again: bool = False) -> OpenRoom:
    topic = "INC-42 · the pinned card shows the current state · https://status.example.com/incidents/INC-42"
    return OpenRoom("INC-42", "inc-2026-04-20-api-errors", topic, private, (ANA,), card=CARD, again=again)


@pytest.fixture
async def messenger(discord: Discord) -> AsyncIterator[DiscordMessenger]:
    messenger = DiscordMessenger(
        DiscordWeb(discord.token, discord.api_url),
        DiscordConfig(rooms_in=OPS, private_rooms_in=HIDDEN, mention=ON_CALL),
    )
    yield messenger
    await messenger.close()


async def test_a_post_sent_twice_is_one_message(discord: Discord, messenger: DiscordMessenger) -> None:
    first = await messenger.send(STATUS, UPDATE, "dlv_1")

    assert await messenger.send(STATUS, UPDATE, "dlv_1") == first
    assert len(discord.messages(STATUS)) == 1


async def test_a_lost_answer_is_found_in_the_history(discord: Discord, messenger: DiscordMessenger) -> None:
    discord.fail(SEND, Fails.ANSWER_LOST)
    with pytest.raises(OutcomeUnknown):
        await messenger.send(STATUS, UPDATE, "dlv_1")
    discord.messages(STATUS)[0].pop("nonce")  # Discord tells it to the sender only
    discord.skew += 3600

    found = await messenger.find(STATUS, "dlv_1", SINCE)

    assert found == f"{STATUS}/{discord.messages(STATUS)[0]['id']}"


async def test_a_reply_whose_answer_was_lost_is_found_in_its_thread(
    discord: Discord, messenger: DiscordMessenger
) -> None:
    reference = await messenger.send(STATUS, UPDATE, "dlv_1")
    reply = await messenger.reply(STATUS, reference, UPDATE, "dlv_2")
    for message in discord.messages(reply.partition("/")[0]):
        message.pop("nonce")
    assert await messenger.find(STATUS, "dlv_2", SINCE) == reply


async def test_what_did_not_arrive_is_not_found(messenger: DiscordMessenger) -> None:
    await messenger.send(STATUS, UPDATE, "dlv_1")
    assert await messenger.find(STATUS, "dlv_2", SINCE) is None


@pytest.mark.parametrize(("newer", "seen"), [(150, True), (600, False)])
async def test_a_message_is_looked_for_among_hundreds_of_newer_ones_and_not_among_more(
    discord: Discord, messenger: DiscordMessenger, newer: int, seen: bool
) -> None:
    reference = await messenger.send(STATUS, UPDATE, "dlv_1")
    discord.channels[STATUS].messages += [discord.new_message(STATUS, ANA, {"content": "hi"}) for _each in range(newer)]

    if seen:
        assert await messenger.find(STATUS, "dlv_1", SINCE) == reference
        return
    with pytest.raises(CannotLookError):
        await messenger.find(STATUS, "dlv_1", SINCE)


async def test_a_channel_that_cannot_be_seen_cannot_be_looked_at(discord: Discord, messenger: DiscordMessenger) -> None:
    discord.channels[STATUS].denied.add("VIEW_CHANNEL")
    with pytest.raises(CannotLookError):
        await messenger.find(STATUS, "dlv_1", SINCE)


async def test_an_empty_channel_was_looked_at_only_if_its_history_can_be_read(
    discord: Discord, messenger: DiscordMessenger
) -> None:
    assert await messenger.find(STATUS, "dlv_1", SINCE) is None
    await messenger.send(STATUS, UPDATE, "dlv_1")

    discord.channels[STATUS].denied.add("READ_MESSAGE_HISTORY")
    with pytest.raises(CannotLookError, match="not allowed to read the message history"):
        await messenger.find(STATUS, "dlv_1", SINCE)


async def test_an_answer_of_5xx_is_not_repeated_blindly(discord: Discord, messenger: DiscordMessenger) -> None:
    await messenger.send(STATUS, UPDATE, "dlv_0")
    discord.fail(SEND, Fails.SERVER_ERROR)
    with pytest.raises(OutcomeUnknown):
        await messenger.send(STATUS, UPDATE, "dlv_1")
    assert len(discord.messages(STATUS)) == 1


async def test_a_long_wait_goes_back_to_the_outbox(discord: Discord, messenger: DiscordMessenger) -> None:
    discord.fail(SEND, Fails.RATE_LIMITED, seconds=120)
    with pytest.raises(SendFailed) as failure:
        await messenger.send(STATUS, UPDATE, "dlv_1")
    assert (failure.value.permanent, failure.value.retry_after_s) == (False, 120)


async def test_what_may_not_be_written_is_final_and_says_what_to_do(
    discord: Discord, messenger: DiscordMessenger
) -> None:
    discord.channels[STATUS].denied.add("SEND_MESSAGES")
    with pytest.raises(SendFailed, match="Allow “Send Messages”") as failure:
        await messenger.send(STATUS, UPDATE, "dlv_1")
    assert failure.value.permanent


async def test_a_refused_token_is_final(discord: Discord) -> None:
    messenger = DiscordMessenger(DiscordWeb("wrong", discord.api_url), DiscordConfig())
    with pytest.raises(SendFailed, match="Reset Token"):
        await messenger.send(STATUS, UPDATE, "dlv_1")
    await messenger.close()


async def test_a_person_gets_a_direct_message(discord: Discord, messenger: DiscordMessenger) -> None:
    await messenger.send(f"@{ANA}", NUDGE, "dlv_1")
    [message] = discord.messages(ANA)
    assert "allowed_mentions" not in message
    assert message["flags"] & EPHEMERAL == 0


async def test_a_reminder_in_a_room_mentions_the_one_configured_role(
    discord: Discord, messenger: DiscordMessenger
) -> None:
    await messenger.send(OPS, replace(NUDGE, nobody=True), "dlv_1")
    [(_method, _path, body)] = [call for call in discord.calls if call[0] == "POST"]
    assert body["allowed_mentions"] == {"parse": [], "roles": [ON_CALL]}


async def test_a_reminder_in_a_room_mentions_whom_it_asks_and_may_mention_nobody_else(
    discord: Discord, messenger: DiscordMessenger
) -> None:
    await messenger.send(OPS, replace(NUDGE, rings=(ANA,)), "dlv_1")
    [(_method, _path, body)] = [call for call in discord.calls if call[0] == "POST"]
    assert body["content"].startswith(f"<@{ANA}> ")
    assert body["allowed_mentions"] == {"parse": [], "users": [ANA]}


async def test_a_reminder_mentions_no_role_where_somebody_holds_one(
    discord: Discord, messenger: DiscordMessenger
) -> None:
    await messenger.send(OPS, NUDGE, "dlv_1")
    [(_method, _path, body)] = [call for call in discord.calls if call[0] == "POST"]
    assert body["allowed_mentions"] == {"parse": []}


async def test_updates_of_a_headline_go_into_its_thread(discord: Discord, messenger: DiscordMessenger) -> None:
    reference = await messenger.send(STATUS, UPDATE, "dlv_1")
    reply = await messenger.reply(STATUS, reference, replace(UPDATE, moved=True), "dlv_2")

    thread = reference.partition("/")[2]
    assert reply.startswith(f"{thread}/")
    assert f"<#{thread}>" in words_of(discord.messages(STATUS)[-1])


async def test_a_second_reply_uses_the_same_thread(discord: Discord, messenger: DiscordMessenger) -> None:
    reference = await messenger.send(STATUS, UPDATE, "dlv_1")
    await messenger.reply(STATUS, reference, UPDATE, "dlv_2")
    await messenger.reply(STATUS, reference, UPDATE, "dlv_3")
    assert len(discord.messages(reference.partition("/")[2])) == 2


async def test_a_correction_answers_the_message_it_corrects(discord: Discord, messenger: DiscordMessenger) -> None:
    reference = await messenger.send(STATUS, UPDATE, "dlv_1")
    await messenger.reply(STATUS, reference, CORRECTION, "dlv_2")
    assert discord.messages(STATUS)[-1]["message_reference"]["message_id"] == reference.partition("/")[2]


async def test_a_room_is_a_thread_in_a_text_channel(discord: Discord, messenger: DiscordMessenger) -> None:
    made = await messenger.change_room("", room(), "dlv_1")
    thread, _, name = made.partition(" ")
    assert (discord.channels[thread].parent, name) == (OPS, "INC-42 api errors")


async def test_a_private_room_is_a_private_thread_in_the_private_channel(
    discord: Discord, messenger: DiscordMessenger
) -> None:
    made = await messenger.change_room("", room(private=True), "dlv_1")
    thread = discord.channels[made.partition(" ")[0]]
    assert (thread.parent, thread.type) == (HIDDEN, PRIVATE_THREAD)
    assert discord.messages(HIDDEN) == []


@pytest.mark.parametrize("how", [Fails.ANSWER_LOST, Fails.NO_ANSWER, Fails.SERVER_ERROR])
@pytest.mark.parametrize("route", [SEND, "POST /channels/{}/messages/{}/threads"])
async def test_a_room_whose_making_was_interrupted_is_made_once(
    discord: Discord, messenger: DiscordMessenger, how: Fails, route: str
) -> None:
    discord.fail(route, how)
    with pytest.raises(OutcomeUnknown):
        await messenger.change_room("", room(), "dlv_1")

    await messenger.change_room("", room(again=True), "dlv_1")

    assert len([channel for channel in discord.channels.values() if channel.parent]) == 1


async def test_without_a_configured_channel_the_reason_is_said(discord: Discord) -> None:
    messenger = DiscordMessenger(DiscordWeb(discord.token, discord.api_url), DiscordConfig())
    with pytest.raises(SendFailed, match="rooms_in"):
        await messenger.change_room("", room(), "dlv_1")
    await messenger.close()


async def test_people_are_brought_in_and_who_left_is_left_out(discord: Discord, messenger: DiscordMessenger) -> None:
    thread = (await messenger.change_room("", room(), "dlv_1")).partition(" ")[0]
    await messenger.change_room(thread, Invitation(("999999999999999999", BEN)), "dlv_2")
    assert BEN in discord.channels[thread].members


async def test_the_card_is_pinned(discord: Discord, messenger: DiscordMessenger) -> None:
    thread = (await messenger.change_room("", room(), "dlv_1")).partition(" ")[0]
    reference = await messenger.send(thread, CARD, "dlv_2")
    await messenger.change_room(thread, Pin(reference), "dlv_3")
    assert discord.messages(thread)[-1]["pinned"]


async def test_a_message_in_an_archived_thread_is_edited_all_the_same(
    discord: Discord, messenger: DiscordMessenger
) -> None:
    thread = (await messenger.change_room("", room(), "dlv_1")).partition(" ")[0]
    reference = await messenger.send(thread, CARD, "dlv_2")
    await messenger.change_room(thread, Archive(), "dlv_3")
    assert discord.channels[thread].archived

    await messenger.edit(thread, reference, replace(CARD, title="Another title"), "dlv_4")

    assert "Another title" in words_of(discord.messages(thread)[-1])


async def test_a_deleted_message_cannot_be_changed(discord: Discord, messenger: DiscordMessenger) -> None:
    reference = await messenger.send(OPS, CARD, "dlv_1")
    discord.delete_message(OPS, reference.partition("/")[2])
    with pytest.raises(MessageGone, match="deleted"):
        await messenger.edit(OPS, reference, CARD, "dlv_2")


async def test_a_deleted_message_cannot_be_answered(discord: Discord, messenger: DiscordMessenger) -> None:
    reference = await messenger.send(STATUS, UPDATE, "dlv_1")
    discord.delete_message(STATUS, reference.partition("/")[2])
    with pytest.raises(MessageGone):
        await messenger.reply(STATUS, reference, UPDATE, "dlv_2")


async def test_a_message_whose_thread_was_deleted_cannot_be_answered(
    discord: Discord, messenger: DiscordMessenger
) -> None:
    reference = await messenger.send(STATUS, UPDATE, "dlv_1")
    reply = await messenger.reply(STATUS, reference, UPDATE, "dlv_2")
    discord.delete_channel(reply.partition("/")[0])
    with pytest.raises(MessageGone):
        await messenger.reply(STATUS, reference, UPDATE, "dlv_3")
    with pytest.raises(MessageGone):
        await messenger.edit(STATUS, reply, UPDATE, "dlv_4")


async def test_a_deleted_channel_is_told_from_a_deleted_message(discord: Discord, messenger: DiscordMessenger) -> None:
    reference = await messenger.send(STATUS, UPDATE, "dlv_1")
    discord.delete_channel(STATUS)
    with pytest.raises(PlaceLost):
        await messenger.send(STATUS, UPDATE, "dlv_2")
    with pytest.raises(PlaceLost):
        await messenger.edit(STATUS, reference, UPDATE, "dlv_3")


async def test_a_reply_is_taken_back_with_the_line_that_points_to_it(
    discord: Discord, messenger: DiscordMessenger
) -> None:
    reference = await messenger.send(STATUS, UPDATE, "dlv_1")
    reply = await messenger.reply(STATUS, reference, replace(UPDATE, moved=True), "dlv_2")

    await messenger.remove(STATUS, reply)
    await messenger.remove(STATUS, reply)

    assert [len(discord.messages(place)) for place in (STATUS, reply.partition("/")[0])] == [1, 0]


async def test_every_copy_of_a_delivery_is_found(discord: Discord, messenger: DiscordMessenger) -> None:
    first = await messenger.send(STATUS, UPDATE, "dlv_1")
    discord.skew += 3600  # Discord has forgotten the nonce
    second = await messenger.send(STATUS, UPDATE, "dlv_1")

    assert set(await messenger.copies(STATUS, "dlv_1", SINCE)) == {first, second}


async def test_a_discarded_review_becomes_one_line(discord: Discord, messenger: DiscordMessenger) -> None:
    review = next(post for post in POSTS if type(post).__name__ == "DraftReview")
    reference = await messenger.send(OPS, review, "dlv_1")
    await messenger.edit(OPS, reference, RoomLine("INC-42", say("The draft was discarded.")), "dlv_2")
    [message] = discord.messages(OPS)
    assert (message["flags"] & V2, "was discarded" in words_of(message)) == (V2, True)


@pytest.mark.parametrize("length", [1, 280, 3000])
async def test_a_text_of_any_length_arrives(discord: Discord, messenger: DiscordMessenger, length: int) -> None:
    await messenger.send(STATUS, replace(UPDATE, body="*" * length, title="_" * 200), "dlv_1")
    assert len(discord.messages(STATUS)) == 1


async def test_what_does_not_fit_is_said(discord: Discord, messenger: DiscordMessenger) -> None:
    await messenger.send(STATUS, replace(UPDATE, body="*" * 3000), "dlv_1")
    assert "… continued" in words_of(discord.messages(STATUS)[0])


async def test_rooms_are_listed_by_name_also_archived_and_private_ones(messenger: DiscordMessenger) -> None:
    await messenger.change_room("", room(), "dlv_1")
    archived = await messenger.change_room("", replace(room(), incident="INC-43"), "dlv_2")
    hidden = await messenger.change_room("", replace(room(private=True), incident="INC-44"), "dlv_3")
    for channel in (archived, hidden):
        await messenger.change_room(channel.partition(" ")[0], Archive(), "dlv_4")

    assert sorted(await messenger.room_labels()) == [f"INC-{number} api errors" for number in (42, 43, 44)]
