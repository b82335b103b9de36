"""The top of the status page: the overall status, the components in their groups, and the days."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bot.domain.components import Impact, worst
from bot.domain.history import PublishedPromise
from bot.domain.lifecycle import Stage
from bot.domain.organisation import Organisation
from bot.domain.spans import ComponentDay, IncidentFailures, component_days
from bot.domain.times import Zone
from bot.domain.uptime import uptime
from bot.web.incidents import PublicIncident

DAYS = 14  # of incidents, on the status page
STRIP = 90  # days shown for each component
MONTHS = 3  # on one page of the history
_DAY = timedelta(days=1)
RECOVERING = "Services are working again, and we are monitoring them"
HEADLINES = {
    Impact.OPERATIONAL: "All systems operational",
    Impact.MAINTENANCE: "Maintenance is in progress",
    Impact.DEGRADED: "Some services are not working as expected",
    Impact.PARTIAL: "Some services are disrupted",
    Impact.MAJOR: "A major outage is in progress",
}


@dataclass(frozen=True)
class Snapshot:
    """What the database contained at one moment. `recent` and `months` include open incidents, newest first."""

    as_of: datetime
    unresolved: tuple[PublicIncident, ...]  # worst first
    recent: tuple[PublicIncident, ...]  # the newest
    months: tuple[PublicIncident, ...]  # those of the months on the first page of the history
    in_strip: tuple[PublicIncident, ...]  # those that were open during the days shown for components
    older: date | None  # a day on which the last incident before those months was published


@dataclass(frozen=True)
class DisruptedDays:
    """A day with an impact, or several days in a row on which the same incidents had the same impact all day."""

    first: ComponentDay
    last: ComponentDay

    @property
    def all_day(self) -> bool:
        """Whether one impact lasted all day."""
        return list(self.first.impacts.values()) == [self.first.length]

    def continues_with(self, day: ComponentDay) -> bool:
        """Whether a day continues this row of days."""
        same = (day.impacts.keys(), day.incidents) == (self.first.impacts.keys(), self.first.incidents)
        return same and self.all_day and DisruptedDays(day, day).all_day and day.day == self.last.day + _DAY


@dataclass(frozen=True)
class ComponentLine:
    """One component, its current impact, and its last days."""

    name: str
    description: str
    impact: Impact
    days: tuple[ComponentDay, ...]  # the last one is today
    uptime: float | None  # in those days, from 0 to 1; None unless the configuration turns it on

    @property
    def disrupted(self) -> tuple[DisruptedDays, ...]:
        """The days with an impact, newest first."""
        found: list[DisruptedDays] = []
        for day in self.days:
            if found and found[-1].continues_with(day):
                found[-1] = DisruptedDays(found[-1].first, day)
            elif day.impacts:
                found.append(DisruptedDays(day, day))
        return tuple(reversed(found))


@dataclass(frozen=True)
class ComponentGroup:
    """Components under one heading; the name may be empty."""

    name: str
    components: tuple[ComponentLine, ...]


@dataclass(frozen=True)
class Days:
    """One day and the incidents that began on it, newest first; or several days without any."""

    first: date
    last: date
    incidents: tuple[PublicIncident, ...]
    zone: Zone

    @property
    def label(self) -> str:
        """`Monday, April 20, 2026`, or from when to when."""
        return self.zone.weekday(self.last) if self.first == self.last else self.zone.days(self.first, self.last)


@dataclass(frozen=True)
class Month:
    """A month and its days with incidents, newest first."""

    first: date
    label: str  # `April 2026`
    days: tuple[Days, ...]


@dataclass(frozen=True)
class Search:
    """What someone looks for in the history."""

    text: str = ""
    component: str = ""


def snapshot(
    shown: Mapping[int, PublicIncident],
    *,
    open_ones: Sequence[int],
    recent: Sequence[int],
    months: Sequence[int],
    in_strip: Sequence[int],
    older: date | None,
    as_of: datetime,
) -> Snapshot:
    """Build a snapshot from all incidents by number, and the numbers that belong to each part."""
    unresolved = sorted((shown[number] for number in open_ones), key=lambda one: one.shown.rank, reverse=True)
    newest, window, disrupted = (tuple(shown[number] for number in numbers) for numbers in (recent, months, in_strip))
    return Snapshot(as_of, tuple(unresolved), newest, window, disrupted, older)


def verdict(unresolved: Sequence[PublicIncident]) -> Impact:
    """The worst of components and open incidents; operational only if no incident is open."""
    return worst(incident.shown for incident in unresolved)


def impact(unresolved: Sequence[PublicIncident], component: str) -> Impact:
    """The worst published impact on a component."""
    return worst(one.impacts[component] for one in unresolved if component in one.impacts)


def headline(unresolved: Sequence[PublicIncident]) -> str:
    """The overall status in words."""
    recovering = all(
        one.stage is Stage.MONITORING and worst(one.impacts.values()) is Impact.OPERATIONAL for one in unresolved
    )
    if unresolved and recovering:
        return RECOVERING
    return HEADLINES[verdict(unresolved)]


def next_promise(unresolved: Sequence[PublicIncident]) -> PublishedPromise | None:
    """The promised time that is due first."""
    promises = [one.promise for one in unresolved if one.promise is not None]
    return min(promises, key=lambda promised: promised.by, default=None)


def groups(organisation: Organisation, snapshot: Snapshot, language: str, now: datetime) -> tuple[ComponentGroup, ...]:
    """All components in the configuration's order, each with its worst published impact."""
    zone, shown = organisation.zone, organisation.uptime
    today, now = zone.day(now), now + timedelta(seconds=1)  # so that what was published just now is included
    in_strip = [IncidentFailures(one.number, one.key, one.title, one.failures) for one in snapshot.in_strip]
    lines: dict[str, list[ComponentLine]] = {}
    for one in organisation.components:
        days = component_days(in_strip, one.key, first=today - _DAY * (STRIP - 1), last=today, zone=zone.tz, now=now)
        share = uptime(days, shown.weights) if shown.show else None
        line = ComponentLine(one.called(language), one.description, impact(snapshot.unresolved, one.key), days, share)
        lines.setdefault(organisation.group_in(one.group, language), []).append(line)
    return tuple(ComponentGroup(name, tuple(components)) for name, components in lines.items())


