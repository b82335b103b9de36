"""The picture of an incident: whatever happened, however long it took, nothing in it covers anything else."""

import math
from datetime import UTC, datetime, timedelta
from itertools import combinations, pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from bot.domain.components import Impact
from bot.domain.history import PublishedPromise
from bot.domain.language_pack import PictureWords
from bot.domain.picture import MAX_GAP, Band, Lane, Mark, Scale, Story
from bot.domain.times import Zone
from bot.views.picture import picture
from bot.views.shapes import Circle, Drawing, Rect, TextLine, clipped, width, wrapped

QUICK = (Phase.explicit, Phase.reuse, Phase.generate)  # a story is small enough to read without shrinking it
START = datetime(2026, 4, 20, 9, 6, tzinfo=UTC)
ZONE = Zone(ZoneInfo("America/New_York"), "ET")
NAMES = [
    "API",
    "ChatGPT Business",
    "Enterprise compliance reporting for regulated industries",
    "音声とビデオの生成",
    "x" * 80,
]
STAGES = [
    "Investigating",
    "Identified",
    "Fix implemented",
    "Monitoring",
    "Réouvert : recherche de la cause en cours",
    "Resolved",
]
FAILURES = [Impact.DEGRADED, Impact.PARTIAL, Impact.MAJOR, Impact.MAINTENANCE]


@st.composite
def stories(draw: st.DrawFn) -> Story:
    """5 minutes to 5 days, 0 to 12 components (or 15), 1 to 36 updates, any promises."""
    lasted = draw(st.integers(5, 5 * 24 * 60))

    def minute() -> datetime:
        return START + timedelta(minutes=draw(st.integers(0, lasted)))

    is_open = draw(st.booleans())
    times = sorted({START, *(minute() for _ in range(draw(st.integers(0, 35))))})
    end = START + timedelta(minutes=lasted)
    lanes = []
    for number in range(draw(st.sampled_from([0, 1, 4, 6, 7, 12, 15]))):
        edges = sorted({minute() for _ in range(draw(st.integers(2, 5)))})
        bands = [
            Band(draw(st.sampled_from(FAILURES)), "Outage", since, until, "from … to …")
            for since, until in pairwise(edges)
        ]
        last = Band(Impact.MAJOR, "Outage", edges[-1], None if is_open else end, "since …")
        lanes.append(Lane(f"{draw(st.sampled_from(NAMES))} {number}", (*bands, last)))
    marks = []
    for number, at in enumerate(times):
        after = times[number + 1] if number + 1 < len(times) else None
        by = at + timedelta(minutes=draw(st.integers(1, 240)))
        promise = PublishedPromise(by, after) if after or is_open else None
        stage = draw(st.sampled_from(["", *STAGES])) if number else "Investigating"
        marks.append(Mark(at, "5:06 AM", stage or "Update", stage, draw(st.booleans()), promise))
    responders = draw(st.booleans())
    return Story(
        key="INC-42",
        zone=ZONE,
        words=PictureWords(),
        now=end,
        open=is_open,
        lanes=tuple(lanes),
        marks=tuple(marks),
        outage=(times[0], end) if draw(st.booleans()) else None,
        outage_words="7 hours and 39 minutes from major outage to fix",
        declared_at=START - timedelta(minutes=3) if responders else None,
        severities=((START - timedelta(minutes=3), "SEV3"), (minute(), "SEV1")) if responders else (),
    )


def overlapping(drawing: Drawing) -> list[tuple[str, str]]:
    """Pairs of texts that cover each other, by their estimated widths."""
    level = [shape for shape in drawing.shapes if isinstance(shape, TextLine) and not shape.turn]
    return [
        (one.words, other.words)
        for one, other in combinations(level, 2)
        if one.left < other.right and other.left < one.right and abs(one.y - other.y) < min(one.size, other.size) * 0.9
    ]


@given(stories())
@settings(max_examples=40, phases=QUICK)
def test_no_label_covers_another_and_everything_is_inside_the_picture(story: Story) -> None:
    drawn = picture(story)
    for drawing in (drawn.wide, drawn.tall):
        assert overlapping(drawing) == []
        for shape in drawing.shapes:
            if isinstance(shape, TextLine) and not shape.turn:
                assert shape.left >= -1, shape
                assert shape.right <= drawing.width + 1, shape
                assert 0 < shape.y <= drawing.height, shape
            if isinstance(shape, Rect):
                assert shape.width > 0, shape
                assert shape.x + shape.width <= drawing.width + 1, shape
                assert shape.y + shape.height <= drawing.height + 1, shape
    turned = [shape for shape in drawn.tall.shapes if isinstance(shape, TextLine) and shape.turn]
    for one, other in pairwise(turned):
        assert abs(other.x - one.x) * abs(math.sin(math.radians(one.turn))) >= one.size * 0.75


@given(stories())
@settings(max_examples=12, phases=QUICK)
def test_every_update_has_its_dot_and_every_first_stage_its_name(story: Story) -> None:
    for drawing in (picture(story).wide, picture(story).tall):
        dots = [shape for shape in drawing.shapes if isinstance(shape, Circle) and shape.kind.startswith("upd")]
        assert len(dots) == len(story.marks)
        assert any(isinstance(shape, TextLine) and shape.words.startswith("Investi") for shape in drawing.shapes)


@given(st.lists(st.integers(0, 5 * 24 * 3600), min_size=1, max_size=40))
@settings(max_examples=25)
def test_time_never_runs_backwards_and_only_quiet_stretches_are_shortened(seconds: list[int]) -> None:
    moments = sorted({START + timedelta(seconds=each) for each in seconds})
    scale = Scale(moments)
    places = [scale.at(moment) for moment in moments]
    assert places == sorted(places)
    assert 0 <= places[0] <= places[-1] <= 1.0001
    steps = [
        (after - before, there - here)
        for (before, after), (here, there) in zip(pairwise(moments), pairwise(places), strict=True)
    ]
    short = [place / real.total_seconds() for real, place in steps if timedelta(seconds=1) < real <= MAX_GAP]
    assert all(math.isclose(one, short[0], rel_tol=0.01) for one in short)
    assert len(scale.folds) == sum(real > MAX_GAP for real, _ in steps)


def test_the_height_of_a_band_is_its_impact() -> None:
    bands = tuple(
        Band(impact, impact.label, START + timedelta(minutes=10 * n), START + timedelta(minutes=10 * n + 10), "")
        for n, impact in enumerate((Impact.DEGRADED, Impact.PARTIAL, Impact.MAJOR))
    )
    story = Story(
        key="INC-1", zone=ZONE, words=PictureWords(), now=START + timedelta(minutes=30), open=False,
        lanes=(Lane("API", bands),), marks=(Mark(START, "", "Investigating", "Investigating", False, None),),
        outage=None, outage_words="",
    )  # fmt: skip
    drawn = {s.kind: s.height for s in picture(story).wide.shapes if isinstance(s, Rect)}
    assert (drawn["is-deg"], drawn["is-par"], drawn["is-maj"]) == (12, 24, 36)


@pytest.mark.parametrize("words", ["a" * 200, "音声とビデオの生成" * 20, "", "Fix implemented"])
def test_a_text_that_is_too_long_is_shortened_visibly(words: str) -> None:
    short = clipped(words, 90)
    assert width(short, 13) <= 90
    assert short == words or short.endswith("…")
    assert all(width(line, 13, bold=True) <= 90 for line in wrapped(words, 90, 2))
