"""Sentences whose facts (times, names, channels) each platform formats in its own way."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Sentence:
    """Our words with `{placeholders}` for facts. Facts are kept apart, so they are never interpreted as markup."""

    words: str
    facts: Mapping[str, object] = field(default_factory=dict)

    def shown(self, show: Callable[[object], str]) -> str:
        """The sentence with every fact formatted by `show`."""
        return self.words.format(**{name: show(fact) for name, fact in self.facts.items()})


def say(words: str, **facts: object) -> Sentence:
    """`say("{person} wrote it.", person="Ana")`."""
    return Sentence(words, facts)


@dataclass(frozen=True)
class RoomName:
    """A channel; its own platform shows it as a link."""

    platform: str
    id: str
    name: str

    def __str__(self) -> str:
        """The form used on all other platforms."""
        return f"#{self.name}"
