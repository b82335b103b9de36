"""Replies to the person who asked, and to no one else.

A reply fills the deferred response, follows it, or is a direct message if that is too late. What everyone in an
incident's room sees is sent by the outbox.
"""

from dataclasses import replace

from bot.errors import SendFailed
from bot.intake.requests import ReplyTarget
from bot.platforms.discord import render
from bot.platforms.discord.components import Json
from bot.platforms.discord.markdown import sentence
from bot.platforms.discord.modals import FormMemory, opener
from bot.platforms.discord.web import DiscordWeb
from bot.views import Answer, Button, Document, Form, IncidentCard, Notice, Sentence
from bot.views.layout import layout


class DiscordReplies:
    """Renders replies and sends them to people."""

    def __init__(self, web: DiscordWeb, memory: FormMemory, more: str) -> None:
        self._web = web
        self._memory = memory
        self.more = more

    async def give(
        self, answer: Answer, reply_to: ReplyTarget, confirms: Button | None = None, *, folded: bool = False
    ) -> None:
        """Reply where the command was used, or by direct message if it is too late for that.

        A long reply takes several messages. A refusal replaces only a message that is outdated. `folded`: see
        `render.answers`.
        """
        [message, *rest], files = self._messages(answer, confirms, folded=folded)
        aside = (isinstance(answer, Notice) and answer.aside) or isinstance(answer, Form)
        late = reply_to.late
        if not late:
            try:
                if aside and reply_to.replaces:
                    await self._web.add_privately(reply_to.handle, message)
                else:
                    await self._web.answer(reply_to.handle, message, files=files)
            except SendFailed:  # 15 minutes have passed, or the reply was dismissed
                late = True
        if late:
            await self._web.tell(reply_to.user, message, files=files)
        for each in rest:
            await (self._web.tell(reply_to.user, each) if late else self._web.add_privately(reply_to.handle, each))

    async def change(self, message: Json, reply_to: ReplyTarget) -> None:
        """Show a message in place of a deferred response, or of the message that was clicked."""
        await self._web.answer(reply_to.handle, message)

    async def add_line(self, card: IncidentCard, line: Sentence, reply_to: ReplyTarget) -> None:
        """Add a line below the heading of a card that was sent as a reply."""
        message = render.answer(card, self.more)
        message["components"][0]["components"].insert(1, {"type": 10, "content": sentence(line)})
        await self._web.answer(reply_to.handle, message)

    async def add(self, answer: Answer, reply_to: ReplyTarget) -> None:
        """Send a second reply, visible only to the person who asked."""
        await self._web.add_privately(reply_to.handle, self._messages(answer, None)[0][0])

    def _messages(
        self, answer: Answer, confirms: Button | None, *, folded: bool = False
    ) -> tuple[list[Json], dict[str, str]]:
        match answer:
            case Form():
                return [render.form_offer(answer, opener(answer, self._memory))], {}
            case Document():
                name = answer.name.rpartition("/")[2] or "file.txt"
                head = {"type": 10, "content": render.markdown(layout(answer).parts[:1])}
                file = {"type": 13, "file": {"url": f"attachment://{name}"}}
                return [{**render.EMPTY, "components": [head, file]}], {name: answer.text}
            case Notice() if confirms is not None:
                message = render.answer(replace(answer, buttons=(confirms,)), self.more)
                return [render.confirming(message)], {}
            case _:
                return render.answers(answer, self.more, folded=folded), {}
