"""Collects what the text of a draft is about from the current rows."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from bot.actions.app_context import AppContext
from bot.domain.audiences import ALWAYS, Audience
from bot.domain.components import Impact
from bot.domain.facts import Facts, UpdateKind
from bot.domain.incident import Incident
from bot.domain.lifecycle import Stage
from bot.domain.published_facts import published_facts
from bot.domain.published_facts import starting_facts as facts_to_start_from
from bot.domain.update_context import UpdateContext, failing_in
from bot.domain.updates import Update
from bot.store import incidents, updates
from bot.store import subscriptions as subscription_queries
from bot.store.transaction import Transaction


def impacts_after(tx: Transaction, incident: Incident, update: Update) -> Mapping[str, Impact]:
    """Component -> impact as it will be published: what responders set, overridden by what the draft sets."""
    return {**incidents.set_values(tx, incident), **{key: Impact(value) for key, value in update.impacts.items()}}


def in_order(app: AppContext, impacts: Mapping[str, Impact]) -> dict[str, Impact]:
    """The impacts in the order of the configuration, without components that were removed from it."""
    return {c.key: impacts[c.key] for c in app.organisation.components if c.key in impacts}


def is_larger(tx: Transaction, incident: Incident, update: Update) -> bool:
    """Whether this publication tells customers more than the open promise covers.

    That is a failure of more components, or of one last published as working, or a higher severity. “No change” never
    does.
    """
    if update.kind is UpdateKind.NO_CHANGE:
        return False
    after = impacts_after(tx, incident, update)
    works = {row.component for row in incidents.impacts(tx, incident) if row.published is Impact.OPERATIONAL}
    failing = failing_in(after).keys()
    if failing & works:
        return True
    if incident.published_severity is None:
        return False
    raised = incident.severity.number < incident.published_severity.number
    return raised or bool(failing - last_published_failure(tx, incident).keys())


def last_published_failure(tx: Transaction, incident: Incident) -> Mapping[str, Impact]:
    """The impacts of the last update that reported a failure. They return if a fix did not hold."""
    for update in reversed(updates.published(tx, incident)):
        if failing := failing_in({key: Impact(value) for key, value in update.impacts.items()}):
            return failing
    return {}


def published_impacts(tx: Transaction, incident: Incident) -> dict[str, Impact]:
    """Component -> published impact."""
    return {row.component: row.published for row in incidents.impacts(tx, incident) if row.published is not None}


def proposed_recovery(tx: Transaction, incident: Incident, otherwise: Collection[str]) -> dict[str, Impact]:
    """The recovery that monitoring and closing propose: everything that fails becomes operational.

    An impact set since the last publication stays until someone changes it, and so do those in `otherwise`.
    """
    told = updates.published(tx, incident)
    rows = incidents.impacts(tx, incident)
    if incident.entered_later and not told:
        return {row.component: Impact.OPERATIONAL for row in rows if row.component not in otherwise}
    since = told[-1].published_at if told else None
    said = {row.component for row in rows if row.value is not row.published} | incidents.set_since(tx, incident, since)
    return {row.component: Impact.OPERATIONAL for row in rows
            if row.value is not Impact.OPERATIONAL and row.component not in {*said, *otherwise}}  # fmt: skip


def starting_facts(tx: Transaction, incident: Incident, draft: Update) -> Facts:
    """The facts that a draft of this kind, stage, and impact starts from, before anything is typed."""
    earlier = published_facts(updates.published(tx, incident))
    impacts = impacts_after(tx, incident, draft)
    return facts_to_start_from(earlier, draft.kind, draft.stage, published_impacts(tx, incident), impacts)


def next_facts(tx: Transaction, incident: Incident) -> Facts:
    """The facts that the next draft starts from if the stage stays the same."""
    stage = Stage.INVESTIGATING if incident.stage is Stage.DECLARED else incident.stage
    earlier, told = published_facts(updates.published(tx, incident)), published_impacts(tx, incident)
    return facts_to_start_from(earlier, UpdateKind.STAGE, stage, told, incidents.set_values(tx, incident))


def update_context(tx: Transaction, app: AppContext, incident: Incident, update: Update) -> UpdateContext:
    """The context of an update's texts; for a correction, what customers read now."""
    published = updates.published(tx, incident)
    earlier, told = published_facts(published), published_impacts(tx, incident)
    corrected = updates.get_update(tx, update.corrects) if update.corrects else None
    after = impacts_after(tx, incident, update)
    before = earlier.worst
    if incident.entered_later and earlier.stage is None:  # it was over when it was declared
        before = failing_in(incidents.set_values(tx, incident))
    # a start that was typed belongs to the failure that the closing text describes, not to its return
    restated = "since" in update.facts.fresh and (not earlier.recovered or update.stage is Stage.RESOLVED)
    interval = app.organisation.interval(incident.severity, monitoring=update.stage is Stage.MONITORING)
    context = UpdateContext(
        kind=update.kind,
        stage=update.stage,
        now=tx.now,
        facts=update.facts,
        impacts=in_order(app, told if update.kind is UpdateKind.CORRECTION else after),
        published=told,
        worst=before,
        stage_before=earlier.stage,
        first_at=earlier.first_at,
        last_at=earlier.last_at,
        last=earlier.last,
        began=update.facts.since if restated else earlier.began,
        recovered_at=earlier.recovered_at,
        confirmed=_recovery_confirmed(tx, incident, earlier.worst, after),
        closed_at=incident.closed_at,
        corrected_at=corrected.published_at if corrected else None,
        severity=incident.severity,
        severity_before=incident.published_severity,
        promise_at=update.next_at or tx.now + interval,
        link=app.link(incident),
    )
    return replace(context, titles={} if context.has_grown else _titles(tx, incident, published, app))


def _recovery_confirmed(
    tx: Transaction, incident: Incident, worst: Mapping[str, Impact], after: Mapping[str, Impact]
) -> bool:
    """Whether someone confirmed every component that this publication newly sets to operational."""
    said = {row.component for row in incidents.impacts(tx, incident)
            if row.value is Impact.OPERATIONAL and row.set_at is not None}  # fmt: skip
    well = {key for key in failing_in(worst) if after.get(key) is Impact.OPERATIONAL}
    return bool(well) and well <= said


def _titles(tx: Transaction, incident: Incident, published: Sequence[Update], app: AppContext) -> dict[str, str]:
    """The last published titles, by language."""
    titles: dict[str, str] = {}
    told = [update for update in published if update.kind is not UpdateKind.CORRECTION]
    for text in updates.texts_of(tx, told, Audience.CUSTOMERS) if told else ():
        if text.title:
            titles[text.language] = text.title
    return {**titles, app.organisation.languages[0]: incident.title} if incident.title else titles


def wanted_audiences(tx: Transaction, app: AppContext, update: Update) -> Sequence[Audience]:
    """The audiences of a draft: always the same three, social media if configured, and others with a subscriber."""
    read = {subscription.audience for subscription in subscription_queries.subscriptions(tx)}
    wanted = set(ALWAYS) | read | set(app.organisation.macros)
    if app.organisation.social.draft:
        wanted.add(Audience.SOCIAL)
    left_out = set(update.left_out)
    return [audience for audience in Audience if audience in wanted and audience.value not in left_out]


def is_closing(update: Update) -> bool:
    """Whether publishing this ends the incident, so that no further update is promised."""
    return update.kind is not UpdateKind.CORRECTION and update.stage is Stage.RESOLVED
