"""Delivers posts to Discord. A reference is `channel/message`; for a reply in a thread, the channel is the thread.

If a line in the channel points to the reply, `/` and the id of that line follow.

A post carries its delivery id twice: as the nonce, which Discord uses to reject repeats for a few minutes, and as the
id of its first component, which identifies the message in the history later.
"""

import asyncio
import contextlib
import re
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from bot.clock import Clock, utc_now
from bot.errors import MessageGone, PlaceLost, SendFailed
from bot.platforms.discord import channels, people, render
from bot.platforms.discord.components import NOBODY, SILENT, V2, Json
from bot.platforms.discord.config import DiscordConfig
from bot.platforms.discord.markdown import escape
from bot.platforms.discord.permissions import PERMISSIONS, allowed_in
from bot.platforms.discord.rooms import ARCHIVED, DiscordRooms, is_thread
from bot.platforms.discord.web import DiscordWeb, code_of
from bot.ports import CannotLookError, PlatformChannel, PlatformId, PlatformPerson
from bot.views import (
    Call,
    Correction,
    DeliveryReport,
    IncidentCard,
    IncidentPicture,
    NudgeCard,
    Post,
    PublishedUpdate,
    RoomLine,
    RoomStep,
)
from bot.views.png import png

MESSAGES = "/channels/{channel_id}/messages"
MESSAGE = MESSAGES + "/{message_id}"
THREADS_LOOKED_AT = 5
LOOK_BACK = 100  # messages, the most of one page
PAGES = 5
CLOCKS_APART = timedelta(seconds=60)  # Discord's and ours
NONCE = 25
CROSSPOSTS_AN_HOUR = 10
TEN_AN_HOUR = "Discord allows ten an hour"
NO_THREAD, HAS_THREAD, CROSSPOSTED = 10003, 160004, 40033
Reference = tuple[str, str]


