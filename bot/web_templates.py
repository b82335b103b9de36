"""The templates of pages: everything is escaped, and no overlay replaces them."""

import hashlib
import math
import re
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from gettext import GNUTranslations, NullTranslations
from typing import Any

from babel import Locale
from babel.numbers import format_percent
from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from markupsafe import Markup, escape

from bot.domain.components import Impact
from bot.domain.lifecycle import Stage
from bot.domain.organisation import Organisation
from bot.domain.paragraphs import paragraphs
from bot.domain.spans import duration
from bot.domain.times import parsed
from bot.domain.wording import STOPS, Wording
from bot.templating import BUILT_IN, CompiledOnce, Templates

WEB = BUILT_IN / "web"
EPOCH = datetime.fromtimestamp(0, UTC)


def web_environment(
    organisation: Organisation,
    *,
    drill: bool = False,
    templates: Templates | None = None,
    language: str = "",
    translated: bool = False,
) -> Environment:
    """For pages: everything is escaped, and times read `12:51 PM ET (16:51 UTC)` in the organization's zone.

    Stages, impacts, times, and the words around published texts are in `language`, by default the first one. So are
    the sentences of the page itself if `translated`; otherwise they are in English.
    """
    templates, language = templates or Templates(), language or organisation.languages[0]
    labels, words = templates.labels(organisation), templates.wording(organisation, language)
    environment = Environment(
        loader=FileSystemLoader(WEB), undefined=StrictUndefined, autoescape=True, trim_blocks=True, lstrip_blocks=True,
        bytecode_cache=CompiledOnce(), extensions=["jinja2.ext.i18n"],
    )  # fmt: skip
    page_words = templates.page_words(language) if translated else NullTranslations()
    say = page_words.gettext
    units = (say("min"), say("h"), say("d"))
    environment.install_gettext_translations(page_words, newstyle=True)  # type: ignore[attr-defined]
    environment.globals.update(
        organisation=organisation, drill=drill, player=False, asset=asset, language=language, marks=words.pack.marks,
        promise=words.pack.patterns.promise.rstrip("".join(STOPS)),
        lang=f"?lang={language}" if len(organisation.languages) > 1 else "", units=units,
        locale=words.zone.locale.replace("_", "-"),
        page_language=language if type(page_words) is GNUTranslations else "en",
    )  # fmt: skip
    environment.filters.update(_filters(words, labels, say, units))
    return environment


def _filters(
    words: Wording, labels: tuple[str, ...], say: Callable[[str], str], units: tuple[str, str, str]
) -> dict[str, Callable[..., Any]]:
    """The filters of one language. `say` translates a sentence of the page."""
    return {
        "say": say,
        "shade": shade,
        "named": lambda one: words.stage(one) if isinstance(one, Stage) else words.impact(one),
        "status": lambda impact: say("unknown") if impact is None else words.impact(impact),
        "filled": _filled,
        "language_name": lambda tag: parsed(tag).get_display_name(parsed(tag)),
        "paragraphs": lambda body: paragraphs(body, labels),
        "iso": lambda at: at.isoformat(timespec="seconds"),
        "clock": lambda at: _time(at, words.clock(at)),
        "dated": lambda at: _time(at, words.dated(at)),
        "when": pass_context(  # the day on which an exported file will be read is unknown
            lambda context, at, now: _time(at, words.dated(at) if context.get("exported") else words.when(at, now))
        ),
        "local": pass_context(lambda context, at: _time(at, words.short(at, context["now"]))),
        "labeled": lambda label, text="": words.say("label", label=label, text=text),
        "date": words.zone.weekday,
        "days": words.zone.days,
        "ago": lambda at, now: _counting("ago", at, _since(at, now, say, units)),
        "until": lambda at, now: _counting("until", at, _left(at, now, say, units)),
        "brief": lambda start, end: brief(start, end, units),
        "short": lambda span: brief(EPOCH, EPOCH + span, units),
        "percent": lambda share, digits=2: _percent(share, digits, words.zone.babel),
        "lasted": words.length,
        "span": lambda span: words.length(EPOCH, EPOCH + span),
        "total": duration,
    }


