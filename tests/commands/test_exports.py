"""The retrospective and the exports: what a record says, and that what people typed cannot act in them."""

import csv
import io
import json

import pytest

from bot.reading.exports import escape_markdown
from bot.views import Document
from tests.harness import Harness


def file(harness: Harness, line: str) -> str:
    answer = harness.ana(line)
    assert isinstance(answer, Document)
    return answer.text


@pytest.fixture
def told(harness: Harness) -> Harness:
    """Declared, and published three minutes later."""
    harness.ana("declare Alerts | of *workspaces* sev:3 on:business=degraded")
    harness.later(3)
    harness.ana("publish")
    return harness


def test_the_retrospective_counts_what_was_promised(told: Harness) -> None:
    assert "3 minutes after declaring (in time)" in file(told, "retro")


def test_the_retrospective_links_to_the_picture_in_the_room(told: Harness) -> None:
    assert "[The incident in one picture](https://" in file(told, "retro")
    assert "/console/incidents/INC-1#picture)" in file(told, "retro")


def test_nothing_published_is_said_so(harness: Harness) -> None:
    harness.ana("declare Alerts")
    text = file(harness, "retro")
    assert ("| First public update | none |" in text, text.count("Nothing was published.")) == (True, 2)


def test_who_published_alone_stands_there_with_the_reason(harness: Harness) -> None:
    harness.ana("declare Down sev:1 on:api=major")
    harness.ana("update identified since:05:10 who:worldwide")
    harness.ana('publish alone:"nobody else is awake"')
    assert "published by Ana Silva alone at 5:15 AM ET (09:15 UTC) on April 20, 2026" in file(harness, "retro")
    assert "nobody else is awake" in file(harness, "retro")


def test_impact_is_told_component_by_component(told: Harness) -> None:
    assert "- **ChatGPT Business**: degraded performance from 5:18 AM ET (09:18 UTC) on April 20, 2026" in file(
        told, "retro"
    )


def test_a_corrected_update_shows_both_wordings(told: Harness) -> None:
    told.ana('update sees:"all pages are slow"')
    told.ana("publish")
    told.ana('correct wrong:"all pages" right:"some pages"')
    told.ana("publish")
    text = file(told, "retro")
    assert text.count("all pages are slow") >= 1
    assert "Since the correction of 5:18 AM ET (09:18 UTC) on April 20, 2026 it reads:" in text


def test_the_cause_is_left_to_people(told: Harness) -> None:
    text = file(told, "retro")
    assert [heading for heading in ("### Root cause", "### Preventive measures") if heading not in text] == []


def test_what_people_typed_is_no_template(told: Harness) -> None:
    told.ana("note {{ 7 * 7 }} {% raw %}")
    assert "{{ 7 \\* 7 }} {% raw %}" in file(told, "retro")


@pytest.mark.parametrize("form", ["retro", "export md"])
def test_what_people_typed_is_no_markdown(told: Harness, form: str) -> None:
    told.ana("note # Big <b>bold</b> [click](https://evil.example) ![x](y)")
    assert "\\# Big \\<b\\>bold\\</b\\> \\[click\\](https://evil.example) !\\[x\\](y)" in file(told, form)


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("- a list", "\\- a list"),
        ("1. one", "1\\. one"),
        ("two\n\n## lines", "two \\#\\# lines"),
        ("a | b", "a \\| b"),
        ("&lt;", "\\&lt;"),
        ("plain words, 11:44 AM ET (15:44 UTC).", "plain words, 11:44 AM ET (15:44 UTC)."),
    ],
)
def test_markup_is_made_literal(words: str, shown: str) -> None:
    assert escape_markdown(words) == shown


@pytest.mark.parametrize("form", ["retro", "export md", "export json", "export csv"])
def test_a_redacted_entry_says_so(told: Harness, form: str) -> None:
    told.ana("note what should not stand here")
    number = len(told.record())
    told.ana(f"redact {number} pasted by mistake")
    text = file(told, form)
    assert ("(redacted)" in text, "should not stand" in text) == (True, False)


def test_a_publication_is_exported_as_it_was_recorded(told: Harness) -> None:
    record = json.loads(file(told, "export json"))["record"]
    [publication] = [entry for entry in record if entry["kind"] == "published"]
    assert publication["text"] == "update 1: investigating"
    assert "update 1: investigating\n" in file(told, "retro")


def test_json_marks_what_is_redacted(told: Harness) -> None:
    told.ana("note wrong place")
    told.ana(f"redact {len(told.record())} pasted by mistake")
    rows = json.loads(file(told, "export json"))["record"]
    assert [row["text"] for row in rows if row["redacted"]] == ["(redacted)"]


def test_a_cell_is_never_a_formula(told: Harness) -> None:
    told.ana("note =HYPERLINK(1)")
    rows = csv.DictReader(io.StringIO(file(told, "export csv")))
    assert [row["text"] for row in rows if "HYPERLINK" in row["text"]] == ["'=HYPERLINK(1)"]
