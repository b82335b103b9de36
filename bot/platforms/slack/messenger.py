"""Delivers posts to Slack. A reference is `channel/ts` as Slack returned it; direct messages have their own channel."""

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, TypeVar

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.errors import MessageGone, OutcomeUnknown, SendFailed
from bot.platforms.slack import channels, people, render
from bot.platforms.slack.blocks import COMMAND, called
from bot.platforms.slack.rooms import SlackRooms
from bot.platforms.slack.web import CALL_FAILED, DELETED, SlackWeb, checked, error_of, failure, pages
from bot.ports import CannotLookError, PlatformChannel, PlatformId, PlatformPerson
from bot.views import Call, IncidentPicture, Post, PublishedUpdate, RoomStep, Zone
from bot.views.png import png

DELIVERY = "foghorn_delivery"  # metadata event_type; the payload holds an opaque id, because other apps can read it
LOOK_BACK = timedelta(seconds=60)  # Slack's clock and ours
PAGE = 200  # messages per call; docs.slack.dev, conversations.history: at most 999, 200 recommended
PAGES = 5
ALT_TEXT = 1000  # characters; docs.slack.dev, files.getUploadURLExternal
T = TypeVar("T")
RENDERED = 8  # posts that are kept as rendered: an update has one for each audience and language
QUIET = {"unfurl_links": False, "unfurl_media": False}


class SlackMessenger:
    """Sends once and reports the outcome; retries are up to the outbox."""

    has_threads = True
    shows_pictures = True

    def __init__(self, web: SlackWeb, zone: Zone, command: str = COMMAND) -> None:
        self.web = web
        self._zone = zone
        self._command = command
        self._rooms = SlackRooms(web)
        self._rendered: deque[tuple[Post, dict[str, Any]]] = deque(maxlen=RENDERED)

    def share_limits(self, processes: int) -> None:
        """So many processes send."""
        self.web.limiter.processes = processes

    async def send(self, destination: str, post: Post, delivery: str) -> str:
        """Post to a channel (`C123`) or a person (`U123`)."""
        if isinstance(post, IncidentPicture):
            return await self._share(destination, post, delivery)
        await self._check_readers(destination, post)
        arguments = {"channel": destination, **self._message(post), "metadata": _metadata(delivery), **QUIET}
        return await checked(self._post(arguments))

    async def reply(self, destination: str, reference: str, post: Post, delivery: str) -> str:
        """Reply in the thread of a message. An update that changes the stage is shown in the channel as well.

        If the message was deleted, Slack silently posts the reply into the channel, so it is deleted again.
        Source: slack-go issue 1571, measured there; the response's `message` then has no `thread_ts`.
        """
        channel, ts = _place(destination, reference)
        if isinstance(post, IncidentPicture):
            return await self._share(channel, post, delivery, thread_ts=ts)
        await self._check_readers(destination, post)
        message = {**self._message(post), "metadata": _metadata(delivery), **QUIET}
        if isinstance(post, PublishedUpdate) and post.moved:
            message["reply_broadcast"] = True
        sent = await checked(self.web.client.chat_postMessage(channel=channel, thread_ts=ts, **message))
        there = f"{sent['channel']}/{sent['ts']}"
        if "thread_ts" not in sent.get("message", {"thread_ts": ts}):
            try:
                await self.remove(destination, there)
            except OutcomeUnknown:
                raise
            except SendFailed:  # it stays where it is, rather than being sent twice
                return there
            raise MessageGone(DELETED, permanent=True)
        return there

    async def edit(self, destination: str, reference: str, post: Post, _delivery: str) -> str:
        """Edit one of our messages; it keeps the delivery id it was sent with."""
        await self._check_readers(destination, post)
        channel, ts = _place(destination, reference)
        await checked(self.web.client.chat_update(channel=channel, ts=ts, **self._message(post)))
        return reference

    async def find(self, destination: str, delivery: str, since: datetime) -> str | None:
        """Search the channel's newest messages, and the threads with replies since then."""
        async for reference in self._found(destination, delivery, since):
            return reference
        return None

    async def copies(self, destination: str, delivery: str, since: datetime) -> Sequence[str]:
        """All matches, not only the first."""
        return [reference async for reference in self._found(destination, delivery, since)]

    async def remove(self, destination: str, reference: str) -> None:
        """Delete one of our messages; chat:write is enough for that. A file is deleted with its message."""
        channel, ts = _place(destination, reference)
        with contextlib.suppress(MessageGone):
            if ts.startswith("F"):
                await checked(self.web.client.files_delete(file=ts))
                return
            await checked(self.web.client.chat_delete(channel=channel, ts=ts))

    async def _found(self, destination: str, delivery: str, since: datetime) -> AsyncIterator[str]:
        try:
            channel = await self._channel(destination)
            async for reference in self._look(channel, delivery, (since - LOOK_BACK).timestamp()):
                yield reference
        except CALL_FAILED as problem:
            wrong = failure(problem)
            if wrong.permanent:
                raise CannotLookError(wrong.reason) from problem
            raise wrong from problem

    async def change_room(self, channel: str, step: RoomStep, _delivery: str) -> str:
        """Carry out one change to an incident's channel; repeating it is safe."""
        return await self._rooms.change_room(channel, step)

    async def room_labels(self) -> Sequence[str]:
        """The topics of our channels; those of rooms begin with the number of the incident."""
        return await checked(self._rooms.topics())

    async def find_person(self, typed: str) -> PlatformPerson | None:
        """A user of the workspace by id, handle, or name."""
        return await checked(people.find(self.web, typed))

    async def name_of(self, reference: PlatformId) -> str | None:
        """The name of a user, channel, or user group."""
        return await checked(people.name_of(self.web, reference))

    async def find_channel(self, typed: str, *, to_write: bool) -> PlatformChannel:
        """A channel by id or name; a public one is joined, so that updates can be posted there."""
        return await channels.find(self.web, typed, to_write=to_write)

    async def check_internal(self, channel: str) -> str:
        """The name of a channel that only this workspace reads."""
        return await channels.check_internal(self.web, channel)

    async def _check_readers(self, destination: str, post: Post) -> None:
        """Raise SendFailed for an announcement in a channel that is shared by now."""
        if isinstance(post, Call) and channels.AN_ID.fullmatch(destination):
            await self.check_internal(destination)

    async def close(self) -> None:
        """Close the connections; nothing is sent afterwards."""
        await self.web.close()

    async def _channel(self, destination: str) -> str:
        """The channel of a destination; for a person, their direct message channel."""
        if destination[:1] not in "UW":
            return destination
        opened = await self.web.client.conversations_open(users=destination)
        return str(opened["channel"]["id"])

    async def _look(self, channel: str, delivery: str, since: float) -> AsyncIterator[str]:
        client = self.web.client
        threads, oldest, read = [], 0.0, 0
        async for message in _messages(client.conversations_history, channel=channel):
            oldest, read = float(message["ts"]), read + 1
            if _carries(message, delivery):
                yield f"{channel}/{_file_of(message, delivery) or message['ts']}"
            if float(message.get("latest_reply", 0)) >= since:
                threads.append(message["ts"])
        if read == PAGES * PAGE and oldest > since:
            raise CannotLookError("there are too many newer messages")
        for ts in threads:
            below = _messages(client.conversations_replies, channel=channel, ts=ts, oldest=f"{since:.6f}")
            try:
                async for message in below:
                    if _carries(message, delivery) and message["ts"] != ts:
                        yield f"{channel}/{_file_of(message, delivery) or message['ts']}"
            except SlackApiError as problem:
                if error_of(problem) != "thread_not_found":  # deleted since
                    raise

    async def _post(self, arguments: dict[str, Any]) -> str:
        sent = await self.web.client.chat_postMessage(**arguments)
        return f"{sent['channel']}/{sent['ts']}"

    async def _share(
        self, destination: str, post: IncidentPicture, delivery: str, *, thread_ts: str | None = None
    ) -> str:
        """Upload a picture, then share it. Only sharing posts something, so only its outcome can be in doubt.

        A file's message has no metadata, so the file name identifies the delivery. The reference contains the file ID,
        because Slack does not return the message ID.
        """
        channel, content = await checked(self._channel(destination)), await asyncio.to_thread(png, post.svg)
        client, name = self.web.client, _file_name(post.incident, delivery)
        given = await checked(
            client.files_getUploadURLExternal(filename=name, length=len(content), alt_txt=post.about[:ALT_TEXT])
        )
        try:
            await self.web.upload(given["upload_url"], content)
        except OutcomeUnknown as problem:
            raise SendFailed(problem.reason) from problem
        files = [{"id": given["file_id"], "title": post.heading}]
        about = {"channel_id": channel, "thread_ts": thread_ts, "initial_comment": self._message(post)["text"]}
        await checked(client.files_completeUploadExternal(files=files, **about))
        return f"{channel}/{given['file_id']}"

    def _message(self, post: Post) -> dict[str, Any]:
        """Rendered once for all channels that the outbox sends the same post to. Equal posts may differ in dates."""
        for seen, message in self._rendered:
            if seen is post:
                return message
        message = called(render.post(post, self._zone), self._command)
        self._rendered.append((post, message))
        return message


