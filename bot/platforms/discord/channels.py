"""Finds channels by id or name, on the servers that Foghorn works on."""

from collections.abc import Sequence

from bot.errors import ChannelNotLookedUp, NotFound, SendFailed, no_such_channel
from bot.platforms.discord.components import Json
from bot.platforms.discord.web import DiscordWeb, code_of
from bot.ports import PlatformChannel

ANNOUNCEMENTS = 5
LISTED = (0, ANNOUNCEMENTS)  # channel types: text and announcement; docs.discord.com, Channel Resource
WRITABLE = (*LISTED, 10, 11, 12)  # and threads
UNKNOWN, CLOSED = 10003, 50001


async def find(web: DiscordWeb, servers: Sequence[str], typed: str, *, to_write: bool) -> PlatformChannel:
    """The channel with this id, name, or `#name`. With `to_write` Foghorn must be able to see it. Raises BotError."""
    try:
        if not typed.isdigit():
            named = await _named(web, servers, typed)
            if not to_write:
                return named
            typed = named.id
        return await _described(web, servers, typed) if to_write else PlatformChannel(typed)
    except SendFailed as failure:
        if code_of(failure) == UNKNOWN:
            raise no_such_channel(typed, "Discord", ()) from failure
        raise ChannelNotLookedUp(typed=typed, platform="Discord", why=failure.reason) from failure


async def check_internal(web: DiscordWeb, servers: Sequence[str], channel: str) -> str:
    """The name of a channel on our servers that no other server follows: `#ops`. Raises SendFailed."""
    about = await web.look("/channels/{channel_id}", channel_id=channel)
    name = f"#{about.get('name') or channel}"
    if str(about.get("guild_id")) not in servers:
        raise SendFailed(f"{name} is not on a server that Foghorn works on", permanent=True)
    if about["type"] == ANNOUNCEMENTS:
        raise SendFailed(f"{name} is an announcement channel, which other servers can follow", permanent=True)
    return name


async def _described(web: DiscordWeb, servers: Sequence[str], channel: str) -> PlatformChannel:
    about = await web.look("/channels/{channel_id}", channel_id=channel)
    if about["type"] not in WRITABLE or str(about.get("guild_id")) not in servers:
        raise no_such_channel(str(about.get("name") or channel), "Discord", ())
    return PlatformChannel(channel, str(about["name"]))


async def _named(web: DiscordWeb, servers: Sequence[str], typed: str) -> PlatformChannel:
    wanted = typed.removeprefix("#").casefold()
    there: list[Json] = []
    for server in servers:
        there += await web.look("/guilds/{guild_id}/channels", guild_id=server)
    channels = [PlatformChannel(str(each["id"]), str(each["name"])) for each in there if each["type"] in LISTED]
    found = [channel for channel in channels if channel.name.casefold() == wanted]
    if len(found) > 1:
        message = (
            "{number} channels are called “{typed}”. Nothing was changed. Choose the channel from the list, or type "
            "its ID."
        )
        raise NotFound(message, number=len(found), typed=typed)
    if not found:
        raise no_such_channel(typed, "Discord", [channel.name for channel in channels])
    return found[0]
