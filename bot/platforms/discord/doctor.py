"""The Discord checks of `foghorn doctor` (token, servers, permissions per channel), and the invitation link."""

import base64
import binascii
from collections.abc import Iterable, Sequence

from bot.errors import SendFailed
from bot.platforms.discord.permissions import (
    ADMINISTRATOR,
    PERMISSIONS,
    allowed_everywhere,
    allowed_in,
    our_roles,
)
from bot.platforms.discord.web import DiscordWeb, code_of
from bot.ports import CheckResult

AUTHORIZE = "https://discord.com/oauth2/authorize"
MENTION_ALL = 1 << 17  # docs.discord.com, "Permissions"
OPTIONAL = ("Manage Messages",)  # to delete the line that says that the card was pinned
IN_ROOMS = tuple(name for name in PERMISSIONS if name not in OPTIONAL)
IN_SUBSCRIBED = ("View Channels", "Send Messages", "Embed Links", "Read Message History")
TEXT, ANNOUNCEMENT, FORUM = 0, 5, 15


def invitation(token: str) -> str:
    """The link that adds Foghorn to a server, with exactly the permissions it uses. Empty if the token is not valid.

    A token starts with the application id in base64.
    """
    begins = token.partition(".")[0]
    try:
        application = base64.urlsafe_b64decode(begins + "=" * (-len(begins) % 4)).decode("ascii")
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return ""
    if not application.isdigit():
        return ""
    total = sum(PERMISSIONS.values())
    return f"{AUTHORIZE}?client_id={application}&scope=bot+applications.commands&permissions={total}"


async def examine(
    web: DiscordWeb, *, servers: Sequence[str], rooms: Sequence[str], channels: Sequence[str], roles: Sequence[str],
    mentioned: Sequence[str],
) -> list[CheckResult]:  # fmt: skip
    """Run every check.

    `rooms` are the channels that hold incident rooms; `channels` are the subscribed ones; `roles` have to exist, and
    those that are `mentioned` must be mentionable as well.
    """
    try:
        limit = await web.look("/gateway/bot")
        await web.look("/oauth2/applications/@me")
    except SendFailed as problem:
        return [CheckResult("discord", problem.reason, False)]
    left = limit["session_start_limit"]["remaining"]
    found = [
        CheckResult("discord", f"accepts the token; {left} connections left today; needs no privileged intent", True)
    ]
    if not servers:
        words = "none is configured, so Foghorn refuses all commands; add [discord] servers"
        found.append(CheckResult("discord servers", words, False))
    known: set[str] = set()
    wanted = {role for role in (*roles, *mentioned) if role}
    for server in servers:
        found += await _server(web, server, wanted, set(mentioned), known)
    for channel in dict.fromkeys(each for each in rooms if each):
        found.append(await _channel(web, channel, IN_ROOMS, (TEXT, FORUM)))
    if not any(rooms):
        found.append(CheckResult("discord rooms", "incidents get no room of their own; add [discord] rooms_in", False))
    for channel in channels:
        found.append(await _channel(web, channel, IN_SUBSCRIBED, (TEXT, ANNOUNCEMENT)))
    words = "does not exist on any of the servers"
    return [*found, *(CheckResult(f"discord role {role}", words, False) for role in sorted(wanted - known))]


async def _server(
    web: DiscordWeb, server: str, wanted: set[str], mentioned: set[str], known: set[str]
) -> list[CheckResult]:
    """Whether Foghorn is there and may mention the roles it has to. Adds the `wanted` roles found there to `known`."""
    try:
        guild = await web.look("/guilds/{guild_id}", guild_id=server)
    except SendFailed:
        return [
            CheckResult(
                f"discord server {server}", "Foghorn is not a member; run `foghorn discord invite` to add it", False
            )
        ]
    found = [CheckResult(f"discord server {guild['name']}", "is ready", True)]
    there = {str(role["id"]): role for role in guild["roles"] if str(role["id"]) in wanted}
    known.update(there)
    silent = [there[each] for each in sorted(mentioned & there.keys()) if not there[each]["mentionable"]]
    if silent and not allowed_everywhere(guild["roles"], await our_roles(web, server)) & (MENTION_ALL | ADMINISTRATOR):
        words = "cannot be mentioned, so no one is notified; in its settings, allow anyone to @mention this role"
        found += [CheckResult(f"discord role {role['name']}", words, False) for role in silent]
    return found


async def _channel(web: DiscordWeb, channel: str, needed: Iterable[str], kinds: Sequence[int]) -> CheckResult:
    try:
        about = await web.look("/channels/{channel_id}", channel_id=channel)
        allowed = await allowed_in(web, about)
    except SendFailed as problem:
        unseen = "Foghorn cannot see it; allow “View Channels” for Foghorn there"
        words = unseen if code_of(problem) == 50001 else problem.reason
        return CheckResult(f"discord channel {channel}", words, False)
    what = f"discord #{about['name']}"
    if about["type"] not in kinds:
        return CheckResult(what, "is a type of channel that Foghorn cannot use for this", False)
    missing = [name for name in needed if not allowed & PERMISSIONS[name]]
    if missing:
        return CheckResult(what, f"allow {', '.join(missing)} for Foghorn there", False)
    return CheckResult(what, "has all permissions", True, channel)
