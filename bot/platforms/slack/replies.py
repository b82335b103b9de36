"""Replies to the person who asked, and to no one else.

A reply is a form, a private message where the command was used, or a direct message if that is no longer possible.
What everyone in an incident's room sees is sent by the outbox, never from here: a channel may include customers.
"""

from dataclasses import replace
from typing import Any

from slack_sdk.errors import SlackApiError

from bot.errors import SendFailed
from bot.intake.requests import OpenForm, ReplyTarget
from bot.platforms.slack import modals, render
from bot.platforms.slack.blocks import COMMAND, called
from bot.platforms.slack.inbound import AddRow
from bot.platforms.slack.web import AWAY, SlackWeb
from bot.views import Answer, Form, Notice, Zone, say

NOT_FILLED = "Slack did not show the form. Nothing was changed. Open it again here."


class SlackReplies:
    """Renders replies and sends them to people."""

    def __init__(self, web: SlackWeb, zone: Zone, more: str, command: str = COMMAND) -> None:
        self._web = web
        self.zone = zone
        self.more = more
        self._command = command

    def message(self, answer: Answer) -> dict[str, Any]:
        """Text and blocks."""
        return called(render.answer(answer, self.zone, self.more), self._command)

    async def give(self, answer: Answer, reply_to: ReplyTarget) -> None:
        """Reply to a command: open a form, reopen a rejected one, or send a message."""
        modal: dict[str, Any] | None = None
        if isinstance(answer, Form):
            modal = modals.form_modal(answer, reply_to, self.zone)
        elif isinstance(answer, Notice) and answer.refused and reply_to.submitted is not None:
            modal = modals.rejected_modal(reply_to.submitted, answer.sentence, self.zone)
        fits = not isinstance(answer, Form) or modals.fits(answer)
        if modal is None or not fits or not await self._opened(modal, reply_to):
            await self.send(answer, reply_to)

    async def open_form(self, form: Form, reply_to: ReplyTarget) -> None:
        """Open a form, or send a button that opens it if Slack no longer accepts the trigger."""
        if not modals.fits(form) or not await self._opened(modals.form_modal(form, reply_to, self.zone), reply_to):
            await self.send(form, reply_to)

    async def open_loading(self, form: Form, reply_to: ReplyTarget) -> dict[str, Any] | None:
        """Open a form that is filled later. Returns None if Slack no longer accepts the trigger."""
        return await self._opened(modals.loading_modal(form, reply_to, self.zone), reply_to)

    async def fill(self, opened: dict[str, Any] | None, filled: Answer, request: OpenForm) -> None:
        """Put the fields, or a refusal, into a form that was opened empty."""
        if opened is None:
            await self.send(filled, request.reply_to)
            return
        if isinstance(filled, Form):
            view = modals.form_modal(filled, request.reply_to, self.zone)
        elif isinstance(filled, Notice):
            view = modals.notice_modal(request.form.title, filled, self.zone)
        else:
            raise TypeError(f"a form is filled with a form or a notice, not with {type(filled).__name__}")
        try:
            await self._web.client.views_update(view_id=opened["id"], hash=opened["hash"], view=view)
        except AWAY:
            offer = replace(request.form, note=say(NOT_FILLED)) if isinstance(filled, Form) else filled
            await self.send(offer, request.reply_to)

    async def add_row(self, request: AddRow) -> None:
        """Add a row to an open form. If Slack refuses, the form stays as it is."""
        view = request.view
        grown = modals.grown_modal(view, request.action)
        await self._web.client.views_update(view_id=view["id"], hash=view["hash"], view=grown)

    async def send(self, answer: Answer, reply_to: ReplyTarget) -> None:
        """Reply privately where the command was used, or by direct message if that no longer works."""
        message = self.message(answer)
        aside = isinstance(answer, Form) or (isinstance(answer, Notice) and answer.aside)
        place = {"replace_original": reply_to.replaces and not aside, "response_type": "ephemeral"}
        if reply_to.handle:
            try:
                await self._web.respond(reply_to.handle, {**message, **place, "unfurl_links": False})
            except SendFailed:
                pass
            else:
                return
        try:
            await self.send_ephemeral(answer, reply_to.user, reply_to.channel, thread=reply_to.thread)
        except SlackApiError:
            await self._web.client.chat_postMessage(
                channel=reply_to.user, unfurl_links=False, unfurl_media=False, **message
            )

    async def send_ephemeral(self, answer: Answer, user: str, channel: str, *, thread: str = "") -> None:
        """In a channel, visible only to one person."""
        message = self.message(answer)
        await self._web.client.chat_postEphemeral(channel=channel, user=user, thread_ts=thread or None, **message)

    async def _opened(self, modal: dict[str, Any], reply_to: ReplyTarget) -> dict[str, Any] | None:
        """The view that Slack opened, or None if the trigger is missing, used, or too old."""
        if not reply_to.trigger:
            return None
        try:
            answer = await self._web.client.views_open(trigger_id=reply_to.trigger, view=modal)
        except AWAY:
            return None
        return dict(answer["view"])
