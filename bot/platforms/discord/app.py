"""The Discord app: responds within Discord's 3 seconds, runs commands, and replies.

Before the first response it does exactly three things: authenticate (the gateway, and one of our servers), read the
payload against the catalog, and store writing commands in the inbox. A prefilled form may take up to a second more.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from typing import Any

import aiohttp
import discord

from bot.commands import catalog
from bot.commands.command import is_anything
from bot.commands.completions import suggest
from bot.commands.fields import ParseContext
from bot.commands.notes import which_incident
from bot.commands.rooms import archived, renamed, usable
from bot.errors import BotError, Busy
from bot.intake.chat import ChatIntake
from bot.intake.desk import Desk
from bot.intake.inbox import Inbox
from bot.intake.leases import Leases
from bot.intake.requests import ChatRequest, OpenForm, Reply, RunCommand
from bot.platforms.discord import inbound, modals, steps
from bot.platforms.discord.config import DiscordConfig
from bot.platforms.discord.gateway import Gateway
from bot.platforms.discord.inbound import (
    PLATFORM,
    ChangeStep,
    CompleteOption,
    IncomingInteraction,
    InteractionContext,
    InteractionType,
)
from bot.platforms.discord.markdown import clipped
from bot.platforms.discord.modals import FormMemory
from bot.platforms.discord.replies import DiscordReplies
from bot.platforms.discord.web import DiscordWeb
from bot.views import Answer, DraftReview, Form, IncidentCard, Notice, Option, RoomName, say
from bot.views.notices import room_missing

log = logging.getLogger("foghorn.discord")
FORM_BUDGET_S = 1.0  # of the 3 s; after that the response is deferred, with a button that opens the form
CHOICES_BUDGET_S = 1.5
Interaction = discord.Interaction[Any]


@dataclass(eq=False)
class DiscordApp:
    """Handles everything Discord sends."""

    web: DiscordWeb
    desk: Desk
    inbox: Inbox
    leases: Leases
    reading: Callable[[], ParseContext]
    more: str
    form_budget_s: float = FORM_BUDGET_S
    choices_budget_s: float = CHOICES_BUDGET_S
    routes: tuple[()] = ()  # Discord reaches us through the gateway
    refused: int = 0
    """How many requests from other servers were refused."""

    def __post_init__(self) -> None:
        """Set up what it works with."""
        self.traffic = self.web.traffic
        self.forms = FormMemory()
        self.replies = DiscordReplies(self.web, self.forms, self.more)
        self.intake = ChatIntake(PLATFORM, self, self.desk, self.inbox)
        servers = self.reading().organisation.section(DiscordConfig).servers
        self._gateway = Gateway(self.web, self.leases, self.handle, servers, self.change)
        logging.getLogger("discord.client").addFilter(_no_voice)

    @property
    def connected(self) -> bool:
        """Whether Discord can reach us."""
        return self._gateway.connected

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Stay connected for the duration of the block; acknowledged work is finished before it exits."""
        async with self.intake.running(self._gateway.run()):
            for channel in self.reading().organisation.section(DiscordConfig).room_channels:
                self.intake.spawn(self.web.about(channel))  # so that no declaration has to wait for it
            yield

    async def handle(self, interaction: Interaction) -> None:
        """Handle one interaction up to its first response; the rest is a task that `running` owns."""
        incoming = _incoming(interaction)
        if incoming is None:
            return
        reading = self.reading()
        config = reading.organisation.section(DiscordConfig)
        if incoming.server and incoming.server not in config.servers:
            log.warning("refused %s of server %s", incoming.kind.name.casefold(), incoming.server)
            self.refused += 1
        try:
            request = inbound.read(incoming, InteractionContext(reading, config.servers, config.groups, self.forms))
            if isinstance(request, CompleteOption):
                found = await self._choices(request)
                choices = [discord.app_commands.Choice(name=o.label[:100], value=o.value[:100]) for o in found]
                await interaction.response.autocomplete(choices)
            elif isinstance(request, ChangeStep):
                await interaction.response.defer()
                self.intake.spawn(self.replies.change(request.message, request.reply_to))
            else:
                first = InitialResponse(self, interaction)
                await self.intake.handle(await self._asking(request), first)
        except (discord.InteractionResponded, discord.HTTPException, aiohttp.ClientError, OSError) as problem:
            log.warning("no response to %s: %s", incoming.id, problem)  # delivered twice, or too late
        except Exception:
            words = self.intake.unexpected()
            with suppress(discord.HTTPException, discord.InteractionResponded, discord.ClientException):
                await interaction.response.send_message(words, ephemeral=True)

    async def prepare(self, request: RunCommand) -> RunCommand:
        """Discord sends everything with the interaction. A message that becomes a note is cut after it has names."""
        asked = request.invocation
        if "message_link" not in asked.typed:
            return request
        said = await self.desk.lookups.named(asked.typed["text"], asked.who)
        return replace(request, invocation=asked.with_typed({**asked.typed, "text": clipped(said, inbound.NOTE)}))

    async def reply(self, answer: Answer, request: RunCommand) -> None:
        """Reply; after a refused form the form is offered again, so that what was typed is not lost."""
        if request.form is not None and isinstance(answer, Notice) and answer.refused:
            answer = replace(request.form, note=answer.sentence, refused=True)
        folded = isinstance(answer, DraftReview) and not catalog.find(request.invocation.verb).in_full
        await self.replies.give(answer, request.reply_to, folded=folded)

    async def reply_with_room(self, card: IncidentCard, request: RunCommand) -> None:
        """The card; then a link to the room of the new incident, or why there is none."""
        await self.replies.give(card, request.reply_to)
        room = await self.intake.new_room(card.incident)
        if room is not None and room.channel:
            words = say("Its room is {room}.", room=RoomName(PLATFORM, room.channel, room.name))
            await self.replies.add_line(card, words, request.reply_to)
        elif room is not None and room.failed:
            missing = room_missing(card.incident, room.reason, self.replies.more, failed=True)
            await self.replies.add(missing, request.reply_to)

    async def change(self, channel: str, name: str, can_write: bool, is_archived: bool | None) -> None:
        """A channel or thread has perhaps another name, and Foghorn may be able to write there, or everywhere.

        `is_archived` is None if that is not known.
        """
        self.web.known.pop(channel, None)
        try:
            if name:
                await self.desk.write(renamed(PLATFORM, channel, name), PLATFORM)
            if is_archived is not None:
                await self.desk.write(archived(PLATFORM, channel, now=is_archived), PLATFORM)
            if can_write:  # in the threads of a channel too: they have its permissions
                holds_rooms = channel in self.reading().organisation.section(DiscordConfig).room_channels
                await self.desk.write(usable(PLATFORM, "" if holds_rooms else channel), PLATFORM)
        except Busy:
            log.warning("a change of channel %s was not stored: the database does not answer", channel)

    async def _asking(self, request: ChatRequest) -> ChatRequest:
        """The form that asks to which incident a message belongs, because a form has to be the first response."""
        if isinstance(request, RunCommand) and catalog.find(request.invocation.verb).message_menu:
            asked = request.invocation
            with suppress(BotError, TimeoutError):
                async with asyncio.timeout(self.form_budget_s):
                    found = self.desk.look(
                        asked.verb, lambda ctx: which_incident(ctx.tx, ctx.actor, asked.where, asked.typed), asked.who
                    )
                    if form := await found:
                        return OpenForm(asked, request.reply_to, form, prefill=False)
        return request

    async def _choices(self, asked: CompleteOption) -> list[Option]:
        """The autocomplete choices; none if nothing matches, it is not allowed, or the database is slow."""
        if not asked.kind:
            return []
        with suppress(BotError, TimeoutError):
            async with asyncio.timeout(self.choices_budget_s):
                page = self.desk.look(catalog.OVERVIEW, lambda ctx: suggest(ctx, asked.kind, asked.typed), asked.who)
                return await page
        return []


