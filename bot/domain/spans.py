"""When components failed, and for how long: from the times that people typed and the published impact.

A failure begins at the `since:` typed in the publication that first showed it, or else at that publication. It ends at
the `end:` or `fixed:` of the publication that makes the component operational, or else at that publication.

1. `IncidentHistory.failures` is component key -> spans. `.spans("api")`, `.began_at`, `.ended_at`, and `.at_worst`
are derived from it. Use these for every duration and every start (the API's `started_at`, the bands of the picture).
2. `published.failures(tx, published.open_since(tx, at))`, in `bot.store`, gives the failures of all public incidents
since `at`, without texts: one `IncidentFailures` each.
3. `component_days(failures, "api", ...)` counts the component-minutes of each day, by the worst impact at any moment.
4. `uptime(days, organisation.uptime.weights)`, in `bot.domain.uptime`, is the share of that time that was not
lost. It is shown only if `organisation.uptime.show`.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from itertools import pairwise

from bot.domain.components import Impact, worst
from bot.domain.lifecycle import Stage

BEFORE_FIX = (Stage.DECLARED, Stage.INVESTIGATING, Stage.IDENTIFIED)
_DAY = timedelta(days=1)
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, kw_only=True)
class Statement:
    """What one publication says about components. Times are None unless they were typed for this publication."""

    at: datetime
    stage: Stage
    impacts: Mapping[str, Impact]  # component key -> impact
    since: datetime | None = None
    fixed: datetime | None = None
    end: datetime | None = None
    failed: Mapping[str, Impact] = field(default_factory=dict)
    """For an incident that was entered afterwards: the impact from `since` to `end`."""


@dataclass(frozen=True)
class Period:
    """From one time to another. `until` is None if it is still going on."""

    since: datetime
    until: datetime | None


@dataclass(frozen=True)
class ImpactSpan(Period):
    """One impact on a component."""

    impact: Impact


@dataclass(frozen=True)
class IncidentFailures:
    """The failures of one incident."""

    number: int
    key: str
    title: str  # as last published
    failures: Mapping[str, Sequence[ImpactSpan]]  # component key -> spans, oldest first


@dataclass(frozen=True)
class ComponentDay:
    """One day of a component, in the organization's time zone."""

    day: date
    length: timedelta  # until now, if it is today; 23 or 25 hours if the clocks change
    impacts: Mapping[Impact, timedelta]  # how long each impact lasted; none: operational all day
    incidents: tuple[str, ...]  # keys, in the order in which they affected it

    @property
    def worst(self) -> Impact:
        """The worst impact of the day."""
        return worst(self.impacts)


@dataclass
class _Failure:
    """A component from the moment it fails until it recovers."""

    told_at: datetime  # the publication that first showed it
    changes: list[tuple[datetime, Impact]]  # ascending
    recovery_told_at: datetime  # the publication that showed it operational; until then, `told_at`
    end: datetime | None = None

    @property
    def began(self) -> datetime:
        return self.changes[0][0]

    def restart(self, at: datetime) -> None:
        """Move the start to a time, with the impact at that time."""
        impact = next((impact for moment, impact in reversed(self.changes) if moment <= at), self.changes[0][1])
        later = [each for each in self.changes[1:] if each[0] > at]
        self.changes = [(at, impact), *later]

    def finish(self, at: datetime, told_at: datetime) -> None:
        """End it. If `at` is before its start, which is impossible, the time of publication counts."""
        self.end = at if at > self.began else told_at
        self.recovery_told_at = told_at

    def spans(self, until: datetime | None) -> list[ImpactSpan]:
        """Its impacts in order. `until` is the end if no recovery was published."""
        end = self.end or until
        ends = [*(moment for moment, _ in self.changes[1:]), end]
        cut = [min(each, end) if each and end else each for each in ends]
        return [
            ImpactSpan(since, stop, impact)
            for (since, impact), stop in zip(self.changes, cut, strict=True)
            if stop is None or since < stop
        ]


class _FailureReader:
    """Reads the publications of an incident from the first to the last."""

    def __init__(self) -> None:
        self.failures: dict[str, list[_Failure]] = {}
        self._fixed: datetime | None = None  # typed, and no recovery published since

    def read(self, said: Statement) -> None:
        self._fixed = None if said.stage in BEFORE_FIX else said.fixed or self._fixed
        self._fail(said, said.failed or said.impacts)
        self._recover(said)

    def _open(self) -> dict[str, _Failure]:
        return {key: every[-1] for key, every in self.failures.items() if every[-1].end is None}

    def _fail(self, said: Statement, impacts: Mapping[str, Impact]) -> None:
        """New failures and changes. A typed start that fits none of them corrects the start of known failures."""
        known, since = self._open(), min(said.since, said.at) if said.since else None
        fits = since is None
        for key, impact in impacts.items():
            failure = known.get(key)
            if failure is None and impact is not Impact.OPERATIONAL:
                self.failures.setdefault(key, []).append(_Failure(said.at, [(since or said.at, impact)], said.at))
                fits = True
            elif failure is not None and impact not in (Impact.OPERATIONAL, failure.changes[-1][1]):
                before, was = failure.changes[-1]
                typed = since if since and impact.rank > was.rank and since > before else None
                failure.changes.append((typed or said.at, impact))
                fits = fits or typed is not None
        if since and not fits:
            self._restart(since)

    def _restart(self, since: datetime) -> None:
        """Correct a start: that of the first failures that began no earlier, or else that of the last ones."""
        possible = list(self._open().values()) or self._last_recovered()
        groups: dict[datetime, list[_Failure]] = {}
        for each in possible:
            if each.end is None or since < each.end:
                groups.setdefault(each.told_at, []).append(each)
        told = [groups[at] for at in sorted(groups)]
        chosen = next((group for group in told if min(each.began for each in group) >= since), (told or [[]])[-1])
        for each in chosen:
            each.restart(since)

    def _last_recovered(self) -> list[_Failure]:
        """The failures that ended with the last published recovery."""
        over = [each for every in self.failures.values() for each in every if each.end]
        last = max((each.recovery_told_at for each in over), default=None)
        return [each for each in over if each.recovery_told_at == last]

    def _recover(self, said: Statement) -> None:
        recovered = [each for key, each in self._open().items() if said.impacts.get(key) is Impact.OPERATIONAL]
        for each in recovered:
            holds = self._fixed if self._fixed and each.changes[-1][0] <= self._fixed else None
            each.finish(said.end or holds or said.at, said.at)
        if recovered:
            self._fixed = None  # it counts for one recovery
        elif said.end is not None:
            self._correct_end(said.end)

    def _correct_end(self, end: datetime) -> None:
        """Apply an end typed after the recovery was published: the last failures, and any longer ones, end then."""
        last = self._last_recovered()
        for each in (each for every in self.failures.values() for each in every):
            if each.began < end and each.end and (each in last or each.end > end):
                each.finish(end, each.recovery_told_at)


