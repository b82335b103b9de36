"""Reads Slack's events and message shortcuts. Pure, like `inbound`."""

import re
from dataclasses import dataclass

from bot.commands import catalog
from bot.commands.catalog import Command
from bot.commands.fields import ParseContext
from bot.commands.rooms import Change, archived, moved, renamed, unarchived, usable
from bot.intake.requests import ChatRequest, OpenForm, ReplyTarget, RunCommand, invoke
from bot.platforms.slack.inbound import PLATFORM, PREFIX, Payload, plain_line, read_line, requester

SHORTCUT = "_message"  # end of the callback ids of message shortcuts: `fh:note_message`
PUSHPIN = "pushpin"
TITLE = 200


@dataclass(frozen=True)
class Joined:
    """Someone joined a channel."""

    user: str
    channel: str
    private: bool


@dataclass(frozen=True)
class HomeOpened:
    """Someone opened Foghorn's Home tab."""

    user: str


@dataclass(frozen=True)
class ChannelChanged:
    """A channel has another name or ID, or Foghorn can write there again."""

    change: Change


@dataclass(frozen=True)
class SourceMessage:
    """A message that becomes a note. Without text it has to be fetched first."""

    channel: str
    ts: str
    thread: str = ""
    user: str = ""
    text: str = ""


Event = ChatRequest | Joined | HomeOpened | ChannelChanged


def read_event(payload: Payload, reading: ParseContext, me: str) -> Event | None:
    """What to do about an event, or None. `me` is our own user id."""
    event = payload["event"]
    match event["type"]:
        case "channel_rename" | "group_rename":
            return ChannelChanged(renamed(PLATFORM, event["channel"]["id"], event["channel"]["name"]))
        case "channel_archive" | "group_archive":
            return ChannelChanged(archived(PLATFORM, event["channel"]))
        case "channel_unarchive" | "group_unarchive":
            return ChannelChanged(unarchived(PLATFORM, event["channel"]))
        case "member_joined_channel" if event.get("user") == me:
            return ChannelChanged(usable(PLATFORM, event["channel"]))
        case "channel_id_changed":  # for example since it was shared or made private
            return ChannelChanged(moved(PLATFORM, event["old_channel_id"], event["new_channel_id"]))
    user = event.get("user", "")
    if not user or user == me or event.get("bot_id"):
        return None
    key = payload["event_id"]
    match event["type"]:
        case "app_mention":
            reply_to = ReplyTarget(user, event["channel"], thread=event.get("thread_ts", ""), spoken=True)
            line = re.sub(rf"<@{re.escape(me)}(?:\|[^>]*)?>", " ", event.get("text", ""), count=1)
            return read_line(line, key, reply_to, reading)
        case "reaction_added" if event.get("reaction") == PUSHPIN and event["item"].get("type") == "message":
            item = event["item"]
            message = SourceMessage(item["channel"], item["ts"])
            return _with_message(catalog.of_message(), message, key, ReplyTarget(user, item["channel"], spoken=True))
        case "member_joined_channel":
            return Joined(user, event["channel"], event.get("channel_type") == "G")
        case "app_home_opened" if event.get("tab", "home") == "home":
            return HomeOpened(user)
        case _:
            return None


def read_shortcut(payload: Payload, reading: ParseContext) -> ChatRequest:
    """The shortcuts "Add to timeline" and "Declare from this message"."""
    given, key = payload["message"], payload["trigger_id"]
    channel = payload["channel"]["id"]
    reply_to = ReplyTarget(payload["user"]["id"], channel, payload.get("response_url", ""), key)
    command = catalog.find(payload["callback_id"].removeprefix(PREFIX).removesuffix(SHORTCUT))
    if command.message_menu:
        user = given.get("user") or given.get("username") or given.get("bot_id") or ""
        message = SourceMessage(channel, given["ts"], given.get("thread_ts", ""), user, given.get("text", ""))
        return _with_message(command, message, key, reply_to)
    text = " ".join(plain_line(given.get("text", ""), to_channel=False).split())[:TITLE]
    typed = {command.fields[0].name: text} if text else {}
    form = command.form(reading.organisation, typed, {})
    return OpenForm(invoke(command, typed, requester(key, reply_to)), reply_to, form, prefill=False)


def _with_message(command: Command, message: SourceMessage, key: str, reply_to: ReplyTarget) -> RunCommand:
    """The command that takes a message as its text; the text is composed when it runs."""
    kept = {name: value for name, value in message.__dict__.items() if value}
    return RunCommand(invoke(command, {}, requester(key, reply_to)), reply_to, message=kept)
