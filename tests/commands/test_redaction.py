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
    for number in range(12):
        harness.ben(f"note {number}: {WORDS}, which is confidential")
    assert WORDS.encode() in written(harness)

    for entry, said in enumerate(harness.record(), 1):
        if WORDS in said:
            harness.ana(f"redact {entry} confidential")

    assert WORDS.encode() not in written(harness)


@pytest.mark.parametrize("line", ["severity 4", "assign commander @ben"])
def test_a_reason_that_was_redacted_is_in_no_table(crowd: Harness, line: str) -> None:
    crowd.ana("declare API errors sev:1 on:api=partial")
    crowd.ana("publish")
    crowd.as_person("dia" if line.startswith("assign") else "ana")(f'{line} reason:"{WORDS}"')
    assert WORDS in stored(crowd)

    crowd.ana(f"redact {number_of(crowd)} confidential")

    assert WORDS not in stored(crowd)


def test_the_reason_for_publishing_alone_can_be_redacted(either: Harness) -> None:
    either.ana("declare API errors sev:1 on:api=partial")
    either.ana("publish")
    either.ana("update identified")
    either.ana(f'publish alone:"{WORDS}"')
    assert WORDS in say(either.ana("export md"))

    either.ana(f"redact {number_of(either)} confidential")

    assert WORDS not in stored(either)
    assert WORDS not in say(either.ana("export md"))


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
def test_words_of_a_draft_that_are_redacted_in_the_record_leave_the_draft_too(crowd: Harness, ended: str) -> None:
    crowd.ana("declare API errors sev:1 on:api=partial")
    crowd.ana("publish")
    crowd.ana("update identified")
    edits = dict.fromkeys(("customers", "developers"), f"{WORDS}.")
    crowd.run("ana", "edit", revision=str(crowd.draft().revision), **edits)
    crowd.ana(ended)
    assert WORDS in stored(crowd)

    crowd.ana(f"redact {number_of(crowd)} confidential")

    assert WORDS not in stored(crowd)


def test_words_that_replaced_those_of_someone_else_can_be_redacted(crowd: Harness) -> None:
    crowd.ana("declare API errors sev:1 on:api=partial")
    crowd.ana("publish")
    crowd.ana(f'update identified cause:"{WORDS}"')
    crowd.ben('update cause:"a configuration change"')
    assert WORDS in stored(crowd)

    crowd.ana(f"redact {number_of(crowd)} confidential")

    assert WORDS not in stored(crowd)
    assert crowd.draft().facts.cause == "a configuration change"


def test_published_words_stay_and_the_answer_says_where(harness: Harness) -> None:
    harness.ana("declare API errors sev:3 on:api=partial")
    harness.ana(f'update investigating message:"{WORDS}."')
    harness.ana("publish")
    harness.ana(f'update identified message:"{WORDS}, still."')
    harness.ana("publish")
    harness.ben(f"note {WORDS}")

    answer = say(harness.ana(f"redact {len(harness.record())} confidential"))

    assert "Published text stays: updates 1 and 2 say the same. To change it, use `/incident correct`." in answer
