"""The Discord app: responds within Discord's 3 seconds, runs commands, and replies.

Before the first response it does exactly three things: authenticate (the gateway, and one of our servers), read the
payload against the catalog, and store writing commands in the inbox. A prefilled form may take up to a second more.
"""

import asyncio
import logging
import secrets
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from typing import Any, assert_never

import aiohttp
import discord

from bot.commands.completions import suggest
from bot.commands.fields import ParseContext
from bot.errors import BotError, Busy, SendFailed, Unexpected
from bot.intake.desk import Desk
from bot.intake.inbox import Inbox
from bot.intake.leases import Leases
from bot.platforms.discord import inbound, modals
from bot.platforms.discord.answers import Answers
from bot.platforms.discord.config import DiscordConfig
from bot.platforms.discord.gateway import Gateway
from bot.platforms.discord.inbound import PLATFORM, Arrived, Ask, House, InteractionType, Say, Suggest, Way, Work
from bot.platforms.discord.modals import Memory
from bot.platforms.discord.web import DiscordWeb
from bot.reading.rooms import room_of
from bot.views import Answer, Form, IncidentCard, Notice, Option, RoomName, say
from bot.views.notices import room_missing

log = logging.getLogger("foghorn.discord")
FORM_BUDGET_S = 1.0  # of the 3 s; after that the response is deferred, with a button that opens the form
CHOICES_BUDGET_S = 1.5
LOOK_FOR_LEFT_OVER_S = 30
LOOK_FOR_ROOM_S = 0.1
ROOM_LOOKS = 150
KINDS = {kind.value: kind for kind in InteractionType}
Interaction = discord.Interaction[Any]


