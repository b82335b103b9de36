"""Commands about updates: draft, approve, publish, correct, and resolve."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from bot.actions import publication
from bot.actions.corrections import draft_correction, find_correctable
from bot.actions.deadlines import check_far, check_time, fixed_time
from bot.actions.incidents import check_open, check_running, set_impacts
from bot.actions.updates import DraftChange, draft_update, held_draft
from bot.actions.updates import discard as discard_draft
from bot.commands import shared_fields as shared
from bot.commands.command import Confirm, IncidentScope, command
from bot.commands.context import Context
from bot.commands.edits import merged, sent_back
from bot.commands.facts import ASKED, CLOSING, ask_about_times, shown_facts, typed_facts, typed_time
from bot.commands.impacts import (
    check_may_set,
    confirmed_impacts,
    failing,
    impacts_clash,
    impacts_with,
    recovery,
    said_impacts,
    shown_impacts,
    stays_degraded,
)
from bot.commands.parameters import Subcommand
from bot.domain.audiences import Audience
from bot.domain.components import Impact
from bot.domain.facts import NOTES, Facts, UpdateKind
from bot.domain.lifecycle import Stage, check_transition
from bot.domain.people import Group
from bot.domain.revisions import Compared
from bot.domain.updates import Update, UpdateState
from bot.errors import AssistantOff, PromiseBack, PromiseFar, PromiseNear
from bot.reading import nudges
from bot.reading.reviews import delivery_report, draft_review
from bot.store import approvals, updates
from bot.views import Answer, Asks, Form, FormField, Notice, say


def prefill_update(ctx: Context) -> Mapping[str, str]:
    """What the form starts from: the open draft's facts, or else those that still hold or may hold.

    Raises Conflict.
    """
    check_running(ctx.tx, ctx.incident)
    draft = updates.find_draft(ctx.tx, ctx.incident)
    stage = draft.stage if draft else ctx.incident.stage
    typed = {"stage": "" if stage is Stage.DECLARED else stage.value, **shown_facts(ctx, ASKED)}
    return typed | shown_impacts(ctx) | {"still": stays_degraded(ctx)} | _revision(ctx)


def possible_update(ctx: Context) -> Mapping[str, Collection[str]]:
    """The stages that the incident can move to, and what may stay degraded once customers know of it."""
    if ctx.incident.stage is Stage.DECLARED and ctx.incident.entered_later:
        return {"stage": {Stage.RESOLVED}, "still": ()}
    if ctx.incident.stage is Stage.DECLARED:
        return {"stage": set(Stage) - {Stage.DECLARED, Stage.RESOLVED}, "still": ()}
    return {"stage": {*Stage, UpdateKind.NO_CHANGE}, "still": failing(ctx)}


def possible_resolve(ctx: Context) -> Mapping[str, Collection[str]]:
    """What may stay degraded."""
    return {"still": failing(ctx)}


@command(
    "update",
    "Drafts the next customer update. Nothing is sent until you publish.",
    '/incident update identified sees:"500 errors when creating jobs" We are adding capacity. next:30m',
    shared.UPDATE,
    who_may=Group.MEMBERS,
    title="Update",
    submit="Draft it",
    prefill=prefill_update,
    possible=possible_update,
    bare_form=True,
    incident=IncidentScope.LAST,
    subcommands=(Subcommand("Draft an update for customers"),),
    parameters=(shared.STAGE, shared.MESSAGE, shared.NEXT, shared.ON),
    essential=("stage", "message", "sees", "who", "next_at"),
)
def update(
    ctx: Context,
    stage: Stage | UpdateKind | None,
    impacts: Mapping[str, Impact] | None,
    impacts_shown: Mapping[str, Impact] | None,
    next_at: datetime | None,
    without: Sequence[Audience] | None,
    still: Sequence[str] | None,
    recovered: bool | None,
    suggest: bool | None,
    revision: int | None,
    sure: bool | None,
    **facts: object,
) -> Answer:
    """Draft the next update. The impact is set for responders at once and published with the draft.

    `revision`: what the form started from. What someone else changed differently meanwhile comes back with the form. A
    typed line has none, so all of it counts.
    """
    if suggest:  # platforms that wait for the assistant call `Desk.submit`
        raise AssistantOff
    said = said_impacts(ctx, impacts or {}, impacts_shown)
    if stage is Stage.RESOLVED:
        return _resolve(ctx, said, still, revision, facts, recovered=bool(recovered), sure=bool(sure))
    check_running(ctx.tx, ctx.incident)
    if asks := ask_about_times(ctx, "update", facts, sure=bool(sure)):
        return asks
    typed = typed_facts(ctx, facts, stage)
    if revision is not None:
        more = {"stage": stage, "next_at": next_at}
        compared = _merged(ctx, revision, typed, {name: value for name, value in more.items() if value is not None})
        if impacts_clash(ctx, said, impacts_shown):
            compared = Compared(compared.changed | {"impacts"}, compared.clashes | {"impacts"})
        if compared.clashes:
            return sent_back(ctx, "update", shared.UPDATE, prefill_update(ctx), compared)
        stage = stage if "stage" in compared.changed else None
        typed = _changed(ctx, typed, compared)
    proposed = impacts_with(ctx, stage, said, still)
    said = {**said, **(confirmed_impacts(ctx, proposed) if recovered else {})}
    if said:
        check_may_set(ctx, said)
        set_impacts(ctx.tx, ctx.app, ctx.actor, ctx.incident, said)
        proposed = {k: impact for k, impact in proposed.items() if k not in said} if proposed is not None else None
    change = DraftChange(
        kind=UpdateKind.NO_CHANGE if stage is UpdateKind.NO_CHANGE else UpdateKind.STAGE,
        stage=stage if isinstance(stage, Stage) else None,
        facts=typed,
        impacts=proposed,
        next_at=next_at,
        left_out=without,
    )
    draft = draft_update(ctx.tx, ctx.app, ctx.actor, ctx.incident, change)
    return draft_review(ctx.tx, ctx.app, ctx.incident, draft, ctx.reader)


def _merged(ctx: Context, revision: int, typed: Mapping[str, object], more: Mapping[str, object]) -> Compared:
    """Like `merged`, for facts that share a field or have two."""
    typed_notes = typed.get("notes")
    notes = {each: typed_notes.get(each, "") for each in NOTES} if isinstance(typed_notes, Mapping) else {}
    compared = merged(ctx, revision, {**{n: v for n, v in typed.items() if n != "notes"}, **notes, **more})
    also = {"ok"} if "unaffected" in compared.clashes else set()
    return Compared(compared.changed, compared.clashes | also)


def _changed(ctx: Context, typed: Mapping[str, object], compared: Compared) -> dict[str, object]:
    """The facts of a form that someone changed."""
    changed = {name: value for name, value in typed.items() if name in compared.changed}
    if isinstance(notes := typed.get("notes"), Mapping):
        draft = updates.find_draft(ctx.tx, ctx.incident)
        now = draft.facts.notes if draft else {}
        kept = {each: (notes if each in compared.changed else now).get(each, "") for each in NOTES}
        changed["notes"] = {audience: words for audience, words in kept.items() if words}
    return changed


def _revision(ctx: Context) -> dict[str, str]:
    """What a form starts from: the newest revision of this incident, whether a draft is open or not."""
    return {"revision": str(updates.next_revision(ctx.tx, ctx.incident) - 1)}


@command(
    "publish",
    "Publishes the draft, or asks for approval if it needs a second person.",
    "/incident publish",
    (shared.ALONE, shared.NEXT, shared.REVISION, shared.ASK, shared.NO_CHANGE, shared.SURE),
    group="draft",
    incident=IncidentScope.LAST,
    settles=True,
    subcommands=(Subcommand("Publish the draft, or request approval"),),
    parameters=(shared.ALONE,),
    asks=lambda typed: bool(typed.get("ask")) and not typed.get("alone"),
)
def publish(
    ctx: Context,
    alone: str | None,
    next_at: datetime | None,
    revision: int | None,
    ask: bool | None,
    no_change: bool | None,
    sure: bool | None,
) -> Answer:
    """Publish the draft, or ask for the approval it needs; publish alone with a reason; “no change” needs no draft."""
    if ask and not alone:
        return _ask_reason(ctx, revision)
    draft = updates.find_draft(ctx.tx, ctx.incident)
    if no_change and draft is not None:
        return draft_review(ctx.tx, ctx.app, ctx.incident, draft, ctx.reader)
    try:
        check_next_time(ctx, draft, next_at, sure=bool(sure))
        if no_change:
            draft_update(ctx.tx, ctx.app, ctx.actor, ctx.incident, DraftChange(kind=UpdateKind.NO_CHANGE))
        if next_at is not None:
            held_draft(ctx.tx, ctx.incident).next_at = next_at
        if alone:
            done = publication.publish_alone(ctx.tx, ctx.app, ctx.actor, ctx.incident, revision, alone)
        else:
            done = publication.publish(ctx.tx, ctx.app, ctx.actor, ctx.incident, revision)
    except (PromiseNear, PromiseFar) as refusal:
        return ask_time("publish", ctx, refusal)
    return _outcome(ctx, done)


@command(
    "approve",
    "Approves a draft that someone else wrote.",
    "/incident approve",
    (shared.REVISION, shared.NEXT_UNASKED, shared.SURE),
    who_may=Group.MEMBERS,
    group="draft",
    incident=IncidentScope.LAST,
    settles=True,
    reads_first=True,
    subcommands=(Subcommand("Read and approve a draft that someone else wrote"),),
)
def approve(ctx: Context, revision: int | None, next_at: datetime | None, sure: bool | None) -> Answer:
    """Approve the draft. It is published if nothing else is missing."""
    try:
        if next_at is not None:
            check_next_time(ctx, updates.find_draft(ctx.tx, ctx.incident), next_at, sure=bool(sure))
            held_draft(ctx.tx, ctx.incident).next_at = next_at
        done = publication.approve(ctx.tx, ctx.app, ctx.actor, ctx.incident, revision)
    except (PromiseNear, PromiseFar) as refusal:
        return ask_time("approve", ctx, refusal)
    return _outcome(ctx, done)


def check_next_time(ctx: Context, draft: Update | None, typed: datetime | None, *, sure: bool) -> None:
    """Check a time before it is stored. The draft's own was confirmed by whoever asked for its approval, or gave one.

    Raises PromiseNear, PromiseBack, PromiseFar.
    """
    fixed = typed or (fixed_time(draft) if draft else None)
    if fixed is None:
        return
    of = draft or nudges.no_change(ctx.tx, ctx.incident)
    if typed is not None:
        check_time(ctx.tx, ctx.incident, of, typed)
    seen = draft is not None and typed is None and (
        bool(approvals.asked(ctx.tx, draft)) or bool(updates.approvals(ctx.tx, draft))
    )  # fmt: skip
    if not (sure or seen):
        check_far(ctx.tx, ctx.app, ctx.incident, of, fixed)


def _outcome(ctx: Context, done: Update) -> Answer:
    if done.state is UpdateState.PUBLISHED:
        words = "Published: {kind}. The status page shows it."
        lead = say(words, kind=f"update {done.number}")
        return delivery_report(ctx.tx, ctx.app, ctx.incident, done, lead=lead)
    return draft_review(ctx.tx, ctx.app, ctx.incident, done, ctx.reader)


def _ask_reason(ctx: Context, revision: int | None) -> Form:
    draft = held_draft(ctx.tx, ctx.incident, revision)
    note = say("Publishing alone needs a reason. It is recorded and sent to every approver.")
    field = FormField("alone", "Why you publish alone", required=True, long=True, limit=500)
    kept = (("revision", str(revision or draft.revision)),)
    return Form("publish", "Publish alone", "Publish alone", (field,), ctx.incident.key, kept, note)


def ask_time(verb: str, ctx: Context, why: PromiseNear | PromiseFar) -> Form:
    """Ask for another time, and carry along what else was typed. The approval stays valid."""
    kept = {
        name: text
        for name, text in ctx.typed.items()
        if text and name not in ("incident", "next_at", "person", "choose")
    }
    typed, title = "", "A later time for the next update"
    if isinstance(why, PromiseFar):
        kept["sure"] = "yes"
        typed, title = typed_time(ctx, why.facts["time"]), "A longer time to the next update"
    if isinstance(why, PromiseBack):
        typed = typed_time(ctx, why.facts["promised"])
    field = FormField("next_at", "Next update", typed, hint="For example 30m or 13:30", required=True, limit=40,
                      asks=Asks.TIME)  # fmt: skip
    return Form(verb, title, verb.capitalize(), (field,), ctx.incident.key, tuple(kept.items()),
                say(why.words, **why.facts))  # fmt: skip


@command(
    "discard",
    "Deletes the draft. Nothing is sent.",
    "/incident discard",
    (shared.REVISION,),
    group="draft",
    incident=IncidentScope.LAST,
    settles=True,
    confirm=Confirm(
        "Discard this draft?",
        "Nothing is sent. The text stays in the timeline.",
        "Discard",
        "Keep it",
        danger=True,
    ),
    subcommands=(Subcommand("Delete the draft; nothing is sent"),),
)
def discard(ctx: Context, revision: int | None) -> Answer:
    """Delete the draft."""
    discard_draft(ctx.tx, ctx.actor, ctx.incident, revision)
    return Notice(say("The draft for {incident} was discarded. Nothing was sent.", incident=ctx.incident.key))


def prefill_correct(ctx: Context) -> Mapping[str, str]:
    """The update that is meant if no number is typed."""
    return {"number": str(find_correctable(ctx.tx, ctx.incident, None).number)}


@command(
    "correct",
    "Corrects a published update everywhere it was sent.",
    "/incident correct update:3",
    (shared.WHICH_UPDATE, shared.WRONG, shared.RIGHT, shared.AVOID, *shared.NOTES),
    title="Correct an update",
    submit="Draft it",
    prefill=prefill_correct,
    incident=IncidentScope.LAST,
    subcommands=(Subcommand("Correct a published update everywhere"),),
)
def correct(ctx: Context, number: int | None, wrong: str, right: str, avoid: str | None, **notes: object) -> Answer:
    """Draft the correction of a published update."""
    typed = typed_facts(ctx, {"wrong": wrong, "right": right, "avoid": avoid, **notes}, UpdateKind.CORRECTION)
    facts = Facts.model_validate({**typed, "fresh": tuple(typed)})
    draft = draft_correction(ctx.tx, ctx.app, ctx.actor, ctx.incident, number, facts)
    return draft_review(ctx.tx, ctx.app, ctx.incident, draft, ctx.reader)


def prefill_resolve(ctx: Context) -> Mapping[str, str]:
    """What the record already knows. Raises Conflict if the incident cannot be resolved."""
    _check_resolvable(ctx)
    return shown_facts(ctx, CLOSING, stage=Stage.RESOLVED) | {"still": stays_degraded(ctx)} | _revision(ctx)


@command(
    "resolve",
    "Drafts the closing update.",
    "/incident resolve",
    shared.RESOLVE,
    who_may=Group.MEMBERS,
    title="Resolve",
    submit="Draft it",
    prefill=prefill_resolve,
    possible=possible_resolve,
    bare_form=True,
    subcommands=(Subcommand("Draft the closing update"),),
    essential=("end", "message", "data", "do", "review"),
)
def resolve(
    ctx: Context,
    still: Sequence[str] | None,
    recovered: bool | None,
    revision: int | None,
    sure: bool | None,
    **facts: object,
) -> Answer:
    """Draft the closing update, which proposes that everything works, except what someone set otherwise.

    `revision` as in `update`.
    """
    return _resolve(ctx, {}, still, revision, facts, recovered=bool(recovered), sure=bool(sure))


def _resolve(
    ctx: Context,
    said: Mapping[str, Impact],
    still: Sequence[str] | None,
    revision: int | None,
    facts: Mapping[str, object],
    *,
    recovered: bool,
    sure: bool,
) -> Answer:
    """`said` are the impacts that an update form set at the same time."""
    _check_resolvable(ctx)
    if asks := ask_about_times(ctx, "resolve", facts, sure=sure):
        return asks
    typed = typed_facts(ctx, facts, Stage.RESOLVED)
    if revision is not None:
        compared = _merged(ctx, revision, typed, {})
        if compared.clashes:
            return sent_back(ctx, "resolve", shared.RESOLVE, prefill_resolve(ctx), compared)
        typed = _changed(ctx, typed, compared)
    proposed = recovery(ctx, said, still)
    said = {**said, **(confirmed_impacts(ctx, proposed) if recovered else {})}
    if said:
        check_may_set(ctx, said)
        set_impacts(ctx.tx, ctx.app, ctx.actor, ctx.incident, said)
    change = DraftChange(stage=Stage.RESOLVED, facts=typed, impacts=proposed)
    draft = draft_update(ctx.tx, ctx.app, ctx.actor, ctx.incident, change)
    return draft_review(ctx.tx, ctx.app, ctx.incident, draft, ctx.reader)


def _check_resolvable(ctx: Context) -> None:
    check_open(ctx.incident)
    over = ctx.incident.entered_later
    check_transition(ctx.incident.stage, Stage.RESOLVED, incident=ctx.incident.key, over=over)
