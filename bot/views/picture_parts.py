"""What both drawings of an incident show: which lanes, times, and days."""

from datetime import datetime, timedelta

from bot.domain.components import Impact
from bot.domain.picture import Lane, Story
from bot.domain.times import Zone

MINUS = "\u2212"
MAX_LANES = 12  # lanes; further components are only in the table
SHADES = {
    Impact.MAINTENANCE: ("mnt", 1 / 3), Impact.DEGRADED: ("deg", 1 / 3), Impact.PARTIAL: ("par", 2 / 3),
    Impact.MAJOR: ("maj", 1.0),
}  # fmt: skip
"""The color of an impact in foghorn.css, and the part of the lane that it fills."""


def shown_lanes(story: Story) -> tuple[Lane, ...]:
    """The lanes that are drawn: all of them, or the worst ones in their usual order."""
    if len(story.lanes) <= MAX_LANES:
        return story.lanes
    by_weight = sorted(story.lanes, key=lambda lane: lane.worst.rank, reverse=True)[:MAX_LANES]
    return tuple(lane for lane in story.lanes if lane in by_weight)


def ticks(story: Story) -> list[tuple[datetime, str]]:
    """The times on the axis with their kinds, most important first."""
    first = [(story.now, "now")] if story.open else []
    due = [(promise.by, "s") for promise in story.promises if promise.came is None]
    moved = [(mark.at, "s") for mark in story.marks if mark.stage or mark.worse]
    began = [(min(story.moments), "s")]
    others = [(mark.at, "s") for mark in story.marks]
    found: dict[datetime, str] = {}
    for at, kind in [*first, *due, *moved, *began, *others]:
        found.setdefault(at, kind)
    return list(found.items())


def days(story: Story) -> list[tuple[datetime, str]]:
    """The first moment of each day, and its date."""
    found: dict[str, datetime] = {}
    for at in sorted(story.moments):
        found.setdefault(story.zone.date(at), at)
    return [(at, name) for name, at in found.items()]


def zone_name(zone: Zone, at: datetime) -> str:
    """`ET (UTC-4)`, with a minus sign."""
    offset = at.astimezone(zone.tz).utcoffset() or timedelta()
    minutes = round(offset.total_seconds() / 60)
    hours, rest = divmod(abs(minutes), 60)
    shift = f"{MINUS if minutes < 0 else '+'}{hours}" + (f":{rest:02}" if rest else "")
    name = zone.name(at)
    return name if name.startswith("UTC") else f"{name} (UTC{shift})"
