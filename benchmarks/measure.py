"""Timing, percentiles and the table."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import perf_counter


@dataclass(frozen=True)
class Figure:
    """One line of the table; `ratio` compares with the peer named, measured in the same run.

    `bar` is its short name in the picture; empty: it is not drawn.
    """

    what: str
    value: str
    ratio: str = ""
    peer: str = ""
    bar: str = ""


def timed(work: Callable[[], object]) -> float:
    """Seconds that one call takes."""
    start = perf_counter()
    work()
    return perf_counter() - start


def percentile(seconds: Sequence[float], share: float) -> float:
    """The value that `share` of the measured ones do not exceed, in seconds."""
    return sorted(seconds)[min(len(seconds) - 1, int(len(seconds) * share))]


def median(seconds: Sequence[float]) -> float:
    """The middle one, in seconds."""
    return percentile(seconds, 0.5)


def ms(seconds: float) -> str:
    """`4.2 ms`."""
    return f"{seconds * 1000:.1f} ms" if seconds >= 0.0005 else f"{seconds * 1000:.2f} ms"


def table(figures: Sequence[Figure]) -> str:
    """As Markdown."""
    rows = ["| what | measured | ratio | against |", "| --- | --- | --- | --- |"]
    rows += [f"| {each.what} | {each.value} | {each.ratio} | {each.peer} |" for each in figures]
    return "\n".join(rows)
