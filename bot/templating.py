"""Templates: found and rendered within limits. A failing template never blocks a publication."""

import logging
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path
from traceback import FrameSummary, extract_tb
from typing import Any, ClassVar

from jinja2 import BytecodeCache, Environment, FileSystemLoader, StrictUndefined, TemplateSyntaxError, Undefined
from jinja2.bccache import Bucket
from jinja2.exceptions import SecurityError
from jinja2.runtime import Context, Macro
from jinja2.sandbox import SandboxedEnvironment

from bot.domain.audiences import Audience
from bot.domain.facts import NEXT_UPDATE, UpdateKind
from bot.domain.language_pack import Pack
from bot.domain.organisation import Organisation
from bot.domain.update_context import TEMPLATE_NAMES, UpdateContext
from bot.domain.wording import CUSTOMERS, PARAGRAPH, Wording
from bot.errors import ConfigurationError
from bot.shipped import shipped
from bot.toml import read_toml

BUILT_IN = shipped("templates")
FOLDER = "updates"
UPDATE_CAP = 20_000  # characters
PLAIN_CAP = 2_000_000  # a record of several days
_SWELLING = ("center", "format", "indent", "lipsum", "pprint", "random", "wordwrap", "xmlattr")  # filters

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Rendered:
    """A text with its slot. `problem` says why the overlay's files were not used, or why there is no text."""

    body: str
    problem: str = ""
    left_out: tuple[str, ...] = ()  # pieces of a text for social media that did not fit


class Templates:
    """The built-in templates and words, and those of an overlay, which take precedence if they work."""

    def __init__(self, overlay: Path | None = None) -> None:
        self._roots = (BUILT_IN,) if overlay is None else (overlay, BUILT_IN)
        self._updates = [_Updates(self._roots[first:]) for first in range(len(self._roots))]
        self._plain = [_environment(self._roots[first:]) for first in range(len(self._roots))]

    def render(
        self, organisation: Organisation, language: str, audience: Audience, context: UpdateContext, customers: str = ""
    ) -> Rendered:
        """What one audience reads, with the promise as a slot. `customers` is their text if it was edited by hand.

        If the overlay's files fail, the built-in ones are used. A language without built-in files then has no text.
        """
        return _first_that_works(
            [lambda files=files: files.render(organisation, language, audience, context, customers)  # type: ignore[misc]
             for files in self._updates if files.has(language)],
            f"{FOLDER}/{language}",
        )  # fmt: skip

    def wording(self, organisation: Organisation, language: str) -> Wording:
        """The words of a language. If they cannot be read, the built-in ones; if there are none, the English ones."""
        for name in dict.fromkeys((language, "en")):
            for files in self._updates:
                with suppress(ConfigurationError):
                    return files.wording(organisation, name)
        raise LookupError(language)

    def render_plain(self, name: str, context: Mapping[str, object]) -> str:
        """A separate file, such as `retrospective.md.j2`, line by line. A failing overlay is only logged."""
        rendered = _first_that_works(
            [lambda one=one: Rendered(_text(one, name, context, PLAIN_CAP)) for one in self._plain],  # type: ignore[misc]
            name,
        )
        if rendered.problem:
            log.warning("template failed, built-in one used: %s", rendered.problem)
        return rendered.body

    def page_words(self, language: str) -> NullTranslations:
        """The sentences of the public pages in a language, from its `page.po`; those it lacks stay in English."""
        found = (root / FOLDER / language / "page.po" for root in self._roots)
        path = next((each for each in found if each.is_file()), None)
        if path is None:
            return NullTranslations()
        from babel.messages.mofile import write_mo  # English needs neither
        from babel.messages.pofile import read_po

        with path.open("rb") as file:
            catalog = read_po(file)
        for message, wrong in list(catalog.check()):
            log.warning("%s: “%s” is not used: %s", path, message.id, wrong[0])
            catalog.delete(message.id, message.context)
        compiled = BytesIO()
        write_mo(compiled, catalog)
        return GNUTranslations(BytesIO(compiled.getvalue()))

    def own_file(self, name: str) -> Path | None:
        """A file of the overlay; None if there is no file with that name."""
        return next((root / name for root in self._roots[:-1] if (root / name).is_file()), None)

    def labels(self, organisation: Organisation) -> tuple[str, ...]:
        """The labels of every language, with the colon: `User impact: `."""
        found: dict[str, None] = {}
        for language in organisation.languages:
            wording = self.wording(organisation, language)
            for label in wording.pack.labels.model_dump().values():
                found[wording.say("label", label=label, text="")] = None
        return tuple(found)

    def missing(self, language: str) -> list[str]:
        """The files that this language needs but does not have."""
        names = [f"{FOLDER}/{language}/words.toml", *(_path(language, f"customers/{kind}") for kind in TEMPLATE_NAMES)]
        return [name for name in names if not any((root / name).is_file() for root in self._roots)]

    def check_words(self, language: str) -> None:
        """Raise ConfigurationError with file and line if the overlay's `words.toml` is wrong."""
        self._updates[0].pack(language)

    def sources(self) -> Iterator[tuple[str, str]]:
        """Name and source of every template of updates in the overlay."""
        for root in self._roots[:-1]:
            for path in sorted((root / FOLDER).rglob("*.j2")):
                yield path.relative_to(root).as_posix(), path.read_text(encoding="utf-8")


