"""How times are written: the organization's zone first, UTC in parentheses, in the locale's format."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import cache, cached_property

from babel import Locale
from babel.dates import format_date, format_interval, format_skeleton, format_time
from babel.lists import format_list

US = "en_US"
HOURS = {  # zones by their abbreviations: hours east of UTC
    "Z": 0, "GMT": 0, "UTC": 0, "WET": 0, "BST": 1, "CET": 1, "WEST": 1, "CEST": 2, "EET": 2, "SAST": 2, "EEST": 3,
    "MSK": 3, "PKT": 5, "IST": 5.5, "SGT": 8, "HKT": 8, "AWST": 8, "JST": 9, "KST": 9, "ACST": 9.5, "AEST": 10,
    "AEDT": 11, "NZST": 12, "NZDT": 13, "BRT": -3, "ART": -3, "EDT": -4, "EST": -5, "CDT": -5, "CST": -6, "MDT": -6,
    "MST": -7, "PDT": -7, "PST": -8, "AKDT": -8, "AKST": -9, "HST": -10,
}  # fmt: skip
REGIONS = {  # names that people use for regions whose clocks change
    "ET": "America/New_York", "EASTERN": "America/New_York", "CT": "America/Chicago", "CENTRAL": "America/Chicago",
    "MT": "America/Denver", "MOUNTAIN": "America/Denver", "PT": "America/Los_Angeles", "PACIFIC": "America/Los_Angeles",
}  # fmt: skip


@dataclass(frozen=True)
class Zone:
    """The organization's zone. `label` (“ET”) replaces the zone's abbreviation on that date.

    `locale` is a Babel locale: `en_US` has the 12-hour clock, `en_GB` the 24-hour clock and British dates.
    """

    tz: tzinfo
    label: str = ""
    locale: str = US

    @cached_property
    def babel(self) -> Locale:
        """Babel's data for the locale."""
        return parsed(self.locale)

    def name(self, at: datetime) -> str:
        """`ET`, or else the abbreviation on that date, or else `UTC+05:30`."""
        return self.label or self.abbreviation(at)

    def abbreviation(self, at: datetime) -> str:
        """`EDT`, or else `UTC+05:30`, regardless of the label."""
        local = at.astimezone(self.tz)
        short = local.tzname() or ""
        offset = f"{local:%z}"
        return short if short.isalpha() else f"UTC{offset[:3]}:{offset[3:5]}"

    def local(self, at: datetime) -> str:
        """`11:44 AM` or `11:44`, without a zone."""
        return format_time(at, "short", tzinfo=self.tz, locale=self.babel).replace("\u202f", " ")

    def day(self, at: datetime) -> date:
        """The date in the organization's zone."""
        return at.astimezone(self.tz).date()

    def weekday(self, at: datetime | date) -> str:
        """`Monday, April 20, 2026`."""
        return format_date(self.day(at) if isinstance(at, datetime) else at, "full", locale=self.babel)

    def days(self, first: date, last: date) -> str:
        """`April 10` to `19, 2026`, with a dash; common parts are named once."""
        return format_interval(first, last, "yMMMMd", locale=self.babel).replace("\u2009", " ")

    def month(self, day: date) -> str:
        """`April 2026`."""
        return format_skeleton("yMMMM", day, locale=self.babel)

    def date(self, at: datetime | date) -> str:
        """`April 20, 2026`."""
        return format_date(self.day(at) if isinstance(at, datetime) else at, "long", locale=self.babel)

    def month_day(self, at: datetime) -> str:
        """The date in UTC without its year: `April 21`."""
        return format_skeleton("MMMMd", at.astimezone(UTC), tzinfo=UTC, locale=self.babel)

    def short_day(self, at: datetime) -> str:
        """`Apr 20`."""
        return format_skeleton("MMMd", at, tzinfo=self.tz, locale=self.babel)

    def joined(self, names: Sequence[str]) -> str:
        """`ChatGPT, Codex, and API`."""
        return format_list(list(names), locale=self.babel)

    def clock(self, at: datetime) -> str:
        """`11:44 AM ET (15:44 UTC)`, with UTC's date if it differs; `15:44 UTC` if the zone is UTC."""
        utc = f"{at.astimezone(UTC):%H:%M} UTC"
        if self.name(at) == "UTC":
            return utc
        other = f", {self.month_day(at)}" if at.astimezone(UTC).date() != self.day(at) else ""
        return f"{self.local(at)} {self.name(at)} ({utc}{other})"

    def dated(self, at: datetime) -> str:
        """`11:44 AM ET (15:44 UTC) on April 20, 2026`."""
        return f"{self.clock(at)} on {self.date(at)}"

    def when(self, at: datetime, now: datetime) -> str:
        """The clock time, with its date unless it is today."""
        return self.clock(at) if self.is_today(at, now) else self.dated(at)

    def is_today(self, at: datetime, now: datetime) -> bool:
        """Whether a clock time is enough at `now`: it is today here, and also in UTC if UTC's date is not shown."""
        there = at.astimezone(UTC).date()
        return self.day(at) == self.day(now) and (there != self.day(at) or there == now.astimezone(UTC).date())


@cache
def parsed(locale: str) -> Locale:
    """Babel's locale for a name such as `en_US` or `pt-BR`. Raises ValueError for an unknown one."""
    try:
        return Locale.parse(locale.replace("-", "_"))
    except Exception as problem:  # Babel raises UnknownLocaleError, which is not a ValueError
        raise ValueError(f"“{locale}” is not a locale that Babel knows, such as en_US") from problem


def length(start: datetime, end: datetime) -> str:
    """`67 minutes`, from 90 minutes `7 hours and 39 minutes`, from a day `1 day and 3 hours`; for responders."""
    return span_words(end - start)


def span_words(span: timedelta) -> str:
    """A duration, as `length` gives it."""
    return " and ".join(count(number, unit) for number, unit in measured(span)) or "0 minutes"


def late_words(due_at: datetime, at: datetime) -> str:
    """How late something is, in minutes that are over: `8 minutes`."""
    return span_words(timedelta(minutes=max(0, (at - due_at) // timedelta(minutes=1))))


def measured(span: timedelta) -> list[tuple[int, str]]:
    """A duration in its one or two largest units: `[(7, "hour"), (39, "minute")]`. Units of zero are left out."""
    minutes = max(0, round(span.total_seconds() / 60))
    if minutes < 90:
        parts = [(minutes, "minute")]
    elif minutes < 1440:
        parts = [(minutes // 60, "hour"), (minutes % 60, "minute")]
    else:
        hours = round(minutes / 60)
        parts = [(hours // 24, "day"), (hours % 24, "hour")]
    return [(number, unit) for number, unit in parts if number]


def count(number: int, noun: str) -> str:
    """`1 minute`, `5 minutes`."""
    return f"{number} {noun}{'' if number == 1 else 's'}"
