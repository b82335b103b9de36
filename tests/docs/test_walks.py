"""What the documents let a newcomer type works as shown, line by line."""

import re
import shlex
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot import cli
from bot.views import DraftReview, Form, Notice
from bot.views.plain import plain
from tests.harness import Harness

ROOT = Path(__file__).resolve().parents[2]
WALKS = ["README.md", "docs/how-to/first-incident.md"]


@pytest.fixture
def harness(migrated_sqlite_url: str) -> Iterator[Harness]:
    made = Harness(migrated_sqlite_url)
    yield made
    made.close()


@pytest.mark.parametrize("page", WALKS)
def test_every_line_of_a_walk_is_carried_out(page: str, harness: Harness) -> None:
    for handle, line in lines_in_order((ROOT / page).read_text(encoding="utf-8")):
        answer = harness.as_person(handle)(line)
        refused = isinstance(answer, Form) or (isinstance(answer, Notice) and answer.refused)
        assert not refused, f"{line}: {plain(answer, harness.organisation.zone)}"
        harness.later(1)


@pytest.mark.parametrize("page", WALKS)
def test_a_walk_ends_with_everything_resolved(page: str, harness: Harness) -> None:
    for handle, line in lines_in_order((ROOT / page).read_text(encoding="utf-8")):
        harness.as_person(handle)(line)
    assert harness.incident().closed_as == "resolved"


def test_the_first_draft_reads_as_shown(harness: Harness) -> None:
    page = (ROOT / "docs/how-to/first-incident.md").read_text(encoding="utf-8")
    shown = re.search(r"Customers read:\n\n```text\n(.*?)\n```", page, re.DOTALL)
    assert shown
    harness.clock.now = datetime(2026, 4, 20, 15, 44, tzinfo=UTC)
    for handle, line in lines_in_order(page[: shown.start()]):
        review = harness.as_person(handle)(line)
        harness.later(1)
    assert isinstance(review, DraftReview)
    assert shown[1] in plain(review, harness.organisation.zone)


def lines_in_order(text: str) -> Iterator[tuple[str, str]]:
    """Who types what: `/incident ...` is Ana's, `foghorn incident --as ben ...` is Ben's."""
    pattern = re.compile(
        r"`/incident ([a-z][^`\n]*)`|`foghorn incident ([^`\n]*)`|^ *foghorn incident (.*)$", re.MULTILINE
    )
    for found in pattern.finditer(re.sub(r"\\\n\s*", "", text)):
        if found[1]:
            yield "ana", found[1]
            continue
        words = shlex.split(found[2] or found[3])
        handle, words = (words[1], words[2:]) if words[0] == "--as" else ("ana", words)
        yield handle, cli.line_of(words)
