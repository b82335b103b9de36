"""Badges for other pages: small pictures with the overall status or that of one component."""

import math
from collections.abc import Iterator

from jinja2 import Environment

from bot.domain.components import Impact
from bot.domain.organisation import Organisation
from bot.views.shapes import SMALL, width
from bot.web import overview
from bot.web.overview import Snapshot
from bot.web_templates import shade

MEDIA_TYPE = "image/svg+xml"
_COLORS = {"ok": "#226b4b", "deg": "#7d5800", "par": "#a5440a", "maj": "#a81c2d", "mnt": "#35599c"}
_UNKNOWN = "#4a5963"  # white on each of these has a contrast of at least 6 to 1
_MARGIN = 14


def all_badges(organisation: Organisation, snapshot: Snapshot, language: str) -> Iterator[tuple[str, str, Impact]]:
    """The path of each badge, with its name and impact."""
    yield "/badge.svg", organisation.name, overview.verdict(snapshot.unresolved)
    for one in organisation.components:
        current = overview.impact(snapshot.unresolved, one.key)
        yield f"/components/{one.key}/badge.svg", one.called(language), current


def badge(environment: Environment, name: str, impact: Impact | None) -> bytes:
    """The SVG. Without an impact, the status is unknown: a badge must not stay green if the status cannot be read."""
    status = environment.filters["status"](impact)
    if environment.globals["drill"]:
        name = f"{environment.filters['say']('Drill:')} {name}"
    left, right = (math.ceil(width(words, SMALL)) + _MARGIN for words in (name, status))
    color = _COLORS[shade(impact)] if impact else _UNKNOWN
    template = environment.get_template("badge.svg.j2")
    return template.render(name=name, status=status, left=left, right=right, color=color).encode()
