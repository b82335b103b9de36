"""One text prepared for the rules: characters normalized, positions kept; sentences, links, and names found once."""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import islice

from bot.domain.components import Impact
from bot.domain.facts import UpdateKind
from bot.domain.lifecycle import Stage
from bot.domain.lint.findings import Subject, Weight
from bot.domain.lint.patterns import Phrases
from bot.domain.organisation import Organisation
from bot.domain.severity import Severity

Span = tuple[int, int]

REACH = 400  # characters before and after a word that may belong to its sentence
READ = 20_000  # characters that every rule reads; far more than any platform accepts
_MOST = 500  # maximum occurrences of one pattern in one text
WORDS_SHOWN = 80  # longer matches are shortened when quoted but marked in full
_MARKS = 30  # of one character; longer sequences are normalized separately
_SENTENCE_END = re.compile(r"[.!?]+[\"”)]?(?=\s|$)|[\u3002\uff01\uff1f]|\n+")
_LEVELLED = str.maketrans({"\u2019": "'", "\u2018": "'", "\u02bc": "'", "\u2010": "-", "\u2011": "-", "\u2012": "-"})
_LINK = re.compile(
    r"\b[a-z][a-z0-9+.-]{1,15}://[^\s<>\"'“”|]{1,2000}"
    r"|\b(?:[a-z0-9-]{1,63}\.){1,5}(?:com|net|io|us|gg|so|app|dev|org|eu)/[^\s<>\"'“”|]{0,2000}",
    re.IGNORECASE,
)
_HOST = re.compile(r"^(?:[^/]*://)?(?:[^/@]*@)?([^/:?#]+)")


@dataclass(frozen=True)
class Hit:
    """What a rule found. `lint` makes a finding of it."""

    start: int  # characters of the text as published
    end: int
    words: str
    reason: str
    suggestion: str
    weight: Weight
    in_title: bool = False
    approver: str = ""

    def overlaps(self, other: "Hit") -> bool:
        """Whether both mark some of the same characters."""
        return self.in_title == other.in_title and self.start < other.end and other.start < self.end


@dataclass(frozen=True)
class TextLink:
    """An address in a text, with positions in `plain`."""

    start: int
    end: int
    address: str

    @property
    def host(self) -> str:
        """In lower case, without the port."""
        found = _HOST.match(self.address)
        return found[1].lower().rstrip(".") if found else ""


@dataclass(frozen=True)
class CheckedText:
    """Body or title: `raw` as published; `plain` in NFKC without invisible characters, one apostrophe, one hyphen."""

    raw: str
    in_title: bool = False

    @cached_property
    def _levelled(self) -> tuple[str, list[Span] | None]:
        return _level(self.raw)

    @cached_property
    def plain(self) -> str:
        """What the eye sees."""
        return self._levelled[0]

    @cached_property
    def sentences(self) -> tuple[Span, ...]:
        """The spans of the sentences in `plain`, without surrounding space."""
        spans, start = [], 0
        for end in [*(found.end() for found in _SENTENCE_END.finditer(self.plain, 0, READ)), len(self.plain)]:
            words = self.plain[start:end]
            left = start + len(words) - len(words.lstrip())
            if words.strip():
                spans.append((left, left + len(words.strip())))
            start = end
        return tuple(spans)

    @cached_property
    def links(self) -> tuple[TextLink, ...]:
        """All addresses, without the punctuation that ends a sentence."""
        found = ((match.start(), match[0].rstrip(".,;:!?)]")) for match in _LINK.finditer(self.plain, 0, READ))
        return tuple(TextLink(start, start + len(address), address) for start, address in found)

    def is_in_link(self, at: int) -> bool:
        """Whether the position is in an address."""
        before = bisect_right(self._link_starts, at)
        return bool(before) and at < self.links[before - 1].end

    @cached_property
    def _link_starts(self) -> tuple[int, ...]:
        return tuple(link.start for link in self.links)

    def sentence(self, at: int) -> Span:
        """The sentence at a position; of a very long one, the part around it."""
        before = bisect_right(self.sentences, (at, len(self.plain)))
        start, end = self.sentences[before - 1] if before else (at, at)
        return max(start, at - REACH), min(end, at + REACH)

    def hit(
        self,
        span: Span,
        reason: str,
        suggestion: str,
        weight: Weight = Weight.BLOCKER,
        *,
        words: str = "",
        approver: str = "",
    ) -> Hit:
        """A match at `span` of `plain`.

        `{words}` in the reason is replaced by the words found, or what represents them.
        """
        start, end = self.raw_span(span)
        words = words or shortened(self.raw[start:end])
        return Hit(start, end, words, reason.replace("{words}", words), suggestion, weight, self.in_title, approver)

    def raw_span(self, span: Span) -> Span:
        """Convert positions from `plain` to `raw`."""
        start, end = span
        offsets = self._levelled[1]
        if start >= end:
            return 0, 0
        return (offsets[start][0], offsets[end - 1][1]) if offsets else span


def shortened(words: str) -> str:
    """Short enough to quote."""
    return words if len(words) <= WORDS_SHOWN else f"{words[: WORDS_SHOWN - 1]}…"


def missing(reason: str, suggestion: str, weight: Weight = Weight.WARNING) -> Hit:
    """A match without words: something is missing, or the whole text is meant."""
    return Hit(0, 0, "", reason, suggestion, weight)


