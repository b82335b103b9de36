"""The picture of an incident as a separate file: SVG with its key, and PNG for chat platforms."""

import re
from dataclasses import replace
from functools import cache, lru_cache

from bot.domain.picture import Story
from bot.views.picture import Picture
from bot.views.picture_parts import SHADES
from bot.views.shapes import Circle, Drawing, Path, Rect, Shape, TextLine
from bot.web_templates import WEB, render_xml

ZOOM = 2  # pixels for each unit: 2,000 pixels wide
PADDING = 24
LINE, APART = 22.0, 22.0  # of the key
FONT = "DejaVu Sans"  # if none of the fonts in foghorn.css is installed; if this one is missing too, any font is used


def standalone(picture: Picture) -> str:
    """The wide drawing with its key as an SVG file in light colors, which any program can show."""
    drawing = _with_key(picture.story, picture.wide)
    shown = {"title": picture.title, "about": picture.description, "style": _style(), "padding": PADDING}
    return render_xml("picture.svg.j2", drawing=drawing, **shown)


def _with_key(story: Story, drawing: Drawing) -> Drawing:
    """The drawing with its key below; on a page, the key is HTML."""
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


@lru_cache(maxsize=16)
def png(svg: str) -> bytes:
    """An SVG file as PNG. Takes about 0.1 s; the same picture goes to many channels."""
    from resvg_py import svg_to_bytes  # imported for the first picture only, because most commands draw none

    return bytes(svg_to_bytes(svg_string=svg, zoom=ZOOM, sans_serif_family=FONT))


@cache
def can_draw_text() -> bool:
    """Whether this machine has a font; without one, a PNG would have no text."""
    head = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9">'
    return png(f"{head}</svg>") != png(f'{head}<text y="9">M</text></svg>')


@cache
def _style() -> str:
    """The rules of the picture in foghorn.css, with the light colors filled in."""
    css = (WEB / "foghorn.css").read_text(encoding="utf-8")
    tokens = dict(re.findall(r"(--[\w-]+):\s*([^;]+);", css[: css.index("@media")]))
    rules = "\n".join(re.findall(r"^\.picture [^{@]+\{[^}]*\}", css, re.MULTILINE))
    filled = re.sub(r"var\((--[\w-]+)\)", lambda found: tokens[found[1]], rules)
    return filled.replace("font-weight: 650", "font-weight: 700") + f" text {{ font-family: {tokens['--font']} }}"
