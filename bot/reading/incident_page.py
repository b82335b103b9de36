"""An incident's page in the console, with what its controls offer the reader."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.domain.components import Impact
from bot.domain.incident import Incident
from bot.domain.lifecycle import Stage
from bot.domain.people import Role
from bot.reading.cards import incident_card
from bot.reading.context import ReadContext
from bot.reading.nudges import nudge_card, reminders
from bot.reading.pages import Frame, frame
from bot.reading.pictures import room_story
from bot.reading.reports import entry_lines
from bot.reading.reviews import delivery_report, draft_review
from bot.store import incidents, people, promises, published, updates
from bot.views import DeliveryReport, DraftReview, EntryLine, IncidentCard, Listing, NudgeCard, Option
from bot.views.picture import Picture, picture

ENTRIES = 200  # of the timeline; `timeline` shows all of them
OFFERED = 200  # people in a list; if there are more, only those in foghorn.toml


@dataclass(frozen=True)
class StepLine:
    """A stage of the stepper. `state` is done, skipped, now, or todo."""

    stage: Stage
    state: str
    at: datetime | None


@dataclass(frozen=True)
class ComponentRow:
    """A component, the impact that responders set (None: not affected), and the published one."""

    key: str
    name: str
    value: Impact | None
    published: Impact | None


@dataclass(frozen=True)
class RoleRow:
    """A role and who has it; both empty if no one does."""

    role: str
    name: str
    handle: str


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
    components: tuple[ComponentRow, ...]  # all of them, the affected ones first
    roles: tuple[RoleRow, ...]
    people: tuple[Option, ...]  # who can be given a role, by handle
    picture: Picture


def incident_page(ctx: ReadContext) -> IncidentPage:
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
        reminders=reminders(tx, app, incident, promise) if promise else None,
        report=delivery_report(tx, app, incident, last) if last else None,
        entries=entry_lines(tx, incident)[:ENTRIES],
        invited=tuple(person.name for person in incidents.invited(tx, incident)),
        public_page=app.link(incident) if incident.first_published_at else "",
        components=_components(ctx, incident),
        roles=_roles(ctx, incident),
        people=assignable(ctx),
        picture=picture(room_story(tx, app, incident)),
    )


def _steps(now: Stage, reached: Mapping[Stage, datetime]) -> tuple[StepLine, ...]:
    order = [stage for stage in Stage if stage is not Stage.DECLARED]
    at = order.index(now) if now in order else -1
    states = {
        stage: "now" if n == at else "todo" if n > at else "done" if stage in reached else "skipped"
        for n, stage in enumerate(order)
    }
    return tuple(StepLine(s, states[s], None if states[s] == "todo" else reached.get(s)) for s in order)


def _components(ctx: ReadContext, incident: Incident) -> tuple[ComponentRow, ...]:
    set_now = {row.component: row for row in incidents.impacts(ctx.tx, incident)}
    every = sorted(ctx.app.organisation.components, key=lambda component: component.key not in set_now)
    return tuple(
        ComponentRow(c.key, c.name, row.value if row else None, row.published if row else None)
        for c, row in ((component, set_now.get(component.key)) for component in every)
    )


def _roles(ctx: ReadContext, incident: Incident) -> tuple[RoleRow, ...]:
    held = incidents.roles(ctx.tx, incident) if incident.closed_at else incidents.active_roles(ctx.tx, incident)
    holders = ((role, held.get(role)) for role in Role)
    return tuple(
        RoleRow(r.value, person.name if person else "", person.handle if person else "") for r, person in holders
    )


def assignable(ctx: ReadContext) -> tuple[Option, ...]:
    """People who can be given a role, by handle; if there are too many, those in foghorn.toml and those with a role."""
    found = [person for person in people.all_people(ctx.tx) if person.can_be_assigned]
    if len(found) > OFFERED:
        holders = {each.id for each in incidents.roles(ctx.tx, ctx.found).values()} if ctx.found else set()
        found = [person for person in found if person.configured or person.id in holders]
    return tuple(Option(person.handle, person.name) for person in found)