class _Updates:
    """The files of updates in several folders, in order of precedence."""

    def __init__(self, roots: Sequence[Path]) -> None:
        self._roots = roots
        self._environment = _environment(roots, read=_marked)
        self._packs: dict[str, Pack] = {}
        self._wordings: dict[str, Wording] = {}

    def has(self, language: str) -> bool:
        """Whether it has words."""
        return self._find(f"{FOLDER}/{language}/words.toml") is not None

    def pack(self, language: str) -> Pack:
        """The words of a language, read only once."""
        if language not in self._packs:
            path = self._find(f"{FOLDER}/{language}/words.toml") or self._roots[-1] / FOLDER / language / "words.toml"
            self._packs[language] = read_toml(path, Pack)
        return self._packs[language]

    def wording(self, organisation: Organisation, language: str) -> Wording:
        """The words of a language for an organization."""
        known = self._wordings.get(language)
        if known is None or known.organisation is not organisation:
            known = self._wordings[language] = Wording(language, self.pack(language), organisation)
        return known

    def render(
        self, organisation: Organisation, language: str, audience: Audience, context: UpdateContext, customers: str
    ) -> Rendered:
        """One text. An audience without a template of its own reads the customers' text."""
        wording = self.wording(organisation, language)
        raw = self._raw(wording, audience, context)
        if audience is Audience.SOCIAL:
            raw = raw.replace(CUSTOMERS, self._raw(wording, Audience.CUSTOMERS, context))
            body, left_out = wording.one_line(raw, context)
            return Rendered(body, left_out=left_out)
        text = wording.laid_out(raw, context)
        if CUSTOMERS in text:
            text = text.replace(CUSTOMERS, customers or self._customers(wording, audience, context))
        return Rendered(text)

    def _customers(self, wording: Wording, audience: Audience, context: UpdateContext) -> str:
        """The customers' text without its promise; None before the first one."""
        if audience is Audience.SUPPORT and context.kind is UpdateKind.NO_CHANGE:
            facts = context.facts.model_copy(update={"message": context.facts.message or context.last.message})
            translated = {
                language: {**words, "message": words.get("message") or context.last.words(language, "")["message"]}
                for language, words in {**context.last.translated, **facts.translated}.items()
            }
            facts = facts.model_copy(update={"translated": translated})
            context = replace(context, kind=UpdateKind.STAGE, facts=facts)
        raw = self._raw(wording, Audience.CUSTOMERS, context)
        return wording.laid_out(raw.replace(NEXT_UPDATE, ""), context)

    def _raw(self, wording: Wording, audience: Audience, context: UpdateContext) -> str:
        kind = context.template_name
        names = (_path(wording.language, name) for name in (f"{audience}/{kind}", audience, f"customers/{kind}"))
        name = next((name for name in names if self._find(name)), _path(wording.language, f"customers/{kind}"))
        try:
            return _text(self._environment, name, wording.values(context, audience), UPDATE_CAP)
        except ValueError as problem:  # such as a file that is not text; Jinja's own errors name it
            raise ValueError(problem if _lines(problem) else f"{name}: {problem}") from problem

    def _find(self, name: str) -> Path | None:
        return next((root / name for root in self._roots if (root / name).is_file()), None)


