"""Reads Slack's events and message shortcuts. Pure, like `inbound`."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from bot.commands import catalog
from bot.commands.fields import ParseContext
from bot.commands.invocation import Account, Invocation, Place
from bot.platforms.slack.inbound import PLATFORM, PREFIX, Ask, Payload, Read, Way, Work, plain_line, read_line

NOTE_MESSAGE = f"{PREFIX}note_message"  # callback ids of the message shortcuts
DECLARE_MESSAGE = f"{PREFIX}declare_message"
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
class Message:
    """A message that becomes a note. Without text it has to be fetched first."""

    channel: str
    ts: str
    thread: str = ""
    user: str = ""
    text: str = ""


def read_event(payload: Payload, reading: ParseContext, me: str) -> Read | Joined | HomeOpened | None:
    """What to do about an event, or None. `me` is our own user id."""
    event = payload["event"]
    user = event.get("user", "")
    if not user or user == me or event.get("bot_id"):
        return None
    key = f"{PLATFORM}:{payload['event_id']}"
    match event["type"]:
        case "app_mention":
            way = Way(user, event["channel"], thread=event.get("thread_ts", ""), spoken=True)
            line = re.sub(rf"<@{re.escape(me)}(?:\|[^>]*)?>", " ", event.get("text", ""), count=1)
            return read_line(line, key, way, reading)
        case "reaction_added" if event.get("reaction") == PUSHPIN and event["item"].get("type") == "message":
            item = event["item"]
            return noted(Message(item["channel"], item["ts"]), Way(user, item["channel"], spoken=True), key)
        case "member_joined_channel":
            return Joined(user, event["channel"], event.get("channel_type") == "G")
        case "app_home_opened" if event.get("tab", "home") == "home":
            return HomeOpened(user)
        case _:
            return None


def read_shortcut(payload: Payload, reading: ParseContext) -> Read:
    """The shortcuts "Add to timeline" and "Declare from this message"."""
    given = payload["message"]
    channel = payload["channel"]["id"]
    way = Way(payload["user"]["id"], channel, payload["trigger_id"], payload.get("response_url", ""))
    key = f"{PLATFORM}:{payload['trigger_id']}"
    if payload["callback_id"] == DECLARE_MESSAGE:
        command = catalog.COMMANDS["declare"]
        title = " ".join(plain_line(given.get("text", ""), to_channel=False).split())[:TITLE]
        typed = {"title": title} if title else {}
        where = Place(PLATFORM, channel)
        invocation = Invocation("declare", typed, Account(PLATFORM, way.user), where, key)
        return Ask(invocation, command.form(reading.organisation, typed, {}), False, way)
    user = given.get("user") or given.get("username") or given.get("bot_id") or ""
    message = Message(channel, given["ts"], given.get("thread_ts", ""), user, given.get("text", ""))
    return noted(message, way, key)


def noted(message: Message, way: Way, key: str) -> Work:
    """The command that adds a message to the timeline; its text is composed when it runs."""
    where = Place(PLATFORM, message.channel)
    invocation = Invocation("note", {}, Account(PLATFORM, way.user), where, key)
    return Work(invocation, True, way, message=message_as(message))


def message_as(message: Message) -> Mapping[str, str]:
    """The form stored in the inbox."""
    return {name: value for name, value in message.__dict__.items() if value}
