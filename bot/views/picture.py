"""The picture of an incident with everything that a page shows about it: two drawings, a description, and a table."""

from dataclasses import dataclass
from functools import lru_cache

from bot.domain.picture import Mark, Story
from bot.views.picture_parts import shown_lanes
from bot.views.picture_tall import tall
from bot.views.picture_wide import wide
from bot.views.shapes import Drawing
from bot.web_templates import brief


@dataclass(frozen=True)
class Picture:
    """`hidden` is the number of components that are only in the table."""

    story: Story
    title: str
    description: str
    wide: Drawing
    tall: Drawing
    hidden: int
    promised: tuple[str, ...]  # for each update, the next promised time and what became of it


@lru_cache(maxsize=512)
def picture(story: Story) -> Picture:
    """Draw a story. An incident that is over is drawn only once."""
    words = story.words
    return Picture(
        story=story,
        title=words.about.format(incident=story.key, date=story.zone.date(min(story.moments))),
        description=_description(story),
        wide=wide(story),
        tall=tall(story),
        hidden=len(story.lanes) - len(shown_lanes(story)),
        promised=tuple(_promised(story, mark) for mark in story.marks),
    )


def _description(story: Story) -> str:
    """In sentences, for people who cannot see it."""
    words = story.words
    lanes = (
        f"{lane.name}: {'; '.join(f'{band.label}, {band.period}' for band in lane.bands)}." for lane in story.lanes
    )
    came = [promise for promise in story.promises if promise.came is not None]
    kept = sum(promise.kept for promise in came)
    stages = ", ".join(f"{mark.stage} {story.zone.local(mark.at)}" for mark in story.marks if mark.stage)
    said = [
        *([f"{story.outage_words}."] if story.outage_words else []),
        *lanes,
        f"{words.stage}: {stages}.",
        *([words.on_time.format(kept=kept, number=len(came)) + "."] if came else []),
    ]
    return " ".join(said)


def _promised(story: Story, mark: Mark) -> str:
    promise, words = mark.promise, story.words
    if promise is None:
        return ""
    when = story.zone.local(promise.by)
    if promise.came is None:
        return words.by.format(when=when)
    if promise.kept:
        return words.by_kept.format(when=when)
    return words.by_late.format(when=when, length=brief(promise.by, promise.came))
