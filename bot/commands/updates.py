"""The commands about updates: draft, edit, approve, publish, correct, resolve."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from itertools import takewhile

from bot.actions import promises, publication
from bot.actions.corrections import draft_correction, find_correctable
from bot.actions.incidents import check_open, check_running, set_impacts
from bot.actions.moments import starting_facts, told_to_fail
from bot.actions.updates import Change, draft_update, held_draft
from bot.actions.updates import discard as discard_draft
from bot.actions.verdicts import check_time
from bot.commands import nudges
from bot.commands import questions as ask
from bot.commands.context import Context
from bot.commands.edits import merged, sent_back
from bot.commands.reviews import delivery_report, draft_review
from bot.domain.audiences import Audience
from bot.domain.components import Impact, worst
from bot.domain.facts import Facts, Kind
from bot.domain.lifecycle import Stage, check_move
from bot.domain.people import Group
from bot.domain.updates import Update, UpdateState
from bot.errors import EndBeforeStart, PromiseBack, PromiseFar, PromiseNear
from bot.store import incidents, record, updates
from bot.views import Answer, Form, FormField, Notice, say

FACTS = ("news", "symptom", "scope", "since", "works", "workaround", "action", "cause", "fixed_at", "watch",
         "watch_for", "ended_at", "data", "harm", "review_by")  # fmt: skip


def update(
    ctx: Context,
    stage: Stage | Kind | None,
    impacts: Mapping[str, Impact] | None,
    next_at: datetime | None,
    unaffected: Sequence[str] | None,
    without: Sequence[Audience] | None,
    still: Sequence[str] | None,
    revision: int | None,
    **facts: object,
) -> Answer:
    """Draft what customers read next; impact is set for responders at once, published with the draft.

    `revision`: what the form started from; what somebody else changed in another way since then comes back with it.
    """
    if stage is Stage.RESOLVED:
        return resolve(ctx, still=still, ended_at=None, revision=revision, **facts)
    check_running(ctx.tx, ctx.incident)
    typed = _typed_facts(ctx, facts)
    if unaffected is not None:
        typed["unaffected"] = tuple(unaffected)
    more = {"stage": stage, "impacts": impacts or None, "next_at": next_at}
    said = merged(ctx, revision, typed | {name: value for name, value in more.items() if value is not None})
    if said.clashes:
        return sent_back(ctx, "update", ask.UPDATE, prefill_update(ctx), said)
    stage = stage if "stage" in said.changed else None
    impacts = impacts if "impacts" in said.changed else None
    published_with_it = _impacts_with(ctx, stage, impacts or {}, still)
    if impacts:
        _check_may_set(ctx, impacts)
        set_impacts(ctx.tx, ctx.house, ctx.actor, ctx.incident, impacts)
    no_change = stage is Kind.NO_CHANGE
    typed = {name: value for name, value in typed.items() if name in said.changed}
    change = Change(
        kind=Kind.NO_CHANGE if no_change else Kind.STAGE,
        stage=stage if isinstance(stage, Stage) else None,
        facts=typed,
        impacts=published_with_it,
        next_at=next_at,
        left_out=without,
    )
    draft = draft_update(ctx.tx, ctx.house, ctx.actor, ctx.incident, change)
    return draft_review(ctx.tx, ctx.house, ctx.incident, draft, ctx.actor)


def _impacts_with(
    ctx: Context, stage: Stage | Kind | None, typed: Mapping[str, Impact], still: Sequence[str] | None
) -> Mapping[str, Impact] | None:
    """What the publication itself sets: with monitoring every component works again, but those said to be otherwise.

    Going back from there brings back what customers were told before; a form sends what is set as it was, which says
    nothing.
    """
    draft = updates.find_draft(ctx.tx, ctx.incident)
    stands = draft.stage if draft else ctx.incident.stage
    set_now = incidents.set_values(ctx.tx, ctx.incident)
    said = {} if ctx.emptied and typed == set_now else typed
    becomes = stage is Stage.MONITORING and stands is not Stage.MONITORING
    if becomes or (still is not None and stands is Stage.MONITORING):
        otherwise = {*said, *(still or ())}
        return {key: Impact.OPERATIONAL for key in set_now if key not in otherwise}
    back = ctx.incident.stage is Stage.MONITORING and stage in (Stage.INVESTIGATING, Stage.IDENTIFIED)
    if back and not said and worst(set_now.values()) is Impact.OPERATIONAL:
        return told_to_fail(ctx.tx, ctx.incident)
    if draft is None or not said:
        return None
    return {key: Impact(value) for key, value in draft.impacts.items() if key not in said}


def _check_may_set(ctx: Context, impacts: Mapping[str, Impact]) -> None:
    """Members draft; what users feel is set by those who may `impact`. A form sends what is set back as it was."""
    set_now = incidents.set_values(ctx.tx, ctx.incident)
    if any(set_now.get(key) is not impact for key, impact in impacts.items()):
        ctx.check_may("impact", Group.RESPONDERS, doing="set impact")


def _typed_facts(ctx: Context, facts: Mapping[str, object]) -> dict[str, object]:
    """The facts that were given; one that a form sent back blank becomes unknown again."""
    given = {name: value for name, value in facts.items() if value is not None}
    return {name: Facts.model_fields[name].default for name in ctx.emptied if name in Facts.model_fields} | given


def prefill_update(ctx: Context) -> Mapping[str, str]:
    """What the form starts from: the open draft's facts, else the lasting ones. Raises AlreadyClosed."""
    check_running(ctx.tx, ctx.incident)
    draft = updates.find_draft(ctx.tx, ctx.incident)
    facts = _facts(ctx)
    stage = draft.stage if draft else ctx.incident.stage
    typed = {"stage": "" if stage is Stage.DECLARED else stage.value, **_as_typed(ctx, facts, FACTS)}
    typed["impacts"] = ",".join(
        f"{key}={value.word}" for key, value in incidents.set_values(ctx.tx, ctx.incident).items()
    )
    typed["unaffected"] = ",".join(facts.unaffected)
    return typed | _revision(ctx)


