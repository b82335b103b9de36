"""Takes a published text apart for pages and feeds that show paragraphs and labeled values."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class BodyParagraph:
    """Lines of sentences, or `labeled` ones: the label with the colon of its language, and text."""

    lines: tuple[str, ...] = ()
    labeled: tuple[tuple[str, str], ...] = ()


def paragraphs(body: str, labels: Collection[str]) -> list[BodyParagraph]:
    """The paragraphs of a text. `labels` are those of all languages, with the colon that each language uses."""
    return [part for block in body.split("\n\n") for part in _parts(block.split("\n"), labels)]


def _parts(lines: list[str], labels: Collection[str]) -> Iterator[BodyParagraph]:
    """A block in order: sentences, and consecutive lines with a label."""
    said: list[str] = []
    labeled: list[tuple[str, str]] = []
    for line in lines:
        label = next((label for label in labels if line.startswith(label)), "")
        if label:
            if said:
                yield BodyParagraph(tuple(said))
                said = []
            labeled.append((label.strip(), line[len(label) :].strip()))
        elif line.strip():
            if labeled:
                yield BodyParagraph(labeled=tuple(labeled))
                labeled = []
            said.append(line.strip())
    if said:
        yield BodyParagraph(tuple(said))
    if labeled:
        yield BodyParagraph(labeled=tuple(labeled))
