"""The words all platforms share; how a time or a name looks is each platform's own."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Sentence:
    """Our words with `{places}` for facts. Facts are never read as words, so nothing in them can act."""

    words: str
    facts: Mapping[str, object] = field(default_factory=dict)

    def shown(self, show: Callable[[object], str]) -> str:
        """The sentence with every fact as `show` shows it."""
        return self.words.format(**{name: show(fact) for name, fact in self.facts.items()})


def say(words: str, **facts: object) -> Sentence:
    """`say("{person} wrote it.", person="Ana")`."""
    return Sentence(words, facts)


@dataclass(frozen=True)
class RoomName:
    """A channel as a fact; its own platform shows it as a link."""

    platform: str
    id: str
    name: str

    def __str__(self) -> str:
        """As it reads anywhere else."""
        return f"#{self.name}"
