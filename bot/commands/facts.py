"""Facts as people type them for a draft: which update shows which fact, and which times need confirmation."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime

from bot.actions.update_context import starting_facts
from bot.commands.context import Context
from bot.commands.times import LONG_AGO
from bot.domain.facts import LABELS, NOTES, PLACES, Facts, UpdateKind
from bot.domain.lifecycle import Stage, Transition
from bot.domain.published_facts import facts_to_ask_again, published_facts
from bot.domain.updates import Update
from bot.errors import InvalidField
from bot.store import updates
from bot.views import Asks, Form, FormField, say

ASKED = ("message", "sees", "who", "since", "workaround")
"""Facts that the form of an update shows as they are."""
CLOSING = ("end", "data", "do", "review", "sees", "who", "since")
_INSTEAD = {
    "cause": "A cause is published from `update identified` on, once it is confirmed",
    "fixed": "Use it from `update fix` on",
    "since": "“No change” repeats the last update; type `since:` with a stage",
    "ok": "A closing update says what was affected; leave out `ok:`",
}


def typed_facts(ctx: Context, facts: Mapping[str, object], stage: Stage | UpdateKind | None) -> dict[str, object]:
    """The facts that were given, by their names in Facts. One that a form sent back empty becomes unknown.

    Raises InvalidField for a fact that this update does not show.
    """
    given = {name: value for name, value in facts.items() if value is not None}
    given = {**{name: None for name in ctx.emptied if name in facts}, **given}
    draft = updates.find_draft(ctx.tx, ctx.incident)
    places = PLACES[_becomes(ctx, draft, stage)]
    as_shown = shown_facts(ctx, tuple(given)) if ctx.from_form else {}
    typed: dict[str, object] = {}
    notes = dict(draft.facts.notes) if draft and draft.kind is not UpdateKind.CORRECTION else {}
    for name, value in given.items():
        if name not in places:
            if value is None or ctx.typed.get(name, "") == as_shown.get(name):
                continue  # the form showed it, and nobody changed it
            message = "`{typed}:` has no place in this update. {instead}."
            raise InvalidField(message, typed=name, instead=_INSTEAD.get(name, "Say it in a sentence"))
        if name in NOTES:
            notes[name] = str(value or "")
            typed["notes"] = {audience: words for audience, words in notes.items() if words}
        elif name == "ok":
            typed |= {"ok": "", "unaffected": ()} | (
                {"unaffected": value} if isinstance(value, tuple) else {"ok": value or ""}
            )
        else:
            typed[name] = Facts.model_fields[name].default if value is None else value
    return typed


def _becomes(ctx: Context, draft: Update | None, stage: Stage | UpdateKind | None) -> Stage | UpdateKind:
    """The stage or kind that the draft will have."""
    if stage is UpdateKind.NO_CHANGE and ctx.incident.stage is Stage.DECLARED:
        return Stage.INVESTIGATING  # a first update cannot say “no change”
    if stage is not None:
        return stage
    if draft is not None:
        return draft.kind if draft.kind is UpdateKind.CANCELLATION else draft.stage
    return Stage.INVESTIGATING if ctx.incident.stage is Stage.DECLARED else ctx.incident.stage


def shown_facts(ctx: Context, names: Iterable[str], stage: Stage | None = None) -> dict[str, str]:
    """Facts as someone would type them: the open draft's, or else those that still hold or may have changed."""
    draft = updates.find_draft(ctx.tx, ctx.incident)
    if draft is None or (stage is not None and draft.stage is not stage):
        draft = _next_draft(ctx, stage or ctx.incident.stage)
    facts = draft.facts
    earlier = published_facts(updates.published(ctx.tx, ctx.incident))
    asked = facts_to_ask_again(earlier, facts, draft.stage)
    shown = {}
    for name in names:
        value = getattr(facts, name, "") or asked.get(name, "")
        if name == "end":
            value = value or facts.fixed
        if isinstance(value, datetime):
            shown[name] = typed_time(ctx, value)
        elif isinstance(value, date):
            shown[name] = value.isoformat()
        elif isinstance(value, str) and value:
            shown[name] = value
    return shown