def _as_typed(ctx: Context, facts: Facts, names: Iterable[str]) -> dict[str, str]:
    """The facts that are known, as somebody would type them."""
    typed = {}
    for name in names:
        value = getattr(facts, name)
        if isinstance(value, datetime):
            typed[name] = _typed_time(ctx, value)
        elif isinstance(value, date):
            typed[name] = value.isoformat()
        elif value:
            typed[name] = str(value)
    return typed


def _revision(ctx: Context) -> dict[str, str]:
    """What a form starts from: the newest revision of this incident, of an open draft or not."""
    return {"revision": str(updates.next_revision(ctx.tx, ctx.incident) - 1)}


def _typed_time(ctx: Context, at: object) -> str:
    """A time as somebody would type it."""
    return f"{at.astimezone(ctx.house.organisation.zone.tz):%Y-%m-%d %H:%M}" if isinstance(at, datetime) else ""


def publish(
    ctx: Context,
    alone: str | None,
    next_at: datetime | None,
    revision: int | None,
    ask: bool | None,
    no_change: bool | None,
    sure: bool | None,
) -> Answer:
    """Publish the draft, or ask for the approval it needs; alone with a reason; "no change" without a draft."""
    if ask and not alone:
        return _ask_reason(ctx, revision)
    draft = updates.find_draft(ctx.tx, ctx.incident)
    if no_change and draft is not None:
        return draft_review(ctx.tx, ctx.house, ctx.incident, draft, ctx.actor)
    try:
        _check_time(ctx, draft, next_at, sure=bool(sure))
        if no_change:
            draft_update(ctx.tx, ctx.house, ctx.actor, ctx.incident, Change(kind=Kind.NO_CHANGE))
        if next_at is not None:
            held_draft(ctx.tx, ctx.incident).next_at = next_at
        if alone:
            done = publication.publish_alone(ctx.tx, ctx.house, ctx.actor, ctx.incident, revision, alone)
        else:
            done = publication.publish(ctx.tx, ctx.house, ctx.actor, ctx.incident, revision)
    except (PromiseNear, PromiseFar) as refusal:
        return _ask_time("publish", ctx, refusal)
    return _outcome(ctx, done)


