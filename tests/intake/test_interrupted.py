"""A connection to PostgreSQL is lost in the middle of a command, as when the server restarts."""

import psycopg
import pytest
from sqlalchemy import Connection, event

from bot.commands import catalog
from bot.commands.invocation import Account, Invocation, Place
from bot.views import Answer, Notice
from tests.conftest import Postgres
from tests.harness import Harness, say


@pytest.fixture
def harness(postgres: Postgres, migrated_postgres: str) -> Harness:
    url = postgres.make(migrated_postgres)
    harness = Harness(url)
    harness.ana("declare API errors sev:3 on:api=partial")
    yield harness
    harness.close()
    postgres.drop(url)


def cut(harness: Harness, at: str, times: int) -> None:
    """The server ends the connection at a statement, so many times."""
    left = [None] * times
    engine = harness.own_engine()

    @event.listens_for(engine, "before_cursor_execute")
    def end(connection: Connection, _cursor: object, statement: str, *_rest: object) -> None:
        if left and at in statement:
            left.pop()
            terminate(harness, connection)


def terminate(harness: Harness, connection: Connection) -> None:
    pid = connection.connection.driver_connection.info.backend_pid  # type: ignore[union-attr]
    with psycopg.connect(harness.url) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])


async def note(harness: Harness, key: str) -> Answer:
    line = catalog.read_line("note INC-1 Error rates rise")
    return await harness.desk.submit(Invocation(*line, Account("cli", "ana"), Place("cli"), key))


async def test_a_command_with_a_key_is_carried_out_once_on_the_next_connection(harness: Harness) -> None:
    cut(harness, "INSERT INTO record_entry", 1)

    answer = await note(harness, "console:1")

    assert not (isinstance(answer, Notice) and answer.refused), say(answer)
    assert harness.record("note") == ["Error rates rise"]


async def test_one_without_a_key_is_refused_in_words(harness: Harness) -> None:
    cut(harness, "INSERT INTO record_entry", 1)

    assert "Nothing was changed and nothing was sent. The connection to it was lost" in say(await note(harness, ""))
    assert harness.record("note") == []


async def test_a_connection_that_is_lost_while_saving_does_not_claim_that_nothing_was_changed(harness: Harness) -> None:
    engine = harness.own_engine()

    @event.listens_for(engine, "commit")
    def end(connection: Connection) -> None:
        terminate(harness, connection)

    assert "it is unknown whether it was done" in say(await note(harness, ""))
