"""Completes a typed line word by word: verbs, keys, and the values of the incident that the line is about."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from bot.commands import fields, grammar
from bot.commands.catalog import COMMANDS
from bot.commands.command import Command, IncidentScope
from bot.commands.completions import lists, suggest
from bot.commands.context import Context
from bot.commands.fields import Field, Placement
from bot.domain.incident import Incident
from bot.errors import BotError, NotInGroup
from bot.store import incidents, people
from bot.views import Asks, Option

MAX_OPTIONS = 12
_CARRIED = ("revision", "sure", "impacts_shown", "ask", "choose", "message_link", "message_from", "message_at")
"""Keys that are typed by forms and buttons, not by people."""
_LAST = re.compile(r"""(?:[\w-]+:)?(?:"[^"]*"?|\S*)$""")
"""The word that is being typed: `ident`, `next:3`, `sees:"requests f`."""


def complete_line(ctx: Context, line: str) -> list[Option]:
    """Complete lines that continue this one, with what each adds. They reveal nothing that the person may not see."""
    line = re.sub(r"^\s*/?incident\b(?!-)\s*|^\s+", "", line, count=1, flags=re.IGNORECASE)
    verb, space, rest = line.partition(" ")
    if not space:
        return _verbs(ctx, verb.casefold())
    command = COMMANDS.get(verb.rstrip("!").casefold())
    if command is None or not _may(ctx, command):
        return []
    word = _LAST.search(rest)
    assert word is not None  # it can be empty
    before, last = rest[: word.start()], word[0]
    ctx = replace(ctx, found=_incident(ctx, command, before))
    key, colon, begun = last.partition(":")
    field = next((each for each in command.fields if colon and each.is_key(key)), None)
    if field is not None:
        values = _values(ctx, command, field, begun.strip('"'))
        offered = [Option(f"{key}:{_quoted(each.value, field)}", each.label) for each in values]
    else:
        offered = _next(ctx, command, before, last)
    start = f"{verb} {before}"
    return [Option(f"{start}{each.value}", each.label) for each in offered if each.value != last][:MAX_OPTIONS]


def _verbs(ctx: Context, begun: str) -> list[Option]:
    allowed = [command for command in COMMANDS.values() if _may(ctx, command)]
    found = [each for each in allowed if each.verb.startswith(begun)]
    found += [each for each in allowed if begun and begun in each.verb[1:] and each not in found]
    return [Option(each.verb, each.summary) for each in found]


def _may(ctx: Context, command: Command) -> bool:
    try:
        ctx.check_may(command.verb, command.who_may)
    except NotInGroup:
        return False
    return True


def _incident(ctx: Context, command: Command, before: str) -> Incident | None:
    """The incident named in the line, or else that of the page, or else the only open one."""
    if command.incident is IncidentScope.NONE:
        return None
    numbers = filter(None, (grammar.incident_number(word) for word in before.split()))
    named = next((incidents.find_incident(ctx.tx, number) for number in numbers), None)
    if named is not None:
        return named if incidents.may_see(ctx.tx, ctx.actor, named) else None
    if ctx.found is not None:
        return ctx.found
    found = incidents.open_incidents(ctx.tx, ctx.actor)
    return found[0] if len(found) == 1 else None


def _next(ctx: Context, command: Command, before: str, last: str) -> list[Option]:
    """What can follow: a value of the next field that needs no key, an incident, or a key."""
    try:
        typed, _left = grammar.read(command.asked, before)
    except BotError:
        typed = {}
    free = [field for field in command.fields if field.takes is not Placement.KEY and field.name not in typed]
    said = any(f.takes is Placement.REST and f.name in typed and f.asks is not Asks.IMPACTS for f in command.fields)
    found: list[Option] = []
    for field in [] if said else free:
        found += [replace(each, value=_quoted(each.value, field)) for each in _values(ctx, command, field, last)]
        if field.takes is not Placement.MAYBE:
            break
    if command.incident is not IncidentScope.NONE and "incident" not in typed and not said and ctx.found is None:
        found = [*suggest(ctx, "incident", last), *found]
    # a field that needs no key is offered as its values, if there are any
    keyed = {Placement.KEY} if found else {Placement.KEY, Placement.WORD, Placement.MAYBE}
    keys = (f for f in command.fields if f.name not in typed and f.takes in keyed and _is_offered(f))
    begun = last.casefold()
    found += [Option(f"{f.key}:", _about(f)) for f in keys if f.key.startswith(begun)]
    once: dict[str, Option] = {}
    for each in found:
        once.setdefault(each.value, each)
    return list(once.values())


def _is_offered(field: Field) -> bool:
    shown = field.asked or field.fact or field.options or field.parameter or field.name == "next_at"
    return bool(shown) and field.name not in _CARRIED and not field.name.startswith("corrected_")


def _about(field: Field) -> str:
    return f"{field.label}. {field.hint}" if field.hint else field.label


def _values(ctx: Context, command: Command, field: Field, begun: str) -> Iterable[Option]:
    """Values of one field that start with what was typed, the incident's current one first."""
    wanted = begun.casefold().lstrip("@")
    own = _own(ctx, command, field)
    if field.asks is Asks.IMPACTS or field.name in ("components", "still"):
        return [*(o for o in own if o.value.startswith(begun)), *lists(ctx, begun, impacts=field.asks is Asks.IMPACTS)]
    options = [*own, *_choices(ctx, command, field)]
    return [o for o in options if wanted in o.value.casefold() or wanted in o.label.casefold()]


def _own(ctx: Context, command: Command, field: Field) -> list[Option]:
    """The incident's current value, as someone would type it."""
    if ctx.found is None or command.prefill is None or field.options:
        return []
    try:
        now = command.prefill(ctx).get(field.name, "")
    except BotError:
        return []
    return [Option(now, f"{field.label}, as it is now")] if now and '"' not in now and "\n" not in now else []


def _choices(ctx: Context, command: Command, field: Field) -> Sequence[Option]:
    if field.asks is Asks.PERSON:
        return [Option(f"@{each.handle}", each.name) for each in people.all_people(ctx.tx)]
    if field.parameter and field.parameter.completes not in ("", "stage"):
        here = ctx.found.key if ctx.found else ""
        return [each for each in suggest(ctx, field.parameter.completes, "") if each.value != here]
    if field.name == "next_at":
        return suggest(ctx, "next", "")
    if field.options is None:
        return ()
    options = field.options(ctx.app.organisation)
    if ctx.found is None or command.possible is None:
        return options
    possible = command.possible(ctx).get(field.name)
    return [each for each in options if possible is None or each.value in possible]


def _quoted(value: str, field: Field) -> str:
    if field.parse is fields.stage:
        return value.replace(" ", "-")
    return f'"{value}"' if " " in value else value
