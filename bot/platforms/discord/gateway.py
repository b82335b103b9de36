"""The connection to Discord's gateway: held by one process at a time, and made again soon after it is lost."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import discord
from discord.ui import DynamicItem, Item

from bot.clock import elapsed_s
from bot.connections import Traffic
from bot.errors import Busy, SendFailed
from bot.intake.leases import RENEW_EVERY_S, Leases
from bot.platforms.discord import tree
from bot.platforms.discord.web import LONGEST_WAIT_S, DiscordWeb, code_of

log = logging.getLogger("foghorn.discord")
LEASE = "discord:gateway"
COMMANDS = "discord:commands"
PLENTY = 500  # of the 1,000 starts a day, after which Discord resets the token; docs.discord.com, "Identifying"
SPARE_STARTS = 50  # reserved for manual restarts
LONGEST_PAUSE_S = 600.0
LOOK_AGAIN_S = 1.0  # whether the process that holds the connection died
CONNECT_AGAIN_S = (1, 2, 5, 10)
NO_ACCESS = 50001
PORTAL = "On discord.com/developers/applications, open the app and select Bot"
CLOSED = {  # close codes that no retry repairs; docs.discord.com, "Opcodes and Status Codes", gateway close event codes
    4004: f"Discord rejected the bot token. {PORTAL}, then Reset Token. Put the new token into DISCORD_BOT_TOKEN and "
    "restart Foghorn.",
    4014: "Discord refused the intents of the connection. Foghorn asks for the server list only, which every app may "
    f"have. {PORTAL}, see whether Discord has restricted the app, and turn off everything under Privileged Gateway "
    "Intents. Then restart Foghorn.",
}
MISSING = (
    "Foghorn is not a member of server %s, so nobody there can use it. Run `foghorn discord invite`, open the link, "
    "choose the server, and select Authorize."
)
Interaction = discord.Interaction[Any]
HandleChange = Callable[[str, str, bool, bool | None], Awaitable[None]]
"""Takes the ID of a channel, its name, whether Foghorn may be able to write there again, and whether it is archived."""
HandleInteraction = Callable[[Interaction], Awaitable[None]]


class AnyComponent(DynamicItem[Item[Any]], template=r"[\s\S]+"):
    """Any of our buttons or menus, however old its message is: its custom id says what it does."""

    @classmethod
    async def from_custom_id(cls, _interaction: Interaction, item: Item[Any], _match: Any) -> "AnyComponent":
        """Called by discord.py for a component in a message."""
        return cls(item)

    async def callback(self, interaction: Interaction) -> None:
        """Called when someone clicked it."""
        client = interaction.client
        assert isinstance(client, GatewayClient)
        await client.handle(interaction)


class GatewayClient(discord.Client):
    """discord.py without message content, mentions, or long waits."""

    def __init__(
        self,
        handle: HandleInteraction,
        servers: tuple[str, ...],
        joined: Callable[[], Awaitable[None]],
        changed: HandleChange,
        traffic: Traffic,
    ) -> None:
        super().__init__(
            intents=discord.Intents(guilds=True),
            allowed_mentions=discord.AllowedMentions.none(),
            max_ratelimit_timeout=LONGEST_WAIT_S,
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
        )
        self.handle = handle
        self._servers = servers
        self._joined = joined
        self._changed = changed
        self._traffic = traffic
        self.up = self.was_up = False
        """Whether the connection is up; discord.py's `is_ready` stays true when it is lost."""

    def dispatch(self, event: str, /, *args: Any, **kwargs: Any) -> None:
        """Called by discord.py for what happened. It waits two seconds with some of it, and may be closed by then."""
        if not self.is_closed():
            super().dispatch(event, *args, **kwargs)

    async def on_ready(self) -> None:
        """Called by discord.py when the connection is up."""
        self.up = self.was_up = True

    async def on_resumed(self) -> None:
        """Called by discord.py when a lost connection is up again."""
        self.up = True

    async def on_disconnect(self) -> None:
        """Called by discord.py when the connection is lost; it tries to connect again."""
        self.up = False

    async def on_socket_event_type(self, _kind: str) -> None:
        """Called by discord.py for everything Discord sends."""
        self._traffic.heard()

    async def setup_hook(self) -> None:
        """Called by discord.py before it connects."""
        self.add_dynamic_items(AnyComponent)

    async def on_guild_remove(self, guild: discord.Guild) -> None:
        """Called by discord.py when the app was removed from a server."""
        if str(guild.id) in self._servers:
            log.error(MISSING, guild.id)

    async def on_guild_join(self, guild: discord.Guild) -> None:
        """Called by discord.py when the app was added to a server: its commands are registered there."""
        if str(guild.id) in self._servers:
            await self._joined()

    async def on_guild_channel_update(self, before: discord.abc.GuildChannel, after: discord.abc.GuildChannel) -> None:
        """Called by discord.py when a channel was changed."""
        us = after.guild.me
        gained = not after.permissions_for(us) <= before.permissions_for(us)
        await self._changed(str(after.id), after.name, gained, None)

    async def on_guild_role_update(self, before: discord.Role, after: discord.Role) -> None:
        """Called by discord.py when a role was changed. What one of ours gained may apply in any channel."""
        if after in after.guild.me.roles and not after.permissions <= before.permissions:
            await self._changed("", "", True, None)

    async def on_member_update(self, before: discord.Member, after: discord.Member) -> None:
        """Called by discord.py when Foghorn itself got or lost a role, which may also have denied something.

        Discord tells no app of others without a privileged intent.
        """
        if after == after.guild.me and set(before.roles) != set(after.roles):
            await self._changed("", "", True, None)

    async def on_thread_update(self, before: discord.Thread, after: discord.Thread) -> None:
        """Called by discord.py when a thread that it knows was changed."""
        if before.locked and not after.locked:
            await self._changed(str(after.id), "", True, None)

    async def on_raw_thread_update(self, event: discord.RawThreadUpdateEvent) -> None:
        """Called by discord.py when a thread was changed, also one that it does not know, such as an archived one."""
        archived = event.data["thread_metadata"]["archived"]
        await self._changed(str(event.thread_id), event.data["name"], False, archived)

    async def on_interaction(self, interaction: Interaction) -> None:
        """Commands, autocomplete, and forms; buttons and menus arrive through `AnyComponent`."""
        if interaction.type is not discord.InteractionType.component:
            await self.handle(interaction)


