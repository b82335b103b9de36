"""What Slack does with channels as rooms: made, furnished, joined, archived; home tabs, user groups and files.

Each behaviour names its page of docs.slack.dev/reference/methods.
"""

import re
from typing import Any

from tests.fakes.slack_checks import RefusedError, check_blocks

Json = dict[str, Any]

# Any one of these lets a bot call the method; "channels" stands for public channels, "groups" for private ones.
# Source: the "Required scopes" of each method's page.
SCOPES: dict[str, tuple[str, ...]] = {
    "bookmarks.add": ("bookmarks:write",),
    "bookmarks.list": ("bookmarks:read",),
    "chat.delete": ("chat:write",),
    "chat.postEphemeral": ("chat:write",),
    "chat.postMessage": ("chat:write",),
    "chat.update": ("chat:write",),
    "conversations.archive": ("channels:manage", "groups:write"),
    "conversations.create": ("channels:manage", "groups:write"),
    "conversations.history": ("channels:history", "groups:history", "im:history"),
    "conversations.info": ("channels:read", "groups:read"),
    "conversations.invite": ("channels:manage", "groups:write"),
    "conversations.join": ("channels:join",),
    "conversations.kick": ("channels:manage", "groups:write"),
    "conversations.list": ("channels:read", "groups:read"),
    "conversations.open": ("im:write",),
    "conversations.replies": ("channels:history", "groups:history", "im:history"),
    "conversations.setPurpose": ("channels:manage", "groups:write"),
    "conversations.setTopic": ("channels:manage", "groups:write"),
    "files.completeUploadExternal": ("files:write",),
    "files.delete": ("files:write",),
    "files.getUploadURLExternal": ("files:write",),
    "pins.add": ("pins:write",),
    "usergroups.list": ("usergroups:read",),
    "usergroups.users.list": ("usergroups:read",),
    "users.info": ("users:read",),
    "users.list": ("users:read",),
}
BY_KIND = {"public": "channels", "private": "groups", "im": "im"}


def scope_needed(method: str, kind: str) -> str:
    """The scope for this kind of channel: `public`, `private` or `im`."""
    scopes = SCOPES.get(method, ())
    own = [scope for scope in scopes if scope.startswith(f"{BY_KIND.get(kind, '')}:")]
    return (own or list(scopes) or [""])[0]


