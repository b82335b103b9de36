"""What the picture of an incident shows, and how it scales time."""

from bisect import bisect_right
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise

from bot.domain.audiences import Audience
from bot.domain.components import Impact, worst
from bot.domain.facts import UpdateKind
from bot.domain.history import IncidentHistory, Publication, PublishedPromise
from bot.domain.language_pack import PictureWords
from bot.domain.spans import ImpactSpan
from bot.domain.times import Zone
from bot.domain.wording import Wording

MAX_GAP = timedelta(minutes=30)
"""A longer gap between two events is drawn as if it took this long."""


@dataclass(frozen=True)
class Band:
    """One impact on a component; `until` is None if it continues."""

    impact: Impact
    label: str
    since: datetime
    until: datetime | None
    period: str  # in words


@dataclass(frozen=True)
class Lane:
    """One component with its disruptions, oldest first."""

    name: str
    bands: tuple[Band, ...]

    @property
    def worst(self) -> Impact:
        """The worst impact on it."""
        return worst(band.impact for band in self.bands)


@dataclass(frozen=True)
class Mark:
    """One update. `stage` is empty unless it announced one; `worse`: it announced a worse impact than before."""

    at: datetime
    when: str  # in words
    label: str
    stage: str
    worse: bool
    promise: PublishedPromise | None


@dataclass(frozen=True)
class Story:
    """Everything in the picture, with words in one language. `severities` and `declared_at` are for responders only."""

    key: str
    zone: Zone
    words: PictureWords
    now: datetime
    open: bool
    lanes: tuple[Lane, ...]
    marks: tuple[Mark, ...]
    outage: tuple[datetime, datetime] | None
    outage_words: str  # how long it lasted
    declared_at: datetime | None = None
    severities: tuple[tuple[datetime, str], ...] = ()

    @property
    def promises(self) -> tuple[PublishedPromise, ...]:
        """Every promised time, oldest first."""
        return tuple(mark.promise for mark in self.marks if mark.promise is not None)

    @property
    def impacts(self) -> tuple[tuple[Impact, str], ...]:
        """Every impact that occurs, with its name, mildest first."""
        found = {band.impact: band.label for lane in self.lanes for band in lane.bands}
        return tuple(sorted(found.items(), key=lambda each: each[0].rank))

    @property
    def moments(self) -> frozenset[datetime]:
        """When anything in the picture happened or was promised."""
        promised = [p.by for p in self.promises if p.came is None or not p.kept]
        bands = [at for lane in self.lanes for band in lane.bands for at in (band.since, band.until) if at]
        seen = [*(mark.at for mark in self.marks), *promised, *bands, *(at for at, _ in self.severities)]
        return frozenset([*seen, *([self.declared_at] if self.declared_at else []), self.now])


class Scale:
    """Where a moment is drawn, from 0 to 1. Only long gaps between events are shortened."""

    def __init__(self, moments: Iterable[datetime]) -> None:
        self._moments = sorted(moments)
        drawn = [min(after - before, MAX_GAP) for before, after in pairwise(self._moments)]
        self._whole = sum(drawn, timedelta()) or timedelta(minutes=1)
        self._passed = [timedelta()]
        for step in drawn:
            self._passed.append(self._passed[-1] + step)

    def at(self, moment: datetime) -> float:
        """The position of a moment. One before the first or after the last event is drawn at that end."""
        before = max(0, bisect_right(self._moments, moment) - 1)
        return (self._passed[before] + min(max(moment - self._moments[before], timedelta()), MAX_GAP)) / self._whole

    @property
    def fold(self) -> float:
        """How much of the drawing a shortened gap takes."""
        return MAX_GAP / self._whole

    @property
    def folds(self) -> tuple[tuple[float, timedelta], ...]:
        """The middle of each shortened gap, and how long it really was."""
        pairs = [(before, after) for before, after in pairwise(self._moments) if after - before > MAX_GAP]
        return tuple(((self.at(before) + self.at(after)) / 2, after - before) for before, after in pairs)


