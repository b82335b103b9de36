"""Reads Slack's payloads. Pure: it needs only the payload and the catalog, so it is fast.

Ids in a payload never grant permission: the command checks the account and reads every field again.
"""

import html
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from bot.commands import catalog
from bot.commands.catalog import Command
from bot.commands.fields import ParseContext
from bot.commands.invocation import Account, Invocation, Place
from bot.errors import BotError, InvalidField
from bot.views import Form, Notice, Sentence, say
from bot.views.notices import OLD_BUTTON

PREFIX = "fh:"  # of action_id and callback_id: `fh:snooze`
DELIVERED = "delivered"  # block_id of the buttons of a message that the outbox keeps current
PLATFORM = "slack"
OPEN_FORM = "form"  # used in place of a verb: the button opens the form of the command it carries
NOTHING_TYPED = InvalidField(typed="Nothing", wanted="an update. Write what is new, or choose another stage")

Payload = Mapping[str, Any]


@dataclass(frozen=True)
class Way:
    """How to reply: with a modal (`trigger`, once, within 3 s) or a message (`url`, 5 times, within 30 min).

    `clicked`: it was a button. With `replaces` the reply takes the place of its message, which only that person sees.
    `view`: the form that was submitted.
    `spoken`: it was a message in a `thread` or channel, so there is neither trigger nor URL.
    """

    user: str
    channel: str
    trigger: str = ""
    url: str = ""
    clicked: bool = False
    replaces: bool = False
    view: Payload | None = None
    thread: str = ""
    spoken: bool = False


@dataclass(frozen=True)
class Work:
    """A command that is complete, as far as payload and catalog can tell."""

    invocation: Invocation
    writes: bool
    way: Way
    message: Mapping[str, str] = field(default_factory=dict)  # the message that becomes a note


@dataclass(frozen=True)
class Ask:
    """A form to open; with `fill` it is prefilled from the database."""

    invocation: Invocation
    form: Form
    fill: bool
    way: Way


@dataclass(frozen=True)
class Refuse:
    """Why a payload cannot be processed."""

    notice: Notice
    way: Way


@dataclass(frozen=True)
class Errors:
    """The problems in a submitted form, by field."""

    errors: Mapping[str, Sentence]


Read = Work | Ask | Refuse | Errors


def read_command(payload: Payload, reading: ParseContext) -> Read:
    """`/incident snooze 10m`."""
    way = Way(payload["user_id"], payload["channel_id"], payload["trigger_id"], payload.get("response_url", ""))
    return read_line(payload.get("text") or "", f"{PLATFORM}:{payload['trigger_id']}", way, reading)


def read_click(payload: Payload, reading: ParseContext) -> Read:
    """A click: verb and value make the command that a person would have typed."""
    action = payload["actions"][0]
    verb = action["action_id"].removeprefix(PREFIX).partition("#")[0]
    channel = payload.get("channel") or {}
    container = payload.get("container") or {}
    delivered = str(action.get("block_id", "")).startswith(DELIVERED)
    private = bool(container.get("is_ephemeral")) or str(channel.get("id", "")).startswith("D")
    on_private_message = container.get("type") == "message" and private and not delivered
    command = catalog.COMMANDS.get(verb.rstrip("!"))
    way = Way(
        payload["user"]["id"],
        channel.get("id", ""),
        payload.get("trigger_id", ""),
        payload.get("response_url", ""),
        clicked=True,
        replaces=on_private_message and command is not None and command.settles,
    )
    if verb == OPEN_FORM:
        return _form(action["value"], f"{PLATFORM}:{payload['trigger_id']}", way, reading)
    if not action["action_id"].startswith(PREFIX) or command is None:
        return Refuse(Notice(say(OLD_BUTTON), refused=True), way)
    return read_line(f"{verb} {action.get('value') or ''}", f"{PLATFORM}:{payload['trigger_id']}", way, reading)


def _form(line: str, key: str, way: Way, reading: ParseContext) -> Read:
    """The form of an "Open form" button. It never runs the command, even if nothing is missing."""
    verb, typed = catalog.read_line(line)
    command = catalog.find(verb)
    if not typed.keys() - {"incident", "revision"}:
        return read_line(line, key, way, reading)
    form = command.form(reading.organisation, typed, catalog.problems(command, typed, reading))
    if command.prefill is None:
        shown = (field for field in form.fields if field.typed or field.required or field.problem)
        form = replace(form, fields=tuple(shown))
    return Ask(_invocation(command, typed, "", way), form, command.prefill is not None, way)


