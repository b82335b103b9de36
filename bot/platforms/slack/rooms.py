"""Creates, sets up, and archives incident channels. Optional steps that fail never block the rest."""

import asyncio
import logging
from collections.abc import Awaitable
from typing import Any, assert_never

from slack_sdk.errors import SlackApiError

from bot.errors import SendFailed
from bot.platforms.slack import channels
from bot.platforms.slack.blocks import clipped
from bot.platforms.slack.web import SlackWeb, checked, error_of, failure
from bot.ports import WITHOUT
from bot.views import Archive, Bookmark, Invitation, OpenRoom, Pin, Removal, RoomStep, SetTopic

log = logging.getLogger("foghorn.slack")
TOPIC = 250  # characters, also of the purpose; docs.slack.dev, conversations.setTopic
NAME = 80
NAMES = 20  # how many names are tried
DONE_ALREADY = frozenset({"already_in_channel", "already_pinned", "already_archived", "cant_invite_self"})
DONE_WITHOUT = frozenset(
    {"missing_scope", "unknown_method", "not_allowed_token_type", "restricted_action", "no_permission",
     "user_is_restricted", "ura_max_channels", "cant_invite", "user_not_found"}
)  # fmt: skip
"""Errors that make an optional step be skipped: not permitted, or not supported by the server."""


class SlackRooms:
    """Carries out changes to channels; each can be repeated."""

    def __init__(self, web: SlackWeb) -> None:
        self._web = web
        self._missed: set[tuple[str, str]] = set()

    async def change_room(self, channel: str, step: RoomStep) -> str:
        """Carry out one step and return its result. Raises SendFailed."""
        return await checked(self._change_room(channel, step))

    async def topics(self) -> list[str]:
        """The topics of the channels that we created, including archived ones."""
        me = (await self._web.client.auth_test())["user_id"]
        return [each["topic"]["value"] async for each in channels.every(self._web) if each.get("creator") == me]

    async def _change_room(self, channel: str, step: RoomStep) -> str:
        client = self._web.client
        missed: list[str] = []
        match step:
            case OpenRoom():
                return await self._open(step)
            case SetTopic():
                said = client.conversations_setTopic(channel=channel, topic=clipped(step.topic, TOPIC))
                kept = client.conversations_setPurpose(channel=channel, purpose=_purpose(step.mark))
                missed += await asyncio.gather(self._optional("topic", said), self._optional("purpose", kept))
            case Invitation(accounts):
                await self._invite(channel, accounts)
            case Removal(accounts):
                kicks = [client.conversations_kick(channel=channel, user=account) for account in accounts]
                missed += [await self._optional("removal", kick) for kick in kicks]
            case Bookmark():
                missed += [await self._optional("bookmark", self._bookmark(channel, step))]
            case Pin(reference):
                ts = reference.rpartition("/")[2]
                missed += [await self._optional("pin", client.pins_add(channel=channel, timestamp=ts))]
            case Archive():
                missed += [await self._optional("archive", client.conversations_archive(channel=channel))]
            case _:
                assert_never(step)
        return WITHOUT + ", ".join(filter(None, missed)) if any(missed) else "done"

    async def _open(self, step: OpenRoom) -> str:
        """Create the channel and return its id and name. If the name is taken, reuse our channel, or try another."""
        for number in range(1, NAMES + 1):
            name = _another_name(step.name, number)
            try:
                made = await self._web.client.conversations_create(name=name, is_private=step.private)
            except SlackApiError as problem:
                if error_of(problem) != "name_taken":
                    raise
                found = await self._made_before(name, step.mark)
                if found:
                    return f"{found} {name}"
            else:
                return f"{made['channel']['id']} {made['channel']['name']}"
        raise SendFailed(f"{NAMES} channels already have this name. Rename one, then retry.", permanent=True)

    async def _made_before(self, name: str, mark: str) -> str | None:
        """Our own channel with this name, if it belongs to this incident or is not marked yet."""
        me = (await self._web.client.auth_test())["user_id"]
        async for channel in channels.every(self._web):
            if channel["name"] == name:
                purpose = channel.get("purpose", {}).get("value", "")
                ours = channel.get("creator") == me and not channel.get("is_archived")
                return str(channel["id"]) if ours and purpose in ("", _purpose(mark)) else None
        return None

    async def _invite(self, channel: str, accounts: tuple[str, ...]) -> None:
        """Invite all in one call. If Slack rejects one account it invites none, so then each separately."""
        client = self._web.client
        try:
            await client.conversations_invite(channel=channel, users=list(accounts))
        except SlackApiError as problem:
            if len(accounts) == 1 or failure(problem).retry_after_s is not None or not error_of(problem):
                await self._optional("invitation", _failed(problem))
                return
            for account in accounts:
                await self._optional("invitation", client.conversations_invite(channel=channel, users=account))

    async def _bookmark(self, channel: str, step: Bookmark) -> None:
        client = self._web.client
        there = await client.bookmarks_list(channel_id=channel)
        if step.link not in [each.get("link") for each in there["bookmarks"]]:
            await client.bookmarks_add(channel_id=channel, title=step.title, type="link", link=step.link)

    async def _optional(self, what: str, call: Awaitable[Any]) -> str:
        """Carry out an optional step. Returns what is missing, the first time; `foghorn doctor` always reports it."""
        try:
            await call
        except SlackApiError as problem:
            error = error_of(problem)
            if error in DONE_ALREADY or (what, error) == ("removal", "not_in_channel"):
                return ""
            if error not in DONE_WITHOUT:
                raise
            if (what, error) not in self._missed:
                self._missed.add((what, error))
                needed = problem.response.get("needed", "")
                log.warning("rooms have no %s: %s %s; run `foghorn doctor` for details", what, error, needed)
                return f"{what} ({needed or error})"
        return ""


async def _failed(problem: SlackApiError) -> None:
    raise problem


def _purpose(mark: str) -> str:
    return f"An incident in Foghorn ({mark})"


def _another_name(name: str, number: int) -> str:
    """The names to try if one is taken: `...-2`, `...-3`."""
    return name if number == 1 else f"{name[: NAME - 4].rstrip('-')}-{number}"
