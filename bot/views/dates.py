"""Marks times on another day, so that they show their date wherever they are read."""

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
            marked = tuple(_marked(each, zone, now) for each in value)
            return marked if any(new is not old for new, old in zip(marked, value, strict=True)) else value
        case Mapping():
            return _changed({key: _marked(each, zone, now) for key, each in value.items()}, value) or value
        case _ if is_dataclass(value) and not isinstance(value, type):
            named = {field.name: getattr(value, field.name) for field in fields(value) if field.init}
            changed = _changed({name: _marked(each, zone, now) for name, each in named.items()}, named)
            return replace(value, **changed) if changed else value
        case _:
            return value


def _changed(marked: Mapping[Any, Any], before: Mapping[Any, Any]) -> Mapping[Any, Any]:
    """All of the values if any changed, otherwise none."""
    return marked if any(each is not before[key] for key, each in marked.items()) else {}
