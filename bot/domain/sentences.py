"""How words join: lists, verbs that agree, what a person typed made a sentence, and the ways a service can fail."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.domain.components import Impact

_STOPS = ".!?…。؟"
_PLACED = re.compile(  # what may stand behind a verb as it is
    r"(across|after|at|before|between|during|everywhere|except|for|from|globally|in|inside|intermittently|mostly|on|only|"
    r"outside|since|sometimes|through|to|via|when|where|wherever|while|with|within|without|worldwide)\b",
    re.IGNORECASE,
)
_COUNTED = re.compile(r"(all|some|many|about|a|an|the|users|customers)\b", re.IGNORECASE)
_VERBS = re.compile(
    r"(are|aren't|can't|cannot|do|does|doesn't|don't|fails?|is|isn't|hangs|keeps|loses|rejects|responds|returns|shows"
    r"|takes|times out)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Noun:
    """Who does something in a sentence."""

    words: str
    many: bool

    def agree(self, pattern: str, adverb: str = "") -> str:
        """`pattern` with its verbs in this number: `{has}`, `{is}`, `{was}`; `adverb` stands where `{adverb}` does."""
        verbs = {"has": "have", "is": "are", "was": "were"} if self.many else {"has": "has", "is": "is", "was": "was"}
        return pattern.format(adverb=f" {adverb}" if adverb else "", **verbs)

    def verb(self, plural: str) -> str:
        """`work` or `works`."""
        return plural if self.many else f"{plural}s"


@dataclass(frozen=True)
class Failure:
    """A way to fail, in the tenses texts need."""

    perfect: str
    present: str
    still: str
    past: str


def _being(state: str, past: str) -> Failure:
    return Failure(f"{{has}}{{adverb}} been {state}", f"{{is}}{{adverb}} {state}", f"{{is}} still {state}", past)


FAILING = _being("failing", "failed")
FAILING_PARTLY = _being("failing for some requests", "failed for some requests")
SLOW = _being("slow or partly not working", "{was} slow or partly not working")
MAINTAINED = _being("under maintenance", "{was} under maintenance")
STOPPED = Failure(
    "{has}{adverb} not been working",
    "{is}{adverb} not working",
    "{is} still not working",
    "did not work",
)
UNEXPECTED = Failure(
    "{has}{adverb} not worked as expected",
    "{is}{adverb} not working as expected",
    "{is} still not working as expected",
    "did not work as expected",
)
ASTRAY = Failure(
    "{has}{adverb} not been working as they should",
    "{is}{adverb} not working as they should",
    "{is} still not working as they should",
    "did not work as they should",
)


def failure(impact: Impact, *, symptom: bool, scope: bool) -> Failure:
    """How a component with this impact fails; a symptom or scope beside it makes the impact's own phrase too much."""
    match impact:
        case Impact.MAJOR:
            return FAILING if symptom or scope else STOPPED
        case Impact.PARTIAL:
            return FAILING if symptom or scope else FAILING_PARTLY
        case Impact.DEGRADED:
            return UNEXPECTED if symptom else SLOW
        case Impact.MAINTENANCE:
            return MAINTAINED
        case Impact.OPERATIONAL:
            return UNEXPECTED


def joined(names: Sequence[str]) -> str:
    """`A, B and C`."""
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else "".join(names)


def one_line(words: str) -> str:
    """With single spaces, on one line."""
    return " ".join(words.split())


def capital(words: str) -> str:
    """With a capital first, unless the first word has one elsewhere, as iOS has."""
    return words[:1].upper() + words[1:] if words.split(" ", 1)[0].islower() else words


def clause(words: str) -> str:
    """A person's words without a stop at their end."""
    return one_line(words).rstrip(" .,;:")


def sentence(words: str) -> str:
    """A person's words with a capital and a stop; nothing stays nothing."""
    line = one_line(words).rstrip(" ,;:")
    if not clause(line):
        return ""
    stopped = line.rstrip("\"'”)»")[-1:] in tuple(_STOPS)
    return capital(line) + ("" if stopped else ".")


def lowered(words: str, names: Iterable[str]) -> str:
    """With a small letter first, unless the first word belongs to one of `names` or has capitals elsewhere."""
    first = re.split(r"\W", words, maxsplit=1)[0]
    proper = any(first in name.split() for name in names)
    return words[:1].lower() + words[1:] if first[1:].islower() and not proper else words


def scoped(words: str) -> str:
    """A scope as it stands behind a verb: `worldwide`, `for some users`; "for" is added where nothing leads."""
    line = clause(words)
    if _PLACED.match(line) or _COUNTED.match(line):
        line = line[:1].lower() + line[1:]
    return line if _PLACED.match(line) or not line else f"for {line}"


def seen(symptom: str, noun: Noun) -> tuple[str, str]:
    """A symptom as the verb of `noun`, where it reads "has not ...", else as what follows a colon. One is empty."""
    line = clause(symptom)
    first, _, rest = line.partition(" ")
    if first.lower() in ("has", "have") and rest:
        return f"{noun.agree('{has}')} {rest}", ""
    if _VERBS.match(line):
        return "", f"{'they' if noun.many else 'it'} {line[:1].lower()}{line[1:]}"
    return "", line


def cut(words: str, limit: int) -> str:
    """At most `limit` characters, ended at a word."""
    line = one_line(words)
    if len(line) <= limit:
        return line
    head = (line[: limit + 1].rpartition(" ")[0] or line[:limit]).rstrip(" ,;:")
    before, _, last = head.rpartition(" ")
    return before.rstrip(" ,;:") if last in ("and", "or", "for", "of", "the", "in", "with") and before else head
