"""Calls to Slack over one HTTP session, without automatic retries."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any, TypeVar

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.connections import Traffic
from bot.errors import MessageFixed, MessageGone, OutcomeUnknown, PlaceArchived, PlaceGone, PlaceHidden, SendFailed
from bot.platforms.slack.limits import Limiter

SLACK = "https://slack.com/api/"
NEVER_JOINS = ("conversations.kick", "chat.postEphemeral")
"""No channel is joined to remove someone, or to reply to a single person."""
TIMEOUT_S = 10
CALL_FAILED = (SlackApiError, aiohttp.ClientError, TimeoutError)
"""What a call raises."""
AWAY = (*CALL_FAILED, SendFailed)
"""The same, or that our rate limits leave no turn for it."""
T = TypeVar("T")

# Slack may have carried out the call anyway. Source: docs.slack.dev, errors of chat.postMessage and every method.
MAYBE_DONE = frozenset({"fatal_error", "internal_error", "request_timeout", "service_unavailable"})

DELETED = "The message was deleted, so it cannot be edited or replied to."
_MESSAGE_DELETED = (MessageGone, DELETED)
_READ_ONLY = (PlaceGone, "Foghorn is not allowed to post there. Change the channel's posting permissions.")
_KNOWN: dict[str, tuple[type[SendFailed], str]] = {  # Slack's error code -> the kind, and our words with what to do
    "not_in_channel": (PlaceGone, "Foghorn is not in the channel. Invite it, then retry."),
    "channel_not_found": (
        PlaceHidden,
        "Foghorn cannot see the channel. It was deleted, or Foghorn was removed from it. Invite it again, then retry, "
        "or unsubscribe the channel.",
    ),
    "is_archived": (PlaceArchived, "The channel is archived. Unsubscribe it, or unarchive it and retry."),
    "name_taken": (SendFailed, "This channel name is already taken."),
    "user_is_restricted": (
        SendFailed, "Foghorn is not allowed to create channels. Ask an administrator to allow it, then retry."
    ),
    "restricted_action": _READ_ONLY,
    "restricted_action_read_only_channel": _READ_ONLY,
    "restricted_action_thread_only_channel": _READ_ONLY,
    "message_not_found": _MESSAGE_DELETED,
    "thread_not_found": _MESSAGE_DELETED,
    "edit_window_closed": (MessageFixed, "This workspace does not allow editing this message anymore."),
    "cant_update_message": (MessageFixed, "The message was not posted by Foghorn, so it cannot be edited."),
}  # fmt: skip
TOKEN = frozenset({"invalid_auth", "not_authed", "token_revoked", "token_expired", "account_inactive"})


class SlackClient(AsyncWebClient):
    """The SDK's client with our rate limits, which are updated by Slack's 429 responses."""

    def __init__(self, limiter: Limiter, traffic: Traffic, token: str, **options: Any) -> None:
        super().__init__(token, **options)
        self._limiter = limiter
        self._traffic = traffic

    async def api_call(self, api_method: str, **call: Any) -> AsyncSlackResponse:
        """One call; a public channel that Foghorn was removed from is joined for it.

        Raises SendFailed if the rate limit is used up.
        """
        given = call.get("json") or call.get("params") or call.get("data") or {}
        channel = str(given.get("channel", ""))
        try:
            return await self._call(api_method, channel, call)
        except SlackApiError as problem:
            place = channel or str(given.get("channel_id", ""))
            if error_of(problem) != "not_in_channel" or not place or api_method in NEVER_JOINS:
                raise
            await self._call("conversations.join", place, {"json": {"channel": place}})
        return await self._call(api_method, channel, call)

    async def _call(self, api_method: str, channel: str, call: dict[str, Any]) -> AsyncSlackResponse:
        await self._limiter.turn(api_method, channel)
        try:
            answer = await super().api_call(api_method, **call)
        except SlackApiError as problem:
            if (asked := asked_to_wait(problem)) is not None:
                self._limiter.close(api_method, channel, asked)
            raise
        except aiohttp.ClientError:
            self._limiter.give_back(api_method, channel)
            raise
        self._traffic.answered()
        return answer


class SlackWeb:
    """Slack's Web API with our token, its response URLs, and file uploads."""

    def __init__(
        self, token: str, api_url: str = "", timeout_s: float = TIMEOUT_S, limiter: Limiter | None = None
    ) -> None:
        self._token = token
        self.limiter = limiter or Limiter()
        self._api_url = f"{(api_url or SLACK).rstrip('/')}/"
        self._timeout = aiohttp.ClientTimeout(total=timeout_s)
        self._session: aiohttp.ClientSession | None = None
        self._client: AsyncWebClient | None = None
        self.traffic = Traffic()
        self.team = ""
        """The ID of our workspace, once known."""

    async def own_team(self) -> str:
        """The ID of our workspace, asked once. Raises what the SDK raises."""
        if not self.team:
            self.team = str((await self.client.auth_test())["team_id"])
        return self.team

    @property
    def client(self) -> AsyncWebClient:
        """The SDK's client on our session. Its automatic retries are off, because they could send a message twice."""
        if self._client is None:
            self._client = SlackClient(
                self.limiter,
                self.traffic,
                self._token,
                base_url=self._api_url,
                session=self._open(),
                retry_handlers=[],
                trust_env_in_session=False,
            )
        return self._client

    async def respond(self, url: str, message: Mapping[str, Any]) -> None:
        """Reply where a command or click came from. Raises SendFailed if the response URL has expired."""
        await self._post(url, "response", permanent=True, json=message)

    async def upload(self, url: str, content: bytes) -> None:
        """Upload a file to the URL that Slack provided. Raises SendFailed."""
        await self._post(url, "file upload", data=content)

    async def _post(self, url: str, what: str, *, permanent: bool = False, **content: Any) -> None:
        try:
            async with self._open().post(url, **content) as response:
                if response.status != 200:
                    raise SendFailed(f"The {what} URL returned {response.status}.", permanent=permanent)
        except (aiohttp.ClientError, TimeoutError) as problem:
            raise OutcomeUnknown(f"The {what} URL did not respond ({type(problem).__name__})") from problem

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()
            await asyncio.sleep(0)  # lets aiohttp close its sockets

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:  # not earlier: it belongs to the running loop
            self._session = aiohttp.ClientSession(timeout=self._timeout)
        return self._session


