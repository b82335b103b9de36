"""A template of the overlay that does not render stands in nobody's way."""

from pathlib import Path

import pytest

from bot.templating import Templates
from tests.harness import Harness


@pytest.fixture
def overlaid(migrated_sqlite_url: str, tmp_path: Path) -> Harness:
    """Foghorn whose own template for customers has a mistake."""
    folder = tmp_path / "overlay" / "updates" / "en" / "customers"
    folder.mkdir(parents=True)
    (folder / "investigating.md.j2").write_text("Since {{ sinse }} it is slow.")
    return Harness(migrated_sqlite_url, templates=Templates(tmp_path / "overlay"))


def test_the_built_in_one_is_used(overlaid: Harness) -> None:
    overlaid.ana("declare API errors on:api=major")

    assert overlaid.text(overlaid.draft()).body.startswith("We are investigating a major outage affecting the API.")
    overlaid.close()


def test_the_record_and_the_lead_are_told_once(overlaid: Harness) -> None:
    overlaid.ana("declare API errors on:api=major")
    overlaid.ana("update who:worldwide")

    (problem,) = overlaid.record("template failed")
    assert problem == "updates/en/customers/investigating.md.j2, line 1: 'sinse' is undefined"
    assert [row.body for row in overlaid.sent_to("local:@ana")] == [
        f"A template has an error, so the built-in one was used for INC-1 ({problem}). `foghorn check` shows all."
    ]
    overlaid.close()
