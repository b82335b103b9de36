"""A server that accepts a connection and then says nothing: every call gives up in time."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from pydantic import SecretStr

from bot.assistant import Assistant
from bot.clock import utc_now
from bot.errors import AssistantAway, OutcomeUnknown
from bot.intake.platform import WebhookConfig
from bot.platforms.discord.web import DiscordWeb
from bot.platforms.slack.web import SlackWeb, failure
from bot.platforms.webhook.messenger import WebhookMessenger
from bot.views import PublishedUpdate
from tests.patience import LONG_S
from tests.samples import POSTS

SOON_S = 0.05
UPDATE = next(post for post in POSTS if isinstance(post, PublishedUpdate))
SECRET = SecretStr("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")


@pytest.fixture
async def silent() -> AsyncIterator[str]:
    """The address of a server that never answers."""
    over = asyncio.Event()

    async def listen(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await over.wait()
        writer.close()

    server = await asyncio.start_server(listen, "127.0.0.1", 0)
    yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    over.set()
    server.close()
    await server.wait_closed()


async def discord(url: str) -> None:
    web = DiscordWeb("a.b.c", f"{url}/api/v10", SOON_S)
    try:
        await web.look("/users/@me")
    finally:
        await web.close()


async def slack(url: str) -> None:
    web = SlackWeb("xoxb-1", f"{url}/api/", SOON_S)
    try:
        await web.own_team()
    except TimeoutError as problem:
        raise failure(problem) from problem
    finally:
        await web.close()


async def slack_reply(url: str) -> None:
    web = SlackWeb("xoxb-1", f"{url}/api/", SOON_S)
    try:
        await web.respond(f"{url}/response", {"text": "hello"})
    finally:
        await web.close()


async def webhook(url: str) -> None:
    hook = WebhookConfig(name="crm", url=f"{url}/in", secret_env="CRM_SECRET", allow_private=True)
    messenger = WebhookMessenger([hook], lambda _name: SECRET, clock=utc_now, timeout_s=SOON_S)
    try:
        await messenger.send("crm", UPDATE, "dlv_1")
    finally:
        await messenger.close()


async def assistant(url: str) -> None:
    await Assistant(url, "small", SecretStr("key"), SOON_S).answer([{"role": "user", "content": "hello"}])


@pytest.mark.parametrize("call", [discord, slack, slack_reply, webhook, assistant], ids=lambda call: call.__name__)
async def test_a_call_that_is_not_answered_ends_in_time(silent: str, call: Callable[[str], Awaitable[None]]) -> None:
    async with asyncio.timeout(LONG_S):
        with pytest.raises((OutcomeUnknown, AssistantAway)):
            await call(silent)
