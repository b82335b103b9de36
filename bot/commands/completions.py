"""Completions for what is being typed. They contain nothing that the person may not see."""

from collections.abc import Callable, Sequence

from bot.commands import catalog, choices
from bot.commands.context import Context
from bot.domain.components import Impact
from bot.domain.incident import Incident
from bot.domain.organisation import Component
from bot.store import incidents, record, updates
from bot.views import Option

MOST = 25
LONGEST = 100  # characters of a suggestion on Discord


def suggest(ctx: Context, what: str, typed: str) -> list[Option]:
    """Completions of a kind that match what was typed; none for an unknown kind."""
    found = _KINDS.get(what)
    if found is None:
        return []
    wanted = typed.casefold().strip()
    if what in ("impacts", "components"):
        return lists(ctx, typed, impacts=what == "impacts")[:MOST]
    options = found(ctx)
    matching = [o for o in options if wanted in o.value.casefold() or wanted in o.label.casefold()]
    return matching[:MOST]


def _incidents(ctx: Context) -> list[Option]:
    """The open ones, or else the last ones that were; newest first."""
    found = incidents.open_incidents(ctx.tx, ctx.actor)[::-1]
    found = found or incidents.recent_incidents(ctx.tx, ctx.actor, limit=5)
    return [Option(each.key, _named(ctx, each)) for each in found]


def _others(ctx: Context) -> list[Option]:
    """Open incidents, except the one of this room."""
    where = ctx.where
    room = incidents.incident_of_room(ctx.tx, where.platform, where.channel) if where.channel else None
    return [option for option in _incidents(ctx) if room is None or option.value != room.key]


def _named(ctx: Context, incident: Incident) -> str:
    """`INC-42 · SEV1 · Identified · ChatGPT, API · Errors since noon`."""
    affected = [c.name for c in ctx.app.organisation.named(incidents.set_values(ctx.tx, incident))]
    title = incident.title or incident.declared_title
    parts = [incident.key, incident.severity.value, incident.stage.label, ", ".join(affected), title]
    return " · ".join(filter(None, parts))


def _audiences(ctx: Context) -> Sequence[Option]:
    return choices.audience_options(ctx.app.organisation)


def _stages(ctx: Context) -> Sequence[Option]:
    return choices.stage_options(ctx.app.organisation)


def _languages(ctx: Context) -> list[Option]:
    return [Option(language, language) for language in ctx.app.organisation.languages]


def _next(_ctx: Context) -> list[Option]:
    return [Option(f"{minutes}m", f"in {minutes} minutes") for minutes in (15, 30, 60, 120)]


def _updates(ctx: Context) -> list[Option]:
    """Published updates of this room's incident, or else of the only open one; newest first."""
    incident = _here(ctx)
    found = updates.published(ctx.tx, incident) if incident else []
    return [Option(str(u.number), f"Update {u.number}, {u.stage.label}") for u in reversed(found) if u.number]


def _entries(ctx: Context) -> list[Option]:
    """Timeline entries that have text, newest first."""
    incident = _here(ctx)
    found = record.entries(ctx.tx, incident, limit=4 * MOST) if incident else []
    return [Option(str(e.number), f"{e.number} {text.text}"[:100]) for e, text in found if text.text]


def _here(ctx: Context) -> Incident | None:
    """The incident of this room, or else the only open one."""
    where = ctx.where
    room = incidents.incident_of_room(ctx.tx, where.platform, where.channel) if where.channel else None
    if room is not None and incidents.may_see(ctx.tx, ctx.actor, room):
        return room
    found = incidents.open_incidents(ctx.tx, ctx.actor)
    return found[0] if len(found) == 1 else None


def _verbs(_ctx: Context) -> list[Option]:
    return [Option(verb, verb) for verb in catalog.COMMANDS]


def lists(ctx: Context, typed: str, *, impacts: bool) -> list[Option]:
    """Completes the last part of `chatgpt=major,a`; after a whole part, what may follow it."""
    before, comma, last = typed.rpartition(",")
    name, equals, begun = last.strip().casefold().partition("=")
    organisation = ctx.app.organisation
    listed = {part.strip().casefold().partition("=")[0] for part in before.split(",")}
    left = [each for each in organisation.components if not {each.key, each.name.casefold()} & listed]
    named = [each for each in left if name in (each.key, each.name.casefold())]
    fits = named if equals else [each for each in left if name in each.key or name in each.name.casefold()]
    values = [impact for impact in Impact if impact.word.startswith(begun)] if impacts else [None]
    found = [(f"{before}{comma}", each, value) for each in fits for value in values]
    whole = any(value is None or value.word == begun for value in values) and len(named) == 1
    if whole:  # the list goes on
        rest = [each for each in left if each not in named]
        found += [(f"{typed.strip()},", each, value) for each in rest for value in (Impact if impacts else [None])]
    options = [_listed(ctx, start, component, impact) for start, component, impact in found]
    return [option for option in options if len(option.value) <= LONGEST]


def _listed(ctx: Context, start: str, component: Component, impact: Impact | None) -> Option:
    """`chatgpt=major,api=partial`, called `ChatGPT: major outage, API: partial outage`."""
    value = f"{start}{component.key}{f'={impact.word}' if impact else ''}"
    called = {each.key: each.name for each in ctx.app.organisation.components}
    meant = {each.word: each.label.casefold() for each in Impact}
    words = []
    for part in value.split(","):
        key, _, word = part.strip().partition("=")
        words.append(called.get(key, key) + (f": {meant.get(word, word)}" if word else ""))
    label = ", ".join(words)
    return Option(value, label if len(label) <= LONGEST else f"… {label[2 - LONGEST :]}")


_KINDS: dict[str, Callable[[Context], Sequence[Option]]] = {
    "incident": _incidents,
    "other": _others,
    "component": lambda ctx: choices.component_options(ctx.app.organisation),
    "audience": _audiences,
    "stage": _stages,
    "language": _languages,
    "next": _next,
    "update": _updates,
    "entry": _entries,
    "verb": _verbs,
    "impacts": lambda _ctx: (),
    "components": lambda _ctx: (),
}
