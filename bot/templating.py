"""Templates: found, rendered within limits, and never in the way of a publication."""

import hashlib
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from traceback import extract_tb
from typing import cast

from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateSyntaxError, Undefined
from jinja2.exceptions import SecurityError
from jinja2.runtime import Context, Macro
from jinja2.sandbox import SandboxedEnvironment
from markupsafe import Markup

from bot.domain.audiences import Audience
from bot.domain.components import Impact
from bot.domain.organisation import Organisation
from bot.domain.sentences import capital, one_line
from bot.domain.times import Zone, length
from bot.domain.wording import TEMPLATES, with_promise

BUILT_IN = Path(__file__).resolve().parent.parent / "templates"
WEB = BUILT_IN / "web"  # no overlay: these are ours
UPDATE_CAP = 20_000  # characters
PLAIN_CAP = 2_000_000  # a record of days
SHEDS = range(6)  # how much a text that is too long leaves out, see templates/updates/README.md
_SWELLING = ("center", "format", "indent", "lipsum", "pprint", "random", "wordwrap", "xmlattr")  # filters

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Rendered:
    """A text with its slots; `problem` says why the overlay's template was not used, or why there is no text."""

    body: str
    problem: str = ""


class Templates:
    """The built-in templates, and those of an overlay, which go first where they work."""

    def __init__(self, overlay: Path | None = None) -> None:
        self._roots = (BUILT_IN,) if overlay is None else (overlay, BUILT_IN)
        self._updates = _environments(self._roots, lines=False)
        self._plain = _environments(self._roots, lines=True)

    def render_update(
        self, language: str, audience: Audience, template: str, context: Mapping[str, object]
    ) -> Rendered:
        """One text from the values of `wording.context`, with the promise's slot and the link where they belong.

        Where the overlay's template fails the built-in one is used; a language without that has no text then.
        """
        name = _path(language, audience, template)
        return _first_that_works(self._updates, name, lambda environment: _fitted(environment, name, audience, context))

    def render_plain(self, name: str, context: Mapping[str, object]) -> str:
        """A file of its own, such as `retrospective.md.j2`, line by line; a failing overlay is only logged."""
        rendered = _first_that_works(
            self._plain, name, lambda environment: _text(environment, name, context, PLAIN_CAP)
        )
        if rendered.problem:
            log.warning("template failed, built-in one used: %s", rendered.problem)
        return rendered.body

    def missing(self, language: str) -> list[str]:
        """The update templates that this language lacks."""
        names = [_path(language, audience, template) for audience in Audience for template in TEMPLATES]
        return [name for name in names if not any((root / name).is_file() for root in self._roots)]


