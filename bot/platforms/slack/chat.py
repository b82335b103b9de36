"""What happens after the acknowledgement: looks up the account, runs the command, and replies."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

from bot.commands import catalog
from bot.commands.invocation import Account
from bot.commands.rooms import join
from bot.errors import Busy
from bot.intake.chat import ChatIntake
from bot.intake.desk import Desk
from bot.intake.inbox import Inbox
from bot.intake.requests import OpenForm, ReplyTarget, RunCommand
from bot.platforms.slack import home
from bot.platforms.slack.blocks import clipped
from bot.platforms.slack.events import Joined
from bot.platforms.slack.inbound import PLATFORM, plain_line
from bot.platforms.slack.members import Members
from bot.platforms.slack.modals import fits
from bot.platforms.slack.people import AN_ID
from bot.platforms.slack.replies import SlackReplies
from bot.platforms.slack.web import AWAY, CALL_FAILED, SlackWeb, failure
from bot.reading import rooms
from bot.reading.rooms import RoomState
from bot.views import Answer, DeliveryReport, Document, DraftReview, IncidentCard, Notice, RoomName, Sentence, say
from bot.views.notices import NO_TEXT, room_missing

NOTE = 2600  # characters of a message that are kept in a note
AN_APP = re.compile(r"B[A-Z0-9]+")  # the author of a message without a user or name
GUEST = "Guests cannot do this. Nothing was changed. Ask a member of the team."
STRANGER = "Only members of this workspace can use Foghorn. Nothing was changed."


class SlackChat:
    """The work of one workspace; `team` and `url` are set once Slack has confirmed our identity."""

    def __init__(self, web: SlackWeb, desk: Desk, inbox: Inbox, replies: SlackReplies, members: Members) -> None:
        self._web = web
        self._desk = desk
        self._replies = replies
        self._members = members
        self.intake = ChatIntake(PLATFORM, self, desk, inbox, unreachable=CALL_FAILED)
        self.team = ""
        self.url = ""

    async def open(self, request: OpenForm) -> None:
        """Open a form at once. A prefilled form opens empty and is filled afterwards."""
        asked = request.invocation
        if not request.prefill or not fits(request.form):
            form = await self._desk.lookups.named_form(request.form, Account(PLATFORM, request.reply_to.user))
            await self._replies.open_form(form, request.reply_to)
            return
        opened = await self._replies.open_loading(request.form, request.reply_to)
        who = await self._who(request.reply_to)
        if isinstance(who, Notice):
            await self._replies.fill(opened, who, request)
            return
        filled = await self._desk.in_thread(lambda: self._desk.form(asked.verb, dict(asked.typed), who, asked.where))
        await self._replies.fill(opened, filled, request)

    async def prepare(self, request: RunCommand) -> RunCommand | Notice | None:
        """Look up the account, and the message that becomes a note."""
        who = await self._who(request.reply_to, request.invocation.verb)
        if isinstance(who, Notice):
            return who
        invocation = replace(request.invocation, who=who)
        if request.message:
            words = await self._words_of(request, who)
            if words is None or isinstance(words, Notice):
                return words
            invocation = invocation.with_typed(words)
        return replace(request, invocation=invocation)

    async def reply(self, answer: Answer, request: RunCommand) -> None:
        """Reply, or link to the room if the outbox posts the same there."""
        reply_to = request.reply_to
        refused = isinstance(answer, Notice) and answer.refused
        in_full = catalog.find(request.invocation.verb).in_full
        if request.message and reply_to.spoken and not refused:
            return  # the line in the card's thread confirms it
        if isinstance(answer, Document):
            await self._send_file(answer, request)
        elif isinstance(answer, IncidentCard | DraftReview | DeliveryReport) and not in_full:
            await self._point_to_room(answer, request)
        else:
            await self._replies.give(answer, reply_to)

    async def reply_with_room(self, card: IncidentCard, request: RunCommand) -> None:
        """Link to the room of a new incident. If it could not be created, say why and show the card."""
        room = await self.intake.new_room(card.incident)
        if room is not None and room.channel:
            facts = {"incident": card.incident, "severity": card.severity.value, "title": card.title}
            words = say("{incident} is declared, {severity}: {title}. Its room is {room}.", **facts, room=_named(room))
            await self._replies.send(Notice(words), request.reply_to)
            return
        if room is not None:
            why = room.reason or "Slack did not respond. Foghorn keeps trying."
            missing = room_missing(card.incident, why, self._replies.more, failed=room.failed)
            await self._replies.send(missing, request.reply_to)
        await self._replies.give(card, request.reply_to)

    async def _point_to_room(self, answer: IncidentCard | DraftReview | DeliveryReport, request: RunCommand) -> None:
        """The outbox already posts it in the incident's room; anywhere else, reply with a link to the room.

        A private review, which only one person sees, is replaced by its newest state or by what became of it.
        """
        room = await self.intake.room(answer.incident)
        replaces = request.reply_to.replaces
        if room is None or room.failed or (replaces and isinstance(answer, DraftReview)):
            await self._replies.give(answer, request.reply_to)
            return
        lead = _lead(answer)
        if room.channel and request.reply_to.channel == room.channel:
            if replaces or not request.reply_to.clicked:  # a message that is edited may be far up
                await self._replies.send(Notice(lead), request.reply_to)
            return
        words = say(f"{lead.words} See {{room}}.", **lead.facts, room=_named(room) if room.channel else "its room")
        await self._replies.send(Notice(words), request.reply_to)

    async def _send_file(self, document: Document, request: RunCommand) -> None:
        """Send a file by direct message, or as text if the app cannot upload files."""
        client, content = self._web.client, document.text.encode()
        try:
            there = (await client.conversations_open(users=request.reply_to.user))["channel"]["id"]
            given = await client.files_getUploadURLExternal(filename=document.name, length=len(content))
            await self._web.upload(given["upload_url"], content)
            files = [{"id": given["file_id"], "title": document.name}]
            await client.files_completeUploadExternal(files=files, channel_id=there)
        except AWAY:
            await self._replies.give(document, request.reply_to)
        else:
            words = say("{name} is in your direct messages with Foghorn.", name=document.name)
            await self._replies.send(Notice(words), request.reply_to)

    async def welcome(self, joined: Joined) -> None:
        """Show a person who joins an incident's room what customers have been told, privately."""
        who = await self._who(ReplyTarget(joined.user, joined.channel))
        if isinstance(who, Notice):
            return
        found = await self._desk.write(join(who, joined.channel, private=joined.private), PLATFORM)
        if found is not None:
            await self._replies.send_ephemeral(found, joined.user, joined.channel)

    async def show_home(self, user: str) -> None:
        """Update the Home tab of one person."""
        who = await self._who(ReplyTarget(user, ""))
        view = (
            home.refused(who, self._replies.zone)
            if isinstance(who, Notice)
            else await home.home(self._desk, who, self._replies.zone, self._replies.more)
        )
        await self._web.client.views_publish(user_id=user, view=view)

    async def _who(self, asks: ReplyTarget, verb: str = "") -> Account | Notice:
        """The account, or a refusal if it is not a full member. Accounts in foghorn.toml are not checked.

        While Slack does not say who it is, people whom Foghorn has met act as before, and anyone can declare: an
        emergency cannot wait, and whoever is no member can do nothing more once Slack answers.
        """
        user = asks.user
        if (known := self._members.known(user)) is not None:
            return known
        bare = Account(PLATFORM, user)
        try:
            if await self._desk.read(rooms.is_configured(PLATFORM, bare.id)):
                return self._members.account(user, None)
        except Busy:
            return bare  # the command reports it
        member = await self._members.look(user, self.team)
        if member is None and verb == catalog.declaring().verb:
            return replace(self._members.account(user, None), name=asks.name or user)
        if member is not None and member.stranger and member.stranger != "unnamed":
            self._members.refused[member.stranger] += 1
            return Notice(say(GUEST if member.stranger == "guest" else STRANGER), refused=True)
        return self._members.account(user, member)

    async def _words_of(self, request: RunCommand, who: Account) -> Mapping[str, str] | Notice | None:
        """A message as the fields of a note: text, author, time, and link. None for a pushpin outside a room."""
        message = dict(request.message)
        if request.reply_to.spoken and not await self._desk.read(rooms.incident_in(PLATFORM, message["channel"])):
            return None
        if not message.get("user"):
            try:
                message |= await self._fetched(message["channel"], message["ts"])
            except CALL_FAILED as problem:
                why = failure(problem).reason
                words = say("Foghorn could not read this message, so it was not added to the timeline: {why}", why=why)
                return Notice(words, refused=True)
        at = datetime.fromtimestamp(float(message["ts"]), UTC)
        said = await self._desk.lookups.named(plain_line(message.get("text", ""), to_channel=False), who)
        thread = message.get("thread", "")
        below = f"?thread_ts={thread}&cid={message['channel']}" if thread and thread != message["ts"] else ""
        return {
            "text": clipped(said.strip() or NO_TEXT, NOTE),
            "message_from": await self._name(message.get("user", "")),
            "message_at": at.isoformat(),
            "message_link": f"{self.url}archives/{message['channel']}/p{message['ts'].replace('.', '')}{below}",
        }

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
        """The name of an author. Apps write under a name of their own, or under an ID that says nothing."""
        if AN_ID.fullmatch(user):
            member = await self._members.look(user, self.team)
            return (member.name if member else "") or "Someone"
        return "An app" if AN_APP.fullmatch(user) else user or "Someone"


def _named(room: RoomState) -> RoomName:
    return RoomName(PLATFORM, room.channel, room.name)


def _lead(answer: IncidentCard | DraftReview | DeliveryReport) -> Sentence:
    match answer:
        case IncidentCard():
            return say("{incident}: {title}.", incident=answer.incident, title=answer.title)
        case DraftReview():
            words = "The draft for {of} (revision {revision}) is saved. " + answer.verdict.words
            return say(words, of=answer.incident, revision=answer.revision, **answer.verdict.facts)
        case DeliveryReport():
            return answer.lead or say("{of} {update}.", of=answer.incident, update=answer.update)
