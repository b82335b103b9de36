"""Many at once, on both engines: one does it, the others read who was first."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from bot.domain.deliveries import Delivery, DeliveryKind
from bot.domain.destinations import Destination
from bot.domain.incident import Incident
from bot.domain.nudges import Nudge
from bot.domain.promises import Promise
from bot.domain.record import RecordEntry
from bot.domain.updates import Approval
from bot.store import incidents
from bot.views import Answer, DeliveryReport
from tests.harness import Harness, say


def at_once(*calls: Callable[[], Answer]) -> Sequence[Answer]:
    """All in the same moment, each in a thread of its own."""
    start = Barrier(len(calls))

    def call(work: Callable[[], Answer]) -> Answer:
        start.wait(timeout=10)
        return work()

    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(call, calls))


def test_of_two_who_publish_at_once_the_second_reads_who_was_first(either: Harness) -> None:
    either.ana("declare API errors sev:3 on:api=partial")

    answers = at_once(lambda: either.ana("publish"), lambda: either.ben("publish"))

    (report,) = [answer for answer in answers if isinstance(answer, DeliveryReport)]
    (refused,) = [say(answer) for answer in answers if answer is not report]
    assert refused.split(" already published update 1, investigating, at ")[0] in ("Ana Silva", "Ben Osei")
    assert "Nothing was sent twice" in refused
    assert len(either.published()) == 1
    assert len([promise for promise in either.rows(Promise) if promise.state == "open"]) == 1


def test_of_two_who_approve_at_once_one_publishes(either: Harness) -> None:
    either.ana("declare API errors sev:1 on:api=partial")
    either.ana("publish")
    either.ana("update identified")
    revision = either.draft().revision

    answers = at_once(lambda: either.ben(f"approve rev:{revision}"), lambda: either.chi(f"approve rev:{revision}"))

    assert sum(isinstance(answer, DeliveryReport) for answer in answers) == 1
    assert len(either.published()) == 2
    assert len(either.rows(Approval)) == 1


def test_of_eight_who_snooze_at_once_one_does(either: Harness) -> None:
    either.ana("declare API errors sev:1 on:api=partial")
    either.ana("publish")
    either.later(10)
    either.tick()

    answers = at_once(*[lambda: either.ana("snooze 5m")] * 8)

    assert sum("You can snooze the next one" in say(answer) for answer in answers) == 7
    assert len(either.record("nudge snoozed")) == 1
    assert len([nudge for nudge in either.rows(Nudge) if nudge.snoozed_until]) == 1


@pytest.mark.parametrize("engine_name", ["postgresql"])  # SQLite has one writer
def test_what_arrived_is_stored_while_a_command_holds_the_incident(either: Harness) -> None:
    either.ana("declare API errors")
    (incident,) = either.rows(Incident)

    def arrive() -> None:
        with either.store.write() as tx:
            place = Destination("local", "api")
            tx.session.add(
                Delivery(incident_id=incident.id, destination=place, kind=DeliveryKind.NOTICE, created_at=tx.now)
            )

    with either.store.write() as tx, ThreadPoolExecutor(1) as other:
        incidents.get_incident(tx, incident.id, hold=True)
        other.submit(arrive).result()  # Busy if it had to wait


def test_a_repeated_request_is_carried_out_once(either: Harness) -> None:
    either.ana("declare API errors")

    either.ana("note It is slow.", key="click-1")
    again = either.ana("note It is slow.", key="click-1")

    assert "This was already done. Nothing was done twice." in say(again)
    assert either.record("note") == ["It is slow."]


def test_a_request_repeated_at_once_is_carried_out_once(either: Harness) -> None:
    either.ana("declare API errors")

    answers = at_once(*[lambda: either.ana("note It is slow.", key="click-1")] * 4)

    assert either.record("note") == ["It is slow."]
    assert sum("already done" in say(answer) for answer in answers) == 3


def test_a_refused_request_may_be_repeated(either: Harness) -> None:
    either.ana("declare API errors")
    either.ana("assign scribe @zoe", key="click-1")

    assert say(either.ana("assign scribe @ben", key="click-1")) == "Ben Osei is now scribe of INC-1."


def test_of_four_who_declare_the_same_at_once_one_does(either: Harness) -> None:
    people = (either.ana, either.ben, either.chi, either.dia)

    at_once(*[lambda person=person: person("declare API errors on:api") for person in people])

    assert len(either.rows(Incident)) == 1


def test_eight_who_write_at_once_all_stand_in_the_record_in_order(either: Harness) -> None:
    either.ana("declare API errors")

    at_once(*[lambda n=n: either.ana(f"note number {n}") for n in range(8)])

    assert sorted(either.record("note")) == [f"number {n}" for n in range(8)]
    numbers = sorted(entry.number for entry in either.rows(RecordEntry))
    assert numbers == list(range(1, len(numbers) + 1))


def test_two_who_draft_at_once_make_one_draft(either: Harness) -> None:
    either.ana("declare API errors sev:3 on:api=partial")
    either.ana("publish")

    at_once(lambda: either.ana("update identified"), lambda: either.ben("update monitoring"))

    assert either.draft().kind == "stage"
