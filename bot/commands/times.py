"""Times as people type them: `30m`, `13:30`, `13:30 UTC`, `2026-04-20 13:30`."""

import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.domain.times import Zone
from bot.errors import TimeNever, TimePast, TimeTwice, TimeUnclear

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
        at = _moment(each, clock, tz)
        if now < at and (day or at - now <= AHEAD):
            return at
    raise TimePast(time=_moment(days[0], clock, tz, lenient=True), now=now)


def behind(typed: str, now: datetime, zone: Zone) -> datetime:
    """A past moment: the last such clock time within a day, or `5m` ago. Raises TimeUnclear, TimeTwice, TimeNever."""
    minutes = span(typed.removesuffix(" ago"))
    if minutes is not None:
        return now - minutes
    day, clock, tz = _read(typed, zone)
    local_day = now.astimezone(tz).date()
    for each in [day] if day else [local_day, local_day - timedelta(days=1)]:
        at = _moment(each, clock, tz)
        if at <= now + timedelta(minutes=1):
            return at
    raise TimeUnclear(typed=typed)


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


def _moment(day: date, clock: time, tz: tzinfo, *, lenient: bool = False) -> datetime:
    """The moment in UTC; a clock time that the change of clocks makes ambiguous or skips is refused."""
    first, second = (datetime.combine(day, clock, tzinfo=tz).replace(fold=fold) for fold in (0, 1))
    if first.utcoffset() != second.utcoffset() and not lenient:
        words = f"{day.day} {day:%B %Y}"
        skipped = first.astimezone(UTC).astimezone(tz).time() != clock
        raise (TimeNever if skipped else TimeTwice)(clock=f"{clock:%H:%M}", date=words, typed=f"{clock:%H:%M}")
    return first.astimezone(UTC)
