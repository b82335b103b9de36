"""Reads Discord's payloads. Pure: it needs only the payload, the catalog, and remembered forms, so it is fast.

Ids in a payload never grant permission: the command checks the account and reads every field again.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

from bot.commands import catalog
from bot.commands.catalog import Command
from bot.commands.fields import ParseContext
from bot.commands.invocation import Account, Invocation, Place
from bot.commands.parameters import Kind
from bot.errors import BotError
from bot.intake.conflicts import chosen
from bot.intake.requests import (
    ChatRequest,
    OpenForm,
    Reply,
    ReplyTarget,
    Requester,
    RunCommand,
    invoke,
    read_fields,
    read_first,
    refused,
)
from bot.platforms.discord import steps, tree
from bot.platforms.discord.components import Json
from bot.platforms.discord.modals import FormMemory, answered
from bot.platforms.discord.steps import STEP
from bot.views import Button, Notice, say
from bot.views.notices import NO_TEXT, OLD_BUTTON

PLATFORM = "discord"
EPHEMERAL = 1 << 6
MANAGE_CHANNELS = 1 << 4  # docs.discord.com, "Permissions"
EXPIRED = "This form has expired. Nothing was changed. Open it again."
RESTARTED = "Foghorn restarted while this form was open, so nothing was changed. What you typed is still here."
ELSEWHERE = "Foghorn is not set up for this server. Nothing was changed. An administrator can add it to foghorn.toml."
NOTE = 2600  # characters of a message that are kept in a note; names in place of IDs may need more
NOTHING_TYPED = "The form is empty, so nothing was drafted. Write what is new, or choose another stage."
_ID = re.compile(r"fh(\d*)([!?]?):([a-z]+!?):(.*)", re.DOTALL)

Payload = Mapping[str, Any]


class InteractionType(Enum):
    """The kind of interaction; values are Discord's."""

    COMMAND = 2
    CLICK = 3
    TYPES = 4
    FORM = 5


@dataclass(frozen=True)
class IncomingInteraction:
    """One interaction. `name` is empty unless the user is a full member of the server, and not a bot."""

    id: str
    token: str
    application: str
    kind: InteractionType
    data: Payload
    server: str
    channel: str
    user: str
    name: str = ""
    roles: frozenset[str] = frozenset()
    manages: str = ""  # a channel they are allowed to manage: the current one, or the one they chose
    pending: bool = False
    message_flags: int | None = None  # of the message with the button that was clicked
    replaces: bool = False  # the reply takes the place of that message
    components: tuple[Json, ...] = ()  # of that message

    @property
    def reply_to(self) -> ReplyTarget:
        """The interaction's token accepts replies for 15 minutes."""
        return ReplyTarget(self.user, self.channel, f"{self.application}/{self.token}", replaces=self.replaces)

    @property
    def place(self) -> Place:
        """The channel."""
        return Place(PLATFORM, self.channel)


@dataclass(frozen=True)
class InteractionContext:
    """What `read` needs besides the payload."""

    reading: ParseContext
    servers: tuple[str, ...]
    groups: Mapping[str, str]
    forms: FormMemory


@dataclass(frozen=True)
class CompleteOption:
    """Autocomplete of one option; `kind` is empty if there are no completions."""

    kind: str
    typed: str
    who: Account
    where: Place


@dataclass(frozen=True)
class ChangeStep:
    """The message of a step after something was chosen in it."""

    message: Json
    reply_to: ReplyTarget


def read(incoming: IncomingInteraction, context: InteractionContext) -> ChatRequest | CompleteOption | ChangeStep:
    """What to do about an interaction."""
    if incoming.server not in context.servers and not (
        not incoming.server and incoming.kind in (InteractionType.CLICK, InteractionType.FORM)
    ):
        if incoming.kind is InteractionType.TYPES:
            return CompleteOption("", "", Account(PLATFORM, incoming.user), Place(PLATFORM))
        return _refuse(ELSEWHERE, incoming)
    try:
        match incoming.kind:
            case InteractionType.COMMAND:
                return _command(incoming, context)
            case InteractionType.CLICK:
                return _click(incoming, context)
            case InteractionType.TYPES:
                return _types(incoming, context)
            case InteractionType.FORM:
                return _form(incoming, context)
    except BotError as refusal:
        return refused(refusal, incoming.reply_to)


