"""The templates of pages: everything is escaped, and no overlay replaces them."""

import hashlib
import re
from datetime import UTC, datetime
from functools import cache

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from bot.domain.components import Impact
from bot.domain.lifecycle import Stage
from bot.domain.organisation import Organisation
from bot.domain.paragraphs import paragraphs
from bot.domain.spans import duration
from bot.domain.times import length, parsed, span_words
from bot.domain.wording import STOPS
from bot.templating import BUILT_IN, CompiledOnce, Templates

WEB = BUILT_IN / "web"


def web_environment(
    organisation: Organisation, *, drill: bool = False, templates: Templates | None = None, language: str = ""
) -> Environment:
    """For pages: everything is escaped, and times read `12:51 PM ET (16:51 UTC)` in the organization's zone.

    Stages, impacts, times, and the words around published texts are in `language`, by default the first one.
    """
    templates, language = templates or Templates(), language or organisation.languages[0]
    labels, words = templates.labels(organisation), templates.wording(organisation, language)
    environment = Environment(
        loader=FileSystemLoader(WEB), undefined=StrictUndefined, autoescape=True, trim_blocks=True, lstrip_blocks=True,
        bytecode_cache=CompiledOnce(),
    )  # fmt: skip
    environment.globals.update(
        organisation=organisation, drill=drill, asset=asset, language=language, marks=words.pack.marks,
        promise=words.pack.patterns.promise.rstrip("".join(STOPS)),
        lang=f"?lang={language}" if len(organisation.languages) > 1 else "",
    )  # fmt: skip
    environment.filters.update(
        shade=shade,
        named=lambda one: words.stage(one) if isinstance(one, Stage) else words.impact(one),
        filled=_filled,
        language_name=lambda tag: parsed(tag).get_display_name(parsed(tag)),
        paragraphs=lambda body: paragraphs(body, labels),
        iso=lambda at: at.isoformat(timespec="seconds"),
        clock=lambda at: _time(at, words.clock(at)),
        dated=lambda at: _time(at, words.dated(at)),
        when=lambda at, now: _time(at, words.when(at, now)),
        local=lambda at: _time(at, re.split(r" ?[(\uff08]", words.clock(at))[0]),
        date=words.zone.weekday,
        ago=lambda at, now: _counting("ago", at, _since(at, now)),
        until=lambda at, now: _counting("until", at, _left(at, now)),
        brief=brief,
        lasted=length,
        span=span_words,
        total=duration,
    )
    return environment


def render_svg(**values: object) -> str:
    """The picture of an incident as an SVG file."""
    loader = FileSystemLoader(WEB)
    environment = Environment(
        loader=loader, undefined=StrictUndefined, autoescape=True, trim_blocks=True, bytecode_cache=CompiledOnce()
    )
    return environment.get_template("picture.svg.j2").render(values)


@cache
def asset(name: str) -> str:
    """`foghorn.css?v=3f6a21b0`: changes with the file, so that it can be cached for a year."""
    return f"{name}?v={hashlib.sha256((WEB / name).read_bytes()).hexdigest()[:8]}"


def shade(impact: Impact) -> str:
    """The name of an impact's color and icon in foghorn.css."""
    return _SHADES[impact]


def brief(start: datetime, end: datetime) -> str:
    """`27 min`, `1 h 9 min`, `2 d 3 h`, in either order of time. foghorn.js uses the same format."""
    minutes = round(abs((end - start).total_seconds()) / 60)
    if minutes < 60:
        return f"{minutes} min"
    hours, rest = divmod(minutes, 60)
    if hours < 24:
        return f"{hours} h {rest} min" if rest else f"{hours} h"
    return f"{hours // 24} d {hours % 24} h"


_SHADES = {
    Impact.OPERATIONAL: "ok",
    Impact.MAINTENANCE: "mnt",
    Impact.DEGRADED: "deg",
    Impact.PARTIAL: "par",
    Impact.MAJOR: "maj",
}


def _time(at: datetime, words: str) -> Markup:
    """`12:51 ET`, never broken, followed by `(16:51 UTC)`, which may go on the next line."""
    said, bracket, utc = words.partition(" (")
    beside = Markup(' <span class="nowrap num">({}</span>').format(utc) if bracket else ""
    return Markup('<time datetime="{}">{}</time>{}').format(at.astimezone(UTC).isoformat(), said, beside)


def _counting(what: str, at: datetime, words: str) -> Markup:
    """A duration that foghorn.js keeps current."""
    return Markup('<span class="nowrap num" data-{}="{}">{}</span>').format(what, at.isoformat(), words)


def _since(at: datetime, now: datetime) -> str:
    return "just now" if (now - at).total_seconds() < 30 else f"{brief(at, now)} ago"


def _left(at: datetime, now: datetime) -> str:
    if at > now:
        return f"in {brief(now, at)}"
    return "now" if (now - at).total_seconds() < 60 else f"{brief(at, now)} overdue"


def _filled(pattern: str, **values: object) -> Markup:
    """A pattern of `words.toml` filled with values, which may contain markup."""
    return Markup(escape(pattern)).format(**values)
