"""Reads Discord's payloads. Pure: it needs only the payload, the catalog, and remembered forms, so it is fast.

Ids in a payload never grant permission: the command checks the account and reads every field again.
"""

import json
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
from bot.platforms.discord import tree
from bot.platforms.discord.modals import Memory
from bot.views import Button, Form, Notice, say
from bot.views.notices import OLD_BUTTON

PLATFORM = "discord"
EPHEMERAL = 1 << 6
MANAGE_CHANNELS = 1 << 4  # docs.discord.com, "Permissions"
EXPIRED = "This form has expired, and what you typed is lost. Nothing was changed. Open the form again."
ELSEWHERE = "Foghorn is not set up for this server. Nothing was changed. An administrator can add it to foghorn.toml."
NOTHING_TO_NOTE = "This message has no text, so no note was added. To add your own, type `/incident note`."
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
class Arrived:
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


@dataclass(frozen=True)
class House:
    """What `read` needs besides the payload."""

    reading: ParseContext
    servers: tuple[str, ...]
    groups: Mapping[str, str]
    memory: Memory


@dataclass(frozen=True)
class Way:
    """How to reply privately; `handle` is valid for 15 minutes.

    With `replaces` the reply takes the place of the message with the button, which only that person sees.
    """

    handle: str
    user: str
    channel: str
    replaces: bool = False


@dataclass(frozen=True)
class Work:
    """A command that is complete, as far as payload and catalog can tell; `form` is what was submitted, if any."""

    invocation: Invocation
    writes: bool
    way: Way
    form: Form | None = None


@dataclass(frozen=True)
class Ask:
    """A form to open. If `form` is None it is prefilled from the database."""

    invocation: Invocation
    form: Form | None
    way: Way


@dataclass(frozen=True)
class Say:
    """An immediate reply: a refusal, a confirmation, or a form with errors."""

    answer: Notice | Form
    way: Way
    confirms: Button | None = None


@dataclass(frozen=True)
class Suggest:
    """Autocomplete of one option."""

    what: str
    typed: str
    who: Account
    where: Place


Read = Work | Ask | Say | Suggest


def read(arrived: Arrived, house: House) -> Read:
    """What to do about an interaction."""
    way = Way(f"{arrived.application}/{arrived.token}", arrived.user, arrived.channel)
    if arrived.server not in house.servers and not (
        not arrived.server and arrived.kind in (InteractionType.CLICK, InteractionType.FORM)
    ):
        if arrived.kind is InteractionType.TYPES:
            return Suggest("nothing", "", Account(PLATFORM, arrived.user), Place(PLATFORM))
        return _refuse(ELSEWHERE, way)
    try:
        match arrived.kind:
            case InteractionType.COMMAND:
                return _command(arrived, house, way)
            case InteractionType.CLICK:
                return _click(arrived, house, way)
            case InteractionType.TYPES:
                return _types(arrived, house)
            case InteractionType.FORM:
                return _form(arrived, house, way)
    except BotError as refusal:
        return Say(Notice(say(refusal.words, **refusal.facts), refused=True), way)


def _command(arrived: Arrived, house: House, way: Way) -> Read:
    if arrived.data.get("type") == tree.MESSAGE:
        return _message(arrived, house, way)
    command, fixed, options = _subcommand(arrived.data)
    given = {option["name"]: option.get("value") for option in options}
    typed: dict[str, str] = dict(fixed)
    offered = [(field, p) for field, p in command.offered if (p.name or field.name) in given]
    for field, parameter in sorted(offered, key=lambda each: each[1].kind is not Kind.LINE):
        value = given[parameter.name or field.name]
        if parameter.kind is Kind.LINE:
            typed |= catalog.read_line(f"{command.verb} {value}")[1]
            continue
        typed[field.name] = _as_typed(parameter.kind, value)
        if parameter.kind is Kind.CHANNEL:
            arrived = replace(arrived, manages=_managed(arrived.data, str(value)))
    if command.undone_by and typed.pop("remove", "no") == "yes":
        command = catalog.find(command.undone_by)
    return _run(command, typed, arrived, house, way)


def _message(arrived: Arrived, house: House, way: Way) -> Read:
    """The message menu entry: the message becomes a note, with its author."""
    [message] = arrived.data["resolved"]["messages"].values()
    words = (message.get("content") or "").strip()
    if not words:
        return _refuse(NOTHING_TO_NOTE, way)
    author = message.get("author") or {}
    by = author.get("global_name") or author.get("username") or "Someone"
    command = next(c for c in catalog.COMMANDS.values() if c.message_menu == arrived.data["name"])
    return _run(command, {command.fields[0].name: f"{by} wrote: {words}"[:3000]}, arrived, house, way)


def _click(arrived: Arrived, house: House, way: Way) -> Read:
    """A click: verb and words make the command that a person would have typed; a menu's value is the command itself."""
    found = _ID.fullmatch(arrived.data["custom_id"])
    if found is None:
        return _refuse(OLD_BUTTON, way)
    mark, verb, words = found[2], found[3], found[4]
    if verb == "more":
        verb, _, words = str((arrived.data.get("values") or [""])[0]).partition(" ")
    if verb.rstrip("!") not in catalog.COMMANDS:
        return _refuse(OLD_BUTTON, way)
    if mark == "?":
        incident, _, word = words.rpartition(" ")
        form = Invocation(verb, {"incident": incident}, _account(arrived, verb, house), _place(arrived))
        return Ask(form, house.memory.find(word), way)
    asked = catalog.confirmation(verb)
    if asked is not None and mark != "!":
        question = Notice(say(f"**{asked.title}** {asked.text}"))
        return Say(question, way, Button(asked.yes, verb, words, danger=asked.danger, primary=not asked.danger))
    private = arrived.message_flags is not None and bool(arrived.message_flags & EPHEMERAL)
    way = replace(way, replaces=private and catalog.find(verb.rstrip("!")).settles)
    verb, typed = catalog.read_line(f"{verb} {words}")
    return _run(catalog.find(verb), typed, arrived, house, way)