def render_xml(template: str, **values: object) -> str:
    """A feed, or the picture of an incident as an SVG file."""
    return _xml().get_template(template).render(values)


@cache
def _xml() -> Environment:
    return Environment(
        loader=FileSystemLoader(WEB), undefined=StrictUndefined, autoescape=True, trim_blocks=True,
        bytecode_cache=CompiledOnce(),
    )  # fmt: skip


@cache
def asset(name: str) -> str:
    """`foghorn.css?v=3f6a21b0`: changes with the file, so that it can be cached for a year."""
    return f"{name}?v={hashlib.sha256((WEB / name).read_bytes()).hexdigest()[:8]}"


def shade(impact: Impact) -> str:
    """The name of an impact's color and icon in foghorn.css."""
    return _SHADES[impact]


def brief(start: datetime, end: datetime, units: tuple[str, str, str] = ("min", "h", "d")) -> str:
    """`27 min`, `1 h 9 min`, `2 d 3 h`, in either order of time. foghorn.js uses the same format."""
    minute, hour, day = units
    minutes = round(abs((end - start).total_seconds()) / 60)
    if minutes < 60:
        return f"{minutes} {minute}"
    hours, rest = divmod(minutes, 60)
    if hours < 24:
        return f"{hours} {hour} {rest} {minute}" if rest else f"{hours} {hour}"
    return f"{hours // 24} {day} {hours % 24} {hour}" if hours % 24 else f"{hours // 24} {day}"


def _percent(share: float, digits: int, locale: Locale) -> str:
    """`99.97%`, rounded down, so that anything less than 100% never reads 100%."""
    scale = 10 ** (digits + 2)
    pattern = locale.percent_formats[None].pattern.replace("0", f"0.{'0' * digits}" if digits else "0", 1)
    return format_percent(math.floor(share * scale + 1e-9) / scale, pattern, locale=locale)


_SHADES = {
    Impact.OPERATIONAL: "ok",
    Impact.MAINTENANCE: "mnt",
    Impact.DEGRADED: "deg",
    Impact.PARTIAL: "par",
    Impact.MAJOR: "maj",
}


_CLOCK = re.compile(r"(.+?)(?:( ?)([(\uff08].*?[)\uff09])(.*))?", re.DOTALL)


def _time(at: datetime, words: str) -> Markup:
    """`12:51 ET`, never broken, followed by `(16:51 UTC)`, which may go on the next line."""
    said, space, utc, day = _CLOCK.fullmatch(words).groups("")  # type: ignore[union-attr]  # matches anything
    beside = Markup('{}<span class="nowrap num">{}</span>{}').format(space, utc, day) if utc else ""
    return Markup('<time datetime="{}">{}</time>{}').format(at.astimezone(UTC).isoformat(), said, beside)


def _counting(what: str, at: datetime, words: str) -> Markup:
    """A duration that foghorn.js keeps current."""
    return Markup('<span class="nowrap num" data-{}="{}">{}</span>').format(what, at.isoformat(), words)


def _since(at: datetime, now: datetime, say: Callable[[str], str], units: tuple[str, str, str]) -> str:
    if (now - at).total_seconds() < 30:
        return say("just now")
    return say("%(time)s ago") % {"time": brief(at, now, units)}


def _left(at: datetime, now: datetime, say: Callable[[str], str], units: tuple[str, str, str]) -> str:
    if at > now:
        return say("in %(time)s") % {"time": brief(now, at, units)}
    return say("now") if (now - at).total_seconds() < 60 else say("%(time)s overdue") % {"time": brief(at, now, units)}


def _filled(pattern: str, **values: object) -> Markup:
    """A pattern of `words.toml` filled with values, which may contain markup."""
    return Markup(escape(pattern)).format(**values)
