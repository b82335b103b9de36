"""What a request of a chat platform asks for. Pure: it needs only the payload and the catalog, so it is fast."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from bot.commands import catalog
from bot.commands.catalog import Command
from bot.commands.fields import ParseContext
from bot.commands.invocation import Account, Invocation, Place
from bot.domain.lint import mask_secrets
from bot.errors import BotError, OutdatedReview
from bot.views import Button, Form, Notice, say


@dataclass(frozen=True)
class ReplyTarget:
    """Where the private reply to a person goes.

    `handle`: the platform accepts replies with it for some minutes; it is a secret. `trigger` opens a form, once.
    `replaces`: the reply takes the place of the message with the button, which only that person sees. Platforms let
    such a message be changed only for some minutes after a click (Slack 30, Discord 15), so it is updated only by the
    next click; a refusal replaces it if the draft that it shows has ended.
    `submitted`: the form that was submitted, as the platform sent it.
    `late`: the platform did not accept the first response, so the reply is a direct message.
    `spoken`: the request was a message in a channel or `thread`, so there is neither handle nor trigger.
    `name`: what the platform calls the person in the request, which is no proof of who they are.
    """

    user: str
    channel: str
    handle: str = ""
    trigger: str = ""
    clicked: bool = False
    replaces: bool = False
    submitted: Mapping[str, Any] | None = None
    thread: str = ""
    spoken: bool = False
    late: bool = False
    name: str = ""


@dataclass(frozen=True)
class RunCommand:
    """A command that is complete, as far as payload and catalog can tell; `form` is what was submitted, if any.

    `message` is the message that becomes its text; the platform reads it before the command runs.
    """

    invocation: Invocation
    reply_to: ReplyTarget
    form: Form | None = None
    message: Mapping[str, str] = field(default_factory=dict)

    @property
    def writes(self) -> bool:
        """Whether it is stored in the inbox before it is acknowledged."""
        return catalog.find(self.invocation.verb).writes


@dataclass(frozen=True)
class OpenForm:
    """A form to open; with `prefill` it is filled from the database first."""

    invocation: Invocation
    reply_to: ReplyTarget
    form: Form
    prefill: bool
    chosen: frozenset[str] = frozenset()  # fields that were asked before, which the form carries along


@dataclass(frozen=True)
class Reply:
    """An immediate reply: a refusal, a question with the button that `confirms`, or a form with problems."""

    answer: Notice | Form
    reply_to: ReplyTarget
    confirms: Button | None = None


ChatRequest = RunCommand | OpenForm | Reply


@dataclass(frozen=True)
class Requester:
    """Who asks, where, and the key of the request."""

    who: Account
    where: Place
    key: str
    reply_to: ReplyTarget


def read_line(line: str, asked: Requester, reading: ParseContext) -> ChatRequest:
    """A typed command, or the command of a button."""
    try:
        verb, typed = catalog.read_line(line)
        command = catalog.find(verb)
        given = (command, typed) if asked.reply_to.clicked else read_first(command, typed)
        return read_fields(*given, asked, reading)
    except BotError as refusal:
        return refused(refusal, asked.reply_to)


def read_first(command: Command, typed: Mapping[str, str]) -> tuple[Command, Mapping[str, str]]:
    """What a typed command shows before it runs: the whole draft, with a button. With more words, it runs at once."""
    if command.reads_first and typed.keys() <= {"incident", "revision"}:
        return catalog.find("show"), {"draft": "yes", **{name: typed[name] for name in typed if name == "incident"}}
    return command, typed


def read_fields(
    command: Command, typed: Mapping[str, str], asked: Requester, reading: ParseContext
) -> RunCommand | OpenForm:
    """A command with its fields: the form, if one is missing or cannot be read."""
    parsed = command.parse(typed, reading)
    invocation = invoke(command, parsed.typed, asked)
    if parsed.problems:
        form = parsed.form(reading.organisation, opens=True)
        return OpenForm(invocation, asked.reply_to, form, prefill=command.prefill is not None)
    if command.asks_first(typed):
        form = command.form(reading.organisation, parsed.typed, {})
        return OpenForm(invocation, asked.reply_to, form, prefill=True)
    return RunCommand(replace(invocation, values=parsed.values), asked.reply_to)


def invoke(command: Command, typed: Mapping[str, str], asked: Requester) -> Invocation:
    """The invocation; a command that only reads has no key."""
    return Invocation(command.verb, typed, asked.who, asked.where, asked.key if command.writes else "")


def refused(refusal: BotError, reply_to: ReplyTarget) -> Reply:
    """A refusal in words."""
    return Reply(notice(refusal), reply_to)


def notice(refusal: BotError) -> Notice:
    """A refusal in words, with a button for what was probably meant."""
    verb, words, label = refusal.offer
    label = label or (catalog.find(verb).title or verb.capitalize() if verb else "")
    buttons = (Button(label, verb, words, primary=True),) if verb else ()
    ended = isinstance(refusal, OutdatedReview)
    words_and_facts = say(refusal.words, **refusal.facts)
    return Notice(words_and_facts, refused=True, buttons=buttons, outdated=ended, refusal=refusal.kind)


def dumped(request: RunCommand) -> str:
    """A command as the payload of its inbox row. What was typed is kept, and parsed again if it has to run later.

    A secret is not: most commands refuse it, so it must not get into the database.
    """
    asked, reply_to = request.invocation, request.reply_to
    kept: dict[str, Any] = {
        "verb": asked.verb,
        "typed": {name: mask_secrets(text) for name, text in asked.typed.items()},
        "channel": asked.where.channel,
        "user": asked.who.id,
    }
    more = {
        "name": asked.who.name,
        "groups": sorted(asked.who.groups),
        "pending": asked.who.pending,
        "thread": reply_to.thread,
        "message": dict(request.message),
    }
    return json.dumps(kept | {name: value for name, value in more.items() if value})


def loaded(platform: str, key: str, payload: str, handle: str) -> RunCommand:
    """The command that `dumped` stored."""
    kept = json.loads(payload)
    groups = frozenset(kept.get("groups", ()))
    who = Account(platform, kept["user"], kept.get("name", ""), groups, kept.get("pending", False))
    asked = Invocation(kept["verb"], kept["typed"], who, Place(platform, kept["channel"]), key)
    reply_to = ReplyTarget(kept["user"], kept["channel"], handle, thread=kept.get("thread", ""))
    return RunCommand(asked, reply_to, message=kept.get("message", {}))
