"""Runs acknowledged commands: looks up the account, runs the command, and sends the reply."""

import asyncio
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from time import monotonic

import aiohttp
from slack_sdk.errors import SlackApiError

from bot.commands import catalog
from bot.commands.invocation import Account
from bot.commands.rooms import join
from bot.errors import Busy, SendFailed
from bot.intake.desk import Desk
from bot.intake.inbox import Inbox
from bot.platforms.slack import home
from bot.platforms.slack.answers import Answers
from bot.platforms.slack.blocks import clipped
from bot.platforms.slack.events import Joined
from bot.platforms.slack.inbound import PLATFORM, Ask, Work, plain_line
from bot.platforms.slack.members import Members
from bot.platforms.slack.web import SlackWeb, failure
from bot.reading import rooms
from bot.reading.rooms import RoomState
from bot.views import (
    Answer,
    DeliveryReport,
    Document,
    DraftReview,
    Form,
    IncidentCard,
    Notice,
    RoomName,
    Sentence,
    say,
)
from bot.views.notices import room_missing

WAIT_FOR_ROOM_S = 10.0
NOTE = 2600  # characters of a message that are kept in a note
GUEST = "Guests cannot do this. Nothing was changed. Ask a member of the team."
STRANGER = "Only members of this workspace can use Foghorn. Nothing was changed."


