"""Reads Slack's payloads. Pure: it needs only the payload and the catalog, so it is fast.

Ids in a payload never grant permission: the command checks the account and reads every field again.
"""

import html
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from bot.commands import catalog
from bot.commands.command import is_anything
from bot.commands.fields import ParseContext
from bot.commands.invocation import Account, Place
from bot.errors import InvalidField
from bot.intake import requests
from bot.intake.conflicts import chosen
from bot.intake.requests import ChatRequest, OpenForm, Reply, ReplyTarget, Requester, RunCommand
from bot.platforms.slack.submitted import answered
from bot.views import Form, Notice, Sentence, say
from bot.views.notices import OLD_BUTTON

PREFIX = "fh:"  # of action_id and callback_id: `fh:snooze`
DELIVERED = "delivered"  # block_id of the buttons of a message that the outbox keeps current
PLATFORM = "slack"
ADD_ROW = "row"  # used in place of a verb: the select in a form that adds a component
OPEN_FORM = "form"  # used in place of a verb: the button opens the form of the command it carries
NOTHING_TYPED = InvalidField(typed="Nothing", wanted="an update. Write what is new, or choose another stage")

Payload = Mapping[str, Any]


@dataclass(frozen=True)
class FieldErrors:
    """The problems in a submitted form, by field."""

    errors: Mapping[str, Sentence]


@dataclass(frozen=True)
class AddRow:
    """A component that was chosen in an open form, which gets a row for it."""

    view: Payload
    action: Payload


def read_command(payload: Payload, reading: ParseContext) -> ChatRequest:
    """`/incident snooze 10m`."""
    trigger, handle = payload["trigger_id"], payload.get("response_url", "")
    name = payload.get("user_name", "")
    reply_to = ReplyTarget(payload["user_id"], payload["channel_id"], handle, trigger, name=name)
    return read_line(payload.get("text") or "", trigger, reply_to, reading)


def read_click(payload: Payload, reading: ParseContext) -> ChatRequest | AddRow:
    """A click: verb and value make the command that a person would have typed."""
    action = payload["actions"][0]
    verb = action["action_id"].removeprefix(PREFIX).partition("#")[0]
    if verb == ADD_ROW:
        return AddRow(payload["view"], action)
    channel = payload.get("channel") or {}
    container = payload.get("container") or {}
    delivered = str(action.get("block_id", "")).startswith(DELIVERED)
    private = bool(container.get("is_ephemeral")) or str(channel.get("id", "")).startswith("D")
    on_private_message = container.get("type") == "message" and private and not delivered
    command = catalog.COMMANDS.get(verb.rstrip("!"))
    trigger = payload.get("trigger_id", "")
    reply_to = ReplyTarget(
        payload["user"]["id"],
        channel.get("id", ""),
        payload.get("response_url", ""),
        trigger,
        clicked=True,
        replaces=on_private_message and command is not None and command.settles,
        name=payload["user"].get("name", ""),
    )
    if verb == OPEN_FORM:
        return _read_form_button(action["value"], trigger, reply_to, reading)
    if not action["action_id"].startswith(PREFIX) or command is None:
        return Reply(Notice(say(OLD_BUTTON), refused=True), reply_to)
    return read_line(f"{verb} {action.get('value') or ''}", trigger, reply_to, reading)


def _read_form_button(line: str, trigger: str, reply_to: ReplyTarget, reading: ParseContext) -> ChatRequest:
    """The form of an "Open form" button. It never runs the command, even if nothing is missing."""
    verb, typed = catalog.read_line(line)
    command = catalog.find(verb)
    if not is_anything(typed):
        return read_line(line, trigger, reply_to, reading)
    parsed = command.parse(typed, reading)
    form = command.form(reading.organisation, typed, parsed.problems)
    if command.prefill is None:
        shown = (field for field in form.fields if field.typed or field.required or field.problem)
        form = replace(form, fields=tuple(shown))
    invocation = requests.invoke(command, typed, requester("", reply_to))
    return OpenForm(invocation, reply_to, form, prefill=command.prefill is not None)


