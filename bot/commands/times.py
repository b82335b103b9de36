"""Times as people type them: `30m`, `13:30`, `13:30 UTC`, `2026-04-20 13:30`."""

import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.domain.times import Zone
from bot.errors import TimeComing, TimeNever, TimePast, TimeTwice, TimeUnclear

_SPAN = re.compile(r"(?:(\d{1,2}) ?(?:h|hours?))? ?(?:(\d{1,4}) ?(?:m|min|minutes?)?)?", re.IGNORECASE)
_CLOCK = re.compile(
    r"(?:(\d{4}-\d{2}-\d{2})[ T])?([01]?\d|2[0-3])[:.]([0-5]\d)(?::[0-5]\d)? ?(am|pm)? ?([A-Za-z][A-Za-z0-9_/+:-]*)?",
    re.IGNORECASE,
)
AHEAD = timedelta(hours=12)
BACK = timedelta(hours=24)


def span(typed: str) -> timedelta | None:
    """`30m`, `1h`, `1h30m`, `30` (minutes); None where it is not one."""
    found = _SPAN.fullmatch(typed.strip())
    if not typed.strip() or not found or not (found[1] or found[2]):
        return None
    return timedelta(hours=int(found[1] or 0), minutes=int(found[2] or 0))


def ahead(typed: str, now: datetime, zone: Zone) -> datetime:
    """A coming moment: so many minutes from now, or the next such clock time within 12 hours.

    Raises TimeUnclear, TimePast, TimeTwice, TimeNever.
    """
    minutes = span(typed)
    if minutes is not None:
        if minutes <= timedelta(0):
            raise TimeUnclear(typed=typed)
        return now + minutes
    day, clock, tz = _read(typed, zone)
    local_day = now.astimezone(tz).date()
    days = [day] if day else [local_day, local_day + timedelta(days=1)]
    for each in days:
        at = max(_candidates(each, clock, tz, typed))
        if now < at and (day or at - now <= AHEAD):
            return _moment(each, clock, tz, typed)
    raise TimePast(time=max(_candidates(days[0], clock, tz, typed)), now=now)


def behind(typed: str, now: datetime, zone: Zone) -> datetime:
    """A past moment: the last such clock time within a day, or `5m` ago.

    Raises TimeUnclear, TimeComing, TimeTwice, TimeNever.
    """
    minutes = span(typed.removesuffix(" ago"))
    if minutes is not None:
        return now - minutes
    day, clock, tz = _read(typed, zone)
    local_day = now.astimezone(tz).date()
    days = [day] if day else [local_day, local_day - timedelta(days=1)]
    for each in days:
        if min(_candidates(each, clock, tz, typed)) <= now + timedelta(minutes=1):
            return _moment(each, clock, tz, typed)
    raise TimeComing(time=_candidates(days[0], clock, tz, typed)[0], now=now)


def _read(typed: str, zone: Zone) -> tuple[date | None, time, tzinfo]:
    found = _CLOCK.fullmatch(typed.strip())
    if not found:
        raise TimeUnclear(typed=typed)
    day_words, hour_words, minute, half, zone_words = found.groups()
    hour = int(hour_words)
    if half:
        if not 1 <= hour <= 12:
            raise TimeUnclear(typed=typed)
        hour = hour % 12 + (12 if half.lower() == "pm" else 0)
    try:
        day = date.fromisoformat(day_words) if day_words else None
    except ValueError as problem:
        raise TimeUnclear(typed=typed) from problem
    return day, time(hour, int(minute)), _zone(zone_words, zone, typed)


def _zone(words: str | None, zone: Zone, typed: str) -> tzinfo:
    if not words or words.upper() == zone.label.upper():
        return zone.tz
    if words.upper() in ("UTC", "Z", "GMT"):
        return UTC
    if words.upper() in {datetime(2026, month, 1, tzinfo=zone.tz).tzname() for month in (1, 7)}:
        return zone.tz
    try:
        return ZoneInfo(words)
    except (ZoneInfoNotFoundError, ValueError, OSError) as problem:
        raise TimeUnclear(typed=typed) from problem


def _candidates(day: date, clock: time, tz: tzinfo, typed: str) -> tuple[datetime, datetime]:
    """The moment in UTC, twice: the two differ where the change of clocks repeats or skips it."""
    try:
        local = datetime.combine(day, clock, tzinfo=tz)
        return local.astimezone(UTC), local.replace(fold=1).astimezone(UTC)
    except OverflowError as problem:  # within a day of the first or last that there is
        raise TimeUnclear(typed=typed) from problem


def _moment(day: date, clock: time, tz: tzinfo, typed: str) -> datetime:
    """The moment in UTC; a clock time that the change of clocks makes ambiguous or skips is refused."""
    first, second = _candidates(day, clock, tz, typed)
    if first != second:
        skipped = first.astimezone(tz).time() != clock
        raise (TimeNever if skipped else TimeTwice)(clock=f"{clock:%H:%M}", date=f"{day.day} {day:%B %Y}")
    return first
