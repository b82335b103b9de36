"""Rooms: created once, filled, repaired, and what happens when Slack refuses."""

import asyncio
from datetime import timedelta

import pytest
from sqlmodel import select

from bot.domain.deliveries import Delivery, DeliveryState
from bot.errors import OutcomeUnknown, SendFailed
from bot.platforms.slack.rooms import SlackRooms
from bot.platforms.slack.web import SlackWeb
from bot.views import Archive, Bookmark, Invitation, OpenRoom, Pin, Removal, SetTopic
from tests.fakes.slack import Fails, words_of
from tests.fakes.slack_workspace import BOT
from tests.patience import LONG_S
from tests.platforms.slack.conftest import ANA, BEN, DEV, NEWS, ROOM, Team
from tests.platforms.slack.moves import DECLARE, declared, find_in, last_in, said_in, timeline, until

NAME = "inc-2026-04-20-api"
OPEN = OpenRoom("INC-1", NAME, "topic", private=False, accounts=(), mark="inc_1")


@pytest.fixture
async def rooms(slack):
    web = SlackWeb(slack.bot_token, slack.api_url, timeout_s=LONG_S)
    yield SlackRooms(web)
    await web.close()


async def test_a_room_is_made_under_its_name(slack, rooms) -> None:
    channel, name = (await rooms.change_room("", OPEN)).split()

    assert (slack.channels[channel].name, name) == (NAME, NAME)


async def test_a_private_incident_gets_a_private_channel(slack, rooms) -> None:
    made = await rooms.change_room("", OpenRoom("INC-1", NAME, "topic", private=True, accounts=(), mark="inc_1"))

    assert slack.channels[made.split()[0]].private


async def test_a_taken_name_gets_a_number(slack, rooms) -> None:
    slack.add_channel("C1", NAME, ANA)
    slack.add_channel("C2", f"{NAME}-2", ANA)

    assert (await rooms.change_room("", OPEN)).endswith(f" {NAME}-3")


async def test_a_room_whose_answer_was_lost_is_found_failed(slack, rooms) -> None:
    slack.fail("conversations.create", Fails.ANSWER_LOST)
    with pytest.raises(OutcomeUnknown):
        await rooms.change_room("", OPEN)

    made = await rooms.change_room("", OPEN)

    assert [channel.id for channel in slack.channels.values() if channel.creator == BOT] == [made.split()[0]]


async def test_the_room_of_another_incident_is_not_taken_over(rooms) -> None:
    first = (await rooms.change_room("", OPEN)).split()[0]
    await rooms.change_room(first, SetTopic("INC-1", "inc_1"))

    again = await rooms.change_room("", OpenRoom("INC-1", NAME, "topic", private=False, accounts=(), mark="inc_2"))

    assert again.endswith(f" {NAME}-2")


async def test_an_archived_room_is_not_used_failed(slack, rooms) -> None:
    first = (await rooms.change_room("", OPEN)).split()[0]
    slack.channels[first].archived = True

    assert (await rooms.change_room("", OPEN)).endswith(f" {NAME}-2")


async def test_our_channels_are_listed_by_topic_also_archived_ones(slack, rooms) -> None:
    channel = (await rooms.change_room("", OPEN)).partition(" ")[0]
    await rooms.change_room(channel, SetTopic("INC-42 · the pinned card shows the current state", "inc_1"))
    await rooms.change_room(channel, Archive())
    slack.add_channel("C0OTHER", "other")

    assert await rooms.topics() == ["INC-42 · the pinned card shows the current state"]


async def test_every_step_can_be_repeated(slack, rooms) -> None:
    channel = (await rooms.change_room("", OPEN)).split()[0]
    ts = slack.says(ANA, channel, "a message")["ts"]
    steps = (SetTopic("topic", "inc_1"), Invitation((ANA,)), Bookmark("Status page", "https://x.example"),
             Pin(f"{channel}/{ts}"), Removal((DEV,)), Archive())  # fmt: skip
    for step in steps[:-1]:
        await rooms.change_room(channel, step)
        await rooms.change_room(channel, step)
    found = slack.channels[channel]

    assert (found.topic, len(found.bookmarks), found.pins, ANA in found.members) == ("topic", 1, [ts], True)


async def test_one_who_cannot_be_invited_keeps_nobody_else_out(slack, rooms) -> None:
    channel = (await rooms.change_room("", OPEN)).split()[0]

    await rooms.change_room(channel, Invitation((ANA, "U0GONE", BEN)))

    assert {ANA, BEN} <= slack.channels[channel].members


@pytest.mark.parametrize("scope", ["pins:write", "bookmarks:write", "bookmarks:read"])
async def test_without_an_optional_permission_the_room_is_without_it_and_says_so_once(
    slack, rooms, caplog, scope
) -> None:
    slack.scopes.discard(scope)
    channel = (await rooms.change_room("", OPEN)).split()[0]
    ts = slack.says(ANA, channel, "a message")["ts"]

    for _time in range(2):
        await rooms.change_room(channel, Pin(f"{channel}/{ts}"))
        await rooms.change_room(channel, Bookmark("Status page", "https://x.example"))

    assert [record.message for record in caplog.records if "rooms have no" in record.message] == [
        f"rooms have no {scope.split(':')[0][:-1]}: missing_scope {scope}; run `foghorn doctor` for details"
    ]