def _form(arrived: Arrived, house: House, way: Way) -> Read:
    """A submitted form; its field errors are found here, without the database."""
    found = _ID.fullmatch(arrived.data["custom_id"])
    if found is None or found[3].rstrip("!") not in catalog.COMMANDS:
        return _refuse(EXPIRED, way)
    verb, words = found[3], found[4]
    if found[2] == "?":
        carried = house.memory.find(words.rpartition(" ")[2])
        if carried is None:
            return _refuse(EXPIRED, way)
        typed = {**dict(carried.kept), **({"incident": carried.incident} if carried.incident else {})}
    else:
        verb, typed = catalog.read_line(f"{verb} {words}")
    typed |= answered(arrived.data)
    command = catalog.find(verb.rstrip("!"))
    problems = catalog.problems(command, typed, house.reading)
    if problems:
        form = command.form(house.reading.organisation, typed, problems)
        first = next(iter(problems.values()))
        return Say(replace(form, note=say(first.words, **first.facts)), way)
    if command.is_bare(typed):
        return _refuse(NOTHING_TYPED, way)
    form = command.form(house.reading.organisation, typed, {})
    form = replace(form, fields=tuple(field for field in form.fields if field.name in answered(arrived.data)))
    return Work(_invocation(command, typed, arrived, house), command.writes, way, form)


def answered(data: Payload) -> dict[str, str]:
    """The values of a submitted form, by field; several choices are joined by commas."""
    typed = {}
    for label in data["components"]:
        part = label.get("component") or {}
        if "custom_id" in part:
            typed[part["custom_id"]] = part.get("value") or ",".join(part.get("values") or ())
    return {name: text for name, text in typed.items() if text.strip()}


def _types(arrived: Arrived, house: House) -> Read:
    command, _fixed, options = _subcommand(arrived.data)
    focused = next(option for option in options if option.get("focused"))
    what = next((p.completes for field, p in command.offered if (p.name or field.name) == focused["name"]), "")
    return Suggest(what, str(focused.get("value", "")), _account(arrived, command.verb, house), _place(arrived))


def _run(command: Command, typed: Mapping[str, str], arrived: Arrived, house: House, way: Way) -> Read:
    typed = catalog.as_offered(command, typed, house.reading)
    invocation = _invocation(command, typed, arrived, house)
    values = catalog.read(command, typed, house.reading)
    if isinstance(values, Form):
        return Ask(invocation, None if command.prefill else values, way)
    if command.is_bare(typed) or (command.asks and command.asks(typed)):
        return Ask(invocation, None, way)
    return Work(invocation, command.writes, way)


def _subcommand(data: Payload) -> tuple[Command, Mapping[str, str], list[Any]]:
    """The command, the values that its subcommand implies, and its options.

    Raises UnknownCommand for a subcommand of another version.
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
        case Kind.MINUTES:
            return f"{value}m"
        case _:
            return str(value)


def _managed(data: Payload, channel: str) -> str:
    """The chosen channel, if the user can manage it. Source: Receiving and Responding, resolved data."""
    resolved = (data.get("resolved") or {}).get("channels") or {}
    return channel if int((resolved.get(channel) or {}).get("permissions", 0)) & MANAGE_CHANNELS else ""


def _refuse(words: str, way: Way) -> Say:
    return Say(Notice(say(words), refused=True), way)


def _account(arrived: Arrived, verb: str, house: House, channel: str = "") -> Account:
    """The account. Roles give groups; people who can manage `channel` may also manage its subscription."""
    groups = {group for group, role in house.groups.items() if role in arrived.roles}
    if arrived.manages and catalog.find(verb).by_channel_managers and channel in ("", arrived.manages):
        groups.add("administrators")
    return Account(PLATFORM, arrived.user, arrived.name, frozenset(groups), arrived.pending)


def _place(arrived: Arrived) -> Place:
    return Place(PLATFORM, arrived.channel)


def _invocation(command: Command, typed: Mapping[str, str], arrived: Arrived, house: House) -> Invocation:
    key = f"{PLATFORM}:{arrived.id}" if command.writes else ""
    who = _account(arrived, command.verb, house, typed.get("channel", "").removeprefix(f"{PLATFORM}:"))
    return Invocation(command.verb, typed, who, _place(arrived), key)


def dumped(work: Work) -> str:
    """A command as the payload of its inbox row."""
    asked = work.invocation
    who: dict[str, object] = {"user": asked.who.id, "name": asked.who.name, "groups": sorted(asked.who.groups)}
    who |= {"pending": True} if asked.who.pending else {}
    kept = {"verb": asked.verb, "typed": dict(asked.typed), "channel": asked.where.channel}
    return json.dumps({**kept, **who})


def loaded(key: str, payload: str, handle: str) -> Work:
    """The command that `dumped` stored."""
    kept = json.loads(payload)
    who = Account(PLATFORM, kept["user"], kept["name"], frozenset(kept["groups"]), kept.get("pending", False))
    asked = Invocation(kept["verb"], kept["typed"], who, Place(PLATFORM, kept["channel"]), key)
    return Work(asked, True, Way(handle, kept["user"], kept["channel"]))
