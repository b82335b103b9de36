"""Finds channels by name. Slack has no lookup by name, so the whole list is read."""

import re
from collections.abc import AsyncIterator
from typing import Any

from bot.errors import ChannelNotLookedUp, NotAllowed, SendFailed, no_such_channel
from bot.platforms.slack.web import AWAY, SlackWeb, checked, error_of, failure, pages
from bot.ports import PlatformChannel
from bot.views import RoomName

PLATFORM = "slack"
PAGE, PAGES = 1000, 10  # of conversations.list
AN_ID = re.compile(r"[CGD][A-Z0-9]+")  # names are lower case; docs.slack.dev, conversations.create
ARCHIVED = "{channel} is archived, so updates cannot be posted there. Nothing was changed. Choose another channel."


async def find(web: SlackWeb, typed: str, *, to_write: bool) -> PlatformChannel:
    """The channel with this id, name, or `#name`. With `to_write` a public channel is joined. Raises BotError."""
    if not AN_ID.fullmatch(typed):
        about = await _named(web, typed)
    elif to_write and not typed.startswith("D"):
        about = await _described(web, typed)
    else:
        return PlatformChannel(typed)
    if to_write and about.get("is_archived"):
        raise NotAllowed(ARCHIVED, channel=RoomName(PLATFORM, about["id"], about.get("name") or about["id"]))
    if to_write and not about.get("is_member", True):
        await _join(web, about["id"])
    return PlatformChannel(about["id"], about.get("name", ""))


async def check_internal(web: SlackWeb, channel: str) -> str:
    """The name of a channel that only this workspace reads: `#ops`. Raises SendFailed.

    A channel that another organization was invited to counts as shared. Source: docs.slack.dev, conversation object.
    """
    about = (await checked(web.client.conversations_info(channel=channel)))["channel"]
    name = f"#{about.get('name') or channel}"
    if about.get("is_ext_shared") or about.get("is_pending_ext_shared"):
        raise SendFailed(f"{name} is shared with another organization", permanent=True)
    return name


async def every(web: SlackWeb, *, archived: bool = True) -> AsyncIterator[dict[str, Any]]:
    """Every channel that Foghorn can see: public ones, and private ones it is a member of."""
    kinds, call = "public_channel,private_channel", web.client.conversations_list
    async for page in pages(call, PAGES, types=kinds, limit=PAGE, exclude_archived=not archived):
        for channel in page["channels"]:
            yield channel


async def _named(web: SlackWeb, typed: str) -> dict[str, Any]:
    wanted = typed.removeprefix("#").casefold()
    names = []
    try:
        async for channel in every(web, archived=False):
            if channel["name"].casefold() == wanted:
                return channel
            names.append(channel["name"])
    except AWAY as problem:
        raise ChannelNotLookedUp(typed=typed, platform="Slack", why=failure(problem).reason) from problem
    raise no_such_channel(typed, "Slack", names)


async def _described(web: SlackWeb, channel: str) -> dict[str, Any]:
    """Slack's description of an id. While Slack is unavailable the id is accepted; the delivery reports problems."""
    try:
        return dict((await web.client.conversations_info(channel=channel))["channel"])
    except AWAY as problem:
        _check_access(problem, channel)
    return {"id": channel}


async def _join(web: SlackWeb, channel: str) -> None:
    try:
        await web.client.conversations_join(channel=channel)
    except AWAY as problem:
        _check_access(problem, channel)


def _check_access(problem: Exception, channel: str) -> None:
    """Raise NotAllowed if Foghorn cannot write there. Temporary problems are ignored: the delivery reports them."""
    if error_of(problem) == "missing_scope":
        raise ChannelNotLookedUp(typed=channel, platform="Slack", why=failure(problem).reason) from problem
    if failure(problem).permanent:
        raise NotAllowed(
            "Foghorn cannot write in {channel}. Nothing was changed. Invite Foghorn there with `/invite @Foghorn`, "
            "then subscribe again.",
            channel=RoomName(PLATFORM, channel, channel),
        ) from problem
