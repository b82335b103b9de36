"""The words of one language, from its `words.toml`, and how it writes times, dates, lists, and durations."""

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from typing import Any, TypeVar

from babel.units import format_unit

from bot.domain.components import Impact
from bot.domain.language_pack import Pack
from bot.domain.lifecycle import Stage
from bot.domain.times import Zone, measured

T = TypeVar("T", bound=Iterable[Any])
LABELED = "\ue000"
"""Marks the start of a line with a label until the text is laid out."""


class Words:
    """One language with an organization's time zone. It contains no sentences, only how their parts are joined."""

    def __init__(self, pack: Pack, zone: Zone) -> None:
        self.pack, self.zone = pack, zone
        capitalized = {_upper(wrong): _upper(right) for wrong, right in pack.apostrophes.items()}
        self._apostrophes = {**pack.apostrophes, **capitalized}

    def say(self, pattern: str, **values: object) -> str:
        """A pattern of `words.toml`, filled."""
        return str(getattr(self.pack.patterns, pattern)).format(**values)

    def labeled(self, label: str, text: str) -> str:
        """A line with its label, marked as such; empty without content."""
        return LABELED + self.say("label", label=getattr(self.pack.labels, label), text=text) if text else ""

    def mark(self, name: str, /, **values: object) -> str:
        """Words around a published text, with values."""
        return str(getattr(self.pack.marks, name)).format(**values)

    def stage(self, stage: Stage) -> str:
        """`Fix implemented`."""
        return str(getattr(self.pack.stages, stage.template))

    def impact(self, impact: Impact) -> str:
        """`Major outage`, for a badge."""
        said = getattr(self.pack.impact, impact.word)
        return _upper(said if isinstance(said, str) else said.label)

    def joined(self, names: Sequence[str]) -> str:
        """`A, B, and C`."""
        joined, rule = self.zone.joined(names), self.pack.conjunction
        return rule.between(joined, names[-1]) if rule and names else joined

    def normalized(self, text: str) -> str:
        """Normalize spaces, add apostrophes that people leave out when tired, and remove our own layout marks."""
        return " ".join(
            self._with_apostrophe(token) for token in spaced(re.sub("[\ue000-\ue003]", "", text)).split(" ")
        )

    def _with_apostrophe(self, token: str) -> str:
        bare = token.strip(".,;:!?()\"'“”\u2018\u2019")
        return token.replace(bare, self._apostrophes[bare]) if bare in self._apostrophes else token

    # ---- times

    def clock(self, *at: datetime) -> str:
        """`8:52 AM PT (15:52 UTC)`; two times become a range with the zone at its end."""
        utc = self._utc(*at)
        zone = self.zone.name(at[-1])
        if zone == "UTC":
            return utc
        local = [self.zone.local(one) for one in at]
        return self.say("clock", local=self._range(local), zone=zone, utc=utc)

    def _utc(self, *at: datetime) -> str:
        """With its date if that differs from the date in the organization's zone."""
        clocks = [f"{one.astimezone(UTC):%H:%M}" for one in at]
        there = [one.astimezone(UTC).date() for one in at]
        if all(day == self.zone.day(one) for day, one in zip(there, at, strict=True)):
            return self.say("utc", clock=self._range(clocks))
        dates = [self._day(self.zone.month_day(one)) for one in at]
        if len(set(there)) == 1:
            return self.say("utc_dated", clock=self._range(clocks), date=dates[0])
        return self._range([self.say("utc_dated", clock=c, date=d) for c, d in zip(clocks, dates, strict=True)])

    def _range(self, some: Sequence[str]) -> str:
        return self.say("range", start=some[0], end=some[-1]) if len(some) > 1 else some[0]

    def date(self, at: datetime | date) -> str:
        """`March 7, 2026`."""
        return self._day(self.zone.date(at))

    def _day(self, date: str) -> str:
        return re.sub(r"^1\b", self.pack.first_day, date) if self.pack.first_day else date

    def dated(self, at: datetime) -> str:
        """The clock time with its date."""
        return self.say("dated", clock=self.clock(at), date=self.date(at))

    def when(self, at: datetime | None, now: datetime) -> str:
        """The clock time, with its date unless it is today, here and in UTC."""
        if at is None:
            return ""
        return self.clock(at) if self.zone.is_today(at, now) else self.dated(at)

    def short(self, at: datetime, now: datetime) -> str:
        """`11:44 AM ET`, and on another day `Apr 20, 11:44 AM ET`: without UTC, where there is little room."""
        clock = re.split(r" ?[(\uff08]", self.clock(at))[0]
        return clock if self.zone.day(at) == self.zone.day(now) else f"{self.zone.short_day(at)}, {clock}"

    def window(self, start: datetime, end: datetime) -> str:
        """With both dates across midnight, and both zones if the clocks change in between."""
        changed = start.astimezone(self.zone.tz).utcoffset() != end.astimezone(self.zone.tz).utcoffset()
        if changed:
            exact = Words(self.pack, Zone(self.zone.tz, "", self.zone.locale))
            return self.say("window", start=exact.dated(start), end=exact.dated(end))
        if self.zone.day(start) == self.zone.day(end):
            return self.say("window_same_day", clock=self.clock(start, end), date=self.date(end))
        return self.say("window", start=self.dated(start), end=self.dated(end))

    def length(self, start: datetime, end: datetime) -> str:
        """`67 minutes`, from 90 minutes `1 hour and 34 minutes`, from a day `1 day and 3 hours`; at least a minute."""
        units = measured(end - start) or [(1, "minute")]
        said = [format_unit(number, f"duration-{unit}", locale=self.zone.babel) for number, unit in units]
        return self.say("length_join").join(unit.replace(" ", self.pack.join) for unit in said)


def spaced(text: str) -> str:
    """With single spaces. Non-breaking ones stay, such as those before French punctuation."""
    return re.sub(r"[ \t\r\n\f\v]+", " ", text).strip(" ")


def _upper(words: str) -> str:
    return words[:1].upper() + words[1:]
