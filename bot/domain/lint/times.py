"""Times: the promise, and clock times without a time zone."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

from bot.domain.facts import UpdateKind
from bot.domain.lint.context import READ, CheckedText, Hit, LintContext, Span, missing
from bot.domain.lint.findings import Weight
from bot.domain.lint.patterns import Phrases
from bot.domain.times import HOURS, REGIONS, Zone

_CLOCK = re.compile(
    r"(?<![A-Za-z0-9_.:/+])(?<!UTC-)(?<!GMT-)"
    r"(?:(?P<hour>[01]?\d|2[0-4]):(?P<minute>[0-5]\d)(?::[0-5]\d)?(?:\s?(?P<half>[ap])\.? ?m\b\.?)?"
    r"|(?P<hour12>1[0-2]|0?[1-9])\s?(?P<half12>[ap])\.? ?m\b)(?![A-Za-z0-9_:]|%)",
    re.IGNORECASE,
)
_NAMES = "|".join(sorted({*HOURS, *REGIONS} - {"UTC", "GMT"}, key=len, reverse=True))
_ZONE = re.compile(
    r"(?: ?(?:Uhr|h|hrs|heures|horas))? ?\(?(?P<zone>(?i:UTC|GMT)(?: ?[+\u2212-]\d{1,2}(?::?\d\d)?)?|\+\d\d:?\d\d"
    rf"|{_NAMES}|(?i:p[sd]t|e[sd]t|cest|cet|gmt)|(?i:eastern|central|mountain|pacific)(?! (?:team|region|office|data"
    rf"|server|site|account|division))"
    r"|(?:[A-Z][\w'-]{2,20} ){1,2}(?i:local )?(?i:time)|(?i:(?:your |the )?local time)|(?i:US/|Europe/|America/"
    r"|Asia/|Australia/)\w{3,20})(?![A-Za-z0-9_])"
)
_OFFSET = re.compile(r"(?:UTC|GMT)?\s?([+\u2212-])(\d{1,2}):?(\d\d)?", re.IGNORECASE)
_TO_NEXT_CLOCK = re.compile(r"[^.!?;:\n(]{0,90}")
_DURATION = re.compile(
    r"\s?(?:h|hrs?|hours?|mins?|minutes?|secs?|seconds?|long|into)\b(?! (?:ET|[A-Z]{3,4}|UTC)\b)", re.IGNORECASE
)
_ALL_TIMES = re.compile(r"\ball times\b[^.\n]{0,30}\b[A-Z]{2,4}\b", re.IGNORECASE)
_ZONE_BEFORE = re.compile(r"\b(?:UTC|GMT|[PECM][SD]?T)\b[^.!?;()\n]{0,24}$")
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
_MONTH = "|".join(_MONTHS)
_DATE = re.compile(rf"\b(?:(\d{{1,2}}) ({_MONTH}) (\d{{4}})|({_MONTH}) (\d{{1,2}}), (\d{{4}}))\b")
_PROMISE = Phrases(
    r"\b(?:next|further|another) (?:status )?update",
    r"\bmore (?:news|information)",
    r"\b(?:write|post|report|update)(?: to)?(?: you)? again",
    r"\bwe(?: will|'ll) (?:update|write|post|report)\b",
)
_DIGIT = re.compile(r"\d")
_BY = re.compile(r"\b(?:by|at|before|around|until) (?:\d{1,2} [A-Z][a-z]{2,9}(?: \d{4})?,? )?$", re.IGNORECASE)
_LOOKED_AT = 300  # maximum times in one text
_PROMISES = 20  # maximum promises in one text


@dataclass(frozen=True)
class ClockTime:
    """A time of day in a text. The span includes its zone."""

    span: Span
    minutes: int  # minutes after midnight
    zone: str  # empty: the text gives none
    words_end: int  # where the digits end


def clocks(text: CheckedText, own: Zone, now: datetime, span: Span | None = None) -> list[ClockTime]:
    """All times in reading order, except those in links and durations such as `1:30 hours`."""
    found: list[ClockTime] = []
    for match in _CLOCK.finditer(text.plain, *(span or (0, READ))):
        if len(found) == _LOOKED_AT:
            break
        if _DURATION.match(text.plain, match.end()) or text.is_in_link(match.start()):
            continue
        zone = _ZONE.match(text.plain, match.end()) or _own_zone(own.name(now)).match(text.plain, match.end())
        end = zone.end("zone") if zone else match.end()
        found.append(ClockTime((match.start(), end), _minutes(match), zone["zone"] if zone else "", match.end()))
    return found


def missing_next_update(context: LintContext) -> Iterator[Hit]:
    """L12: the promise sentence, or another wording of the same time. L13 compares other times."""
    subject = context.subject
    promise = subject.promise_at
    if promise is None or not context.is_open:
        return
    if (context.promise and context.promise in context.body.plain) or _promised(context):
        return
    zone = context.organisation.zone
    if not any(_is_at(clock, promise, zone) for clock in clocks(context.body, zone, subject.now)):
        right = context.promise or f"Next update by {zone.when(promise, subject.now)}."
        reason = "The text does not say when the next update is due."
        yield missing(reason, f"End with “{right}”", context.grave_weight)


def promise_mismatch(context: LintContext) -> Iterator[Hit]:
    """L13: every promised time in the text against the record."""
    promise, zone, now = context.subject.promise_at, context.organisation.zone, context.subject.now
    if promise is None or not context.is_open:
        return
    right = context.promise or f"Next update by {zone.when(promise, now)}."
    for clock in _promised(context):
        if _is_at(clock, promise, zone, unknown=True):
            if promise + timedelta(minutes=1) <= now:
                weight = Weight.WARNING if context.subject.kind is UpdateKind.CORRECTION else Weight.BLOCKER
                instead = "Promise a later time, such as “next:15m”."
                yield context.body.hit(clock.span, "“{words}” has passed.", instead, weight)
            else:
                yield from _wrong_date(context, clock, promise)
        else:
            reason = f"“{{words}}” is not the promised time: “{right}”"
            yield context.body.hit(clock.span, f"{reason.rstrip()}", "Delete the sentence; Foghorn adds it.")


def time_without_zone(context: LintContext) -> Iterator[Hit]:
    """L15: in a range or list, the last time may carry the zone for all; after a time with a zone it is a warning."""
    own, now = context.organisation.zone, context.subject.now
    for text in context.texts:
        if _ALL_TIMES.search(text.plain, 0, READ):
            continue
        every = clocks(text, own, now)
        first_zoned = next((clock.span[0] for clock in every if clock.zone), len(text.plain))
        zoned, next_start = False, -1
        for clock in reversed(every):
            leads_on = next_start >= 0 and bool(_TO_NEXT_CLOCK.fullmatch(text.plain, clock.words_end, next_start))
            zoned = (
                bool(clock.zone)
                or (zoned and leads_on)
                or bool(_ZONE_BEFORE.search(text.plain, max(0, clock.span[0] - 30), clock.span[0]))
            )
            next_start = clock.span[0]
            if not zoned:
                there = now.astimezone(own.tz).replace(hour=clock.minutes // 60 % 24, minute=clock.minutes % 60)
                instead = f"Write “{own.clock(there)}” if that is what you mean."
                weight = Weight.WARNING if first_zoned < clock.span[0] else Weight.BLOCKER
                yield text.hit(clock.span, "“{words}” has no time zone.", instead, weight)


def _promised(context: LintContext) -> list[ClockTime]:
    """The times in the sentence “Next update by ...” and similar ones. Other times are about the past."""
    text, own, now = context.body, context.organisation.zone, context.subject.now
    sentences = dict.fromkeys(text.sentence(found.start()) for found in _PROMISE.finditer(text.plain, 0, READ))
    # the start of the promise sentence in this language, up to its first digit: `Nächstes Update bis `
    figure = _DIGIT.search(context.promise)
    frame = context.promise[: figure.start()] if figure else ""
    if frame:
        sentences |= {span: None for span in text.sentences if text.plain.startswith(frame, span[0])}
    promised: list[ClockTime] = []
    for start, end in list(sentences)[:_PROMISES]:
        for clock in clocks(text, own, now, (start, end)):
            beside = promised and text.plain[promised[-1].span[1] : clock.span[0]] in (" (", "(")
            begins = frame and text.plain.startswith(frame, start) and not promised
            if beside or begins or _BY.search(text.plain, start, clock.span[0]):
                promised.append(clock)
    return promised


def _is_at(clock: ClockTime, promise: datetime, own: Zone, *, unknown: bool = False) -> bool:
    """Whether a time equals the promise, to the minute; `unknown` is returned for an unknown zone."""
    right = _minutes_of(promise, clock.zone, own)
    if right is None:
        return unknown
    return min((right - clock.minutes) % 1440, (clock.minutes - right) % 1440) <= 1


def _wrong_date(context: LintContext, clock: ClockTime, promise: datetime) -> Iterator[Hit]:
    text, zone = context.body, context.organisation.zone
    start, end = text.sentence(clock.span[0])
    said = _DATE.search(text.plain, max(start, clock.span[0] - 25), min(end, clock.span[1] + 40))
    if said and _day(said) != zone.day(promise):
        right = zone.date(promise)
        yield text.hit(
            said.span(), f"“{{words}}” is not the promised date, which is {right}.", "Delete it; Foghorn adds it."
        )


def _day(found: re.Match[str]) -> date | None:
    """The day of `21 April 2026` or `April 21, 2026`; None if there is no such day."""
    month, day, year = found[2] or found[4], int(found[1] or found[5]), int(found[3] or found[6])
    try:
        return date(year, _MONTHS.index(month) + 1, day)
    except ValueError:
        return None


@lru_cache(maxsize=16)
def _own_zone(name: str) -> re.Pattern[str]:
    return re.compile(rf"(?: ?(?:Uhr|h))? ?\(?(?P<zone>{re.escape(name)})(?![A-Za-z0-9_])")


def _minutes(match: re.Match[str]) -> int:
    hour, half = int(match["hour"] or match["hour12"]), (match["half"] or match["half12"] or "").lower()
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    return (hour * 60 + int(match["minute"] or 0)) % 1440


def _minutes_of(instant: datetime, zone: str, own: Zone) -> int | None:
    """The minutes after midnight in that zone; None if the zone is unknown."""
    tz = _tz(zone, instant, own)
    there = instant.astimezone(tz) if tz else None
    return there.hour * 60 + there.minute if there else None


def _tz(zone: str, instant: datetime, own: Zone) -> tzinfo | None:
    name = zone.upper()
    if not name or zone in (own.label, own.name(instant), instant.astimezone(own.tz).tzname()):
        return own.tz
    if name in REGIONS:
        return ZoneInfo(REGIONS[name])
    if name in HOURS:
        return timezone(timedelta(hours=HOURS[name]))
    offset = _OFFSET.fullmatch(name)
    if not offset or int(offset[2]) > 23:
        return None
    size = timedelta(hours=int(offset[2]), minutes=int(offset[3] or 0))
    return timezone(size if offset[1] == "+" else -size) if size else UTC
