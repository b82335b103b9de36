"""The picture of an incident as a separate file: SVG with its key, and PNG for chat platforms."""

import re
from functools import cache, lru_cache

from bot.views.picture import Picture
from bot.views.picture_key import with_key
from bot.web_templates import WEB, render_svg

ZOOM = 2  # pixels for each unit: 2,000 pixels wide
PADDING = 24
FONT = "DejaVu Sans"  # if none of the fonts in foghorn.css is installed; if this one is missing too, any font is used


def standalone(picture: Picture) -> str:
    """The wide drawing with its key as an SVG file in light colors, which any program can show."""
    drawing = with_key(picture.story, picture.wide)
    return render_svg(drawing=drawing, padding=PADDING, style=_style(), title=picture.title, about=picture.description)


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
