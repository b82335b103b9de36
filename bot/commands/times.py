"""Times as people type them: `30m`, `13:30`, `9am PT`, `yesterday 21:40`, `Apr 19 14:00`, `2026-04-19 14:00 +02:00`."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.domain.times import HOURS, REGIONS, Zone
from bot.errors import InvalidField, TimeUnclear

AHEAD = timedelta(hours=12)
LONG_AGO = timedelta(hours=24)
"""Times further away than this need confirmation."""
_UNITS = {"d": 1440, "h": 60, "m": 1}
_SPAN = re.compile(
    r"(?:in )?(?:(\d{1,3}(?:\.\d{1,2})?) ?(d|days?|h|hrs?|hours?|m|mins?|minutes?)"
    r"(?: ?(\d{1,4}) ?(h|hrs?|hours?|m|mins?|minutes?))?|(\d{1,3}h)(\d{1,2})|(\d{1,4}))(?: ago)?",
    re.IGNORECASE,
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\.?"
_DAY = (
    r"yesterday|today|tomorrow|\d{4}-\d{2}-\d{2}"
    rf"|{_MONTH} \d{{1,2}}(?:,? \d{{4}})?|\d{{1,2}} {_MONTH}(?:,? \d{{4}})?"
)
_HALF = r"[ap]\.?m\.?"
_CLOCK = (
    rf"noon|midnight|(?:[01]?\d|2[0-3])[:.][0-5]\d(?::[0-5]\d)?(?: ?{_HALF})?|(?:0?[1-9]|1[0-2]) ?{_HALF}"
    r"|(?:[01]\d|2[0-3])[0-5]\d"
)
_ABBREVIATIONS = "|".join(sorted({*HOURS, *REGIONS} - {"Z"}, key=len, reverse=True))
_ZONE = rf"(?:UTC|GMT)?[+-]\d{{1,2}}(?::?\d{{2}})?|(?:{_ABBREVIATIONS})\b|Z\b|[A-Za-z]+/[A-Za-z_/+-]+|[A-Z]{{2,5}}\b"
_MOMENT = re.compile(
    rf"(?:(?P<before>{_DAY})(?:,| at|T)? ?)?(?P<clock>{_CLOCK})(?: ?(?P<zone>{_ZONE}))?"
    rf"(?:,? (?:on )?(?P<after>{_DAY}))?",
    re.IGNORECASE,
)
_THREE = re.compile(r"([1-9])([0-5]\d)")


@dataclass(frozen=True)
class TypedTime:
    """A time as typed: a clock time with an optional day and zone."""

    day: str
    clock: time
    tz: tzinfo


def reads(typed: str) -> bool:
    """Whether words look like a time that can be typed. `ahead` and `behind` decide what it means."""
    words = typed.strip()
    found = _MOMENT.fullmatch(words)
    zone = (found["zone"] or "Z").upper() if found else "?"
    known = zone in {*HOURS, *REGIONS} or any(mark in zone for mark in "/+-")  # any other word is text that follows
    return known or bool(words and _SPAN.fullmatch(words))


def span(typed: str) -> timedelta | None:
    """`30m`, `1h`, `1h30m`, `1.5h`, `2d`, `30` (minutes); None if it is no duration. Raises InvalidField for `930`."""
    words = typed.strip()
    found = _SPAN.fullmatch(words)
    if not words or not found:
        return None
    number, unit, more, more_unit, hours, minutes, bare = found.groups()
    if bare:
        if len(bare) == 4 and re.fullmatch(r"(?:[01]\d|2[0-3])[0-5]\d", bare):
            return None  # `1251` is a clock time
        if three := _THREE.fullmatch(bare):
            message = "“{typed}” can be read as {clock} or as {minutes}. Type one of the two."
            raise InvalidField(message, typed=bare, clock=f"{three[1]}:{three[2]}", minutes=f"{bare}m")
        return timedelta(minutes=int(bare))
    if hours:
        return timedelta(hours=int(hours[:-1]), minutes=int(minutes))
    size = float(number) * _UNITS[unit[0].lower()]
    return timedelta(minutes=size + (int(more) * _UNITS[more_unit[0].lower()] if more else 0))


def ahead(typed: str, now: datetime, zone: Zone) -> datetime:
    """A future time: a number of minutes from now, or that clock time within the next 12 hours.

    Raises TimeUnclear, InvalidField.
    """
    away = span(typed)
    if away is not None:
        if away <= timedelta(0):
            raise TimeUnclear(typed=typed)
        return now + away
    said = _read(typed, zone)
    days = _days(said, typed, now, forwards=True)
    for each in days:
        at = max(_candidates(each, said, typed))
        if now < at and (said.day or at - now <= AHEAD):
            return _moment(each, said, typed)
    message = "{time} has passed. Enter a time after {now}, or a number of minutes, for example `next:30m`."
    raise InvalidField(message, time=max(_candidates(days[0], said, typed)), now=now)


def behind(typed: str, now: datetime, zone: Zone) -> datetime:
    """A past time: that clock time within the last day, or `5m` ago.

    Raises TimeUnclear, InvalidField.
    """
    away = span(typed)
    if away is not None:
        return now - away
    said = _read(typed, zone)
    days = _days(said, typed, now, forwards=False)
    for each in days:
        if min(_candidates(each, said, typed)) <= now + timedelta(minutes=1):
            return _moment(each, said, typed)
    message = "{time} is in the future. Enter a time before {now}, or a number of minutes, for example `5m`."
    raise InvalidField(message, time=_candidates(days[0], said, typed)[0], now=now)


def day_of(typed: str, today: date) -> date | None:
    """`tomorrow`, `2026-04-27`, `Apr 27`, `27 April 2026`; without a year, the date nearest to today."""
    words = typed.strip().casefold().replace(",", " ")
    relative = {"yesterday": -1, "today": 0, "tomorrow": 1}
    if words in relative:
        return today + timedelta(days=relative[words])
    try:
        return date.fromisoformat(words)
    except ValueError:
        parts = words.replace(".", "").split()
    month = next((n for n, name in enumerate(_MONTHS, 1) for part in parts if part.startswith(name)), 0)
    numbers = [int(part) for part in parts if part.isdigit()]
    if not month or not 1 <= len(numbers) <= 2 or len(parts) != len(numbers) + 1:
        return None
    try:
        if len(numbers) == 2:
            return date(numbers[1], month, numbers[0])
        near = [date(today.year + years, month, numbers[0]) for years in (-1, 0, 1)]
    except ValueError:
        return None
    return min(near, key=lambda each: abs(each - today))


def _read(typed: str, zone: Zone) -> TypedTime:
    found = _MOMENT.fullmatch(typed.strip())
    if not found or (found["before"] and found["after"]):
        raise TimeUnclear(typed=typed)
    return TypedTime(found["before"] or found["after"] or "", _clock(found["clock"]), _zone(found["zone"], zone, typed))


def _clock(words: str) -> time:
    words = words.casefold().replace(".m", "m").rstrip(".")
    if words in ("noon", "midnight"):
        return time(12 if words == "noon" else 0)
    half = words[-2:] if words.endswith("m") else ""
    digits = re.findall(r"\d+", words)
    if len(digits) == 1 and len(digits[0]) == 4:
        digits = [digits[0][:2], digits[0][2:]]
    hour, minute = int(digits[0]), int(digits[1]) if len(digits) > 1 else 0
    if half and hour > 12:
        raise TimeUnclear(typed=words)
    if half:
        hour = hour % 12 + (12 if half == "pm" else 0)
    return time(hour, minute)


def _zone(words: str | None, zone: Zone, typed: str) -> tzinfo:
    if not words or words.upper() == zone.label.upper():
        return zone.tz
    name = words.upper()
    if name in {datetime(2026, month, 1, tzinfo=zone.tz).tzname() for month in (1, 7)}:
        return zone.tz
    if name in REGIONS:
        return ZoneInfo(REGIONS[name])
    if name in HOURS:
        return timezone(timedelta(hours=HOURS[name])) if HOURS[name] else UTC
    if offset := re.fullmatch(r"(?:UTC|GMT)?([+-])(\d{1,2}):?(\d{2})?", name):
        away = timedelta(hours=int(offset[2]), minutes=int(offset[3] or 0))
        if away < timedelta(hours=15):
            return timezone(away if offset[1] == "+" else -away)
    try:
        return ZoneInfo(words)
    except (ZoneInfoNotFoundError, ValueError, OSError) as problem:
        raise TimeUnclear(typed=typed) from problem


def _days(said: TypedTime, typed: str, now: datetime, *, forwards: bool) -> list[date]:
    """The possible days: the one that was typed, or else today and the next or previous day."""
    today = now.astimezone(said.tz).date()
    if not said.day:
        return [today, today + timedelta(days=1 if forwards else -1)]
    found = day_of(said.day, today)
    if found is None:
        raise TimeUnclear(typed=typed)
    return [found]


def _candidates(day: date, said: TypedTime, typed: str) -> tuple[datetime, datetime]:
    """The time in UTC, twice. The two differ if the change of clocks repeats or skips it."""
    try:
        local = datetime.combine(day, said.clock, tzinfo=said.tz)
        return local.astimezone(UTC), local.replace(fold=1).astimezone(UTC)
    except OverflowError as problem:  # within a day of the first or last date that Python supports
        raise TimeUnclear(typed=typed) from problem


def _moment(day: date, said: TypedTime, typed: str) -> datetime:
    """The time in UTC. A clock time that the change of clocks repeats or skips is refused."""
    first, second = _candidates(day, said, typed)
    if first != second:
        skipped = first.astimezone(said.tz).time() != said.clock
        words = "{clock} happens twice on {date} because the clocks go back. Add the zone, for example `{clock} UTC`."
        if skipped:
            words = (
                "{clock} does not exist on {date} because the clocks go forward. Enter another time, or a time in UTC."
            )
        raise InvalidField(words, clock=f"{said.clock:%H:%M}", date=f"{day:%B} {day.day}, {day.year}")
    return first
