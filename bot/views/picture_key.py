"""The key below the picture when it is a separate file; on a page, the key is HTML."""

from dataclasses import replace

from bot.domain.picture import Story
from bot.views.picture_parts import SHADES
from bot.views.shapes import Circle, Drawing, Path, Rect, Shape, TextLine

LINE, APART = 22.0, 22.0


def with_key(story: Story, drawing: Drawing) -> Drawing:
    """The drawing with its key below."""
    x, y, shapes = 0.0, drawing.height + LINE, list[Shape]()
    for sample, words in _items(story):
        text = TextLine(30, 0, words, "s")
        if x + text.right > drawing.width:
            x, y = 0.0, y + LINE
        shapes += [_moved(shape, x, y) for shape in (*sample, text)]
        x += text.right + APART
    return Drawing(drawing.width, y + 8, (*drawing.shapes, *shapes))


def _items(story: Story) -> list[tuple[tuple[Shape, ...], str]]:
    """Each symbol, drawn around the baseline 0, and what it means."""
    words = story.words
    signs: list[tuple[tuple[Shape, ...], str]] = []
    if story.lanes:
        signs.append(((Path("M10 2h14", "base"),), words.none))
    for impact, name in story.impacts:
        shade, part = SHADES[impact]
        signs.append(((Rect(10, 3 - 15 * part, 14, 15 * part, f"is-{shade}"),), name))
    signs += [((Circle(17, -4, 7, "upd chg"),), words.moved), ((Circle(17, -4, 5, "upd"),), words.update)]
    if story.promises:
        signs.append(((Path("M0 -4h13", "kept"), Path("M15 -4l3 4 6 -8", "keptmark")), words.kept))
        signs.append(((Path("M2 -11v14M2 -4h12", "over"), Path("M16 -8l8 8m0 -8l-8 8", "overmark")), words.missed))
    signs.append(((TextLine(24, 0, "⟨2 h⟩", "s", "end"),), words.folded))
    return signs


def _moved(shape: Shape, x: float, y: float) -> Shape:
    return replace(shape, at=(x, y)) if isinstance(shape, Path) else replace(shape, x=shape.x + x, y=shape.y + y)
