"""The shapes of a drawing, and texts that fit. Templates turn shapes into SVG; foghorn.css has their colors and fonts.

The widths of texts are estimated generously, because a page is shown in the reader's own font.
"""

from dataclasses import dataclass, field
from unicodedata import combining, east_asian_width

GAP = 6  # between two texts
SMALL, PLAIN = 12, 13  # font sizes in foghorn.css


@dataclass(frozen=True)
class Rect:
    """A filled area."""

    x: float
    y: float
    width: float
    height: float
    kind: str
    title: str = ""


@dataclass(frozen=True)
class Path:
    """A line or outline, in SVG's own notation."""

    d: str
    kind: str
    title: str = ""
    at: tuple[float, float] | None = None  # the position to move it to


@dataclass(frozen=True)
class Circle:
    """An update, or the next promised time."""

    x: float
    y: float
    radius: float
    kind: str
    title: str = ""


@dataclass(frozen=True)
class TextLine:
    """One line of text. `anchor` is start, middle, or end; `turn` its angle in degrees."""

    x: float
    y: float
    words: str
    kind: str = ""
    anchor: str = "start"
    turn: int = 0

    @property
    def size(self) -> int:
        """The font size of its kind."""
        return PLAIN if self.kind in ("", "b") else SMALL

    @property
    def width(self) -> float:
        """The estimated width."""
        return width(self.words, self.size, bold=self.kind in ("b", "late", "now"))

    @property
    def left(self) -> float:
        """Where it begins, if it is not turned."""
        return self.x - {"start": 0.0, "middle": self.width / 2, "end": self.width}[self.anchor]

    @property
    def right(self) -> float:
        """Where it ends, if it is not turned."""
        return self.left + self.width


Shape = Rect | Path | Circle | TextLine


@dataclass(frozen=True)
class Drawing:
    """Shapes in the order in which they are painted."""

    width: float
    height: float
    shapes: tuple[Shape, ...]


def width(words: str, size: float, *, bold: bool = False) -> float:
    """How wide a text can get in a wide font, in the unit of `size`."""
    return sum(map(_em, words)) * size * (1.08 if bold else 1.0)


def _em(character: str) -> float:
    if combining(character):
        return 0.0
    if east_asian_width(character) in "WF":
        return 1.0
    if character in "iljtf.,:;'| ()[]⟨⟩":
        return 0.4
    return 0.75 if character.isupper() or character in "mw—…" else 0.63


def clipped(words: str, room: float, size: float = PLAIN, *, bold: bool = False) -> str:
    """A text that fits, with an ellipsis if it had to be shortened."""
    if width(words, size, bold=bold) <= room:
        return words
    while words and width(f"{words}…", size, bold=bold) > room:
        words = words[:-1]
    return f"{words.rstrip()}…"


def wrapped(words: str, room: float, most: int, size: float = PLAIN, *, bold: bool = True) -> list[str]:
    """The text in at most `most` lines that fit."""
    lines: list[str] = []
    for word in words.split():
        if lines and width(f"{lines[-1]} {word}", size, bold=bold) <= room:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    kept, rest = lines[: most - 1], " ".join(lines[most - 1 :])
    return [clipped(line, room, size, bold=bold) for line in [*kept, *([rest] if rest else [])]]


@dataclass
class Rows:
    """Places texts in rows so that none overlap."""

    most: int
    taken: list[list[tuple[float, float]]] = field(default_factory=list)

    def place(self, left: float, right: float) -> int | None:
        """The first row with room; None if there is none."""
        for row in range(self.most):
            if row == len(self.taken):
                self.taken.append([])
            if all(right + GAP <= begin or end + GAP <= left for begin, end in self.taken[row]):
                self.taken[row].append((left, right))
                return row
        return None
