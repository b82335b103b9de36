"""A workspace of Slack: people, channels, messages, open forms, and what its Web API does with them."""

import itertools
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.slack_checks import RefusedError, check_arguments, check_message, check_view
from tests.fakes.slack_rooms import RoomMethods, scope_needed

TEAM = "T0FOGHORN"
BOT = "U0FOGHORN"
BOT_ID = "B0FOGHORN"
TRIGGER_LASTS_S = 3.0  # docs.slack.dev, "Modals": a trigger_id expires 3 seconds after it was sent
URL_LASTS_S = 30 * 60  # docs.slack.dev, "Handling user interaction": response_url, 5 times within 30 minutes
URL_USES = 5
RATE_WINDOW_S, RATE_BURST = 5, 5

Json = dict[str, Any]


@dataclass
class Channel:
    """A public or private channel, or a direct message."""

    id: str
    name: str = ""
    private: bool = False
    im: str = ""  # whose direct message with the app
    archived: bool = False
    read_only: bool = False  # only some people may post; docs.slack.dev, chat.postMessage, restricted_action
    shared: bool = False  # with another organization, by Slack Connect
    members: set[str] = field(default_factory=set)
    messages: list[Json] = field(default_factory=list)
    topic: str = ""
    purpose: str = ""
    creator: str = ""
    created: int = 0
    pins: list[str] = field(default_factory=list)
    bookmarks: list[Json] = field(default_factory=list)

    @property
    def kind(self) -> str:
        return "im" if self.im else "private" if self.private else "public"


@dataclass
class Trigger:
    """A permission to open a form."""

    user: str
    at: float
    used: bool = False


@dataclass
class Address:
    """A response_url; `message`: the one that was clicked."""

    user: str
    channel: str
    at: float
    uses: int = 0
    message: Json | None = None


