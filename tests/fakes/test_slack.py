"""The fake, driven by the bare SDK: product and fake cannot share one misunderstanding of it."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_async_handlers import AsyncConnectionErrorRetryHandler
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.response import SocketModeResponse
from slack_sdk.web.async_client import AsyncWebClient

from tests.fakes.slack import Fails, Slack
from tests.fakes.slack_checks import ARGUMENTS
from tests.fakes.slack_workspace import BOT
from tests.patience import until

# Beside a checkout, where it is at hand; its own page says which of Slack's descriptions it is
SPECIFICATION = Path(__file__).resolve().parents[3] / "shared/specs/slack-web-openapi.json"
SECTION = {"type": "section", "text": {"type": "plain_text", "text": "Hello"}}
MODAL = {
    "type": "modal",
    "callback_id": "fh:note",
    "title": {"type": "plain_text", "text": "Note"},
    "submit": {"type": "plain_text", "text": "Save"},
    "blocks": [
        {
            "type": "input",
            "block_id": "text",
            "label": {"type": "plain_text", "text": "Note"},
            "element": {"type": "plain_text_input", "action_id": "text"},
        }
    ],
}


@pytest.fixture
async def slack() -> AsyncIterator[Slack]:
    async with Slack().serving() as slack:
        slack.add_user("U1", "ana")
        slack.add_channel("C1", "room", "U1", BOT)
        slack.add_channel("C2", "elsewhere", "U1")
        yield slack


@pytest.fixture
def client(slack: Slack) -> AsyncWebClient:
    return AsyncWebClient(slack.bot_token, base_url=slack.api_url, retry_handlers=[], timeout=2)


async def refusal(call: Any) -> str:
    with pytest.raises(SlackApiError) as refused:
        await call
    return str(refused.value.response["error"])


def test_the_arguments_are_those_of_slacks_own_description() -> None:
    if not SPECIFICATION.exists():
        pytest.skip("Slack's OpenAPI description is not at hand")
    described = json.loads(SPECIFICATION.read_text())["paths"]

    for method, arguments in ARGUMENTS.items():
        [operation] = described[f"/{method}"].values()
        assert arguments == {each["name"] for each in operation["parameters"]} - {"token"}, method


async def test_a_message_is_sent_and_read_with_its_metadata(client: AsyncWebClient) -> None:
    metadata = {"event_type": "foghorn_delivery", "event_payload": {"id": "dlv_1"}}
    await client.chat_postMessage(channel="C1", text="Hello", blocks=[SECTION], metadata=metadata)

    history = await client.conversations_history(channel="C1", include_all_metadata=True)

    assert history["messages"][0]["metadata"] == metadata


async def test_metadata_is_left_out_unless_asked_for(client: AsyncWebClient) -> None:
    metadata = {"event_type": "foghorn_delivery", "event_payload": {"id": "dlv_1"}}
    await client.chat_postMessage(channel="C1", text="Hello", metadata=metadata)

    history = await client.conversations_history(channel="C1")

    assert "metadata" not in history["messages"][0]


async def test_replies_stand_in_the_thread_and_not_in_the_channel(client: AsyncWebClient) -> None:
    first = await client.chat_postMessage(channel="C1", text="First")
    await client.chat_postMessage(channel="C1", text="Reply", thread_ts=first["ts"])

    history = await client.conversations_history(channel="C1")
    replies = await client.conversations_replies(channel="C1", ts=first["ts"])

    assert [message["text"] for message in history["messages"]] == ["First"]
    assert [message["text"] for message in replies["messages"]] == ["First", "Reply"]


async def test_a_history_comes_in_pages(client: AsyncWebClient) -> None:
    for number in range(3):
        await client.chat_postMessage(channel="C1", text=str(number))

    page = await client.conversations_history(channel="C1", limit=2)
    rest = await client.conversations_history(channel="C1", limit=2, cursor=page["response_metadata"]["next_cursor"])

    assert [message["text"] for message in page["messages"] + rest["messages"]] == ["2", "1", "0"]


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda client: client.chat_postMessage(channel="C2", text="Hello"), "not_in_channel"),
        (lambda client: client.chat_postMessage(channel="C404", text="Hello"), "channel_not_found"),
        (lambda client: client.api_call("chat.postMessage", json={"channel": "C1"}), "no_text"),
        (lambda client: client.chat_postMessage(channel="C1", text="x", blocks=[SECTION] * 51), "invalid_blocks"),
        (lambda client: client.chat_postMessage(channel="C1", text="x", colour="red"), "invalid_arg_name"),
        (lambda client: client.chat_update(channel="C1", ts="1.000001", text="x"), "message_not_found"),
        (lambda client: client.views_open(trigger_id="1.2.ab", view=MODAL), "invalid_trigger_id"),
        (lambda client: client.users_info(user="U404"), "user_not_found"),
        (lambda client: client.api_call("chat.shout"), "unknown_method"),
    ],
)
async def test_what_slack_refuses_is_refused(client: AsyncWebClient, call: Any, error: str) -> None:
    assert await refusal(call(client)) == error


async def test_a_trigger_opens_one_form_and_not_another(slack: Slack, client: AsyncWebClient) -> None:
    trigger = slack.new_trigger("U1")
    await client.views_open(trigger_id=trigger, view=MODAL)

    assert await refusal(client.views_open(trigger_id=trigger, view=MODAL)) == "exchanged_trigger_id"


async def test_a_trigger_lives_for_three_seconds(slack: Slack, client: AsyncWebClient) -> None:
    trigger = slack.new_trigger("U1")
    slack.skew += 3.5

    assert await refusal(client.views_open(trigger_id=trigger, view=MODAL)) == "expired_trigger_id"


async def test_a_form_changed_meanwhile_is_not_overwritten(slack: Slack, client: AsyncWebClient) -> None:
    opened = await client.views_open(trigger_id=slack.new_trigger("U1"), view=MODAL)
    view_id, first = opened["view"]["id"], opened["view"]["hash"]
    await client.views_update(view_id=view_id, hash=first, view=MODAL)

    assert await refusal(client.views_update(view_id=view_id, hash=first, view=MODAL)) == "hash_conflict"


async def test_a_wrong_token_is_refused(slack: Slack) -> None:
    assert await refusal(AsyncWebClient("xoxb-wrong", base_url=slack.api_url).auth_test()) == "invalid_auth"


async def test_too_many_requests_are_answered_with_when_to_come_back(slack: Slack, client: AsyncWebClient) -> None:
    slack.fail("chat.postMessage", Fails.RATE_LIMITED, seconds=7)

    with pytest.raises(SlackApiError) as refused:
        await client.chat_postMessage(channel="C1", text="Hello")

    assert (refused.value.response.status_code, refused.value.response.headers["Retry-After"]) == (429, "7")


async def test_a_channel_takes_about_one_message_a_second(client: AsyncWebClient) -> None:
    for number in range(10):
        await client.chat_postMessage(channel="C1", text=str(number))

    assert await refusal(client.chat_postMessage(channel="C1", text="one too many")) == "ratelimited"


@pytest.mark.parametrize("scope", ["channels:manage", "chat:write", "pins:write", "users:read"])
async def test_without_its_scope_a_method_is_refused_and_says_which(slack: Slack, client, scope: str) -> None:
    slack.scopes = {"commands"}
    calls = {
        "channels:manage": lambda: client.conversations_create(name="inc"),
        "chat:write": lambda: client.chat_postMessage(channel="C1", text="Hello"),
        "pins:write": lambda: client.pins_add(channel="C1", timestamp="1.1"),
        "users:read": lambda: client.users_info(user="U1"),
    }

    with pytest.raises(SlackApiError) as refused:
        await calls[scope]()

    assert (refused.value.response["error"], refused.value.response["needed"]) == ("missing_scope", scope)


async def test_a_taken_name_is_refused_even_by_an_archived_channel(slack: Slack, client: AsyncWebClient) -> None:
    slack.channels["C2"].archived = True

    assert await refusal(client.conversations_create(name="elsewhere")) == "name_taken"


async def test_of_several_one_who_is_there_already_keeps_all_out(slack: Slack, client: AsyncWebClient) -> None:
    slack.add_user("U2", "ben")

    assert await refusal(client.conversations_invite(channel="C1", users=["U1", "U2"])) == "already_in_channel"
    assert "U2" not in slack.channels["C1"].members


async def test_the_sdks_own_retry_posts_twice_when_an_answer_is_lost(slack: Slack) -> None:
    slack.fail("chat.postMessage", Fails.ANSWER_LOST)
    client = AsyncWebClient(
        slack.bot_token, base_url=slack.api_url, retry_handlers=[AsyncConnectionErrorRetryHandler(max_retry_count=1)]
    )

    await client.chat_postMessage(channel="C1", text="Hello")

    assert len(slack.messages("C1")) == 2


async def test_a_command_comes_over_the_socket_and_is_acknowledged(slack: Slack, client: AsyncWebClient) -> None:
    sockets = SocketModeClient(slack.app_token, web_client=client, ping_interval=1)

    async def acknowledge(sockets: Any, request: Any) -> None:
        await sockets.send_socket_mode_response(
            SocketModeResponse(request.envelope_id, {"text": request.payload["text"]})
        )

    sockets.socket_mode_request_listeners.append(acknowledge)
    await sockets.connect()
    try:
        assert await slack.types("U1", "C1", "/incident list") == {"text": "list"}
    finally:
        await sockets.close()


async def test_a_socket_that_is_renewed_comes_back(slack: Slack, client: AsyncWebClient) -> None:
    sockets = SocketModeClient(slack.app_token, web_client=client, ping_interval=1)
    await sockets.connect()
    [before] = slack.sockets

    await slack.refresh()

    await until(lambda: slack.sockets and before not in slack.sockets)
    await sockets.close()


async def posted(client: AsyncWebClient, **more: Any) -> str:
    return str((await client.chat_postMessage(channel="C1", text="hello", blocks=[SECTION], **more))["ts"])


async def test_what_a_moderator_deleted_is_not_found(slack: Slack, client: AsyncWebClient) -> None:
    ts = await posted(client)
    slack.delete("C1", ts)

    assert await refusal(client.chat_update(channel="C1", ts=ts, text="x", blocks=[SECTION])) == "message_not_found"
    assert await refusal(client.pins_add(channel="C1", timestamp=ts)) == "message_not_found"
    assert await refusal(client.chat_delete(channel="C1", ts=ts)) == "message_not_found"
    assert await refusal(client.conversations_replies(channel="C1", ts=ts)) == "thread_not_found"


async def test_a_reply_to_a_deleted_message_is_posted_into_the_channel(slack: Slack, client: AsyncWebClient) -> None:
    ts = await posted(client)
    slack.delete("C1", ts)

    answer = await client.chat_postMessage(channel="C1", thread_ts=ts, text="hello", blocks=[SECTION])

    assert "thread_ts" not in answer["message"]


async def test_a_deleted_message_with_replies_leaves_a_tombstone(slack: Slack, client: AsyncWebClient) -> None:
    ts = await posted(client)
    await posted(client, thread_ts=ts)
    slack.delete("C1", ts)

    history = await client.conversations_history(channel="C1")
    assert [message.get("subtype") for message in history["messages"]] == ["tombstone"]
    assert len((await client.conversations_replies(channel="C1", ts=ts))["messages"]) == 2