def approve(ctx: Context, revision: int | None, next_at: datetime | None, sure: bool | None) -> Answer:
    """Say yes to the draft; it is published when nothing else is missing."""
    try:
        if next_at is not None:
            _check_time(ctx, updates.find_draft(ctx.tx, ctx.incident), next_at, sure=bool(sure))
            held_draft(ctx.tx, ctx.incident).next_at = next_at
        done = publication.approve(ctx.tx, ctx.house, ctx.actor, ctx.incident, revision)
    except (PromiseNear, PromiseFar) as refusal:
        return _ask_time("approve", ctx, refusal)
    return _outcome(ctx, done)


def _check_time(ctx: Context, draft: Update | None, typed: datetime | None, *, sure: bool) -> None:
    """Look at a time before it is kept; the draft's own was confirmed by who asked for its approval, or gave one.

    Raises PromiseNear, PromiseBack, PromiseFar.
    """
    fixed = typed or (promises.fixed_time(draft) if draft else None)
    if fixed is None:
        return
    of = draft or nudges.no_change(ctx.tx, ctx.incident)
    if typed is not None:
        check_time(ctx.tx, ctx.incident, of, typed)
    seen = draft is not None and typed is None and (
        record.asked_for_approval(ctx.tx, draft) or bool(updates.approvals(ctx.tx, draft))
    )  # fmt: skip
    if not (sure or seen):
        promises.check_far(ctx.tx, ctx.house, ctx.incident, of, fixed)


def _outcome(ctx: Context, done: Update) -> Answer:
    if done.state is UpdateState.PUBLISHED:
        words = "Published: {kind}. The status page shows it."
        lead = say(words, kind=f"update {done.number}")
        return delivery_report(ctx.tx, ctx.incident, done, lead=lead)
    return draft_review(ctx.tx, ctx.house, ctx.incident, done, ctx.actor)


def _ask_reason(ctx: Context, revision: int | None) -> Form:
    draft = held_draft(ctx.tx, ctx.incident)
    note = say("Publishing alone needs a reason that goes into the record and to every approver.")
    field = FormField("alone", "Why you publish alone", required=True, long=True, limit=500)
    kept = (("revision", str(revision or draft.revision)),)
    return Form("publish", "Publish alone", "Publish alone", (field,), ctx.incident.key, kept, note)


def _ask_time(verb: str, ctx: Context, why: PromiseNear | PromiseFar) -> Form:
    """Another time is asked for once, with whatever else was typed; the approval stands."""
    kept = {name: text for name, text in ctx.typed.items() if text and name not in ("incident", "next_at")}
    typed, title = "", "A later time for the next update"
    if isinstance(why, PromiseFar):
        kept["sure"] = "yes"
        typed, title = _typed_time(ctx, why.facts["time"]), "A longer time to the next update"
    if isinstance(why, PromiseBack):
        typed = _typed_time(ctx, why.facts["promised"])
    field = FormField("next_at", "Next update", typed, hint="For example 30m or 13:30", required=True, limit=40)
    return Form(verb, title, verb.capitalize(), (field,), ctx.incident.key, tuple(kept.items()),
                say(why.words, **why.facts))  # fmt: skip


def discard(ctx: Context, revision: int | None) -> Answer:
    """Throw the draft away."""
    discard_draft(ctx.tx, ctx.actor, ctx.incident, revision)
    return Notice(say("The draft for {incident} is discarded; nothing was sent.", incident=ctx.incident.key))


