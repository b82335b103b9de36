"""Reminders: what will ring, snoozed and switched off."""

from datetime import timedelta

import pytest

from bot.domain.deliveries import Operation
from bot.domain.nudges import Nudge
from bot.views import Form, NudgeCard
from tests.harness import START, Harness, say


@pytest.fixture
def rung(crowd: Harness) -> Harness:
    """At SEV1 the next update is due at 05:30; it is 05:25, and the first reminder rang."""
    crowd.ana("declare API errors sev:1 on:api=major")
    crowd.ana("publish")
    crowd.later(10)
    crowd.tick()
    crowd.deliver()
    return crowd


def test_nudge_shows_what_rings_when(rung: Harness) -> None:
    words = say(rung.ana("nudge"))

    assert "5:25 AM ET (09:25 UTC): sent to Ana Silva" in words  # there is no communications lead
    assert "5:30 AM ET (09:30 UTC): asks Ana Silva" in words
    assert "communications lead" not in words

    rung.ana("assign comms @dia")
    words = say(rung.ana("nudge"))
    assert "5:25 AM ET (09:25 UTC): sent to Ana Silva and Dia Roy" in words  # it went on to the new lead
    assert "5:30 AM ET (09:30 UTC): asks Dia Roy" in words
    assert "5:35 AM ET (09:35 UTC): asks Ana Silva" in words


def test_snooze_delays_the_reminder_and_leaves_the_promise(rung: Harness) -> None:
    card = rung.ana("snooze 7m")

    assert isinstance(card, NudgeCard)
    assert card.due_at == START + timedelta(minutes=15)
    assert "Ana Silva snoozed this until 5:32 AM ET (09:32 UTC)" in say(card)
    assert rung.promised() == [("05:30", "open")]


def test_snooze_never_reaches_beyond_the_commanders_turn(rung: Harness) -> None:
    assert "until 5:35 AM ET (09:35 UTC)" in say(rung.ana("snooze 60m"))


def test_a_snoozed_reminder_is_not_snoozed_again(rung: Harness) -> None:
    rung.ana("snooze 5m")

    assert "Ana Silva already snoozed this reminder until" in say(rung.ben("snooze 10m"))
    assert len(rung.record("nudge snoozed")) == 1


def test_before_the_first_reminder_there_is_nothing_to_snooze(crowd: Harness) -> None:
    crowd.ana("declare API errors sev:1 on:api=major")
    crowd.ana("publish")

    assert "the first reminder comes at 5:25 AM ET (09:25 UTC)" in say(crowd.ana("snooze 10m"))


@pytest.mark.parametrize("delay", ["0m", "8d", "soon"])
def test_a_delay_is_one_minute_to_a_week(rung: Harness, delay: str) -> None:
    form = rung.ana(f"snooze {delay}")

    assert isinstance(form, Form)
    assert form.fields[0].typed == delay


def test_a_publication_settles_the_reminders(rung: Harness) -> None:
    rung.ana("publish nochange:yes")
    rung.deliver()

    assert [row.operation for row in rung.sent_to("local:@ana")] == [Operation.SEND, Operation.EDIT]


def test_reminders_can_be_switched_off_and_on(rung: Harness) -> None:
    assert "Reminders of INC-1 are off." in say(rung.ana("nudge off"))
    assert "Reminders of INC-1 were off already." in say(rung.ana("nudge off"))
    assert "Reminders of INC-1 are on." in say(rung.ana("nudge on"))


def test_without_a_promise_there_is_nothing_to_show(crowd: Harness) -> None:
    crowd.ana("declare API errors sev:3 on:api=major")
    crowd.ana("publish")
    crowd.ana("resolve end:05:15")
    crowd.ana("publish")

    assert "No update is due for INC-1" in say(crowd.ana("nudge INC-1"))


def test_while_a_draft_waits_the_approvers_are_asked(rung: Harness) -> None:
    rung.ana("update identified")
    rung.ana("publish")
    rung.later(5)

    rung.tick()

    due = rung.rows(Nudge)[-1]
    assert due.step == 0
    assert {str(row.destination) for row in rung.deliver() if row.nudge_id == due.id} == {
        "local:@ben",
        "local:@chi",
        "local:inc-1",
    }
