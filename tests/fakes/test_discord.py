"""The fake, driven by the bare discord.py: product and fake cannot share one misunderstanding of it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import discord as library
import pytest
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import HTTPClient, Route

from tests.fakes.discord import GUILD, TOKEN, Discord, Fails
from tests.fakes.discord_checks import SPECIFICATION, RefusedError, check_body, check_message
from tests.fakes.discord_people import NotAnsweredError
from tests.fakes.discord_server import FORUM, NEWS
from tests.patience import until

ANA, ROOM, CHANGES, BOARD = "100000000000000011", "200000000000000011", "200000000000000012", "200000000000000013"
NONE = {"parse": []}
POST = "POST /channels/{}/messages"
COMMANDS = [
    {"name": "incident", "description": "Incidents", "options": [
        {"name": "note", "description": "Add a line", "type": 1,
         "options": [{"name": "text", "description": "What", "type": 3, "required": True, "autocomplete": True}]},
    ]},
]  # fmt: skip


@pytest.fixture
async def discord(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Discord]:
    async with Discord().serving() as discord:
        monkeypatch.setattr(Route, "BASE", discord.api_url)
        monkeypatch.setattr(DiscordWebSocket, "DEFAULT_GATEWAY", yarl.URL(discord.gateway.url))
        discord.add_member(ANA, "Ana")
        discord.add_channel(ROOM, "ops")
        discord.add_channel(CHANGES, "status", NEWS)
        discord.add_channel(BOARD, "incidents", FORUM, tags=("SEV1",))
        yield discord


@pytest.fixture
async def http(discord: Discord) -> AsyncIterator[HTTPClient]:
    assert discord.api_url == Route.BASE
    client = HTTPClient(asyncio.get_running_loop(), max_ratelimit_timeout=30)
    await client.static_login(TOKEN)
    yield client
    await client.close()


def send(http: HTTPClient, channel: str = ROOM, **body: Any) -> Any:
    message = {"content": "Hello", "allowed_mentions": NONE, **body}
    return http.request(Route("POST", "/channels/{channel_id}/messages", channel_id=channel), json=message)


async def code_of(call: Any) -> int:
    with pytest.raises(library.HTTPException) as refused:
        await call
    return refused.value.code


@asynccontextmanager
async def bot(discord: Discord, **answers: Any) -> AsyncIterator[library.Client]:
    client = library.Client(intents=library.Intents(guilds=True))

    @client.event
    async def on_interaction(interaction: library.Interaction) -> None:
        await answers["answer"](interaction)

    async with client:
        running = asyncio.create_task(client.start(TOKEN))
        await discord.gateway.connected()
        discord.set_commands(COMMANDS)
        yield client
    await asyncio.gather(running, return_exceptions=True)


async def deferring(interaction: library.Interaction) -> None:
    await interaction.response.defer(ephemeral=True)
    await interaction.edit_original_response(content="Noted.", allowed_mentions=library.AllowedMentions.none())


async def test_the_same_nonce_is_the_same_message(discord: Discord, http: HTTPClient) -> None:
    first = await send(http, nonce="a", enforce_nonce=True)
    second = await send(http, nonce="a", enforce_nonce=True)

    assert (first["id"], len(discord.messages(ROOM))) == (second["id"], 1)


async def test_a_nonce_is_forgotten_after_a_few_minutes(discord: Discord, http: HTTPClient) -> None:
    await send(http, nonce="a", enforce_nonce=True)
    discord.skew += 600
    await send(http, nonce="a", enforce_nonce=True)

    assert len(discord.messages(ROOM)) == 2


async def test_a_lost_answer_is_an_error_after_one_request(discord: Discord, http: HTTPClient) -> None:
    discord.fail(POST, Fails.ANSWER_LOST)

    with pytest.raises(aiohttp.ClientError):
        await send(http)

    assert len(discord.messages(ROOM)) == 1


async def test_an_exhausted_bucket_is_waited_for(discord: Discord, http: HTTPClient) -> None:
    discord.limits[POST] = (2, 0.3)
    start = asyncio.get_running_loop().time()
    for _number in range(3):
        await send(http)

    assert asyncio.get_running_loop().time() - start > 0.25
    assert discord.invalid_requests == 0


async def test_a_429_is_slept_through(discord: Discord, http: HTTPClient) -> None:
    discord.fail(POST, Fails.RATE_LIMITED, seconds=0.2)
    start = asyncio.get_running_loop().time()
    await send(http)

    assert asyncio.get_running_loop().time() - start > 0.19


async def test_a_shared_429_does_not_count_as_invalid(discord: Discord, http: HTTPClient) -> None:
    discord.fail(POST, Fails.RATE_LIMITED_SHARED, seconds=0.05)
    await send(http)

    assert discord.invalid_requests == 0


async def test_the_eleventh_crosspost_of_an_hour_raises_rate_limited(discord: Discord, http: HTTPClient) -> None:
    for _number in range(11):
        message = await send(http, CHANGES)
        crosspost = http.request(
            Route("POST", "/channels/{channel_id}/messages/{message_id}/crosspost", channel_id=CHANGES,
                  message_id=message["id"])
        )  # fmt: skip
        if len(discord.channels[CHANGES].crossposts) < 10:
            await crosspost

    with pytest.raises(library.RateLimited):
        await crosspost


async def test_a_message_has_one_thread(http: HTTPClient) -> None:
    message = await send(http)
    start = Route("POST", "/channels/{channel_id}/messages/{message_id}/threads", channel_id=ROOM,
                  message_id=message["id"])  # fmt: skip
    thread = await http.request(start, json={"name": "inc-1"})

    assert thread["id"] == message["id"]
    assert await code_of(http.request(start, json={"name": "inc-1"})) == 160004


async def test_a_forum_post_is_a_thread_with_a_first_message(discord: Discord, http: HTTPClient) -> None:
    route = Route("POST", "/channels/{channel_id}/threads", channel_id=BOARD)
    body = {"name": "INC-1", "applied_tags": ["7000"], "message": {"content": "Hello", "allowed_mentions": NONE}}
    post = await http.request(route, json=body)

    assert discord.messages(post["id"])[0]["content"] == "Hello"


async def test_what_the_app_may_not_is_refused_per_channel(discord: Discord, http: HTTPClient) -> None:
    discord.channels[ROOM].denied.add("SEND_MESSAGES")
    discord.channels[CHANGES].denied.add("VIEW_CHANNEL")

    assert [await code_of(send(http)), await code_of(send(http, CHANGES))] == [50013, 50001]


async def test_a_wrong_token_is_refused(discord: Discord) -> None:
    client = HTTPClient(asyncio.get_running_loop())
    with pytest.raises(library.LoginFailure):
        await client.static_login("wrong")
    await client.close()
    assert discord.invalid_requests == 1


async def test_a_command_is_answered_within_three_seconds_and_edited_later(discord: Discord) -> None:
    async with bot(discord, answer=deferring):
        first = await discord.types(ANA, ROOM, "/incident note", text="It works")
        await asyncio.sleep(0.1)

    assert first["type"] == 5
    assert [message["content"] for message in discord.seen_by(ANA)] == ["Noted."]


async def test_no_first_response_is_told(discord: Discord, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.fakes.discord.FIRST_RESPONSE_S", 0.1)

    async def silent(_interaction: library.Interaction) -> None:
        return None

    async with bot(discord, answer=silent):
        with pytest.raises(NotAnsweredError):
            await discord.types(ANA, ROOM, "/incident note", text="It works")


async def test_a_second_first_response_is_refused(discord: Discord) -> None:
    codes = []

    async def twice(interaction: library.Interaction) -> None:
        await interaction.response.defer()
        path = "/interactions/{webhook_id}/{webhook_token}/callback"
        route = Route("POST", path, webhook_id=interaction.id, webhook_token=interaction.token)
        codes.append(await code_of(interaction.client.http.request(route, json={"type": 5})))

    async with bot(discord, answer=twice):
        await discord.types(ANA, ROOM, "/incident note", text="It works")
        await asyncio.sleep(0.1)

    assert codes == [40060]


async def test_a_token_is_dead_after_fifteen_minutes(discord: Discord) -> None:
    problems: list[Exception] = []

    async def late(interaction: library.Interaction) -> None:
        await interaction.response.defer()
        discord.skew += 16 * 60
        try:
            await interaction.edit_original_response(content="Late")
        except library.HTTPException as problem:
            problems.append(problem)

    async with bot(discord, answer=late):
        await discord.types(ANA, ROOM, "/incident note", text="It works")
        await asyncio.sleep(0.1)

    assert [getattr(problem, "code", 0) for problem in problems] == [50027]


async def test_a_dropped_connection_resumes_and_gets_what_it_missed(discord: Discord) -> None:
    async with bot(discord, answer=deferring):
        discord.gateway.drop()
        first = await discord.types(ANA, ROOM, "/incident note", text="It works")

    assert (first["type"], discord.gateway.resumes, len(discord.gateway.identifies)) == (5, 1, 1)


async def test_a_reconnect_resumes(discord: Discord) -> None:
    async with bot(discord, answer=deferring):
        await discord.gateway.ask_to_reconnect()
        await until(lambda: discord.gateway.resumes)


async def test_an_invalid_session_identifies_again(discord: Discord) -> None:
    async with bot(discord, answer=deferring):
        await discord.gateway.invalidate()
        await discord.gateway.connected()

    assert len(discord.gateway.identifies) == 2


async def test_more_than_guilds_is_a_disallowed_intent(discord: Discord) -> None:
    client = library.Client(intents=library.Intents(guilds=True, message_content=True))
    async with client:
        with pytest.raises(library.PrivilegedIntentsRequired):
            await client.start(TOKEN)
    assert len(discord.gateway.identifies) == 1


async def test_a_malformed_payload_ends_the_library(discord: Discord) -> None:
    client = library.Client(intents=library.Intents(guilds=True))
    async with client:
        running = asyncio.create_task(client.start(TOKEN))
        await discord.gateway.connected()
        await discord.gateway.dispatch("INTERACTION_CREATE", {"id": "1", "type": 2})
        with pytest.raises(KeyError):
            await running


def test_embeds_and_components_v2_do_not_go_together() -> None:
    with pytest.raises(RefusedError):
        check_message({"content": "a", "flags": 1 << 15, "components": [], "allowed_mentions": NONE})


@pytest.mark.skipif(not SPECIFICATION.exists(), reason="Discord's own description is not at hand")
def test_bodies_are_held_against_discords_own_description() -> None:
    pytest.importorskip("jsonschema_rs")
    with pytest.raises(RefusedError):
        check_body("POST", "/channels/{}/messages", {"content": 5, "allowed_mentions": NONE})


async def test_another_server_is_no_business_of_the_apps(http: HTTPClient) -> None:
    assert await code_of(http.request(Route("GET", "/guilds/{guild_id}", guild_id=int(GUILD) + 1))) == 50001


async def test_what_a_moderator_deleted_is_unknown(discord: Discord, http: HTTPClient) -> None:
    message = (await send(http))["id"]
    at = {"channel_id": ROOM, "message_id": message}
    discord.delete_message(ROOM, message)

    edit = http.request(Route("PATCH", "/channels/{channel_id}/messages/{message_id}", **at), json={"content": "x"})
    thread = Route("POST", "/channels/{channel_id}/messages/{message_id}/threads", **at)
    assert await code_of(edit) == 10008
    assert await code_of(http.request(thread, json={"name": "x"})) == 10008
    assert await code_of(http.request(Route("DELETE", "/channels/{channel_id}/messages/{message_id}", **at))) == 10008


async def test_a_deleted_thread_is_an_unknown_channel(discord: Discord, http: HTTPClient) -> None:
    at = {"channel_id": ROOM, "message_id": (await send(http))["id"]}
    made = await http.request(
        Route("POST", "/channels/{channel_id}/messages/{message_id}/threads", **at), json={"name": "x"}
    )
    discord.delete_channel(made["id"])

    assert await code_of(send(http, made["id"])) == 10003


async def test_an_app_deletes_its_own_messages(discord: Discord, http: HTTPClient) -> None:
    at = {"channel_id": ROOM, "message_id": (await send(http))["id"]}

    await http.request(Route("DELETE", "/channels/{channel_id}/messages/{message_id}", **at))

    assert discord.messages(ROOM) == []
