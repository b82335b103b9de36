"""Incident rooms in Discord: a thread in a text channel or a post in a forum, depending on the configured channel."""

import re
from collections.abc import Callable, Iterable
from typing import assert_never

from bot.errors import PlaceGone, SendFailed
from bot.platforms.discord.components import NOBODY, SILENT, Json
from bot.platforms.discord.config import DiscordConfig
from bot.platforms.discord.markdown import escape
from bot.platforms.discord.web import DiscordWeb, code_of, reason_of
from bot.views import Archive, Bookmark, IncidentCard, Invitation, OpenRoom, Pin, Removal, RoomStep, SetTopic

FORUM = 15
PRIVATE_THREAD = 12
THREADS = frozenset({10, 11, 12})  # channel types; docs.discord.com, Channel Resource
NAME = 100
LONGEST_MINUTES = 10080  # of silence until Discord hides a thread
TAGS = 5
NO_EMBEDS = 1 << 2  # message flag SUPPRESS_EMBEDS
UNKNOWN_PERSON = frozenset({10007, 10013, 50001})
ARCHIVED, HAS_THREAD, NOT_PERMITTED, THREAD_LOCKED = 50083, 160004, 50013, 160005
REQUIRE_TAG = 1 << 4  # channel flag; docs.discord.com, Channel Resource, "Channel Flags"
PINNED = 6  # message type CHANNEL_PINNED_MESSAGE; docs.discord.com, Message Resource, "Message Types"
NOTICE_WITHIN = 10  # messages after the pinned one


def is_thread(about: Json) -> bool:
    """Whether a channel is a thread."""
    return about["type"] in THREADS