def web_environment(organisation: Organisation, *, drill: bool = False) -> Environment:
    """For pages: everything is escaped, and times read as `12:51 ET (16:51 UTC)` in the organisation's zone."""
    environment = Environment(
        loader=FileSystemLoader(WEB), undefined=StrictUndefined, autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    zone = organisation.zone
    environment.globals.update(organisation=organisation, drill=drill, asset=asset)
    environment.filters.update(
        shade=shade,
        iso=lambda at: at.isoformat(timespec="seconds"),
        clock=lambda at: _time(at, zone.clock(at)),
        dated=lambda at: _time(at, zone.dated(at)),
        when=lambda at, now: _time(at, zone.when(at, now)),
        local=lambda at: _time(at, _local(at, zone)),
        date=lambda at: _weekday(at, zone),
        ago=lambda at, now: _counting("ago", at, _since(at, now)),
        until=lambda at, now: _counting("until", at, _left(at, now)),
        brief=brief,
        lasted=length,
    )
    return environment


@cache
def asset(name: str) -> str:
    """`foghorn.css?v=3f6a21b0`: changes when the file does, so that it may be kept for a year."""
    return f"{name}?v={hashlib.sha256((WEB / name).read_bytes()).hexdigest()[:8]}"


def shade(impact: Impact) -> str:
    """The name of an impact's colour and icon in foghorn.css."""
    return _SHADES[impact]


def brief(start: datetime, end: datetime) -> str:
    """`27 min`, `1 h 9 min`, `2 d 3 h`, whichever comes first; foghorn.js says the same."""
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
    """`12:51 ET` as a time that never breaks, and `(16:51 UTC)` beside it, where a line may break."""
    said, bracket, utc = words.partition(" (")
    beside = Markup(' <span class="nowrap num">({}</span>').format(utc) if bracket else ""
    return Markup('<time datetime="{}">{}</time>{}').format(at.astimezone(UTC).isoformat(), said, beside)


def _counting(what: str, at: datetime, words: str) -> Markup:
    """A length of time that foghorn.js keeps fresh."""
    return Markup('<span class="nowrap num" data-{}="{}">{}</span>').format(what, at.isoformat(), words)


def _since(at: datetime, now: datetime) -> str:
    return "just now" if (now - at).total_seconds() < 30 else f"{brief(at, now)} ago"


def _left(at: datetime, now: datetime) -> str:
    if at > now:
        return f"in {brief(now, at)}"
    return "now" if (now - at).total_seconds() < 60 else f"{brief(at, now)} overdue"


def _local(at: datetime, zone: Zone) -> str:
    """`12:51 ET`: where UTC stands near by."""
    return zone.clock(at).partition(" (")[0]


def _weekday(at: datetime | date, zone: Zone) -> str:
    """`Monday 20 April 2026`."""
    day = at.astimezone(zone.tz) if isinstance(at, datetime) else at
    return f"{day:%A} {zone.date(day)}"


class _Sandbox(SandboxedEnvironment):
    """Values in, text out: only macros can be called, and nothing multiplies a text."""

    intercepted_binops = frozenset({"*", "**", "%"})

    def is_safe_callable(self, obj: object) -> bool:
        """Macros; a template has no business with methods. What is undefined says so itself."""
        return isinstance(obj, Macro | Undefined)

    def call_binop(self, context: Context, operator: str, left: object, right: object) -> object:
        """Arithmetic on small whole numbers only."""
        small = all(isinstance(number, int) and abs(number) < 10_000 for number in (left, right))
        if operator == "**" or not small:
            raise SecurityError(f"“{operator}” is not allowed here")
        return super().call_binop(context, operator, left, right)


def _environments(roots: Sequence[Path], *, lines: bool) -> list[SandboxedEnvironment]:
    """With each root and those behind it, so that what fails with an overlay is tried without."""
    return [_environment(roots[first:], lines=lines) for first in range(len(roots))]


def _first_that_works(
    environments: Sequence[SandboxedEnvironment], name: str, render: Callable[[SandboxedEnvironment], str]
) -> Rendered:
    overlaid, *built_in = environments
    try:
        return Rendered(render(overlaid))
    except Exception as failure:  # an operator's file may fail in any way
        if not built_in:
            raise
        problem = _described(failure, name)
    return Rendered(render(built_in[0]) if (BUILT_IN / name).is_file() else "", problem)


def _environment(roots: Sequence[Path], *, lines: bool) -> SandboxedEnvironment:
    environment = _Sandbox(
        loader=FileSystemLoader(roots),
        undefined=StrictUndefined,
        autoescape=False,  # plain text; each surface escapes what it shows
        trim_blocks=lines,
        lstrip_blocks=lines,
    )
    environment.globals.clear()
    for name in _SWELLING:
        environment.filters.pop(name, None)
    environment.filters["capital"] = capital
    return environment


def _path(language: str, audience: Audience, template: str) -> str:
    return f"updates/{language}/{audience.value}/{template}.md.j2"


def _fitted(environment: SandboxedEnvironment, name: str, audience: Audience, context: Mapping[str, object]) -> str:
    """The text, with `shed` counted up until it fits its limit with slots filled."""
    limit = cast(int | None, context["limit"])
    filled = cast(Mapping[str, str], context["filled"])
    body = ""
    for shed in SHEDS:
        words = one_line(_text(environment, name, {**context, "shed": shed}, UPDATE_CAP))
        body = with_promise(words, audience, str(context["link"]), closing=bool(context["closing"]))
        if limit is None or _length(body, filled) <= limit:
            break
    return body


def _length(body: str, filled: Mapping[str, str]) -> int:
    for slot, words in filled.items():
        body = body.replace(slot, words)
    return len(body)


def _text(environment: SandboxedEnvironment, name: str, context: Mapping[str, object], cap: int) -> str:
    return "".join(_capped(environment.get_template(name).generate(context), cap))


def _capped(pieces: Iterator[str], cap: int) -> Iterator[str]:
    size = 0
    for piece in pieces:
        size += len(piece)
        if size > cap:
            raise ValueError(f"the text is longer than {cap:,} characters")
        yield piece


def _described(failure: Exception, name: str) -> str:
    """`updates/en/social/resolved.md.j2, line 3: 'lenght' is undefined`."""
    if isinstance(failure, TemplateSyntaxError):
        return f"{failure.name or name}, line {failure.lineno}: {failure.message}"
    frames = [frame for frame in extract_tb(failure.__traceback__) if frame.filename.endswith(".j2")]
    return f"{name}, line {frames[-1].lineno}: {failure}" if frames else f"{name}: {failure}"
