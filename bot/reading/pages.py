"""What the console's pages show, read in one consistent view for a person whom `Desk.look` has let in.

Nothing here decides or authorizes. The queries' `visible_to` leaves out private incidents.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.actions.readiness import check_readiness
from bot.domain.audiences import Audience
from bot.domain.components import Impact, worst
from bot.domain.deliveries import DeliveryKind, DeliveryState, Operation
from bot.domain.destinations import Destination
from bot.domain.incident import Incident, number_of
from bot.domain.lifecycle import Stage
from bot.domain.people import Group, Role
from bot.domain.promises import PromiseState
from bot.domain.severity import Severity
from bot.domain.spans import IncidentFailures, disrupted
from bot.domain.times import Zone, span_words
from bot.errors import NothingToCopy
from bot.reading.approvals import approval_request
from bot.reading.calls import call_of_holder
from bot.reading.cards import incident_card
from bot.reading.context import ReadContext
from bot.reading.nudges import nudge_card, reminders
from bot.reading.reports import entry_lines, macro
from bot.reading.reviews import delivery_report, draft_review
from bot.store import approvals, deliveries, incidents, people, promises, published, updates
from bot.views import (
    ApprovalRequest,
    Call,
    DeliveryReport,
    DraftReview,
    EntryLine,
    IncidentCard,
    Listing,
    Macro,
    NudgeCard,
    RoomLine,
    say,
)

RECENT = 6
PER_PAGE = 30
ENTRIES = 200  # of a timeline in the room; `timeline` shows all of them
DIRECT = 8
STILL_COPIED = timedelta(hours=24)  # how long a resolved incident stays on the support page


@dataclass(frozen=True)
class Frame:
    """What surrounds every page."""

    person: str  # id
    name: str
    handle: str
    support: bool  # sees only the support page
    organisation: str
    zone: Zone
    now: datetime


@dataclass(frozen=True)
class OpenIncident:
    """An open incident, and what in it waits for the reader."""

    card: IncidentCard
    impact: Impact | None  # the worst that responders set
    commander: str
    review: DraftReview | None  # a draft that waits for the reader's approval
    failed: DeliveryReport | None  # of the last update, if a delivery failed


@dataclass(frozen=True)
class PastIncident:
    """One line of the history."""

    incident: str
    title: str
    severity: Severity
    stage: Stage
    private: bool
    opened_at: datetime
    closed_at: datetime | None
    closed_as: str
    lasted: str
    kept: int
    promised: int


@dataclass(frozen=True)
class DirectMessage:
    """A direct message to the reader that still matters."""

    at: datetime
    post: NudgeCard | RoomLine | Call | ApprovalRequest


@dataclass(frozen=True)
class HomePage:
    """The start page: what needs the reader's attention first."""

    frame: Frame
    open: tuple[OpenIncident, ...]  # the nearest promise first
    direct: tuple[DirectMessage, ...]
    recent: tuple[PastIncident, ...]
    components: int
    approvers: int


@dataclass(frozen=True)
class StepLine:
    """A stage of the stepper. `state` is done, skipped, now, or todo."""

    stage: Stage
    state: str
    at: datetime | None


@dataclass(frozen=True)
class IncidentPage:
    """One incident with everything about it."""

    frame: Frame
    card: IncidentCard
    steps: tuple[StepLine, ...]
    review: DraftReview | None
    nudge: NudgeCard | None  # the last reminder of the open promise
    reminders: Listing | None
    report: DeliveryReport | None  # of the last update
    entries: tuple[EntryLine, ...]
    invited: tuple[str, ...]
    public_page: str  # empty: nothing has been published


@dataclass(frozen=True)
class PersonLine:
    """A person who can act in Foghorn."""

    name: str
    handle: str
    groups: tuple[str, ...]
    configured: bool  # may approve and publish
    holds: tuple[str, ...]  # "commander of INC-42"


@dataclass(frozen=True)
class PeoplePage:
    """All people."""

    frame: Frame
    people: tuple[PersonLine, ...]


@dataclass(frozen=True)
class HistoryPage:
    """Incidents, newest first; `older` is the number to continue from."""

    frame: Frame
    incidents: tuple[PastIncident, ...]
    older: int | None


@dataclass(frozen=True)
class SupportIncident:
    """The texts of one incident that support staff may send."""

    incident: str
    title: str
    stage: Stage
    promise_at: datetime | None
    closed_at: datetime | None
    lead: str
    macros: tuple[Macro, ...]


@dataclass(frozen=True)
class SupportPage:
    """The texts that support staff may send now."""

    frame: Frame
    incidents: tuple[SupportIncident, ...]


def frame(ctx: ReadContext) -> Frame:
    """For pages that show an answer."""
    actor, organisation = ctx.actor, ctx.app.organisation
    support = not actor.belongs(Group.MEMBERS)
    return Frame(actor.id, actor.name, actor.handle, support, organisation.name, organisation.zone, ctx.tx.now)


