"""What the console's pages show, read in one consistent view for a person whom `Desk.look` has let in.

Nothing here decides or authorizes. The queries' `visible_to` leaves out private incidents.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime

from bot.domain.incident import number_of
from bot.domain.people import Group
from bot.domain.times import Zone
from bot.errors import UnreadableIncident
from bot.reading.context import ReadContext
from bot.reading.outages import outage_words, outages
from bot.store import incidents, people


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
    notes: tuple[str, ...] = ()  # what to tell about platforms and incidents that cannot be reached or read


@dataclass(frozen=True)
class PersonLine:
    """A person who can act in Foghorn."""

    name: str
    handle: str
    groups: tuple[str, ...]
    configured: bool  # may approve and publish
    can_be_invited: bool  # by the reader, with a link that is shown to them
    holds: tuple[str, ...]  # "commander of INC-42"


@dataclass(frozen=True)
class PeoplePage:
    """All people."""

    frame: Frame
    people: tuple[PersonLine, ...]
    may_invite: bool


def frame(ctx: ReadContext) -> Frame:
    """For pages that show an answer. Call it after the incidents of the page were read."""
    actor, organisation = ctx.actor, ctx.app.organisation
    support = not actor.belongs(Group.MEMBERS)
    zone, now = organisation.zone, ctx.tx.now
    away = tuple(outage_words(name, since, zone, now) for name, since in outages(ctx.tx, ctx.app.platforms).items())
    notes = (*away, *(str(UnreadableIncident(incident=key)) for key in sorted(ctx.tx.unread)))
    return Frame(actor.id, actor.name, actor.handle, support, organisation.name, zone, now, notes)


def visible(keys: Collection[str]) -> Callable[[ReadContext], frozenset[str]]:
    """The incidents among these that the reader may see."""

    def read(ctx: ReadContext) -> frozenset[str]:
        numbers = incidents.visible_among(ctx.tx, ctx.actor, [number_of(key) for key in keys])
        return frozenset(key for key in keys if number_of(key) in numbers)

    return read


# ---- people


def everyone(ctx: ReadContext) -> PeoplePage:
    """All people, with their roles in incidents that the reader may see."""
    invites = ctx.actor.belongs(Group.ADMINISTRATORS)
    holds: dict[str, list[str]] = {}
    for incident in incidents.open_incidents(ctx.tx, ctx.actor):
        for role, person in incidents.roles(ctx.tx, incident).items():
            holds.setdefault(person.id, []).append(f"{role.value} of {incident.key}")
    lines = (
        PersonLine(
            person.name,
            person.handle,
            tuple(person.groups),
            person.configured,
            invites and people.can_be_invited(ctx.tx, person),
            tuple(holds.get(person.id, ())),
        )
        for person in people.all_people(ctx.tx)
    )
    return PeoplePage(frame(ctx), tuple(lines), invites)