def _metadata(delivery: str) -> dict[str, Any]:
    return {"event_type": DELIVERY, "event_payload": {"id": delivery}}


def _file_name(incident: str, delivery: str) -> str:
    """`INC-42-3f6a21b0c4d5.png`: the end identifies the delivery."""
    return f"{incident}-{sha256(delivery.encode()).hexdigest()[:12]}.png"


def _file_of(message: Mapping[str, Any], delivery: str) -> str:
    """The ID of the file that carries a delivery; empty if the message has none."""
    end = _file_name("", delivery)
    return next((str(file["id"]) for file in message.get("files", ()) if file.get("name", "").endswith(end)), "")


def _carries(message: Mapping[str, Any], delivery: str) -> bool:
    if _file_of(message, delivery):
        return True
    metadata = message.get("metadata") or {}
    return metadata.get("event_type") == DELIVERY and metadata.get("event_payload", {}).get("id") == delivery


def _place(destination: str, reference: str) -> tuple[str, str]:
    """Channel and ts of a message."""
    channel, _, ts = reference.rpartition("/")
    return channel or destination, ts


async def _messages(
    call: Callable[..., Awaitable[AsyncSlackResponse]], **arguments: Any
) -> AsyncIterator[dict[str, Any]]:
    """Messages, as far back as we search."""
    async for page in pages(call, PAGES, limit=PAGE, include_all_metadata=True, **arguments):
        for message in page["messages"]:
            yield message
