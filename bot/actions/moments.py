"""Puts together what a draft's words speak of, from the rows as they stand now."""

from collections.abc import Mapping, Sequence

from bot.actions.house import House
from bot.domain.audiences import ALWAYS, Audience
from bot.domain.components import Impact
from bot.domain.facts import STICKY, Facts, Kind, Moment
from bot.domain.incident import Incident
from bot.domain.lifecycle import Stage
from bot.domain.updates import Update
from bot.store import incidents, updates
from bot.store import subscriptions as subscription_queries
from bot.store.transaction import Transaction


def impacts_after(tx: Transaction, incident: Incident, update: Update) -> Mapping[str, Impact]:
    """Component -> impact as it will be published: what responders set, and over it what the draft itself sets."""
    return {**incidents.set_values(tx, incident), **{key: Impact(value) for key, value in update.impacts.items()}}


def in_order(house: House, impacts: Mapping[str, Impact]) -> dict[str, Impact]:
    """In the configuration's order; components that left the configuration are left out."""
    return {c.key: impacts[c.key] for c in house.organisation.components if c.key in impacts}


def has_grown(tx: Transaction, incident: Incident, impacts: Mapping[str, Impact]) -> bool:
    """Whether more fails than when customers were last told of a failure, or severity was raised since."""
    if incident.published_severity is None:
        return False
    now = {key for key, value in impacts.items() if value is not Impact.OPERATIONAL}
    raised = incident.severity.number < incident.published_severity.number
    return bool(now - told_to_fail(tx, incident).keys()) or raised


def is_larger(tx: Transaction, incident: Incident, update: Update) -> bool:
    """Whether publishing this tells customers of more than the open promise was about.

    That is growth, or a failure of something they were last told works. A "no change" tells of nothing larger.
    """
    if update.kind is Kind.NO_CHANGE:
        return False
    after = impacts_after(tx, incident, update)
    works = {row.component for row in incidents.impacts(tx, incident) if row.published is Impact.OPERATIONAL}
    fails_again = any(value is not Impact.OPERATIONAL and key in works for key, value in after.items())
    return fails_again or has_grown(tx, incident, after)


def told_to_fail(tx: Transaction, incident: Incident) -> Mapping[str, Impact]:
    """The impact of the last update that told of any failure: where a fix did not hold, it comes back."""
    for update in reversed(updates.published(tx, incident)):
        failing = {key: Impact(value) for key, value in update.impacts.items() if value != Impact.OPERATIONAL}
        if failing:
            return failing
    return {}


def starting_facts(tx: Transaction, incident: Incident) -> Facts:
    """What the next draft starts from: the lasting facts of the last published update, corrections included.

    A fix that did not hold is over once that was said, so that the next one has a time of its own.
    """
    last = updates.last_published(tx, incident)
    return lasting_facts(last) if last else Facts()


def lasting_facts(update: Update) -> Facts:
    """What an update that was published leaves to the next draft."""
    lasting = {name: getattr(update.facts, name) for name in STICKY}
    if update.stage in (Stage.INVESTIGATING, Stage.IDENTIFIED):
        lasting["fixed_at"] = None
    return Facts(**lasting)


def moment_of(tx: Transaction, house: House, incident: Incident, update: Update) -> Moment:
    """The moment an update's words speak of."""
    impacts = in_order(house, impacts_after(tx, incident, update))
    told = updates.published(tx, incident)
    corrected = updates.get_update(tx, update.corrects) if update.corrects else None
    with_news = [u for u in told if u.kind not in (Kind.NO_CHANGE, Kind.CORRECTION)]
    return Moment(
        incident=incident.key,
        kind=update.kind,
        stage=update.stage,
        move=update.move,
        grown=update.kind is Kind.STAGE and has_grown(tx, incident, impacts),
        severity=incident.severity,
        previous_severity=incident.published_severity,
        impacts=impacts,
        facts=update.facts,
        opened_at=incident.opened_at,
        now=tx.now,
        link=house.link(incident),
        title=incident.title,
        first_published_at=incident.first_published_at,
        last_news_at=with_news[-1].published_at if with_news else None,
        corrected_at=corrected.published_at if corrected else None,
        closed_at=incident.closed_at,
        told=bool(told),
    )


def wanted_audiences(tx: Transaction, house: House, update: Update) -> Sequence[Audience]:
    """Whose texts a draft has: always three, social where configured, the others when somebody reads them."""
    read = {subscription.audience for subscription in subscription_queries.subscriptions(tx)}
    wanted = set(ALWAYS) | read | set(house.organisation.macros)
    if house.organisation.social.draft:
        wanted.add(Audience.SOCIAL)
    left_out = set(update.left_out)
    return [audience for audience in Audience if audience in wanted and audience.value not in left_out]


def is_closing(update: Update) -> bool:
    """Whether publishing this ends the incident, so that nothing more is promised."""
    return update.kind is not Kind.CORRECTION and update.stage is Stage.RESOLVED
