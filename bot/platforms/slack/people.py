"""Finds users by ID, handle, or name, and the names behind Slack's IDs.

Slack has no lookup by handle, so the whole list of users is read; only for a handle that Foghorn does not know.
"""

import re
from collections.abc import AsyncIterator
from typing import Any

from slack_sdk.errors import SlackApiError

from bot.errors import NotFound
from bot.platforms.slack.members import UNKNOWN_USER, described
from bot.platforms.slack.web import SlackWeb, error_of, pages
from bot.ports import PlatformId, PlatformPerson

AN_ID = re.compile(r"[UW](?=[A-Z]*\d)[A-Z0-9]+")
PAGE, PAGES = 1000, 10  # of users.list
UNKNOWN_CHANNEL = "channel_not_found"
WHY = {
    "guest": "is a guest of this workspace, so they cannot take part",
    "bot": "is a bot, so it cannot take part",
    "gone": "no longer has an active Slack account",
    "pending": "has not joined this workspace yet",
    "elsewhere": "belongs to another organization, so they cannot take part",
}
"""Why someone cannot take part, by `Member.stranger`."""


async def find(web: SlackWeb, typed: str) -> PlatformPerson | None:
    """The user with this ID, handle, or name. Raises NotFound if several have the name."""
    if AN_ID.fullmatch(typed):
        found = await _described(web, typed)
        return _person(found, await web.own_team()) if found else None
    wanted = typed.removeprefix("@").strip().casefold()
    users = [user async for user in _every(web) if not user.get("deleted")]
    team = await web.own_team()
    same = [u for u in users if u.get("name", "").casefold() == wanted] or [u for u in users if wanted in _names(u)]
    if len(same) > 1:
        words = "{number} people on Slack are called “{typed}”. Nothing was changed. Mention the one you mean."
        raise NotFound(words, number=len(same), typed=typed)
    return _person(same[0], team) if same else None


async def name_of(web: SlackWeb, reference: PlatformId) -> str | None:
    """The name behind an ID. Private channels keep theirs: whoever types the ID may not be in there."""
    match reference.kind:
        case "person":
            user = await _described(web, reference.id)
            return described(user, "").name if user else None
        case "channel":
            channel = await _channel(web, reference.id)
            return None if channel is None else "" if channel.get("is_private") else str(channel["name"])
        case "group":
            groups = (await web.client.usergroups_list())["usergroups"]
            return next((str(group["handle"]) for group in groups if group["id"] == reference.id), None)


async def _described(web: SlackWeb, user: str) -> dict[str, Any] | None:
    """Slack's description of a user; None if there is none."""
    try:
        return dict((await web.client.users_info(user=user))["user"])
    except SlackApiError as problem:
        if error_of(problem) in UNKNOWN_USER:
            return None
        raise


async def _channel(web: SlackWeb, channel: str) -> dict[str, Any] | None:
    """Slack's description of a channel. One that Foghorn cannot see counts as private; None: it has no answer."""
    try:
        return dict((await web.client.conversations_info(channel=channel))["channel"])
    except SlackApiError as problem:
        if error_of(problem) == UNKNOWN_CHANNEL:
            return {"is_private": True}
        raise


async def _every(web: SlackWeb) -> AsyncIterator[dict[str, Any]]:
    async for page in pages(web.client.users_list, PAGES, limit=PAGE):
        for user in page["members"]:
            yield user


def _person(user: dict[str, Any], team: str) -> PlatformPerson:
    member = described(user, team)
    return PlatformPerson(str(user["id"]), member.name, WHY.get(member.stranger, ""))


def _names(user: dict[str, Any]) -> set[str]:
    profile = user.get("profile") or {}
    names = (profile.get("display_name"), profile.get("real_name"), user.get("real_name"))
    return {str(name).casefold() for name in names if name}