async def test_a_server_without_pins_and_bookmarks_gets_rooms_all_the_same(slack, rooms) -> None:
    slack.unknown |= {"pins.add", "bookmarks.list"}
    channel = (await rooms.change_room("", OPEN)).split()[0]

    answers = [await rooms.change_room(channel, Bookmark("Status page", "https://x.example")) for _time in range(2)]

    assert answers == ["without bookmark (unknown_method)", "done"]


async def test_without_the_permission_to_make_channels_it_says_which(slack, rooms) -> None:
    slack.scopes.discard("channels:manage")

    with pytest.raises(SendFailed, match="channels:manage") as failed:
        await rooms.change_room("", OPEN)

    assert failed.value.permanent


# ---- through the whole


async def test_who_declares_hears_where_the_room_is(team: Team) -> None:
    await declared(team)

    said = await until(lambda: next((m for m in team.slack.seen_by(ANA) if "is declared" in words_of(m)), None))
    assert f"Its room is #{team.rooms()[0].id}" in words_of(said)


async def test_the_card_is_pinned_and_the_page_bookmarked(team: Team) -> None:
    card = await declared(team)
    room = team.rooms()[0]

    await until(lambda: room.pins and room.bookmarks and ANA in room.members)
    assert (room.pins, room.bookmarks[0]["link"]) == ([card["ts"]], "https://status.example.com/incidents/INC-1")


async def test_a_room_that_cannot_be_made_is_said_where_it_was_declared(team: Team) -> None:
    team.slack.scopes.discard("channels:manage")

    await team.slack.types(ANA, ROOM, DECLARE)

    said = await until(
        lambda: next((m for m in team.slack.seen_by(ANA) if "could not be created" in words_of(m)), None)
    )
    assert ["channels:manage" in words_of(said), "https://status.example.com/console" in words_of(said)] == [True] * 2


def nothing_on_its_way(team: Team) -> bool:
    with team.core.store.read() as tx:
        return tx.session.exec(select(Delivery.id).where(Delivery.state == DeliveryState.SENDING)).first() is None


async def test_a_room_that_is_given_up_after_many_tries_is_told_to_who_declared(team: Team) -> None:
    team.slack.fail("conversations.create", Fails.SERVER_ERROR, times=60)
    await team.slack.types(ANA, ROOM, DECLARE)

    for _try in range(60):  # what was claimed as the clock jumped is not sent, because its lease has passed
        if last_in(team, ANA):
            break
        await asyncio.sleep(0.1)
        await until(lambda: nothing_on_its_way(team))  # a lease lasts a minute, and two hours pass at once
        team.later += timedelta(hours=2)

    told = last_in(team, ANA)
    assert "INC-1 is declared, but its room could not be created" in words_of(told)
    await team.slack.opens_home(ANA)
    await until(lambda: "its room could not be created" in words_of(team.slack.homes.get(ANA, {})))

    team.slack.failures.clear()
    await team.slack.types(ANA, ROOM, "/incident deliveries retry:yes")
    async with asyncio.timeout(LONG_S):
        while "its room could not be created" in words_of(team.slack.homes[ANA]):
            await team.slack.opens_home(ANA)
            await asyncio.sleep(0.1)


async def test_what_a_room_is_without_stands_in_the_timeline_once(team: Team) -> None:
    team.slack.scopes.discard("bookmarks:write")
    await declared(team)

    await until(lambda: "rooms are without bookmark (bookmarks:write); `foghorn doctor`" in timeline(team))


async def test_without_a_room_every_verb_works_where_it_is_typed(team: Team) -> None:
    team.slack.scopes.discard("channels:manage")
    await team.slack.types(ANA, ROOM, DECLARE)
    await until(lambda: any("Commander: Ana" in words_of(m) for m in team.slack.seen_by(ANA)))

    await team.slack.types(ANA, ROOM, "/incident update investigating We look at it. INC-1")

    assert await until(lambda: any("Draft for INC-1" in words_of(m) for m in team.slack.seen_by(ANA)))


async def test_retry_makes_the_room_that_could_not_be_made(team: Team) -> None:
    team.slack.scopes.discard("channels:manage")
    await team.slack.types(ANA, ROOM, DECLARE)
    said = await until(
        lambda: next((m for m in team.slack.seen_by(ANA) if "could not be created" in words_of(m)), None)
    )
    team.slack.scopes.add("channels:manage")

    await team.slack.clicks(ANA, said, "fh:deliveries")

    await until(lambda: team.rooms() and find_in(team, "SEV1 · ChatGPT and API errors"))


async def test_a_deleted_card_is_posted_and_pinned_failed(team: Team) -> None:
    card = await declared(team)
    room = team.rooms()[0]
    await until(lambda: room.pins)
    room.messages.remove(card)

    await team.slack.types(ANA, room.id, "/incident severity 2")

    await until(lambda: find_in(team, "SEV2 · ChatGPT and API errors"))
    await until(lambda: len(room.pins) == 2)


