"""How times read in words customers see: the organisation's zone first, UTC in brackets, 24 hours."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo


@dataclass(frozen=True)
class Zone:
    """The organisation's zone; `label` ("ET") replaces the zone's abbreviation of the date."""

    tz: tzinfo
    label: str = ""

    def name(self, at: datetime) -> str:
        """`ET`, else the abbreviation on that date, else `UTC+05:30`."""
        if self.label:
            return self.label
        local = at.astimezone(self.tz)
        short = local.tzname() or ""
        offset = f"{local:%z}"
        return short if short.isalpha() else f"UTC{offset[:3]}:{offset[3:5]}"

    def clock(self, at: datetime) -> str:
        """`11:44 ET (15:44 UTC)`; `15:44 UTC` where the zone is UTC."""
        utc = f"{at.astimezone(UTC):%H:%M} UTC"
        return utc if self.name(at) == "UTC" else f"{at.astimezone(self.tz):%H:%M} {self.name(at)} ({utc})"

    def dated(self, at: datetime) -> str:
        """`20 April 2026, 11:44 ET (15:44 UTC)`."""
        return f"{self.date(at)}, {self.clock(at)}"

    def date(self, at: datetime | date) -> str:
        """`20 April 2026`."""
        day = at.astimezone(self.tz) if isinstance(at, datetime) else at
        return f"{day.day} {day:%B %Y}"

    def when(self, at: datetime, now: datetime) -> str:
        """The clock time, with the date where it is another day than `now` in the organisation's zone."""
        same_day = at.astimezone(self.tz).date() == now.astimezone(self.tz).date()
        return self.clock(at) if same_day else self.dated(at)

    def span(self, start: datetime, end: datetime) -> str:
        """`11:44 to 12:51 ET (15:44 to 16:51 UTC)`; the zone stands once, at the end."""
        utc = f"{start.astimezone(UTC):%H:%M} to {end.astimezone(UTC):%H:%M} UTC"
        if self.name(end) == "UTC":
            return utc
        local = f"{start.astimezone(self.tz):%H:%M} to {end.astimezone(self.tz):%H:%M} {self.name(end)}"
        return f"{local} ({utc})"


def length(start: datetime, end: datetime) -> str:
    """`67 minutes`, from two hours on `7 hours 39 minutes`, from a day on `1 day 3 hours`."""
    minutes = max(0, round((end - start).total_seconds() / 60))
    if minutes < 120:
        return count(minutes, "minute")
    hours, rest = divmod(minutes, 60)
    if hours < 24:
        return count(hours, "hour") + (f" {count(rest, 'minute')}" if rest else "")
    days, hours = divmod(hours, 24)
    return count(days, "day") + (f" {count(hours, 'hour')}" if hours else "")


def count(number: int, noun: str) -> str:
    """`1 minute`, `5 minutes`."""
    return f"{number} {noun}{'' if number == 1 else 's'}"
