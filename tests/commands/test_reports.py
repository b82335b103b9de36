"""The commands that tell, or give a file: copy, timeline, export, help."""

import csv
import io
import json

import pytest

from bot.views import Document, Help, Macro, Timeline
from tests.harness import Harness, say


@pytest.fixture
def told(harness: Harness) -> Harness:
    """One incident whose first text is published."""
    harness.ana("declare API errors sev:3 on:api=partial")
    harness.ana("publish")
    return harness


def test_copy_before_the_first_text_says_what_to_say(harness: Harness) -> None:
    harness.ana("declare API errors")

    assert "Nothing has been published about INC-1 yet, so there is nothing to copy." in say(harness.ana("copy"))


def test_copy_gives_the_published_support_text(told: Harness) -> None:
    macro = told.ana("copy")

    assert isinstance(macro, Macro)
    assert macro.text == told.text(told.published()[0], "support").body
    assert macro.stale is None


def test_copy_gives_the_text_of_an_audience(told: Harness) -> None:
    macro = told.ana("copy developers")

    assert isinstance(macro, Macro)
    assert macro.text == told.text(told.published()[0], "developers").body


def test_a_draft_is_never_copied(told: Harness) -> None:
    told.ana("update identified")

    macro = told.ana("copy")

    assert isinstance(macro, Macro)
    assert "know where the failure is" not in macro.text


def test_copy_says_when_the_text_is_out_of_date(told: Harness) -> None:
    told.ana("impact api=major")
    assert "The impact has changed since." in say(told.ana("copy"))

    told.later(61)
    assert "The next update was promised by 6:15 AM ET (10:15 UTC) and is overdue." in say(told.ana("copy"))


def test_within_the_promised_minute_nothing_is_late(told: Harness) -> None:
    told.later(60.5)

    macro = told.ana("copy")

    assert isinstance(macro, Macro)
    assert macro.stale is None


def test_copy_in_an_unknown_language_names_the_known_ones(told: Harness) -> None:
    assert "There is no text in “de”. Available languages: en." in say(told.ana("copy support de"))


def test_support_staff_copy_and_nothing_else(told: Harness) -> None:
    sue = told.invite("Sue Support", support=True)

    assert isinstance(sue("copy"), Macro)
    for line in ("list", "show", "declare API errors", "note hello", "timeline", "update It is slow."):
        assert say(sue(line)).strip().startswith("Only members can ")
    help_shown = sue("help")
    assert isinstance(help_shown, Help)
    assert ([group.verbs for group in help_shown.groups], help_shown.open) == ([("copy", "help")], ())


def test_the_timeline_is_newest_first_and_says_who_did_what_and_where(told: Harness) -> None:
    timeline = told.ben("timeline")

    assert isinstance(timeline, Timeline)
    assert [entry.number for entry in timeline.entries] == list(range(len(timeline.entries), 0, -1))
    declared, promised = timeline.entries[-1], next(e for e in timeline.entries if e.kind == "promised")
    assert (declared.kind, declared.who, declared.where) == ("declared", "Ana Silva", "on the command line")
    assert (promised.who, promised.where) == ("Foghorn", "")


def test_help_explains_a_verb(harness: Harness) -> None:
    words = say(harness.ana("help snooze"))

    assert "Delays the reminder. The update is still due at the same time." in words


def test_help_of_a_verb_shows_what_can_be_typed(harness: Harness) -> None:
    words = say(harness.ana("help update"))
    assert "next: Next update. For example 30m or 13:30" in words
    assert "stage: Stage, also without the key. investigating, identified" in words
    assert "ok: Not affected. Components, or words" in words


def test_help_of_all_verbs_shows_no_keys(harness: Harness) -> None:
    assert "next: Next update" not in say(harness.ana("help"))


def test_help_of_an_unknown_verb_names_the_nearest(harness: Harness) -> None:
    assert "Did you mean `snooze`?" in say(harness.ana("help snoze"))


def document(harness: Harness, form: str) -> str:
    found = harness.ana(f"export {form}")
    assert isinstance(found, Document)
    return found.text


def test_the_record_is_exported_as_json(told: Harness) -> None:
    whole = json.loads(document(told, "json"))

    assert whole["incident"] == "INC-1"
    assert [row["number"] for row in whole["record"]] == list(range(1, len(told.record()) + 1))


def test_the_record_is_exported_as_markdown(told: Harness) -> None:
    assert document(told, "md").startswith("# INC-1: API: partial outage\n")


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t=", "\r=", "\n="])
def test_a_cell_that_a_spreadsheet_would_run_is_text(told: Harness, start: str) -> None:
    told.run("ana", "note", text=f"x{start}1+1")
    told.run("ana", "note", text=f'{start}HYPERLINK("https://evil.example")')

    cells = [row["text"] for row in csv.DictReader(io.StringIO(document(told, "csv"), newline=""))]

    assert not [cell for cell in cells if cell[:1] in ("=", "+", "-", "@", "\t", "\r", "\n")]


def test_an_unknown_format_is_refused(told: Harness) -> None:
    assert "“html” is not one of md, json, csv" in say(told.ana("export html"))


def test_the_timeline_holds_what_customers_read(harness: Harness) -> None:
    harness.ana("declare API errors sev:3 on:api=major")
    harness.ana("update investigating Some requests fail.")
    harness.ana("publish")

    lines = say(harness.ana("timeline")).splitlines()

    [published] = [line for line in lines if "published" in line and "update 1" in line]
    assert "API: major outage. We are investigating a major outage affecting the API. Some requests fail." in published