def failure_spans(said: Iterable[Statement], until: datetime | None) -> dict[str, tuple[ImpactSpan, ...]]:
    """Component key -> its impacts, oldest first.

    `said` is what was published about one incident, oldest first, without corrections. A failure that never recovered
    ends at `until`, when the incident was closed.
    """
    reader = _FailureReader()
    for each in said:
        reader.read(each)
    spans = {key: [span for each in every for span in each.spans(until)] for key, every in reader.failures.items()}
    found = {key: tuple(_in_turn(every)) for key, every in spans.items()}
    return {key: every for key, every in found.items() if every}


def _in_turn(spans: Iterable[ImpactSpan]) -> Iterator[ImpactSpan]:
    """Remove overlaps: a failure that returns begins no earlier than the previous one ended."""
    ended: datetime | None = None
    for span in spans:
        since = max(span.since, ended) if ended else span.since
        if span.until is None or since < span.until:
            yield replace(span, since=since)
            ended = span.until


def merged(spans: Iterable[Period]) -> tuple[Period, ...]:
    """The time that these spans cover, as periods that do not overlap, oldest first."""
    periods: list[Period] = []
    for span in sorted(spans, key=lambda each: each.since):
        last = periods[-1] if periods else None
        if last is None or (last.until is not None and last.until < span.since):
            periods.append(Period(span.since, span.until))
        elif last.until is not None:
            later = None if span.until is None else max(last.until, span.until)
            periods[-1] = Period(last.since, later)
    return tuple(periods)


def duration(periods: Iterable[Period], now: datetime) -> timedelta:
    """The total length of periods that do not overlap, up to `now`."""
    return sum(((each.until or now) - each.since for each in periods), timedelta())


def disrupted(failures: Mapping[str, Sequence[Period]], now: datetime) -> timedelta:
    """How long at least one component had any impact, up to `now`."""
    return duration(merged(span for spans in failures.values() for span in spans), now)


def component_days(
    incidents: Iterable[IncidentFailures], component: str, *, first: date, last: date, zone: tzinfo, now: datetime
) -> tuple[ComponentDay, ...]:
    """Each day from `first` to `last`. Where incidents overlap, the worst impact counts, and no minute counts twice."""
    spans = sorted(
        ((span, each.key) for each in incidents for span in each.failures.get(component, ())),
        key=lambda pair: pair[0].since,
    )
    days = [first + _DAY * number for number in range((last - first).days + 1)]
    edges = [_midnight(day, zone) for day in [*days, last + _DAY]]
    by_day: dict[int, list[tuple[ImpactSpan, str]]] = defaultdict(list)
    for span, key in spans:
        begins = max(0, bisect_right(edges, span.since) - 1)
        for number in range(begins, min(len(days), bisect_left(edges, span.until or now))):
            by_day[number].append((span, key))
    return tuple(
        _component_day(by_day[number], day, start, max(start, min(end, now)))
        for number, (day, (start, end)) in enumerate(zip(days, pairwise(edges), strict=True))
    )


def _component_day(spans: Sequence[tuple[ImpactSpan, str]], day: date, start: datetime, end: datetime) -> ComponentDay:
    there = [(max(span.since, start), min(span.until or end, end), span.impact, key) for span, key in spans]
    there = [each for each in there if each[0] < each[1]]
    moments = sorted({moment for since, until, _, _ in there for moment in (since, until)})
    impacts: dict[Impact, timedelta] = {}
    for left, right in pairwise(moments):
        impact_then = worst(impact for since, until, impact, _ in there if since <= left and right <= until)
        if impact_then is not Impact.OPERATIONAL:
            impacts[impact_then] = impacts.get(impact_then, timedelta()) + (right - left)
    return ComponentDay(day, end - start, impacts, tuple(dict.fromkeys(key for _, _, _, key in there)))


@lru_cache(maxsize=512)
def _midnight(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)


def minutes(length: timedelta) -> int:
    """Whole minutes, rounded."""
    return round(length / _MINUTE)