@dataclass(frozen=True)
class LintContext:
    """Everything that a rule can ask."""

    subject: Subject
    organisation: Organisation

    @cached_property
    def body(self) -> CheckedText:
        """The text."""
        return CheckedText(self.subject.body)

    @cached_property
    def title(self) -> CheckedText:
        """The title that customers read."""
        return CheckedText(self.subject.title, in_title=True)

    @cached_property
    def texts(self) -> tuple[CheckedText, CheckedText]:
        """Title and body, in reading order."""
        return self.title, self.body

    @cached_property
    def promise(self) -> str:
        """The promise sentence as the eye sees it; empty if only the time is known."""
        return CheckedText(self.subject.promise).plain.strip()

    @property
    def is_open(self) -> bool:
        """Whether the incident is still open after this text."""
        return self.subject.stage is not Stage.RESOLVED

    @property
    def closes(self) -> bool:
        """Whether this is the closing text of a real incident, in a language that the rules read."""
        return not self.is_open and self.subject.kind is UpdateKind.STAGE and self.is_english

    @property
    def is_english(self) -> bool:
        """Whether the text is English: rules about missing words know only English."""
        return self.subject.language.startswith("en")

    @property
    def grave_weight(self) -> Weight:
        """A blocker at SEV1 and SEV2, otherwise a warning."""
        return Weight.BLOCKER if self.subject.severity.at_least(Severity.SEV2) else Weight.WARNING

    @property
    def affected(self) -> str:
        """Names of the components that are not operational: `ChatGPT, API`."""
        keys = [key for key, impact in self.subject.impacts.items() if impact is not Impact.OPERATIONAL]
        return ", ".join(component.name for component in self.organisation.named(keys))

    @cached_property
    def component_names(self) -> re.Pattern[str]:
        """Any component or group of the organization, as a whole word."""
        parts = self.organisation.components
        return whole_words(tuple({name for part in parts for name in (part.name, part.group) if name}))

    @cached_property
    def status_host(self) -> str:
        """The host of the status page."""
        return TextLink(0, 0, self.subject.link).host

    def allows(self, host: str) -> bool:
        """Whether customers may be sent to this host."""
        allowed = [self.status_host, *(name.lower() for name in self.organisation.lint.allowed_hosts)]
        return any(host == name or host.endswith(f".{name}") for name in allowed if name)

    def find(
        self, pattern: re.Pattern[str] | Phrases, *, whole: bool = False
    ) -> Iterator[tuple[CheckedText, re.Match[str]]]:
        """Every occurrence in title and body but those in names of components and in allowed links.

        `whole` reads past the first `READ` characters: for what may never leave.
        """
        for text, plain, spared in self._scanned:
            for found in islice(pattern.finditer(plain, 0, len(plain) if whole else READ), _MOST):
                if 0 in spared[found.start() : found.end()]:
                    yield text, found

    def hits(
        self, pattern: re.Pattern[str] | Phrases, reason: str, suggestion: str, weight: Weight = Weight.BLOCKER, *,
        unless: Callable[[CheckedText, re.Match[str]], object] = lambda _text, _found: False,
    ) -> Iterator[Hit]:  # fmt: skip
        """A hit for every occurrence; see `find` and `CheckedText.hit`."""
        for text, found in self.find(pattern):
            if not unless(text, found):
                yield text.hit(found.span(), reason, suggestion, weight)

    @cached_property
    def _scanned(self) -> tuple[tuple[CheckedText, str, bytearray], ...]:
        """Each text as the eye sees it and, for each character, 1 if a name or an allowed link is there."""
        scanned = []
        for text in self.texts:
            spared = bytearray(len(text.plain))
            names = (found.span() for found in self.component_names.finditer(text.plain, 0, READ))
            links = ((link.start, link.end) for link in text.links if self.allows(link.host))
            for start, end in (*names, *links):
                spared[start:end] = b"\1" * (end - start)
            scanned.append((text, text.plain, spared))
        return tuple(scanned)


def either(*patterns: str) -> re.Pattern[str]:
    """A pattern of any of them, case-insensitive."""
    return re.compile("|".join(patterns), re.IGNORECASE)


@lru_cache(maxsize=64)
def whole_words(words: tuple[str, ...]) -> re.Pattern[str]:
    """A pattern of any of them as a whole word, case-insensitive; for none, a pattern that never matches."""
    longest_first = sorted((word for word in words if word.strip()), key=len, reverse=True)
    choices = "|".join(r"\s+".join(re.escape(part) for part in word.split()) for word in longest_first)
    return re.compile(rf"(?<!\w)(?:{choices})(?!\w)" if choices else r"(?!)", re.IGNORECASE)


@lru_cache(maxsize=64)
def any_word(words: tuple[str, ...]) -> Phrases:
    """The same for long lists, each searched separately."""
    each = (r"\s+".join(map(re.escape, word.split())) for word in words if word.strip())
    return Phrases(*(rf"(?<!\w){word}(?!\w)" for word in each))


def _level(raw: str) -> tuple[str, list[Span] | None]:
    """`raw` normalized, and for each of its characters the position in `raw`; None if they are the same."""
    if raw.isascii():
        return raw, None
    plain: list[str] = []
    spans: list[Span] = []
    start = 0
    while start < len(raw):
        end = start + 1
        while end < len(raw) and end - start < _MARKS and raw[end] > "\u02ff" and unicodedata.combining(raw[end]):
            end += 1
        part = raw[start:end]
        if part.isascii():
            plain.append(part)
            spans.append((start, end))
            start = end
            continue
        for character in unicodedata.normalize("NFKC", part).translate(_LEVELLED):
            if unicodedata.category(character) != "Cf":
                plain.append(character)
                spans.append((start, end))
        start = end
    return "".join(plain), spans
