"""The impact that an update sets: what someone typed or changed in a form, and what recovers with it."""

from collections.abc import Mapping, Sequence

from bot.actions.update_context import in_order, last_published_failure, proposed_recovery
from bot.commands.context import Context
from bot.domain.components import Impact, worst
from bot.domain.facts import UpdateKind
from bot.domain.lifecycle import Stage
from bot.domain.people import Group
from bot.domain.update_context import failing_in
from bot.store import incidents, updates


def failing(ctx: Context) -> dict[str, Impact]:
    """The components that are not operational now."""
    return failing_in(in_order(ctx.app, incidents.set_values(ctx.tx, ctx.incident)))


def shown_impacts(ctx: Context) -> dict[str, str]:
    """The impact that a form starts from, twice: as what is asked, and as what was shown."""
    present = in_order(ctx.app, incidents.set_values(ctx.tx, ctx.incident))
    typed = ",".join(f"{key}={impact.word}" for key, impact in present.items())
    return {"impacts": typed, "impacts_shown": typed}


def stays_degraded(ctx: Context) -> str:
    """What monitoring or closing leaves as it is: what the draft leaves, or what someone set since the last update."""
    draft = updates.find_draft(ctx.tx, ctx.incident)
    recovers = draft is not None and draft.stage in (Stage.MONITORING, Stage.RESOLVED)
    proposed = draft.impacts if draft and recovers else proposed_recovery(ctx.tx, ctx.incident, ())
    if draft is None and ctx.incident.stage is Stage.MONITORING:
        proposed = {}
    return ",".join(key for key in failing(ctx) if key not in proposed)


def said_impacts(ctx: Context, typed: Mapping[str, Impact], shown: Mapping[str, Impact] | None) -> dict[str, Impact]:
    """The impacts that someone set: all that were typed, or those that differ from what a form showed."""
    if shown is None and ctx.from_form:
        shown = incidents.set_values(ctx.tx, ctx.incident)
    return {key: impact for key, impact in typed.items() if shown is None or shown.get(key) is not impact}


def impacts_clash(ctx: Context, said: Mapping[str, Impact], shown: Mapping[str, Impact] | None) -> bool:
    """Whether someone else set one of these impacts differently since the form was opened."""
    now = incidents.set_values(ctx.tx, ctx.incident)
    return shown is not None and any(now.get(key) not in (shown.get(key), impact) for key, impact in said.items())


def impacts_with(
    ctx: Context, stage: Stage | UpdateKind | None, said: Mapping[str, Impact], still: Sequence[str] | None
) -> Mapping[str, Impact] | None:
    """The impacts that the publication itself sets.

    Monitoring proposes that everything works again, except what someone set otherwise now or since the last
    publication, or what a form was told stays. Going back from monitoring restores the impacts last published.
    """
    draft = updates.find_draft(ctx.tx, ctx.incident)
    stands = draft.stage if draft else ctx.incident.stage
    set_now = incidents.set_values(ctx.tx, ctx.incident)
    becomes = stage is Stage.MONITORING and stands is not Stage.MONITORING
    stays = stands is Stage.MONITORING and (stage in (None, Stage.MONITORING) or not ctx.from_form)
    if becomes or (stays and (still is not None or "still" in ctx.emptied)):
        return recovery(ctx, said, still)
    back = ctx.incident.stage is Stage.MONITORING and stage in (Stage.INVESTIGATING, Stage.IDENTIFIED)
    if back and not said and worst(set_now.values()) is Impact.OPERATIONAL:
        return last_published_failure(ctx.tx, ctx.incident)
    if draft is None or not said:
        return None
    return {key: Impact(value) for key, value in draft.impacts.items() if key not in said}


def recovery(ctx: Context, said: Mapping[str, Impact], still: Sequence[str] | None) -> dict[str, Impact]:
    """What becomes operational. A form asks what stays, so its answer is the whole answer."""
    stays = {*said, *(still or ())}
    if ctx.from_form and "still" in ctx.typed:
        return {key: Impact.OPERATIONAL for key in failing(ctx) if key not in stays}
    return proposed_recovery(ctx.tx, ctx.incident, stays)


def confirmed_impacts(ctx: Context, proposed: Mapping[str, Impact] | None) -> Mapping[str, Impact]:
    """What `recovered:yes` confirms: every component that this publication, or the draft's, makes operational."""
    draft = updates.find_draft(ctx.tx, ctx.incident)
    known = proposed if proposed is not None else {k: Impact(v) for k, v in (draft.impacts if draft else {}).items()}
    set_now = incidents.set_values(ctx.tx, ctx.incident)
    after = {**set_now, **known}
    return {key: impact for key, impact in after.items() if impact is Impact.OPERATIONAL}


def check_may_set(ctx: Context, impacts: Mapping[str, Impact]) -> None:
    """Members may draft; changing the impact needs the permission of `impact`. A form sends impacts back unchanged."""
    set_now = incidents.set_values(ctx.tx, ctx.incident)
    if any(set_now.get(key) is not impact for key, impact in impacts.items()):
        ctx.check_may("impact", Group.RESPONDERS, doing="set impact")