@dataclass(eq=False)
class Gateway:
    """Keeps the connection. `connected` is true while Discord can reach this process or another replica."""

    web: DiscordWeb
    leases: Leases
    handle: HandleInteraction
    servers: tuple[str, ...]
    changed: HandleChange
    _client: GatewayClient | None = field(default=None, init=False)
    _tries: int = field(default=0, init=False)  # since the connection was up
    _started_s: float | None = field(default=None, init=False)

    @property
    def connected(self) -> bool:
        """Whether interactions arrive, here or at a replica."""
        return self.web.traffic.elsewhere or (self._client is not None and self._client.up)

    async def run(self) -> None:
        """Hold the connection whenever no other process does."""
        try:
            while True:
                pause_s = LOOK_AGAIN_S
                if await self._hold_lease():
                    await self._stay_connected()
                    pause_s = CONNECT_AGAIN_S[min(self._tries, len(CONNECT_AGAIN_S)) - 1]
                await asyncio.sleep(pause_s)
        finally:
            with suppress(Busy):
                await asyncio.shield(self.leases.give_back(LEASE))

    async def _hold_lease(self, *, unknown: bool = False) -> bool:
        """Whether we hold the lease; `unknown` while the database does not answer, so that no one can take it."""
        try:
            held = await self.leases.hold(LEASE)
        except Busy:
            return unknown
        self.web.traffic.elsewhere = not held
        return held

    async def _stay_connected(self) -> None:
        """Stay connected until the lease is lost, or the connection ends and cannot be resumed at once."""
        connection = asyncio.create_task(self._connect())
        try:
            while not connection.done():
                await asyncio.wait({connection}, timeout=RENEW_EVERY_S)
                if not connection.done() and not await self._hold_lease(unknown=True):
                    log.warning("another process now holds the connection to Discord")
                    return
        finally:
            connection.cancel()
            await asyncio.gather(connection, return_exceptions=True)

    async def _connect(self) -> None:
        """Run one session. Whatever ends it is logged.

        discord.py resumes a session that is interrupted, but would wait up to 17 minutes to try again, so we do that.
        """
        self._tries += 1
        try:
            left, reset_after_s = await self.web.point_gateway()
            if left <= SPARE_STARTS:
                log.error("almost no connections to Discord are left today; waiting")
                await asyncio.sleep(LONGEST_PAUSE_S)
                return
            if (pause_s := self._pause_s(left, reset_after_s)) > 0:
                log.warning("few connections to Discord are left today; connecting in %.0f s", pause_s)
                await asyncio.sleep(pause_s)
            self._started_s = elapsed_s()
            await self._look_at_servers()
            await self._register_commands()
            async with GatewayClient(
                self.handle, self.servers, self._register_again, self.changed, self.web.traffic
            ) as client:
                self._client = client
                await client.login(self.web.token)
                await client.connect(reconnect=False)
        except SendFailed as problem:
            log.log(logging.ERROR if problem.permanent else logging.WARNING, "%s", problem.reason)
        except discord.LoginFailure:
            log.error(CLOSED[4004])
        except discord.PrivilegedIntentsRequired:
            log.error(CLOSED[4014])
        except discord.ConnectionClosed as closed:
            log.error(CLOSED.get(closed.code, f"Discord ended the connection with code {closed.code}."))
        except (discord.DiscordException, aiohttp.ClientError, OSError, TimeoutError, Busy) as problem:
            log.warning("the connection to Discord ended: %s", problem)
        except Exception:  # a payload that discord.py cannot read ends its loop, but must not end ours
            log.exception("the connection to Discord broke")
        finally:
            if self._client is not None and self._client.was_up:
                self._tries = 1
            self._client = None

    def _pause_s(self, left: int, reset_after_s: float) -> float:
        """How long to wait if few of today's starts are left: what is left is spread over the time until it is reset.

        Discord counts the starts of all processes, so a loop of crashes never uses them up.
        """
        if left > PLENTY:
            return 0.0
        since_s = 0.0 if self._started_s is None else elapsed_s() - self._started_s
        return min(LONGEST_PAUSE_S, reset_after_s / (left - SPARE_STARTS)) - since_s

    async def _look_at_servers(self) -> None:
        """Log which of the configured servers Foghorn is not on."""
        there = {guild["id"] for guild in await self.web.look("/users/@me/guilds")}
        for server in self.servers:
            if server not in there:
                log.error(MISSING, server)

    async def _register_again(self) -> None:
        """Register the commands although they have not changed: a server that Foghorn was removed from lost them.

        What failed there meanwhile is sent.
        """
        await self.leases.remember(COMMANDS, "")
        await self._register_commands()
        await self.changed("", "", True, None)

    async def _register_commands(self) -> None:
        """Register the commands on every server, if they have changed."""
        mark = tree.fingerprint(self.servers)
        if await self.leases.recall(COMMANDS) == mark:
            return
        told = True
        application = (await self.web.look("/oauth2/applications/@me"))["id"]
        for server in self.servers:
            path = "/applications/{application_id}/guilds/{guild_id}/commands"
            try:
                await self.web.call("PUT", path, tree.commands(), application_id=application, guild_id=server)
            except SendFailed as problem:
                told = False
                if code_of(problem) != NO_ACCESS:  # otherwise it is missing, which was logged
                    log.error("the commands could not be registered on server %s: %s", server, problem.reason)
        if told:
            await self.leases.remember(COMMANDS, mark)