class DiscordRooms:
    """Creates and sets up rooms. `starts` renders the card as the first message of a forum post."""

    def __init__(self, web: DiscordWeb, config: DiscordConfig, starts: Callable[[IncidentCard], Json]) -> None:
        self._web = web
        self._config = config
        self._starts = starts
        self._tagged: dict[str, list[str]] = {}
        self._may_tidy = True

    async def change_room(self, channel: str, step: RoomStep, nonce: str) -> str:
        """Carry out one step; repeating it is safe. A thread that was archived since is reopened for it."""
        try:
            return await self._change_room(channel, step, nonce)
        except SendFailed as failure:
            if code_of(failure) != ARCHIVED or not channel:
                raise
        await self.open_again(channel)
        return await self._change_room(channel, step, nonce)

    async def _change_room(self, channel: str, step: RoomStep, nonce: str) -> str:
        match step:
            case OpenRoom():
                return await self._open(step, nonce)
            case Invitation(accounts):
                for account in accounts:
                    await self._member("PUT", channel, account)
            case Removal(accounts):
                for account in accounts:
                    await self._member("DELETE", channel, account)
            case SetTopic() | Bookmark():
                pass  # a thread has neither: the card has the link, and tags follow it
            case Pin(reference):
                await self._pin(channel, reference.rpartition("/")[2])
            case Archive():
                await self._change(channel, {"archived": True})
            case _:
                assert_never(step)
        return "done"

    async def names(self) -> list[str]:
        """The names of the rooms we created: active ones, and the newest 100 archived ones of each kind.

        Source: docs.discord.com, Channel Resource, "List Public Archived Threads" and "List Joined Private Archived
        Threads".
        """
        found = []
        for parent in set(self._config.room_channels):
            about = await self._web.about(parent)
            active = await self._web.look("/guilds/{guild_id}/threads/active", guild_id=about["guild_id"])
            found += [thread for thread in active["threads"] if thread["parent_id"] == parent]
            for path in ("threads/archived/public", "users/@me/threads/archived/private"):
                listed = await self._web.look(f"/channels/{{channel_id}}/{path}", {"limit": 100}, channel_id=parent)
                found += listed["threads"]
        return [thread["name"] for thread in found if thread.get("owner_id") == self._web.me]

    async def open_again(self, channel: str) -> None:
        """Unarchive a thread. Raises SendFailed, as PlaceGone if it is locked."""
        try:
            await self._change(channel, {"archived": False})
        except SendFailed as failure:
            if code_of(failure) in (NOT_PERMITTED, THREAD_LOCKED):
                raise PlaceGone(reason_of(ARCHIVED), permanent=True) from failure
            raise

    async def tag(self, channel: str, *words: str) -> None:
        """Set the tags of a forum post that are named like severity and stage; does nothing in other channels."""
        if not await self.is_post(channel):
            return
        about = await self._web.about(channel)
        tags = _tags(await self._web.about(str(about["parent_id"])), words)
        if tags != self._tagged.get(channel, about.get("applied_tags")):
            await self._change(channel, {"applied_tags": tags})
            self._tagged[channel] = tags

    async def is_post(self, channel: str) -> bool:
        """Whether a channel is a post in a forum, whose first message has the id of the post."""
        about = await self._web.about(channel)
        return is_thread(about) and (await self._web.about(str(about["parent_id"])))["type"] == FORUM

    async def _open(self, step: OpenRoom, nonce: str) -> str:
        """Create the room, or find it; its name starts with the incident number."""
        parent = self._config.private_rooms_in if step.private else self._config.rooms_in
        if not parent:
            which = "private_rooms_in" if step.private else "rooms_in"
            words = f"foghorn.toml does not set a channel for it. Add {which} to [discord], then retry."
            raise SendFailed(words, permanent=True)
        about = await self._web.about(parent)
        thread = await self._existing(about, step.incident) if step.again else None
        if thread is None and about["type"] == FORUM:
            thread = await self._forum_post(about, step)
        elif thread is None:
            make = self._private_thread(about, step) if step.private else self._thread(about, step, nonce)
            thread = await make
        self._web.known[str(thread["id"])] = thread
        return f"{thread['id']} {thread['name']}"

    async def _existing(self, parent: Json, incident: str) -> Json | None:
        active = await self._web.look("/guilds/{guild_id}/threads/active", guild_id=parent["guild_id"])
        mine = (thread for thread in active["threads"] if thread["parent_id"] == parent["id"])
        return next((thread for thread in mine if thread["name"].startswith(f"{incident} ")), None)

    async def _private_thread(self, parent: Json, step: OpenRoom) -> Json:
        """Only its members, and people who manage threads there, can see it; nothing appears in the channel."""
        return await self._start(parent, {**_thread_of(step), "type": PRIVATE_THREAD, "invitable": False})

    async def _forum_post(self, parent: Json, step: OpenRoom) -> Json:
        """The card is its first message. If Discord refuses it, the forum's tags are read again next time."""
        assert step.card is not None
        tags = _tags(parent, (step.card.severity.value, step.card.stage.label))
        body = {**_thread_of(step), "applied_tags": tags, "message": self._starts(step.card)}
        try:
            post = await self._start(parent, body)
        except SendFailed:
            self._web.known.pop(str(parent["id"]), None)
            raise
        self._tagged[str(post["id"])] = tags
        return post

    async def _thread(self, parent: Json, step: OpenRoom, nonce: str) -> Json:
        """Start a thread on a message with a nonce, so that repeats create neither a second message nor thread."""
        words = f"Room for **{escape(step.incident)}**: see the thread."
        body = {
            "content": words, "allowed_mentions": NOBODY, "nonce": nonce, "enforce_nonce": True,
            "flags": SILENT | NO_EMBEDS,
        }  # fmt: skip
        start = await self._web.call("POST", "/channels/{channel_id}/messages", body, channel_id=parent["id"])
        path = "/channels/{channel_id}/messages/{message_id}/threads"
        try:
            about = {"channel_id": parent["id"], "message_id": start["id"]}
            return dict(await self._web.call("POST", path, _thread_of(step), **about))
        except SendFailed as failure:
            if code_of(failure) != HAS_THREAD:
                raise
        return await self._web.about(str(start["id"]))

    async def _start(self, parent: Json, body: Json) -> Json:
        return dict(await self._web.call("POST", "/channels/{channel_id}/threads", body, channel_id=parent["id"]))

    async def _member(self, method: str, channel: str, account: str) -> None:
        """Add or remove a member of the thread; people who left the server are skipped."""
        try:
            path = "/channels/{channel_id}/thread-members/{user_id}"
            await self._web.call(method, path, channel_id=channel, user_id=account)
        except SendFailed as failure:
            if code_of(failure) not in UNKNOWN_PERSON:
                raise

    async def _pin(self, channel: str, message: str) -> None:
        """Pin a message. The first message of a forum post is always at its top."""
        if message == channel:
            return
        path = "/channels/{channel_id}/messages/pins/{message_id}"
        await self._web.call("PUT", path, channel_id=channel, message_id=message)
        if self._may_tidy:
            await self._remove_notice(channel, message)

    async def _remove_notice(self, channel: str, message: str) -> None:
        """Delete the line that says that a message was pinned, if Foghorn has “Manage Messages” there."""
        try:
            after: dict[str, str | int] = {"after": message, "limit": NOTICE_WITHIN}
            for each in await self._web.look("/channels/{channel_id}/messages", after, channel_id=channel):
                about = each.get("message_reference") or {}
                if each["type"] == PINNED and about.get("message_id") == message:
                    path = "/channels/{channel_id}/messages/{message_id}"
                    await self._web.call("DELETE", path, channel_id=channel, message_id=each["id"])
        except SendFailed as failure:
            self._may_tidy = code_of(failure) != NOT_PERMITTED

    async def _change(self, channel: str, change: Json) -> None:
        await self._web.call("PATCH", "/channels/{channel_id}", change, channel_id=channel)


def _thread_of(step: OpenRoom) -> Json:
    """Its name is `INC-42 chatgpt and api errors`."""
    words = re.sub(r"^inc-\d{4}-\d{2}-\d{2}-?", "", step.name).replace("-", " ").strip()
    return {"name": f"{step.incident} {words or 'incident'}"[:NAME], "auto_archive_duration": LONGEST_MINUTES}


def _tags(forum: Json, words: Iterable[str]) -> list[str]:
    """The tags with these names; any other tag if the forum requires one and none has such a name."""
    wanted = {word.casefold() for word in words}
    offered = forum.get("available_tags", ())
    found = [str(tag["id"]) for tag in offered if tag["name"].casefold() in wanted]
    if not found and forum.get("flags", 0) & REQUIRE_TAG:
        found = [str(tag["id"]) for tag in sorted(offered, key=lambda tag: bool(tag.get("moderated")))][:1]
    return found[:TAGS]