class DiscordMessenger:
    """Sends once and reports the outcome; retries are up to the outbox."""

    shows_pictures = True

    def __init__(self, web: DiscordWeb, config: DiscordConfig, more: str = "", clock: Clock = utc_now) -> None:
        self.web = web
        self._config = config
        self._more = more
        self.clock = clock
        self._rooms = DiscordRooms(web, config, lambda card: render.post(card, self._more))
        self._crossposts: dict[str, deque[datetime]] = defaultdict(deque)

    def share_limits(self, processes: int) -> None:
        """So many processes send. What Discord counts per channel, its responses tell all of them."""
        self.web.processes = processes

    async def send(self, destination: str, post: Post, delivery: str) -> str:
        """Post to a channel or thread (`123`), or to a person (`@123`)."""
        await self._check_readers(destination, post)
        channel = await self._channel(destination)
        body = self._body(post, delivery)
        if isinstance(post, IncidentPicture):
            return f"{channel}/{await self._post(channel, body, await _files(post))}"
        if channel == destination:
            body = self._mentioning(post, body)
        if isinstance(post, IncidentCard) and await self._rooms.is_post(channel):
            with contextlib.suppress(MessageGone):  # the first message, which the post began with
                return await self.edit(destination, f"{channel}/{channel}", post, delivery)
        return f"{channel}/{await self._post(channel, body)}"

    async def reply(self, destination: str, reference: str, post: Post, delivery: str) -> str:
        """An update in the thread of its headline, a correction to the message it corrects, or a post in a room."""
        await self._check_readers(destination, post)
        channel, message = _place(destination, reference)
        body = self._mentioning(post, self._body(post, delivery))
        with _in_thread_of(destination, channel):
            about = await self.web.about(channel)
            if is_thread(about) or about["type"] == 1:
                return f"{channel}/{await self._post(channel, body, await _files(post))}"
        quoted = isinstance(post, Correction | IncidentPicture) and not await self._has_thread(message)
        if isinstance(post, Call) or quoted:
            body["message_reference"] = {"message_id": message, "channel_id": channel, "fail_if_not_exists": False}
            return f"{channel}/{await self._post(channel, body, await _files(post))}"
        thread = await self._thread(channel, message, getattr(post, "title", "") or "Updates")
        with _in_thread_of(destination, thread):
            sent = f"{thread}/{await self._post(thread, body, await _files(post))}"
        if isinstance(post, PublishedUpdate) and post.moved:
            sent += f"/{await self._post(channel, _pointer(post, thread, f'{delivery}:line'))}"
        return sent

    async def edit(self, destination: str, reference: str, post: Post, delivery: str) -> str:
        """Edit one of our messages; an archived thread is reopened for that."""
        await self._check_readers(destination, post)
        channel, message = _place(destination, reference)
        body = (render.answer if isinstance(post, RoomLine) else render.post)(post, self._more)
        if isinstance(post, Call):
            body = self._mentioning(post, body)  # still highlighted; an edit notifies nobody
        body["flags"] = body.get("flags", 0) & V2
        if not body["flags"]:
            del body["flags"]
        _mark(body, delivery)
        with _in_thread_of(destination, channel):
            try:
                await self.web.call("PATCH", MESSAGE, body, channel_id=channel, message_id=message)
            except SendFailed as failure:
                if code_of(failure) != ARCHIVED:
                    raise
                await self._rooms.open_again(channel)
                await self.web.call("PATCH", MESSAGE, body, channel_id=channel, message_id=message)
        if isinstance(post, IncidentCard):
            await self._rooms.tag(channel, post.severity.value, post.stage.label)
        return reference

    async def pass_on(self, destination: str, reference: str) -> str:
        """Publish a message of an announcement channel to the servers that follow it, at most ten an hour.

        Raises SendFailed with the time until the limit allows it.
        """
        channel, message = _place(destination, reference)
        try:
            if await self.web.type_of(channel) != channels.ANNOUNCEMENTS:
                return ""
            done, now = self._crossposts[channel], self.clock()
            while done and now - done[0] > timedelta(hours=1):
                done.popleft()
            if len(done) >= CROSSPOSTS_AN_HOUR:
                free_s = (done[0] + timedelta(hours=1) - now).total_seconds()
                raise SendFailed(TEN_AN_HOUR, retry_after_s=free_s)
            done.append(now)
            await self.web.call("POST", MESSAGE + "/crosspost", channel_id=channel, message_id=message)
        except SendFailed as failure:
            if failure.retry_after_s:
                raise SendFailed(TEN_AN_HOUR, retry_after_s=failure.retry_after_s) from failure
            if code_of(failure) != CROSSPOSTED:
                why = failure.reason.rstrip(".")
                words = "To do it yourself, select Publish below the message"
                return f"not published to followers: {why}. {words}"
        return "published to followers"

    async def remove(self, destination: str, reference: str) -> None:
        """Delete one of our messages, and the line that points to it."""
        channel, message = _place(destination, reference)
        line = reference.split("/")[2:]
        for place, each in ((channel, message), *((destination, pointer) for pointer in line)):
            with contextlib.suppress(MessageGone, PlaceLost):
                await self.web.call("DELETE", MESSAGE, channel_id=place, message_id=each)

    async def find(self, destination: str, delivery: str, since: datetime) -> str | None:
        """Search the messages since then; recent ones are also protected by the nonce.

        Raises CannotLookError if there are more than 500, or if the history cannot be read.
        """
        async for reference in self._found(destination, delivery, since):
            return reference
        return None

    async def copies(self, destination: str, delivery: str, since: datetime) -> Sequence[str]:
        """All matches, not only the first."""
        return [reference async for reference in self._found(destination, delivery, since)]

    async def _found(self, destination: str, delivery: str, since: datetime) -> AsyncIterator[str]:
        channel = await self._channel(destination)
        try:
            for place in [channel, *await self._threads_of(channel)]:
                async for message in self._since(channel, place, since - CLOCKS_APART):
                    components = message.get("components") or [{}]
                    if components[0].get("id") == _number(delivery) or message.get("nonce") == _nonce(delivery):
                        yield f"{place}/{message['id']}"
        except SendFailed as failure:
            if failure.permanent:
                raise CannotLookError(failure.reason) from failure
            raise

    async def _since(self, channel: str, place: str, since: datetime) -> AsyncIterator[Json]:
        """The messages since then in a channel, or in one of its threads, which may have been deleted."""
        query: dict[str, str | int] = {"limit": LOOK_BACK}
        for _page in range(PAGES):
            try:
                page = await self.web.look(MESSAGES, query, channel_id=place)
            except PlaceLost:
                if place == channel:
                    raise
                return
            if not page:
                await self._check_history(channel)
                return
            for message in page:
                yield message
            if len(page) < LOOK_BACK or datetime.fromisoformat(page[-1]["timestamp"]) < since:
                return
            query["before"] = page[-1]["id"]
        raise CannotLookError("there are too many newer messages")

    async def _check_history(self, channel: str) -> None:
        """Without permission to read the history, Discord lists no messages, so an empty list tells nothing.

        Raises CannotLookError. Source: docs.discord.com, Message Resource, "Get Channel Messages".
        """
        about = await self.web.look("/channels/{channel_id}", channel_id=channel)
        if is_thread(about):  # it has the permissions of its channel
            about = await self.web.look("/channels/{channel_id}", channel_id=about["parent_id"])
        if about.get("guild_id") and not await allowed_in(self.web, about) & PERMISSIONS["Read Message History"]:
            raise CannotLookError("Foghorn is not allowed to read the message history")

    async def _threads_of(self, channel: str) -> list[str]:
        """The newest threads of a channel, which may contain replies."""
        about = await self.web.about(channel)
        if is_thread(about) or not about.get("guild_id"):
            return []
        active = await self.web.look("/guilds/{guild_id}/threads/active", guild_id=about["guild_id"])
        mine = [thread for thread in active["threads"] if thread["parent_id"] == channel]
        newest = sorted(mine, key=lambda thread: int(thread.get("last_message_id") or thread["id"]), reverse=True)
        return [str(thread["id"]) for thread in newest[:THREADS_LOOKED_AT]]

    async def change_room(self, channel: str, step: RoomStep, delivery: str) -> str:
        """Carry out one change to an incident's room; repeating it is safe."""
        return await self._rooms.change_room(channel, step, _nonce(delivery))

    async def room_labels(self) -> Sequence[str]:
        """The names of our threads; those of rooms begin with the number of the incident."""
        return await self._rooms.names()

    async def find_person(self, typed: str) -> PlatformPerson | None:
        """A member of our servers by id, handle, or name."""
        return await people.find(self.web, self._config.servers, typed)

    async def name_of(self, reference: PlatformId) -> str | None:
        """The name of a member, channel, or role."""
        return await people.name_of(self.web, self._config.servers, reference)

    async def find_channel(self, typed: str, *, to_write: bool) -> PlatformChannel:
        """A channel on our servers, by id or name."""
        return await channels.find(self.web, self._config.servers, typed, to_write=to_write)

    async def check_internal(self, channel: str) -> str:
        """The name of a channel on our servers that no other server follows."""
        return await channels.check_internal(self.web, self._config.servers, channel)

    async def _check_readers(self, destination: str, post: Post) -> None:
        """Raise SendFailed for an announcement in a channel that others read by now."""
        if isinstance(post, Call) and destination.isdigit():
            await self.check_internal(destination)

    async def close(self) -> None:
        """Close the connections; nothing is sent afterwards."""
        await self.web.close()

    async def _channel(self, destination: str) -> str:
        return await self.web.direct(destination[1:]) if destination.startswith("@") else destination

    async def _post(self, channel: str, body: Json, files: Mapping[str, bytes] | None = None) -> str:
        sent = await self.web.call("POST", MESSAGES, body, files=files, channel_id=channel)
        return str(sent["id"])

    def _body(self, post: Post, delivery: str) -> Json:
        body = render.post(post, self._more)
        if isinstance(post, IncidentCard | DeliveryReport | IncidentPicture | RoomLine):
            body["flags"] = body.get("flags", 0) | SILENT  # no notification: nothing to act on
        _mark(body, delivery)
        return {**body, "nonce": _nonce(delivery), "enforce_nonce": True}

    def _mentioning(self, post: Post, body: Json) -> Json:
        """A reminder in a room mentions the people it is for, or the configured role if no one has a role.

        An announcement mentions the role of its severity.
        """
        if isinstance(post, NudgeCard) and post.rings:
            tapped = " ".join(f"<@{account}>" for account in post.rings)
            to: dict[str, Any] = {"parse": [], "users": list(post.rings)}
            return {**body, "content": f"{tapped} {body['content']}"[:2000], "allowed_mentions": to}
        role = post.group if isinstance(post, Call) else ""
        if isinstance(post, NudgeCard) and post.buttons and post.nobody:
            role = self._config.mention
        if not role:
            return body
        allowed: dict[str, Any] = {"parse": [], "roles": [role]}
        return {**body, "content": f"<@&{role}> {body['content']}"[:2000], "allowed_mentions": allowed}

    async def _thread(self, channel: str, message: str, title: str) -> str:
        """Start the thread of a message; it has the same id, and a message has at most one."""
        body = {"name": re.sub(r"\s+", " ", title)[:100], "auto_archive_duration": 10080}
        try:
            await self.web.call("POST", MESSAGE + "/threads", body, channel_id=channel, message_id=message)
        except SendFailed as failure:
            if code_of(failure) != HAS_THREAD:
                raise
        return message

    async def _has_thread(self, message: str) -> bool:
        try:
            await self.web.about(message)
        except SendFailed as failure:
            if code_of(failure) == NO_THREAD:
                return False
            raise
        return True