class Errands:
    """The work of one workspace; `team` and `url` are set once Slack has confirmed our identity."""

    def __init__(self, web: SlackWeb, desk: Desk, inbox: Inbox, answers: Answers, members: Members) -> None:
        self._web = web
        self._desk = desk
        self._inbox = inbox
        self._answers = answers
        self._members = members
        self.team = ""
        self.url = ""
        self.running: set[str] = set()
        self.stopping = False

    async def do(self, work: Work) -> None:
        """Run a command and reply. One that changed nothing is marked as done, so it is not run again later."""
        key = work.invocation.key
        self.running.add(key)
        try:
            answer, work = await self._carried_out(work)
            if key and (answer is None or isinstance(answer, Form) or (isinstance(answer, Notice) and answer.refused)):
                self._inbox.settle(key)
            if answer is not None:
                await self._answer(answer, work)
        finally:
            self.running.discard(key)

    async def open(self, ask: Ask) -> None:
        """Open a form at once. A prefilled form opens empty and is filled afterwards."""
        asked = ask.invocation
        if not ask.fill:
            await self._answers.open_form(ask.form, ask.way)
            return
        opened = await self._answers.open_loading(ask.form, ask.way)
        who = await self._who(ask.way.user)
        if isinstance(who, Notice):
            await self._answers.fill(opened, who, ask)
            return
        filled = await self._desk.in_thread(lambda: self._desk.form(asked.verb, dict(asked.typed), who, asked.where))
        await self._answers.fill(opened, filled, ask)

    async def welcome(self, joined: Joined) -> None:
        """Show a person who joins an incident's room what customers have been told, privately."""
        who = await self._who(joined.user)
        if isinstance(who, Notice):
            return
        found = await self._desk.write(join(who, joined.channel, private=joined.private), PLATFORM)
        if found is not None:
            await self._answers.whisper(found, joined.user, joined.channel)

    async def show_home(self, user: str) -> None:
        """Update the Home tab of one person."""
        who = await self._who(user)
        view = (
            home.refused(who, self._answers.zone)
            if isinstance(who, Notice)
            else await home.read(self._desk, who, self._answers.zone, self._answers.more)
        )
        await self._web.client.views_publish(user_id=user, view=view)

    # ---- before the command runs

    async def _carried_out(self, work: Work) -> tuple[Answer | None, Work]:
        who = await self._who(work.way.user)
        if isinstance(who, Notice):
            return who, work
        invocation = replace(work.invocation, who=who)
        if work.message:
            words = await self._words_of(work)
            if words is None or isinstance(words, Notice):
                return words, work
            invocation = replace(invocation, typed=words)
        return await self._desk.submit(invocation), replace(work, invocation=invocation)

    async def _who(self, user: str) -> Account | Notice:
        """The account, or a refusal if it is not a full member. Accounts in foghorn.toml are not checked."""
        bare = Account(PLATFORM, user)
        try:
            if await self._desk.read(rooms.is_configured(PLATFORM, bare.id)):
                return self._members.account(user, None)
        except Busy:
            return bare  # the command reports it
        member = await self._members.look(user, self.team)
        if member is not None and member.stranger:
            self._members.refused[member.stranger] += 1
            return Notice(say(GUEST if member.stranger == "guest" else STRANGER), refused=True)
        return self._members.account(user, member)

    async def _words_of(self, work: Work) -> Mapping[str, str] | Notice | None:
        """A message as a note: author, time, text, and link. None for a pushpin outside an incident's room."""
        message, way = dict(work.message), work.way
        if way.spoken and not await self._desk.read(rooms.incident_in(PLATFORM, message["channel"])):
            return None
        if not message.get("user"):
            try:
                message |= await self._fetched(message["channel"], message["ts"])
            except (SlackApiError, aiohttp.ClientError, TimeoutError) as problem:
                why = failure(problem).reason
                words = say("Foghorn could not read this message, so it was not added to the timeline: {why}", why=why)
                return Notice(words, refused=True)
        at = datetime.fromtimestamp(float(message["ts"]), UTC)
        author = await self._name(message.get("user", ""))
        said = await self._with_names(plain_line(message.get("text", ""), to_channel=False))
        said = clipped(said.strip() or "(no text; see the message)", NOTE)
        thread = message.get("thread", "")
        below = f"?thread_ts={thread}&cid={message['channel']}" if thread and thread != message["ts"] else ""
        link = f"{self.url}archives/{message['channel']}/p{message['ts'].replace('.', '')}{below}"
        return {"text": f"{author}, {self._answers.zone.clock(at)}: {said}", "message_link": link}

    async def _fetched(self, channel: str, ts: str) -> dict[str, str]:
        """A message by its timestamp; replies are not part of the channel history."""
        client = self._web.client
        page = await client.conversations_history(channel=channel, oldest=ts, latest=ts, inclusive=True, limit=1)
        found = [m for m in page["messages"] if m["ts"] == ts]
        if not found:
            page = await client.conversations_replies(channel=channel, ts=ts, oldest=ts, latest=ts, inclusive=True)
            found = [m for m in page["messages"] if m["ts"] == ts]
        if not found:
            return {"user": "", "text": "", "thread": ""}
        return {name: str(found[0].get(key, "")) for name, key in
                (("user", "user"), ("text", "text"), ("thread", "thread_ts"))}  # fmt: skip

    async def _name(self, user: str) -> str:
        member = await self._members.look(user, self.team) if user[:1] in "UW" and user else None
        return member.name if member else user or "Someone"

    async def _with_names(self, text: str) -> str:
        for user in set(re.findall(r"<@(\w+)>", text)):
            text = text.replace(f"<@{user}>", f"@{await self._name(user)}")
        return text

    # ---- the reply

    async def _answer(self, answer: Answer, work: Work) -> None:
        verb, way = work.invocation.verb, work.way
        refused = isinstance(answer, Notice) and answer.refused
        if work.message and way.spoken and not refused:
            return  # the line in the card's thread confirms it
        if verb == "declare" and isinstance(answer, IncidentCard):
            await self._say_room(answer, work)
        elif isinstance(answer, Document):
            await self._hand_over(answer, work)
        elif verb == "show" and isinstance(answer, DraftReview) and way.clicked:
            if not await self._answers.open_reading(answer, way):
                await self._answers.give(answer, work)
        elif isinstance(answer, IncidentCard | DraftReview | DeliveryReport) and not catalog.find(verb).in_full:
            await self._point_to_room(answer, work)
        else:
            await self._answers.give(answer, work)

    async def _say_room(self, card: IncidentCard, work: Work) -> None:
        """Link to the room of a new incident. If it could not be created, say why and show the card."""
        room = await self._room(card.incident)
        if room is None:
            await self._answers.give(card, work)
            return
        facts = {"incident": card.incident, "severity": card.severity.value, "title": card.title}
        end = monotonic() + WAIT_FOR_ROOM_S
        while room is not None and not room.channel and not room.failed and monotonic() < end and not self.stopping:
            await asyncio.sleep(0.02)
            room = await self._room(card.incident)
        if room is not None and room.channel:
            name = RoomName(PLATFORM, room.channel, room.name)
            words = say("{incident} is declared, {severity}: {title}. Its room is {room}.", **facts, room=name)
            await self._answers.say(Notice(words), work.way)
            return
        failed = room is not None and room.failed
        why = room.reason if room and room.reason else "Slack did not respond. Foghorn keeps trying."
        await self._answers.say(room_missing(card.incident, why, self._answers.more, failed=failed), work.way)
        await self._answers.give(card, work)

    async def _point_to_room(self, answer: IncidentCard | DraftReview | DeliveryReport, work: Work) -> None:
        """The outbox already posts it in the incident's room; anywhere else, reply with a link to the room."""
        room = await self._room(answer.incident)
        if room is None or room.failed:
            await self._answers.give(answer, work)
            return
        if room.channel and work.way.channel == room.channel:
            return
        name: object = RoomName(PLATFORM, room.channel, room.name) if room.channel else "its room"
        lead = _lead(answer)
        words = say(f"{lead.words} See {{room}}.", **lead.facts, room=name)
        await self._answers.say(Notice(words), replace(work.way, replaces=False))

    async def _room(self, incident: str) -> RoomState | None:
        return await self._desk.read(rooms.room_of(incident, PLATFORM))

    async def _hand_over(self, document: Document, work: Work) -> None:
        """Send a file by direct message, or as text if the app cannot upload files."""
        client, content = self._web.client, document.text.encode()
        try:
            there = (await client.conversations_open(users=work.way.user))["channel"]["id"]
            given = await client.files_getUploadURLExternal(filename=document.name, length=len(content))
            await self._web.upload(given["upload_url"], content)
            files = [{"id": given["file_id"], "title": document.name}]
            await client.files_completeUploadExternal(files=files, channel_id=there)
        except (SlackApiError, aiohttp.ClientError, TimeoutError, SendFailed):
            await self._answers.give(document, work)
        else:
            words = say("{name} is in your direct messages with Foghorn.", name=document.name)
            await self._answers.say(Notice(words), work.way)


def _lead(answer: IncidentCard | DraftReview | DeliveryReport) -> Sentence:
    match answer:
        case IncidentCard():
            return say("{incident}: {title}.", incident=answer.incident, title=answer.title)
        case DraftReview():
            words = "The draft for {of} (revision {revision}) is saved. " + answer.verdict.words
            return say(words, of=answer.incident, revision=answer.revision, **answer.verdict.facts)
        case DeliveryReport():
            return answer.lead or say("{of} {update}.", of=answer.incident, update=answer.update)