def read_submission(payload: Payload, reading: ParseContext) -> Read:
    """A submitted form; its field errors are found here, without the database."""
    view = payload["view"]
    carried = json.loads(view.get("private_metadata") or "{}")
    way = Way(
        payload["user"]["id"],
        carried.get("channel", ""),
        payload.get("trigger_id", ""),
        carried.get("url", ""),
        replaces=bool(carried.get("replaces")),
        view=view,
    )
    command = catalog.COMMANDS[view["callback_id"].removeprefix(PREFIX)]
    answers = answered(view)
    typed = {**dict(carried.get("kept", ())), **answers}
    if carried.get("incident"):
        typed["incident"] = carried["incident"]
    problems = catalog.problems(command, typed, reading)
    if command.is_bare(typed):
        problems = {command.fields[0].name: NOTHING_TYPED}
    if problems:
        asked = [block["block_id"] for block in view["blocks"] if block["type"] == "input"]
        found = {name if name in asked else asked[0]: problem for name, problem in problems.items()}
        return Errors({name: say(problem.words, **problem.facts) for name, problem in found.items()})
    invocation = _invocation(command, typed, f"{PLATFORM}:{view['id']}:{view['hash']}", way)
    return Work(invocation, command.writes, way)


def answered(view: Payload) -> dict[str, str]:
    """The values of a submitted form, by field; several choices are joined by commas."""
    typed = {}
    for name, block in view["state"]["values"].items():
        [answer] = block.values()
        if chosen := answer.get("selected_option"):
            typed[name] = chosen["value"]
        elif "selected_options" in answer:
            typed[name] = ",".join(option["value"] for option in answer["selected_options"] or ())
        else:
            typed[name] = answer.get("value") or ""
    return {name: text for name, text in typed.items() if text}


def retyped(form: Form) -> str:
    """The values of a form, as the words that would follow its verb."""
    known = [*form.kept, *((field.name, field.typed) for field in form.fields if field.typed)]
    pairs = [f"{name}:«{value}»" if '"' in value else f'{name}:"{value}"' for name, value in known if "»" not in value]
    return " ".join([form.incident, *pairs]).strip()


def plain_line(text: str, *, to_channel: bool) -> str:
    """Slack's references as people typed them: `<#C1|status>` -> `#status`, or its id if a channel is expected.

    Source: docs.slack.dev, "Implementing slash commands" (`should_escape`) and "Formatting message text".
    """
    text = re.sub(r"<#(\w+)\|?([^>]*)>", lambda m: f"{PLATFORM}:{m[1]}" if to_channel else f"#{m[2] or m[1]}", text)
    text = re.sub(r"<!(?:subteam\^\w+\|)?@?([^>|]*)(?:\|[^>]*)?>", r"@\1", text)
    text = re.sub(r"<@(\w+)\|[^>]*>", r"<@\1>", text)
    text = re.sub(r"<(?:mailto:)?([^@#!<>|][^<>|]*)(?:\|[^>]*)?>", r"\1", text)
    return html.unescape(text)


def read_line(line: str, key: str, way: Way, reading: ParseContext) -> Read:
    """A typed command, however it reached us."""
    first = line.strip().partition(" ")[0].casefold()
    try:
        verb, typed = catalog.read_line(plain_line(line, to_channel=catalog.takes_channel(first)))
        command = catalog.find(verb)
    except BotError as refusal:
        return Refuse(Notice(say(refusal.words, **refusal.facts), refused=True), way)
    typed = catalog.as_offered(command, typed, reading)
    invocation = _invocation(command, typed, key, way)
    values = catalog.read(command, typed, reading)
    if isinstance(values, Form):
        return Ask(invocation, values, command.prefill is not None, way)
    if command.is_bare(typed):
        return Ask(invocation, command.form(reading.organisation, typed, {}), True, way)
    return Work(invocation, command.writes, way)


def _invocation(command: Command, typed: Mapping[str, str], key: str, way: Way) -> Invocation:
    where = Place(PLATFORM, way.channel)
    return Invocation(command.verb, typed, Account(PLATFORM, way.user), where, key if command.writes else "")


def dumped(work: Work) -> str:
    """A command as the payload of its inbox row."""
    return json.dumps(
        {
            "verb": work.invocation.verb,
            "typed": dict(work.invocation.typed),
            "user": work.invocation.who.id,
            "channel": work.invocation.where.channel,
            "thread": work.way.thread,
            "message": dict(work.message),
        }
    )


def loaded(key: str, payload: str, url: str) -> Work:
    """The command that `dumped` stored. Its trigger has expired by now."""
    kept = json.loads(payload)
    way = Way(kept["user"], kept["channel"], url=url, thread=kept.get("thread", ""))
    command = catalog.find(kept["verb"])
    invocation = replace(_invocation(command, kept["typed"], key, way), key=key)
    return Work(invocation, True, way, kept.get("message", {}))