class RoomMethods:
    """Mixed into the workspace, which has channels, users and ids."""

    channels: dict[str, Any]
    users: dict[str, str]
    homes: dict[str, Json]
    user_groups: dict[str, list[str]]
    group_handles: dict[str, str]
    files: dict[str, Json]

    def do_conversations_create(self: Any, given: Json) -> Json:
        name = given["name"]
        if not re.fullmatch(r"[a-z0-9_-]{1,80}", name):
            raise RefusedError("invalid_name_specials")
        if any(channel.name == name for channel in self.channels.values()):
            raise RefusedError("name_taken")  # archived ones keep their names too
        private = str(given.get("is_private", "")).lower() in ("1", "true")
        channel = self.add_channel(self.new_id("C0NEW"), name, self.bot, private=private)
        channel.creator, channel.created = self.bot, int(self.now())
        return {"channel": self._described(channel)}

    def do_conversations_list(self: Any, given: Json) -> Json:
        kinds = str(given.get("types", "public_channel")).split(",")
        found = [
            self._described(channel)
            for channel in self.channels.values()
            if not channel.im
            and ("private_channel" if channel.private else "public_channel") in kinds
            and (not channel.private or self.bot in channel.members)
            and not (channel.archived and str(given.get("exclude_archived", "")).lower() in ("1", "true"))
        ]
        start, size = int(given.get("cursor") or 0), int(given.get("limit", 100))
        more = str(start + size) if start + size < len(found) else ""
        return {"channels": found[start : start + size], "response_metadata": {"next_cursor": more}}

    def do_conversations_info(self: Any, given: Json) -> Json:
        return {"channel": self._described(self._known(given["channel"]))}

    def _described(self: Any, channel: Any) -> Json:
        return {
            "id": channel.id, "name": channel.name, "is_private": channel.private, "is_archived": channel.archived,
            "is_member": self.bot in channel.members, "creator": channel.creator, "created": channel.created,
            "is_ext_shared": channel.shared,
            "topic": {"value": channel.topic}, "purpose": {"value": channel.purpose},
        }  # fmt: skip

    def do_conversations_invite(self: Any, given: Json) -> Json:
        channel = self._readable(given["channel"])
        if channel.archived:
            raise RefusedError("is_archived")
        wanted = str(given["users"]).split(",")
        errors = [
            {"user": user, "ok": False, "error": "cant_invite_self" if user == self.bot else "already_in_channel"}
            for user in wanted
            if user in channel.members
        ] + [{"user": user, "ok": False, "error": "user_not_found"} for user in wanted if user not in self.users]
        errors = [each for each in errors if each["user"] != self.bot or each["error"] == "cant_invite_self"]
        if errors:  # nobody is invited, unless forced
            raise RefusedError(str(errors[0]["error"]), errors=errors)
        channel.members.update(wanted)
        return {"channel": self._described(channel)}

    def do_conversations_kick(self: Any, given: Json) -> Json:
        channel = self._readable(given["channel"])
        if given["user"] not in channel.members:
            raise RefusedError("not_in_channel")
        channel.members.discard(given["user"])
        return {}

    def do_conversations_setTopic(self: Any, given: Json) -> Json:  # noqa: N802
        if len(given["topic"]) > 250:
            raise RefusedError("too_long")
        channel = self._furnished(given["channel"])
        channel.topic = given["topic"]
        return {"channel": self._described(channel)}

    def do_conversations_setPurpose(self: Any, given: Json) -> Json:  # noqa: N802
        if len(given["purpose"]) > 250:
            raise RefusedError("too_long")
        channel = self._furnished(given["channel"])
        channel.purpose = given["purpose"]
        return {"channel": self._described(channel)}

    def do_conversations_archive(self: Any, given: Json) -> Json:
        channel = self._readable(given["channel"])
        if channel.archived:
            raise RefusedError("already_archived")
        channel.archived = True
        return {}

    def do_pins_add(self: Any, given: Json) -> Json:
        channel = self._furnished(given["channel"])
        message = self._find(channel, given.get("timestamp", ""))
        if message is None or message.get("subtype") == "tombstone":
            raise RefusedError("message_not_found")
        if given["timestamp"] in channel.pins:
            raise RefusedError("already_pinned")
        channel.pins.append(given["timestamp"])
        return {}

    def do_bookmarks_add(self: Any, given: Json) -> Json:
        channel = self._furnished(given["channel_id"])
        if given["type"] != "link" or not str(given.get("link", "")).startswith("http"):
            raise RefusedError("invalid_arguments")
        channel.bookmarks.append({"id": self.new_id("Bk"), "title": given["title"], "link": given["link"]})
        return {"bookmark": channel.bookmarks[-1]}

    def do_bookmarks_list(self: Any, given: Json) -> Json:
        return {"bookmarks": list(self._furnished(given["channel_id"]).bookmarks)}

    def _furnished(self: Any, name: str) -> Any:
        channel = self._readable(name)
        if channel.archived:
            raise RefusedError("is_archived")
        return channel

    def do_usergroups_users_list(self: Any, given: Json) -> Json:
        if given["usergroup"] not in self.user_groups:
            raise RefusedError("no_such_subteam")
        return {"users": self.user_groups[given["usergroup"]]}

    def do_usergroups_list(self: Any, _given: Json) -> Json:
        return {"usergroups": [{"id": group, "handle": self.group_handles.get(group, group.lower())}
                               for group in self.user_groups]}  # fmt: skip

    def do_users_list(self: Any, given: Json) -> Json:
        """Deactivated people, bots and guests are in it too; docs.slack.dev, users.list."""
        found = [self.do_users_info({"user": user})["user"] for user in self.users]
        start, size = int(given.get("cursor") or 0), int(given.get("limit") or len(found))
        more = str(start + size) if start + size < len(found) else ""
        return {"members": found[start : start + size], "response_metadata": {"next_cursor": more}}

    def do_views_publish(self: Any, given: Json) -> Json:
        """A home tab: up to 100 blocks; reference of views."""
        view = given["view"]
        blocks = view.get("blocks") or []
        if given["user_id"] not in self.users:
            raise RefusedError("user_not_found")
        if view.get("type") != "home" or not 1 <= len(blocks) <= 100 or "submit" in view or "title" in view:
            raise RefusedError("invalid_arguments", "a home view has 1 to 100 blocks and no title")
        check_blocks(blocks, "home")
        self.homes[given["user_id"]] = view
        return {"view": {**view, "id": self.new_id("V")}}

    def do_files_getUploadURLExternal(self: Any, given: Json) -> Json:  # noqa: N802
        if not given.get("filename") or int(given.get("length", 0)) < 1:
            raise RefusedError("invalid_arguments")
        file = self.new_id("F")
        self.files[file] = {"name": given["filename"], "length": int(given["length"])}
        return {"upload_url": f"{self.url}/upload/{file}", "file_id": file}

    def do_files_delete(self: Any, given: Json) -> Json:
        if self.files.pop(given["file"], None) is None:
            raise RefusedError("file_not_found")
        for channel in self.channels.values():
            gone = [m for m in channel.messages if any(f["id"] == given["file"] for f in m.get("files", ()))]
            channel.messages[:] = [message for message in channel.messages if message not in gone]
        return {}

    def do_files_completeUploadExternal(self: Any, given: Json) -> Json:  # noqa: N802
        files = given["files"]
        for each in files:
            found = self.files.get(each["id"])
            if found is None or "content" not in found:
                raise RefusedError("file_not_found")
            channel = self._direct(given["channel_id"]) if given["channel_id"] in self.users else None
            channel = channel or self._writable(given["channel_id"])
            shared = {"type": "message", "user": self.bot, "ts": self.new_ts(), "text": found["name"], "blocks": []}
            if given.get("initial_comment"):
                shared["text"] = given["initial_comment"]
            if given.get("thread_ts"):
                shared["thread_ts"] = given["thread_ts"]
            channel.messages.append({**shared, "files": [{"id": each["id"], "name": found["name"]}]})
        return {"files": files}
