"""Rooms: what stands first in them, with how many calls they are made, and that they are made once."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace

import pytest

from bot.changes import ChangeFeed
from bot.connections import Connections, Traffic
from bot.domain.severity import Severity
from bot.errors import OutcomeUnknown, SendFailed
from bot.platforms.discord.config import DiscordConfig
from bot.platforms.discord.messenger import DiscordMessenger
from bot.platforms.discord.web import DiscordWeb
from bot.views import Pin, Stage
from bot.worker.outages import Outages
from tests.fakes.discord import Discord, Fails
from tests.fakes.discord_checks import parts_of, words_of
from tests.fakes.discord_server import PINNED
from tests.patience import LONG_S, until
from tests.platforms.discord.conftest import ANA, BOARD, HIDDEN, OPS, STATUS, Team
from tests.platforms.discord.moves import answer_to, declared, published, room_of, said_in
from tests.platforms.discord.test_messenger import CARD, THREADS, room


@dataclass
class Unconnected:
    """A platform that was never reached."""

    connected: bool = False
    refused: int = 0
    traffic: Traffic = field(default_factory=Traffic)
    elapsed_s: float = 0.0


@pytest.fixture
async def board(discord: Discord) -> AsyncIterator[DiscordMessenger]:
    """Rooms are posts in a forum."""
    messenger = DiscordMessenger(
        DiscordWeb(discord.token, discord.api_url), DiscordConfig(rooms_in=BOARD, private_rooms_in=HIDDEN)
    )
    yield messenger
    await messenger.close()


def tags_of(discord: Discord, post: str) -> set[str]:
    names = {tag["id"]: tag["name"] for tag in discord.channels[BOARD].tags}
    return {names[tag] for tag in discord.channels[post].applied}


async def opened(messenger: DiscordMessenger) -> str:
    """The post, after its card was delivered."""
    post = (await messenger.change_room("", room(), "dlv_1")).partition(" ")[0]
    assert await messenger.send(post, CARD, "dlv_2") == f"{post}/{post}"
    return post


async def test_in_a_forum_the_card_is_the_first_message_and_tags_are_set_at_creation(
    discord: Discord, board: DiscordMessenger
) -> None:
    made = await board.change_room("", room(), "dlv_1")
    post = made.partition(" ")[0]
    assert tags_of(discord, post) == {CARD.severity.value, CARD.stage.label}
    assert f"{CARD.incident} · SEV1 · Errors" in words_of(discord.messages(post)[0])

    await board.send(post, CARD, "dlv_2")
    [card] = discord.messages(post)
    assert "Update" in [part.get("label") for part in parts_of(card)]
    assert [method for method, path, _body in discord.calls if path.endswith("/threads") or method == "PATCH"] == [
        "POST",
        "PATCH",
    ]


async def test_the_tags_of_a_forum_post_follow_the_card(discord: Discord, board: DiscordMessenger) -> None:
    post = await opened(board)

    await board.edit(post, f"{post}/{post}", replace(CARD, severity=Severity.SEV2, stage=Stage.RESOLVED), "dlv_3")

    assert tags_of(discord, post) == {"SEV2", "Resolved"}


async def test_a_forum_that_requires_a_tag_gets_one_even_if_none_fits(
    discord: Discord, board: DiscordMessenger
) -> None:
    forum = discord.channels[BOARD]
    forum.needs_tag, forum.tags = True, [{**forum.tags[0], "name": "Moderated", "moderated": True}, forum.tags[1]]
    card = replace(CARD, severity=Severity.SEV4, stage=Stage.MONITORING)

    made = await board.change_room("", replace(room(), card=card), "dlv_1")

    post = made.partition(" ")[0]
    assert tags_of(discord, post) == {forum.tags[1]["name"]}
    await board.edit(post, f"{post}/{post}", card, "dlv_2")


async def test_a_tag_that_was_deleted_stops_a_room_only_once(discord: Discord, board: DiscordMessenger) -> None:
    await board.web.about(BOARD)
    forum = discord.channels[BOARD]
    forum.tags = [{**tag, "id": f"9{tag['id']}"} for tag in forum.tags]

    with pytest.raises(SendFailed):
        await board.change_room("", room(), "dlv_1")
    made = await board.change_room("", room(again=True), "dlv_1")

    assert tags_of(discord, made.partition(" ")[0]) == {CARD.severity.value, CARD.stage.label}


async def test_the_first_message_of_a_forum_post_is_not_pinned(discord: Discord, board: DiscordMessenger) -> None:
    post = await opened(board)

    await board.change_room(post, Pin(f"{post}/{post}"), "dlv_3")

    assert len(discord.messages(post)) == 1


async def test_a_card_whose_first_message_was_deleted_is_posted(discord: Discord, board: DiscordMessenger) -> None:
    post = await opened(board)
    discord.delete_message(post, post)

    again = await board.send(post, CARD, "dlv_3")

    assert again == f"{post}/{discord.messages(post)[-1]['id']}"


@pytest.mark.parametrize("private", [False, True])
@pytest.mark.parametrize("forum", [False, True])
async def test_a_room_whose_answer_was_lost_is_found_again(discord: Discord, forum: bool, private: bool) -> None:
    messenger = DiscordMessenger(
        DiscordWeb(discord.token, discord.api_url),
        DiscordConfig(rooms_in=BOARD if forum else OPS, private_rooms_in=HIDDEN),
    )
    discord.fail(THREADS if forum or private else "POST /channels/{}/messages/{}/threads", Fails.ANSWER_LOST)
    with pytest.raises(OutcomeUnknown):
        await messenger.change_room("", room(private=private), "dlv_1")

    made = await messenger.change_room("", room(private=private, again=True), "dlv_1")
    await messenger.close()

    assert [channel.id for channel in discord.channels.values() if channel.parent] == [made.partition(" ")[0]]


async def test_a_first_attempt_looks_nothing_up(team: Team) -> None:
    before = len(team.discord.calls)
    room_id = await declared(team)

    mine = [(method, path.replace(room_id, "ROOM")) for method, path, _body in team.discord.calls[before:]
            if not path.startswith(("/interactions", "/webhooks"))]  # fmt: skip
    assert mine[:3] == [
        ("POST", f"/channels/{OPS}/messages"),
        ("POST", f"/channels/{OPS}/messages/ROOM/threads"),
        ("POST", "/channels/ROOM/messages"),
    ]


@pytest.mark.parametrize("private", [False, True])
async def test_the_card_is_the_first_message_of_a_thread_and_the_channel_learns_only_the_number(
    team: Team, private: bool
) -> None:
    room_id = await declared(team, title="Secret plans leaked", private=private)

    [*messages] = team.discord.messages(room_id)
    assert "Secret plans leaked" in words_of(messages[0])
    assert all("Secret" not in words_of(message) for place in (OPS, HIDDEN) for message in team.discord.messages(place))
    assert [words_of(message) for message in team.discord.messages(OPS)] == (
        [] if private else ["Room for **INC-1**: see the thread."]
    )
    assert not [message for message in messages if message["type"] == PINNED]


async def test_the_line_about_a_pin_stays_where_it_may_not_be_deleted_and_the_card_is_pinned(team: Team) -> None:
    team.discord.channels[OPS].denied.add("MANAGE_MESSAGES")

    room_id = await declared(team)

    messages = team.discord.messages(room_id)
    assert messages[0]["pinned"]
    assert [message["type"] for message in messages].count(PINNED) == 1


async def test_once_something_is_public_the_card_links_to_its_page(team: Team) -> None:
    room_id = await published(team)

    links: list[str] = []
    async with asyncio.timeout(LONG_S):  # the edit may have to wait for its turn
        while not links:
            await team.outbox.drain()
            await asyncio.sleep(0.05)
            links = [part["url"] for part in parts_of(team.discord.messages(room_id)[0]) if part.get("url")]
    assert links == ["https://status.example.com/incidents/INC-1"]


async def test_nothing_in_a_channel_for_customers_becomes_a_room(team: Team) -> None:
    await declared(team)
    add = team.discord.types(ANA, room_of(team), "/incident subscription add", channel=OPS)

    assert "is where incidents are worked on" in words_of(await answer_to(team, ANA, add))
    assert team.discord.messages(STATUS) == []


async def test_the_room_reads_that_slack_is_away(team: Team) -> None:
    in_room = await declared(team)
    slack = Unconnected()
    connections = Connections({"slack": slack, "discord": team.app}, lambda: slack.elapsed_s)
    outages = Outages(team.core.store, team.core.app, connections, ChangeFeed(), team.core.desk.in_thread)
    await until(lambda: team.app.connected)
    slack.elapsed_s = 61.0
    team.clock.forward(seconds=61)
    assert outages.look()

    async with asyncio.timeout(LONG_S):  # it may have to wait for its turn
        while not any("Slack has not been reachable since" in words for words in said_in(team, in_room)):
            await team.outbox.drain()
            await asyncio.sleep(0.05)
