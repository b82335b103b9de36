"""Times on another day show their date, wherever they are read."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import datetime
from typing import Any, TypeVar

from bot.domain.times import Zone

T = TypeVar("T")


class AnotherDay(datetime):
    """A time that is not today for whoever reads it. Renderers show its date."""


def with_dates(view: T, zone: Zone, now: datetime) -> T:
    """The view with every time that is not today marked as such, in sentences too."""
    marked: T = _marked(view, zone, now)
    return marked


def _marked(value: Any, zone: Zone, now: datetime) -> Any:
    match value:
        case datetime() if value.tzinfo is not None:
            return value if zone.is_today(value, now) else AnotherDay.combine(value.date(), value.timetz())
        case tuple():
            return tuple(_marked(each, zone, now) for each in value)
        case Mapping():
            return {key: _marked(each, zone, now) for key, each in value.items()}
        case _ if is_dataclass(value) and not isinstance(value, type):
            return replace(
                value, **{f.name: _marked(getattr(value, f.name), zone, now) for f in fields(value) if f.init}
            )
        case _:
            return value
