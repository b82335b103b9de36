"""What Slack hears within its 3 seconds, whatever the database does."""

import asyncio
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlmodel import select

from bot.domain.record import InboxRow, InboxState
from bot.settings import Settings
from bot.store import inbox
from tests.fakes.slack import Fails, words_of
from tests.patience import fair
from tests.platforms.slack.conftest import ANA, BEN, DEV, NEWS, ROOM, Team, foghorn_on
from tests.platforms.slack.moves import DECLARE, declared, drafted, find_in, form_of, last_in, until

BUSY = "Nothing was changed and nothing was sent"


@pytest.fixture
def locks(settings: Settings) -> Iterator[sqlite3.Connection]:
    """Another program that can hold the database's only write lock."""
    connection = sqlite3.connect(settings.database_url.removeprefix("sqlite:///"), isolation_level=None)
    yield connection
    connection.close()


async def test_a_command_is_refused_in_words_while_the_database_is_locked(team: Team, locks) -> None:
    locks.execute("BEGIN IMMEDIATE")
    start = fair()

    ack = await team.slack.types(ANA, ROOM, DECLARE)

    assert BUSY in ack["text"]
    assert fair() - start < 1.5


async def test_what_was_refused_is_not_carried_out_when_the_lock_goes(team: Team, locks) -> None:
    locks.execute("BEGIN IMMEDIATE")
    await team.slack.types(ANA, ROOM, DECLARE)

    locks.execute("ROLLBACK")
    await team.slack.types(BEN, ROOM, "/incident declare Codex is slow sev:3")

    card = await until(lambda: find_in(team, "SEV3"))
    assert ["INC-1" in words_of(card), "Codex is slow" in words_of(card)] == [True, True]


async def test_a_click_is_refused_in_words_while_the_database_is_locked(team: Team, locks) -> None:
    review = await drafted(team)
    locks.execute("BEGIN IMMEDIATE")

    await team.slack.clicks(BEN, review, "fh:approve")

    await until(lambda: any(BUSY in words_of(message) for message in team.slack.seen_by(BEN)))


async def test_a_form_sent_in_while_the_database_is_locked_stays_with_what_was_typed(team: Team, locks) -> None:
    await declared(team)
    await team.slack.types(ANA, ROOM, "/incident update")
    form = await form_of(team, ANA)
    locks.execute("BEGIN IMMEDIATE")

    ack = await team.slack.submits(ANA, form, {"message": "Signing in works."})

    assert ack["response_action"] == "update"
    assert [BUSY in words_of(form), "Signing in works." in words_of(form)] == [True, True]


async def test_what_is_wrong_in_a_form_is_said_at_its_fields(team: Team) -> None:
    await declared(team)
    await team.slack.types(ANA, ROOM, "/incident update")

    ack = await team.slack.submits(ANA, await form_of(team, ANA), {"message": "Signing in works.", "next_at": "soon"})

    assert ack["response_action"] == "errors"
    assert "“soon” is not a time" in ack["errors"]["next_at"]


async def test_a_form_refused_by_the_record_opens_again_with_what_was_typed(team: Team) -> None:
    review = await drafted(team)
    await team.slack.clicks(ANA, review, "fh:edit")
    form = await form_of(team, ANA)
    await team.slack.types(BEN, ROOM, '/incident edit customers:"We are working on a fix."')
    await until(lambda: find_in(team, "revision 3"))

    await team.slack.submits(ANA, form, {"customers": "My words stay."})

    again = await until(lambda: next((f for f in team.slack.forms_of(ANA) if f is not form), None))
    assert ["Ben Osei saved revision 3" in words_of(again), "My words stay." in words_of(again)] == [True, True]


async def test_a_typed_slip_is_answered_by_the_acknowledgement_itself(team: Team) -> None:
    ack = await team.slack.types(ANA, ROOM, "/incident updat identified")

    assert "Did you mean update?" in ack["text"]


async def test_a_missing_word_opens_the_form_at_once_with_what_was_typed(team: Team) -> None:
    await team.slack.types(ANA, ROOM, "/incident declare sev:1")

    form = await form_of(team, ANA)
    severity = next(block["element"] for block in form["blocks"] if block.get("block_id") == "severity")
    assert severity["initial_option"]["value"] == "SEV1"


async def test_a_form_whose_moment_has_passed_is_offered_by_a_button(team: Team) -> None:
    trigger = team.slack.new_trigger(ANA)
    team.slack.skew += 4

    await team.slack.types(ANA, ROOM, "/incident declare", trigger=trigger)

    offer = (await until(lambda: team.slack.seen_by(ANA)))[-1]
    await team.slack.clicks(ANA, offer, "fh:form")
    assert await form_of(team, ANA)


async def test_an_answer_that_finds_no_address_comes_as_a_direct_message(team: Team) -> None:
    team.slack.fail("respond", Fails.SERVER_ERROR)

    await team.slack.types(ANA, NEWS, "/incident list")  # where Foghorn is not

    assert "No incident is open" in words_of(await until(lambda: last_in(team, ANA)))


async def test_what_a_dead_process_had_accepted_is_carried_out_by_the_next(
    slack, settings, organisation, clock
) -> None:
    async with foghorn_on(slack, settings, organisation, clock) as team:
        team.core.desk.close()  # accepts, acknowledges, and gets no further
        with team.core.store.write() as tx:
            inbox.accept(tx, "slack:1", payload="{", handle="")  # nobody can read it, and nothing waits for it
        await slack.types(DEV, ROOM, DECLARE)

    async with foghorn_on(slack, settings, organisation, clock) as team:
        card = await until(lambda: last_in(team))
        assert "ChatGPT and API errors" in words_of(card)


async def test_what_was_refused_is_not_carried_out_after_a_restart(team: Team) -> None:
    review = await drafted(team)
    await team.slack.clicks(ANA, review, "fh:approve")  # her own draft
    await until(lambda: any("You wrote this draft" in words_of(message) for message in team.slack.seen_by(ANA)))

    def waiting() -> list[InboxRow]:
        with team.core.store.read() as tx:
            return list(tx.session.exec(select(InboxRow).where(InboxRow.state == InboxState.WAITING)).all())

    await until(lambda: not waiting())


async def test_fifty_commands_at_once_are_all_acknowledged_in_time(team: Team) -> None:
    await declared(team)

    await asyncio.gather(*(team.slack.types(ANA, ROOM, f"/incident note Number {n}") for n in range(50)))

    assert max(team.slack.ack_times_ms) < 1500


async def test_a_note_that_is_refused_as_a_secret_is_in_neither_the_database_file_nor_its_journal(
    team: Team, settings: Settings
) -> None:
    await declared(team)
    file = Path(settings.database_url.removeprefix("sqlite:///"))

    await team.slack.types(ANA, ROOM, "/incident note the key is AKIAIOSFODNN7EXAMPLE")

    await until(lambda: any("looks like a secret" in words_of(message) for message in team.slack.seen_by(ANA)))
    assert b"AKIAIOSFODNN7EXAMPLE" not in b"".join(part.read_bytes() for part in file.parent.glob("foghorn.db*"))