class CompiledOnce(BytecodeCache):
    """Compiles a template once per process instead of once per language."""

    known: ClassVar[dict[object, Any]] = {}

    def load_bytecode(self, bucket: Bucket) -> None:  # noqa: D102
        bucket.code = self.known.get((type(bucket.environment), bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:  # noqa: D102
        self.known[type(bucket.environment), bucket.key, bucket.checksum] = bucket.code


class _Sandbox(SandboxedEnvironment):
    """Templates turn values into text: only macros can be called, and no operation multiplies a text."""

    intercepted_binops = frozenset({"*", "**", "%"})

    def is_safe_callable(self, obj: object) -> bool:
        """Allow only macros and undefined values, which report themselves."""
        return isinstance(obj, Macro | Undefined)

    def call_binop(self, context: Context, operator: str, left: object, right: object) -> object:
        """Arithmetic on small integers only."""
        small = all(isinstance(number, int) and abs(number) < 10_000 for number in (left, right))
        if operator == "**" or not small:
            raise SecurityError(f"“{operator}” is not allowed here")
        return super().call_binop(context, operator, left, right)


def _first_that_works(tries: Sequence[Callable[[], Rendered]], name: str) -> Rendered:
    """The overlay's text, or else the built-in one with the overlay's problem; an empty text if both fail."""
    problem = "" if tries else f"{name}: there are no such files"
    for attempt in tries:
        try:
            rendered = attempt()
        except Exception as failure:  # an operator's file may fail in any way
            problem = problem or _described(failure, name)
        else:
            return replace(rendered, problem=problem)
    return Rendered("", problem)


def _environment(roots: Sequence[Path], read: Callable[[str], str] = str) -> SandboxedEnvironment:
    environment = _Sandbox(
        loader=_Loader(roots, read),
        undefined=StrictUndefined,
        autoescape=False,  # plain text; each platform escapes what it shows
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_said,
        bytecode_cache=CompiledOnce(),
    )
    environment.globals.clear()
    for name in _SWELLING:
        environment.filters.pop(name, None)
    environment.filters["capital"] = lambda words: words[:1].upper() + words[1:]
    return environment


class _Loader(FileSystemLoader):
    """Loads templates from files through a function."""

    def __init__(self, roots: Sequence[Path], read: Callable[[str], str]) -> None:
        super().__init__(roots)
        self._read = read

    def get_source(self, environment: Environment, template: str) -> tuple[str, str, Callable[[], bool]]:
        """Like the base class, with the source transformed."""
        source, name, current = super().get_source(environment, template)
        return self._read(source), name, current


def _said(value: object) -> object:
    """A value for output. A yes or no is a mistake, such as `{{ failing }}` of an earlier version."""
    if isinstance(value, bool):
        raise ValueError("a yes or no cannot be shown; use it in `{% if %}`")
    return value


def _marked(source: str) -> str:
    """Mark blank lines, which separate paragraphs. Line numbers stay the same."""
    return re.sub(r"^[ \t]*$", PARAGRAPH, source.rstrip(), flags=re.MULTILINE)


def _path(language: str, name: str) -> str:
    return f"{FOLDER}/{language}/{name}.md.j2"


def _text(environment: SandboxedEnvironment, name: str, context: Mapping[str, object], cap: int) -> str:
    return "".join(_capped(environment.get_template(name).generate(context), cap))


def _capped(pieces: Iterator[str], cap: int) -> Iterator[str]:
    size = 0
    for piece in pieces:
        size += len(piece)
        if size > cap:
            raise ValueError(f"the text is longer than {cap:,} characters")
        yield piece


def _lines(failure: BaseException) -> list[FrameSummary]:
    """The template lines of an exception, innermost last."""
    found = [frame for frame in extract_tb(failure.__traceback__) if frame.filename.endswith(".j2")]
    return found or (_lines(failure.__cause__) if failure.__cause__ else [])


def _described(failure: Exception, name: str) -> str:
    """`updates/en/social/resolved.md.j2, line 3: 'lenght' is undefined`."""
    if isinstance(failure, ConfigurationError):
        return "{file}, line {line}: {problem}".format(**failure.facts)
    if isinstance(failure, TemplateSyntaxError):
        return f"{failure.name or name}, line {failure.lineno}: {failure.message}"
    frames = _lines(failure)
    if not frames:
        return str(failure) if str(failure).startswith(f"{FOLDER}/") else f"{name}: {failure}"
    before, folder, path = frames[-1].filename.rpartition(f"/{FOLDER}/")
    return f"{FOLDER + '/' + path if folder and before else name}, line {frames[-1].lineno}: {failure}"
