"""What was published about an incident: the one model that pages, feeds, exports, and messages read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from bot.domain.audiences import Audience
from bot.domain.components import Impact, worst
from bot.domain.facts import UpdateKind
from bot.domain.incident import ClosedAs
from bot.domain.lifecycle import Stage, Transition
from bot.domain.promises import was_kept
from bot.domain.severity import Severity
from bot.domain.spans import BEFORE_FIX, ImpactSpan, Period, Statement, disrupted, merged


@dataclass(frozen=True)
class PublishedText:
    """What one audience reads in one language."""

    audience: Audience
    language: str
    title: str
    body: str


@dataclass(frozen=True)
class EarlierText:
    """A text until it was corrected."""

    corrected_at: datetime
    body: str


@dataclass(frozen=True)
class PublishedPromise:
    """The promised time of the next update, and when it came; `came` is None until then."""

    by: datetime
    came: datetime | None

    @property
    def kept(self) -> bool:
        """Whether it came before the promised minute ended."""
        return self.came is not None and was_kept(self.by, self.came)

    def late(self, now: datetime) -> bool:
        """Whether it is overdue."""
        return self.came is None and not was_kept(self.by, now)


@dataclass(frozen=True, kw_only=True)
class Publication(Statement):
    """One published update. `impacts` are those it stated; none for a correction."""

    id: str
    number: int
    kind: UpdateKind
    move: Transition
    severity: Severity | None
    by: str  # person ID
    alone_because: str  # the reason for publishing without an approval
    promised_at: datetime | None
    promise: PublishedPromise | None  # None for a correction, which repeats a promise and makes none
    review: date | None  # when customers were promised a review
    texts: tuple[PublishedText, ...]
    corrects: int | None = None  # number of the update that this one corrects
    wrong: str = ""  # in a correction: the incorrect words
    corrected: tuple[PublishedText, ...] = ()  # in a correction: the texts of that update as they read from then on
    corrections: tuple["Publication", ...] = ()  # of this update, oldest first

    @property
    def moves(self) -> bool:
        """Whether it announced a new stage."""
        return self.kind is UpdateKind.CANCELLATION or (
            self.kind is UpdateKind.STAGE and self.move is not Transition.SAME
        )

    def original(self, audience: Audience, language: str) -> PublishedText | None:
        """The text as it was published, in this language or else in the first available one."""
        return _find(self.texts, audience, language) or _find(self.texts, audience)

    def correction(self, text: PublishedText) -> "Publication | None":
        """The last correction of one of its original texts."""
        found = (each for each in reversed(self.corrections) if _find(each.corrected, text.audience, text.language))
        return next(found, None)

    def text(self, audience: Audience, language: str) -> PublishedText | None:
        """The text as it reads now, in this language or else in the first available one."""
        original = self.original(audience, language)
        correction = self.correction(original) if original else None
        return _find(correction.corrected, audience, original.language) if correction and original else original

    def earlier(self, text: PublishedText) -> tuple[EarlierText, ...]:
        """How one of its original texts read before each correction that changed it, oldest first."""
        body, found = text.body, []
        for correction in self.corrections:
            corrected = _find(correction.corrected, text.audience, text.language)
            if corrected and corrected.body != body:
                found.append(EarlierText(correction.at, body))
                body = corrected.body
        return tuple(found)


@dataclass(frozen=True)
class IncidentHistory:
    """One incident as far as it was published."""

    number: int
    key: str
    public: bool  # it is not private and was published at least once
    stage: Stage
    opened_at: datetime | None  # first published
    closed_at: datetime | None
    closed_as: ClosedAs | None
    survivor: str  # key of the incident it was merged into, if that is public
    impacts: Mapping[str, Impact]  # component key -> impact
    failures: Mapping[str, tuple[ImpactSpan, ...]]  # component key -> when it failed; none if it was a false alarm
    publications: tuple[Publication, ...]  # oldest first

    @property
    def updates(self) -> tuple[Publication, ...]:
        """The publications without corrections."""
        return tuple(each for each in self.publications if each.kind is not UpdateKind.CORRECTION)

    @property
    def stages(self) -> Mapping[Stage, datetime]:
        """When each stage was first reached."""
        found: dict[Stage, datetime] = {}
        for each in self.updates:
            found.setdefault(each.stage, each.at)
        return found

    @property
    def entered_later(self) -> bool:
        """Whether it was over when it was first published."""
        return bool(self.updates) and self.updates[0].stage is Stage.RESOLVED

    @property
    def peak(self) -> Impact:
        """The worst impact ever published."""
        return worst(impact for each in self.updates for impact in (*each.failed.values(), *each.impacts.values()))

    @property
    def began_at(self) -> datetime | None:
        """When the first component failed, or when the incident was first published, whichever was earlier."""
        times = [span.since for spans in self.failures.values() for span in spans]
        return min([*times, self.opened_at]) if self.opened_at else None

    @property
    def ended_at(self) -> datetime | None:
        """When the last component recovered, or else when the incident was closed; None while either continues."""
        spans = [span for spans in self.failures.values() for span in spans]
        ends = [span.until for span in spans if span.until is not None]
        if len(ends) < len(spans) or self.closed_at is None:
            return None
        return max(ends, default=self.closed_at)

    @property
    def at_worst(self) -> tuple[Period, ...]:
        """When any component had the incident's worst impact, oldest first. `duration` adds these periods up."""
        peak = worst(span.impact for spans in self.failures.values() for span in spans)
        return merged(span for spans in self.failures.values() for span in spans if span.impact is peak)

    def disrupted(self, now: datetime) -> timedelta:
        """How long at least one component had any impact, up to `now`."""
        return disrupted(self.failures, now)

    @property
    def report_to_fix(self) -> Period | None:
        """From the publication that first reported the worst impact to that of the fix that held; None without both."""
        said = (each.at for each in self.updates if self.peak in each.impacts.values())
        start = next(said, None) if self.peak is not Impact.OPERATIONAL else None
        fixed = None  # the first publication after the last one that reported a failure
        for update in reversed(self.updates):
            if update.stage in BEFORE_FIX:
                break
            fixed = update.at
        return Period(start, fixed) if start and (fixed is None or fixed > start) else None

    def changes(self, component: str) -> list[tuple[Impact, datetime]]:
        """Each published change of the impact on a component, and when it was published."""
        found: list[tuple[Impact, datetime]] = []
        for each in self.updates:
            impact = each.impacts.get(component)
            if impact is not None and (not found or found[-1][0] is not impact):
                found.append((impact, each.at))
        return found

    def spans(self, component: str) -> tuple[ImpactSpan, ...]:
        """When a component failed, oldest first."""
        return self.failures.get(component, ())

    def for_audience(self, audience: Audience) -> "IncidentHistory":
        """Without the publications that said nothing to this audience."""
        read = tuple(each for each in self.publications if _find(each.texts, audience))
        return replace(self, publications=read)


def _find(texts: Sequence[PublishedText], audience: Audience, language: str = "") -> PublishedText | None:
    return next((t for t in texts if t.audience is audience and language in ("", t.language)), None)
