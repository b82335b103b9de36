"""Times: the promise, clock times without a zone, and repair times nobody should promise."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

from bot.domain.facts import Kind
from bot.domain.lifecycle import Stage
from bot.domain.lint.findings import Weight
from bot.domain.lint.reading import Hit, Reading, Span, Text, either, missing
from bot.domain.times import Zone

_CLOCK = re.compile(
    r"(?<![\w.:/+])(?<!UTC-)(?<!GMT-)"
    r"(?:(?P<hour>[01]?\d|2[0-4]):(?P<minute>[0-5]\d)(?::[0-5]\d)?(?:\s?(?P<half>[ap])\.?m\b\.?)?"
    r"|(?P<hour12>1[0-2]|0?[1-9])\s?(?P<half12>[ap])\.?m\b)(?![\w:]|%)",
    re.IGNORECASE,
)
_HOURS = {  # east of UTC
    "Z": 0, "GMT": 0, "UTC": 0, "WET": 0, "BST": 1, "CET": 1, "WEST": 1, "CEST": 2, "EET": 2, "SAST": 2, "EEST": 3,
    "MSK": 3, "PKT": 5, "IST": 5.5, "SGT": 8, "HKT": 8, "AWST": 8, "JST": 9, "KST": 9, "ACST": 9.5, "AEST": 10,
    "AEDT": 11, "NZST": 12, "NZDT": 13, "BRT": -3, "ART": -3, "EDT": -4, "EST": -5, "CDT": -5, "CST": -6, "MDT": -6,
    "MST": -7, "PDT": -7, "PST": -8, "AKDT": -8, "AKST": -9, "HST": -10,
}  # fmt: skip
_REGIONS = {
    "ET": "America/New_York", "EASTERN": "America/New_York", "CT": "America/Chicago", "CENTRAL": "America/Chicago",
    "MT": "America/Denver", "MOUNTAIN": "America/Denver", "PT": "America/Los_Angeles", "PACIFIC": "America/Los_Angeles",
}  # fmt: skip
_NAMES = "|".join(sorted({*_HOURS, *_REGIONS} - {"UTC", "GMT"}, key=len, reverse=True))
_ZONE = re.compile(
    r" ?\(?(?P<zone>(?i:UTC|GMT)(?: ?[+\u2212-]\d{1,2}(?::?\d\d)?)?|\+\d\d:?\d\d"
    rf"|{_NAMES}|Eastern|Central|Mountain|Pacific)(?!\w)"
)
_OFFSET = re.compile(r"(?:UTC|GMT)?\s?([+\u2212-])(\d{1,2}):?(\d\d)?", re.IGNORECASE)
_TO_NEXT_CLOCK = re.compile(r"[ ,]{0,2}(?:[-\u2013\u2014/]|\w{1,7})?[ ]?(?:\d{1,2} [A-Z][a-z]{2,9}(?: \d{4})?,? )?")
_DURATION = re.compile(r"\s?(?:h|hrs?|hours?|mins?|minutes?)\b", re.IGNORECASE)
_ALL_TIMES = re.compile(r"\ball times\b[^.\n]{0,30}\b[A-Z]{2,4}\b", re.IGNORECASE)
_DATE = re.compile(
    r"\b\d{1,2} (?:January|February|March|April|May|June|July|August|September|October|November|December) \d{4}\b"
)
_PROMISE = either(
    r"\b(?:next|further|another) (?:status )?update",
    r"\bmore (?:news|information)",
    r"\b(?:write|post|report|update)(?: to)?(?: you)? again",
    r"\bwe(?: will|'ll) (?:update|write|post|report)\b",
)
_BY = re.compile(r"\b(?:by|at|before|around|until) (?:\d{1,2} [A-Z][a-z]{2,9}(?: \d{4})?,? )?$", re.IGNORECASE)
_REPAIRED = (
    r"(?:fix(?:ed)?|resol(?:ved?|ution)|restor(?:ed|ation)|recover(?:y|ed)?|repair(?:ed)?|mitigat(?:ed|ion)|back|gone|over"
    r"|normal|operational|available|working|complete[d]?|online|stable|done)"
)
_ROUGHLY = r"(?:(?:about|approximately|roughly|around|the next|the|another|~)\s*){0,2}"
_SPAN = (
    r"(?:\d{1,4}(?::\d\d)?(?: ?(?:min(?:ute)?s?|h(?:ou)?rs?|[ap]m)\b)?|an? (?:few|couple|hour|minute|day)|few|next|noon"
    r"|midnight|end of|tonight|today|tomorrow|half an hour|hours?|minutes"
    r"|one|two|three|five|ten|fifteen|twenty|thirty|sixty)"
)
_WHEN = (
    rf"(?:(?:in|by|within|before|around|at|after|over)\s+{_ROUGHLY}{_SPAN}"
    r"|(?:soon|shortly|momentarily|tonight|tomorrow|any (?:minute|moment))\b)"
)
_NOT_NEWS = r"(?:(?!updat|news|publish|post\b|write|report|watch)[^.!?\n]){0,80}?"
_REPAIR_TIME = either(
    rf"\b(?:expect(?:ed|s|ing)?|anticipat(?:e|ed|es|ing)|hope|aim|plan|should|will|going to)\b{_NOT_NEWS}"
    rf"\b{_REPAIRED}\b{_NOT_NEWS}\b{_WHEN}",
    r"(?<!been )(?<!was )(?<!were )(?<!is )(?<!now )\b(?:fixed|resolved|restored|repaired|back|fix|gone)"
    rf"(?: expected| estimated| ready| up| online)?\s{_WHEN}",
    r"\b(?:estimated|expected) (?:time (?:of|to)|resolution|recovery|fix|repair)\b",
    r"\btime to (?:fix|repair|resolution|recovery)\b",
)
_ETA = re.compile(r"\bETAs?\b")
_DENIED = either(r"(?:\b(?:no|not|cannot|without|never|nor)|n't)\b[^.!?\n]{0,30}$")


@dataclass(frozen=True)
class Clock:
    """A time of day in a text; the span includes its zone."""

    span: Span
    minutes: int  # after midnight
    zone: str  # empty: none stands beside it
    words_end: int  # where the digits end


def clocks(text: Text, own: Zone, now: datetime) -> list[Clock]:
    """All of them in reading order, but those in links and durations such as `1:30 hours`."""
    found = []
    for match in _CLOCK.finditer(text.plain):
        if _DURATION.match(text.plain, match.end()) or any(a.start <= match.start() < a.end for a in text.links):
            continue
        zone = _zone_at(text.plain, match.end(), own, now)
        end = zone.end("zone") if zone else match.end()
        found.append(Clock((match.start(), end), _minutes(match), zone["zone"] if zone else "", match.end()))
    return found


def missing_next_update(reading: Reading) -> Iterator[Hit]:
    """L12: whether there is a time at all; L13 compares it."""
    promise = reading.subject.promise_at
    if promise is None or not reading.is_open or _promised(reading):
        return
    zone, now = reading.organisation.zone, reading.subject.now
    if zone.clock(promise) not in reading.body.plain:
        yield missing(
            "The text does not say when the next update comes.",
            f"End with “Next update by {zone.when(promise, now)}.”",
            reading.grave_weight,
        )


def promise_mismatch(reading: Reading) -> Iterator[Hit]:
    """L13: every promised time in the text against the record."""
    promise, zone, now = reading.subject.promise_at, reading.organisation.zone, reading.subject.now
    if promise is None or not reading.is_open:
        return
    right = zone.when(promise, now)
    for clock in _promised(reading):
        said = _minutes_of(promise, clock.zone, zone)
        if said is not None and min((said - clock.minutes) % 1440, (clock.minutes - said) % 1440) > 1:
            instead = f"Leave the sentence to Foghorn: “Next update by {right}.”"
            yield reading.body.hit(clock.span, f"“{{words}}” is not the promised time, which is {right}.", instead)
        elif promise + timedelta(minutes=1) <= now:
            weight = Weight.WARNING if reading.subject.kind is Kind.CORRECTION else Weight.BLOCKER
            yield reading.body.hit(
                clock.span, "“{words}” has passed.", "Promise a later time, such as “next:15m”.", weight
            )
        else:
            yield from _wrong_date(reading, clock, promise)


def time_without_zone(reading: Reading) -> Iterator[Hit]:
    """L15: of a range or list, the last time may carry the zone for all."""
    own, now = reading.organisation.zone, reading.subject.now
    for text in reading.texts:
        if _ALL_TIMES.search(text.plain):
            continue
        zoned, next_start = False, -1
        for clock in reversed(clocks(text, own, now)):
            leads_on = next_start >= 0 and bool(_TO_NEXT_CLOCK.fullmatch(text.plain, clock.words_end, next_start))
            zoned = bool(clock.zone) or (zoned and leads_on)
            next_start = clock.span[0]
            if not zoned:
                there = now.astimezone(own.tz).replace(hour=clock.minutes // 60 % 24, minute=clock.minutes % 60)
                meant = own.clock(there)
                yield text.hit(clock.span, "“{words}” has no time zone.", f"Write “{meant}”, if that is what is meant.")


def eta_promise(reading: Reading) -> Iterator[Hit]:
    """L18: while the incident goes on, nobody knows when it ends."""
    if not reading.is_open:
        return
    needed = getattr(reading.organisation.approval, reading.subject.severity.value)
    approved = reading.subject.stage is Stage.IDENTIFIED and needed > 0
    weight = Weight.WARNING if approved else Weight.BLOCKER
    for pattern in (_REPAIR_TIME, _ETA):
        for text, found in reading.find(pattern):
            start = text.sentence(found.start())[0]
            if not _DENIED.search(text.plain, start, found.start()):
                reason = "“{words}” promises a repair time; if it is missed, readers stop believing the rest."
                yield text.hit(found.span(), reason, "Promise the next update only.", weight)


def _promised(reading: Reading) -> list[Clock]:
    """The times of the sentence “Next update by ...” and of any like it; other times are history."""
    text = reading.body
    promised: list[Clock] = []
    for clock in clocks(text, reading.organisation.zone, reading.subject.now):
        start, end = text.sentence(clock.span[0])
        said = _PROMISE.search(text.plain, start, end)
        beside = promised and text.plain[promised[-1].span[1] : clock.span[0]] == " ("
        if said and (beside or _BY.search(text.plain, start, clock.span[0])):
            promised.append(clock)
    return promised


def _wrong_date(reading: Reading, clock: Clock, promise: datetime) -> Iterator[Hit]:
    text, right = reading.body, reading.organisation.zone.date(promise)
    start, _ = text.sentence(clock.span[0])
    date = next(iter(_DATE.finditer(text.plain, max(start, clock.span[0] - 25), clock.span[0])), None)
    if date and date[0] != right:
        yield text.hit(date.span(), f"“{{words}}” is not the promised date, which is {right}.", "Leave it to Foghorn.")


def _zone_at(plain: str, at: int, own: Zone, now: datetime) -> re.Match[str] | None:
    """The zone behind a time: one of all known, or the organisation's label."""
    known = _ZONE.match(plain, at)
    return known or re.compile(rf" ?\(?(?P<zone>{re.escape(own.name(now))})(?!\w)").match(plain, at)


def _minutes(match: re.Match[str]) -> int:
    hour, half = int(match["hour"] or match["hour12"]), (match["half"] or match["half12"] or "").lower()
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    return (hour * 60 + int(match["minute"] or 0)) % 1440


def _minutes_of(instant: datetime, zone: str, own: Zone) -> int | None:
    """The instant's minutes after midnight there; None in a zone we do not know."""
    tz = _tz(zone, instant, own)
    there = instant.astimezone(tz) if tz else None
    return there.hour * 60 + there.minute if there else None


def _tz(zone: str, instant: datetime, own: Zone) -> tzinfo | None:
    name = zone.upper()
    if not name or zone in (own.label, own.name(instant), instant.astimezone(own.tz).tzname()):
        return own.tz
    if name in _REGIONS:
        return ZoneInfo(_REGIONS[name])
    if name in _HOURS:
        return timezone(timedelta(hours=_HOURS[name]))
    offset = _OFFSET.fullmatch(name)
    if not offset or int(offset[2]) > 23:
        return None
    size = timedelta(hours=int(offset[2]), minutes=int(offset[3] or 0))
    return timezone(size if offset[1] == "+" else -size) if size else UTC
