"""The console's start page: what needs the reader, and what else is open."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from bot.domain.components import Impact, worst
from bot.domain.deliveries import Delivery, DeliveryKind, DeliveryState, Operation
from bot.domain.destinations import Destination
from bot.domain.incident import Incident
from bot.domain.people import Group, Role
from bot.domain.promises import PromiseState
from bot.errors import UnreadableIncident
from bot.reading.approvals import approval_request
from bot.reading.calls import call_of_holder
from bot.reading.cards import incident_card
from bot.reading.context import ReadContext
from bot.reading.late import count_failing, failing_destinations, late_report
from bot.reading.notices import is_moot
from bot.reading.nudges import nudge_card
from bot.reading.pages import Frame, frame
from bot.reading.past import PastIncident, past
from bot.reading.reviews import delivery_report, draft_review
from bot.reading.waiting import draft_to_approve
from bot.store import deliveries, incidents, people, promises, record, updates
from bot.views import ApprovalRequest, Call, DeliveryReport, DraftReview, IncidentCard, Line, NudgeCard, RoomLine, say

RECENT = 6
DIRECT = 8
SOON = timedelta(minutes=10)
"""An update counts as due soon from this long before it. foghorn.js uses the same limit."""

DirectPost = NudgeCard | RoomLine | Call | ApprovalRequest | DeliveryReport


@dataclass(frozen=True)
class DirectMessage:
    """A direct message to the reader that still matters."""

    at: datetime
    post: DirectPost


@dataclass(frozen=True)
class OpenIncident:
    """An open incident, and what in it is waiting for the reader."""

    card: IncidentCard
    impact: Impact | None  # the worst that responders set
    commander: str
    review: DraftReview | None  # a draft that waits for the reader's approval
    failed: DeliveryReport | None  # of the last update, if a delivery failed
    direct: tuple[DirectMessage, ...] = ()

    def needs_reader(self, now: datetime) -> bool:
        """Whether something waits for the reader, or an update is due soon."""
        due = self.card.promise is not None and self.card.promise.due_at - now <= SOON
        return due or bool(self.review or self.failed or self.direct)

    @property
    def urgency(self) -> tuple[int, bool, datetime]:
        """For sorting: the more severe first, then what is due first."""
        promise = self.card.promise
        return self.card.severity.number, promise is None, promise.due_at if promise else self.card.opened_at


@dataclass(frozen=True)
class HomePage:
    """The start page. Each open incident is listed once."""

    frame: Frame
    open: tuple[OpenIncident, ...]  # the most urgent first
    unread: bool  # whether others are open that cannot be read
    direct: tuple[DirectMessage, ...]
    recent: tuple[PastIncident, ...]
    components: int
    approvers: int
    failing: tuple[Line, ...]  # destinations that receive nothing, as many as are named
    failing_count: int

    @property
    def needs(self) -> list[OpenIncident]:
        """The open incidents that need the reader."""
        return [each for each in self.open if each.needs_reader(self.frame.now)]

    @property
    def others(self) -> list[OpenIncident]:
        """The open incidents that do not need the reader."""
        return [each for each in self.open if not each.needs_reader(self.frame.now)]

    @property
    def elsewhere(self) -> list[DirectMessage]:
        """Messages about incidents that are not open."""
        known = {each.card.incident for each in self.open}
        return [each for each in self.direct if each.post.incident not in known]


def home(ctx: ReadContext) -> HomePage:
    """Open incidents, direct messages, recent incidents."""
    direct = _direct(ctx)
    known = incidents.open_incidents(ctx.tx, ctx.actor)
    found = incidents.read_each(
        ctx.tx, known, lambda each: _open(ctx, each, [one for one in direct if one.post.incident == each.key])
    )
    closed = [i for i in incidents.recent_incidents(ctx.tx, ctx.actor, limit=RECENT + len(found)) if not i.open]
    return HomePage(
        frame=frame(ctx),
        unread=bool(ctx.tx.unread),
        open=tuple(sorted(found, key=lambda each: each.urgency)),
        direct=direct,
        recent=past(ctx, closed[:RECENT]),
        components=len(ctx.app.organisation.components),
        approvers=len(people.in_group(ctx.tx, Group.APPROVERS)),
        failing=tuple(each.line for each in failing_destinations(ctx.tx)),
        failing_count=count_failing(ctx.tx),
    )


def _open(ctx: ReadContext, incident: Incident, direct: Sequence[DirectMessage]) -> OpenIncident:
    card, draft = incident_card(ctx.tx, ctx.app.organisation, incident), draft_to_approve(ctx, incident)
    commander = next(line.person for line in card.people if line.role == Role.COMMANDER.value)
    values = incidents.set_values(ctx.tx, incident).values()
    last = updates.last_published(ctx.tx, incident)
    report = delivery_report(ctx.tx, ctx.app, incident, last) if last else None
    failed = [line for line in report.lines if line.state is DeliveryState.DEAD] if report else []
    return OpenIncident(
        card=card,
        impact=worst(values) if values else None,
        commander=commander,
        review=draft_review(ctx.tx, ctx.app, incident, draft, ctx.reader) if draft else None,
        failed=replace(report, lines=tuple(failed)) if report and failed else None,
        direct=tuple(direct),
    )


def _direct(ctx: ReadContext) -> tuple[DirectMessage, ...]:
    """The newest direct messages that still matter. One about an incident that cannot be read is left out."""
    shown: list[DirectMessage] = []
    promised: set[str] = set()
    rows = deliveries.of_destination(ctx.tx, Destination("local", f"@{ctx.actor.handle}"), limit=10 * DIRECT)
    for row in reversed(rows):
        if row.incident_id is None or row.operation is not Operation.SEND or row.state is DeliveryState.CANCELLED:
            continue
        with suppress(UnreadableIncident):
            incident = incidents.get_incident(ctx.tx, row.incident_id)
            found = [incident] if incidents.may_see(ctx.tx, ctx.actor, incident) else []
            for post in incidents.read_each(ctx.tx, found, partial(_post, ctx, row, promised)):
                shown += [DirectMessage(row.sent_at or row.created_at, post)] if post else []
    return tuple(shown[:DIRECT])


def _post(ctx: ReadContext, row: Delivery, promised: set[str], incident: Incident) -> DirectPost | None:
    """A message to the reader, as long as it matters.

    Requests for approval do until they are decided, reminders while they are the last one of an open promise, a new
    role until the reader acts in the incident, and notices until what they report no longer matters. `promised`: the
    promises with a newer reminder.
    """
    if row.kind is DeliveryKind.APPROVAL and row.update_id:
        request = approval_request(ctx.tx, ctx.app, incident, updates.get_update(ctx.tx, row.update_id), row)
        return request if request is not None and request.buttons else None
    if row.kind is DeliveryKind.NOTICE:
        moot = is_moot(ctx.tx, incident, row)
        return None if moot else RoomLine(incident.key, say("{said}", said=row.body))
    if row.kind is DeliveryKind.LATE and row.update_id:
        report = late_report(ctx.tx, ctx.app, incident, updates.get_update(ctx.tx, row.update_id))
        return report if report.lines else None
    if row.kind is DeliveryKind.ROLE:
        acted = record.last_act(ctx.tx, incident, ctx.actor) > row.created_at
        return None if acted else call_of_holder(ctx.tx, ctx.app, incident, row)
    if row.nudge_id:
        nudge, promise = promises.get_nudge(ctx.tx, row.nudge_id)
        if promise.id not in promised and promise.state is PromiseState.OPEN:
            promised.add(promise.id)
            return nudge_card(ctx.tx, ctx.app, incident, promise, nudge, ctx.actor)
    return None