async def _files(post: Post) -> dict[str, bytes] | None:
    """The files that have to be uploaded with a post."""
    if not isinstance(post, IncidentPicture):
        return None
    return {render.picture_name(post): await asyncio.to_thread(png, post.svg)}


def _pointer(post: PublishedUpdate, thread: str, delivery: str) -> Json:
    """A line in the channel that points to the thread, because Discord does not notify about replies."""
    words = f"**{escape(post.wording.stage)}** · {escape(post.title, links=False)} · <#{thread}>"
    return {"content": words, "allowed_mentions": NOBODY, "nonce": _nonce(delivery), "enforce_nonce": True}


def _nonce(delivery: str) -> str:
    return sha256(delivery.encode()).hexdigest()[:NONCE]


def _number(delivery: str) -> int:
    """A component id: 31 bits, never 0. Source: docs.discord.com, Components reference, "Anatomy", id."""
    return int.from_bytes(sha256(delivery.encode()).digest()[:4], "big") % 0x7FFFFFFE + 1


def _mark(body: Json, delivery: str) -> None:
    if body.get("components"):
        body["components"][0]["id"] = _number(delivery)


def _place(destination: str, reference: str) -> Reference:
    """Channel and message."""
    parts = reference.split("/")
    return (parts[0], parts[1]) if len(parts) > 1 else (destination, reference)


@contextlib.contextmanager
def _in_thread_of(destination: str, channel: str) -> Iterator[None]:
    """If the thread was deleted but not the destination, report the message as deleted."""
    try:
        yield
    except PlaceLost as failure:
        if channel == destination:
            raise
        raise MessageGone("The thread was deleted.", permanent=True) from failure
