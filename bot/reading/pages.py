"""What the console's pages show, read in one consistent view for a person whom `Desk.look` has let in.

Nothing here decides or authorizes. The queries' `visible_to` leaves out private incidents.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.domain.incident import number_of
from bot.domain.lifecycle import Stage
from bot.domain.people import Group
from bot.domain.times import Zone
from bot.reading.cards import incident_card
from bot.reading.context import ReadContext
from bot.reading.nudges import nudge_card, reminders
from bot.reading.pictures import room_story
from bot.reading.reports import entry_lines
from bot.reading.reviews import delivery_report, draft_review
from bot.store import incidents, people, promises, published, updates
from bot.views import (
    DeliveryReport,
    DraftReview,
    EntryLine,
    IncidentCard,
    Listing,
    NudgeCard,
)
from bot.views.picture import Picture, picture

ENTRIES = 200  # of a timeline in the room; `timeline` shows all of them


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
    picture: Picture


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


# ---- people


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