class DiscordApp:
    """Handles everything Discord sends."""

    def __init__(
        self,
        web: DiscordWeb,
        desk: Desk,
        inbox: Inbox,
        leases: Leases,
        reading: Callable[[], ParseContext],
        *,
        more: str,
        form_budget_s: float = FORM_BUDGET_S,
        choices_budget_s: float = CHOICES_BUDGET_S,
    ) -> None:
        self._form_budget_s = form_budget_s
        self._choices_budget_s = choices_budget_s
        self._desk = desk
        self._inbox = inbox
        self._reading = reading
        self._memory = Memory()
        self._answers = Answers(web, self._memory, more)
        self._gateway = Gateway(web, leases, self.take, reading().organisation.section(DiscordConfig).servers)
        self._tasks: asyncio.TaskGroup | None = None
        self._running: set[str] = set()
        self._stopping = False
        self.routes: tuple[()] = ()  # Discord reaches us through the gateway
        self.refused = 0
        """How many requests from other servers were refused."""
        logging.getLogger("discord.client").addFilter(_no_voice)

    @property
    def connected(self) -> bool:
        """Whether Discord can reach us."""
        return self._gateway.connected

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Stay connected for the duration of the block; acknowledged work is finished before it exits."""
        async with asyncio.TaskGroup() as tasks:
            self._tasks = tasks
            holding = tasks.create_task(self._gateway.run())
            looking = tasks.create_task(self._look_for_left_over())
            try:
                yield
            finally:
                self._stopping = True
                looking.cancel()
                holding.cancel()
        self._tasks = None
        await asyncio.to_thread(self._inbox.close)

    async def take(self, interaction: Interaction) -> None:
        """Handle one interaction up to its first response; the rest is a task that `running` owns."""
        seen = _arrived(interaction)
        if seen is None:
            return
        house = self._house()
        if seen.server and seen.server not in house.servers:
            log.warning("refused %s of server %s", seen.kind.name.casefold(), seen.server)
            self.refused += 1
        try:
            await self._respond(interaction, inbound.read(seen, house))
        except (discord.InteractionResponded, discord.HTTPException, aiohttp.ClientError, OSError) as problem:
            log.warning("no response to %s: %s", seen.id, problem)  # delivered twice, or too late
        except Exception:
            code = secrets.token_hex(3)
            log.exception("unexpected, code %s", code)
            with suppress(discord.HTTPException, discord.InteractionResponded, discord.ClientException):
                await interaction.response.send_message(Unexpected(code=code).words.format(code=code), ephemeral=True)

    async def resume(self) -> None:
        """Run what a process accepted before it died."""
        for row in await self._desk.in_thread(self._inbox.left_over):
            if row.key.startswith(f"{PLATFORM}:") and row.key not in self._running:
                self._spawn(self._do(inbound.loaded(row.key, row.payload, row.handle)))

    def _house(self) -> House:
        reading = self._reading()
        config = reading.organisation.section(DiscordConfig)
        return House(reading, config.servers, config.groups, self._memory)

    async def _respond(self, interaction: Interaction, read: inbound.Read) -> None:
        match read:
            case Suggest():
                found = await self._choices(read)
                choices = [discord.app_commands.Choice(name=o.label[:100], value=o.value[:100]) for o in found]
                await interaction.response.autocomplete(choices)
            case Say(answer, way, confirms):
                await _defer(interaction, replace(way, replaces=False))
                self._spawn(self._answers.give(answer, replace(way, replaces=False), confirms))
            case Ask():
                await self._open(interaction, read)
            case Work():
                await self._accept(interaction, read)
            case _:
                assert_never(read)

    async def _choices(self, asked: Suggest) -> list[Option]:
        """The autocomplete choices; none if nothing matches, it is not allowed, or the database is slow."""
        if not asked.what or asked.what == "nothing":
            return []
        with suppress(BotError, TimeoutError):
            async with asyncio.timeout(self._choices_budget_s):
                page = self._desk.look("list", lambda ctx: suggest(ctx, asked.what, asked.typed), asked.who)
                return await page
        return []

    async def _open(self, interaction: Interaction, ask: Ask) -> None:
        """The form is the first response; if it takes too long to load, a button offers it."""
        if ask.form is not None:
            await self._show(interaction, ask.form, ask)
            return
        reading = asyncio.ensure_future(self._filled(ask))
        await asyncio.wait({reading}, timeout=self._form_budget_s)
        if reading.done() and isinstance(form := reading.result(), Form):
            await self._show(interaction, form, ask)
            return
        way = replace(ask.way, replaces=False)
        await _defer(interaction, way)
        self._spawn(self._give_later(reading, way))

    async def _show(self, interaction: Interaction, form: Form, ask: Ask) -> None:
        data = modals.modal(form, self._memory, ask.invocation.typed.keys())
        await interaction.response.send_modal(_Modal(data))

    async def _filled(self, ask: Ask) -> Answer:
        """The prefilled form, or the reason why there is none."""
        asked = ask.invocation
        typed = {name: text for name, text in asked.typed.items() if text}
        return await self._desk.in_thread(lambda: self._desk.form(asked.verb, typed, asked.who, asked.where))

    async def _give_later(self, reading: "asyncio.Future[Answer]", way: Way) -> None:
        await self._answers.give(await reading, way)

    async def _accept(self, interaction: Interaction, work: Work) -> None:
        """Store it, defer, run. If it cannot be stored, the reply says so."""
        fresh = True
        if work.writes:
            try:
                fresh = await self._inbox.accept(
                    work.invocation.key, payload=inbound.dumped(work), handle=work.way.handle
                )
            except Busy as busy:
                way = replace(work.way, replaces=False)
                await _defer(interaction, way)
                self._spawn(self._answers.give(Notice(say(busy.words), refused=True), way))
                return
        if not fresh:
            return  # delivered twice: the first one gets the reply
        first = asyncio.ensure_future(_defer(interaction, work.way))
        self._spawn(self._do(work, first))
        await first

    async def _do(self, work: Work, first: "asyncio.Future[None] | None" = None) -> None:
        """Run a command and reply. One that changed nothing is marked as done, so it is not run again later.

        It is stored, so it runs even if Discord does not accept the `first` response.
        """
        key = work.invocation.key
        self._running.add(key)
        try:
            answer = await self._desk.submit(work.invocation)
            if key and (isinstance(answer, Form) or (isinstance(answer, Notice) and answer.refused)):
                self._inbox.settle(key)
            if work.form is not None and isinstance(answer, Notice) and answer.refused:
                answer = replace(work.form, note=answer.sentence, refused=True)  # so that what was typed is not lost
            late = not await _arrived_there(first)
            await self._answers.give(answer, work.way, late=late)
            if isinstance(answer, IncidentCard) and work.invocation.verb == "declare" and not late:
                self._spawn(self._point_to_room(answer, work.way))
        finally:
            self._running.discard(key)

    async def _point_to_room(self, card: IncidentCard, way: Way) -> None:
        """Add a link to the room of a new incident to its card, or say why there is none."""
        for _look in range(ROOM_LOOKS):
            room = await self._desk.read(room_of(card.incident, PLATFORM))
            if room is None or self._stopping:
                return
            if room.channel or room.failed:
                break
            await asyncio.sleep(LOOK_FOR_ROOM_S)
        else:
            return
        if room.channel:
            words = say("Its room is {room}.", room=RoomName(PLATFORM, room.channel, room.name))
            await self._answers.add_line(card, words, way)
            return
        await self._answers.add(room_missing(card.incident, room.reason, self._answers.more, failed=True), way)

    async def _look_for_left_over(self) -> None:
        while True:
            with suppress(Busy):
                await self.resume()
            await asyncio.sleep(LOOK_FOR_LEFT_OVER_S)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Start a task that `running` owns. A failure is logged and does not affect the others."""
        if self._tasks is None:
            work.close()
            raise Busy
        self._tasks.create_task(_logged(work))


