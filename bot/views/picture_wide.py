"""The wide drawing of an incident: time runs to the right, and the height of a band shows the impact."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from bot.domain.history import PublishedPromise
from bot.domain.picture import Band, Lane, Scale, Story
from bot.views.picture_parts import SHADES, days, shown_lanes, ticks, zone_name
from bot.views.shapes import (
    GAP,
    PLAIN,
    SMALL,
    Circle,
    Drawing,
    Path,
    Rect,
    Rows,
    Shape,
    TextLine,
    clipped,
    width,
    wrapped,
)
from bot.web_templates import brief

WIDE = 1000  # units, about pixels


def wide(story: Story) -> Drawing:
    """Draw a story with time running to the right."""
    return _Wide(story).drawing()


class _Wide:
    """A wide drawing under construction, from top to bottom."""

    def __init__(self, story: Story) -> None:
        self.story, self.words, self.lanes = story, story.words, shown_lanes(story)
        self.scale = Scale(story.moments)
        heads = [self.words.stage, self.words.updates, self.words.promised, self.words.severity]
        names = [width(lane.name, PLAIN, bold=True) for lane in self.lanes]
        self.left = min(max([*names, *(width(head, SMALL) for head in heads), 90]), 190) + 12
        last = width(story.marks[-1].stage, PLAIN, bold=True) if story.marks and not story.open else 0.0
        self.right = WIDE - min(max(last + 8, 40.0), 120.0)  # room for the name of the last stage next to its guide
        self.cut = round(min(6.0, self.scale.fold * (self.right - self.left) / 5), 1)  # width of the gap in a band
        self.below: list[Shape] = []  # painted first
        self.shapes: list[Shape] = []
        self.y = 0.0

    def x(self, moment: datetime) -> float:
        return round(self.left + self.scale.at(moment) * (self.right - self.left), 1)

    def drawing(self) -> Drawing:
        self._outage()
        self._severities()
        top = self.y + 8
        self._stages()
        self._lanes()
        bottom = self.y + 4
        self._updates()
        self._axis()
        guides = [*(mark.at for mark in self.story.marks if mark.stage)]
        if self.story.declared_at:
            guides.append(self.story.declared_at)
        for at in dict.fromkeys(guides):
            self.below.append(Path(f"M{self.x(at)} {top}V{bottom}", "guide"))
        if self.story.open:
            self.shapes.append(Path(f"M{self.x(self.story.now)} {top + 12}V{bottom}", "nowline"))
        return Drawing(WIDE, round(self.y), (*self.below, *self.shapes))

    def _outage(self) -> None:
        """The bracket over the period that matters most, with its length."""
        if self.story.outage is None:
            return
        start, end = map(self.x, self.story.outage)
        words = self.story.outage_words
        half = width(words, PLAIN, bold=True) / 2
        middle = min(max((start + end) / 2, half), WIDE - half)
        self.shapes.append(TextLine(middle, 14, words, "b", "middle"))
        self.shapes.append(Path(f"M{start} 30v-8H{end}v8", "span"))
        self.y = 34

    def _severities(self) -> None:
        if self.story.severities:
            self._head(self.words.severity, self.y + 14)
            self._flags([(at, name) for at, name in self.story.severities], 1)

    def _stages(self) -> None:
        self._head(self.words.stage, self.y + 14)
        declared = [(self.story.declared_at, self.words.declared)] if self.story.declared_at else []
        self._flags([*declared, *((mark.at, mark.stage) for mark in self.story.marks if mark.stage)], 4)
        self.y += 6

    def _flags(self, some: Iterable[tuple[datetime, str]], most: int) -> None:
        """Texts next to their guides, on the right if there is room, in as many rows as they need."""
        rows, placed = Rows(most), 0
        for at, words in some:
            x = self.x(at)
            for anchor, by in (("start", 4.0), ("end", -4.0)):
                text = TextLine(x + by, 0, words, "b", anchor)
                if text.right <= WIDE and text.left >= self.left - 8:
                    row = rows.place(text.left, text.right)
                    if row is not None:
                        self.shapes.append(TextLine(text.x, self.y + 14 + 16 * row, words, "b", anchor))
                        placed = max(placed, row + 1)
                        break
        self.y += 18 * max(1, placed)

    def _head(self, words: str, y: float) -> None:
        self.shapes.append(TextLine(0, y, clipped(words, self.left - 10, SMALL), "s"))

    def _lanes(self) -> None:
        high, apart = (36.0, 18.0) if len(self.lanes) <= 6 else (24.0, 12.0)
        end, cuts = self.x(self.story.now), ""
        for lane in self.lanes:
            self.below.append(Rect(self.left, self.y, round(end - self.left, 1), high, "lane"))
            lines = wrapped(lane.name, self.left - 12, 2 if high > 30 else 1)
            for row, words in enumerate(lines):
                lowest = self.y + high - 4 if high > 30 else self.y + high / 2 + 5
                self.shapes.append(TextLine(0, lowest - 15 * (len(lines) - 1 - row), words, "b"))
            self.below += [self._band(lane, band, high) for band in lane.bands if band.impact in SHADES]
            self.below.append(Path(f"M{self.left} {self.y + high}H{end}", "base"))
            for middle, _long in self.scale.folds:
                x, cut = self.left + middle * (self.right - self.left), self.cut
                cuts += f"M{x - cut:.1f} {self.y + high + 2}l{cut} -{high + 4}h{cut}l-{cut} {high + 4}z"
            self.y += high + apart
        self.below += [Path(cuts, "fold")] if cuts else []

    def _band(self, lane: Lane, band: Band, high: float) -> Rect:
        shade, part = SHADES[band.impact]
        begin, end = self.x(band.since), self.x(band.until or self.story.now)
        title = f"{lane.name}: {band.label}, {band.period}"
        return Rect(
            begin, round(self.y + high * (1 - part), 1), round(max(end - begin, 1.5), 1), round(high * part, 1),
            f"is-{shade}", title,
        )  # fmt: skip

    def _updates(self) -> None:
        """A dot for each update, and below it whether the promised time was kept."""
        zone, row, line = self.story.zone, self.y + 14, self.y + 50
        self._head(self.words.updates, row + 4)
        self._head(self.words.promised, line + 4)
        rows = Rows(1)
        for mark in self.story.marks:
            moved = bool(mark.stage) or mark.worse
            title = f"{zone.local(mark.at)}: {mark.label}"
            kind = "upd chg" if moved else "upd"
            self.shapes.append(Circle(self.x(mark.at), row, 7 if moved else 5, kind, title))
        for mark in reversed(self.story.marks):  # the open promise first, so that its text has room
            if mark.promise is not None:
                self._promise(self.x(mark.at) + 3, mark.promise, line, rows)
        self.y = line + 16

    def _promise(self, start: float, promise: PublishedPromise, line: float, rows: Rows) -> None:
        """From an update to the one that answered it, with the promised time if that was missed."""
        by = self.x(promise.by)
        if promise.came is None:
            self._open(start, by, line, rows)
        elif promise.kept:
            self.shapes += _kept(start, self.x(promise.came), line)
        else:
            end, words = self.x(promise.came), self.words.late.format(length=brief(promise.by, promise.came))
            self.shapes.append(Path(f"M{start} {line}H{by}", "kept"))
            self.shapes.append(Path(f"M{by} {line - 7}v14M{by} {line}H{end - 4}", "over"))
            self.shapes.append(Path(f"M{end - 4} {line - 4}l8 8m0 -8l-8 8", "overmark"))
            for late in (TextLine(end + 8, line - 9, words, "late"), TextLine(end - 4, line - 9, words, "late", "end")):
                if late.right <= WIDE and rows.place(late.left, late.right) is not None:
                    self.shapes.append(late)
                    break

    def _open(self, start: float, by: float, line: float, rows: Rows) -> None:
        """The open promise: dots up to the promised time, and past it while the update is late."""
        now = self.x(self.story.now)
        self.shapes += [Path(f"M{start + 4} {line}H{max(by - 8, start + 5)}", "open"), Circle(by, line, 5, "openmark")]
        if now > by:
            self.shapes.append(Path(f"M{by} {line - 7}v14M{by} {line}H{now}", "over"))
        text = TextLine(by, line - 12, self.words.next, "now", "middle")
        text = text if text.right <= WIDE else TextLine(WIDE, text.y, text.words, text.kind, "end")
        rows.place(text.left, text.right)
        self.shapes.append(text)

    def _axis(self) -> None:
        """As many update times as fit, the real lengths of shortened gaps, and the days."""
        story, zone, line = self.story, self.story.zone, self.y
        self.shapes.append(Path(f"M{self.left} {line}H{self.right}", "grid"))
        self._head(zone_name(zone, story.now), line + 18)
        rows, placed = Rows(3), 0
        for at, kind in ticks(story):
            words = f"{zone.local(at)} {self.words.now}" if kind == "now" else zone.local(at)
            text = TextLine(self.x(at), 0, words, kind, "middle")
            if text.right > WIDE:
                text = TextLine(WIDE, 0, words, kind, "end")
            if (row := rows.place(text.left, text.right)) is not None:
                self.shapes.append(Path(f"M{self.x(at)} {line}v{5 + 16 * row}", "grid"))
                self.shapes.append(TextLine(text.x, line + 18 + 16 * row, words, kind, text.anchor))
                placed = max(placed, row)
        cuts = ""
        for middle, long in self.scale.folds:
            x = round(self.left + middle * (self.right - self.left), 1)
            cuts += f"M{x - self.cut:.1f} {line + 5}l{self.cut} -10h{self.cut}l-{self.cut} 10z"
            text = TextLine(x, 0, f"⟨{brief(story.now, story.now + long)}⟩", "s", "middle")
            if (row := rows.place(text.left, text.right)) is not None:
                self.shapes.append(TextLine(x, line + 18 + 16 * row, text.words, "s", "middle"))
                placed = max(placed, row)
        self.shapes += [Path(cuts, "fold")] if cuts else []
        self.y = line + 34 + 16 * placed
        self._days()

    def _days(self) -> None:
        """Each day where it begins. A crowded one is moved to the right."""
        end = 0.0
        for at, name in days(self.story):
            x = max(self.x(at), end + GAP * 2) if end else self.x(at)
            text = TextLine(x, self.y, name, "s")
            text = text if text.right <= WIDE else TextLine(WIDE, self.y, name, "s", "end")
            if text.left >= end:
                self.shapes.append(text)
                end = text.right
        self.y += 8


def _kept(start: float, end: float, line: float) -> Sequence[Shape]:
    tick = Path(f"M{end - 6} {line}l3 4 6 -8", "keptmark")
    return [Path(f"M{start} {line}H{end - 9}", "kept"), tick] if end - 9 > start else [tick]