def _next_draft(ctx: Context, stage: Stage) -> Update:
    """What a draft at this stage would start from. It is not added to the database."""
    now = ctx.tx.now
    draft = Update(incident_id=ctx.incident.id, kind=UpdateKind.STAGE, stage=stage, move=Transition.SAME, author_id="",
                   drafted_at=now, revised_by="", revised_at=now)  # fmt: skip
    draft.facts = starting_facts(ctx.tx, ctx.incident, draft)
    return draft


def typed_time(ctx: Context, at: object) -> str:
    """A time as someone would type it."""
    return f"{at.astimezone(ctx.app.organisation.zone.tz):%Y-%m-%d %H:%M}" if isinstance(at, datetime) else ""


def ask_about_times(ctx: Context, verb: str, facts: Mapping[str, object], *, sure: bool) -> Form | None:
    """The form that asks about a time that is far away, or an end before its start."""
    now = ctx.tx.now
    typed = {name: at for name in LABELS if isinstance(at := facts.get(name), datetime)}
    if not typed:
        return None
    far = [name for name, at in typed.items() if now - at > LONG_AGO and ctx.typed.get(name)]
    draft = updates.find_draft(ctx.tx, ctx.incident) or _next_draft(ctx, ctx.incident.stage)
    known = {name: at for name in LABELS if (at := getattr(draft.facts, name)) is not None} | typed
    since = known.get("since")
    end_name = "fixed" if "fixed" in typed and "end" not in typed else "end"
    end = typed.get(end_name)
    if end is None and "since" in typed and verb == "resolve":
        end = known.get("end") or known.get("fixed")
    order = {"since": since, end_name: end} if since and end else {}
    return _ask_if_odd(ctx, verb, order, {} if sure or not far else {far[0]: typed[far[0]]}, ctx.incident.key)


def ask_about_past(ctx: Context, since: datetime, end: datetime | None, *, sure: bool) -> Form | None:
    """The same for an incident that is being declared."""
    times = {"since": since} | ({"end": end} if end else {})
    far = {} if sure or ctx.tx.now - since <= LONG_AGO else times
    return _ask_if_odd(ctx, "declare", times if end else {}, far, "")


def _ask_if_odd(
    ctx: Context, verb: str, order: Mapping[str, datetime], far: Mapping[str, datetime], incident: str
) -> Form | None:
    """Ask about a start and an end in the wrong order, and about a time that is far away."""
    if order and list(order.values()) != sorted(order.values()):
        since, end = order.values()
        why = InvalidField(
            "The end, {end}, is before the start, {since}. Correct one of the two.",
            end=end,
            since=since,
        )
        return _ask_times(ctx, verb, why, order, incident, sure=False)
    if far:
        at = next(iter(far.values()))
        zone = ctx.app.organisation.zone
        why = InvalidField(
            "{time} is more than 24 hours away ({date}). Correct it, or confirm it.",
            time=zone.clock(at),
            date=zone.date(at),
        )
        return _ask_times(ctx, verb, why, far, incident, sure=True)
    return None


def _ask_times(
    ctx: Context, verb: str, why: InvalidField, times: Mapping[str, datetime], incident: str, *, sure: bool
) -> Form:
    """The form with the times, which carries along everything else that was typed."""
    kept = {name: text for name, text in ctx.typed.items() if text and name not in ("incident", "sure", *times)}
    if sure:
        kept["sure"] = "yes"
    fields = tuple(
        FormField(
            name, LABELS[name], typed_time(ctx, at), hint="For example 12:51", required=True, limit=40, asks=Asks.TIME
        )
        for name, at in times.items()
    )
    note = say(why.words, **why.facts)
    return Form(verb, "Check the times", "Draft it", fields, incident, tuple(kept.items()), note)
