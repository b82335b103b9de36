"""Draws the ratios that have a short name, on a logarithmic scale, as SVG."""

from collections.abc import Sequence
from html import escape
from math import log

from benchmarks.measure import Figure

LEFT, RIGHT, ROW, WIDTH = 350, 700, 26, 760
LEAST, MOST = 0.1, 20.0
MARKS = (0.1, 0.3, 1, 3, 10)


def drawn(figures: Sequence[Figure]) -> str:
    """A bar for each, from 1, which stands for the peer measured in the same run."""
    shown = [each for each in figures if each.bar]
    height = ROW * (len(shown) + 2)
    marks = "".join(
        f'<line x1="{_x(mark):.1f}" x2="{_x(mark):.1f}" y1="{ROW}" y2="{height - 10}" '
        f'stroke="{"#33495c" if mark == 1 else "#dfe5ea"}"/>'
        f'<text x="{_x(mark):.1f}" y="18" text-anchor="middle" fill="#5b6b79">{mark:g}</text>'
        for mark in MARKS
    )
    bars = "".join(_bar(each, ROW * (row + 1)) for row, each in enumerate(shown))
    size = f'viewBox="0 0 {WIDTH} {height}" font-family="sans-serif" font-size="13"'
    title = '<title>Ratios to a peer in the same run</title><rect width="100%" height="100%" fill="#fff"/>'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}>{title}{marks}{bars}</svg>\n'


def _bar(figure: Figure, top: int) -> str:
    end = _x(float(figure.ratio))
    left, width = min(end, _x(1)), abs(end - _x(1))
    side = f'x="{end + 6:.1f}"' if end >= _x(1) else f'x="{end - 6:.1f}" text-anchor="end"'
    return (
        f'<text x="{LEFT - 12}" y="{top + 18}" text-anchor="end" fill="#13202b">{escape(figure.bar)}</text>'
        f'<rect x="{left:.1f}" y="{top + 6}" width="{max(width, 2):.1f}" height="{ROW - 10}" fill="#17506b"/>'
        f'<text {side} y="{top + 18}" fill="#13202b">{figure.ratio}</text>'
    )


def _x(ratio: float) -> float:
    share = log(min(max(ratio, LEAST), MOST) / LEAST) / log(MOST / LEAST)
    return LEFT + share * (RIGHT - LEFT)