class Workspace(RoomMethods):
    """State and rules; `now` is the workspace's own clock, in seconds."""

    def __init__(self, now: Callable[[], float]) -> None:
        self.now = now
        self.bot_token = "xoxb-fake"
        self.app_token = "xapp-fake"
        self.bot = BOT
        self.url = ""
        self.scopes: set[str] | None = None  # granted to the app; None: all
        self.refuses: dict[str, str] = {}  # method -> the error of every call
        self.unknown: set[str] = set()  # methods this server does not have
        self.users: dict[str, str] = {}
        self.profiles: dict[str, Json] = {}  # what users.info says besides, such as is_restricted
        self.homes: dict[str, Json] = {}
        self.user_groups: dict[str, list[str]] = {}
        self.group_handles: dict[str, str] = {}  # without an entry: the id in lower case
        self.files: dict[str, Json] = {}
        self.channels: dict[str, Channel] = {}
        self.views: dict[str, Json] = {}
        self.open_views: dict[str, list[str]] = {}  # user -> ids of the stacked forms
        self.ephemerals: dict[str, list[Json]] = {}
        self.triggers: dict[str, Trigger] = {}
        self.addresses: dict[str, Address] = {}
        self.calls: list[tuple[str, Json]] = []
        self.rates = True  # False: a day is played in a minute
        self._posted: dict[str, deque[float]] = {}
        self._number = itertools.count(1)

    # ---- what tests set up

    def add_user(self, user: str, name: str) -> str:
        self.users[user] = name
        return user

    def add_channel(self, channel: str, name: str, *members: str, private: bool = False) -> Channel:
        self.channels[channel] = Channel(channel, name, private, members=set(members))
        return self.channels[channel]

    def new_id(self, prefix: str) -> str:
        return f"{prefix}{next(self._number):08d}"

    def new_ts(self) -> str:
        """Unique within a channel, and the time of the message in seconds."""
        return f"{int(self.now())}.{next(self._number):06d}"

    def new_trigger(self, user: str) -> str:
        trigger = f"{next(self._number)}.{next(self._number)}.{'ab' * 16}"
        self.triggers[trigger] = Trigger(user, self.now())
        return trigger

    # ---- methods of the Web API

    def call(self, method: str, arguments: Json, token: str) -> Json:
        """Token, arguments, then the method itself. Raises RefusedError."""
        self.calls.append((method, arguments))
        if not token:
            raise RefusedError("not_authed")
        wanted = self.app_token if method == "apps.connections.open" else self.bot_token
        if token != wanted:
            raise RefusedError(
                "not_allowed_token_type" if token in (self.app_token, self.bot_token) else "invalid_auth"
            )
        check_arguments(method, arguments)
        if method in self.unknown:
            raise RefusedError("unknown_method")
        if method in self.refuses:
            raise RefusedError(self.refuses[method])
        self._check_scope(method, arguments)
        if method == "chat.postMessage":
            self._check_rate(arguments["channel"])
        does: Callable[[Json], Json] = getattr(self, "do_" + method.replace(".", "_"))
        return {"ok": True, **does(arguments)}

    def _check_rate(self, channel: str) -> None:
        """Source: docs.slack.dev, "Rate limits": chat.postMessage about once a second in a channel, short bursts."""
        now = time.monotonic()
        recent = self._posted.setdefault(channel, deque())
        while recent and now - recent[0] > RATE_WINDOW_S:
            recent.popleft()
        if self.rates and len(recent) >= RATE_WINDOW_S + RATE_BURST:
            raise RefusedError("ratelimited", retry_after=RATE_WINDOW_S)
        recent.append(now)

    def _check_scope(self, method: str, given: Json) -> None:
        """Source: docs.slack.dev, "missing_scope": the answer names what is needed and what was provided."""
        name = given.get("channel") or given.get("channel_id") or ""
        private = str(given.get("is_private", "")).lower() in ("1", "true")
        channel = self.channels.get(name)
        kind = channel.kind if channel else "im" if name in self.users else "private" if private else "public"
        needed = scope_needed(method, kind)
        if self.scopes is not None and needed and needed not in self.scopes:
            raise RefusedError("missing_scope", needed=needed, provided=",".join(sorted(self.scopes)))

    def do_auth_test(self, _arguments: Json) -> Json:
        return {"url": "https://example.slack.com/", "team": "Example", "user": "foghorn", "team_id": TEAM,
                "user_id": BOT, "bot_id": BOT_ID, "is_enterprise_install": False}  # fmt: skip

    def do_chat_postMessage(self, given: Json) -> Json:  # noqa: N802
        channel = self._writable(given["channel"])
        check_message(given)
        message = {"type": "message", "user": BOT, "bot_id": BOT_ID, "ts": self.new_ts(), "text": given.get("text", ""),
                   "blocks": given.get("blocks", [])}  # fmt: skip
        message |= {name: given[name] for name in ("metadata", "thread_ts") if name in given}
        if "thread_ts" in given:
            parent = self._find(channel, given["thread_ts"])
            if parent is None:  # posted into the channel without a word; measured in slack-go issue 1571
                del message["thread_ts"]
            else:
                parent["latest_reply"] = message["ts"]
                parent["reply_count"] = parent.get("reply_count", 0) + 1
                parent.setdefault("thread_ts", parent["ts"])
            if parent is not None and given.get("reply_broadcast"):
                message["subtype"] = "thread_broadcast"
        channel.messages.append(message)
        return {"channel": channel.id, "ts": message["ts"], "message": message}

    def do_chat_delete(self, given: Json) -> Json:
        """Source: docs.slack.dev, chat.delete: a bot deletes only its own messages."""
        channel = self._writable(given["channel"])
        message = self._find(channel, given["ts"])
        if message is None or message.get("subtype") == "tombstone":
            raise RefusedError("message_not_found")
        if message.get("bot_id") != BOT_ID:
            raise RefusedError("cant_delete_message")
        self.delete(channel.id, given["ts"])
        return {"channel": channel.id, "ts": given["ts"]}

    def delete(self, channel_id: str, ts: str) -> None:
        """A message is deleted, by a moderator or by the app; with replies, a tombstone stays in its place.

        Source of the tombstone: vscode-github-triage-actions pull request 78, xgovslackbot issue 44. What chat.update
        answers for one is our assumption: as for any deleted message.
        """
        channel = self.channels[channel_id]
        message = self._find(channel, ts)
        assert message is not None
        channel.pins = [pinned for pinned in channel.pins if pinned != ts]
        if message.get("reply_count"):
            about = {name: message[name] for name in ("type", "ts", "thread_ts", "reply_count", "latest_reply")}
            message.clear()
            message.update(about, subtype="tombstone", user="USLACKBOT", text="This message was deleted.", blocks=[])
        else:
            channel.messages.remove(message)

    def do_chat_update(self, given: Json) -> Json:
        channel = self._writable(given["channel"])
        message = self._find(channel, given["ts"])
        if message is None or message.get("subtype") == "tombstone":
            raise RefusedError("message_not_found")
        if message.get("bot_id") != BOT_ID:
            raise RefusedError("cant_update_message")
        check_message(given)
        # docs.slack.dev, chat.update: blocks that are not given again are removed; metadata stays unless given
        message |= {"text": given.get("text", ""), "blocks": given.get("blocks", [])}
        message |= {name: given[name] for name in ("metadata",) if name in given}
        return {"channel": channel.id, "ts": message["ts"], "text": message["text"], "message": message}

    def do_chat_postEphemeral(self, given: Json) -> Json:  # noqa: N802
        channel = self._writable(given["channel"])
        if given["user"] not in channel.members:
            raise RefusedError("user_not_in_channel")
        check_message(given)
        self.show_privately(given["user"], channel.id, given)
        return {"message_ts": self.new_ts()}

    def do_conversations_history(self, given: Json) -> Json:
        channel = self._readable(given["channel"])
        shown = [m for m in channel.messages if m.get("thread_ts", m["ts"]) == m["ts"] or m.get("subtype")]
        return self._page(shown[::-1], given)

    def do_conversations_replies(self, given: Json) -> Json:
        channel = self._readable(given["channel"])
        if self._find(channel, given["ts"]) is None:
            raise RefusedError("thread_not_found")
        return self._page([m for m in channel.messages if given["ts"] in (m["ts"], m.get("thread_ts"))], given)

    def do_conversations_join(self, given: Json) -> Json:
        channel = self._known(given["channel"])
        if channel.im:
            raise RefusedError("method_not_supported_for_channel_type")
        if channel.archived:
            raise RefusedError("is_archived")
        channel.members.add(BOT)
        return {"channel": {"id": channel.id, "name": channel.name}}

    def do_conversations_open(self, given: Json) -> Json:
        return {"channel": {"id": self._direct(given["users"]).id}}

    def do_users_info(self, given: Json) -> Json:
        if given["user"] not in self.users:
            raise RefusedError("user_not_found")
        name = self.users[given["user"]]
        user = {"id": given["user"], "team_id": TEAM, "name": name, "real_name": name.title(), "deleted": False,
                "is_bot": False, "is_restricted": False, "is_ultra_restricted": False}  # fmt: skip
        return {"user": {**user, **self.profiles.get(given["user"], {})}}

    def do_views_open(self, given: Json) -> Json:
        user = self._exchange(given.get("trigger_id", ""))
        self.open_views[user] = []
        return self._show(user, given["view"])

    def do_views_push(self, given: Json) -> Json:
        user = self._exchange(given.get("trigger_id", ""))
        if len(self.open_views.get(user, [])) >= 3:
            raise RefusedError("push_limit_reached")
        return self._show(user, given["view"])

    def do_views_update(self, given: Json) -> Json:
        view = self.views.get(given.get("view_id", ""))
        if view is None or not any(view["id"] in stack for stack in self.open_views.values()):
            raise RefusedError("not_found")
        if given.get("hash", view["hash"]) != view["hash"]:
            raise RefusedError("hash_conflict")
        return {"view": self.replace_view(view, given["view"])}

    # ---- what the server and the people use too

    def replace_view(self, view: Json, new: Json) -> Json:
        """Put another form in the place of an open one."""
        check_view(new)
        view.update({"private_metadata": "", **new, "hash": self.new_id("h")})
        return view

    def show_privately(self, user: str, channel: str, message: Json) -> None:
        self.ephemerals.setdefault(user, []).append({"channel": channel, **message})

    def respond(self, url: str, given: Json) -> None:
        """A message to a response_url. Raises RefusedError."""
        known = {"text", "blocks", "attachments", "response_type", "replace_original", "delete_original", "thread_ts",
                 "unfurl_links", "unfurl_media", "mrkdwn", "metadata"}  # fmt: skip
        address = self.addresses.get(url)
        if address is None or self.now() - address.at > URL_LASTS_S:
            raise RefusedError("expired_url")
        if address.uses >= URL_USES:
            raise RefusedError("used_url")
        if unknown := given.keys() - known:
            raise RefusedError("invalid_arg_name", *sorted(unknown))
        check_message(given)
        address.uses += 1
        if given.get("replace_original") and address.message is not None:
            address.message.update({"text": given["text"], "blocks": given.get("blocks", [])})
        elif given.get("response_type") == "in_channel":
            message = {"type": "message", "user": BOT, "bot_id": BOT_ID, "ts": self.new_ts()}
            self.channels[address.channel].messages.append(
                {**message, "text": given["text"], "blocks": given["blocks"]}
            )
        else:
            self.show_privately(address.user, address.channel, given)

    def _exchange(self, trigger_id: str) -> str:
        trigger = self.triggers.get(trigger_id)
        if trigger is None:
            raise RefusedError("invalid_trigger_id")
        if trigger.used:
            raise RefusedError("exchanged_trigger_id")
        if self.now() - trigger.at > TRIGGER_LASTS_S:
            raise RefusedError("expired_trigger_id")
        trigger.used = True
        return trigger.user

    def _show(self, user: str, view: Json) -> Json:
        check_view(view)
        if view.get("external_id") in {v.get("external_id") for v in self.views.values()} - {None}:
            raise RefusedError("duplicate_external_id")
        shown = {"private_metadata": "", **view, "id": self.new_id("V"), "team_id": TEAM, "hash": self.new_id("h"),
                 "state": {"values": {}}}  # fmt: skip
        self.views[shown["id"]] = shown
        self.open_views.setdefault(user, []).append(shown["id"])
        return {"view": shown}

    def _known(self, name: str) -> Channel:
        channel = self.channels.get(name)
        if channel is None or ((channel.private or channel.im) and BOT not in channel.members):
            raise RefusedError("channel_not_found")
        return channel

    def _direct(self, user: str) -> Channel:
        if user not in self.users:
            raise RefusedError("user_not_found")
        found = next((channel for channel in self.channels.values() if channel.im == user), None)
        if found is None:
            found = self.channels["D" + user] = Channel("D" + user, im=user, members={BOT, user})
        return found

    def _writable(self, name: str) -> Channel:
        channel = self._direct(name) if name in self.users else self._known(name)
        if channel.archived:
            raise RefusedError("is_archived")
        if BOT not in channel.members:  # chat:write alone; docs.slack.dev, scope chat:write.public
            raise RefusedError("not_in_channel")
        if channel.read_only:
            raise RefusedError("restricted_action_read_only_channel")
        return channel

    def _readable(self, name: str) -> Channel:
        channel = self._known(name)
        if BOT not in channel.members:
            raise RefusedError("not_in_channel")
        return channel

    def _find(self, channel: Channel, ts: str) -> Json | None:
        return next((message for message in channel.messages if message["ts"] == ts), None)

    def _page(self, messages: list[Json], given: Json) -> Json:
        """Bounds are exclusive unless `inclusive`; metadata comes only when asked for."""
        oldest, latest = float(given.get("oldest", 0)), float(given.get("latest", "inf"))
        if str(given.get("inclusive", "")).lower() in ("1", "true"):
            shown = [m for m in messages if oldest <= float(m["ts"]) <= latest]
        else:
            shown = [m for m in messages if oldest < float(m["ts"]) < latest]
        start, size = int(given.get("cursor") or 0), int(given.get("limit", 100))
        page = [dict(m) for m in shown[start : start + size]]
        if str(given.get("include_all_metadata", "")).lower() not in ("1", "true"):
            page = [{k: v for k, v in m.items() if k != "metadata"} for m in page]
        more = start + size < len(shown)
        return {
            "messages": page,
            "has_more": more,
            "response_metadata": {"next_cursor": str(start + size) if more else ""},
        }
