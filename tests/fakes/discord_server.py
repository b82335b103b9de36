"""A server of Discord: members, roles, channels, threads, messages, and what its HTTP API does with them.

Sources are pages of docs.discord.com; JSON error codes are those of "Opcodes and Status Codes".
"""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from tests.fakes.discord_checks import V2, Json, RefusedError, check_commands, check_message, invalid

APP = "900000000000000001"
BOT = APP
GUILD = "800000000000000001"
TEXT, DM, NEWS, PUBLIC_THREAD, PRIVATE_THREAD, FORUM = 0, 1, 5, 11, 12, 15
PINNED = 6
REQUIRE_TAG = 1 << 4  # Channel Resource, "Channel Flags"
EPOCH_MS = 1420070400000
BITS = {
    "MANAGE_CHANNELS": 1 << 4, "VIEW_CHANNEL": 1 << 10, "SEND_MESSAGES": 1 << 11, "MANAGE_MESSAGES": 1 << 13,
    "EMBED_LINKS": 1 << 14, "ATTACH_FILES": 1 << 15, "READ_MESSAGE_HISTORY": 1 << 16, "MANAGE_THREADS": 1 << 34,
    "CREATE_PUBLIC_THREADS": 1 << 35, "CREATE_PRIVATE_THREADS": 1 << 36, "SEND_MESSAGES_IN_THREADS": 1 << 38,
    "PIN_MESSAGES": 1 << 51,
}  # fmt: skip
NONCE_LASTS_S = 300  # Create Message, enforce_nonce: "in the past few minutes"; how many is not said
CROSSPOSTS_AN_HOUR = 10  # not on the pages; seen by others (discord.js 4956, Pycord 2316)


@dataclass
class Channel:
    """A text or announcement channel, a forum, a thread, or a direct message. `denied`: what the app may not there."""

    id: str
    name: str
    type: int = TEXT
    parent: str = ""
    guild: str = GUILD
    topic: str = ""
    archived: bool = False
    locked: bool = False
    tags: list[Json] = field(default_factory=list)
    applied: list[str] = field(default_factory=list)
    denied: set[str] = field(default_factory=set)
    closed: bool = False  # @everyone cannot see it
    members: set[str] = field(default_factory=set)
    messages: list[Json] = field(default_factory=list)
    crossposts: list[float] = field(default_factory=list)
    needs_tag: bool = False  # a forum whose posts need a tag