class InitialResponse:
    """The first response to one interaction."""

    def __init__(self, app: DiscordApp, interaction: Interaction) -> None:
        self._app = app
        self._interaction = interaction

    async def acknowledge(self, request: RunCommand) -> None:
        """Defer. Only the person who acted sees the reply."""
        await self._interaction.response.defer(ephemeral=True, thinking=not request.reply_to.replaces)

    async def repeat(self) -> None:
        """The first delivery of the interaction gets the response."""

    async def reply(self, reply: Reply) -> None:
        """The reply follows a deferred response; it never takes the place of a message."""
        reply_to = replace(reply.reply_to, replaces=False)
        await self._interaction.response.defer(ephemeral=True, thinking=True)
        self._app.intake.spawn(self._app.replies.give(reply.answer, reply_to, reply.confirms))

    async def open(self, request: OpenForm) -> None:
        """The form is the first response; if it takes too long to load, a button offers it."""
        if not request.prefill:
            await self._show(request.form, request)
            return
        asked = request.invocation
        typed = {name: text for name, text in asked.typed.items() if text or name in request.chosen}
        desk = self._app.desk
        filling = asyncio.ensure_future(desk.in_thread(lambda: desk.form(asked.verb, typed, asked.who, asked.where)))
        await asyncio.wait({filling}, timeout=self._app.form_budget_s)
        if filling.done() and isinstance(form := filling.result(), Form):
            await self._show(form, request)
            return

        async def give_later() -> None:
            await self._app.replies.give(await filling, replace(request.reply_to, replaces=False))

        await self._interaction.response.defer(ephemeral=True, thinking=True)
        self._app.intake.spawn(give_later())

    async def _show(self, form: Form, request: OpenForm) -> None:
        typed = request.invocation.typed
        if request.prefill and not is_anything(typed) and steps.needed(form):
            await self._interaction.response.defer(ephemeral=True, thinking=True)
            self._app.intake.spawn(
                self._app.replies.change(steps.message(form), replace(request.reply_to, replaces=False))
            )
            return
        chosen = tuple((name, typed.get(name, "")) for name in sorted(request.chosen))
        rest = tuple(field for field in form.fields if field.name not in request.chosen)
        modal = modals.modal(replace(form, fields=rest, kept=(*form.kept, *chosen)), self._app.forms, typed.keys())
        modal.stop()  # discord.py does not keep it: its custom id identifies the submission, even in another process
        await self._interaction.response.send_modal(modal)


def _incoming(interaction: Interaction) -> IncomingInteraction | None:
    if interaction.type.value not in [kind.value for kind in InteractionType]:
        return None
    user = interaction.user
    member = user if isinstance(user, discord.Member) else None
    is_regular = member is not None and not (member.bot or member.pending or member.flags.guest)
    return IncomingInteraction(
        str(interaction.id),
        interaction.token,
        str(interaction.application_id),
        InteractionType(interaction.type.value),
        dict(interaction.data or {}),
        str(interaction.guild_id or ""),
        str(interaction.channel_id or ""),
        str(user.id),
        member.display_name if member and is_regular else "",
        frozenset(str(role.id) for role in member.roles) if member else frozenset(),
        str(interaction.channel_id or "") if member and interaction.permissions.manage_channels else "",
        bool(member and member.pending),
        interaction.message.flags.value if interaction.message else None,
        components=tuple(dict(part.to_dict()) for part in interaction.message.components)
        if interaction.message
        else (),
    )


def _no_voice(record: logging.LogRecord) -> bool:
    """Hides discord.py's warning at every start that voice is not supported."""
    return "voice will NOT be supported" not in record.getMessage()
