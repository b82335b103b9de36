"""Completions for what is being typed. They contain nothing that the person may not see."""

from collections.abc import Callable, Sequence

from bot.commands import catalog, choices
from bot.commands.context import Context
from bot.domain.components import Impact
from bot.domain.incident import Incident
from bot.reading.cards import incident_line
from bot.store import incidents, people, record, updates
from bot.views import Option

MOST = 25


def suggest(ctx: Context, what: str, typed: str) -> list[Option]:
    """Completions of a kind that match what was typed; none for an unknown kind."""
    found = _KINDS.get(what)
    if found is None:
        return []
    wanted = typed.casefold().strip()
    if what in ("impacts", "components"):
        return _lists(ctx, typed, impacts=what == "impacts")[:MOST]
    options = found(ctx)
    matching = [o for o in options if wanted in o.value.casefold() or wanted in o.label.casefold()]
    return matching[:MOST]


def _incidents(ctx: Context) -> list[Option]:
    found = incidents.open_incidents(ctx.tx, ctx.actor) or incidents.recent_incidents(ctx.tx, ctx.actor, limit=5)
    return [Option(each.key, _named(ctx, each.key, each.title or each.declared_title)) for each in found]


def _others(ctx: Context) -> list[Option]:
    """Open incidents, except the one of this room."""
    where = ctx.where
    room = incidents.incident_of_room(ctx.tx, where.platform, where.channel) if where.channel else None
    return [option for option in _incidents(ctx) if room is None or option.value != room.key]


def _named(ctx: Context, key: str, title: str) -> str:
    number = int(key.removeprefix("INC-"))
    incident = incidents.find_incident(ctx.tx, number)
    facts = incident_line(ctx.tx, incident).words.facts if incident else {}
    return " · ".join([key, str(facts.get("severity", "")), str(facts.get("stage", "")), title])


def _people(ctx: Context) -> list[Option]:
    return [Option(f"@{person.handle}", f"{person.name} (@{person.handle})") for person in people.all_people(ctx.tx)]


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


def _lists(ctx: Context, typed: str, *, impacts: bool) -> list[Option]:
    """`chatgpt=major,a` -> `chatgpt=major,api=partial` and so on: completes the last part."""
    before, comma, last = typed.rpartition(",")
    name, equals, begun = last.strip().casefold().partition("=")
    values = [impact.word for impact in Impact if impact.word.startswith(begun)] if impacts else [""]
    found = []
    for component in ctx.app.organisation.components:
        fits = component.key == name if equals else name in component.key or name in component.name.casefold()
        if fits:
            found += [f"{before}{comma}{component.key}{f'={value}' if value else ''}" for value in values]
    return [Option(each, each) for each in found if len(each) <= 100]


_KINDS: dict[str, Callable[[Context], Sequence[Option]]] = {
    "incident": _incidents,
    "other": _others,
    "person": _people,
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