def visible(keys: Collection[str]) -> Callable[[ReadContext], frozenset[str]]:
    """The incidents among these that the reader may see."""

    def read(ctx: ReadContext) -> frozenset[str]:
        found = (incidents.find_incident(ctx.tx, number_of(key)) for key in keys)
        return frozenset(each.key for each in found if each and incidents.may_see(ctx.tx, ctx.actor, each))

    return read


# ---- home


def home(ctx: ReadContext) -> HomePage:
    """Open incidents, direct messages, recent incidents."""
    found = [_open(ctx, incident) for incident in incidents.open_incidents(ctx.tx, ctx.actor)]
    never = ctx.tx.now + timedelta(days=3650)
    found.sort(key=lambda each: each.card.promise.due_at if each.card.promise else never)
    closed = [i for i in incidents.recent_incidents(ctx.tx, ctx.actor, limit=RECENT + len(found)) if not i.open]
    return HomePage(
        frame=frame(ctx),
        open=tuple(found),
        direct=_direct(ctx),
        recent=_past(ctx, closed[:RECENT]),
        components=len(ctx.app.organisation.components),
        approvers=len(people.in_group(ctx.tx, Group.APPROVERS)),
    )


def _open(ctx: ReadContext, incident: Incident) -> OpenIncident:
    card = incident_card(ctx.tx, ctx.app.organisation, incident)
    commander = next(line.person for line in card.people if line.role == Role.COMMANDER.value)
    values = incidents.set_values(ctx.tx, incident).values()
    last = updates.last_published(ctx.tx, incident)
    report = delivery_report(ctx.tx, ctx.app, incident, last) if last else None
    return OpenIncident(
        card=card,
        impact=worst(values) if values else None,
        commander=commander,
        review=_waiting(ctx, incident),
        failed=report if report and any(line.state is DeliveryState.DEAD for line in report.lines) else None,
    )


def _waiting(ctx: ReadContext, incident: Incident) -> DraftReview | None:
    """The draft, if its author asked for an approval that the reader can give."""
    draft = updates.find_draft(ctx.tx, incident)
    if draft is None or not approvals.asked(ctx.tx, draft):
        return None
    if not check_readiness(ctx.tx, ctx.app, incident, draft).can_help(ctx.actor):
        return None
    return draft_review(ctx.tx, ctx.app, incident, draft, ctx.reader)


def _direct(ctx: ReadContext) -> tuple[DirectMessage, ...]:
    """The newest direct messages that still matter.

    These are requests for approval until they are decided, the last reminder of an open promise, and notices about
    incidents that are open.
    """
    shown: list[DirectMessage] = []
    promised: set[str] = set()
    rows = deliveries.of_destination(ctx.tx, Destination("local", f"@{ctx.actor.handle}"), limit=10 * DIRECT)
    for row in reversed(rows):
        incident = incidents.get_incident(ctx.tx, row.incident_id) if row.incident_id else None
        hidden = incident is None or not incidents.may_see(ctx.tx, ctx.actor, incident)
        if incident is None or hidden or row.operation is not Operation.SEND or row.state is DeliveryState.CANCELLED:
            continue
        if row.kind is DeliveryKind.APPROVAL and row.update_id:
            request = approval_request(ctx.tx, ctx.app, incident, updates.get_update(ctx.tx, row.update_id), row)
            if request is not None and request.buttons:
                shown.append(DirectMessage(row.sent_at or row.created_at, request))
        elif row.kind is DeliveryKind.NOTICE and incident.open:
            line = RoomLine(incident.key, say("{said}", said=row.body))
            shown.append(DirectMessage(row.sent_at or row.created_at, line))
        elif row.kind is DeliveryKind.ROLE:
            if call := call_of_holder(ctx.tx, ctx.app, incident, row):
                shown.append(DirectMessage(row.sent_at or row.created_at, call))
        elif row.nudge_id:
            nudge, promise = promises.get_nudge(ctx.tx, row.nudge_id)
            if promise.id not in promised and promise.state is PromiseState.OPEN:
                promised.add(promise.id)
                card = nudge_card(ctx.tx, ctx.app, incident, promise, nudge, ctx.actor)
                shown.append(DirectMessage(row.sent_at or row.created_at, card))
    return tuple(shown[:DIRECT])


def _past(ctx: ReadContext, found: Sequence[Incident]) -> tuple[PastIncident, ...]:
    failures = published.failures(ctx.tx, found)
    return tuple(_past_incident(ctx, incident, each) for incident, each in zip(found, failures, strict=True))