def _command(incoming: IncomingInteraction, context: InteractionContext) -> ChatRequest | CompleteOption:
    if incoming.data.get("type") == tree.MESSAGE:
        return _message(incoming, context)
    command, fixed, options = _subcommand(incoming.data)
    given = {option["name"]: option.get("value") for option in options}
    typed: dict[str, str] = dict(fixed)
    if several := _impacts(given):
        given["on"] = several
    offered = [(field, p) for field, p in command.offered if (p.name or field.name) in given]
    for field, parameter in sorted(offered, key=lambda each: each[1].kind is not Kind.LINE):
        value = given[parameter.name or field.name]
        if parameter.kind is Kind.LINE:
            typed |= catalog.read_line(f"{command.verb} {value}")[1]
            continue
        typed[field.name] = _as_typed(parameter.kind, value)
        if parameter.kind is Kind.CHANNEL:
            incoming = replace(incoming, manages=_managed(incoming.data, str(value)))
    if command.undone_by and typed.pop("remove", "no") == "yes":
        command = catalog.find(command.undone_by)
    return _run(*read_first(command, typed), incoming, context)


def _impacts(given: dict[str, Any]) -> str:
    """The options for one component and for several, as someone would type them."""
    component, impact = given.pop(tree.COMPONENT, ""), given.pop(tree.IMPACT, "")
    one = f"{component}={impact}" if impact else str(component)
    return ",".join(filter(None, [given.get("on", ""), one]))


def _message(incoming: IncomingInteraction, context: InteractionContext) -> ChatRequest | CompleteOption:
    """The message menu entry: the message becomes a note, with its author, time, and link."""
    [message] = incoming.data["resolved"]["messages"].values()
    author = message.get("author") or {}
    command = catalog.of_message(incoming.data["name"])
    typed = {
        command.fields[0].name: (message.get("content") or "").strip()[:NOTE] or NO_TEXT,
        "message_from": author.get("global_name") or author.get("username") or "Someone",
        "message_at": message.get("timestamp") or "",
        "message_link": f"https://discord.com/channels/{incoming.server}/{message['channel_id']}/{message['id']}",
    }
    return _run(command, typed, incoming, context)


def _click(incoming: IncomingInteraction, context: InteractionContext) -> ChatRequest | CompleteOption | ChangeStep:
    """A click: verb and words make the command that a person would have typed; a menu's value is the command itself."""
    found = _ID.fullmatch(incoming.data["custom_id"])
    if found is None:
        return _refuse(OLD_BUTTON, incoming)
    mark, verb, words = found[2], found[3], found[4]
    if verb == STEP:
        return _step(incoming, words, context)
    if verb == "more":
        verb, _, words = str((incoming.data.get("values") or [""])[0]).partition(" ")
    if verb.rstrip("!") not in catalog.COMMANDS:
        return _refuse(OLD_BUTTON, incoming)
    if mark == "?":
        incident, _, word = words.rpartition(" ")
        command, form = catalog.find(verb.rstrip("!")), context.forms.find(word)
        invocation = Invocation(
            command.verb, {"incident": incident}, _account(incoming, command.verb, context), incoming.place
        )
        blank = command.form(context.reading.organisation, {}, {})
        return OpenForm(invocation, incoming.reply_to, form or blank, prefill=form is None)
    asked = catalog.confirmation(verb)
    if asked is not None and mark != "!":
        question = Notice(say(f"**{asked.title}** {asked.text}"))
        confirms = Button(asked.yes, verb, words, danger=asked.danger, primary=not asked.danger)
        return Reply(question, incoming.reply_to, confirms)
    private = incoming.message_flags is not None and bool(incoming.message_flags & EPHEMERAL)
    verb, typed = catalog.read_line(f"{verb} {words}")
    command = catalog.find(verb)
    return _run(command, typed, replace(incoming, replaces=private and command.settles), context)


def _step(
    incoming: IncomingInteraction, words: str, context: InteractionContext
) -> ChatRequest | CompleteOption | ChangeStep:
    """A menu of the step before a form, or the button that goes on: to the form, or to the command if that is all."""
    action, _, line = words.partition(" ")
    if action != "go":
        values = [str(value) for value in incoming.data.get("values") or ()]
        message = steps.changed(incoming.components, incoming.data["custom_id"], values)
        return ChangeStep(message, replace(incoming, replaces=True).reply_to)
    verb, typed, shown = steps.read(incoming.components, line)
    command = catalog.find(verb)
    if {field.name for field in command.fields if field.asked} <= shown:
        return _run(command, typed, replace(incoming, replaces=True), context)
    blank = command.form(context.reading.organisation, {}, {})
    invocation = Invocation(verb, typed, _account(incoming, verb, context), incoming.place)
    return OpenForm(invocation, incoming.reply_to, blank, prefill=True, chosen=shown)