class _Modal(discord.ui.Modal):
    """A modal that is sent and then forgotten: its custom id identifies the submission, even in another process."""

    def __init__(self, data: dict[str, Any]) -> None:
        super().__init__(title=data["title"], custom_id=data["custom_id"])
        self._data = data
        self.stop()

    def to_dict(self) -> dict[str, Any]:
        """The payload built by `modals`."""
        return self._data


def _arrived(interaction: Interaction) -> Arrived | None:
    kind = KINDS.get(interaction.type.value)
    if kind is None:
        return None
    user = interaction.user
    member = user if isinstance(user, discord.Member) else None
    vouched = member is not None and not member.bot and not member.pending
    return Arrived(
        str(interaction.id),
        interaction.token,
        str(interaction.application_id),
        kind,
        dict(interaction.data or {}),
        str(interaction.guild_id or ""),
        str(interaction.channel_id or ""),
        str(user.id),
        member.display_name if member and vouched else "",
        frozenset(str(role.id) for role in member.roles) if member else frozenset(),
        str(interaction.channel_id or "") if member and interaction.permissions.manage_channels else "",
        bool(member and member.pending),
        interaction.message.flags.value if interaction.message else None,
    )


async def _defer(interaction: Interaction, way: Way) -> None:
    """Defer the response. Only the person who acted sees the reply."""
    await interaction.response.defer(ephemeral=True, thinking=not way.replaces)


async def _arrived_there(first: "asyncio.Future[None] | None") -> bool:
    """Whether Discord accepted the first response; if not, the reply is sent as a direct message."""
    if first is not None:
        await asyncio.wait({first})
    return first is None or first.exception() is None


async def _logged(work: Coroutine[Any, Any, None]) -> None:
    try:
        await work
    except SendFailed as problem:
        log.warning("a reply did not reach Discord: %s", problem.reason)
    except Exception:
        log.exception("unexpected")


def _no_voice(record: logging.LogRecord) -> bool:
    """Hides discord.py's warning at every start that voice is not supported."""
    return "voice will NOT be supported" not in record.getMessage()
