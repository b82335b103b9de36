"""Incident rooms in Discord: a thread in a text channel or a post in a forum, depending on the configured channel."""

import re
from typing import Any, assert_never

from bot.errors import SendFailed
from bot.platforms.discord.components import NOBODY, SILENT, Json
from bot.platforms.discord.markdown import escape
from bot.platforms.discord.web import DiscordWeb, code_of
from bot.views import Archive, Bookmark, Invitation, OpenRoom, Pin, Removal, RoomStep, SetTopic

FORUM = 15
PRIVATE_THREAD = 12
THREADS = frozenset({10, 11, 12})  # channel types; docs.discord.com, Channel Resource
NAME = 100
LONGEST_MINUTES = 10080  # of silence until Discord hides a thread
TAGS = 5
NO_EMBEDS = 1 << 2  # message flag SUPPRESS_EMBEDS
UNKNOWN_PERSON = frozenset({10007, 10013, 50001})
HAS_THREAD = 160004


def is_thread(about: Json) -> bool:
    """Whether a channel is a thread."""
    return about["type"] in THREADS


class DiscordRooms:
    """Creates and sets up rooms. Channel descriptions are cached."""

    def __init__(self, web: DiscordWeb, rooms_in: str, private_rooms_in: str) -> None:
        self._web = web
        self._rooms_in = rooms_in
        self._private_rooms_in = private_rooms_in
        self._known: dict[str, Json] = {}
        self._tagged: dict[str, list[str]] = {}

    async def about(self, channel: str) -> Json:
        """Discord's description of a channel."""
        if channel not in self._known:
            self._known[channel] = await self._web.look("/channels/{channel_id}", channel_id=channel)
        return self._known[channel]

    async def change_room(self, channel: str, step: RoomStep, nonce: str) -> str:
        """Carry out one step; repeating it is safe."""
        match step:
            case OpenRoom():
                return await self._open(step, nonce)
            case SetTopic(topic):
                await self.tag(channel, *topic.split(" · "))  # threads have no topic, but forum posts have tags
            case Invitation(accounts):
                for account in accounts:
                    await self._member("PUT", channel, account)
            case Removal(accounts):
                for account in accounts:
                    await self._member("DELETE", channel, account)
            case Bookmark(title, link):
                body = _quiet(f"{escape(title)}: {link}", nonce)
                sent = await self._web.call("POST", "/channels/{channel_id}/messages", body, channel_id=channel)
                await self._pin(channel, str(sent["id"]))
            case Pin(reference):
                await self._pin(channel, reference.rpartition("/")[2])
            case Archive():
                await self._change(channel, {"archived": True})
            case _:
                assert_never(step)
        return "done"

    async def open_again(self, channel: str) -> None:
        """Unarchive a thread."""
        await self._change(channel, {"archived": False})

    async def tag(self, channel: str, *words: str) -> None:
        """Set the tags of a forum post that are named like severity and stage; does nothing in other channels."""
        about = await self.about(channel)
        parent = await self.about(str(about.get("parent_id") or channel)) if is_thread(about) else about
        if parent["type"] != FORUM:
            return
        tags = _tags(parent, words)
        if tags != self._tagged.get(channel, about.get("applied_tags")):
            await self._change(channel, {"applied_tags": tags})
            self._tagged[channel] = tags

    async def _open(self, step: OpenRoom, nonce: str) -> str:
        """Find or create the room; its name starts with the incident number."""
        parent = self._private_rooms_in if step.private else self._rooms_in
        if not parent:
            which = "private_rooms_in" if step.private else "rooms_in"
            words = f"foghorn.toml does not set a channel for it. Add {which} to [discord], then retry."
            raise SendFailed(words, permanent=True)
        about = await self.about(parent)
        name = _name(step)
        active = await self._web.look("/guilds/{guild_id}/threads/active", guild_id=about["guild_id"])
        for thread in active["threads"]:
            if thread["parent_id"] == parent and thread["name"].startswith(f"{step.incident} "):
                return f"{thread['id']} {thread['name']}"
        if about["type"] == FORUM:
            return f"{await self._forum_post(about, step, name)} {name}"
        if step.private:
            return f"{await self._private_thread(about, name)} {name}"
        return f"{await self._thread(about, step, name, nonce)} {name}"

    async def _private_thread(self, parent: Json, name: str) -> str:
        """Only its members, and people who manage threads there, can see it; nothing appears in the channel."""
        body = {"name": name, "auto_archive_duration": LONGEST_MINUTES, "type": PRIVATE_THREAD, "invitable": False}
        thread = await self._web.call("POST", "/channels/{channel_id}/threads", body, channel_id=parent["id"])
        return str(thread["id"])

    async def _forum_post(self, parent: Json, step: OpenRoom, name: str) -> str:
        body = {
            "name": name,
            "auto_archive_duration": LONGEST_MINUTES,
            "applied_tags": _tags(parent, step.topic.split(" · ")),
            "message": {"content": f"Room for **{escape(step.incident)}**.", "allowed_mentions": NOBODY},
        }
        thread = await self._web.call("POST", "/channels/{channel_id}/threads", body, channel_id=parent["id"])
        return str(thread["id"])

    async def _thread(self, parent: Json, step: OpenRoom, name: str, nonce: str) -> str:
        """Start a thread on a message with a nonce, so that repeats create neither a second message nor thread."""
        body = _quiet(f"Room for **{escape(step.incident)}**: see the thread.", nonce)
        start = await self._web.call("POST", "/channels/{channel_id}/messages", body, channel_id=parent["id"])
        path = "/channels/{channel_id}/messages/{message_id}/threads"
        about = {"name": name, "auto_archive_duration": LONGEST_MINUTES}
        try:
            await self._web.call("POST", path, about, channel_id=parent["id"], message_id=start["id"])
        except SendFailed as failure:
            if code_of(failure) != HAS_THREAD:
                raise
        return str(start["id"])

    async def _member(self, method: str, channel: str, account: str) -> None:
        """Add or remove a member of the thread; people who left the server are skipped."""
        try:
            path = "/channels/{channel_id}/thread-members/{user_id}"
            await self._web.call(method, path, channel_id=channel, user_id=account)
        except SendFailed as failure:
            if code_of(failure) not in UNKNOWN_PERSON:
                raise

    async def _pin(self, channel: str, message: str) -> None:
        path = "/channels/{channel_id}/messages/pins/{message_id}"
        await self._web.call("PUT", path, channel_id=channel, message_id=message)

    async def _change(self, channel: str, change: Json) -> None:
        await self._web.call("PATCH", "/channels/{channel_id}", change, channel_id=channel)


def _name(step: OpenRoom) -> str:
    """`INC-42 chatgpt and api errors`."""
    words = re.sub(r"^inc-\d{4}-\d{2}-\d{2}-?", "", step.name).replace("-", " ").strip()
    return f"{step.incident} {words or 'incident'}"[:NAME]


def _tags(forum: Json, words: Any) -> list[str]:
    wanted = {word.casefold() for word in words}
    return [str(tag["id"]) for tag in forum.get("available_tags", ()) if tag["name"].casefold() in wanted][:TAGS]


def _quiet(words: str, nonce: str) -> Json:
    flags = SILENT | NO_EMBEDS
    return {"content": words, "allowed_mentions": NOBODY, "nonce": nonce, "enforce_nonce": True, "flags": flags}