def _form(incoming: IncomingInteraction, context: InteractionContext) -> ChatRequest | CompleteOption:
    """A submitted form; its field errors are found here, without the database."""
    found = _ID.fullmatch(incoming.data["custom_id"])
    if found is None or found[3].rstrip("!") not in catalog.COMMANDS:
        return _refuse(EXPIRED, incoming)
    verb, words = found[3], found[4]
    if found[2] == "?":
        carried = context.forms.find(words.rpartition(" ")[2])
        if carried is None:
            return _again(incoming, found[3], words, context)
        typed = {**dict(carried.kept), **({"incident": carried.incident} if carried.incident else {})}
    else:
        verb, typed = catalog.read_line(f"{verb} {words}")
    filled, contradictions = answered(incoming.data)
    typed = chosen({**typed, **filled})
    command = catalog.find(verb.rstrip("!"))
    parsed = command.parse(typed, context.reading)
    if parsed.problems or contradictions:
        parsed = replace(parsed, problems={**parsed.problems, **contradictions})
        return Reply(parsed.form(context.reading.organisation), incoming.reply_to)
    if command.is_bare({name: text for name, text in typed.items() if text}):
        return _refuse(NOTHING_TYPED, incoming)
    form = command.form(context.reading.organisation, typed, {})
    form = replace(form, fields=tuple(field for field in form.fields if field.name in typed))
    invocation = invoke(command, parsed.typed, _requester(command, typed, incoming, context))
    return RunCommand(replace(invocation, values=parsed.values), incoming.reply_to, form)


def _again(incoming: IncomingInteraction, verb: str, words: str, context: InteractionContext) -> Reply:
    """A form of another process, which carried more than its id can hold: it is offered with what was typed."""
    command = catalog.find(verb.rstrip("!"))
    filled, _ = answered(incoming.data)
    filled["incident"] = words.partition(" ")[0]
    if any(field.name == "revision" for field in command.fields):
        filled["revision"] = "0"  # no longer known, so that nothing is overwritten unread
    form = command.form(context.reading.organisation, filled, {})
    return Reply(replace(form, note=say(RESTARTED), refused=True), incoming.reply_to)


def _types(incoming: IncomingInteraction, context: InteractionContext) -> ChatRequest | CompleteOption:
    command, _fixed, options = _subcommand(incoming.data)
    focused = next(option for option in options if option.get("focused"))
    known = {tree.COMPONENT: "component"} | {p.name or field.name: p.completes for field, p in command.offered}
    what = known.get(focused["name"], "")
    return CompleteOption(
        what, str(focused.get("value", "")), _account(incoming, command.verb, context), incoming.place
    )


def _run(
    command: Command, typed: Mapping[str, str], incoming: IncomingInteraction, context: InteractionContext
) -> RunCommand | OpenForm:
    return read_fields(command, typed, _requester(command, typed, incoming, context), context.reading)


def _subcommand(data: Payload) -> tuple[Command, Mapping[str, str], list[Any]]:
    """The command, the values that its subcommand implies, and its options.

    Raises NotFound for a subcommand of another version.
    """
    path: list[str] = []
    options = data.get("options") or []
    while options and options[0].get("type") in (tree.SUBCOMMAND, tree.GROUP):
        path.append(options[0]["name"])
        options = options[0].get("options") or []
    found = catalog.subcommand(*path)
    if found is None:
        catalog.find(" ".join(path) or str(data.get("name")))
        raise AssertionError("a verb without a subcommand")
    return *found, list(options)


def _as_typed(kind: Kind, value: Any) -> str:
    match kind:
        case Kind.YES_NO:
            return "yes" if value else "no"
        case Kind.CHANNEL:
            return f"{PLATFORM}:{value}"
        case Kind.PERSON:
            return f"<@{value}>"
        case Kind.MINUTES:
            return f"{value}m"
        case _:
            return str(value)


def _managed(data: Payload, channel: str) -> str:
    """The chosen channel, if the user can manage it. Source: Receiving and Responding, resolved data."""
    resolved = (data.get("resolved") or {}).get("channels") or {}
    return channel if int((resolved.get(channel) or {}).get("permissions", 0)) & MANAGE_CHANNELS else ""


def _refuse(words: str, incoming: IncomingInteraction) -> Reply:
    return Reply(Notice(say(words), refused=True), incoming.reply_to)


def _account(incoming: IncomingInteraction, verb: str, context: InteractionContext, channel: str = "") -> Account:
    """The account. Roles give groups; people who can manage `channel` may also manage its subscription."""
    groups = {group for group, role in context.groups.items() if role in incoming.roles}
    if incoming.manages and catalog.find(verb).by_channel_managers and channel in ("", incoming.manages):
        groups.add("administrators")
    return Account(PLATFORM, incoming.user, incoming.name, frozenset(groups), incoming.pending)


def _requester(
    command: Command, typed: Mapping[str, str], incoming: IncomingInteraction, context: InteractionContext
) -> Requester:
    channel = typed.get("channel", "").removeprefix(f"{PLATFORM}:")
    who = _account(incoming, command.verb, context, channel)
    return Requester(who, incoming.place, f"{PLATFORM}:{incoming.id}", incoming.reply_to)
