"""The history in the console: incidents searched by text, component, severity, and month."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from babel.dates import format_skeleton

from bot.domain.incident import Incident
from bot.domain.lifecycle import Stage
from bot.domain.promises import PromiseState
from bot.domain.severity import Severity
from bot.domain.spans import IncidentFailures, disrupted
from bot.domain.times import Zone, span_words
from bot.reading.context import ReadContext
from bot.reading.pages import Frame, frame
from bot.store import incidents, promises, published, retrospectives
from bot.store.incidents import Wanted
from bot.views import Option

PER_PAGE = 30
WORDS = 8  # in a search; more are not needed to find an incident


@dataclass(frozen=True)
class PastSearch:
    """The search as typed. What cannot be read is ignored."""

    text: str = ""
    component: str = ""
    severity: str = ""
    month: str = ""  # "2026-04"
    before: int | None = None  # only incidents below this number

    @property
    def narrows(self) -> bool:
        """Whether the search restricts anything besides the page."""
        return any((self.text, self.component, self.severity, self.month))


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
    reviewed: bool  # someone saved its retrospective


@dataclass(frozen=True)
class HistoryPage:
    """Incidents, newest first; `older` is the number to continue from."""

    frame: Frame
    search: PastSearch
    components: tuple[Option, ...]
    months: tuple[Option, ...]
    incidents: tuple[PastIncident, ...]
    older: int | None


def past(ctx: ReadContext, found: Sequence[Incident]) -> tuple[PastIncident, ...]:
    """Incidents as lines of the history."""
    failures = published.failures(ctx.tx, found)
    saved = retrospectives.saved(ctx.tx, found)
    return tuple(
        _line(ctx, incident, each, reviewed=incident.id in saved)
        for incident, each in zip(found, failures, strict=True)
    )


def _line(ctx: ReadContext, incident: Incident, failed: IncidentFailures, *, reviewed: bool) -> PastIncident:
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
        reviewed=reviewed,
    )


def _months(first: date, last: date) -> Iterator[date]:
    """The first day of each month from `last` back to `first`."""
    day = last.replace(day=1)
    while day >= first.replace(day=1):
        yield day
        day = (day - timedelta(days=1)).replace(day=1)


def history(search: PastSearch) -> Callable[[ReadContext], HistoryPage]:
    """A page of the incidents that a search finds."""

    def read(ctx: ReadContext) -> HistoryPage:
        zone = ctx.app.organisation.zone
        first = incidents.first_opened(ctx.tx, ctx.actor)
        months = {f"{day:%Y-%m}": day for day in _months(zone.day(first), zone.day(ctx.tx.now))} if first else {}
        found = incidents.search(
            ctx.tx, ctx.actor, _wanted(search, zone, months.get(search.month)), limit=PER_PAGE + 1, before=search.before
        )
        return HistoryPage(
            frame=frame(ctx),
            search=search,
            components=tuple(Option(each.key, each.name) for each in ctx.app.organisation.components),
            months=tuple(
                Option(name, format_skeleton("yMMMM", day, locale=zone.babel)) for name, day in months.items()
            ),
            incidents=past(ctx, found[:PER_PAGE]),
            older=found[PER_PAGE - 1].number if len(found) > PER_PAGE else None,
        )

    return read


def _wanted(search: PastSearch, zone: Zone, month: date | None) -> Wanted:
    since = until = None
    if month is not None:
        after = (month + timedelta(days=31)).replace(day=1)
        since, until = (datetime.combine(day, time(), zone.tz) for day in (month, after))
    return Wanted(
        words=tuple(search.text.split()[:WORDS]),
        component=search.component,
        severity=next((each for each in Severity if each.value == search.severity), None),
        since=since,
        until=until,
    )