def published_story(history: IncidentHistory, words: Wording, now: datetime) -> Story:
    """What customers were told."""
    told = history.for_audience(Audience.CUSTOMERS)
    end = told.closed_at or now
    at_worst = told.at_worst if told.peak is Impact.MAJOR else ()
    start = at_worst[0].since if at_worst else None
    over = at_worst[-1].until if at_worst else None
    if over is None and told.report_to_fix:  # until a recovery is published, the fix counts
        over = told.report_to_fix.until
    return Story(
        key=told.key,
        zone=words.zone,
        words=words.pack.picture,
        now=end,
        open=told.closed_at is None,
        lanes=_lanes(told.failures, words, end),
        marks=_marks(told, words, end),
        outage=(start, over) if start and over else None,
        outage_words=words.pack.picture.outage.format(length=words.length(start, over)) if start and over else "",
    )


def responders_story(
    history: IncidentHistory,
    words: Wording,
    now: datetime,
    declared_at: datetime,
    severities: Iterable[tuple[datetime, str]],
    unpublished: Mapping[str, tuple[Impact, datetime]],
) -> Story:
    """The same, with what only responders know. `unpublished`: each unpublished impact, and when it was set."""
    known = history.failures
    spans = {
        key: [*_until(known.get(key, ()), at), ImpactSpan(impact=impact, since=at, until=None)]
        for key, (impact, at) in unpublished.items()
    }
    lanes = _lanes({**known, **spans}, words, history.closed_at or now, unpublished)
    story = published_story(history, words, now)
    return replace(story, lanes=lanes, declared_at=declared_at, severities=tuple(severities))


def _until(spans: Iterable[ImpactSpan], at: datetime) -> list[ImpactSpan]:
    """The part before a moment."""
    return [replace(each, until=min(each.until or at, at)) for each in spans if each.since < at]


def _lanes(
    spans: Mapping[str, Sequence[ImpactSpan]], words: Wording, end: datetime, unpublished: Collection[str] = ()
) -> tuple[Lane, ...]:
    """The components that were disrupted, in the configuration's order. The last one of `unpublished` is marked."""
    found = []
    for component in words.organisation.named(spans):
        bands = [
            Band(span.impact, words.impact(span.impact), span.since, span.until, _period(span, words, end))
            for span in spans[component.key]
        ]
        if component.key in unpublished:
            bands[-1] = replace(bands[-1], period=f"{bands[-1].period} (not published)")
        if bands := [band for band in bands if band.impact is not Impact.OPERATIONAL]:
            found.append(Lane(component.called(words.language), tuple(bands)))
    return tuple(found)


def _period(span: ImpactSpan, words: Wording, end: datetime) -> str:
    """In words, with the date if it is not the day on which the picture ends."""
    if span.until is None:
        return words.pack.picture.since.format(when=words.when(span.since, end))
    same_day = words.zone.day(span.since) == words.zone.day(span.until) == words.zone.day(end)
    return words.clock(span.since, span.until) if same_day else words.window(span.since, span.until)


def _marks(history: IncidentHistory, words: Wording, end: datetime) -> tuple[Mark, ...]:
    known: Mapping[str, Impact] = {}
    found = []
    for each in history.updates:
        worse = any(i.rank > known.get(key, Impact.OPERATIONAL).rank for key, i in each.impacts.items())
        label = _label(each, words)
        found.append(
            Mark(
                at=each.at,
                when=words.when(each.at, end),
                label=label,
                stage=label if each.moves else "",
                worse=worse and bool(known),
                promise=each.promise,
            )
        )
        known = {**known, **each.impacts}
    return tuple(found)


def _label(update: Publication, words: Wording) -> str:
    if update.kind is UpdateKind.CANCELLATION:
        return words.mark("cancelled")
    if update.moves:
        return words.stage(update.stage)
    return words.mark("no_change" if update.kind is UpdateKind.NO_CHANGE else "update")
