"""What the database itself refuses, on both engines: the record is appended to, and what was published stays."""

import pytest
from sqlalchemy.exc import DBAPIError

from bot.store.engine import make_engine
from bot.store.migrate import missing_triggers, upgrade
from tests.harness import Harness

REFUSED = {
    "UPDATE record_entry SET kind = 'note'": "the record is append-only",
    "UPDATE record_entry SET at = at": "the record is append-only",
    "DELETE FROM record_entry": "the record is append-only",
    "DELETE FROM entry_text": "the record is append-only",
    "UPDATE entry_text SET text = 'it was not us'": "the words of the record can only be blanked",
    "UPDATE \"update\" SET stage = 'resolved'": "a published update is immutable",
    "UPDATE \"update\" SET state = 'draft'": "a published update is immutable",
    "UPDATE \"update\" SET alone_because = 'it was urgent'": "a published update is immutable",
    "UPDATE \"update\" SET alone_because = '', revision = revision + 1": "a published update is immutable",
    'DELETE FROM "update"': "a published update is immutable",
    "UPDATE update_text SET body = 'all is well'": "a published text is immutable",
    "DELETE FROM update_text": "a published text is immutable",
}


def refused(harness: Harness, statement: str, words: str = "a published update gets no further text") -> None:
    engine = harness.store.engine.execution_options(writes=True)
    with pytest.raises(DBAPIError, match=words), engine.begin() as connection:
        connection.exec_driver_sql(statement)


@pytest.mark.parametrize("statement", REFUSED)
def test_the_database_refuses(either: Harness, statement: str) -> None:
    either.ana("declare API errors sev:3 on:api=partial")
    either.ana("publish")

    refused(either, statement, REFUSED[statement])


def test_a_published_update_gets_no_further_text(either: Harness) -> None:
    either.ana("declare API errors sev:3 on:api=partial")
    either.ana("publish")
    columns = "update_id, audience, language, title, body, corrected, edited_by_hand, facts_changed_since, by_hand"
    copied = columns.replace("language", "'xx'")

    refused(either, f"INSERT INTO update_text (id, {columns}) SELECT id || 'x', {copied} FROM update_text")


def test_a_text_cannot_be_moved_into_a_published_update(either: Harness) -> None:
    either.ana("declare API errors sev:3 on:api=partial")
    either.ana("publish")
    either.ana("update identified")
    published, draft = either.published()[0], either.draft()
    move = f"UPDATE update_text SET update_id = '{published.id}', corrected = true WHERE update_id = '{draft.id}'"

    refused(either, move, "a published text is immutable")


def test_words_of_the_record_can_be_blanked(either: Harness) -> None:
    either.ana("declare API errors")

    either.ana("redact 1 a name")

    assert either.record()[0] == ""


def test_a_draft_can_be_changed(either: Harness) -> None:
    either.ana("declare API errors")

    either.ana("update It is slow.")

    assert either.draft().revision == 2


def test_a_missing_trigger_comes_back_with_the_next_migration(migrated_url: str) -> None:
    engine = make_engine(migrated_url)
    drop = "DROP TRIGGER record_entry_update"
    with engine.execution_options(writes=True).begin() as connection:
        connection.exec_driver_sql(drop if engine.dialect.name == "sqlite" else f"{drop} ON record_entry")
        assert missing_triggers(connection) == ["record_entry_update"]

    upgrade(migrated_url)

    with engine.connect() as connection:
        assert missing_triggers(connection) == []
    engine.dispose()
