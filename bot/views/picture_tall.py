"""The tall drawing of an incident, for narrow screens: time runs down, and the width of a band shows the impact."""

from datetime import datetime

from bot.domain.picture import Lane, Scale, Story
from bot.views.picture_parts import SHADES, days, shown_lanes, ticks, zone_name
from bot.views.shapes import PLAIN, SMALL, Circle, Drawing, Path, Rect, Rows, Shape, TextLine, clipped, width, wrapped
from bot.web_templates import brief

TALL = 324  # units, about pixels
TIMES, LANES, TRACK, WORDS = 64.0, 70.0, 203.0, 216.0  # where each column begins; times are aligned to end there
LINE = 14.0


def tall(story: Story) -> Drawing:
    """Draw a story with time running down."""
    return _Tall(story).drawing()


class _Tall:
    """A tall drawing under construction."""

    def __init__(self, story: Story) -> None:
        self.story, self.words, self.lanes = story, story.words, shown_lanes(story)
        self.scale = Scale(story.moments)
        self.pitch = min(36.0, (TRACK - 12 - LANES) / max(1, len(self.lanes)))
        self.upright = len(self.lanes) > 6  # slanted names would touch
        self.top = self._names_end()
        self.high = min(1100.0, max(200.0, 34.0 * len(story.moments)))
        self.below: list[Shape] = []  # painted first
        self.shapes: list[Shape] = []
        self.times, self.said = Rows(1), Rows(1)

    def y(self, moment: datetime) -> float:
        return round(self.top + self.scale.at(moment) * self.high, 1)

    def drawing(self) -> Drawing:
        self._names()
        self._lanes()
        self._track()
        self._times()
        self._words()
        lowest = max([self.top + self.high, *(shape.y for shape in self.shapes if isinstance(shape, TextLine))])
        bottom = lowest + 36
        self.shapes.append(TextLine(0, bottom - 8, zone_name(self.story.zone, self.story.now), "s"))
        return Drawing(TALL, round(bottom), (*self.below, *self.shapes))

    def _names_end(self) -> float:
        longest = max((width(lane.name, PLAIN, bold=True) for lane in self.lanes), default=0.0)
        return 24 + min(longest, 150) * (1.0 if self.upright else 0.65)

    def _names(self) -> None:
        for number, lane in enumerate(self.lanes):
            x = LANES + self.pitch * (number + 0.5)
            room = 150.0 if self.upright else min(150.0, (TALL - x) / 0.8)
            kind, size = ("s", SMALL) if self.upright else ("", PLAIN)
            turn = -90 if self.upright else -40
            self.shapes.append(TextLine(x + 4, self.top - 8, clipped(lane.name, room, size), kind, turn=turn))

    def _lanes(self) -> None:
        end = self.y(self.story.now)
        for number, lane in enumerate(self.lanes):
            x, wide = round(LANES + self.pitch * number, 1), round(self.pitch * 0.85, 1)
            self.below.append(Rect(x, self.top, wide, round(end - self.top, 1), "lane"))
            self.below += self._bands(lane, x, wide)
            self.below.append(Path(f"M{x} {self.top}V{end}", "base"))
        right = LANES + self.pitch * len(self.lanes)
        cut = round(min(6.0, self.scale.fold * self.high / 5), 1)  # height of the gap in a band
        cuts = ""
        for middle, _long in self.scale.folds if self.lanes else ():
            y = self.top + middle * self.high
            cuts += f"M{LANES - 3} {y + cut / 2:.1f}L{right:.1f} {y - cut:.1f}v{cut}L{LANES - 3} {y + 1.5 * cut:.1f}z"
        self.below += [Path(cuts, "fold")] if cuts else []
        if self.story.open:
            self.shapes.append(Path(f"M{LANES - 4} {end}H{TRACK - 10}", "nowline"))

    def _bands(self, lane: Lane, x: float, wide: float) -> list[Shape]:
        found: list[Shape] = []
        for band in lane.bands:
            shade, part = SHADES[band.impact]
            begin, end = self.y(band.since), self.y(band.until or self.story.now)
            found.append(Rect(x, begin, round(wide * part, 1), round(max(end - begin, 1.5), 1), f"is-{shade}"))
        return found

    def _track(self) -> None:
        """The promised times as a line, and the updates on it."""
        for mark in self.story.marks:
            if mark.promise is None:
                continue
            start, by, came = self.y(mark.at), self.y(mark.promise.by), mark.promise.came
            if came is None:
                self.shapes.append(Path(f"M{TRACK} {start + 4}V{max(by - 8, start + 5)}", "open"))
                self.shapes.append(Circle(TRACK, by, 5, "openmark"))
            elif mark.promise.kept:
                self.shapes.append(Path(f"M{TRACK} {start}V{self.y(came)}", "kept"))
            else:
                self.shapes.append(Path(f"M{TRACK} {start}V{by}", "kept"))
                self.shapes.append(Path(f"M{TRACK - 7} {by}h14M{TRACK} {by}V{self.y(came)}", "over"))
        for mark in self.story.marks:
            moved = bool(mark.stage) or mark.worse
            self.shapes.append(Circle(TRACK, self.y(mark.at), 7 if moved else 5, "upd chg" if moved else "upd"))

    def _times(self) -> None:
        """On the left: each day, and as many times as fit."""
        first = dict(days(self.story))
        now = self.y(self.story.now)
        if self.story.open and self.times.place(now - LINE / 2, now + LINE + 4) is not None:
            self.shapes.append(TextLine(TIMES, now + 4, self.story.zone.local(self.story.now), "now", "end"))
            self.shapes.append(TextLine(TIMES, now + 4 + LINE, self.words.now, "now", "end"))
        for at, name in first.items():
            y = self.y(at)
            if self.times.place(y - 2 * LINE, y + 4) is not None:
                date = clipped(name.removesuffix(f", {at.astimezone(self.story.zone.tz).year}"), LANES - 2, SMALL)
                self.shapes.append(TextLine(TIMES, y + 4 - LINE, date, "s", "end"))
                self.shapes.append(TextLine(TIMES, y + 4, self.story.zone.local(at), "s", "end"))
        for at, kind in ticks(self.story):
            y = self.y(at)
            if at not in first and kind != "now" and self.times.place(y - LINE / 2, y + 4) is not None:
                self.shapes.append(TextLine(TIMES, y + 4, self.story.zone.local(at), kind, "end"))

    def _words(self) -> None:
        """On the right: stages first, then what is due, what was late, and which gaps were shortened."""
        story, room = self.story, TALL - WORDS
        stages = [(mark.at, mark.stage) for mark in story.marks if mark.stage]
        stages += [(story.declared_at, self.words.declared)] if story.declared_at else []
        for at, words in stages:
            self._say(self.y(at), wrapped(words, room, 2), "b")
        for promise in story.promises:
            if promise.came is None:
                self._say(self.y(promise.by), wrapped(self.words.next, room, 2, SMALL), "now")
            elif not promise.kept:
                late = self.words.late.format(length=brief(promise.by, promise.came))
                self._say(self.y(promise.came), [clipped(late, room, SMALL, bold=True)], "late")
        for at, name in story.severities:
            self._say(self.y(at), [name], "b")
        for middle, long in self.scale.folds:
            self._say(self.top + middle * self.high, [f"⟨{brief(story.now, story.now + long)}⟩"], "s")

    def _say(self, y: float, lines: list[str], kind: str) -> None:
        """Lines next to their moment, or a little below it; left out if there is no room."""
        for lower in (0, LINE, 2 * LINE):
            if self.said.place(y + lower - LINE + 2, y + lower + LINE * (len(lines) - 1) + 6) is not None:
                at = y + lower + 4
                self.shapes += [
                    TextLine(WORDS, round(at + LINE * row, 1), words, kind) for row, words in enumerate(lines)
                ]
                return