class Server:
    """One guild and its people. `now` is Discord's clock."""

    def __init__(self, now: Callable[[], float]) -> None:
        self.now = now
        self.names: dict[str, str] = {BOT: "Foghorn"}
        self.bots: set[str] = {BOT}
        self.roles: dict[str, set[str]] = {}
        self.manages: set[str] = set()  # who may manage channels
        self.pending: set[str] = set()  # who has not passed the membership screening
        self.guests: set[str] = set()  # who may enter one voice channel; Guild Resource, member flag IS_GUEST
        self.role_names: dict[str, str] = {}
        self.mentionable: set[str] = set()  # roles; Permissions, "Role Object"
        self.channels: dict[str, Channel] = {}
        self.commands: list[Json] = []
        self.command_writes = 0
        self._numbers = itertools.count(1)
        self._nonces: dict[tuple[str, str], tuple[float, Json]] = {}
        self._threaded: set[str] = set()  # messages that a thread was made from

    # ---- what a test sets up

    def add_member(self, user: str, name: str, *roles: str, bot: bool = False) -> None:
        self.names[user] = name
        self.roles[user] = set(roles)
        if bot:
            self.bots.add(user)

    def add_user(self, user: str, name: str) -> None:
        """Somebody who is not on the server, or has left it."""
        self.names[user] = name
        self.roles.pop(user, None)

    def add_role(self, role: str, name: str) -> None:
        self.role_names[role] = name

    def add_channel(self, channel: str, name: str, kind: int = TEXT, *, tags: tuple[str, ...] = ()) -> Channel:
        made = Channel(channel, name, kind, tags=[_tag(str(7000 + n), tag) for n, tag in enumerate(tags)])
        self.channels[channel] = made
        return made

    def new_id(self) -> str:
        """A snowflake. Source: API Reference, "Snowflakes"."""
        return str((int(self.now() * 1000) - EPOCH_MS << 22) | (next(self._numbers) & 0xFFF))

    # ---- messages

    def create_message(self, channel_id: str, body: Json) -> Json:
        channel = self.reach(channel_id, "SEND_MESSAGES_IN_THREADS" if self._is_thread(channel_id) else "SEND_MESSAGES")
        if channel.type == FORUM:
            raise RefusedError(400, 50008, "Cannot send messages in a non-text channel")
        check_message(body)
        if len(str(body.get("nonce", ""))) > 25:
            raise invalid("nonce", "Must be 25 or fewer in length.")
        nonce = (channel_id, str(body.get("nonce", "")))
        before = self._nonces.get(nonce)
        if body.get("enforce_nonce") and before and self.now() - before[0] < NONCE_LASTS_S:
            return before[1]
        self._wake(channel)
        message = self.new_message(channel_id, BOT, body)
        channel.messages.append(message)
        if nonce[1]:
            self._nonces[nonce] = (self.now(), message)
        return message

    def _wake(self, channel: Channel) -> None:
        """Sending unarchives a thread; a locked one needs MANAGE_THREADS. Source: Topics, "Threads", archiving."""
        if channel.locked and "MANAGE_THREADS" in channel.denied:
            raise RefusedError(400, 50083 if channel.archived else 160005, "Thread is archived or locked")
        channel.archived = False

    def new_message(self, channel: str, author: str, body: Json) -> Json:
        """Source: Message Resource, "Message Object"."""
        return {
            "id": self.new_id(), "channel_id": channel, "type": 0, "tts": False, "mention_everyone": False,
            "author": self.user(author), "content": body.get("content") or "", "embeds": body.get("embeds") or [],
            "components": body.get("components") or [], "attachments": body.get("attachments") or [], "mentions": [],
            "mention_roles": _called_roles(body), "pinned": False, "flags": body.get("flags") or 0,
            "timestamp": self._iso(), "edited_timestamp": None,
            **{k: body[k] for k in ("nonce", "message_reference") if body.get(k)},
        }  # fmt: skip

    def message(self, channel_id: str, message_id: str, need: str = "READ_MESSAGE_HISTORY") -> Json:
        channel = self.reach(channel_id, need)
        found = next((m for m in channel.messages if m["id"] == message_id), None)
        if found is None:
            raise RefusedError(404, 10008, "Unknown Message")
        return found

    def edit_message(self, channel_id: str, message_id: str, body: Json) -> Json:
        channel = self.reach(channel_id)
        message = self.message(channel_id, message_id)
        if message["author"]["id"] != BOT:
            raise RefusedError(403, 50005, "Cannot edit a message authored by another user")
        if channel.archived:
            raise RefusedError(400, 50083, "Thread is archived")
        self.apply(message, body)
        return message

    def delete_own(self, channel_id: str, message_id: str) -> None:
        """Source: Message Resource, "Delete Message"; others' messages need MANAGE_MESSAGES.

        Stricter than Discord: so does the line that says that the app pinned something.
        """
        message = self.message(channel_id, message_id, "VIEW_CHANNEL")
        if message["author"]["id"] != BOT or message["type"] == PINNED:
            self.reach(channel_id, "MANAGE_MESSAGES")
        self.delete_message(channel_id, message_id)

    def delete_message(self, channel_id: str, message_id: str) -> None:
        """As a moderator does: what hangs below stays. Afterwards 10008, "Unknown Message"."""
        channel = self.channels[channel_id]
        assert any(message["id"] == message_id for message in channel.messages)
        channel.messages = [message for message in channel.messages if message["id"] != message_id]
        self._nonces = {key: kept for key, kept in self._nonces.items() if kept[1]["id"] != message_id}

    def delete_channel(self, channel_id: str) -> None:
        """A channel or thread, as a moderator does. Afterwards 10003, "Unknown Channel"."""
        del self.channels[channel_id]

    def apply(self, message: Json, body: Json) -> None:
        """Source: Message Resource, "Edit Message"; IS_COMPONENTS_V2 cannot be taken back."""
        flags = message["flags"] | ((body.get("flags") or 0) & V2)
        after = {**message, **{k: v for k, v in body.items() if k != "flags"}, "flags": flags}
        check_message({**after, "allowed_mentions": body.get("allowed_mentions")} if body.get("allowed_mentions")
                      else after)  # fmt: skip
        kept = ("content", "embeds", "components", "attachments")
        message.update({k: body[k] or type(message[k])() for k in kept if k in body}, flags=flags)
        message["edited_timestamp"] = self._iso()

    def history(self, channel_id: str, query: Json) -> list[Json]:
        """Newest first. Source: Message Resource, "Get Channel Messages"; without history nothing is returned."""
        channel = self.reach(channel_id)
        if "READ_MESSAGE_HISTORY" in channel.denied:
            return []
        found = [m for m in channel.messages if int(m["id"]) > int(query.get("after", 0))
                 and int(m["id"]) < int(query.get("before", 1 << 63))]  # fmt: skip
        limit = int(query.get("limit", 50))
        newest = found[:limit] if "after" in query else found[-limit:]
        return newest[::-1]

    def crosspost(self, channel_id: str, message_id: str) -> Json:
        """Source: Message Resource, "Crosspost Message"; MANAGE_MESSAGES is not needed for one's own."""
        channel, message = self.reach(channel_id, "SEND_MESSAGES"), self.message(channel_id, message_id)
        if channel.type != NEWS:
            raise RefusedError(400, 50024, "Cannot execute action on this channel type")
        if message["flags"] & 1:
            raise RefusedError(400, 40033, "This message has already been crossposted")
        channel.crossposts = [at for at in channel.crossposts if self.now() - at < 3600]
        if len(channel.crossposts) >= CROSSPOSTS_AN_HOUR:
            after = 3600 - (self.now() - channel.crossposts[0])
            raise RefusedError(429, 0, "You are being rate limited.", retry_after=after, **{"global": False})
        channel.crossposts.append(self.now())
        message["flags"] |= 1
        return message

    def pin(self, channel_id: str, message_id: str) -> None:
        """Source: Message Resource, "Pin Message" (PIN_MESSAGES since 2026), "Message Types" (6)."""
        message = self.message(channel_id, message_id, "PIN_MESSAGES")
        if self.channels[channel_id].archived:
            raise RefusedError(400, 50083, "Thread is archived")
        if not message["pinned"]:
            about = {"message_reference": {"message_id": message_id, "channel_id": channel_id, "guild_id": GUILD}}
            self.channels[channel_id].messages.append({**self.new_message(channel_id, BOT, about), "type": PINNED})
        message["pinned"] = True

    # ---- channels and threads

    def thread_of_message(self, channel_id: str, message_id: str, body: Json) -> Json:
        """It has the id of its message; a message has one. Source: Channel Resource, "Start Thread from Message"."""
        parent = self.reach(channel_id, "CREATE_PUBLIC_THREADS")
        self.message(channel_id, message_id)
        if message_id in self._threaded:  # also where the thread was deleted: whether Discord forgets it is not said
            raise RefusedError(400, 160004, "A thread has already been created for this message")
        self._threaded.add(message_id)
        return self.as_json(self._thread(message_id, body, parent, PUBLIC_THREAD))

    def start_thread(self, channel_id: str, body: Json) -> Json:
        """Source: Channel Resource, "Start Thread without Message", "Start Thread in Forum or Media Channel"."""
        parent = self.channels.get(channel_id)
        if parent is not None and parent.type == FORUM:
            self.reach(channel_id, "SEND_MESSAGES")
            if len(body.get("applied_tags") or []) > 5 or set(body.get("applied_tags") or []) - {
                tag["id"] for tag in parent.tags
            }:
                raise invalid("applied_tags", "at most 5 tags of the forum")
            if parent.needs_tag and not body.get("applied_tags"):
                raise RefusedError(400, 40067, "A tag is required to create a forum post in this channel")
            check_message(body["message"])
            thread = self._thread(self.new_id(), body, parent, PUBLIC_THREAD)
            first = {**self.new_message(thread.id, BOT, body["message"]), "id": thread.id}
            thread.messages.append(first)
            return {**self.as_json(thread), "message": first}
        private = body.get("type") == PRIVATE_THREAD
        parent = self.reach(channel_id, "CREATE_PRIVATE_THREADS" if private else "CREATE_PUBLIC_THREADS")
        return self.as_json(self._thread(self.new_id(), body, parent, body.get("type", PRIVATE_THREAD)))

    def _thread(self, thread_id: str, body: Json, parent: Channel, kind: int) -> Channel:
        if not 1 <= len(body["name"]) <= 100:
            raise invalid("name", "Must be between 1 and 100 in length.")
        if body.get("auto_archive_duration", 1440) not in (60, 1440, 4320, 10080):
            raise invalid("auto_archive_duration", "60, 1440, 4320 or 10080")
        thread = Channel(thread_id, body["name"], kind, parent.id, parent.guild, denied=parent.denied,
                         applied=list(body.get("applied_tags") or []), members={BOT})  # fmt: skip
        self.channels[thread.id] = thread
        return thread

    def change_channel(self, channel_id: str, body: Json) -> Json:
        """Source: Channel Resource, "Modify Channel"; one's own thread needs no MANAGE_THREADS to rename or archive."""
        channel = self.reach(channel_id)
        if not self._is_thread(channel_id):
            self.reach(channel_id, "MANAGE_CHANNELS")
        if channel.locked and "MANAGE_THREADS" in channel.denied:
            raise RefusedError(403, 50013, "Missing Permissions")
        channel.name = body.get("name", channel.name)
        channel.topic = body.get("topic", channel.topic)
        channel.archived = body.get("archived", channel.archived)
        channel.locked = body.get("locked", channel.locked)
        channel.applied = body.get("applied_tags", channel.applied)
        if self._is_thread(channel_id) and self.channels[channel.parent].needs_tag and not channel.applied:
            raise RefusedError(400, 40067, "A tag is required to create a forum post in this channel")
        return self.as_json(channel)

    def add_to_thread(self, channel_id: str, user: str) -> None:
        """Source: Channel Resource, "Add Thread Member": it must not be archived."""
        if self.reach(channel_id).archived:
            raise RefusedError(400, 50083, "Thread is archived")
        if user not in self.names:
            raise RefusedError(404, 10013, "Unknown User")
        self.reach(channel_id, "SEND_MESSAGES").members.add(user)

    def open_dm(self, user: str) -> Json:
        """Source: User Resource, "Create DM"."""
        if user not in self.names:
            raise RefusedError(400, 50033, "Invalid Recipient(s)")
        channel = self.channels.setdefault(f"70{user}", Channel(f"70{user}", "", DM, guild="", members={user, BOT}))
        return {"id": channel.id, "type": DM, "recipients": [self.user(user)], "flags": 0, "last_message_id": None}

    def reach(self, channel_id: str, need: str = "VIEW_CHANNEL") -> Channel:
        """Raises 10003, 50001 (cannot see it) or 50013 (may not do it)."""
        channel = self.channels.get(channel_id)
        if channel is None:
            raise RefusedError(404, 10003, "Unknown Channel")
        if "VIEW_CHANNEL" in channel.denied:
            raise RefusedError(403, 50001, "Missing Access")
        if need in channel.denied:
            raise RefusedError(403, 50013, "Missing Permissions")
        return channel

    def set_commands(self, commands: list[Json]) -> list[Json]:
        """Source: Application Commands, "Bulk Overwrite Guild Application Commands"."""
        check_commands(commands)
        self.command_writes += 1
        self.commands = [{**c, "id": self.new_id(), "application_id": APP, "version": self.new_id()} for c in commands]
        return self.commands

    # ---- as JSON

    def user(self, user: str) -> Json:
        return {"id": user, "username": self.names[user].casefold(), "global_name": self.names[user], "avatar": None,
                "discriminator": "0", "bot": user in self.bots, "public_flags": 0}  # fmt: skip

    def member(self, user: str) -> Json:
        """Source: Guild Resource, "Guild Member Object"."""
        bits = sum(BITS.values()) if user in self.manages else BITS["VIEW_CHANNEL"] | BITS["SEND_MESSAGES"]
        return {"user": self.user(user), "nick": None, "roles": sorted(self.roles.get(user, ())), "deaf": False,
                "mute": False, "flags": (user in self.guests) << 4, "joined_at": "2026-01-01T00:00:00+00:00",
                "premium_since": None, "avatar": None, "pending": user in self.pending,
                "permissions": str(bits)}  # fmt: skip

    def as_json(self, channel: Channel) -> Json:
        """Source: Channel Resource, "Channel Object"; a denial is an overwrite for the app."""
        if channel.type == DM:
            return {"id": channel.id, "type": DM, "recipients": [], "flags": 0, "last_message_id": None}
        deny = sum(BITS[name] for name in channel.denied)
        overwrites = [{"id": BOT, "type": 1, "allow": "0", "deny": str(deny)}] if deny else []
        if channel.closed:  # @everyone has the id of the guild; Topics, "Permissions"
            overwrites.append({"id": GUILD, "type": 0, "allow": "0", "deny": str(BITS["VIEW_CHANNEL"])})
        found: Json = {"id": channel.id, "type": channel.type, "guild_id": channel.guild, "name": channel.name,
                       "position": 0, "parent_id": channel.parent or None, "topic": channel.topic or None,
                       "nsfw": False, "rate_limit_per_user": 0, "permission_overwrites": overwrites, "flags": 0,
                       "last_message_id": None}  # fmt: skip
        if channel.type == FORUM:
            flags = REQUIRE_TAG if channel.needs_tag else 0
            return {**found, "flags": flags, "available_tags": channel.tags, "default_reaction_emoji": None,
                    "default_sort_order": None, "default_forum_layout": 0, "template": ""}  # fmt: skip
        if self._is_thread(channel.id):
            about = {"archived": channel.archived, "locked": channel.locked, "auto_archive_duration": 10080,
                     "archive_timestamp": self._iso(), "create_timestamp": self._iso(), "invitable": False}  # fmt: skip
            return {**found, "owner_id": BOT, "message_count": 0, "member_count": 1, "thread_metadata": about,
                    "applied_tags": channel.applied, "total_message_sent": 0}  # fmt: skip
        return found

    def guild(self) -> Json:
        """Source: Gateway Events, "Guild Create"."""
        allowed = str(sum(BITS.values()))
        roles: list[Json] = [{"id": GUILD, "name": "@everyone", "permissions": allowed}]
        roles += [
            {"id": role, "name": name, "permissions": "0", "mentionable": role in self.mentionable}
            for role, name in self.role_names.items()
        ]
        style = {"color": 0, "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
                 "hoist": False, "position": 0, "managed": False, "mentionable": False, "flags": 0}  # fmt: skip
        own = [c for c in self.channels.values() if c.guild == GUILD]
        return {
            "id": GUILD, "name": "Example AI", "owner_id": "1", "unavailable": False, "large": False, "member_count": 9,
            "roles": [{**style, **role} for role in roles], "emojis": [], "stickers": [], "features": [],
            "channels": [self.as_json(c) for c in own if not self._is_thread(c.id)],
            "threads": [self.as_json(c) for c in own if self._is_thread(c.id)], "members": [self.member(BOT)],
            "voice_states": [], "presences": [], "stage_instances": [], "guild_scheduled_events": [],
            "soundboard_sounds": [], "verification_level": 0, "default_message_notifications": 0, "mfa_level": 0,
            "explicit_content_filter": 0, "nsfw_level": 0, "premium_tier": 0, "system_channel_flags": 0,
            "preferred_locale": "en-US", "afk_timeout": 60, "joined_at": "2026-01-01T00:00:00+00:00",
        }  # fmt: skip

    def threads(self) -> Json:
        """Source: Guild Resource, "List Active Guild Threads"."""
        found = [c for c in self.channels.values() if self._is_thread(c.id) and not c.archived]
        return {"threads": [self.as_json(c) for c in found if "VIEW_CHANNEL" not in c.denied], "members": []}

    def archived_threads(self, parent: str, kind: int) -> Json:
        """Source: Channel Resource, "List Public Archived Threads", "List Joined Private Archived Threads"."""
        self.reach(parent, "READ_MESSAGE_HISTORY")
        found = [c for c in self.channels.values() if c.type == kind and c.archived and c.parent == parent]
        return {"threads": [self.as_json(c) for c in found], "members": [], "has_more": False}

    def _is_thread(self, channel_id: str) -> bool:
        return channel_id in self.channels and self.channels[channel_id].type in (PUBLIC_THREAD, PRIVATE_THREAD)

    def _iso(self) -> str:
        return datetime.fromtimestamp(self.now(), UTC).isoformat()


def _tag(tag: str, name: str) -> Json:
    return {"id": tag, "name": name, "moderated": False, "emoji_id": None, "emoji_name": None}


def found_in(channel: Channel, words: str) -> list[Any]:
    """The messages of a channel whose content begins so."""
    return [message for message in channel.messages if message["content"].startswith(words)]


def _called_roles(body: Json) -> list[str]:
    """The roles that a message notifies: those in its content that it may mention."""
    allowed = (body.get("allowed_mentions") or {}).get("roles") or []
    return [role for role in allowed if f"<@&{role}>" in (body.get("content") or "")]
