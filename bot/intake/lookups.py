"""What the platforms are asked before a command runs: the channels and people that were typed, and names behind IDs."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from bot.actions.app_context import AppContext
from bot.commands import catalog
from bot.commands.channel_lookup import with_channel
from bot.commands.invocation import Account, Invocation
from bot.commands.people_lookup import Known, what_is_known, with_people
from bot.commands.references import named, references, with_names
from bot.domain.destinations import Destination
from bot.errors import Busy, SendFailed
from bot.ports import ChannelDirectory, PeopleDirectory, PlatformId
from bot.store import incidents, people
from bot.store.subscriptions import find_subscription
from bot.store.transaction import Transaction
from bot.views import Form

if TYPE_CHECKING:
    from bot.intake.desk import Desk

FORM_WAITS_S = 1.0  # of the 3 s in which a form can be opened


class Lookups:
    """Asks the database first, then the platform, outside transactions."""

    def __init__(
        self, desk: "Desk", channels: Mapping[str, ChannelDirectory], directories: Mapping[str, PeopleDirectory]
    ) -> None:
        self._desk = desk
        self._channels = channels
        self._people = directories

    async def found(self, asked: Invocation) -> Invocation:
        """The command with its channel and its people looked up. Raises BotError."""

        async def subscribed(destination: Destination) -> bool:
            found = await self._desk.look(asked.verb, lambda ctx: find_subscription(ctx.tx, destination), asked.who)
            return found is not None and found.active

        async def known(platform: str, typed: str) -> Known | None:
            return await self._desk.consider(asked, lambda ctx: what_is_known(ctx, platform, typed))

        return await with_people(await with_channel(asked, self._channels, subscribed), self._people, known)

    async def with_names(self, asked: Invocation) -> Invocation:
        """The command with names in place of the IDs in its texts. Raises Busy."""
        return await with_names(asked, lambda reference: self._name_of(reference, asked.who))

    async def named(self, words: str, who: Account) -> str:
        """A text with names in place of IDs, as this person may read it. Raises Busy."""
        return await named(words, lambda reference: self._name_of(reference, who))

    async def named_form(self, form: Form, who: Account) -> Form:
        """A form with names in place of the IDs in its texts, unless that takes longer than a form can wait."""
        prose = {field.name for field in catalog.find(form.verb).fields if field.prose}
        if not any(field.name in prose and references(field.typed) for field in form.fields):
            return form
        with suppress(TimeoutError, Busy):
            async with asyncio.timeout(FORM_WAITS_S):
                texts = {field.name: await self.named(field.typed, who) for field in form.fields if field.name in prose}
                shown = tuple(replace(field, typed=texts.get(field.name, field.typed)) for field in form.fields)
                return replace(form, fields=shown)
        return form

    async def _name_of(self, reference: PlatformId, who: Account) -> str | None:
        """Empty for what `who` may not know of. None: neither the database nor the platform knows the ID."""

        def read(tx: Transaction, _app: AppContext) -> str | None:
            if reference.kind == "person":
                person = people.find_account(tx, who.platform, reference.id)
                return person.name if person else None
            room = incidents.incident_of_room(tx, who.platform, reference.id)
            actor = people.find_account(tx, who.platform, who.id)
            hidden = room is not None and room.private and not (actor and incidents.may_see(tx, actor, room))
            return "" if hidden else None

        known = await self._desk.read(read)
        if known is not None or who.platform not in self._people:
            return known
        try:
            return await self._people[who.platform].name_of(reference)
        except SendFailed:
            return None
