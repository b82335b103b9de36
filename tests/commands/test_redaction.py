"""Redacted words are gone: from drafts, messages to people, the retrospective, the database file, and its journal."""

from pathlib import Path

import pytest
from sqlalchemy import make_url, text

from tests.harness import Harness, say

WORDS = "Example Bank pays 4711 a month"


def stored(harness: Harness) -> str:
    """All values of all tables, as the database returns them."""
    with harness.store.engine.connect() as connection:
        sqlite = connection.dialect.name == "sqlite"
        names = "SELECT name FROM sqlite_master WHERE type = 'table'"
        if not sqlite:
            names = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        tables = connection.execute(text(names)).scalars().all()
        return "\n".join(repr(row) for name in tables for row in connection.execute(text(f'SELECT * FROM "{name}"')))


def written(harness: Harness) -> bytes:
    """The database file and its journal, byte by byte."""
    file = Path(make_url(harness.url).database or "")
    return b"".join(part.read_bytes() for part in file.parent.glob(f"{file.name}*") if not part.name.endswith("-shm"))


def number_of(harness: Harness, words: str = WORDS) -> int:
    """The number of the first entry with these words."""
    return next(number for number, said in enumerate(harness.record(), 1) if words in said)


def test_redacted_words_are_in_neither_the_database_file_nor_its_journal(harness: Harness) -> None:
    harness.ana("declare API errors")
    for number in range(40):
        harness.ben(f"note {number}: {WORDS}, which is confidential")
    assert WORDS.encode() in written(harness)

    for entry, said in enumerate(harness.record(), 1):
        if WORDS in said:
            harness.ana(f"redact {entry} confidential")

    assert WORDS.encode() not in written(harness)


@pytest.mark.parametrize("line", ["severity 4", "assign commander @ben", "publish"])
def test_a_reason_that_was_redacted_is_in_no_table(either: Harness, line: str) -> None:
    either.ana("declare API errors sev:1 on:api=partial")
    either.ana("publish")
    either.ana("update identified")
    who = "dia" if line.startswith("assign") else "ana"
    said = f'publish alone:"{WORDS}"' if line == "publish" else f'{line} reason:"{WORDS}"'
    either.as_person(who)(said)
    assert WORDS in stored(either)

    either.ana(f"redact {number_of(either)} confidential")

    assert WORDS not in stored(either)


def test_a_redacted_note_leaves_the_open_draft_as_a_new_revision_that_no_one_approved(either: Harness) -> None:
    either.ana("declare API errors sev:1 on:api=partial")
    either.ana("publish")
    either.ben(f"note {WORDS}")
    either.ana(f'update identified message:"We know why. {WORDS}." developers:"{WORDS}."')
    either.ana(f'update message:"Something else. {WORDS}."')
    before = either.draft().revision

    answer = say(either.ana(f"redact {number_of(either)} confidential"))

    assert WORDS not in stored(either)
    assert either.draft().revision == before + 1
    assert f"The same words were removed from the open draft, which is now revision {before + 1}." in answer


@pytest.mark.parametrize("ended", ["discard", "update monitoring"])
def test_words_of_a_draft_that_are_redacted_in_the_record_leave_the_draft_too(either: Harness, ended: str) -> None:
    either.ana("declare API errors sev:1 on:api=partial")
    either.ana("publish")
    either.ana("update identified")
    edits = dict.fromkeys(("customers", "developers"), f"{WORDS}.")
    either.run("ana", "edit", revision=str(either.draft().revision), **edits)
    either.ana(ended)
    assert WORDS in stored(either)

    either.ana(f"redact {number_of(either)} confidential")

    assert WORDS not in stored(either)


def test_words_that_replaced_those_of_someone_else_can_be_redacted(either: Harness) -> None:
    either.ana("declare API errors sev:1 on:api=partial")
    either.ana("publish")
    either.ana(f'update identified cause:"{WORDS}"')
    either.ben('update cause:"a configuration change"')
    assert WORDS in stored(either)

    either.ana(f"redact {number_of(either)} confidential")

    assert WORDS not in stored(either)
    assert either.draft().facts.cause == "a configuration change"