def read_submission(payload: Payload, reading: ParseContext) -> RunCommand | FieldErrors | Reply:
    """A submitted form; its field errors are found here, without the database."""
    view = payload["view"]
    carried = json.loads(view.get("private_metadata") or "{}")
    reply_to = ReplyTarget(
        payload["user"]["id"],
        carried.get("channel", ""),
        carried.get("url", ""),
        payload.get("trigger_id", ""),
        replaces=bool(carried.get("replaces")),
        submitted=view,
        name=payload["user"].get("name", ""),
    )
    command = catalog.COMMANDS[view["callback_id"].removeprefix(PREFIX)]
    filled, contradictions = answered(view, reading.organisation.zone)
    typed = chosen({**dict(carried.get("kept", ())), **filled})
    if carried.get("incident"):
        typed["incident"] = carried["incident"]
    parsed = command.parse(typed, reading)
    bare = command.is_bare({name: text for name, text in typed.items() if text})
    problems = {command.fields[0].name: NOTHING_TYPED} if bare else {**parsed.problems, **contradictions}
    if problems:
        asked = [block["block_id"] for block in view["blocks"] if block["type"] == "input"]
        if not asked:
            return requests.refused(next(iter(problems.values())), reply_to)
        found = {name if name in asked else asked[0]: problem for name, problem in problems.items()}
        return FieldErrors({name: say(problem.words, **problem.facts) for name, problem in found.items()})
    invocation = requests.invoke(command, parsed.typed, requester(f"{view['id']}:{view['hash']}", reply_to))
    return RunCommand(replace(invocation, values=parsed.values), reply_to)


def retyped(form: Form) -> str:
    """The values of a form, as the words that would follow its verb."""
    known = [*form.kept, *((field.name, field.typed) for field in form.fields if field.typed)]
    pairs = [f"{name}:«{value}»" if '"' in value else f'{name}:"{value}"' for name, value in known if "»" not in value]
    return " ".join([form.incident, *pairs]).strip()


def plain_line(text: str, *, to_channel: bool) -> str:
    """Slack's references as people typed them: `<#C1|status>` -> `#status`, or its id if a channel is expected.

    References without a name stay as they are.

    Source: docs.slack.dev, "Implementing slash commands" (`should_escape`) and "Formatting message text".
    """
    text = re.sub(r"<#(\w+)\|?([^>]*)>", lambda m: _channel(m[1], m[2], to_channel=to_channel), text)
    text = re.sub(r"<!(?:subteam\^\w+\|)@?([^>|]+)>", r"@\1", text)
    text = re.sub(r"<!(?!subteam\^)@?([^>|]*)(?:\|[^>]*)?>", r"@\1", text)
    text = re.sub(r"<@(\w+)\|[^>]*>", r"<@\1>", text)
    text = re.sub(r"<(?:mailto:)?([^@#!<>|][^<>|]*)(?:\|[^>]*)?>", r"\1", text)
    return html.unescape(text)


def _channel(channel: str, name: str, *, to_channel: bool) -> str:
    """A channel without a name stays a reference: Slack is asked for it later."""
    return f"{PLATFORM}:{channel}" if to_channel else f"#{name}" if name else f"<#{channel}>"


def read_line(line: str, key: str, reply_to: ReplyTarget, reading: ParseContext) -> ChatRequest:
    """A typed command, however it reached us."""
    first = line.strip().partition(" ")[0].casefold()
    plain = plain_line(line, to_channel=catalog.takes_channel(first))
    return requests.read_line(plain, requester(key, reply_to), reading)


def requester(key: str, reply_to: ReplyTarget) -> Requester:
    """Who asks; Slack is asked who they are before the command runs."""
    return Requester(Account(PLATFORM, reply_to.user), Place(PLATFORM, reply_to.channel), f"{PLATFORM}:{key}", reply_to)