async def test_a_room_that_was_archived_is_made_again_with_what_stood_in_it(team: Team) -> None:
    await declared(team)
    room = team.rooms()[0]
    await until(lambda: room.pins and room.bookmarks)
    room.archived = True

    await team.slack.types(ANA, ROOM, "/incident severity 2")

    await until(lambda: len(team.rooms()) == 2 and find_in(team, "SEV2 · ChatGPT and API errors"))
    again = team.rooms()[1]
    await until(lambda: find_in(team, "Draft for INC-1", again.id) and ANA in again.members)
    words = "the room on Slack was archived, so another one is being made"
    await until(lambda: words in words_of(last_in(team, ANA)))
    assert timeline(team).count(words) == 1


async def test_who_comes_late_reads_alone_what_customers_know(team: Team, clock) -> None:
    await declared(team)
    room = team.rooms()[0]
    await team.slack.types(ANA, room.id, "/incident publish")
    await until(lambda: find_in(team, "(investigating) was published"))
    clock.forward(minutes=3)

    await team.slack.joins(DEV, room.id)
    await team.slack.joins(DEV, room.id, event_id="EvAgain")
    await team.slack.joins(DEV, room.id, event_id="EvAgain")

    told = await until(lambda: len(team.slack.seen_by(DEV)) == 2 and team.slack.seen_by(DEV)[0])
    assert "Customers last read" in words_of(told)


async def test_who_is_assigned_is_brought_in(team: Team) -> None:
    await declared(team)
    room = team.rooms()[0]

    await team.slack.types(ANA, room.id, f"/incident assign comms <@{BEN}>")

    await until(lambda: BEN in room.members)


async def test_the_room_is_archived_some_time_after_the_end(team: Team) -> None:
    rooms = team.core.app.organisation.rooms.model_copy(update={"archive_after_hours": 1})
    organisation = team.core.app.organisation.model_copy(update={"rooms": rooms})
    object.__setattr__(team.core.app, "organisation", organisation)
    await declared(team)
    room = team.rooms()[0]

    await team.slack.types(ANA, room.id, "/incident cancel")
    await until(lambda: find_in(team, "Canceled at"))
    await asyncio.sleep(0.1)
    assert not room.archived
    team.later = timedelta(hours=2)
    await until(lambda: room.archived)


async def test_five_declared_at_once_get_five_rooms(team: Team) -> None:
    titles = ("API slow", "Codex stuck", "Sign-in fails", "Search empty", "Uploads lost")

    await asyncio.gather(*(team.slack.types(ANA, ROOM, f"/incident declare {title} sev:3") for title in titles))

    await until(lambda: len(team.rooms()) == 5)
    await until(lambda: all(find_in(team, "SEV3 ·", room.id) for room in team.rooms()))
    assert len({room.name for room in team.rooms()}) == 5


async def test_twins_declared_at_once_get_one_room(team: Team) -> None:
    await asyncio.gather(team.slack.types(ANA, ROOM, DECLARE), team.slack.types(BEN, ROOM, DECLARE))

    offers = await until(
        lambda: [
            m
            for who in (ANA, BEN)
            for m in team.slack.seen_by(who)
            if "declared what looks like the same incident" in words_of(m)
        ]
    )
    await until(lambda: find_in(team, "Draft for INC-1"))
    assert (len(team.rooms()), len(offers)) == (1, 1)


async def test_the_room_gets_what_asks_somebody_to_act_and_its_thread_the_rest(team: Team) -> None:
    await declared(team)
    room = team.rooms()[0]

    await team.slack.types(ANA, room.id, "/incident note The dashboard is slow")

    line = await until(lambda: next((m for m in room.messages if "The dashboard is slow" in words_of(m)), None))
    assert line["thread_ts"] == room.pins[0]
    assert len(said_in(team)) == 2


async def test_a_private_incident_stays_in_its_room(team: Team) -> None:
    await team.slack.types(ANA, ROOM, "/incident declare Leak of keys private:yes")

    await until(lambda: team.rooms() and find_in(team, "Leak of keys"))
    await until(lambda: any("INC-1 is declared" in words_of(m) for m in team.slack.seen_by(ANA)))
    assert (team.rooms()[0].private, team.slack.messages(ROOM), team.slack.messages(NEWS)) == (True, [], [])


async def test_a_redacted_note_leaves_the_thread_of_the_room(team: Team) -> None:
    await declared(team)
    await team.slack.types(ANA, ROOM, "/incident note call 555 0100 for the password")
    room = team.rooms()[-1].id
    await until(lambda: any("555 0100" in words_of(message) for message in team.slack.messages(room)))
    number = len(timeline(team).splitlines()) - 2

    await team.slack.types(ANA, ROOM, f"/incident redact {number} a phone number")

    await until(lambda: not any("555 0100" in words_of(message) for message in team.slack.messages(room)))
    assert any("note: (redacted)" in words_of(message) for message in team.slack.messages(room))