def _past_incident(ctx: ReadContext, incident: Incident, failed: IncidentFailures) -> PastIncident:
    open_for = (incident.closed_at or ctx.tx.now) - (incident.first_published_at or incident.opened_at)
    promised = [p for p in promises.promises(ctx.tx, incident) if not p.internal and p.state is not PromiseState.OPEN]
    return PastIncident(
        incident=incident.key,
        title=incident.title or incident.declared_title,
        severity=incident.severity,
        stage=incident.stage,
        private=incident.private,
        opened_at=incident.opened_at,
        closed_at=incident.closed_at,
        closed_as=incident.closed_as.label if incident.closed_as else "",
        lasted=span_words(disrupted(failed.failures, ctx.tx.now) if failed.failures else open_for),
        kept=sum(p.state is not PromiseState.LATE for p in promised),
        promised=len(promised),
    )


def history(before: int | None) -> Callable[[ReadContext], HistoryPage]:
    """A page of incidents older than number `before`."""

    def read(ctx: ReadContext) -> HistoryPage:
        found = incidents.recent_incidents(ctx.tx, ctx.actor, limit=PER_PAGE + 1, before=before)
        lines = _past(ctx, found[:PER_PAGE])
        return HistoryPage(frame(ctx), lines, found[PER_PAGE - 1].number if len(found) > PER_PAGE else None)

    return read


# ---- the incident


def incident(ctx: ReadContext) -> IncidentPage:
    """The incident of the context."""
    tx, app, incident = ctx.tx, ctx.app, ctx.incident
    draft = updates.find_draft(tx, incident)
    last = updates.last_published(tx, incident)
    promise = promises.open_promise(tx, incident)
    sent = promises.nudges_sent(tx, promise) if promise else ()
    return IncidentPage(
        frame=frame(ctx),
        card=incident_card(tx, app.organisation, incident),
        steps=_steps(incident.stage, published.history(tx, incident).stages),
        review=draft_review(tx, app, incident, draft, ctx.reader) if draft else None,
        nudge=nudge_card(tx, app, incident, promise, sent[-1], ctx.actor) if promise and sent else None,
        reminders=reminders(tx, incident, promise) if promise else None,
        report=delivery_report(tx, app, incident, last) if last else None,
        entries=entry_lines(tx, incident)[:ENTRIES],
        invited=tuple(person.name for person in incidents.invited(tx, incident)),
        public_page=app.link(incident) if incident.first_published_at else "",
    )


def _steps(now: Stage, reached: Mapping[Stage, datetime]) -> tuple[StepLine, ...]:
    order = [stage for stage in Stage if stage is not Stage.DECLARED]
    at = order.index(now) if now in order else -1
    states = {
        stage: "now" if n == at else "todo" if n > at else "done" if stage in reached else "skipped"
        for n, stage in enumerate(order)
    }
    return tuple(StepLine(s, states[s], None if states[s] == "todo" else reached.get(s)) for s in order)


# ---- people, support


def everyone(ctx: ReadContext) -> PeoplePage:
    """All people, with their roles in incidents that the reader may see."""
    holds: dict[str, list[str]] = {}
    for incident in incidents.open_incidents(ctx.tx, ctx.actor):
        for role, person in incidents.roles(ctx.tx, incident).items():
            holds.setdefault(person.id, []).append(f"{role.value} of {incident.key}")
    lines = (
        PersonLine(person.name, person.handle, tuple(person.groups), person.configured, tuple(holds.get(person.id, ())))
        for person in people.all_people(ctx.tx)
    )
    return PeoplePage(frame(ctx), tuple(lines))


def support(ctx: ReadContext) -> SupportPage:
    """The approved texts of open and recently resolved incidents, the worst first."""
    known = list(incidents.open_incidents(ctx.tx, ctx.actor))
    since = ctx.tx.now - STILL_COPIED
    lately = incidents.recent_incidents(ctx.tx, ctx.actor, limit=PER_PAGE)
    known.sort(key=lambda incident: (incident.severity.number, incident.number))
    known += [incident for incident in lately if incident.closed_at and incident.closed_at > since]
    found = [_support(ctx, incident) for incident in known if incident.first_published_at]
    return SupportPage(frame(ctx), tuple(each for each in found if each.macros))


def _support(ctx: ReadContext, incident: Incident) -> SupportIncident:
    told = (Audience.CUSTOMERS, Audience.DEVELOPERS, Audience.ENTERPRISE)
    wanted = dict.fromkeys((*ctx.app.organisation.macros, *told))
    if not ctx.actor.belongs(Group.MEMBERS):
        wanted.pop(Audience.INTERNAL, None)
    history, macros = published.history(ctx.tx, incident), []
    for language in ctx.app.organisation.languages:
        for audience in wanted:
            try:
                macros.append(macro(ctx.tx, incident, history, audience, language))
            except NothingToCopy:
                continue
    held = incidents.roles(ctx.tx, incident)
    lead = held.get(Role.COMMUNICATIONS_LEAD) or held.get(Role.COMMANDER)
    promise = promises.open_promise(ctx.tx, incident)
    return SupportIncident(
        incident=incident.key,
        title=incident.title,
        stage=incident.stage,
        promise_at=promise.due_at if promise else None,
        closed_at=incident.closed_at,
        lead=lead.name if lead else "",
        macros=tuple(macros),
    )