async def checked(call: Awaitable[T]) -> T:
    """The result of a call; errors are translated for the outbox. Raises SendFailed."""
    try:
        return await call
    except CALL_FAILED as problem:
        raise failure(problem) from problem


async def pages(
    call: Callable[..., Awaitable[AsyncSlackResponse]], most: int, **arguments: Any
) -> AsyncIterator[AsyncSlackResponse]:
    """At most so many pages of a list. The SDK's own iteration would pass by our rate limits."""
    cursor = None
    for _page in range(most):
        page = await call(cursor=cursor, **arguments)
        yield page
        cursor = (page.get("response_metadata") or {}).get("next_cursor")
        if not cursor:
            return


def failure(problem: Exception) -> SendFailed:
    """A failed call as an error for the outbox: not delivered, try later, or outcome unknown."""
    if isinstance(problem, SendFailed):
        return problem
    if isinstance(problem, SlackApiError):
        return _refused(problem)
    if isinstance(problem, aiohttp.ClientConnectorError):
        return SendFailed("Slack cannot be reached. Foghorn tries again automatically.")
    return OutcomeUnknown(f"Slack did not respond ({type(problem).__name__})")


def error_of(problem: Exception) -> str:
    """Slack's error code; empty if there is none."""
    data = getattr(getattr(problem, "response", None), "data", None)
    return str(data.get("error", "")) if isinstance(data, dict) else ""


def asked_to_wait(problem: SlackApiError) -> float | None:
    """The seconds to wait if Slack returned 429, else None."""
    response: Any = problem.response  # the SDK's, or aiohttp's where the body was no JSON
    status = int(getattr(response, "status_code", 0) or getattr(response, "status", 0))
    if status != 429 and error_of(problem) not in ("ratelimited", "rate_limited"):
        return None
    asked = str(response.headers.get("Retry-After", "30"))
    return float(asked) if asked.isdigit() else 30.0


def _refused(problem: SlackApiError) -> SendFailed:
    response: Any = problem.response  # the SDK's, or aiohttp's where the body was no JSON
    status = int(getattr(response, "status_code", 0) or getattr(response, "status", 0))
    error = error_of(problem)
    if (asked := asked_to_wait(problem)) is not None:
        return SendFailed("Slack asked Foghorn to wait. Foghorn tries again automatically.", retry_after_s=asked)
    if status >= 500 or not error or error in MAYBE_DONE:
        return OutcomeUnknown(f"Slack returned an error ({error or status})")
    if error in TOKEN:
        words = "Slack rejected the token. Ask an administrator to put a valid one into SLACK_BOT_TOKEN, then retry."
        return SendFailed(words, permanent=True)
    if error == "missing_scope":
        needed = response.get("needed", "a permission")
        return SendFailed(
            f"The Slack app lacks the permission {needed}. Ask an administrator to add it and to reinstall the app.",
            permanent=True,
        )
    kind, words = _KNOWN.get(error, (SendFailed, f"Slack rejected the request ({error})."))
    return kind(words, permanent=True)