def correct(ctx: Context, number: int | None, wrong: str, right: str, avoid: str | None) -> Answer:
    """Draft the correction of a published update."""
    facts = Facts(wrong=wrong, right=right, avoid=avoid or "")
    draft = draft_correction(ctx.tx, ctx.house, ctx.actor, ctx.incident, number, facts)
    return draft_review(ctx.tx, ctx.house, ctx.incident, draft, ctx.actor)


def prefill_correct(ctx: Context) -> Mapping[str, str]:
    """The update that is meant when no number is typed."""
    return {"number": str(find_correctable(ctx.tx, ctx.incident, None).number)}


def resolve(
    ctx: Context, still: Sequence[str] | None, ended_at: datetime | None, revision: int | None, **facts: object
) -> Answer:
    """Draft the closing update; every component operational in the same publication, but those that are `still` not.

    `revision` as of `update`.
    """
    _check_resolvable(ctx)
    typed = _typed_facts(ctx, facts)
    said = merged(ctx, revision, typed | ({"ended_at": ended_at} if ended_at else {}))
    if said.clashes:
        return sent_back(ctx, "resolve", ask.RESOLVE, prefill_resolve(ctx), said)
    typed = {name: value for name, value in typed.items() if name in said.changed}
    end = (ended_at if "ended_at" in said.changed else None) or _end(ctx)
    if end is None:
        return _ask_end(ctx)
    since = typed.get("since") or _facts(ctx).since
    if isinstance(since, datetime) and end < since:
        raise EndBeforeStart(end=end, since=since)
    set_now = incidents.set_values(ctx.tx, ctx.incident)
    operational = {key: Impact.OPERATIONAL for key in set_now if key not in (still or ())}
    change = Change(stage=Stage.RESOLVED, facts={**typed, "ended_at": end}, impacts=operational)
    draft = draft_update(ctx.tx, ctx.house, ctx.actor, ctx.incident, change)
    return draft_review(ctx.tx, ctx.house, ctx.incident, draft, ctx.actor)


def _check_resolvable(ctx: Context) -> None:
    check_open(ctx.incident)
    check_move(ctx.incident.stage, Stage.RESOLVED, incident=ctx.incident.key)


def _facts(ctx: Context) -> Facts:
    """Those of the open draft, else those that the next one starts from."""
    draft = updates.find_draft(ctx.tx, ctx.incident)
    return draft.facts if draft else starting_facts(ctx.tx, ctx.incident)


def _end(ctx: Context) -> datetime | None:
    """When the failure ended, if the record says: the open draft, the fix that held, or when that was published."""
    draft = updates.find_draft(ctx.tx, ctx.incident)
    if draft is not None and draft.facts.ended_at:
        return draft.facts.ended_at
    newest_first = reversed(updates.published(ctx.tx, ctx.incident))
    held = list(takewhile(lambda update: update.stage in (Stage.FIX_IMPLEMENTED, Stage.MONITORING), newest_first))
    return held[-1].facts.fixed_at or held[-1].published_at if held else None


def _ask_end(ctx: Context) -> Form:
    kept = tuple((name, text) for name, text in ctx.typed.items() if name not in ("incident", "stage", "ended_at"))
    field = FormField("ended_at", "When the failure ended", hint="For example 12:51", required=True, limit=40)
    note = say("Customers read from when to when it failed, so the end is needed. Nothing was changed.")
    return Form("resolve", f"Resolve {ctx.incident.key}", "Draft it", (field,), ctx.incident.key, kept, note)


def prefill_resolve(ctx: Context) -> Mapping[str, str]:
    """What the record knows, the end of the failure too. Raises Conflict where nothing can be resolved."""
    _check_resolvable(ctx)
    end = _end(ctx)
    known = _as_typed(ctx, _facts(ctx), (field.name for field in ask.RESOLVE if field.name in Facts.model_fields))
    return known | ({"ended_at": _typed_time(ctx, end)} if end else {}) | _revision(ctx)