def days(incidents: Sequence[PublicIncident], zone: Zone, *, first: date, last: date) -> Iterator[Days]:
    """From `last` back to `first`, with quiet days combined."""
    began: dict[date, list[PublicIncident]] = {}
    for one in incidents:
        began.setdefault(zone.day(one.began_at), []).append(one)
    quiet_until = last
    for day in sorted((day for day in began if first <= day <= last), reverse=True):
        if day < quiet_until:
            yield Days(day + _DAY, quiet_until, (), zone)
        yield Days(day, day, tuple(sorted(began[day], key=lambda one: one.began_at, reverse=True)), zone)
        quiet_until = day - _DAY
    if first <= quiet_until:
        yield Days(first, quiet_until, (), zone)


def month_start(day: date, *, back: int = 0) -> date:
    """The first day of the month of `day`, or of an earlier one."""
    months = day.year * 12 + day.month - 1 - back
    return date(months // 12, months % 12 + 1, 1)


def months(incidents: Sequence[PublicIncident], zone: Zone, *, first: date, last: date) -> Iterator[Month]:
    """The months from the one of `last` back to the one of `first`."""
    every = [day for day in days(incidents, zone, first=month_start(first), last=last) if day.incidents]
    while (start := month_start(last)) >= month_start(first):
        yield Month(start, zone.month(start), tuple(day for day in every if month_start(day.first) == start))
        last = start - _DAY
