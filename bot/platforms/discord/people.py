"""Finds members by ID, handle, or name, on the servers that Foghorn works on, and the names behind Discord's IDs.

None of this needs a privileged intent. Source: docs.discord.com, Guild Resource; api-docs pull request 1577.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.errors import NotFound, SendFailed
from bot.platforms.discord.components import Json
from bot.platforms.discord.web import DiscordWeb, code_of
from bot.ports import PlatformId, PlatformPerson

UNKNOWN = frozenset({10003, 10004, 10007, 10013, 50001})  # channel, server, member, user; or not visible to us
MOST = 100
GUEST = 1 << 4  # member flag IS_GUEST
VIEW_CHANNEL = 1 << 10
ADMINISTRATOR = 1 << 3
PRIVATE_THREAD = 12
THREADS = frozenset({10, 11, PRIVATE_THREAD})
EVERYONE_OVERWRITE = 0  # an overwrite for a role


async def find(web: DiscordWeb, servers: Sequence[str], typed: str) -> PlatformPerson | None:
    """The member with this ID, handle, or name. Raises NotFound if several have the name, SendFailed."""
    if typed.isdigit():
        member = await _member(web, servers, typed)
        return _person(member) if member else None
    wanted = typed.removeprefix("@").strip().casefold()
    found: dict[str, Json] = {}
    for server in servers:
        query: Mapping[str, str | int] = {"query": wanted, "limit": MOST}
        there = await _looked(web, "/guilds/{guild_id}/members/search", query, guild_id=server)
        found |= {member["user"]["id"]: member for member in there or ()}
    same = [m for m in found.values() if m["user"]["username"].casefold() == wanted]
    same = same or [m for m in found.values() if _name(m).casefold() == wanted]
    if len(same) > 1:
        words = "{number} members on Discord are called “{typed}”. Nothing was changed. Mention the one you mean."
        raise NotFound(words, number=len(same), typed=typed)
    return _person(same[0]) if same else None


async def name_of(web: DiscordWeb, servers: Sequence[str], reference: PlatformId) -> str | None:
    """The name behind an ID. A channel that not everyone on the server can see keeps its name. Raises SendFailed."""
    match reference.kind:
        case "person":
            member = await _member(web, servers, reference.id)
            if member is None:
                user = await _looked(web, "/users/{user_id}", user_id=reference.id)
                member = {"user": user} if user else None
            return _name(member) if member else None
        case "channel":
            channel = await _looked(web, "/channels/{channel_id}", channel_id=reference.id)
            if channel is None:
                return None
            return str(channel["name"]) if await _is_open(web, servers, channel) else ""
        case "group":
            for server in servers:
                roles = await _looked(web, "/guilds/{guild_id}/roles", guild_id=server) or []
                for role in roles:
                    if role["id"] == reference.id:
                        return str(role["name"])
            return None


async def _member(web: DiscordWeb, servers: Sequence[str], user: str) -> Json | None:
    for server in servers:
        found = await _looked(web, "/guilds/{guild_id}/members/{user_id}", guild_id=server, user_id=user)
        if found:
            return dict(found)
    return None


def _person(member: Json) -> PlatformPerson:
    user = member["user"]
    why = (
        "is a bot, so it cannot take part" if user.get("bot")
        else "has not been admitted to the server yet" if member.get("pending")
        else "is a guest of the server, so they cannot take part" if int(member.get("flags") or 0) & GUEST
        else ""
    )  # fmt: skip
    return PlatformPerson(str(user["id"]), _name(member), why)


def _name(member: Json) -> str:
    user = member["user"]
    return str(member.get("nick") or user.get("global_name") or user["username"])


async def _is_open(web: DiscordWeb, servers: Sequence[str], channel: Json) -> bool:
    """Whether @everyone can see a channel. Source: docs.discord.com, "Permissions", permission overwrites."""
    server = str(channel.get("guild_id"))
    if server not in servers or channel["type"] == PRIVATE_THREAD:
        return False
    if channel["type"] in THREADS:
        channel = await _looked(web, "/channels/{channel_id}", channel_id=channel["parent_id"]) or {}
    roles = await _looked(web, "/guilds/{guild_id}/roles", guild_id=server) or []
    allowed = next((int(role["permissions"]) for role in roles if role["id"] == server), 0)
    for overwrite in channel.get("permission_overwrites", ()):
        if overwrite["id"] == server and int(overwrite["type"]) == EVERYONE_OVERWRITE:
            allowed = (allowed & ~int(overwrite["deny"])) | int(overwrite["allow"])
    return bool(channel) and bool(allowed & (VIEW_CHANNEL | ADMINISTRATOR))


async def _looked(web: DiscordWeb, path: str, query: Mapping[str, str | int] | None = None, **names: Any) -> Any:
    """What Discord answers; None if there is no such thing, or Foghorn cannot see it. Raises SendFailed."""
    try:
        return await web.look(path, query, **names)
    except SendFailed as failure:
        if code_of(failure) in UNKNOWN:
            return None
        raise
