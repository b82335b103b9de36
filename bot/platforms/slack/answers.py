"""Replies to the person who asked, and to no one else.

A reply is a form, a private message where the command was used, or a direct message if that is no longer possible.
What everyone in an incident's room sees is sent by the outbox, never from here: a channel may include customers.
"""

from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError

from bot.errors import SendFailed
from bot.platforms.slack import modals, render
from bot.platforms.slack.blocks import COMMAND, called
from bot.platforms.slack.inbound import Ask, Way, Work
from bot.platforms.slack.web import SlackWeb
from bot.views import Answer, DraftReview, Form, Notice, Zone


class Answers:
    """Renders replies and sends them to people."""

    def __init__(self, web: SlackWeb, zone: Zone, more: str, command: str = COMMAND) -> None:
        self._web = web
        self.zone = zone
        self.more = more
        self._command = command

    def message(self, answer: Answer) -> dict[str, Any]:
        """Text and blocks."""
        return called(render.answer(answer, self.zone, self.more), self._command)

    async def give(self, answer: Answer, work: Work) -> None:
        """Reply to a command: open a form, reopen a rejected one, or send a message."""
        way = work.way
        modal: dict[str, Any] | None = None
        if isinstance(answer, Form):
            modal = modals.form_modal(answer, way, self.zone)
        elif isinstance(answer, Notice) and answer.refused and way.view is not None:
            modal = modals.again(way.view, answer.sentence, self.zone)
        if modal is None or not await self._opened(modal, way):
            await self.say(answer, way)

    async def open_form(self, form: Form, way: Way) -> None:
        """Open a form, or send a button that opens it if Slack no longer accepts the trigger."""
        if not await self._opened(modals.form_modal(form, way, self.zone), way):
            await self.say(form, way)

    async def open_loading(self, form: Form, way: Way) -> dict[str, Any] | None:
        """Open a form that is filled later. Returns None if Slack no longer accepts the trigger."""
        return await self._opened(modals.loading(form, way, self.zone), way)

    async def fill(self, opened: dict[str, Any] | None, filled: Answer, ask: Ask) -> None:
        """Put the fields, or a refusal, into a form that was opened empty."""
        if opened is None:
            await self.say(filled, ask.way)
            return
        if isinstance(filled, Form):
            view = modals.form_modal(filled, ask.way, self.zone)
        elif isinstance(filled, Notice):
            view = modals.notice_modal(ask.form.title, filled, self.zone)
        else:
            raise TypeError(f"a form is filled with a form or a notice, not with {type(filled).__name__}")
        await self._web.client.views_update(view_id=opened["id"], hash=opened["hash"], view=view)

    async def say(self, answer: Answer, way: Way) -> None:
        """Reply privately where the command was used, or by direct message if that no longer works."""
        message = self.message(answer)
        replaces = way.replaces and not (isinstance(answer, Notice) and answer.refused) and not isinstance(answer, Form)
        place = {"replace_original": replaces, "response_type": "ephemeral"}
        if way.url:
            try:
                await self._web.respond(way.url, {**message, **place, "unfurl_links": False})
            except SendFailed:
                pass
            else:
                return
        try:
            await self.whisper(answer, way.user, way.channel, thread=way.thread)
        except SlackApiError:
            await self._web.client.chat_postMessage(channel=way.user, unfurl_links=False, unfurl_media=False, **message)

    async def whisper(self, answer: Answer, user: str, channel: str, *, thread: str = "") -> None:
        """In a channel, visible only to one person."""
        message = self.message(answer)
        await self._web.client.chat_postEphemeral(channel=channel, user=user, thread_ts=thread or None, **message)

    async def open_reading(self, review: DraftReview, way: Way) -> bool:
        """Show all texts of a draft in a modal. Returns False if Slack no longer accepts the trigger."""
        return await self._opened(modals.reading(review, self.zone, self.more), way) is not None

    async def _opened(self, modal: dict[str, Any], way: Way) -> dict[str, Any] | None:
        """The view that Slack opened, or None if the trigger is missing, used, or too old."""
        if not way.trigger:
            return None
        try:
            answer = await self._web.client.views_open(trigger_id=way.trigger, view=modal)
        except (SlackApiError, aiohttp.ClientError, TimeoutError, SendFailed):
            return None
        return dict(answer["view"])
