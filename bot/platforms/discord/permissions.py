"""What Foghorn may do on a server and in a channel, as Discord computes it."""

from collections.abc import Iterable

from bot.platforms.discord.components import Json
from bot.platforms.discord.web import DiscordWeb

ADMINISTRATOR = 1 << 3
PERMISSIONS = {  # docs.discord.com, "Permissions"; named as in Discord's settings
    "View Channels": 1 << 10,
    "Send Messages": 1 << 11,
    "Manage Messages": 1 << 13,
    "Embed Links": 1 << 14,
    "Attach Files": 1 << 15,
    "Read Message History": 1 << 16,
    "Manage Threads": 1 << 34,
    "Create Public Threads": 1 << 35,
    "Create Private Threads": 1 << 36,
    "Send Messages in Threads": 1 << 38,
    "Pin Messages": 1 << 51,
}


async def allowed_in(web: DiscordWeb, channel: Json) -> int:
    """Our permissions in a channel. Source: docs.discord.com, "Permissions", computing permissions."""
    guild = str(channel["guild_id"])
    roles = await web.look("/guilds/{guild_id}/roles", guild_id=guild)
    ours = await our_roles(web, guild)
    allowed = allowed_everywhere(roles, ours)
    if allowed & ADMINISTRATOR:
        return sum(PERMISSIONS.values())
    written = {str(each["id"]): each for each in channel.get("permission_overwrites", ())}
    for group in ([guild], [each for each in ours if each != guild], [web.me]):
        changes = [written[each] for each in group if each in written]
        for change in changes:
            allowed &= ~int(change["deny"])
        for change in changes:
            allowed |= int(change["allow"])
    return allowed


async def our_roles(web: DiscordWeb, guild: str) -> set[str]:
    """The roles that Foghorn has; the @everyone role has the ID of the server."""
    member = await web.look("/guilds/{guild_id}/members/{user_id}", guild_id=guild, user_id=web.me)
    return {guild, *map(str, member["roles"])}


def allowed_everywhere(roles: Iterable[Json], ours: set[str]) -> int:
    """Our permissions on a server, before channel overrides."""
    allowed = 0
    for role in roles:
        if str(role["id"]) in ours:
            allowed |= int(role["permissions"])
    return allowed
